// What was measured on real Windows, brought together: docs/evidence/measured.md.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { groupBy } from '../../src/base/group.ts';
import type { Support } from '../../src/commands/capture/support/document.ts';
import { switchTable } from '../../src/lab/kernel/switches.ts';
import { labImage, type Measured } from '../../test/windows/suites/document.ts';
import { endedAs, endOf } from '../../test/windows/suites/ends.ts';
import { facts } from '../../test/windows/suites/facts.ts';
import schema from '../../test/windows/suites/measured.schema.json' with { type: 'json' };
import { asBelieved } from '../../test/windows/suites/measurement.ts';
import { allMeasurements } from '../../test/windows/suites/measurements.ts';

/** One document a build, as the project keeps them. */
export const measuredFolder = fileURLToPath(new URL('../../docs/evidence/measured', import.meta.url));

const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile<Measured>(schema);

/** @throws Error for a document of another kind, naming it */
export function readMeasured(text: string, name: string): Measured {
  const document: unknown = JSON.parse(text);
  const measured = isSupport(document) ? readBy(document) : document;
  if (validate(measured)) return measured;
  const [first] = validate.errors ?? [];
  throw new Error(
    `${name} is no document of a suite, and no support file with a capture: ${first?.instancePath || 'it'} ${first?.message}`,
  );
}

export function keptMeasurements(): readonly Measured[] {
  if (!existsSync(measuredFolder)) return [];
  const files = readdirSync(measuredFolder).filter((name) => name.endsWith('.json'));
  return files.sort().map((name) => readMeasured(readFileSync(join(measuredFolder, name), 'utf8'), name));
}

/** Of suites, and of builds as they are kept; a file that is named is one, whatever its name. */
export function documentsAt(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?:^|[\\/])measured(?:[\\/]\d+)?\.json$/.test(name))
    .sort()
    .map((name) => join(path, name));
}

function isSupport(document: unknown): document is Support {
  return (
    typeof document === 'object' &&
    document !== null &&
    'schema' in document &&
    document.schema === 'certrebind/support/1'
  );
}

const bySupport = 'support';

/** What a support file tells: little, and without names. A lab says that it is one, unless it was asked through a PowerShell. */
function readBy({ at, engine, capture, program }: Support): Measured | null {
  if (capture === null) return null;
  const { update, options } = capture.netsh;
  const { osBuild, iis, kind } = capture.server;
  const facts = [
    ['adapter-on-stdin', engine?.way ?? null],
    ['netsh-update-presence', update === null ? null : update ? 'present' : 'absent'],
    ['netsh-options', options === null ? null : asBelieved],
    ['iis-version', /^\d+\.\d+$/.test(iis) ? asBelieved : null],
  ] as const;
  return {
    schema: 'certrebind/measured/1',
    windows: { build: osBuild, iis, image: kind === 'windows' ? null : labImage },
    program: { version: program.version, commit: null },
    run: { suite: bySupport, at, url: null },
    results: facts.map(([row, measured]) => ({
      row,
      measured,
      how: 'read by certrebind capture --for-support',
      evidence: [],
      file: bySupport,
    })),
    files: [],
  };
}

/**
 * One document a build. Of several answers to a row that of the newest run counts, and one of a support file only
 * where no run has any; what could not be asked never takes an answer away. Of each file what the newest of them says.
 */
export function merged(documents: readonly Measured[]): readonly Measured[] {
  const ofLab = documents.find(({ windows }) => windows.image === labImage);
  if (ofLab !== undefined)
    throw new Error(`${ofLab.run.suite} of ${ofLab.run.at} ran on a lab; only results of a real Windows count.`);
  const rank = ({ run }: Measured) => `${run.suite === bySupport ? 0 : 1} ${run.at}`;
  const oldestFirst = documents.toSorted((a, b) => rank(a).localeCompare(rank(b)));
  const byBuild = new Map<number, Measured>();
  for (const document of oldestFirst) {
    const { build } = document.windows;
    const before = byBuild.get(build);
    const results = new Map(before?.results.map((result) => [result.row, result]));
    for (const result of document.results)
      if (result.measured !== null || results.get(result.row)?.measured == null) results.set(result.row, result);
    byBuild.set(build, {
      ...document,
      run: {
        ...document.run,
        suite: before === undefined || before.run.suite === document.run.suite ? document.run.suite : 'several',
      },
      results: [...results.values()].toSorted((a, b) => a.row.localeCompare(b.row)),
      files: [
        ...new Map([...(before?.files ?? []), ...document.files].map((one) => [one.file, one] as const)).values(),
      ],
    });
  }
  return [...byBuild.values()].toSorted((a, b) => a.windows.build - b.windows.build);
}

