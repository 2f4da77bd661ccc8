import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

const longestCommand = 4096;

/**
 * FTP until TLS, as IIS speaks it. Resolves with the host that the client named when it asks for TLS, and stops reading.
 * @throws Error when the client goes, or says too much
 */
export function untilAuthTls(socket: Socket): Promise<string | null> {
  return new Promise((resolve, reject) => {
    let text = '';
    let host: string | null = null;
    socket.write('220 Microsoft FTP Service\r\n');
    socket.on('data', onData).once('close', onClose);

    function onClose(): void {
      reject(new Error('the client went away'));
    }

    function onData(bytes: Buffer): void {
      text += bytes.toString('latin1');
      if (text.length > longestCommand) {
        socket.destroy();
        return;
      }
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        const [verb = '', argument = ''] = text.slice(0, end).trim().split(/\s+/);
        text = text.slice(end + 1);
        if (verb.toUpperCase() === 'AUTH' && /^(?:TLS|TLS-C|SSL)$/i.test(argument)) {
          socket.off('data', onData).off('close', onClose).pause();
          resolve(host);
          return;
        }
        if (verb.toUpperCase() === 'HOST') host = argument;
        socket.write(answerTo(verb));
      }
    }
  });
}

export const readyForTls = '234 AUTH command ok. Expecting TLS Negotiation.\r\n';
export const noTls = '534 Local policy on server does not allow TLS secure connections.\r\n';

/** FTP inside TLS, as far as a client that only looks needs it. */
export function speakFtp(stream: Duplex, greets: boolean): void {
  let text = '';
  if (greets) stream.write('220 Microsoft FTP Service\r\n');
  stream.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      const [verb = ''] = text.slice(0, end).trim().split(/\s+/);
      text = text.slice(end + 1);
      stream.write(answerTo(verb));
      if (verb.toUpperCase() === 'QUIT') stream.end();
    }
    if (text.length > longestCommand) stream.destroy();
  });
}

function answerTo(verb: string): string {
  switch (verb.toUpperCase()) {
    case 'HOST':
      return '220 Host accepted.\r\n';
    case 'USER':
      return '331 Password required\r\n';
    case 'PASS':
      return '530 User cannot log in.\r\n';
    case 'PBSZ':
    case 'PROT':
    case 'NOOP':
      return '200 Command successful.\r\n';
    case 'QUIT':
      return '221 Goodbye.\r\n';
    default:
      return '502 Command not implemented.\r\n';
  }
}
