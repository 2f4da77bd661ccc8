import assert from 'node:assert/strict';
import { escapeXml } from '../../../src/base/xml-text.ts';
import type { Applied } from '../../../src/lab/kernel/answers.ts';
import { applyRequest } from '../../../src/lab/kernel/apply-request.ts';
import type { LabState, TaskStart } from '../../../src/lab/kernel/lab-state.ts';
import type { LabRequest, WriteEvent } from '../../../src/lab/kernel/requests.ts';
import type { Switches } from '../../../src/lab/kernel/switches.ts';
import { labState } from '../../builders/lab.ts';
import { replacementEvent } from '../../builders/replacement-event.ts';
import { now } from '../../builders/snapshot.ts';
import { each } from '../../support/each.ts';
import { apply, resultOf } from './requests.ts';

const folder = '\\Microsoft\\Windows\\CertificateServicesClient\\';
const log = 'Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational';

interface TaskParts {
  readonly triggers?: string;
  readonly settings?: string;
  readonly exec?: string;
}

const eventTrigger = (query = '*[System[EventID=1001]]', more = '') =>
  `<EventTrigger><Enabled>true</Enabled><Subscription>${escapeXml(
    `<QueryList><Query Id='0'><Select Path='${log}'>${query}</Select></Query></QueryList>`,
  )}</Subscription>${more}<ValueQueries><Value name="RecordId">Event/System/EventRecordID</Value><Value name="Missing">Event/Nothing</Value><Value name="Action">Event/UserData/CertNotificationData/Action</Value></ValueQueries></EventTrigger>`;

function taskXml({ triggers = eventTrigger(), settings = '', exec = '' }: TaskParts = {}): string {
  return `<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <Triggers>${triggers}</Triggers>
  <Principals><Principal id="System"><UserId>S-1-5-18</UserId></Principal></Principals>
  <Settings>${settings || '<MultipleInstancesPolicy>Queue</MultipleInstancesPolicy><ExecutionTimeLimit>PT1H</ExecutionTimeLimit>'}</Settings>
  <Actions Context="System"><Exec><Command>C:\\$(RecordId)\\run.exe</Command>${
    exec || '<Arguments>on-event --record $(RecordId)</Arguments>'
  }</Exec></Actions>
</Task>`;
}

const register = (parts?: TaskParts, name = 'CertRebind'): LabRequest => ({
  kind: 'register-task',
  path: folder,
  name,
  xml: taskXml(parts),
  force: false,
});
const replaced: WriteEvent = replacementEvent(null, null);
const finished = (instance: number, exitCode = 0): LabRequest => ({
  kind: 'task-finished',
  path: folder,
  name: 'CertRebind',
  instance,
  exitCode,
});

const lab = labState();
const withTask = (parts?: TaskParts, state = lab.build()) => apply(state, register(parts)).state;
const argumentsOf = ({ started }: Applied) => started.map((start) => start.arguments);

/** All starts, in order. */
function startsOf(state: LabState, ...requests: readonly LabRequest[]): { state: LabState; starts: TaskStart[] } {
  const starts: TaskStart[] = [];
  let current = state;
  for (const request of requests) {
    const applied = applyRequest(current, request, now);
    current = applied.state;
    starts.push(...applied.started);
  }
  return { state: current, starts };
}

