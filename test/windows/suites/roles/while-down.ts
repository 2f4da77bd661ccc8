import { position, type Row } from '../measurement.ts';

/** @param role what a client asks @param closed why one is left without an answer */
export function whileDown(how: string, role: string, closed: string): Row {
  return position(
    'down',
    how,
    ([result, reason = '']) => (result === 'served' ? 'other' : (/ (404|503)\b/.exec(reason)?.[1] ?? 'reset')),
    {
      404: ['unreachable', `${role} answers HTTP/1.1 404 Not Found`],
      503: ['unreachable', `${role} answers HTTP/1.1 503 Service Unavailable`],
      reset: ['unreachable', closed],
      other: ['served', ''],
    },
  );
}