/** Windows Server where one has that build. */
export function productOf(build: number): string {
  const servers: Readonly<Record<number, string>> = { 14393: '2016', 17763: '2019', 20348: '2022', 26100: '2025' };
  return servers[build] === undefined ? `build ${build}` : `Windows Server ${servers[build]}`;
}

/** What is not as the code believes, so that it has to change; one line each. */
export function contradicted(documents: readonly Measured[]): readonly string[] {
  return documents.flatMap(({ windows, results }) =>
    endedAs(results, 'contradicts').map(({ row, how, end }) =>
      facts[row] === undefined
        ? `${row}: measured on ${windows.build}, and there is no such fact`
        : `${row}: ${windows.build} contradicts what the code believes (${end.position}): ${how}`,
    ),
  );
}

/** Facts that stood on the word of others, or on none, and that every Windows of these documents answered as believed. */
function confirmed(documents: readonly Measured[], said: typeof facts): ReadonlySet<string> {
  const rows = groupBy(
    documents.flatMap(({ results }) => results.filter(({ measured }) => measured !== null)),
    ({ row }) => row,
  );
  return new Set(
    [...rows].flatMap(([row, answers]) =>
      ['open', 'seen', 'documented'].includes(said[row]?.known ?? '') &&
      answers.every((answer) => endOf(answer).is === 'as-believed')
        ? [row]
        : [],
    ),
  );
}

/** The text of fidelity.json once these documents are kept: `known` of each fact that they confirm. */
export function fidelityWith(text: string, documents: readonly Measured[]): string {
  return [...confirmed(documents, JSON.parse(text).facts)].reduce(
    (changed, row) => changed.replace(new RegExp(`(\n    "${row}": \\{\n      "known": )"\\w+"`), '$1"measured"'),
    text,
  );
}

/** What fidelity.json, with these facts, and the lab should say differently once these documents are kept; one line each. */
export function unsettled(documents: readonly Measured[], said = facts): readonly string[] {
  const newest = documents.at(-1);
  const differing = documents.flatMap(({ windows: { build }, results }) =>
    endedAs(results, 'otherwise').flatMap(({ row, end: { position } }) => {
      // An older Windows may differ.
      const isPlayed = build === newest?.windows.build && switchTable.some(({ fact }) => fact === row);
      return isPlayed ? [`${row}: ${build} is "${position}", so that position of its switch should be the first`] : [];
    }),
  );
  const open = documents.flatMap(({ windows, results }) =>
    results.flatMap(({ row, measured }) =>
      measured === null || said[row]?.known !== 'open'
        ? []
        : [`${row}: measured on ${windows.build}, and it still counts as open`],
    ),
  );
  return [...differing, ...open];
}

/** The builds that are hosted, by the image of .github/workflows/windows.yml. */
export const hosted: Readonly<Record<string, number>> = { 'windows-2022': 20348, 'windows-2025': 26100 };

/**
 * Rows of these that runs kept in documents of hosted builds have an answer to, and the found ones do not; one line each. An image
 * may have another build meanwhile, and what nobody hosts any more is no loss.
 */
