import { fact, type Measurement } from '../measurement.ts';

export const measurement: Measurement = {
  safe: 'vm',
  seconds: 60,
  collect: ({ ask }) => ask('core/log'),
  rows: {
    'record-ids-restart': fact(
      'first record',
      'the number of the last record, and of the first one after the log was cleared',
      ([before, first]) => Number(first) > 0 && Number(first) <= Number(before),
      { so: ['40', '1'], not: ['40', '41'] },
    ),
  },
};
