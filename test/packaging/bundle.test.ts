import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertNone } from '../support/each.ts';
import { newFolder } from '../support/temporary-lab.ts';

const bundles = ['certrebind', 'certrebind-lab'].map((name) =>
  readFileSync(join(import.meta.dirname, `../../dist/${name}.cjs`), 'utf8'),
);

describe('a bundle', () => {
  const folder = newFolder();

  /** The files and folders that a command line with the parser looks at, but for the bundle itself. */
  function lookedAt(text: string): readonly string[] {
    const [program, hook] = ['program.cjs', 'hook.cjs'].map((name) => join(folder, name)) as [string, string];
    writeFileSync(program, text);
    writeFileSync(
      hook,
      `const fs = require('node:fs');
      const seen = new Set();
      process.on('exit', () => process.stderr.write(JSON.stringify([...seen])));
      require('node:module').Module._extensions['.cjs'] = function (module, file) {
        const text = fs.readFileSync(file, 'utf8');
        for (const name of ['existsSync', 'openSync', 'readdirSync', 'readFileSync', 'statSync'])
          fs[name] = new Proxy(fs[name], { apply: (call, its, args) => (seen.add(args[0]), Reflect.apply(call, its, args)) });
        module._compile(text, file);
      };`,
    );
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--require', hook, program, 'rebind', '--help'], {
      cwd: folder,
      encoding: 'utf8',
    });
    assert.deepEqual([status, /--dry-run/.test(stdout)], [0, true], stderr);
    return JSON.parse(stderr);
  }

  it('looks at nothing around it: no package.json, no translations', () => {
    for (const text of bundles) {
      const seen = lookedAt(text);
      assertNone(seen, (path) => !path.startsWith('/proc/none'));
      // The control: where the parser would look if it knew where it is.
      const known = text.replace(
        /const __moduleUrl = .*\([\s\S]*?\)\.href;/,
        () => "const __moduleUrl = require('node:url').pathToFileURL(__filename).href;",
      );
      const atItself = lookedAt(known);
      assert.ok(atItself.includes(folder) && atItself.some((path) => path.endsWith('/locales/en.json')), `${atItself}`);
    }
  });

  it('is strict, as modules are', () => {
    for (const text of bundles) assert.match(text, /^#!.*\n'use strict';\n/);
  });
});