export function lost(
  found: readonly Measured[],
  kept: readonly Measured[],
  rows: ReadonlySet<string>,
): readonly string[] {
  const imageOf = ({ windows }: Measured) => windows.image?.split(' ')[0];
  return kept.flatMap((before) => {
    const { build } = before.windows;
    if (!Object.values(hosted).includes(build)) return [];
    const there = found.filter(({ windows }) => windows.build === build);
    const image = imageOf(before);
    const moved = image === undefined ? [] : found.filter((document) => imageOf(document) === image);
    const now = (there.length > 0 ? there : moved).flatMap(({ results }) => results);
    return before.results
      .filter(({ row, measured, file }) => measured !== null && file !== bySupport && rows.has(row))
      .filter(({ row }) => !now.some((each) => each.row === row && each.measured !== null))
      .map(({ row }) => `${row} on ${productOf(build)} (docs/evidence/measured/${build}.json)`);
  });
}

/** What stands on README about a real Windows. */
export function statusMarkdown(documents = keptMeasurements()): string {
  const runs = documents.filter(({ run }) => run.suite !== bySupport);
  const newest = runs.toSorted((a, b) => a.run.at.localeCompare(b.run.at)).at(-1);
  const look = '[The first ten minutes](docs/first-server.md) begin with commands that change nothing.';
  if (newest === undefined)
    return `**Nobody has run it on a real Windows yet**: the executable ran under Wine, and the scripts that it calls ran in\nPowerShell on a simulated IIS. Each [assumption about Windows](docs/evidence/fidelity.md) has a source or is marked as open. ${look}\n`;
  const { at, url } = newest.run;
  const date = at.slice(0, 10);
  const answered = new Set(
    runs.flatMap(({ results }) => results.flatMap(({ row, measured }) => (measured === null ? [] : row))),
  );
  const servers = runs.map(({ windows }) => productOf(windows.build)).join(' and ');
  const when = url === null ? date : `[${date}](${url})`;
  return `**Seen on ${servers}**, last on ${when}: ${answered.size} of ${Object.keys(facts).length} [facts](docs/evidence/measured.md) were asked and answered there. ${look}\n`;
}

/** What was answered, and what may stay open. */
export async function measuredMarkdown(documents = keptMeasurements()): Promise<string> {
  const builds = documents.map(({ windows }) => windows.build);
  const names = (rows: readonly string[]) => rows.map((row) => `\`${row}\``).join(', ');
  const asked = (await allMeasurements()).flatMap(({ measurement }) => Object.keys(measurement.rows));
  const unmeasured = Object.values(facts).filter(({ notHosted }) => notHosted !== undefined).length;
  const open = Object.entries(facts).flatMap(([row, { mayBeOpen }]) =>
    mayBeOpen === undefined ? [] : { row, why: mayBeOpen },
  );
  const answered = [...new Set(documents.flatMap(({ results }) => results.map(({ row }) => row)))].sort();
  const cell = (row: string, build: number) => {
    const result = documents.find(({ windows }) => windows.build === build)?.results.find((each) => each.row === row);
    return result === undefined ? '' : (result.measured ?? 'could not be asked');
  };
  return `${[
    `${asked.length} of ${Object.keys(facts).length} [facts](fidelity.md) have a measurement.`,
    '',
    builds.length === 0
      ? '**Nothing has been measured yet: no suite has run on a real Windows.**'
      : `Measured: ${documents.map(({ windows, run }) => `${productOf(windows.build)}, build ${windows.build}, last on ${run.at.slice(0, 10)}${run.url === null ? '' : ` ([run](${run.url}))`}`).join('; ')}.`,
    '',
    ...(builds.length === 0
      ? []
      : [
          ...['## Answers', '', `| fact | ${builds.join(' | ')} |`, `|---|${builds.map(() => '---|').join('')}`],
          ...answered.map((row) => `| \`${row}\` | ${builds.map((build) => cell(row, build)).join(' | ')} |`),
          '',
        ]),
    ...['## What may stay open on a hosted machine', '', '| facts | why |', '|---|---|'],
    ...[...groupBy(open, ({ why }) => why)].map(([why, those]) => `| ${names(those.map(({ row }) => row))} | ${why} |`),
    ...['', `Why no suite measures ${unmeasured} others: \`notHosted\` in \`docs/evidence/fidelity.json\`.`],
  ].join('\n')}\n`;
}
