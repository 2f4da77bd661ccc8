import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyTree, editsOf, mocha, root, type TreeCopy } from './page-changes.ts';

const page = readFileSync(join(root, 'docs/develop/add-a-holder.md'), 'utf8');

/** What the compiler looks at, and the validators are made of. */
const parts = ['package.json', 'tsconfig.json', 'bench', 'docs', 'schemas', 'scripts', 'src', 'test', 'types'];

describe('docs/develop/add-a-holder.md', () => {
  let copy: TreeCopy;
  before(() => {
    copy = copyTree(parts);
  });
  after(() => copy.remove());

  it('begins with changes after which the compiler asks for the rest, and with all of them the kind is moved', () => {
    const edits = editsOf(page);
    const first = edits.findIndex(({ made }) => made.includes('print: printRules,'));
    copy.apply(edits.slice(0, first));
    const asked = copy.node(join(root, 'node_modules/typescript-7/bin/tsc'), '--noEmit', '-p', '.');
    const named = new Set([...asked.told.matchAll(/^(\S+?)\(\d+,\d+\): error/gm)].map(([, file = '']) => file));
    const [, said = ''] = /^After this change (.*?):$/ms.exec(page) ?? [];
    const files = Array.from(said.matchAll(/`(.+?)`/g), ([, file = '']) => file);
    assert.deepEqual([...named].sort(), ['src/kinds/kinds.ts', ...files].sort(), asked.told);

    copy.apply(edits.slice(first));
    const generated = copy.node('--input-type=module', '--eval', generate);
    assert.equal(generated.status, 0, generated.told);
    const words = ['test/engine/run/kinds.test.ts', '--grep', 'print'];
    assert.ok(page.includes(`npm test -- ${words.join(' ')}`));
    const load = ['--import=./scripts/dev/register.mjs', mocha, '--no-config', '--timeout=60000'];
    const { status, told } = copy.node(...load, ...words);
    assert.equal(status, 0, told);
    const [, passing] = /^ +(\d+) passing/m.exec(told) ?? [];
    assert.ok(Number(passing) >= 12, told);
  }).timeout(180_000);
});

const generate = `
  import './scripts/dev/register.mjs';
  const { generateValidators } = await import('./scripts/generate-validators.mjs');
  await generateValidators();`;
