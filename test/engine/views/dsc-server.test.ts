import assert from 'node:assert/strict';
import { defaultConfiguration } from '../../../src/documents/configuration.ts';
import type { DscServer, WantedServer } from '../../../src/documents/dsc-server.ts';
import { nativeTaskName, taskFolder, triggerTask } from '../../../src/documents/scheduled-tasks.ts';
import type { Adoption } from '../../../src/documents/setup.ts';
import { type DscFacts, differences, dscPreview, dscServer } from '../../../src/engine/views/dsc-server.ts';
import { policy } from '../../builders/snapshot.ts';
import { nativeTask } from '../../fixtures/native-task.ts';
import { each } from '../../support/each.ts';
import { expectedTasks, ownTasks, taskEntry } from '../findings/facts.ts';

const trigger = triggerTask(
  { command: 'C:\\Program Files\\CertRebind\\certrebind.exe' },
  { id: 'mail', on: 'deleted' },
);
const triggerEntry = taskEntry(trigger);
const native = taskEntry({ path: taskFolder, name: nativeTaskName, xml: nativeTask });
const nativeOff = { ...native, enabled: false };
const otherNative = { ...nativeOff, path: '\\Old\\' };
const stranger = taskEntry({ path: '\\', name: 'Backup', xml: '<Task/>' });
const [event = stranger, hourly = stranger] = ownTasks;
const disabledByUs: Adoption['disabled'] = [{ path: native.path, name: native.name.toLowerCase(), at: '' }];

const rebind = `${taskFolder}CertRebind`;
const reconcile = `${taskFolder}CertRebind-Reconcile`;
const mail = `${taskFolder}CertRebind-Trigger-mail`;
const log = 'Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational';

/** A server as `enable` leaves it, with one trigger. */
function factsOf(parts: Partial<DscFacts> = {}): DscFacts {
  return {
    tasks: [stranger, ...ownTasks, triggerEntry],
    lifecycle: { enabled: true },
    rebinding: expectedTasks,
    triggers: [trigger],
    disabled: [],
    policy: { configuration: defaultConfiguration },
    ...parts,
  };
}

function want(parts: Partial<WantedServer> = {}): WantedServer {
  return {
    exist: true,
    policy: null,
    replaceNative: false,
    alongside: false,
    restoreNative: false,
    noProof: false,
    ...parts,
  };
}

function wantPolicy(parts: Parameters<typeof policy>[0]): WantedServer {
  return want({ policy: { text: '', configuration: policy(parts) } });
}

interface Row {
  readonly what: string;
  readonly wanted: WantedServer;
  readonly facts: DscFacts;
  /** Part, why it differs and what a set would do, in their order. */
  readonly due: readonly (readonly [string, RegExp, string])[];
  /** What a set would leave otherwise than it is; `null` where it would be refused. */
  readonly after?: Partial<DscServer> | null;
}

const off = want({ exist: false });
const restore = want({ exist: false, restoreNative: true });
const nothingThere = factsOf({ tasks: [stranger], triggers: [] });
const allOurs = [
  { path: taskFolder, name: 'CertRebind', is: 'ours' },
  { path: taskFolder, name: 'CertRebind-Reconcile', is: 'ours' },
] as const;
const mailOurs = { path: taskFolder, name: 'CertRebind-Trigger-mail', is: 'ours' } as const;
const registerBoth = [
  ['tasks', /^There is no task .*CertRebind\.$/, `Would register the task ${rebind}.`],
  ['tasks', /^There is no task .*Reconcile\.$/, `Would register the task ${reconcile}.`],
] as const;
const removeBoth = [
  ['tasks', /^The task .*CertRebind is registered\.$/, `Would remove the task ${rebind}.`],
  ['tasks', /^The task .*Reconcile is registered\.$/, `Would remove the task ${reconcile}.`],
] as const;
const bothMissing = allOurs.map((task) => ({ ...task, is: 'missing' as const }));
const refusal = [
  'tasks',
  /is active\. Set replaceNative or alongside/,
  'Would be refused (native-active): the rebind task of IIS Manager is active. Set replaceNative or alongside.',
] as const;

