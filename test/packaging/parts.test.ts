import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// @ts-expect-error: a script of this project without types
import { inOneFile, partsFrom } from '../../scripts/lib/parts.mjs';

/** What a program of these ES modules prints, the first of which is run. */
function printed(...modules: readonly (readonly [name: string, text: string])[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'certrebind-parts-'));
  try {
    const files = modules.map(([name, text]) => ({ path: `/anywhere/${name}.js`, text }));
    const program = join(folder, 'program.cjs');
    writeFileSync(program, inOneFile(partsFrom(files, `${modules[0]?.[0]}.js`)));
    const { stdout, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
    return stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('a program in parts', () => {
  it('loads a part when something in it is needed first, once, and parts of Node', () => {
    const late = "import { basename } from 'node:path'; console.log(basename('a/late')); export const value = 1;";
    const main = `console.log('main');
      Promise.all([import('./late.js'), import('./late.js')]).then(([a, b]) => console.log(a.value + b.value));`;
    assert.equal(printed(['main', main], ['late', late]), 'main\nlate\n2\n');
  });

  it('throws the same each time a part cannot be loaded', () => {
    const bad = "export const value = 1; throw new Error('bad');";
    const main = `const told = ({ message }) => console.log(message);
      import('./bad.js').catch(told).then(() => import('./bad.js')).catch(told);`;
    assert.equal(printed(['main', main], ['bad', bad]), 'bad\nbad\n');
  });

  it('is strict, as modules are', () => {
    const main = 'try { Object.freeze({ a: 1 }).a = 2; } catch (error) { console.log(error.name); }';
    assert.equal(printed(['main', main]), 'TypeError\n');
  });

  it('is refused with a character that the executable could not hold', () => {
    const files = [{ path: '/anywhere/main.js', text: 'console.log(/店/.source);' }];
    assert.throws(() => partsFrom(files, 'main.js'), /\.\/main\.js has "店" at \d+; write it as an escape sequence/);
  });
});
