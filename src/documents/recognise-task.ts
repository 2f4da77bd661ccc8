import { nullIfThrown } from '../base/errors.ts';
import { memoize } from '../base/memoize.ts';
import { isPlainName } from '../base/safe-text.ts';
import { lifecycleLog } from '../model/windows/lifecycle-event.ts';
import { parseTask, type TaskDefinition, type TaskEntry, taskDifferences } from '../model/windows/task.ts';
import type { DscTask } from './dsc-server.ts';
import {
  type ExpectedTask,
  isSameTask,
  nativeTaskName,
  reconcileTask,
  reconcileTaskName,
  registeredMinute,
  taskFolder,
  triggerTaskPrefix,
} from './scheduled-tasks.ts';

/** Whose a task is. */
export type RecognisedTask =
  | { readonly kind: 'ours' }
  /** It has our name, and these parts of it are not as they were registered. */
  | { readonly kind: 'ours-changed'; readonly differs: readonly string[] }
  /** The task of IIS Manager. */
  | { readonly kind: 'native' }
  /** Something else that may change bindings when a certificate is renewed; `client`: an ACME client, which renews it too. */
  | { readonly kind: 'third-party'; readonly product: string | null; readonly client: boolean }
  /** The task of one of our triggers that is not among those expected. */
  | { readonly kind: 'trigger'; readonly id: string }
  | { readonly kind: 'other' };

/** Tells whose task this is; `expected` are the tasks as this program would register them now. */
export function recogniseTask(entry: TaskEntry, expected: readonly ExpectedTask[]): RecognisedTask {
  const found = readable(entry.xml);
  const own = expected.find((task) => isSameTask(task, entry));
  if (own !== undefined) {
    if (found === null) return { kind: 'ours-changed', differs: ['xml'] };
    const differs = taskDifferences(atItsMinute(own, found), found);
    return differs.length === 0 ? { kind: 'ours' } : { kind: 'ours-changed', differs };
  }
  if (isNative(entry, found)) return { kind: 'native' };
  const trigger = triggerOf(entry);
  if (trigger !== null) return { kind: 'trigger', id: trigger };
  const client = /^(win-acme|simple-acme)\b/i.exec(entry.name)?.[1];
  if (client !== undefined) return { kind: 'third-party', product: client.toLowerCase(), client: true };
  if (/^WindowsAdminCenter-AutoCertRebind$/i.test(entry.name))
    return { kind: 'third-party', product: 'Windows Admin Center', client: false };
  const isNotification = entry.path.toLowerCase().startsWith(`${taskFolder}Notification\\`.toLowerCase());
  return isNotification || (found !== null && isForReplacement(found))
    ? { kind: 'third-party', product: null, client: false }
    : { kind: 'other' };
}

/** How a task of ours stands among those of a server. */
export function stateOfTask(tasks: readonly TaskEntry[], expected: ExpectedTask): DscTask['is'] {
  const found = tasks.find((task) => isSameTask(task, expected));
  if (found === undefined) return 'missing';
  if (!found.enabled) return 'disabled';
  return recogniseTask(found, [expected]).kind === 'ours' ? 'ours' : 'changed';
}

/** The hourly task may start at any minute: which one suits a server, its registration knows. */
function atItsMinute({ name, xml }: ExpectedTask, found: TaskDefinition): TaskDefinition {
  const expected = parsed(xml);
  const minute = name === reconcileTaskName ? registeredMinute(found) : null;
  const command = expected.actions[0]?.command ?? null;
  return minute === null || command === null ? expected : parsed(reconcileTask({ command }, minute));
}

function triggerOf({ path, name }: Pick<TaskEntry, 'path' | 'name'>): string | null {
  if (path !== taskFolder || !name.startsWith(triggerTaskPrefix)) return null;
  const id = name.slice(triggerTaskPrefix.length);
  return isPlainName(id) ? id : null;
}

function isNative(entry: TaskEntry, found: TaskDefinition | null): boolean {
  if (isSameTask(entry, { path: taskFolder, name: nativeTaskName })) return true;
  return (
    found?.actions.some(
      (action) =>
        /\bappcmd(?:\.exe)?"?$/i.test(action.command ?? '') && /\brenew\s+binding\b/i.test(action.arguments ?? ''),
    ) ?? false
  );
}

function isForReplacement({ triggers }: TaskDefinition): boolean {
  return triggers.some(
    ({ subscription }) => subscription?.includes(lifecycleLog) === true && /\bEventID\s*=\s*1001\b/.test(subscription),
  );
}

/** A look asks several times about the same tasks, and reading their XML is most of its work. */
const parsed = memoize((xml: string) => parseTask(xml));

function readable(xml: string): TaskDefinition | null {
  return nullIfThrown(() => parsed(xml));
}
