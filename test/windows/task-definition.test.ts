import assert from 'node:assert/strict';
import { formatTask, parseTask, type TaskDefinition, taskDifferences } from '../../src/model/windows/task.ts';

const trigger = {
  kind: 'EventTrigger',
  enabled: true,
  startBoundary: '2026-01-01T00:00:00',
  endBoundary: '2027-01-01T00:00:00',
  interval: 'PT1H',
  subscription: '<QueryList/>',
  delay: 'PT5S',
  valueQueries: [
    { name: 'RecordId', query: 'Event/System/EventRecordID' },
    { name: 'Other', query: 'Event/<x>' },
  ],
};
const task: TaskDefinition = {
  uri: '\\Folder\\Name',
  description: 'Does this & that.',
  user: 'S-1-5-18',
  runLevel: 'HighestAvailable',
  triggers: [trigger, { ...trigger, kind: 'BootTrigger', enabled: false, interval: null, valueQueries: [] }],
  actions: [{ kind: 'Exec', command: 'C:\\x.exe', arguments: 'a b', workingDirectory: 'C:\\' }],
  settings: {
    enabled: false,
    multipleInstancesPolicy: 'Queue',
    disallowStartIfOnBatteries: false,
    stopIfGoingOnBatteries: false,
    allowHardTerminate: false,
    startWhenAvailable: true,
    runOnlyIfNetworkAvailable: true,
    runOnlyIfIdle: true,
    allowStartOnDemand: false,
    hidden: true,
    executionTimeLimit: 'PT0S',
  },
};
const bare = { ...task, uri: null, description: null, user: null, triggers: [], actions: [] };
const action = { kind: 'Exec', command: 'C:\\x.exe', arguments: null, workingDirectory: null };

function xml(inner: string, attributes = ''): string {
  return `<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task"${attributes}>${inner}</Task>`;
}

describe('the definition of a task', () => {
  it('is read as it was written, every part of it', () => {
    assert.deepEqual(parseTask(formatTask(task)), task);
    assert.doesNotMatch(formatTask(task), /Stryker|>\s*undefined/);
    const plain = { ...task, actions: [action] };
    assert.deepEqual(parseTask(formatTask(plain)), plain);
  });

  it('that leaves everything out has what Task Scheduler assumes', () => {
    assert.deepEqual(parseTask(xml('')), {
      ...bare,
      runLevel: 'LeastPrivilege',
      settings: {
        enabled: true,
        multipleInstancesPolicy: 'IgnoreNew',
        disallowStartIfOnBatteries: true,
        stopIfGoingOnBatteries: true,
        allowHardTerminate: true,
        startWhenAvailable: false,
        runOnlyIfNetworkAvailable: false,
        runOnlyIfIdle: false,
        allowStartOnDemand: true,
        hidden: false,
        executionTimeLimit: 'PT72H',
      },
    });
    assert.deepEqual(parseTask(xml('<Triggers><BootTrigger/></Triggers>')).triggers, [
      {
        kind: 'BootTrigger',
        enabled: true,
        startBoundary: null,
        endBoundary: null,
        interval: null,
        subscription: null,
        delay: null,
        valueQueries: [],
      },
    ]);
    const nameless = '<Triggers><EventTrigger><ValueQueries><Value>q</Value></ValueQueries></EventTrigger></Triggers>';
    assert.deepEqual(parseTask(xml(nameless)).triggers[0]?.valueQueries, [{ name: '', query: 'q' }]);
  });

  for (const [text, truth] of [
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
    ['yes', false],
  ] as const)
    it(`takes ${text} for ${truth}`, () =>
      assert.equal(parseTask(xml(`<Settings><Hidden>${text}</Hidden></Settings>`)).settings.hidden, truth));

  for (const [user, known] of [
    ['SYSTEM', 'S-1-5-18'],
    ['LocalSystem', 'S-1-5-18'],
    ['nt authority\\system', 'S-1-5-18'],
    ['S-1-5-18', 'S-1-5-18'],
    ['NT AUTHORITY\\SYSTEM2', 'NT AUTHORITY\\SYSTEM2'],
    ['X\\NT AUTHORITY\\SYSTEM', 'X\\NT AUTHORITY\\SYSTEM'],
    ['WEB01\\admin', 'WEB01\\admin'],
  ] as const)
    it(`has ${known} for the user ${user}`, () => {
      const principal = `<Principals><Principal id="Author"><UserId>${user}</UserId></Principal></Principals>`;
      assert.equal(parseTask(xml(principal)).user, known);
    });

  it('runs as the principal that its actions name, else as the first one, be it a group', () => {
    const principals =
      '<Principals><Principal id="A"><GroupId>S-1-5-32-544</GroupId></Principal><Principal id="B"><UserId>SYSTEM</UserId></Principal></Principals>';
    assert.equal(parseTask(xml(`${principals}<Actions Context="B"/>`)).user, 'S-1-5-18');
    assert.equal(parseTask(xml(`${principals}<Actions Context="C"/>`)).user, 'S-1-5-32-544');
    assert.equal(parseTask(xml(principals)).user, 'S-1-5-32-544');
  });

  it('is none of another document', () => {
    assert.throws(() => parseTask('<Other/>', 'task.xml'), {
      code: 'bad-input',
      message: 'task.xml is not the XML of a scheduled task.',
      where: 'task.xml',
    });
    assert.throws(() => parseTask('<Other/>'), { where: 'task' });
  });

  it('is refused beyond the limits of the schema, and with no program to start', () => {
    const queries = (count: number) => ({
      ...task,
      triggers: [
        { ...trigger, valueQueries: Array.from({ length: count }, (_, n) => ({ name: `n${n}`, query: 'q' })) },
      ],
    });
    assert.equal(parseTask(formatTask(queries(32))).triggers[0]?.valueQueries.length, 32);
    assert.throws(() => formatTask(queries(33)), {
      code: 'bad-input',
      message: 'The task has 33 value queries, and 32 are the most.',
      where: 'task',
    });
    for (const wrong of [{ kind: 'ComHandler' }, { command: null }, { command: '' }])
      assert.throws(() => formatTask({ ...task, actions: [{ ...action, ...wrong }] }), {
        message: 'The task starts no program.',
      });
    assert.throws(() => formatTask({ ...task, actions: [{ ...action, workingDirectory: 'x'.repeat(261) }] }), {
      message: 'The task names a path of 261 characters, and 260 are the most.',
    });
  });
});

describe('the differences between two tasks', () => {
  const differ = (actions: TaskDefinition['actions']) =>
    taskDifferences({ ...task, actions: [action] }, { ...task, actions });

  it('of their actions are named part by part, as long as there is one on each side', () => {
    assert.deepEqual(differ([action]), []);
    assert.deepEqual(differ([{ kind: 'ComHandler', command: 'y', arguments: 'z', workingDirectory: 'w' }]), [
      'kind of action',
      'command',
      'arguments',
      'working directory',
    ]);
    assert.deepEqual(differ([]), ['actions']);
    assert.deepEqual(differ([action, action]), ['actions']);
    assert.deepEqual(taskDifferences(bare, bare), []);
    assert.deepEqual(taskDifferences(bare, { ...bare, actions: [action] }), ['actions']);
    const two = { ...task, actions: [action, action] };
    assert.deepEqual(taskDifferences(two, two), []);
    assert.deepEqual(taskDifferences(two, { ...task, actions: [{ ...action, command: 'y' }, action] }), ['command']);
    assert.deepEqual(taskDifferences(two, { ...task, actions: [action, { ...action, command: 'y' }] }), ['actions']);
  });
});
