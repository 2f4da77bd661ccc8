// What was measured on real Windows, brought together: docs/evidence/measured.md.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { groupBy } from '../../src/base/group.ts';
import type { Support } from '../../src/commands/capture/support/document.ts';
import { switchTable } from '../../src/lab/kernel/switches.ts';
import { labImage, type Measured, type MeasuredRow } from '../../test/windows/suites/document.ts';
import { facts } from '../../test/windows/suites/facts.ts';
import schema from '../../test/windows/suites/measured.schema.json' with { type: 'json' };
import { asBelieved, otherwise } from '../../test/windows/suites/measurement.ts';
import { allMeasurements, positionsOf } from '../../test/windows/suites/measurements.ts';

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
/** A switch about builds that nobody hosts; a later one has only the other position. */
const ofServer2016 = 'netsh-update-on-2016';

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
 * where no run has any; what could not be asked never takes an answer away.
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
      files: [...(before?.files ?? []), ...document.files],
    });
  }
  return [...byBuild.values()].toSorted((a, b) => a.windows.build - b.windows.build);
}

/** Whether an answer is one that the code does not know. All positions of a switch are known to it. */
export function contradicts({ row, measured }: Pick<MeasuredRow, 'row' | 'measured'>): boolean {
  return measured === otherwise || (measured !== null && !positionsOf(row).includes(measured));
}

/** What is not as the code believes, so that it has to change; one line each. */
export function contradicted(documents: readonly Measured[]): readonly string[] {
  return documents.flatMap(({ windows, results }) =>
    results.flatMap((result) => {
      const { row, measured, how } = result;
      if (facts[row] === undefined) return [`${row}: measured on ${windows.build}, and there is no such fact`];
      if (measured === null || !contradicts(result)) return [];
      return [`${row}: ${windows.build} contradicts what the code believes (${measured}): ${how}`];
    }),
  );
}

/** What fidelity.json and the lab have to say differently once these documents are kept; one line each. */
export function unsettled(documents: readonly Measured[]): readonly string[] {
  const newest = documents.at(-1);
  const seen = groupBy(
    documents.flatMap(({ windows, results }) =>
      results.flatMap(({ row, measured }) => (measured === null ? [] : { row, build: windows.build })),
    ),
    ({ row }) => row,
  );
  const misplaced = (newest?.results ?? []).flatMap(({ row, measured }) => {
    const positions = switchTable.find(({ fact, name }) => fact === row && name !== ofServer2016)?.positions;
    if (measured === null || positions === undefined || !(positions as readonly string[]).includes(measured)) return [];
    // One server says nothing of others there.
    if (positions[0] === measured || facts[row]?.known === 'varies') return [];
    return [
      `${row}: ${newest?.windows.build} is "${measured}", so that position of its switch has to be the first, not "${positions[0]}"`,
    ];
  });
  const open = [...seen].flatMap(([row, answers]) =>
    facts[row]?.known === 'open'
      ? [`${row}: measured on ${answers.map(({ build }) => build).join(', ')}, and it still counts as open`]
      : [],
  );
  return [...misplaced, ...open];
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
      : `Measured: ${documents.map(({ windows, run }) => `build ${windows.build}${run.url === null ? '' : ` ([run](${run.url}))`}`).join(', ')}.`,
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
