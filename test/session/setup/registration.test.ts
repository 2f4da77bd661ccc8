import assert from 'node:assert/strict';
import { type ExpectedTask, rebindTask, rebindTaskName, taskFolder } from '../../../src/documents/scheduled-tasks.ts';
import type { Change, ChangeReport, Server } from '../../../src/server/server.ts';
import {
  assertDone,
  changeTasks,
  enableNative,
  isInForce,
  isOfProof,
  restoreTasks,
} from '../../../src/session/setup/registration.ts';

const xml = rebindTask({ command: 'C:\\Program Files\\CertRebind\\certrebind.exe' });
const own: ExpectedTask = { path: taskFolder, name: rebindTaskName, xml };
const entry = { ...own, enabled: true, lastResult: 0, lastRunAt: null };

describe('tasks of a server', () => {
  const proofs: readonly (readonly [string, string, string, boolean])[] = [
    ['in our folder', taskFolder, 'CertRebind-Proof-0123456789abcdef', true],
    ['in our folder in other letters', taskFolder.toUpperCase(), 'CertRebind-Proof-0123456789abcdef', true],
    ['in a folder of somebody', '\\Backup\\', 'CertRebind-Proof-0123456789abcdef', false],
    ['in our folder, with another name', taskFolder, 'Old-CertRebind-Proof-0123456789abcdef', false],
  ];
  for (const [what, path, name, isOne] of proofs)
    it(`${isOne ? 'have' : 'do not have'} a test task of CertRebind ${what}`, () =>
      assert.equal(isOfProof({ path, name }), isOne));

  const forces: readonly (readonly [string, Partial<typeof entry>, boolean])[] = [
    ['as it was registered', {}, true],
    ['disabled', { enabled: false }, false],
    ['changed', { xml: rebindTask({ command: 'C:\\Other\\certrebind.exe' }) }, false],
    ['in another folder', { path: '\\Backup\\' }, false],
    ['under another name', { name: 'CertRebind-Old' }, false],
  ];
  for (const [what, change, holds] of forces)
    it(`${holds ? 'have' : 'do not have'} ours in force: it is ${what}`, () =>
      assert.equal(isInForce(own, [{ ...entry, ...change }]), holds));

  it('name the one that is not as it should be', () => {
    assertDone(undefined, 'is gone');
    assert.throws(() => assertDone(entry, 'is gone'), {
      code: 'task-refused',
      message: `The task ${taskFolder}CertRebind is gone.`,
      where: `${taskFolder}CertRebind`,
    });
  });

  const asked: Change[] = [];
  const answering = (...errors: readonly ChangeReport['error'][]): Pick<Server, 'change'> => ({
    async change(changes) {
      asked.push(...changes);
      return changes.map(({ do: what }, at) => ({ do: what, error: errors[at] ?? null, now: null }));
    },
  });
  const removals: readonly Change[] = ['CertRebind', 'CertRebind-Reconcile'].map((name) => ({
    do: 'unregister-task',
    path: taskFolder,
    name,
  }));
  const error = { code: 'refused', message: 'Access is denied.' } as const;
  const refused: readonly (readonly [string, readonly Change[], readonly ChangeReport['error'][], string | null])[] = [
    ['the first', removals, [error], `${taskFolder}CertRebind`],
    ['a later one', removals, [null, error], `${taskFolder}CertRebind-Reconcile`],
    ['what is no task', [{ do: 'enable-lifecycle-log' }], [error], null],
  ];
  for (const [what, changes, errors, where] of refused)
    it(`are not changed in silence where the server refuses ${what}`, () =>
      assert.rejects(changeTasks(answering(...errors) as Server, changes), {
        code: 'task-refused',
        message: error.message,
        where,
      }));

  const native = ['A', 'B', 'C'].map((name) => ({ ...entry, name, enabled: name === 'B' }));
  const remembered = ['A', 'B'].map((name) => ({ path: taskFolder, name, at: '2026-06-01T12:00:00.000Z' }));
  const keeping = (does: boolean): Pick<Server, 'tasks' | 'change'> => {
    let tasks = native;
    return {
      tasks: async () => tasks,
      async change(changes) {
        const names = changes.map((change) => ('name' in change ? change.name : ''));
        if (does) tasks = tasks.map((task) => (names.includes(task.name) ? { ...task, enabled: true } : task));
        return changes.map(({ do: what }) => ({ do: what, error: null, now: null }));
      },
    };
  };

  it('of IIS Manager are enabled again where they were remembered, and still are disabled', async () => {
    assert.deepEqual(await enableNative(keeping(true) as Server, remembered), [`${taskFolder}A`]);
    assert.deepEqual(await enableNative(keeping(true) as Server, remembered.slice(1)), []);
    await assert.rejects(enableNative(keeping(false) as Server, remembered), {
      message: `The task ${taskFolder}A is still disabled, although Task Scheduler reported that it was enabled.`,
    });
  });

  for (const enabled of [true, false])
    it(`are put back ${enabled ? 'enabled' : 'disabled'}, where that is all that changed meanwhile`, async () => {
      let now = { ...entry, enabled: !enabled };
      const server: Pick<Server, 'tasks' | 'change'> = {
        tasks: async () => [now],
        async change(changes) {
          for (const change of changes) {
            if (change.do === 'register-task') now = { ...now, enabled: true };
            if (change.do === 'set-task-enabled') now = { ...now, enabled: change.enabled };
          }
          return changes.map(({ do: what }) => ({ do: what, error: null, now: null }));
        },
      };
      await restoreTasks(server as Server, [{ ...entry, enabled }], [own]);
      assert.equal(now.enabled, enabled);
    });

  it('are changed where nothing is refused, and none are asked for where there is no change', async () => {
    asked.length = 0;
    await changeTasks(answering() as Server, removals);
    await changeTasks(answering(error) as Server, []);
    assert.deepEqual(asked, removals);
  });
});
