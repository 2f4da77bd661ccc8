import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type SecureContext, TLSSocket } from 'node:tls';
import { inTds, packets } from '../../kinds/sql/before-tls.ts';

const responseType = 0x04;
const preloginType = 0x12;
const loginType = 0x10;
const headerBytes = 8;
const encryptionRequired = 3;
/** TDS 8 does not negotiate. */
const encryptionStrict = 2;

/** Resolves with the first whole packet of a client, a PRELOGIN, and stops reading. */
export function untilPrelogin(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    let seen = Buffer.alloc(0);
    socket.on('data', onData).once('close', () => reject(new Error('the client went away')));

    function onData(bytes: Buffer): void {
      seen = Buffer.concat([seen, bytes]);
      if (seen[0] !== preloginType) {
        reject(new Error('it does not speak TDS'));
        return;
      }
      if (seen.length < headerBytes || seen.length < seen.readUInt16BE(2)) return;
      socket.off('data', onData).pause();
      resolve();
    }
  });
}

/** Answers that it encrypts, and takes the handshake inside packets; nobody can log in after it. */
export function secureInPackets(socket: Socket, secureContext: SecureContext): void {
  socket.write(preloginAnswer(encryptionRequired));
  const { stream, leavePackets } = inTds(socket);
  const secured = new TLSSocket(stream as Socket, { isServer: true, secureContext });
  secured.on('error', () => socket.destroy());
  // Its own last message of the handshake still travels in a packet.
  secured.once('secure', () => setImmediate(leavePackets));
  refuseLogin(secured, false);
}

/** TDS inside TLS, as far as a client that only looks needs it: the version again where it asks, and error 18456. */
export function refuseLogin(stream: Duplex, isStrict: boolean): void {
  let seen = Buffer.alloc(0);
  stream.on('data', (bytes: Buffer) => {
    seen = Buffer.concat([seen, bytes]);
    while (seen.length >= headerBytes && seen.length >= seen.readUInt16BE(2)) {
      const type = seen[0];
      seen = seen.subarray(Math.max(seen.readUInt16BE(2), headerBytes));
      if (type === preloginType) stream.write(preloginAnswer(isStrict ? encryptionStrict : encryptionRequired));
      else if (type === loginType) stream.end(loginFailed());
    }
  });
}

/** Version 16, and what is encrypted (MS-TDS 2.2.6.5). */
function preloginAnswer(encryption: number): Buffer {
  const options = [0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff];
  return packets(Buffer.from([...options, 16, 0, 0x10, 0x7d, 0, 0, encryption]), responseType);
}

/** Tokens ERROR and DONE (MS-TDS 2.2.7.10, 2.2.7.6). */
function loginFailed(): Buffer {
  const [message, server] = [text("Login failed for user 'lab'."), text('LAB')];
  const head = Buffer.alloc(8);
  head.writeUInt32LE(18456);
  head[4] = 1;
  head[5] = 14;
  head.writeUInt16LE(message.length / 2, 6);
  const line = Buffer.from([1, 0, 0, 0]);
  const body = Buffer.concat([
    head.subarray(0, 8),
    message,
    Buffer.from([server.length / 2]),
    server,
    Buffer.from([0]),
    line,
  ]);
  const token = Buffer.from([0xaa, 0, 0]);
  token.writeUInt16LE(body.length, 1);
  return packets(Buffer.concat([token, body, Buffer.from([0xfd, 2, 0, 0, 0]), Buffer.alloc(8)]), responseType);
}

function text(written: string): Buffer {
  return Buffer.from(written, 'utf16le');
}
