// Stands between a dialler and a server, and keeps what the dialler says.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** @returns { port, last, close }; `last()` resolves with the bytes of the newest connection when that has ended */
export async function recordingRelay(port) {
  let newest = null;
  const server = createServer((client) => {
    const said = [];
    const behind = connect({ host: '127.0.0.1', port });
    newest = new Promise((resolve) => client.once('close', () => resolve(Buffer.concat(said))));
    client.on('data', (bytes) => said.push(bytes)).on('error', () => client.destroy());
    client.once('close', () => behind.destroy()).pipe(behind);
    behind.on('error', () => client.destroy()).pipe(client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: server.address().port, last: () => newest, close: () => server.close() };
}

const APPLICATION_DATA = 23;
/** In TLS 1.3 the end of a handshake is a record of this kind too; it holds a hash, and nothing else fits. */
const LONGEST_END_OF_HANDSHAKE = 96;

/** @returns whether these bytes of a client are records of a handshake and nothing after it */
export function isHandshakeAlone(bytes) {
  const encrypted = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at + 1] !== 3) return false;
    const length = bytes.readUInt16BE(at + 3);
    if (bytes[at] === APPLICATION_DATA) encrypted.push(length);
    at += 5 + length;
  }
  return encrypted.length <= 1 && encrypted.every((length) => length <= LONGEST_END_OF_HANDSHAKE);
}
