import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { foreignText } from '../../base/safe-text.ts';
import type { Endpoint } from '../../model/certificates/handshake.ts';
import { readBeforeTls } from '../read-before-tls.ts';

/** The request that begins a tunnel (MS-SSTP 3.2.4.1); its body never comes. */
export const sstpMethod = 'SSTP_DUPLEX_POST';
export const sstpUri = '/sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/';
/** The length of a body without an end, on both sides. */
export const sstpLength = '18446744073709551615';

/**
 * Asks SSTP for a tunnel, over TLS. The answer says that it listens; it says nothing of the hash that clients have to send after it.
 * @throws Error when it does not
 */
export async function askSstp(stream: Duplex, { address, serverName }: Endpoint): Promise<void> {
  const told = readBeforeTls(stream, 'in its answer');
  const head = [
    `Host: ${serverName ?? address}`,
    `SSTPCORRELATIONID: {${randomUUID().toUpperCase()}}`,
    `Content-Length: ${sstpLength}`,
  ];
  stream.write(`${sstpMethod} ${sstpUri} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`);
  const answer = await told.line();
  if (!/^HTTP\/1\.1 200\b/.test(answer)) throw new Error(`SSTP answers ${foreignText(answer)}`);
}
