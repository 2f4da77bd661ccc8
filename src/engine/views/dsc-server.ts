import { canonicalJson } from '../../base/canonical-json.ts';
import { type Configuration, defaultConfiguration } from '../../documents/configuration.ts';
import type { DifferenceCode, DscServer, DscTask, WantedServer } from '../../documents/dsc-server.ts';
import { recogniseTask, stateOfTask } from '../../documents/recognise-task.ts';
import { type ExpectedTask, isSameTask } from '../../documents/scheduled-tasks.ts';
import type { Adoption } from '../../documents/setup.ts';
import type { Finding } from '../../documents/status.ts';
import type { LifecycleLog } from '../../kinds/snapshot.ts';
import { lifecycleLog } from '../../model/windows/lifecycle-event.ts';
import type { TaskEntry } from '../../model/windows/task.ts';

/** What was found on a server. */
export interface DscFacts {
  readonly tasks: readonly TaskEntry[];
  readonly lifecycle: Pick<LifecycleLog, 'enabled'>;
  /** The tasks that `enable` registers, and those of the triggers. */
  readonly rebinding: readonly ExpectedTask[];
  readonly triggers: readonly ExpectedTask[];
  /** The tasks of IIS Manager that this program disabled. */
  readonly disabled: Adoption['disabled'];
  /** The configuration in force, or why its file is invalid. */
  readonly policy: { readonly configuration: Configuration } | { readonly problem: string };
}

/** One difference from the wanted state. */
export interface Difference {
  readonly part: 'policy' | 'tasks';
  readonly code: DifferenceCode;
  readonly why: string;
  /** What a set would do about it. */
  readonly would: string;
}

export function dscServer(facts: DscFacts): DscServer {
  const { tasks, rebinding, policy } = facts;
  const native = nativeTask(facts);
  return {
    _exist: tasks.some((task) => rebinding.some((expected) => isSameTask(expected, task))),
    ...('configuration' in policy ? { policy: policy.configuration } : { policyProblem: policy.problem }),
    nativeTask: native === undefined ? 'absent' : native.enabled ? 'enabled' : 'disabled',
    lifecycleLog: facts.lifecycle.enabled === false ? 'disabled' : 'enabled',
    tasks: expectedOf(facts).map((expected) => dscTask(expected, tasks)),
  };
}

/** The state with what is wrong with the server, whatever is wanted. */
export function withFindings(state: DscServer, findings: readonly Finding[]): DscServer {
  return {
    ...state,
    findings: findings.map(({ code, severity, message, since, commands }) => {
      return { code, severity, message, since, commands };
    }),
  };
}

/** Everything that differs from the wanted state; empty if there is no difference. */
export function differences(wanted: WantedServer, facts: DscFacts): readonly Difference[] {
  return wanted.exist ? differencesFromOn(wanted, facts) : differencesFromOff(wanted, facts);
}

/** The state that a set would leave behind, and what it would do. */
export function dscPreview(wanted: WantedServer, facts: DscFacts): DscServer {
  const now = dscServer(facts);
  const due = differences(wanted, facts);
  if (due.length === 0) return now;
  const _metadata = { whatIf: due.map(({ would }) => would) };
  if (isRefused(wanted, facts)) return { ...now, _metadata };
  const { policyProblem: _mended, ...rest } = now;
  const is = wanted.exist ? ('ours' as const) : ('missing' as const);
  return {
    ...(wanted.exist && wanted.policy !== null ? { ...rest, policy: wanted.policy.configuration } : now),
    _exist: wanted.exist,
    nativeTask: nativeAfter(wanted, facts, now.nativeTask),
    lifecycleLog: wanted.exist ? 'enabled' : now.lifecycleLog,
    tasks: now.tasks.map((task) =>
      wanted.exist || facts.rebinding.some((expected) => isSameTask(expected, task)) ? { ...task, is } : task,
    ),
    _metadata,
  };
}

function differencesFromOn(wanted: WantedServer, facts: DscFacts): readonly Difference[] {
  const native = nativeTask(facts);
  const mechanism = expectedOf(facts).flatMap((expected) => taskDifference(dscTask(expected, facts.tasks)));
  if (facts.lifecycle.enabled === false)
    mechanism.push(
      difference('log-disabled', `The log ${lifecycleLog} is disabled.`, `Would enable the log ${lifecycleLog}.`),
    );
  if (wanted.replaceNative && native?.enabled === true) {
    const why = `The task ${native.name} of IIS Manager is active.`;
    mechanism.push(difference('native-active', why, `Would disable the task ${native.name}.`));
  }
  const refusal = mechanism.length > 0 && isRefused(wanted, facts) ? [refused] : [];
  return [...policyDifference(wanted, facts), ...mechanism, ...refusal];
}

