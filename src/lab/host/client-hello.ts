/**
 * Reads the server name from the first bytes of a TLS connection, so that one decision can be made for each handshake
 * before any certificate is chosen; Node's own callback is not called for clients that send no name.
 * `incomplete`: more bytes are needed. Bytes that are not a ClientHello give no name, and the TLS library refuses them.
 */
export function readServerName(bytes: Buffer): 'incomplete' | { readonly serverName: string | null } {
  const hello = joinHandshakeFragments(bytes);
  if (hello === 'incomplete' || hello === 'not-tls') return hello === 'incomplete' ? hello : { serverName: null };
  return { serverName: serverNameOf(hello) };
}

/** @param hello the body of a ClientHello; one that cannot be read gives no name */
export function serverNameOf(hello: Buffer): string | null {
  try {
    return findServerName(hello);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const handshakeRecord = 22;
const clientHello = 1;
const serverNameExtension = 0;
const hostNameType = 0;

/** The body of the ClientHello; it may be spread over several TLS records. */
function joinHandshakeFragments(bytes: Buffer): Buffer | 'incomplete' | 'not-tls' {
  const fragments: Buffer[] = [];
  let gathered = 0;
  let at = 0;
  while (true) {
    if (at < bytes.length && bytes[at] !== handshakeRecord) return 'not-tls';
    if (at + 5 > bytes.length) return 'incomplete';
    const length = bytes.readUInt16BE(at + 3);
    if (at + 5 + length > bytes.length) return 'incomplete';
    fragments.push(bytes.subarray(at + 5, at + 5 + length));
    gathered += length;
    at += 5 + length;
    if (gathered < 4) continue;
    const message = Buffer.concat(fragments);
    if (message[0] !== clientHello) return 'not-tls';
    const end = 4 + message.readUIntBE(1, 3);
    if (gathered >= end) return message.subarray(4, end);
  }
}

/** @throws RangeError when a length points past the end */
function findServerName(hello: Buffer): string | null {
  let at = 2 + 32;
  at += 1 + hello.readUInt8(at);
  at += 2 + hello.readUInt16BE(at);
  at += 1 + hello.readUInt8(at);
  if (at === hello.length) return null;
  const end = at + 2 + hello.readUInt16BE(at);
  at += 2;
  while (at < end) {
    const type = hello.readUInt16BE(at);
    const length = hello.readUInt16BE(at + 2);
    if (type === serverNameExtension) return firstHostName(hello.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return null;
}

function firstHostName(extension: Buffer): string | null {
  let at = 2;
  while (at < extension.length) {
    const length = extension.readUInt16BE(at + 1);
    if (extension.readUInt8(at) === hostNameType) return extension.toString('latin1', at + 3, at + 3 + length);
    at += 3 + length;
  }
  return null;
}
