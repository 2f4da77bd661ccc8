import { Duplex } from 'node:stream';
import type { StartTls } from '../../src/model/certificates/handshake.ts';
import { openings } from '../../src/server/start-tls.ts';

/** All that a dialler may say of a server that does not get ready for TLS, whatever it was told. */
const refusals: Readonly<Record<StartTls, RegExp>> = {
  ftp: /^FTP (greets|answers AUTH TLS) with /,
  rdp: /^(it does not speak Remote Desktop|Remote Desktop (refuses the connection|has no TLS there|refuses TLS: .+))$/,
  tds: /^(it does not speak TDS|SQL Server has no TLS there)$/,
  ldap: /^(it does not speak LDAP|LDAP refuses TLS: .+)$/,
  smtp: /^SMTP ((greets|answers EHLO|answers STARTTLS) with |does not offer STARTTLS$)/,
};
const ofAll = /^(the connection was closed|it sent (too much|unexpected) data) before TLS$/;
const longestRefusal = 200;

/** What a dialler makes of all that a server says, which then hangs up: its refusal, or `null` for one ready for TLS. */
export async function answerTo(startTls: StartTls, bytes: Buffer): Promise<string | null> {
  const server = new Saying(bytes);
  try {
    await openings[startTls](server, { address: '0.0.0.0', port: 1, serverName: 'shop.example.com', startTls });
    return null;
  } catch (error) {
    const isOurs = error instanceof Error && error.constructor === Error && error.message.length <= longestRefusal;
    if (!isOurs || !(refusals[startTls].test(error.message) || ofAll.test(error.message))) throw error;
    return error.message;
  } finally {
    server.destroy();
  }
}

const pieceBytes = 4096;

/** A connection at whose other end bytes are said, in pieces, whatever it receives. */
class Saying extends Duplex {
  private at = 0;
  private readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    super({ allowHalfOpen: false });
    this.bytes = bytes;
  }

  override _read(): void {
    const piece = this.bytes.subarray(this.at, this.at + pieceBytes);
    this.at += piece.length;
    this.push(piece.length === 0 ? null : piece);
  }

  override _write(_chunk: Buffer, _encoding: string, done: () => void): void {
    done();
  }
}
