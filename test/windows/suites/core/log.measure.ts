import { type Measurement, position } from '../measurement.ts';

export const measurement: Measurement = {
  safe: 'vm',
  seconds: 60,
  collect: ({ ask }) => ask('core/log'),
  rows: {
    'record-ids-restart': position(
      'first record',
      'the number of the last record, and of the first one after the log was cleared',
      ([before, first]) => {
        if (!(Number(first) > 0) || !(Number(before) > 0)) return 'other';
        return Number(first) > Number(before) ? 'go-on' : 'start-again';
      },
      { 'go-on': ['40', '41'], 'start-again': ['40', '1'], other: ['40', ''] },
    ),
  },
};