const rows: readonly Row[] = [
  { what: 'is on as it is wanted', wanted: want(), facts: factsOf(), due: [] },
  {
    what: 'is off and to be on',
    wanted: want(),
    facts: nothingThere,
    due: registerBoth,
    after: { _exist: true, tasks: allOurs },
  },
  {
    what: 'is on and to be off',
    wanted: off,
    facts: factsOf(),
    due: removeBoth,
    after: { _exist: false, tasks: [...bothMissing, mailOurs] },
  },
  { what: 'is off as it is wanted', wanted: off, facts: factsOf({ tasks: [triggerEntry] }), due: [] },
  {
    what: 'has one task left and is to be off',
    wanted: off,
    facts: factsOf({ tasks: [{ ...hourly, enabled: false }, triggerEntry] }),
    due: removeBoth.slice(1),
    after: { _exist: false, tasks: [...bothMissing, mailOurs] },
  },
  {
    what: 'lacks the task of a trigger',
    wanted: want(),
    facts: factsOf({ tasks: ownTasks }),
    due: [['tasks', /^There is no task .*mail\.$/, `Would register the task ${mail}.`]],
    after: { tasks: [...allOurs, mailOurs] },
  },
  {
    what: 'has a task that somebody changed',
    wanted: want(),
    facts: factsOf({ tasks: [{ ...event, xml: hourly.xml }, hourly, triggerEntry] }),
    due: [['tasks', /^Someone changed the task/, `Would register the task ${rebind} again, because it was changed.`]],
    after: { tasks: [...allOurs, mailOurs] },
  },
  {
    what: 'has a task that somebody disabled',
    wanted: want(),
    facts: factsOf({ tasks: [event, { ...hourly, enabled: false }, triggerEntry] }),
    due: [
      ['tasks', /^Someone disabled the task/, `Would register the task ${reconcile} again, because it is disabled.`],
    ],
    after: { tasks: [...allOurs, mailOurs] },
  },
  {
    what: 'has a disabled log',
    wanted: want(),
    facts: factsOf({ lifecycle: { enabled: false } }),
    due: [['tasks', /^The log .* is disabled\.$/, `Would enable the log ${log}.`]],
    after: { lifecycleLog: 'enabled' },
  },
  { what: 'does not tell of its log', wanted: want(), facts: factsOf({ lifecycle: { enabled: null } }), due: [] },
  {
    what: 'has a disabled log and is to be off',
    wanted: off,
    facts: factsOf({ lifecycle: { enabled: false } }),
    due: removeBoth,
    after: { _exist: false, tasks: [...bothMissing, mailOurs] },
  },
  {
    what: 'has the task of IIS Manager, and nobody said what is to become of it',
    wanted: want(),
    facts: factsOf({ tasks: [native], triggers: [] }),
    due: [...registerBoth, refusal],
    after: null,
  },
  {
    what: 'is on beside the task of IIS Manager, and nobody said anything of it',
    wanted: want(),
    facts: factsOf({ tasks: [...ownTasks, native], triggers: [] }),
    due: [],
  },
  {
    what: 'is to be on alongside the task of IIS Manager',
    wanted: want({ alongside: true }),
    facts: factsOf({ tasks: [native], triggers: [] }),
    due: registerBoth,
    after: { _exist: true, tasks: allOurs },
  },
  {
    what: 'is to be on instead of the task of IIS Manager',
    wanted: want({ replaceNative: true }),
    facts: factsOf({ tasks: [...ownTasks, otherNative, native], triggers: [] }),
    due: [
      [
        'tasks',
        /^The task IIS-AutoCertRebind of IIS Manager is active\.$/,
        'Would disable the task IIS-AutoCertRebind.',
      ],
    ],
    after: { nativeTask: 'disabled' },
  },
  {
    what: 'has a disabled task of IIS Manager, which is to be replaced',
    wanted: want({ replaceNative: true }),
    facts: factsOf({ tasks: [...ownTasks, nativeOff], triggers: [] }),
    due: [],
  },
  {
    what: 'has a disabled task of IIS Manager, and nobody said anything of it',
    wanted: want(),
    facts: factsOf({ tasks: [nativeOff], triggers: [] }),
    due: registerBoth,
    after: { _exist: true, tasks: allOurs },
  },
  {
    what: 'is to give the task of IIS Manager back',
    wanted: restore,
    facts: factsOf({ tasks: [...ownTasks, nativeOff], triggers: [], disabled: disabledByUs }),
    due: [...removeBoth, ['tasks', /was disabled by CertRebind\.$/, 'Would enable the task IIS-AutoCertRebind again.']],
    after: { _exist: false, nativeTask: 'enabled', tasks: bothMissing },
  },
  {
    what: 'has the task of IIS Manager enabled again already',
    wanted: restore,
    facts: factsOf({ tasks: [native], triggers: [], disabled: disabledByUs }),
    due: [],
  },
  {
    what: 'has a task of IIS Manager that somebody else disabled',
    wanted: restore,
    facts: factsOf({ tasks: [nativeOff], triggers: [] }),
    due: [],
  },
  {
    what: 'is to be off, and the task of IIS Manager may stay disabled',
    wanted: off,
    facts: factsOf({ tasks: [nativeOff], triggers: [], disabled: disabledByUs }),
    due: [],
  },
  {
    what: 'is to be on, and what it disabled stays disabled',
    wanted: want({ restoreNative: true }),
    facts: factsOf({ tasks: [...ownTasks, nativeOff], triggers: [], disabled: disabledByUs }),
    due: [],
  },
  {
    what: 'has the policy that is wanted, in whatever order',
    wanted: wantPolicy({ deadline: { names: {}, action: 'alert' } }),
    facts: factsOf(),
    due: [],
  },
  {
    what: 'has another policy',
    wanted: wantPolicy({ keepRuns: 7, undo: 'run' }),
    facts: factsOf(),
    due: [
      ['policy', /^The configuration differs in undo, keepRuns\.$/, 'Would change the configuration: undo, keepRuns.'],
    ],
    after: { policy: policy({ keepRuns: 7, undo: 'run' }) },
  },
  {
    what: 'is to be off, whatever policy is written beside that',
    wanted: { ...wantPolicy({ keepRuns: 7 }), exist: false },
    facts: factsOf(),
    due: removeBoth,
    after: { _exist: false, tasks: [...bothMissing, mailOurs] },
  },
];

