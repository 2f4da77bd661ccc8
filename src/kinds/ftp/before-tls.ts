import type { Duplex } from 'node:stream';
import type { Endpoint } from '../../model/certificates/handshake.ts';
import { type BeforeTls, readBeforeTls } from '../read-before-tls.ts';

/**
 * Explicit FTPS (RFC 4217). A site with a host name is named by HOST (RFC 7151); if a server does not know the command,
 * it says so and the dialogue continues.
 * @throws Error when the server does not answer AUTH TLS with 234
 */
export async function askFtpForTls(socket: Duplex, { serverName }: Endpoint): Promise<void> {
  const told = readBeforeTls(socket);
  const greeting = await reply(told);
  if (!greeting.startsWith('220')) throw new Error(`FTP greets with ${shown(greeting)}`);
  if (serverName !== null) {
    socket.write(`HOST ${serverName}\r\n`);
    await reply(told);
  }
  socket.write('AUTH TLS\r\n');
  const answer = await reply(told);
  if (!answer.startsWith('234')) throw new Error(`FTP answers AUTH TLS with ${shown(answer)}`);
  told.end();
}

/** The last line of a reply: `220-` continues until a line that begins with `220` and a blank. */
async function reply(told: BeforeTls): Promise<string> {
  const first = await told.line();
  const [, code] = /^(\d{3})-/.exec(first) ?? [];
  if (code === undefined) return first;
  for (;;) {
    const line = await told.line();
    if (line.startsWith(`${code} `)) return line;
  }
}

function shown(line: string): string {
  return line.slice(0, 120);
}
