import { fact, type Measurement } from '../measurement.ts';

export const measurement: Measurement = {
  safe: 'vm',
  seconds: 180,
  collect: ({ ask, waits }) => ask('core/machine', [process.execPath, waits ? '60' : '1']),
  rows: {
    'service-key': fact(
      'files of a service',
      'a service of LocalService with a SID of its own: whether it ran, read the file that NT SERVICE\\<name> may read, and another; SQL Server itself was not asked',
      (said) => said.join() === 'True,True,False',
      { so: ['True', 'True', 'False'], not: ['True', 'False', 'False'] },
    ),
    'raw-value-queries': fact(
      'values of an event',
      'a task of an event whose text holds quotes and $(Id): its arguments, one a line, and its working directory',
      (said) => said.join() === 'one,two $(Id),\\999',
      { so: ['one', 'two $(Id)', '\\999'], not: ['one" "two $(Id)', '\\999'] },
    ),
  },
};