describe('a server as DSC sees it', () => {
  for (const { what, wanted, facts, due, after = {} } of rows)
    it(what, () => {
      const found = differences(wanted, facts);
      assert.deepEqual(
        each(found, 'part', 'would'),
        due.map(([part, , would]) => [part, would]),
      );
      for (const [index, [, why]] of due.entries()) assert.match(found[index]?.why ?? '', why);
      const now = dscServer(facts);
      const _metadata = { whatIf: due.map(([, , would]) => would) };
      assert.deepEqual(dscPreview(wanted, facts), due.length === 0 ? now : { ...now, ...after, _metadata });
    });

  it('tells what is there, and passes over the tasks of others', () => {
    assert.deepEqual(dscServer(factsOf({ tasks: [stranger, hourly, native], lifecycle: { enabled: false } })), {
      _exist: true,
      policy: defaultConfiguration,
      nativeTask: 'enabled',
      lifecycleLog: 'disabled',
      tasks: [{ ...allOurs[0], is: 'missing' }, allOurs[1], { ...mailOurs, is: 'missing' }],
    });
    assert.deepEqual(dscServer(nothingThere), {
      _exist: false,
      policy: defaultConfiguration,
      nativeTask: 'absent',
      lifecycleLog: 'enabled',
      tasks: bothMissing,
    });
    assert.equal(dscServer(factsOf({ tasks: [nativeOff] })).nativeTask, 'disabled');
    assert.equal(dscServer(factsOf({ tasks: [otherNative, native] })).nativeTask, 'enabled');
  });

  it('finds its tasks whatever the letter case of their names', () => {
    const shouted = ownTasks.map((task) => ({ ...task, path: task.path.toUpperCase(), name: task.name.toUpperCase() }));
    assert.deepEqual(dscServer(factsOf({ tasks: shouted, triggers: [] })).tasks, allOurs);
    assert.deepEqual(differences(want(), factsOf({ tasks: shouted, triggers: [] })), []);
  });

  it('says why an invalid configuration is none, and would replace it', () => {
    const facts = factsOf({ policy: { problem: 'line 3' } });
    assert.equal(dscServer(facts).policyProblem, 'line 3');
    assert.equal('policy' in dscServer(facts), false);
    assert.deepEqual(differences(want(), facts), []);
    const [difference, ...more] = differences(wantPolicy({ keepRuns: 7 }), facts);
    assert.deepEqual(more, []);
    assert.deepEqual(difference, {
      part: 'policy',
      code: 'configuration-invalid',
      why: 'The configuration is not valid: line 3',
      would: 'Would replace the configuration, which is not valid.',
    });
    const after = dscPreview(wantPolicy({ keepRuns: 7 }), facts);
    assert.equal(after.policy?.keepRuns, 7);
    assert.equal('policyProblem' in after, false);
    assert.equal(dscPreview(off, facts).policyProblem, 'line 3');
  });
});