function differencesFromOff(wanted: WantedServer, facts: DscFacts): readonly Difference[] {
  const registered = facts.rebinding.filter((expected) => dscTask(expected, facts.tasks).is !== 'missing');
  return [
    ...registered.map(({ path, name }) =>
      difference('task-registered', `The task ${path}${name} is registered.`, `Would remove the task ${path}${name}.`),
    ),
    ...toRestore(wanted, facts).map(({ name }) => {
      const why = `The task ${name} was disabled by CertRebind.`;
      return difference('native-disabled', why, `Would enable the task ${name} again.`);
    }),
  ];
}

const refused = difference(
  'native-undecided',
  'The rebind task of IIS Manager is active. Set replaceNative or alongside.',
  'Would be refused (native-active): the rebind task of IIS Manager is active. Set replaceNative or alongside.',
);

/** Like `enable`: nothing is registered beside an active task of IIS Manager unless that was asked for. */
function isRefused({ exist, replaceNative, alongside }: WantedServer, facts: DscFacts): boolean {
  return exist && !replaceNative && !alongside && nativeTask(facts)?.enabled === true;
}

function policyDifference({ policy: wanted }: WantedServer, { policy }: DscFacts): readonly Difference[] {
  if (wanted === null) return [];
  if ('problem' in policy) {
    const why = `The configuration is not valid: ${policy.problem}`;
    return [difference('configuration-invalid', why, 'Would replace the configuration, which is not valid.')];
  }
  const names = differingNames(wanted.configuration, policy.configuration).join(', ');
  if (names === '') return [];
  const would = `Would change the configuration: ${names}.`;
  return [difference('configuration-differs', `The configuration differs in ${names}.`, would)];
}

/** Compares what the policy means, not how it is written. */
function differingNames(a: Configuration, b: Configuration): readonly string[] {
  const fields = (configuration: Configuration) => new Map<string, unknown>(Object.entries(configuration));
  const [left, right] = [fields(a), fields(b)];
  return Object.keys(defaultConfiguration).filter(
    (name) => canonicalJson(left.get(name)) !== canonicalJson(right.get(name)),
  );
}

function taskDifference({ path, name, is }: DscTask): readonly Difference[] {
  const task = `the task ${path}${name}`;
  switch (is) {
    case 'ours':
      return [];
    case 'missing':
      return [difference('task-missing', `There is no task ${path}${name}.`, `Would register ${task}.`)];
    case 'changed':
    case 'disabled': {
      const would = `Would register ${task} again, because it ${is === 'changed' ? 'was' : 'is'} ${is}.`;
      return [difference(`task-${is}`, `Someone ${is} ${task}.`, would)];
    }
  }
}

function dscTask(expected: ExpectedTask, tasks: readonly TaskEntry[]): DscTask {
  const { path, name } = expected;
  return { path, name, is: stateOfTask(tasks, expected) };
}

/** An active one before a disabled one. */
function nativeTask(facts: DscFacts): TaskEntry | undefined {
  const native = facts.tasks.filter((task) => recogniseTask(task, expectedOf(facts)).kind === 'native');
  return native.find(({ enabled }) => enabled) ?? native[0];
}

function nativeAfter(wanted: WantedServer, facts: DscFacts, now: DscServer['nativeTask']): DscServer['nativeTask'] {
  if (wanted.exist && wanted.replaceNative && now === 'enabled') return 'disabled';
  return toRestore(wanted, facts).length > 0 ? 'enabled' : now;
}

/** Tasks that somebody else disabled are left alone. */
function toRestore({ exist, restoreNative }: WantedServer, { tasks, disabled }: DscFacts): readonly TaskEntry[] {
  if (exist || !restoreNative) return [];
  return tasks.filter((task) => !task.enabled && disabled.some((known) => isSameTask(known, task)));
}

function expectedOf({ rebinding, triggers }: DscFacts): readonly ExpectedTask[] {
  return [...rebinding, ...triggers];
}

function difference(code: DifferenceCode, why: string, would: string): Difference {
  return { part: code.startsWith('configuration-') ? 'policy' : 'tasks', code, why, would };
}
