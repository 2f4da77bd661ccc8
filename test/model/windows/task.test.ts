import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { recogniseTask } from '../../../src/documents/recognise-task.ts';
import {
  type ExpectedTask,
  nativeTaskName,
  rebindTask,
  rebindTaskName,
  reconcileTask,
  reconcileTaskName,
  taskFolder,
} from '../../../src/documents/scheduled-tasks.ts';
import {
  formatTask,
  parseTask,
  type TaskDefinition,
  type TaskEntry,
  taskDifferences,
} from '../../../src/model/windows/task.ts';
import { nativeTask } from '../../fixtures/native-task.ts';
import { each } from '../../support/each.ts';

const command = 'C:\\Program Files\\CertRebind\\certrebind.exe';
const expected: readonly ExpectedTask[] = [
  { path: taskFolder, name: rebindTaskName, xml: rebindTask({ command }) },
  { path: taskFolder, name: reconcileTaskName, xml: reconcileTask({ command }, 17) },
];

describe('the rebind task', () => {
  const task = parseTask(rebindTask({ command }));

  it('passes nothing of the event on but its record number', () => {
    assert.deepEqual(task.actions, [
      { kind: 'Exec', command, arguments: 'on-event --record $(RecordId)', workingDirectory: null },
    ]);
    assert.deepEqual(task.triggers[0]?.valueQueries, [{ name: 'RecordId', query: 'Event/System/EventRecordID' }]);
  });

  it('starts on event 1001 of the lifecycle log only, at once', () => {
    assert.equal(task.triggers.length, 1);
    assert.match(
      task.triggers[0]?.subscription ?? '',
      /<Select Path='Microsoft-Windows-CertificateServicesClient-Lifecycle-System\/Operational'>\*\[System\[EventID=1001\]\]<\/Select>/,
    );
    assert.equal(task.triggers[0]?.delay, null);
  });

  it('runs as SYSTEM, one after another, on batteries too, and not for ever', () => {
    assert.equal(task.user, 'S-1-5-18');
    assert.equal(task.runLevel, 'HighestAvailable');
    assert.equal(task.settings.multipleInstancesPolicy, 'Queue');
    assert.equal(task.settings.disallowStartIfOnBatteries, false);
    assert.equal(task.settings.stopIfGoingOnBatteries, false);
    assert.equal(task.settings.executionTimeLimit, 'PT1H');
  });

  it('declares no encoding, which registering as a string would refuse', () => {
    for (const { xml } of expected) assert.match(xml, /^<Task version="1\.2" /);
  });

  it('escapes the path of the program once', () => {
    const odd = 'C:\\R&D <x>\\certrebind.exe';
    assert.equal(parseTask(rebindTask({ command: odd })).actions[0]?.command, odd);
  });

  it('refuses a path longer than Task Scheduler takes', () => {
    assert.doesNotThrow(() => rebindTask({ command: 'x'.repeat(260) }));
    assert.throws(() => rebindTask({ command: 'x'.repeat(261) }), { code: 'bad-input' });
  });
});

describe('the reconcile task', () => {
  it('starts at boot and hourly, and makes up for a missed hour', () => {
    const task = parseTask(reconcileTask({ command }, 7));
    assert.deepEqual(each(task.triggers, 'kind', 'interval'), [
      ['BootTrigger', null],
      ['TimeTrigger', 'PT1H'],
    ]);
    assert.equal(task.actions[0]?.arguments, 'reconcile --hourly');
    assert.equal(task.settings.startWhenAvailable, true);
  });

  it('is ours at whatever minute it was registered, and changed at another start', () => {
    const expected = [{ path: taskFolder, name: reconcileTaskName, xml: reconcileTask({ command }, 0) }];
    const [own] = expected;
    assert(own !== undefined);
    const kindOf = (xml: string) =>
      recogniseTask({ ...own, xml, enabled: true, lastResult: null, lastRunAt: null }, expected).kind;
    for (const minute of [0, 7, 59]) assert.equal(kindOf(reconcileTask({ command }, minute)), 'ours');
    const xml = reconcileTask({ command }, 7);
    for (const start of ['2020-01-01T00:07:00', '2020-01-01T00:60:00Z', '2021-01-01T00:07:00Z'])
      assert.equal(kindOf(xml.replace('2020-01-01T00:07:00Z', start)), 'ours-changed', start);
    assert.equal(kindOf(xml.replace('PT1H', 'PT2H')), 'ours-changed');
  });
});

