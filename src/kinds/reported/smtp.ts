import type { Duplex } from 'node:stream';
import { type BeforeTls, readBeforeTls } from '../read-before-tls.ts';

/**
 * SMTP with STARTTLS (RFC 3207). Sends no user name and starts no mail.
 * @throws Error with the server's words when it does not offer TLS, or does not take it now
 */
export async function askSmtpForTls(socket: Duplex): Promise<void> {
  const told = readBeforeTls(socket);
  await demand(told, '220', 'greets');
  socket.write('EHLO localhost\r\n');
  const offers = await demand(told, '250', 'answers EHLO');
  if (!offers.some((line) => /^250[- ]STARTTLS\s*$/i.test(line))) throw new Error('SMTP does not offer STARTTLS');
  socket.write('STARTTLS\r\n');
  await demand(told, '220', 'answers STARTTLS');
  told.end();
}

/** The lines of a reply; `250-` continues until a line that begins with `250` and a blank. */
async function demand(told: BeforeTls, code: string, does: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for (;;) {
    const line = await told.line();
    lines.push(line);
    if (!line.startsWith(code)) throw new Error(`SMTP ${does} with ${line.slice(0, 120)}`);
    if (line[3] !== '-') return lines;
  }
}
