import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { killTree } from '../../../src/server/windows/process-tree.ts';
import { newFolder } from '../../support/temporary-lab.ts';

/** A process that has started another; both run until they are ended. */
async function startTwo() {
  const child = spawn('sh', ['-c', 'sleep 60 & echo $!; wait'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [printed] = await once(child.stdout, 'data');
  const { pid = assert.fail('it did not start') } = child;
  // Each holds the stream open.
  return { pid, grandchild: Number(printed), ended: once(child, 'exit'), allEnded: once(child.stdout, 'close') };
}

describe('ending a process', () => {
  it('ends what it has started', async () => {
    const { pid, ended, allEnded } = await startTwo();
    await killTree(pid, 'nowhere');
    assert.deepEqual(await ended, [null, 'SIGKILL']);
    await allEnded;
  });

  it('is done where it has ended already', async () => {
    const child = spawn('true');
    await once(child, 'exit');
    await killTree(child.pid ?? 0, 'nowhere');
    assert.equal(child.exitCode, 0);
  });

  describe('on Windows', () => {
    const { platform } = process;
    before(() => Object.defineProperty(process, 'platform', { value: 'win32' }));
    after(() => Object.defineProperty(process, 'platform', { value: platform }));

    it('asks the taskkill of the system folder for the whole tree', async () => {
      const { pid, grandchild, ended } = await startTwo();
      const folder = newFolder();
      const taskkill = `#!/bin/sh\necho "$*" > '${folder}/asked'\nkill -9 ${pid} ${grandchild}\n`;
      writeFileSync(join(folder, 'System32\\taskkill.exe'), taskkill, { mode: 0o755 });
      await killTree(pid, join(folder, 'System32'));
      assert.equal(readFileSync(join(folder, 'asked'), 'utf8'), `/T /F /PID ${pid}\n`);
      assert.deepEqual(await ended, [null, 'SIGKILL']);
    });

    it('ends the process itself where there is no taskkill', async () => {
      const { pid, grandchild, ended } = await startTwo();
      await killTree(pid, join(newFolder(), 'System32'));
      assert.deepEqual(await ended, [null, 'SIGKILL']);
      process.kill(grandchild, 'SIGKILL');
    });
  });
});
