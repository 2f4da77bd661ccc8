import type { TLSSocket } from 'node:tls';
import { gatewayMethod } from '../../kinds/rd-gateway/in-tls.ts';
import { sstpLength, sstpMethod } from '../../kinds/sstp/in-tls.ts';
import type { InTls } from '../../model/certificates/handshake.ts';
import type { Welcome } from './welcome.ts';

/** What a client speaks that begins with these bytes; `null` for a browser. */
export function askedIn(first: Buffer): InTls | null {
  const [method] = first.toString('latin1').split(' ', 1);
  if (method === sstpMethod) return 'sstp';
  return method === gatewayMethod || method === 'RDG_IN_DATA' ? 'rdg' : null;
}

/** A protocol inside TLS, as far as a client that only looks needs it. */
export function answerInTls(stream: TLSSocket, service: InTls, first: Buffer, welcome: Welcome): void {
  if (welcome.do === 'hang') return;
  if (welcome.do === 'refuse' && welcome.status === undefined) {
    stream.destroy();
    return;
  }
  if (welcome.do === 'refuse') {
    stream.end(`HTTP/1.1 ${welcome.status} Refused\r\nContent-Length: 0\r\n\r\n`);
    return;
  }
  if (service === 'sstp') answerSstp(stream, first);
  else stream.write(logOn);
}

/** Whoever goes on with a name and a password is asked for them again. */
const logOn = `HTTP/1.1 401 Unauthorized\r\n${['Negotiate', 'NTLM'].map((scheme) => `WWW-Authenticate: ${scheme}\r\n`).join('')}Server: Microsoft-HTTPAPI/2.0\r\nContent-Length: 0\r\n\r\n`;

/** The answer to the request for a tunnel, and to the first message after it. */
function answerSstp(stream: TLSSocket, first: Buffer): void {
  let seen = first;
  let isOpen = false;
  const onData = (bytes: Buffer) => {
    seen = Buffer.concat([seen, bytes]);
    const head = seen.indexOf('\r\n\r\n');
    if (!isOpen && head >= 0) {
      isOpen = true;
      seen = seen.subarray(head + 4);
      stream.write(`HTTP/1.1 200 OK\r\nContent-Length: ${sstpLength}\r\nServer: Microsoft-HTTPAPI/2.0\r\n\r\n`);
    }
    if (!isOpen || !seen.subarray(0, connectRequest.length).equals(connectRequest)) return;
    seen = seen.subarray(connectRequest.length);
    stream.write(connectAcknowledged);
  };
  stream.on('data', onData);
  onData(Buffer.alloc(0));
}

/** SSTP_MSG_CALL_CONNECT_REQUEST for PPP (MS-SSTP 2.2.9). */
const connectRequest = Buffer.from('1001000e00010001000100060001', 'hex');
/** SSTP_MSG_CALL_CONNECT_ACK: the hash of the certificate is asked for as SHA-256, with a nonce (MS-SSTP 2.2.10). */
const connectAcknowledged = Buffer.from(`10010030000200010004002800000002${'07'.repeat(32)}`, 'hex');