describe('scheduler', () => {
  it('starts a task for its event, with the record number where the arguments ask for it', () => {
    const { started, state } = apply(withTask(), replaced);
    assert.deepEqual(started, [
      {
        path: folder,
        name: 'CertRebind',
        instance: 1,
        command: 'C:\\$(RecordId)\\run.exe',
        arguments: 'on-event --record 1',
        workingDirectory: null,
        user: 'S-1-5-18',
        timeLimitMs: 3_600_000,
        delayMs: 0,
      },
    ]);
    assert.equal(state.tasks[0]?.lastResult, 0x41301);
    assert.deepEqual(argumentsOf(apply(withTask(), { ...replaced, eventId: 1006 })), []);
  });

  it('pastes the text of an event raw, so that it can become further arguments', () => {
    const state = withTask({ exec: '<Arguments>run $(Action) $(Unknown)</Arguments>' });
    assert.deepEqual(argumentsOf(apply(state, { ...replaced, action: 'x" --evil $(RecordId)' })), [
      'run x" --evil $(RecordId) $(Unknown)',
    ]);
  });

  for (const [position, expected] of [
    ['literal', 'run [$(Missing)]'],
    ['empty', 'run []'],
  ] as const) {
    it(`missing-value ${position}: ${expected}, also when started by hand`, () => {
      const state = withTask(
        { exec: '<Arguments>run [$(Missing)]</Arguments>' },
        lab.switched('missing-value', position).build(),
      );
      assert.deepEqual(argumentsOf(apply(state, replaced)), [expected]);
      assert.deepEqual(argumentsOf(apply(state, { kind: 'run-task', path: folder, name: 'certrebind' })), [expected]);
    });
  }

  it('without its service nothing is started, changed or told, and the service goes on where it was', () => {
    const stopped = apply(withTask(), { kind: 'set-switch', name: 'schedule-service', position: 'stopped' }).state;
    for (const request of [replaced, { kind: 'boot' }, { kind: 'tick' }] as const)
      assert.deepEqual(apply(stopped, request).started, [], request.kind);
    for (const request of [register(), byHand, { kind: 'stop-task', path: folder, name: 'CertRebind' } as const]) {
      const { state, reply } = apply(stopped, request);
      assert.deepEqual(reply.result, {
        kind: 'failed',
        hresult: 0x80041315,
        message: 'The Task Scheduler service is not running. (Exception from HRESULT: 0x80041315)',
      });
      assert.deepEqual(state.tasks, stopped.tasks);
    }
    const runs = apply(stopped, { kind: 'set-switch', name: 'schedule-service', position: 'runs' }).state;
    assert.equal(apply(runs, replaced).started.length, 1);
  });

  const byHand: LabRequest = { kind: 'run-task', path: folder, name: 'CertRebind' };
  const startTable: readonly (readonly [Switches['task-starts'], number, number | null, number])[] = [
    ['at-once', 1, 0, 0x41301],
    ['late', 1, 2000, 0x41325],
    ['queued', 0, null, 0x41325],
    ['never', 0, null, 0x41303],
  ];
  for (const [position, count, delayMs, result] of startTable) {
    for (const [by, request] of [
      ['an event', replaced],
      ['hand', byHand],
    ] as const) {
      it(`task-starts ${position}: a start by ${by} leaves the result 0x${result.toString(16)}`, () => {
        const { state, started, reply } = apply(withTask({}, lab.switched('task-starts', position).build()), request);
        assert.notEqual(reply.result.kind, 'failed');
        assert.equal(started.length, count);
        assert.equal(started[0]?.delayMs ?? null, delayMs);
        assert.equal(state.tasks[0]?.lastResult, result);
        assert.equal(state.tasks[0]?.lastRunAt === null, count === 0);
      });
    }
  }

  it('stops what runs of a task, forgets its queue, and knows the end of neither', () => {
    const { state } = startsOf(withTask(), replaced, replaced);
    const stopped = apply(state, { kind: 'stop-task', path: folder, name: 'CertRebind' }).state;
    const [task] = stopped.tasks;
    assert.deepEqual([task?.running, task?.queued, task?.lastResult], [[], [], 0x41306]);
    assert.deepEqual(apply(stopped, finished(1)).state.tasks, stopped.tasks);
  });

  it('stops what does not run without a change, and refuses to stop what is not there', () => {
    const state = withTask();
    assert.deepEqual(apply(state, { kind: 'stop-task', path: folder, name: 'CertRebind' }).state.tasks, state.tasks);
    const { reply } = applyRequest(state, { kind: 'stop-task', path: folder, name: 'Other' }, now);
    assert.equal(reply.result.kind, 'failed');
  });

  const queues: readonly (readonly [Partial<Switches>, readonly string[]])[] = [
    [{ 'queued-values': 'own', 'task-queue': 'keeps-all' }, ['1', '2', '3']],
    [{ 'queued-values': 'latest', 'task-queue': 'keeps-all' }, ['1', '3', '3']],
    [{ 'queued-values': 'own', 'task-queue': 'keeps-one' }, ['1', '3']],
    [{ 'queued-values': 'latest', 'task-queue': 'keeps-one' }, ['1', '3']],
  ];
  for (const [switches, expected] of queues) {
    it(`Queue with ${Object.values(switches).join(', ')}: records ${expected.join(' ')}`, () => {
      const built = lab.build();
      const state = withTask({}, { ...built, switches: { ...built.switches, ...switches } });
      const { state: after, starts } = startsOf(
        state,
        replaced,
        replaced,
        replaced,
        finished(1),
        finished(2),
        finished(3),
      );
      assert.deepEqual(
        each(starts, 'arguments'),
        expected.map((record) => `on-event --record ${record}`),
      );
      assert.deepEqual([after.tasks[0]?.running, after.tasks[0]?.queued], [[], []]);
    });
  }

  it('never runs two instances at once under Queue', () => {
    const { starts } = startsOf(withTask(), replaced, replaced, replaced);
    assert.equal(starts.length, 1);
  });

  it('drops what comes meanwhile under IgnoreNew, and starts it beside under Parallel', () => {
    const policy = (name: string) => `<MultipleInstancesPolicy>${name}</MultipleInstancesPolicy>`;
    const count = (name: string) =>
      startsOf(withTask({ settings: policy(name) }), replaced, replaced, finished(1), finished(2)).starts.length;
    assert.deepEqual([count('IgnoreNew'), count('Parallel')], [1, 2]);
  });

  it('waits as long as the delay of a trigger says', () => {
    const state = withTask({ triggers: eventTrigger(undefined, '<Delay>PT1M</Delay>') });
    assert.equal(apply(state, replaced).started[0]?.delayMs, 60_000);
  });

  it('starts nothing that is disabled, by the task, its XML, its trigger, or a log that is off', () => {
    const off: LabRequest = { kind: 'set-task-enabled', path: folder, name: 'CertRebind', enabled: false };
    assert.deepEqual(apply(withTask(), off, replaced).started, []);
    assert.deepEqual(apply(withTask({ settings: '<Enabled>false</Enabled>' }), replaced).started, []);
    assert.deepEqual(apply(withTask(), { kind: 'enable-log', enabled: false }, replaced).started, []);
    const trigger = eventTrigger().replace('<Enabled>true', '<Enabled>false');
    assert.deepEqual(apply(withTask({ triggers: trigger }), replaced).started, []);
  });

  it('starts at boot, and again at every repetition that falls due, once however late it is looked', () => {
    const triggers = '<BootTrigger><Repetition><Interval>PT1H</Interval></Repetition><Delay>PT5M</Delay></BootTrigger>';
    let { state, started } = applyRequest(withTask({ triggers }), { kind: 'boot' }, '2026-06-01T12:00:00Z');
    assert.deepEqual(each(started, 'delayMs'), [300_000]);
    const ticks: readonly (readonly [string, number])[] = [
      ['2026-06-01T12:30:00Z', 0],
      ['2026-06-01T13:00:00Z', 1],
      ['2026-06-01T13:30:00Z', 0],
      ['2026-06-01T17:59:00Z', 1],
    ];
    for (const [at, expected] of ticks) {
      for (const { instance } of state.tasks[0]?.running ?? []) state = apply(state, finished(instance)).state;
      ({ state, started } = applyRequest(state, { kind: 'tick' }, at));
      assert.equal(started.length, expected, at);
    }
  });

  for (const [settings, started] of [
    ['<StartWhenAvailable>true</StartWhenAvailable>', 1],
    ['', 0],
  ] as const)
    it(`makes up for a start that it missed while it was off ${started} times${settings === '' ? ' unless the task says so' : ''}`, () => {
      const triggers = '<TimeTrigger><StartBoundary>2026-06-01T12:10:00Z</StartBoundary></TimeTrigger>';
      const seen = applyRequest(withTask({ triggers, settings }), { kind: 'tick' }, '2026-06-01T12:09:00Z');
      const booted = applyRequest(seen.state, { kind: 'boot' }, '2026-06-02T08:00:00Z');
      assert.equal(booted.started.length, started);
      const again = applyRequest(booted.state, { kind: 'boot' }, '2026-06-03T08:00:00Z');
      assert.equal(again.started.length, 0);
    });

  it('starts once at the moment of a time trigger', () => {
    const triggers = '<TimeTrigger><StartBoundary>2026-06-01T12:10:00</StartBoundary></TimeTrigger>';
    const early = applyRequest(withTask({ triggers }), { kind: 'tick' }, '2026-06-01T12:09:59Z');
    const due = applyRequest(early.state, { kind: 'tick' }, '2026-06-01T12:10:00Z');
    const later = applyRequest(due.state, { kind: 'tick' }, '2026-06-01T13:10:00Z');
    assert.deepEqual(
      [early, due, later].map(({ started }) => started.length),
      [0, 1, 0],
    );
  });

  const refused: readonly (readonly [string, string, number])[] = [
    ['XML that is none', '<Task>', 0x8004131a],
    ['a declared encoding other than UTF-16', `<?xml version="1.0" encoding="UTF-8"?>${taskXml()}`, 0x8004131a],
    [
      'a query the log would not understand',
      taskXml({ triggers: eventTrigger("*[contains(System,'x')]") }),
      0x80041318,
    ],
    ['a trigger that is not modelled', taskXml({ triggers: '<LogonTrigger/>' }), 0x80041318],
    [
      'a policy that is not modelled',
      taskXml({ settings: '<MultipleInstancesPolicy>StopExisting</MultipleInstancesPolicy>' }),
      0x80041318,
    ],
    ['two actions', taskXml().replace('<Exec>', '<Exec><Command>a</Command></Exec><Exec>'), 0x80041318],
  ];
  for (const [situation, xml, hresult] of refused) {
    it(`refuses ${situation}`, () => {
      const { state, reply } = apply(lab.build(), { kind: 'register-task', path: folder, name: 'X', xml, force: true });
      assert.equal(reply.result.kind === 'failed' && reply.result.hresult, hresult);
      assert.deepEqual(state.tasks, []);
    });
  }

  it('takes a declaration of UTF-16', () => {
    const xml = `<?xml version="1.0" encoding="UTF-16"?>${taskXml()}`;
    assert.equal(
      resultOf(lab.build(), { kind: 'register-task', path: folder, name: 'X', xml, force: false }).kind,
      'done',
    );
  });

  it('takes no name twice, unless with -Force', () => {
    const state = withTask();
    const result = resultOf(state, register());
    const said = 'Cannot create a file when that file already exists. (Exception from HRESULT: 0x800700B7)';
    assert.equal(result.kind === 'failed' && result.message, said);
    assert.equal(
      resultOf(state, { kind: 'register-task', path: folder, name: 'CertRebind', xml: taskXml(), force: true }).kind,
      'done',
    );
  });

  it('lets a task be unregistered while it runs', () => {
    const { state } = apply(withTask(), replaced, { kind: 'unregister-task', path: folder, name: 'CertRebind' });
    assert.deepEqual(state.tasks, []);
    assert.deepEqual(apply(state, finished(1)).state.tasks, []);
  });
});
