import type { Duplex } from 'node:stream';
import { readBeforeTls } from '../read-before-tls.ts';

/** TPKT and X.224 connection request with a negotiation request for TLS or CredSSP (fidelity: rdp-negotiation). */
const request = Buffer.from('030000130ee000000000000100080003000000', 'hex');

const connectionConfirm = 0xd0;
const negotiationResponse = 2;
const negotiationFailure = 3;

/** Why a server refuses (MS-RDPBCGR 2.2.1.2.2). */
const failures: Readonly<Record<number, string>> = {
  1: 'it requires TLS',
  2: 'it does not allow TLS',
  3: 'it has no usable certificate',
  4: 'it does not know the request',
  5: 'it requires network level authentication',
  6: 'it requires user authentication by TLS',
};

/**
 * Remote Desktop. TLS and CredSSP are asked for together, since a server with network level authentication refuses TLS
 * alone; the handshake is the same for both, and nothing is sent after it.
 * @throws Error when the server takes neither
 */
export async function askRdpForTls(socket: Duplex): Promise<void> {
  const told = readBeforeTls(socket);
  socket.write(request);
  const header = await told.bytes(4);
  if (header[0] !== 3) throw new Error('it does not speak Remote Desktop');
  const length = header.readUInt16BE(2) - header.length;
  if (length < 7 || length > 4096) throw new Error('it does not speak Remote Desktop');
  const answer = await told.bytes(length);
  if (answer[1] !== connectionConfirm) throw new Error('Remote Desktop refuses the connection');
  if (answer.length < 15) throw new Error('Remote Desktop has no TLS there');
  const selected = answer.readUInt32LE(11);
  if (answer[7] === negotiationFailure) {
    throw new Error(`Remote Desktop refuses TLS: ${failures[selected] ?? `code ${selected}`}`);
  }
  if (answer[7] !== negotiationResponse || selected === 0) throw new Error('Remote Desktop has no TLS there');
  // A server that refuses may say more behind it.
  told.end();
}
