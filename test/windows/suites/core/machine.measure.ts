import { exactly, fact, type Measurement } from '../measurement.ts';

export const measurement: Measurement = {
  safe: 'vm',
  // A start of what is no service is waited for two minutes in hosted images.
  seconds: 420,
  collect: ({ ask, waits }) => ask('core/machine', [process.execPath, waits ? '60' : '1']),
  rows: {
    'service-key': exactly(
      'files of a service',
      'a service of LocalService with a SID of its own: whether it ran, read the file that NT SERVICE\\<name> may read, and another; SQL Server itself was not asked',
      ['True', 'True', 'False'],
      ['True', 'False', 'False'],
    ),
    'service-restart': fact(
      'service with dependents',
      'Stop of WAS: its dependents that run, how the call ended, and what became of them',
      ([dependents = '', ended = '', ...states]) =>
        dependents.split(' ').includes('W3SVC') &&
        (ended.startsWith('0x') || (ended === 'done' && states.every((state) => state === 'Stopped'))),
      { so: ['W3SVC', 'done', 'Stopped'], not: ['W3SVC', 'done', 'Running'] },
    ),
    'raw-value-queries': fact(
      'values of an event',
      'a task of an event whose text holds quotes and $(Id): its arguments, one a line, and its working directory',
      (said) => said.join() === 'one,two $(Id),\\999',
      { so: ['one', 'two $(Id)', '\\999'], not: ['one" "two $(Id)', '\\999'] },
    ),
  },
};
