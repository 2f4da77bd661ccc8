import type { Duplex } from 'node:stream';
import { type BeforeTls, readBeforeTls } from '../read-before-tls.ts';

/** The extended request for TLS with number 1 (RFC 4511, 4.14): no name of a user, no password. */
const request = Buffer.concat([Buffer.from('301d02010177188016', 'hex'), Buffer.from('1.3.6.1.4.1.1466.20037')]);

const sequence = 0x30;
const integer = 0x02;
const enumerated = 0x0a;
const extendedResponse = 0x78;
const mostBytes = 4096;

/** Result codes that servers answer with (RFC 4511, 4.1.9). */
const results: Readonly<Record<number, string>> = {
  1: 'operations error',
  2: 'protocol error: it does not know the request',
  52: 'unavailable: it has no usable certificate',
  53: 'unwilling to perform',
};

/**
 * LDAP with StartTLS.
 * @throws Error with the result when the server takes no TLS
 */
export async function askLdapForTls(socket: Duplex): Promise<void> {
  const told = readBeforeTls(socket);
  socket.write(request);
  const message = await readMessage(told);
  told.end();
  const code = resultOf(message);
  if (code === null) throw new Error('it does not speak LDAP');
  if (code !== 0) throw new Error(`LDAP refuses TLS: ${results[code] ?? `result ${code}`}`);
}

/** What is inside one message. Active Directory writes every length in four bytes. */
async function readMessage(told: BeforeTls): Promise<Buffer> {
  const [tag, first = 0] = await told.bytes(2);
  const more = first < 0x80 ? 0 : first - 0x80;
  if (tag !== sequence || more > 4) throw new Error('it does not speak LDAP');
  const length = more === 0 ? first : (await told.bytes(more)).readUIntBE(0, more);
  if (length > mostBytes) throw new Error('it does not speak LDAP');
  return told.bytes(length);
}

/** `null` for anything but the answer to an extended request. */
function resultOf(message: Buffer): number | null {
  const id = valueAt(message, 0, integer);
  const response = id === null ? null : valueAt(message, id.next, extendedResponse);
  const result = response === null ? null : valueAt(message.subarray(0, response.next), response.start, enumerated);
  return result !== null && result.next - result.start === 1 ? (message[result.start] ?? null) : null;
}

/** Where the value of a tag begins and what comes behind it; `null` if that is not whole, or another tag is there. */
function valueAt(bytes: Buffer, at: number, tag: number): { readonly start: number; readonly next: number } | null {
  const first = bytes[at + 1] ?? 0;
  const more = first < 0x80 ? 0 : first - 0x80;
  const start = at + 2 + more;
  if (bytes[at] !== tag || more > 4 || start > bytes.length) return null;
  const length = more === 0 ? first : bytes.readUIntBE(at + 2, more);
  return start + length > bytes.length ? null : { start, next: start + length };
}
