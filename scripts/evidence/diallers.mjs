// What CertRebind says before TLS to real servers, and what real clients see of a lab.

import { X509Certificate } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, makeCertificate } from '../../test/support/real-servers.ts';
import { asIfInstalled, unpackDebian, versionOf } from '../lib/debian-packages.mjs';
import { runProgram } from '../lib/program.mjs';
import { isHandshakeAlone, recordingRelay } from './diallers/relay.mjs';
import { PACKAGES, startPostfix, startScreen, startShadow, startSlapd } from './diallers/servers.mjs';

const { tlsHandshaker } = await import('../../src/server/handshake.ts');
const { openLab } = await import('../../src/lab/host/channel.ts');
const { openWorld } = await import('../../test/stories/lab-world.ts');

export const shows =
  'That LDAP, SMTP and Remote Desktop of other people show their certificate when dialled, the old one and then the new one, and hear nothing of a user; and that real clients of Remote Desktop see the same at a lab';
export const needs = [
  `Debian's ${PACKAGES.join(', ')}, freerdp2-x11 and nmap by apt-get`,
  'openssl, root, and a kernel that mounts overlays',
];

const STARTTLS = '301d02010177188016312e332e362e312e342e312e313436362e3230303337';

/**
 * `says` is all that a dialler may say before TLS; `forbidden` is what the server would log about a client that logs
 * on.
 */
const DIALLED = [
  {
    name: 'slapd, LDAPS',
    start: startSlapd,
    port: 1,
    says: '',
    forbidden: / BIND /,
    without: null,
  },
  {
    name: 'slapd, LDAP with StartTLS',
    start: startSlapd,
    startTls: 'ldap',
    says: Buffer.from(STARTTLS, 'hex').toString('latin1'),
    forbidden: / BIND /,
    without: /^LDAP refuses TLS: /,
  },
  {
    name: 'Postfix, SMTP with STARTTLS',
    start: startPostfix,
    startTls: 'smtp',
    says: 'EHLO localhost\r\nSTARTTLS\r\n',
    forbidden: /\b(auth|mail|rcpt)=/,
    without: /^SMTP does not offer STARTTLS$/,
  },
  {
    name: 'freerdp-shadow with network level authentication',
    start: startShadow,
    startTls: 'rdp',
    says: Buffer.from('030000130ee000000000000100080003000000', 'hex').toString('latin1'),
    forbidden: /NTLM|logon/i,
    without: /^Remote Desktop refuses TLS: it does not allow TLS$/,
  },
];

export async function run({ folder, say }) {
  const root = await unpackDebian(folder, [...PACKAGES, 'freerdp2-x11', 'nmap']);
  const pairs = ['old', 'new'].map((name) => makeCertificate(folder, name));
  const rows = [];
  for (const dialled of DIALLED) {
    const row = await judgeServer({ ...dialled, root, pairs, folder: join(folder, `server-${rows.length}`) });
    say(`${dialled.name}: ${row.slice(1).join('; ')}`);
    rows.push(row);
  }
  const clients = await judgeClients(folder, root);
  for (const line of clients) say(line);
  const versions = PACKAGES.flatMap((name) => {
    const version = versionOf(folder, name);
    return version === null ? [] : `${name} ${version}`;
  });
  const lines = [
    `Servers: ${versions.join(', ')}.`,
    '',
    '| server | what is dialled first | after the new certificate | said before TLS | where it has no TLS |',
    '|---|---|---|---|---|',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
    'A relay between the two kept every byte: before TLS there was nothing but what asks for it, and after the handshake nothing. The',
    'logs of slapd and Postfix know of nobody who logged on, and of no mail.',
    '',
    'At a lab (`--holders`), before and after `certrebind reconcile` with `holders.rdp.policy replace`:',
    '',
    ...clients.map((line) => `- ${line}`),
  ];
  return { passed: true, lines };
}

