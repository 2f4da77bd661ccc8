import { asBelieved, fact, type Measurement, otherwise, position } from '../measurement.ts';

const settings = [
  'MultipleInstancesPolicy Queue',
  'DisallowStartIfOnBatteries false',
  'StopIfGoingOnBatteries false',
  'StartWhenAvailable true',
  'ExecutionTimeLimit PT1H',
  'Command C:\\CertRebind-Rehearsal\\missing.exe',
  'Boundary 2099-01-01T00:00:00Z',
];

export const measurement: Measurement = {
  safe: 'mark',
  seconds: 120,
  collect: ({ ask }) => ask('core/tasks'),
  rows: {
    'task-xml-encoding': fact(
      'declarations',
      'Register-ScheduledTask -Xml without a declaration, with UTF-16 and with UTF-8',
      ([without, utf16, utf8 = 'done']) => without === 'done' && utf16 === 'done' && utf8 !== 'done',
      { so: ['done', 'done', '0x8004131A x: The task XML is malformed.'], not: ['done', 'done', 'done'] },
    ),
    'task-schema': fact(
      'export',
      'a task as it was written, and as it is exported',
      (said) => settings.every((setting) => said.includes(setting)),
      {
        so: settings,
        not: settings.slice(1),
      },
    ),
    'task-batteries': fact(
      'export',
      'the settings about batteries of a task that sets them off, as exported',
      (said) => settings.slice(1, 3).every((setting) => said.includes(setting)),
      { so: settings, not: ['DisallowStartIfOnBatteries true', 'StopIfGoingOnBatteries true'] },
    ),
    'task-boundary-utc': fact(
      'next run',
      'the next run of a task whose boundary ends in Z, in UTC',
      ([next]) => next === '2099-01-01T00:00:00',
      { so: ['2099-01-01T00:00:00'], not: ['2098-12-31T23:00:00'] },
    ),
    'task-results': {
      how: 'LastTaskResult of a task that never ran, and of one whose program there is not',
      from: ['never run', 'missing program'],
      decide: (said) =>
        said('never run')[0] === '267011' && said('missing program')[0] === '2147942402' ? asBelieved : otherwise,
      examples: {
        [asBelieved]: { 'never run': ['267011'], 'missing program': ['2147942402'] },
        [otherwise]: { 'never run': ['267011'], 'missing program': ['1'] },
      },
    },
    'task-starts': position(
      'start',
      'LastTaskResult of a task that was told to start, once it no longer says that it waits; after how many seconds, and whether it was queued',
      ([result, seconds, isQueued]) => {
        if (result === '267045') return 'queued';
        if (result === '267011') return 'never';
        if (!/^\d+$/.test(result ?? '') || !/^\d+$/.test(seconds ?? '')) return 'other';
        return isQueued === 'False' && Number(seconds) < 5 ? 'at-once' : 'late';
      },
      {
        'at-once': ['0', '1', 'False'],
        late: ['0', '2', 'True'],
        queued: ['267045', '60', 'True'],
        never: ['267011', '60', 'False'],
        other: ['0'],
      },
    ),
  },
};
