import type { Socket } from 'node:net';

/** Resolves with whether the client asked for TLS, once its connection request is complete; then stops reading. */
export function untilConnectionRequest(socket: Socket): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let seen = Buffer.alloc(0);
    socket.on('data', onData).once('close', onClose);

    function onClose(): void {
      reject(new Error('the client went away'));
    }

    function onData(bytes: Buffer): void {
      seen = Buffer.concat([seen, bytes]);
      const length = seen.length < 4 ? 4 : seen.readUInt16BE(2);
      if (seen.length < length || seen.length < 11) return;
      socket.off('data', onData).off('close', onClose).pause();
      // The negotiation request is the last eight bytes; before it a cookie may stand.
      const asked = seen.length >= 19 && seen[length - 8] === 1 ? seen.readUInt32LE(length - 4) : 0;
      resolve((asked & 3) !== 0);
    }
  });
}

/** TLS with CredSSP, as a server with network level authentication selects it. */
export const selectsTls = Buffer.from('030000130ed000000000000200080002000000', 'hex');
/** SSL_CERT_NOT_ON_SERVER. */
export const hasNoCertificate = Buffer.from('030000130ed000000000000300080003000000', 'hex');
