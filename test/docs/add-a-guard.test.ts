import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(root, 'docs/add-a-guard.md'), 'utf8');

/** What the commands of the page read. */
const parts = [
  ...['package.json', 'tsconfig.json', 'schemas', 'types', 'src/model', 'src/plan'],
  ...[
    'scripts/dev',
    'scripts/docs/decision-table.ts',
    'scripts/generate-validators.mjs',
    'scripts/lib',
    'scripts/package/module-files.mjs',
    'module',
  ],
  ...['test/builders', 'test/fixtures/sentences', 'test/model', 'test/plan', 'test/support'],
];

/** A change of the page: lines to be found in a file, each as it is, and what stands there afterwards. */
interface Edit {
  readonly file: string;
  readonly found: string;
  readonly made: string;
}

describe('docs/add-a-guard.md', () => {
  let copy: string;
  before(() => {
    copy = mkdtempSync(join(tmpdir(), 'crb-guard-'));
    for (const part of parts) cpSync(join(root, part), join(copy, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
  });
  after(() => rmSync(copy, { recursive: true, force: true }));

  it('names changes that fit the tree, and with them the guard decides, is in the docs and obeys the policy', () => {
    for (const { file, found, made } of editsOf(page)) {
      const text = readFileSync(join(copy, file), 'utf8');
      assert.equal(text.split(found).length, 2, `${file} should have these lines once:\n${found}`);
      writeFileSync(
        join(copy, file),
        text.replace(found, () => made),
      );
    }
    const written = inCopy('--input-type=module', '--eval', build);
    assert.match(written, /\| `many-names` \|/);
    const tests = ['test/plan/decision-table.test.ts', 'test/model/configuration.test.ts'];
    for (const test of tests) assert.ok(page.includes(test), test);
    const told = inCopy('--import=./scripts/dev/register.mjs', mocha, '--no-config', ...tests);
    assert.match(told, /more than a hundred names: blocked \(many-names\)/);
    assert.match(told, /can switch the guard many-names/);
  }).timeout(60_000);

  function inCopy(...args: readonly string[]): string {
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
    return stdout;
  }
});

const mocha = join(root, 'node_modules/mocha/bin/mocha.js');

/** What `npm run docs` does of it. */
const build = `
  import './scripts/dev/register.mjs';
  const { generateValidators } = await import('./scripts/generate-validators.mjs');
  const { decisionTableMarkdown } = await import('./scripts/docs/decision-table.ts');
  await generateValidators();
  console.log(decisionTableMarkdown());`;

/** The diff blocks of a page; the first line of each names the file. */
function editsOf(markdown: string): readonly Edit[] {
  const edits = Array.from(markdown.matchAll(/^```diff\n\+\+\+ (\S+)\n(.*?)^```$/gms), ([, file = '', block = '']) => {
    const lines = block.trimEnd().split('\n');
    const side = (sign: string) =>
      lines.flatMap((line) => (line.startsWith(sign) || line.startsWith(' ') ? `${line.slice(1)}\n` : [])).join('');
    return { file, found: side('-'), made: side('+') };
  });
  assert.equal(edits.length, 7);
  return edits;
}
