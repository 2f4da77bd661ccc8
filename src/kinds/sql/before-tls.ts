import { Duplex } from 'node:stream';
import { readBeforeTls } from '../read-before-tls.ts';

/** PRELOGIN that names a version and asks for encryption (MS-TDS 2.2.6.5). */
const prelogin = Buffer.from('1201001a0000000000000b00060100110001ff00000000000001', 'hex');

const responseType = 0x04;
const preloginType = 0x12;
const encryptionOption = 1;
const lastOption = 0xff;
const notSupported = 2;
const headerBytes = 8;
const mostBytes = 4096;

/** What a server that takes nothing but TLS from the first byte is asked for by ALPN (TDS 8). */
export const strictProtocol = 'tds/8.0';

/**
 * SQL Server (TDS 7): the handshake travels inside its packets. Nothing of a login is sent.
 * @throws Error when the server does not take TLS in this way
 */
export async function askSqlForTls(socket: Duplex): Promise<void> {
  const told = readBeforeTls(socket);
  socket.write(prelogin);
  const header = await told.bytes(headerBytes);
  const length = header.readUInt16BE(2) - headerBytes;
  if (header[0] !== responseType || length < 1 || length > mostBytes) throw new Error('it does not speak TDS');
  const options = await told.bytes(length);
  told.end();
  const encryption = encryptionIn(options);
  if (encryption === null) throw new Error('it does not speak TDS');
  if (encryption === notSupported) throw new Error('SQL Server has no TLS there');
}

/** What the options of a PRELOGIN say of encryption; `null` if they cannot be read. */
export function encryptionIn(options: Buffer): number | null {
  for (let at = 0; at + 5 <= options.length && options[at] !== lastOption; at += 5) {
    const value = options.readUInt16BE(at + 1);
    if (options[at] === encryptionOption) return options[value] ?? null;
  }
  return null;
}

/** TLS of TDS 7 over a connection: in packets, until the handshake is over. */
export function inTds(socket: Duplex): { readonly stream: Duplex; leavePackets(): void } {
  let isPacked = true;
  let seen = Buffer.alloc(0);
  const stream = new Duplex({
    read() {
      socket.resume();
    },
    write(bytes: Buffer, _encoding, done) {
      socket.write(isPacked ? packets(bytes) : bytes, done);
    },
    final(done) {
      socket.end(done);
    },
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (bytes: Buffer) => {
    seen = Buffer.concat([seen, bytes]);
    for (;;) {
      if (seen.length === 0) return;
      if (seen[0] !== preloginType && seen[0] !== responseType) {
        stream.push(seen);
        seen = Buffer.alloc(0);
        return;
      }
      const length = seen.length < headerBytes ? headerBytes : Math.max(seen.readUInt16BE(2), headerBytes);
      if (seen.length < length) return;
      stream.push(seen.subarray(headerBytes, length));
      seen = seen.subarray(length);
    }
  });
  socket.once('end', () => stream.push(null)).once('close', () => stream.destroy());
  return {
    stream,
    leavePackets() {
      isPacked = false;
    },
  };
}

/** One packet of each type may hold so much. */
export function packets(bytes: Buffer, type = preloginType): Buffer {
  const all: Buffer[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += mostBytes - headerBytes) {
    const body = bytes.subarray(at, at + mostBytes - headerBytes);
    const header = Buffer.alloc(headerBytes);
    header[0] = type;
    header[1] = at + body.length >= bytes.length ? 1 : 0;
    header.writeUInt16BE(headerBytes + body.length, 2);
    all.push(header, body);
  }
  return Buffer.concat(all);
}