describe('task XML', () => {
  it('reads back what was written', () => {
    fc.assert(
      fc.property(definitions(), (definition) => {
        assert.deepEqual(parseTask(formatTask(definition)), definition);
      }),
    );
  });

  it('is read from UTF-16 as Task Scheduler exports it', () => {
    const task = parseTask(nativeTask);
    assert.equal(task.actions[0]?.command, '%SystemRoot%\\System32\\inetsrv\\appcmd.exe');
    assert.equal(task.settings.stopIfGoingOnBatteries, true);
    assert.deepEqual(each(task.triggers[0]?.valueQueries, 'name'), ['NewCertHash', 'OldCertHash']);
  });

  it('has the standing values where a task states no settings', () => {
    const { settings } = parseTask('<Task><Actions><Exec><Command>x</Command></Exec></Actions></Task>');
    assert.equal(settings.multipleInstancesPolicy, 'IgnoreNew');
    assert.equal(settings.disallowStartIfOnBatteries, true);
    assert.equal(settings.executionTimeLimit, 'PT72H');
  });

  it('is refused when its root is no task', () => assert.throws(() => parseTask('<Event/>'), { code: 'bad-input' }));
});

describe('the schema of tasks', () => {
  before(function () {
    if (spawnSync('xmllint', ['--version']).error === undefined) return;
    assert.equal(process.env.CI, undefined, 'xmllint has to be there in CI (package libxml2-utils)');
    this.skip();
  });

  for (const { name, xml } of expected) {
    it(`accepts ${name}`, () => assert.equal(validate(xml), ''));
  }

  it('accepts the native task', () => assert.equal(validate(nativeTask.replace(/^.*\n/, '')), ''));

  const broken: readonly { readonly rule: string; readonly break: (xml: string) => string }[] = [
    {
      rule: 'the value queries stand last in an event trigger',
      break: (xml) => xml.replace(/(<Subscription>.*<\/Subscription>)(<ValueQueries>.*<\/ValueQueries>)/, '$2$1'),
    },
    { rule: 'the actions name an existing principal', break: (xml) => xml.replace('Context="', 'Context="No') },
    { rule: 'a path has at most 260 characters', break: (xml) => xml.replace('C:\\', `C:\\${'x'.repeat(260)}`) },
    { rule: 'the policy is one of four', break: (xml) => xml.replace('>Queue<', '>Wait<') },
    { rule: 'the version is 1.2 or 1.3', break: (xml) => xml.replace('version="1.2"', 'version="1.4"') },
    { rule: 'a value query has a name', break: (xml) => xml.replace(' name="RecordId"', '') },
  ];
  for (const { rule, break: breakIt } of broken) {
    it(`rejects a task unless ${rule}`, () => {
      const xml = rebindTask({ command });
      const changed = breakIt(xml);
      assert.notEqual(changed, xml);
      assert.notEqual(validate(changed), '');
    });
  }
});

describe('recognising tasks', () => {
  it('knows ours, also with the values that Task Scheduler adds', () => {
    const [rebind] = expected;
    const exported = (rebind?.xml ?? '')
      .replace('</Settings>', '<Priority>7</Priority><WakeToRun>false</WakeToRun></Settings>')
      .replace('<RegistrationInfo>', '<RegistrationInfo><Date>2026-01-01T00:00:00</Date>');
    assert.deepEqual(recogniseTask(entry({ xml: exported }), expected), { kind: 'ours' });
  });

  const changes: readonly { readonly what: string; readonly change: (xml: string) => string }[] = [
    { what: 'command', change: (xml) => xml.replace('certrebind.exe', 'evil.exe') },
    { what: 'arguments', change: (xml) => xml.replace('--record', '--config x --record') },
    { what: 'account', change: (xml) => xml.replace('S-1-5-18', 'S-1-5-32-545') },
    { what: 'run level', change: (xml) => xml.replace('HighestAvailable', 'LeastPrivilege') },
    { what: 'triggers', change: (xml) => xml.replace('EventID=1001', 'EventID=1006') },
    { what: 'triggers', change: (xml) => xml.replace('Event/System/EventRecordID', 'Event/UserData/X') },
    { what: 'setting multipleInstancesPolicy', change: (xml) => xml.replace('Queue', 'IgnoreNew') },
    {
      what: 'working directory',
      change: (xml) => xml.replace('</Exec>', '<WorkingDirectory>C:\\x</WorkingDirectory></Exec>'),
    },
    { what: 'actions', change: (xml) => xml.replace('</Actions>', '<Exec><Command>x</Command></Exec></Actions>') },
    { what: 'xml', change: (xml) => xml.slice(0, -3) },
  ];
  for (const { what, change } of changes) {
    it(`tells ours with another part apart: ${what}`, () => {
      const xml = rebindTask({ command });
      assert.notEqual(change(xml), xml);
      assert.deepEqual(recogniseTask(entry({ xml: change(xml) }), expected), { kind: 'ours-changed', differs: [what] });
    });
  }

  it('does not call a disabled task changed', () => {
    const xml = rebindTask({ command }).replace('<Enabled>true</Enabled><Hidden>', '<Enabled>false</Enabled><Hidden>');
    assert.equal(parseTask(xml).settings.enabled, false);
    assert.deepEqual(recogniseTask(entry({ xml }), expected), { kind: 'ours' });
  });

  const others: readonly { readonly who: string; readonly task: Partial<TaskEntry>; readonly kind: string }[] = [
    { who: 'the native task', task: { name: nativeTaskName, xml: nativeTask }, kind: 'native' },
    { who: 'the native task under another name', task: { path: '\\', name: 'x', xml: nativeTask }, kind: 'native' },
    { who: 'Windows Admin Center', task: { name: 'WindowsAdminCenter-AutoCertRebind' }, kind: 'third-party' },
    {
      who: 'win-acme',
      task: { path: '\\', name: 'win-acme renew (acme-v02.api.letsencrypt.org)' },
      kind: 'third-party',
    },
    { who: 'a notification task', task: { path: `${taskFolder}Notification\\`, name: 'x' }, kind: 'third-party' },
    { who: 'an own task on event 1001', task: { name: 'x', xml: rebindTask({ command: 'y' }) }, kind: 'third-party' },
    { who: 'one of a trigger', task: { name: 'CertRebind-Trigger-mail' }, kind: 'trigger' },
    { who: 'one that only begins like it', task: { name: 'CertRebind-Trigger-My Task' }, kind: 'other' },
    { who: "one of Windows' own", task: { name: 'SystemTask' }, kind: 'other' },
    { who: 'one that cannot be read', task: { name: 'x', xml: '' }, kind: 'other' },
  ];
  for (const { who, task, kind } of others) {
    it(`knows ${who} as ${kind}`, () => {
      const xml = '<Task><Actions><Exec><Command>x</Command></Exec></Actions></Task>';
      assert.equal(recogniseTask(entry({ xml, ...task }), expected).kind, kind);
    });
  }

  it('finds no difference between a task and itself', () => {
    fc.assert(
      fc.property(definitions(), (definition) => {
        assert.deepEqual(taskDifferences(definition, definition), []);
      }),
    );
  });
});

