import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { commandFileCases } from '../packaging/command-file-cases.ts';
import { windowsNode } from './windows-artefacts.ts';
import { findWine, needWine, type Wine, zPath } from './wine.ts';

const packaging = join(import.meta.dirname, '../..', 'packaging');

/** The command files of packaging/ in the `cmd` of Wine. The programs are Nodes that note how they were started. */
describe('command files, in a cmd that is not ours', function () {
  this.timeout(120_000);
  let wine: Wine;
  let folder: string;
  let installed: string;

  before(async function () {
    this.timeout(180_000);
    wine = needWine(this, await findWine(), 'command files in cmd');
    folder = mkdtempSync(join(tmpdir(), 'certrebind-cmd-'));
    installed = join(wine.drive, 'Program Files', 'CertRebind', 'certrebind.exe');
    assert.ok(!existsSync(installed), `${installed} is of somebody else`);
    mkdirSync(dirname(installed), { recursive: true });
    for (const program of [installed, join(folder, 'certrebind.exe')]) symlinkSync(windowsNode, program);
    const [noted, codes] = [join(folder, 'noted'), join(folder, 'codes.json')].map(zPath);
    // `certrebind.exe install --yes` makes Node start the script of that name, which stands where cmd was started.
    for (const command of ['install', 'enable', 'uninstall'])
      writeFileSync(
        join(folder, command),
        `const fs = require('node:fs');
        const place = process.argv0.includes('Program Files') ? 'installed' : 'beside';
        fs.appendFileSync(${JSON.stringify(noted)}, JSON.stringify([place, '${command}', ...process.argv.slice(2)]) + '\\n');
        process.exitCode = JSON.parse(fs.readFileSync(${JSON.stringify(codes)}))['${command}'] ?? 0;`,
      );
  });
  after(() => {
    if (installed !== undefined) rmSync(dirname(installed), { recursive: true, force: true });
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    wine?.end();
  });

  for (const { name, codes, exitCode, started } of commandFileCases)
    it(`${name}, where ${JSON.stringify(codes)} is what the commands end with`, () =>
      assert.deepEqual(inCmd(name, codes), { status: exitCode, started }));

  function inCmd(name: string, codes: Readonly<Record<string, number>>) {
    writeFileSync(join(folder, 'codes.json'), JSON.stringify(codes));
    rmSync(join(folder, 'noted'), { force: true });
    copyFileSync(join(packaging, name), join(folder, 'file.cmd'));
    const { status } = wine.run('cmd', ['/c', zPath(join(folder, 'file.cmd'))], { cwd: folder });
    const noted = readFileSync(join(folder, 'noted'), 'utf8').trim().split('\n');
    return { status, started: noted.map((line) => JSON.parse(line)) };
  }
});
