import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { assertUnderstood } from './understood.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, '.github', 'workflows');
const { scripts, version } = packageJson;

describe('workflows for a public host', () => {
  let given = 0;
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), 'utf8');

    describe(name, () => {
      it('begins with the remark that it has not been run', () => assert.match(text, /^# Has not been run yet/));

      it('starts only scripts of this project that there are', () => {
        const started = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, script = '']) => script);
        for (const script of started) assert.ok(script in scripts, script);
      });

      it('names only files that there are', () => {
        const named = [...text.matchAll(/(?<![\w./$])(?:\.ci|test|module|src|packaging|dist\/packaging)\/[\w./-]+/g)];
        for (const [file] of named)
          assert.ok(existsSync(join(root, file.replace(/^dist\/packaging/, 'packaging'))), file);
      });

      const commands = [...text.matchAll(/certrebind\.exe ((?:[a-z-]+ ?)+)$/gm)];
      given += commands.length;
      for (const [, words = ''] of commands)
        it(`gives the executable a command that it has: ${words}`, () => assertUnderstood(words));
    });
  }

  it('give the executable commands, or nothing above holds them', () => assert.ok(given > 0));

  it('release.yml hands out what is packaged, and nothing that is only built', () => {
    const text = readFileSync(join(folder, 'release.yml'), 'utf8');
    const patterns = [...text.matchAll(/^ {12}dist\/(\S+)$/gm)].map(
      ([, glob = '']) => new RegExp(`^${glob.replaceAll('.', '[.]').replaceAll('*', '.*')}$`),
    );
    const isHandedOut = (name: string) => patterns.some((pattern) => pattern.test(name));
    const packaged = ['certrebind.exe', `certrebind-${version}-linux-x64`, `certrebind-${version}-win-x64.zip`];
    for (const name of [...packaged, `certrebind-${version}.sbom.cdx.json`, 'SHA256SUMS', 'packaging'])
      assert.ok(isHandedOut(name), name);
    for (const name of ['certrebind.cjs', 'certrebind-lab.cjs', 'meta']) assert.ok(!isHandedOut(name), name);
  });
});
