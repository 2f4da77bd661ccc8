import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyTree, editsOf, mocha, root, type TreeCopy } from './page-changes.ts';

const page = readFileSync(join(root, 'docs/develop/add-a-guard.md'), 'utf8');

const rooms = ['base', 'model', 'kinds', 'documents', 'engine/known', 'engine/plan'].map((room) => `src/${room}`);

/** What the commands of the page read. */
const parts = [
  ...['package.json', 'tsconfig.json', 'schemas', 'types', ...rooms],
  ...[
    'scripts/dev',
    'scripts/docs/decision-table.ts',
    'scripts/document-schemas.mjs',
    'scripts/documents.ts',
    'scripts/generate-validators.mjs',
    'scripts/lib',
    'scripts/package/module-files.mjs',
    'module',
  ],
  ...['test/builders', 'test/fixtures/sentences', 'test/documents', 'test/engine/plan', 'test/support'],
];

describe('docs/develop/add-a-guard.md', () => {
  let copy: TreeCopy;
  before(() => {
    copy = copyTree(parts);
  });
  after(() => copy.remove());

  it('names changes that fit the tree, and with them the guard decides, is in the docs and obeys the policy', () => {
    const edits = editsOf(page);
    assert.equal(edits.length, 6);
    copy.apply(edits);
    const written = copy.node('--input-type=module', '--eval', build);
    assert.equal(written.status, 0, written.told);
    assert.match(written.told, /^- The new certificate has more than a hundred names \(`many-names`, a guard\)\.$/m);
    const tests = ['test/engine/plan/decision-table.test.ts', 'test/documents/configuration.test.ts'];
    for (const test of tests) assert.ok(page.includes(test), test);
    const { status, told } = copy.node('--import=./scripts/dev/register.mjs', mocha, '--no-config', ...tests);
    assert.equal(status, 0, told);
    assert.match(told, /more than a hundred names: blocked \(many-names\)/);
    assert.match(told, /can switch the guard many-names/);
  }).timeout(60_000);
});

/** What `npm run docs` does of it. */
const build = `
  import './scripts/dev/register.mjs';
  const { generateValidators } = await import('./scripts/generate-validators.mjs');
  const { decisionTableMarkdown } = await import('./scripts/docs/decision-table.ts');
  await generateValidators();
  console.log(decisionTableMarkdown());`;
