import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import levels from '../../scripts/lib/rooms.json' with { type: 'json' };
import { assertNone } from '../support/each.ts';
import { newFolder } from '../support/temporary-lab.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const rules = join(root, '.dependency-cruiser.cjs');
const { forbidden }: { forbidden: readonly { readonly name: string }[] } = createRequire(import.meta.url)(rules);

type Import = readonly [rule: string, file: string, imported: string];

/** For each room an import of one above it; for the uppermost, of the program. */
const upwards: readonly Import[] = levels.flatMap((level, at) =>
  level.map((room): Import => {
    const above = levels[at + 1]?.[0];
    return [`${room.replace('/', '-')}-imports-downwards`, `${room}/climbs.ts`, above ? `${above}/x.ts` : 'cli-lab.ts'];
  }),
);

/** An import that each rule is there to refuse. */
const refused: readonly Import[] = [
  ...upwards,
  ['no-cycles', 'base/one.ts', 'base/other.ts'],
  ['vocabulary-does-no-io', 'base/reads.ts', 'node:fs'],
  ['vocabulary-does-no-io', 'model/reads.ts', 'node:net'],
  ['vocabulary-does-no-io', 'kinds/tls/reads.ts', 'node:tls'],
  ['vocabulary-does-no-io', 'documents/reads.ts', 'node:fs/promises'],
  ['vocabulary-does-no-io', 'commands/usage/document.ts', 'node:fs'],
  ['rules-do-not-know-windows', 'engine/plan/knows.ts', 'kinds/tls/windows.ts'],
  ['judgements-import-vocabulary-only', 'engine/plan/reads.ts', 'node:fs'],
  ['judgements-import-vocabulary-only', 'engine/findings/asks.ts', 'server/server.ts'],
  ['judgements-import-vocabulary-only', 'engine/views/asks.ts', 'engine/state/state.ts'],
  ['judgements-import-vocabulary-only', 'session/notify/match-trigger.ts', 'session/x.ts'],
  ['texts-import-documents-only', 'shell/print/asks.ts', 'engine/plan/x.ts'],
  ['texts-import-documents-only', 'commands/report/page.ts', 'session/x.ts'],
  ['texts-do-no-io', 'commands/usage/text.ts', 'node:fs'],
  ['state-imports-vocabulary-only', 'engine/state/asks.ts', 'server/server.ts'],
  ['state-is-not-for-the-lab', 'lab/host/remembers.ts', 'engine/state/state.ts'],
  ['server-imports-vocabulary-only', 'lab/kernel/asks.ts', 'engine/plan/x.ts'],
  ['only-cli-lab-imports-the-lab', 'cli.ts', 'lab/x.ts'],
  ['lab-does-not-import-windows', 'lab/kernel/copies.ts', 'server/windows/x.ts'],
  ['only-server-starts-programs', 'session/starts.ts', 'node:child_process'],
  ['run-imports-vocabulary-plan-state-and-port-only', 'engine/run/asks.ts', 'server/handshake.ts'],
  ['run-knows-state-as-types', 'commands/rehearse/rehearse.ts', 'engine/state/state.ts'],
  ['run-does-no-io', 'engine/run/reads.ts', 'node:fs'],
  ['no-command-imports-another', 'commands/usage/borrows.ts', 'commands/verify/x.ts'],
  ['only-persons-search-texts', 'session/run/searches.ts', 'session/search-written.ts'],
  ['only-persons-search-texts', 'commands/rebind/on-event.ts', 'session/search-written.ts'],
];

/** Neighbours of those that are in order. */
const allowed: readonly Import[] = [
  ['', 'engine/plan/judges.ts', 'base/x.ts'],
  ['', 'engine/run/changes.ts', 'server/server.ts'],
  ['', 'session/reads.ts', 'node:fs'],
  ['', 'commands/verify/dials.ts', 'session/x.ts'],
  ['', 'commands/usage/command.ts', 'session/search-written.ts'],
  ['', 'cli-lab.ts', 'lab/x.ts'],
];

describe('the rules of the storeys', () => {
  const folder = newFolder();
  let found: ReadonlySet<string>;

  before(async function () {
    this.timeout(60_000);
    found = new Set(violations(folder, [...refused, ...allowed, ['', 'base/other.ts', 'base/one.ts']]));
  });

  it('have each an import here that they are there to refuse', () => {
    const planted = new Set(refused.map(([rule]) => rule));
    assertNone(forbidden, ({ name }) => !planted.has(name));
  });

  for (const [rule, file, imported] of refused)
    it(`refuse that ${file} imports ${imported}: ${rule}`, () =>
      assert.ok(found.has(`${rule} ${file}`), [...found].filter((one) => one.endsWith(file)).join() || 'not refused'));

  it('let files import what lies below them', () => {
    const files = allowed.map(([, file]) => file);
    assertNone([...found], (one) => files.some((file) => one.endsWith(` ${file}`)));
  });
});

/** Writes a tree of these imports, and what the rules say of it: `rule file`. */
function violations(folder: string, imports: readonly Import[]): readonly string[] {
  const texts = new Map<string, string>(
    imports.map(([, , to]) => [to, 'export {};\n'] as const).filter(([to]) => to.endsWith('.ts')),
  );
  for (const [, file, to] of imports)
    texts.set(file, `import '${to.endsWith('.ts') ? `./${relative(dirname(file), to)}` : to}';\n`);
  for (const [file, text] of texts) {
    mkdirSync(join(folder, 'src', dirname(file)), { recursive: true });
    writeFileSync(join(folder, 'src', file), text);
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { allowImportingTsExtensions: true } }),
  );
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const said = execFileSync(process.execPath, [program, '--config', rules, '--output-type', 'json', 'src'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 32e6,
  });
  const { summary }: { summary: { violations: { rule: { name: string }; from: string }[] } } = JSON.parse(said);
  return summary.violations.map(({ rule, from }) => `${rule.name} ${from.replace(/^src\//, '')}`);
}
