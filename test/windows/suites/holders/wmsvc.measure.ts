import type { Measurement } from '../measurement.ts';

export const measurement: Measurement = {
  safe: 'vm',
  seconds: 120,
  collect: ({ ask }) => ask('holders/wmsvc'),
  rows: {
    'wmsvc-value': {
      how: 'SslCertificateHash set alone, the service restarted, the certificate binding at port 8172 before and after',
      from: ['record after a start'],
      decide: (said) =>
        ({ stays: 'shown-only', follows: 'written-at-start' })[said('record after a start')[0] ?? ''] ?? 'other',
      examples: {
        'shown-only': { 'record after a start': ['stays'] },
        'written-at-start': { 'record after a start': ['follows'] },
        other: { 'record after a start': ['another'] },
      },
    },
  },
};
