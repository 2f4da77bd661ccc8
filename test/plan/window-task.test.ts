import assert from 'node:assert/strict';
import {
  type ExpectedTask,
  rebindTask,
  rebindTaskName,
  reconcileTask,
  reconcileTaskName,
  taskFolder,
  windowTask,
  windowTaskName,
} from '../../src/documents/rebind-tasks.ts';
import { recogniseTask } from '../../src/documents/recognise-task.ts';
import { unknownParts } from '../../src/holders/unknown-parts.ts';
import { windowTaskChange } from '../../src/plan/window-task.ts';
import type { TaskEntry } from '../../src/windows/task.ts';
import { taskResults } from '../../src/windows/task-results.ts';

const program = { command: 'C:\\Program Files\\CertRebind\\0.1.0\\certrebind.exe' };
const main: ExpectedTask = { path: taskFolder, name: rebindTaskName, xml: rebindTask(program) };
const at = '2026-06-01T22:30:00.000Z';

function entry(task: ExpectedTask, parts: Partial<TaskEntry> = {}): TaskEntry {
  return { ...task, enabled: true, lastResult: null, lastRunAt: null, ...parts };
}

const enabled = entry(main);
const own = windowTask(program, at);

describe('the one-shot task of the window', () => {
  for (const [what, tasks, notBefore, does] of [
    ['is registered for what waits', [enabled], at, 'register-task'],
    ['stays as it is', [enabled, entry(own)], at, null],
    ['moves with its moment', [enabled, entry(own)], '2026-06-02T22:30:00.000Z', 'register-task'],
    ['is put right where somebody disabled it', [enabled, entry(own, { enabled: false })], at, 'register-task'],
    [
      'starts this program and no other',
      [enabled, entry(windowTask({ command: 'C:\\old\\certrebind.exe' }, at))],
      at,
      'register-task',
    ],
    ['is taken away when nothing waits', [enabled, entry(own)], undefined, 'unregister-task'],
    ['stays while it runs', [enabled, entry(own, { lastResult: taskResults.running })], undefined, null],
    ['is not missed where nothing waits', [enabled], undefined, null],
    ['is not registered where nothing is enabled', [], at, null],
    ['nor where the task of the program is disabled', [entry(main, { enabled: false })], at, null],
    ['and goes where nothing is enabled any more', [entry(own)], at, 'unregister-task'],
  ] as const)
    it(what, () => {
      const change = windowTaskChange(
        { tasks, notLookedAt: [] },
        { ...(notBefore === undefined ? {} : { notBefore }) },
        [main],
      );
      assert.equal(change?.do ?? null, does);
      if (change !== null) assert.deepEqual([change.path, change.name], [taskFolder, windowTaskName]);
    });

  it('is let alone where nothing is known of tasks', () => {
    const notLookedAt = unknownParts('not-read', ['tasks']);
    assert.equal(windowTaskChange({ tasks: [], notLookedAt }, { notBefore: at }, [main]), null);
    assert.equal(windowTaskChange({ tasks: [entry(own)], notLookedAt }, {}, [main]), null);
  });

  it('is not registered where only the hourly task is enabled, or the program has no task', () => {
    const hourly = { path: taskFolder, name: reconcileTaskName, xml: reconcileTask(program) };
    const tasks = [entry(hourly), entry(main, { enabled: false })];
    assert.equal(windowTaskChange({ tasks, notLookedAt: [] }, { notBefore: at }, [hourly, main]), null);
    assert.equal(windowTaskChange({ tasks, notLookedAt: [] }, { notBefore: at }, []), null);
  });

  it('names its moment in UTC', () => {
    assert.match(own.xml, /<StartBoundary>2026-06-01T22:30:00Z<\/StartBoundary>/);
    assert.match(own.xml, /<StartWhenAvailable>true<\/StartWhenAvailable>/);
  });

  it('is recognised whatever its moment is, and as changed where it starts something else', () => {
    assert.deepEqual(recogniseTask(entry(own), [main]), { kind: 'ours' });
    const other = entry(windowTask({ command: 'C:\\elsewhere.exe' }, at));
    assert.deepEqual(recogniseTask(other, [main]), { kind: 'ours-changed', differs: ['command'] });
    assert.deepEqual(recogniseTask(entry(own), []), { kind: 'other' });
  });
});