function entry(parts: Partial<TaskEntry>): TaskEntry {
  return {
    path: taskFolder,
    name: rebindTaskName,
    enabled: true,
    lastResult: null,
    lastRunAt: null,
    xml: '',
    ...parts,
  };
}

/** What the validator complains about; empty when the text is valid. */
function validate(xml: string): string {
  const schema = fileURLToPath(new URL('../../fixtures/task.xsd', import.meta.url));
  const { status, stderr, error } = spawnSync('xmllint', ['--noout', '--schema', schema, '-'], {
    input: xml,
    encoding: 'utf8',
  });
  if (error !== undefined) throw error;
  return status === 0 ? '' : stderr;
}

function definitions(): fc.Arbitrary<TaskDefinition> {
  const text = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .map((t) => `x${t.replace(/\p{Cc}|\p{Cs}/gu, '')}x`);
  const trigger = fc.record({
    kind: fc.constantFrom('EventTrigger', 'BootTrigger', 'TimeTrigger'),
    enabled: fc.boolean(),
    startBoundary: fc.option(fc.constant('2020-01-01T00:00:00')),
    endBoundary: fc.constant(null),
    interval: fc.option(fc.constantFrom('PT1H', 'P1D')),
    subscription: fc.option(text),
    delay: fc.option(fc.constant('PT1M')),
    valueQueries: fc.array(fc.record({ name: text, query: text }), { maxLength: 3 }),
  });
  const definition = fc.record({
    uri: fc.option(text),
    description: fc.option(text),
    user: fc.option(text),
    runLevel: fc.constantFrom('LeastPrivilege', 'HighestAvailable'),
    triggers: fc.array(trigger, { maxLength: 3 }),
    actions: fc.array(
      fc.record({
        kind: fc.constant('Exec'),
        command: text,
        arguments: fc.option(text),
        workingDirectory: fc.option(text),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    settings: fc.record({
      enabled: fc.boolean(),
      multipleInstancesPolicy: fc.constantFrom('Parallel', 'Queue', 'IgnoreNew', 'StopExisting'),
      disallowStartIfOnBatteries: fc.boolean(),
      stopIfGoingOnBatteries: fc.boolean(),
      allowHardTerminate: fc.boolean(),
      startWhenAvailable: fc.boolean(),
      runOnlyIfNetworkAvailable: fc.boolean(),
      runOnlyIfIdle: fc.boolean(),
      allowStartOnDemand: fc.boolean(),
      hidden: fc.boolean(),
      executionTimeLimit: fc.constantFrom('PT1H', 'PT0S'),
    }),
  });
  // fast-check's records have no prototype, which a strict comparison would call a difference.
  return definition.map((value) => structuredClone(value));
}
