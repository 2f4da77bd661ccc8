import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { foreignText } from '../../base/safe-text.ts';
import type { Endpoint } from '../../model/certificates/handshake.ts';
import { readBeforeTls } from '../read-before-tls.ts';

/** The request that begins a connection, and where it goes (fidelity: gateway-answer). */
export const gatewayMethod = 'RDG_OUT_DATA';
const gatewayUri = '/remoteDesktopGateway/';

/**
 * Asks Remote Desktop Gateway for a connection, over TLS, as far as the answer that a client has to log on. Nobody logs on.
 * @throws Error when something else answers, or says anything else
 */
export async function askGateway(stream: Duplex, { address, serverName }: Endpoint): Promise<void> {
  const told = readBeforeTls(stream, 'in its answer');
  const head = [
    `Host: ${serverName ?? address}`,
    'Accept: */*',
    'Cache-Control: no-cache',
    'Pragma: no-cache',
    'User-Agent: MS-RDGateway/1.0',
    `RDG-Connection-Id: {${randomUUID().toUpperCase()}}`,
    'Connection: Keep-Alive',
    'Content-Length: 0',
  ];
  stream.write(`${gatewayMethod} ${gatewayUri} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`);
  const answer = await told.line();
  if (!/^HTTP\/1\.1 401\b/.test(answer)) throw new Error(`Remote Desktop Gateway answers ${foreignText(answer)}`);
  for (let line = await told.line(); line !== ''; line = await told.line())
    if (/^WWW-Authenticate:\s*(?:Negotiate|NTLM)\b/i.test(line)) return;
  throw new Error('Remote Desktop Gateway asks for no log-on that it knows');
}
