// sizes.mjs: how large the project is, of what git tracks: lines of code by folder and by room, what src/cli.ts reaches, and
// words of the pages. Reached is also what is imported only for its types; fixtures of tests are no code.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { inRoot, ROOT } from './lib/paths.mjs';

const COLUMNS = {
  ts: ['.ts'],
  ps1: ['.ps1', '.psm1'],
  js: ['.mjs', '.cjs'],
  other: ['.cs', '.py', '.sh', '.pssc'],
  words: ['.md'],
};
const IMPORT = /\bfrom '(\.[^']+)'|\bimport\(?\s*'(\.[^']+)'/g;

const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' })
  .split('\0')
  .filter((file) => Object.values(COLUMNS).flat().includes(extname(file)) && !file.startsWith('test/fixtures/'))
  .filter((file) => existsSync(inRoot(file)));
const texts = new Map(tracked.map((file) => [file, readFileSync(inRoot(file), 'utf8')]));
const product = tracked.filter((file) => /^src\/(?!lab\/)/.test(file));

const roomOf = (file) => (dirname(file) === 'src' ? 'src/*.ts' : file.split('/', 2).join('/'));
for (const room of new Set(product.map(roomOf))) print(room, product, (file) => roomOf(file) === room);
print('src without the lab', product);
print('reached from src/cli.ts', [...reachedFrom('src/cli.ts', new Set())]);
for (const folder of ['src/lab', 'module', 'test', 'scripts', 'bench'])
  print(folder, tracked, (file) => file.startsWith(`${folder}/`));
print('pages', tracked, (file) => file.endsWith('.md'));
printFixtures();

function reachedFrom(file, reached) {
  if (!texts.has(file) || reached.has(file)) return reached;
  reached.add(file);
  for (const [, named, alone] of texts.get(file).matchAll(IMPORT))
    reachedFrom(join(dirname(file), named ?? alone), reached);
  return reached;
}

/** Lines of every text among them; a file with a NUL is none. */
function printFixtures() {
  const files = execFileSync('git', ['ls-files', '-z', 'test/fixtures'], { cwd: ROOT, encoding: 'utf8' })
    .split('\0')
    .filter((file) => file !== '' && existsSync(inRoot(file)));
  const all = files.map((file) => readFileSync(inRoot(file))).filter((bytes) => !bytes.includes(0));
  const lines = all.reduce((sum, bytes) => sum + (bytes.toString('latin1').match(/\n/g) ?? []).length, 0);
  console.log(`${'test/fixtures'.padEnd(24)}${`${files.length} files`.padStart(11)}${`${lines} lines`.padStart(12)}`);
}

function print(name, among, isMeant = () => true) {
  const files = among.filter(isMeant);
  const counts = Object.entries(COLUMNS).map(([column, endings]) => {
    const chosen = files.filter((file) => endings.includes(extname(file))).map((file) => texts.get(file));
    const count = chosen.reduce((sum, text) => sum + (text.match(column === 'words' ? /\S+/g : /\n/g) ?? []).length, 0);
    return (count === 0 ? '' : `${count} ${column}`).padStart(12);
  });
  console.log(`${name.padEnd(24)}${`${files.length} files`.padStart(11)}${counts.join('')}`.trimEnd());
}