/** @throws Error at the first difference */
async function judgeServer({ name, start, port: which = 0, startTls, says, forbidden, without, root, pairs, folder }) {
  mkdirSync(folder);
  const ports = [await freePort(), await freePort()];
  const begin = (tls) => start({ root, folder, ports, tls });
  for (const { certificate, key, thumbprint } of pairs) {
    copyFileSync(certificate, join(folder, 'certificate.pem'));
    copyFileSync(key, join(folder, 'key.pem'));
    const server = await begin(true);
    try {
      const { handshake, said } = await dial(ports[which], startTls);
      must(handshake.thumbprint === thumbprint, `${name} serves ${handshake.thumbprint ?? handshake.reason}`);
      const plain = said.subarray(0, says.length).toString('latin1');
      must(plain === says && isHandshakeAlone(said.subarray(says.length)), `${name} was told ${said.toString('hex')}`);
      must(!forbidden.test(server.log()), `${name} writes: ${server.log()}`);
    } finally {
      await server.stop();
    }
  }
  return [name, 'old', 'new', shown(says), without === null ? '–' : await refusal(begin, ports, startTls, without)];
}

async function refusal(begin, ports, startTls, without) {
  const server = await begin(false);
  try {
    const { handshake } = await dial(ports[0], startTls);
    must(without.test(handshake.reason ?? ''), `without TLS: ${handshake.reason ?? handshake.result}`);
    return handshake.reason;
  } finally {
    await server.stop();
  }
}

async function dial(port, startTls) {
  const relay = await recordingRelay(port);
  try {
    const target = { reachable: true, host: '127.0.0.1', port: relay.port };
    const handshaker = tlsHandshaker({ dial: () => target }, { timeoutMs: 10_000, attempts: 1 });
    const endpoint = { address: '0.0.0.0', port, serverName: 'files.example.com', startTls };
    const { handshake } = await handshaker(endpoint);
    return { handshake, said: await relay.last() };
  } finally {
    relay.close();
  }
}

/** What nmap and xfreerdp see at the listener of Remote Desktop of a lab. */
async function judgeClients(folder, root) {
  const world = await openWorld((lab) => ['--lab', lab], ['--holders']);
  try {
    const lab = await openLab(world.folder);
    const port = lab.listeners().find((one) => one.listening && one.service === 'rdp')?.localPort;
    await lab.close();
    const old = world.certificates[0].thumbprint;
    const { new: successor } = await world.lab(['renew', old]);
    for (const expected of [old, successor]) {
      const seen = await seenByFreeRdp(join(folder, `home-${expected}`), root, port);
      const { fingerprint256 } = new X509Certificate(readFileSync(join(world.folder, 'stores/My', `${expected}.crt`)));
      must(seen === fingerprint256.replaceAll(':', ''), `xfreerdp saw ${seen}`);
      await world.certrebind(['config', 'set', 'holders.rdp.policy', 'replace']);
      must((await world.certrebind(['reconcile'])).exitCode === 0, 'reconcile did not end with 0');
    }
    const words = ['nmap', '-Pn', '-p', `${port}`, '--script', '+rdp-enum-encryption', '127.0.0.1'];
    const output = await tell({ root, words, home: folder });
    must(/CredSSP \(NLA\): SUCCESS/.test(output), `nmap says ${output}`);
    return ['xfreerdp saw the old certificate, then the new one', 'nmap (`rdp-enum-encryption`): CredSSP (NLA)'];
  } finally {
    await world.close();
  }
}

/** The SHA-256 that xfreerdp keeps of a server that it meets for the first time. It tries to log on, which nobody can. */
async function seenByFreeRdp(home, root, port) {
  mkdirSync(home);
  const screen = await startScreen(root, home);
  const words = ['xfreerdp', `/v:127.0.0.1:${port}`, '/u:nobody', '/p:none', '/cert:tofu', '+auth-only'];
  const output = await tell({ root, words: ['timeout', '20', ...words], home, display: screen.display });
  const known = join(home, '.config/freerdp/known_hosts2');
  await screen.stop();
  must(existsSync(known), `xfreerdp met nobody: ${output}`);
  return readFileSync(known, 'utf8').split(' ')[2]?.replaceAll(':', '').toUpperCase();
}

async function tell({ root, words, home, display = '' }) {
  const [program, ...args] = asIfInstalled(root, words);
  const { output } = await runProgram(program, args, { env: { PATH: process.env.PATH, HOME: home, DISPLAY: display } });
  return output;
}

function shown(says) {
  if (says === '') return 'nothing';
  return /^[ -~\r\n]+$/.test(says)
    ? says
        .trim()
        .split('\r\n')
        .map((line) => `\`${line}\``)
        .join(', ')
    : `\`${Buffer.from(says, 'latin1').toString('hex')}\``;
}

function must(holds, otherwise) {
  if (!holds) throw new Error(otherwise);
}
