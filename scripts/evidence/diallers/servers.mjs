// Debian's servers with configurations of their own, on the loopback address. Each reads certificate.pem and key.pem of
// its folder, or has no TLS.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { listens } from '../../../test/support/real-servers.ts';
import { asIfInstalled } from '../../lib/debian-packages.mjs';
import { end } from '../../lib/program.mjs';

export const PACKAGES = ['slapd', 'postfix', 'freerdp2-shadow-x11', 'xvfb'];

/** OpenLDAP, on one port for StartTLS and one for TLS from the start. */
export async function startSlapd({ root, folder, ports: [plain, secure], tls }) {
  const lines = [
    `modulepath ${join(root, 'usr/lib/ldap')}`,
    `include ${join(root, 'etc/ldap/schema/core.schema')}`,
    ...(tls ? [`TLSCertificateFile ${folder}/certificate.pem`, `TLSCertificateKeyFile ${folder}/key.pem`] : []),
  ];
  writeFileSync(join(folder, 'slapd.conf'), `${lines.join('\n')}\n`);
  const addresses = [`ldap://127.0.0.1:${plain}`, ...(tls ? [`ldaps://127.0.0.1:${secure}`] : [])];
  const words = ['slapd', '-f', join(folder, 'slapd.conf'), '-h', addresses.join(' '), '-d', 'stats'];
  return start({ root, folder, words, port: plain });
}

/** Postfix, whose own processes run as accounts that every Debian has. */
export async function startPostfix({ root, folder, ports: [port], tls }) {
  const at = Object.fromEntries(['configuration', 'queue', 'data'].map((name) => [name, join(folder, name)]));
  for (const made of Object.values(at)) mkdirSync(made, { recursive: true });
  // Its own accounts have to come through to theirs.
  for (const passed of [dirname(folder), folder]) chmodSync(passed, 0o711);
  const [daemon, nobodysGroup] = [1, 1];
  for (const name of ['private', 'public', 'pid']) mkdirSync(join(at.queue, name), { recursive: true });
  for (const owned of [at.data, join(at.queue, 'private'), join(at.queue, 'public')])
    chownSync(owned, daemon, nobodysGroup);
  const settings = {
    compatibility_level: '3.6',
    queue_directory: at.queue,
    data_directory: at.data,
    shlib_directory: '/usr/lib/postfix',
    mail_owner: 'daemon',
    setgid_group: 'mail',
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    myhostname: 'mail.example.com',
    mydestination: '',
    alias_maps: '',
    maillog_file: join(folder, 'log'),
    maillog_file_prefixes: folder,
    smtpd_tls_security_level: tls ? 'may' : 'none',
    ...(tls
      ? { smtpd_tls_cert_file: join(folder, 'certificate.pem'), smtpd_tls_key_file: join(folder, 'key.pem') }
      : {}),
  };
  const services = [
    `127.0.0.1:${port} inet n - n - - smtpd`,
    'tlsmgr unix - - n - 1 tlsmgr',
    'rewrite unix - - n - - trivial-rewrite',
    'proxymap unix - - n - - proxymap',
    'anvil unix - - n - 1 anvil',
    'postlog unix-dgram n - n - 1 postlogd',
  ];
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  writeFileSync(join(at.configuration, 'main.cf'), `${lines.join('\n')}\n`);
  writeFileSync(join(at.configuration, 'master.cf'), `${services.join('\n')}\n`);
  const words = ['/usr/lib/postfix/sbin/master', '-c', at.configuration, '-d'];
  return start({ root, folder, words, port });
}

/** FreeRDP's server, which shows a screen that nobody sees and demands network level authentication. */
export async function startShadow({ root, folder, ports: [port], tls }) {
  const home = join(folder, 'home');
  const own = join(home, '.config/freerdp/shadow');
  mkdirSync(own, { recursive: true });
  if (tls) {
    writeFileSync(join(own, 'shadow.crt'), readFileSync(join(folder, 'certificate.pem')));
    writeFileSync(join(own, 'shadow.key'), readFileSync(join(folder, 'key.pem')));
  }
  const screen = await startScreen(root, folder);
  const words = ['freerdp-shadow-cli', `/port:${port}`, '/bind-address:127.0.0.1', `/sec:${tls ? 'nla' : 'rdp'}`];
  const env = { HOME: home, XDG_CONFIG_HOME: join(home, '.config'), DISPLAY: screen.display };
  try {
    const server = await start({ root, folder, words, port, env });
    const stop = async () => {
      await server.stop();
      await screen.stop();
    };
    return { ...server, stop };
  } catch (error) {
    await screen.stop();
    throw error;
  }
}

/** An X server without a screen. @returns { display, stop } */
export async function startScreen(root, folder) {
  const words = ['Xvfb', '-displayfd', '1', '-screen', '0', '320x240x24', '-nolisten', 'tcp', '-noreset'];
  const [program, ...args] = asIfInstalled(root, words);
  const env = { PATH: process.env.PATH, HOME: folder };
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const [number] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended(child, 'Xvfb')]);
  return { display: `:${number}`, stop: () => end(child) };
}

/** @returns { log, stop }: what the server has written of itself, and its end */
async function start({ root, folder, words, port, env = {} }) {
  const log = join(folder, 'log');
  const written = openSync(log, 'a');
  const [program, ...args] = asIfInstalled(root, words);
  const child = spawn(program, args, { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', written, written] });
  closeSync(written);
  try {
    await listens(port, child);
  } catch (error) {
    throw new Error(`${words[0]}: ${error.message}\n${readFileSync(log, 'utf8')}`);
  }
  return { log: () => readFileSync(log, 'utf8'), stop: () => end(child) };
}

async function ended(child, name) {
  const [code] = await once(child, 'exit');
  throw new Error(`${name} ended with ${code}`);
}
