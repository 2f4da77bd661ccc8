import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rebindTask, taskFolder } from '../../../src/documents/scheduled-tasks.ts';
import { nothingSetUp, type PassedProof } from '../../../src/documents/setup.ts';
import type { Trigger } from '../../../src/documents/trigger.ts';
import { verifiedProgram } from '../../../src/engine/findings/proof.ts';
import { acquireLock } from '../../../src/engine/state/lock.ts';
import { persistentFiles } from '../../../src/engine/state/persistent-files.ts';
import { hashOfFile } from '../../../src/engine/state/program-files.ts';
import { parseTask } from '../../../src/model/windows/task.ts';
import { setupFacts } from '../../../src/session/setup/place-program.ts';
import { expectedTasks, namesOfTriggerTasks, tasksToRegister, triggerTasks } from '../../../src/session/setup/tasks.ts';
import { newFolder } from '../../support/temporary-lab.ts';

describe('what is remembered of setting up', () => {
  const at = '2026-06-01T12:00:00.000Z';
  const unfinished = { command: 'enable', at, replaceNative: false };
  const failed = { at, version: '1.0.0', why: 'It was not started.' };

  async function given() {
    const home = newFolder();
    const executable = join(home, 'certrebind');
    writeFileSync(executable, 'program 1');
    const files = persistentFiles(home);
    const proof: PassedProof = {
      ...verifiedProgram({ xml: rebindTask({ command: executable }) }, await hashOfFile(executable)),
      ...{ at, version: '1.0.0', account: 'system', engine: null, read: null },
    };
    await files.writeSetup({ ...nothingSetUp, verified: proof, failed, unfinished });
    return { home, executable, files, proof };
  }

  it('is told as it stands', async () => {
    const { proof, ...session } = await given();
    assert.deepEqual(await setupFacts(session, null), { verified: proof, failed, unfinished });
    assert.deepEqual(await setupFacts(session, proof.sha256), { verified: proof, failed, unfinished });
  });

  it('is not told as unfinished while a process is at it', async () => {
    const { proof, ...session } = await given();
    const lock = await acquireLock(session.home, {
      wait: false,
      signal: new AbortController().signal,
      name: 'installation.lock',
    });
    assert.deepEqual(await setupFacts(session, null), { verified: proof, failed, unfinished: null });
    await lock.release();
  });

  it('proves nothing of another program, nor of one that is gone', async () => {
    const { proof: _proof, ...session } = await given();
    assert.equal((await setupFacts(session, 'b'.repeat(64)))?.verified, null);
    writeFileSync(session.executable, 'program 2');
    assert.equal((await setupFacts(session, null))?.verified, null);
    rmSync(session.executable);
    assert.deepEqual(await setupFacts(session, null), { verified: null, failed, unfinished });
  });

  it('is nothing on a capture, nor where it cannot be read', async () => {
    const { proof: _proof, ...session } = await given();
    assert.equal(await setupFacts({ ...session, home: null }, null), null);
    assert.equal(await setupFacts({ ...session, executable: null }, null), null);
    writeFileSync(join(session.home, 'setup.json'), '{');
    assert.equal(await setupFacts(session, null), null);
  });

  it('has a task for each trigger that waits for an event, and the name of that whose file is damaged', async () => {
    const { executable, files, home } = await given();
    const trigger: Trigger = {
      schema: 'certrebind/trigger/1',
      id: 'mail',
      on: 'replaced',
      ...{ names: [], issuer: null, ekus: [] },
      action: { program: '/bin/true', args: [], timeLimitSeconds: 60 },
      createdAt: at,
    };
    await files.writeTrigger(trigger);
    await files.writeTrigger({ ...trigger, id: 'later', on: 'rebound' });
    mkdirSync(join(home, 'triggers'), { recursive: true });
    writeFileSync(join(home, 'triggers', 'old.json'), '{');
    const tasks = await triggerTasks({ files, executable });
    assert.deepEqual(
      tasks.map(({ xml }) => parseTask(xml).actions.map(({ command }) => command)),
      [[executable]],
    );
    assert.deepEqual(await triggerTasks({ files, executable: null }), []);
    assert.deepEqual(expectedTasks(null), []);
    assert.throws(() => tasksToRegister(null), { code: 'read-only-server' });
    const names = (await namesOfTriggerTasks({ files, executable })).map(({ path, name }) => [path, name]);
    assert.deepEqual(names, [
      [taskFolder, tasks[0]?.name],
      [taskFolder, tasks[0]?.name.replace('mail', 'old')],
    ]);
  });
});
