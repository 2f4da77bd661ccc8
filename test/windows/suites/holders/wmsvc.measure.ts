import { type Measurement, oneOf } from '../measurement.ts';

export const measurement: Measurement = {
  safe: 'vm',
  seconds: 120,
  collect: ({ ask }) => ask('holders/wmsvc'),
  rows: {
    'wmsvc-value': oneOf(
      'record after a start',
      'SslCertificateHash set alone, the service restarted, the certificate binding at port 8172 before and after',
      { stays: 'shown-only', follows: 'written-at-start' },
    ),
  },
};
