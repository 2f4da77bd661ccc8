// A mail server whose author is not that of nodemailer: Debian's aiosmtpd, which requires STARTTLS and a password.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { checklist } from '../lib/checklist.mjs';
import { unpackDebian } from '../lib/debian-packages.mjs';
import { demand, end, tellLab } from '../lib/program.mjs';

export const shows =
  'That mail is accepted by a server that demands STARTTLS and a password, and refused where either is wrong';
export const needs = ["Debian's python3-aiosmtpd by apt-get", "Debian's python3 and openssl"];

const PASSWORD = 'correct horse';

/** Prints its port, and ends with its standard input. */
const SERVER = `
import ssl, sys
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import AuthResult

def authenticate(server, session, envelope, mechanism, data):
    is_known = data.login == b"web01" and data.password == ${JSON.stringify(PASSWORD)}.encode()
    return AuthResult(success=is_known, handled=False)

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
controller = Controller(Mailbox(sys.argv[3]), hostname="127.0.0.1", port=0, tls_context=context, require_starttls=True,
                        authenticator=authenticate, auth_required=True)
try:
    controller.start()
except Exception:
    pass
print(controller.server.sockets[0].getsockname()[1], flush=True)
sys.stdin.read()
`;

export async function run({ folder, say }) {
  const root = await unpackDebian(folder, ['python3-aiosmtpd']);
  const [key, certificate, box, script] = ['key.pem', 'ca.pem', 'box', 'server.py'].map((name) => join(folder, name));
  await demand('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate],
  ]);
  writeFileSync(script, SERVER);
  const env = { PATH: '/usr/bin:/bin', PYTHONPATH: join(root, 'usr/lib/python3/dist-packages') };
  const server = spawn('/usr/bin/python3', [script, certificate, key, box], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [port] = await Promise.race([
      once(createInterface({ input: server.stdout }), 'line'),
      once(server, 'exit').then(() => {
        throw new Error('the mail server ended before it listened');
      }),
    ]);
    const lab = await makeLab(folder, certificate);
    const { check, result } = checklist(say);
    for (const [name, password, security, accepted] of [
      ['STARTTLS and the right password', PASSWORD, 'starttls', true],
      ['a wrong password', 'wrong', 'starttls', false],
      ['TLS from the start, which the server does not speak', PASSWORD, 'tls', false],
    ]) {
      const told = await lab.test({ port: Number(port), password, security });
      check(`${name}: ${told.accepted ? 'accepted' : 'refused'}`, told.accepted === accepted, told.error ?? '');
    }
    const mails = readdirSync(join(box, 'new'));
    const text = readFileSync(join(box, 'new', mails[0] ?? ''), 'utf8');
    const isAsItShould = /^Auto-Submitted: auto-generated/m.test(text) && !text.includes(PASSWORD);
    check('the mail says that it is automatic, and holds no password', mails.length === 1 && isAsItShould);
    return result(`- aiosmtpd of Debian, with ${mails.length} mail in its box`);
  } finally {
    await end(server);
  }
}

async function makeLab(folder, certificate) {
  const lab = join(folder, 'lab');
  // Its exit code is not looked at: a message that is refused is an answer here.
  const tell = (words, input = '') => tellLab(words, { cwd: folder, input, stderr: 'inherit' });
  await tell(['lab', 'create', lab]);
  const trusted = join(lab, 'certrebind', 'ca', 'ca.pem');
  return {
    async test({ port, password, security }) {
      await tell(['secret', 'set', 'smtp', '--lab', lab], password);
      mkdirSync(join(lab, 'certrebind', 'ca'), { recursive: true, mode: 0o700 });
      writeFileSync(trusted, readFileSync(certificate), { mode: 0o600 });
      const mail = { server: 'localhost', port, security, from: 'web01@example.com', to: ['ops@example.com'] };
      const file = join(folder, 'mail.json');
      writeFileSync(
        file,
        JSON.stringify({ notify: { mail: { ...mail, user: 'web01', password: 'secret:smtp', ca: trusted } } }),
      );
      await tell(['config', 'set', file, '--lab', lab]);
      const { channels } = JSON.parse(await tell(['notify', 'test', '--lab', lab, '--json']));
      return channels[0];
    },
  };
}
