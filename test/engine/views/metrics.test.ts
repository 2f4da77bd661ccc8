import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonHere, runHere } from '../../cli/run-here.ts';
import { newFolder } from '../../support/temporary-lab.ts';

describe('numbers for monitoring', () => {
  const root = newFolder();
  let lab: string;
  let folder: string;
  before(async () => {
    lab = join(root, 'lab');
    await jsonHere(['lab', 'create', lab]);
    folder = join(lab, 'metrics');
    await mkdir(folder, { mode: 0o755 });
  });

  it('are printed, and written whole into a file that anybody may read', async () => {
    const { exitCode, stdout } = await runHere(['status', '--format', 'prometheus', '--lab', lab]);
    assert.equal(exitCode, 0);
    assert.match(stdout, /^# HELP certrebind_build_info .*\n# TYPE certrebind_build_info gauge\n/);
    const file = join(folder, 'by-hand.prom');
    assert.equal((await runHere(['status', '--format', 'prometheus', '--out', file, '--lab', lab])).exitCode, 0);
    assert.equal(await readFile(file, 'utf8'), stdout);
    assert.equal((await stat(file)).mode & 0o777, 0o644);
    assert.deepEqual(await readdir(folder), ['by-hand.prom'], 'nothing half written is left');
  });

  it('are written after each run where the configuration names a file, and fail no run', async () => {
    const file = join(folder, 'certrebind.prom');
    const configuration = join(lab, 'config.json');
    await writeFile(configuration, JSON.stringify({ metrics: { file } }));
    const reconcile = ['reconcile', '--config', configuration, '--lab', lab];
    assert.equal((await jsonHere(reconcile)).exitCode, 0);
    assert.match(await readFile(file, 'utf8'), /^certrebind_enabled 0$/m);
    const [{ thumbprint }] = (await jsonHere(['usage', '--lab', lab])).document.certificates;
    await jsonHere(['lab', 'renew', thumbprint, '--lab', lab]);
    const { document } = await jsonHere(reconcile);
    assert.match(
      await readFile(file, 'utf8'),
      new RegExp(`^certrebind_last_run_exit_code\\{result="${document.result}"\\} 0$`, 'm'),
    );
    await writeFile(configuration, JSON.stringify({ metrics: { file: join(root, 'nowhere', 'x.prom') } }));
    assert.deepEqual((await jsonHere(reconcile)).exitCode, 0);
    const by = ['status', '--format', 'prometheus', '--out', join(root, 'nowhere', 'x.prom'), '--lab', lab];
    assert.equal((await jsonHere(by)).document.error.code, 'not-writable');
  });

  it('are written nowhere that others could lead elsewhere', async () => {
    const open = join(root, 'open');
    await mkdir(open);
    await chmod(open, 0o777);
    const file = join(open, 'certrebind.prom');
    const { exitCode, document } = await jsonHere(['status', '--format', 'prometheus', '--out', file, '--lab', lab]);
    assert.deepEqual([exitCode, document.error.code], [7, 'unsafe-folder']);
    assert.deepEqual(await readdir(open), []);
  });

  it('need --format for --out', async () =>
    assert.equal((await jsonHere(['status', '--out', 'x.prom', '--lab', lab])).exitCode, 2));
});
