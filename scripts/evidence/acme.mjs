// ACME clients of other people, against Pebble, the ACME server that Let's Encrypt tests clients with: each is given the
// line of docs/with-what-you-have.md as its hook, issues a certificate and renews it, and a lab shows what became of that.

import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { findEngine } from '../../test/engine.ts';
import { freePort, listens } from '../../test/support/real-servers.ts';
import { asIfInstalled, unpackDebian, versionOf } from '../lib/debian-packages.mjs';
import { inRoot } from '../lib/paths.mjs';
import { demand, end, runProgram, tellLab } from '../lib/program.mjs';

/** Those that Debian does not have, at the commit that was tried; a variable may name a copy of the repository. */
const sources = [
  {
    folder: 'acme.sh-source',
    repository: 'https://github.com/acmesh-official/acme.sh',
    commit: 'd60c75b4e30a26addd8b9d0bfdeeed39c84ed51e',
    copy: 'CERTREBIND_ACME_SH_SOURCE',
  },
  {
    folder: 'Posh-ACME-source',
    repository: 'https://github.com/rmbolger/Posh-ACME',
    commit: '7bf9183c9a6a1cc15f87a9a98c6c33a901653472',
    copy: 'CERTREBIND_POSH_ACME_SOURCE',
  },
];
const [acmeSh, poshAcme] = sources;

export const shows =
  'That lego, certbot, dehydrated, acme.sh and Posh-ACME call CertRebind at the first issue and at a renewal, and that it replaces what they renewed; and 30 renewals in a row of six-day certificates by changing issuers, trusted and not';
export const needs = [
  "Debian's pebble, lego, certbot and dehydrated by apt-get",
  ...sources.map(({ repository, copy }) => `git, and ${repository}, or a copy of it that ${copy} names`),
  'the PowerShell of the tests',
  "Debian's openssl and curl",
  'root',
];

const hosts = ['api.example.org', 'partners.example.org'];
const renewalsInARow = Number(process.env.CERTREBIND_ACME_RENEWALS ?? 30);
/** Each has an authority of its own, and they take turns. */
const issuers = 3;
// Data lies where names have blanks and letters beyond ASCII.
const place = 'Zertifikate für Läden';

/** What each is told, by `first` and `again`; its hook is the file `hook`. Everything else is what the client wants of any server. */
const clients = [
  {
    name: 'lego',
    hook: 'import "$LEGO_CERT_PATH" --key "$LEGO_CERT_KEY_PATH" --replace auto --yes',
    line: (at) => [
      ...['lego', '--accept-tos', '--email', 'a@example.com', '--server', at.directory],
      ...['--path', join(at.folder, place), '--http', '--http.port', `127.0.0.1:${at.port}`],
      ...at.hosts.flatMap((host) => ['--domains', host]),
    ],
    first: (hook) => ['run', '--run-hook', hook],
    force: [],
    again: (hook) => ['renew', '--days', '3650', '--no-random-sleep', '--renew-hook', hook],
    env: (at) => ({ LEGO_CA_CERTIFICATES: at.ca }),
  },
  {
    name: 'certbot',
    hook: 'import "$RENEWED_LINEAGE/fullchain.pem" --key "$RENEWED_LINEAGE/privkey.pem" --replace auto --yes',
    line: (at) => [
      'certbot',
      ...['config', 'work', 'logs'].flatMap((part) => [`--${part}-dir`, join(at.folder, place, part)]),
      ...['--server', at.directory, '--agree-tos', '--register-unsafely-without-email', '--non-interactive'],
    ],
    first: (hook, at) => [
      ...['certonly', '--standalone', '--http-01-address', '127.0.0.1', '--http-01-port', at.port],
      ...[...at.hosts.flatMap((host) => ['-d', host]), '--deploy-hook', hook],
    ],
    again: () => ['renew', '--force-renewal', '--no-random-sleep-on-renew'],
    force: ['--force-renewal', '--cert-name', 'shop'],
    env: (at) => ({ REQUESTS_CA_BUNDLE: at.ca }),
  },
  {
    name: 'dehydrated',
    // It calls the hook for everything, and the certificate is among what follows the word.
    hook: '[ "$1" = deploy_cert ] || exit 0; set -- "$5" "$3"; certrebind import "$1" --key "$2" --replace auto --yes',
    line: (at) => {
      const configuration = join(at.folder, 'dehydrated.conf');
      return ['dehydrated', '--config', configuration, '--accept-terms', '--ca', at.directory];
    },
    first: (hook, at) => ['--register', '&&', ...signing(hook, at)],
    again: (hook, at) => ['--force', ...signing(hook, at)],
    force: ['--force', '--alias', 'shop'],
    env: (at) => ({ CURL_CA_BUNDLE: at.ca }),
    prepare(at) {
      const wellKnown = join(at.folder, 'well-known');
      for (const folder of [wellKnown, join(at.folder, place)]) mkdirSync(folder, { recursive: true });
      const settings = { CA: at.directory, BASEDIR: join(at.folder, place), WELLKNOWN: wellKnown, IP_VERSION: '4' };
      const lines = Object.entries(settings).map(([name, value]) => `${name}="${value}"`);
      writeFileSync(join(at.folder, 'dehydrated.conf'), `${lines.join('\n')}\n`);
    },
  },
  {
    name: 'acme.sh',
    // Where the name of its folder has a blank it cannot sign.
    version: acmeSh.commit.slice(0, 8),
    hook: 'import "$CERT_FULLCHAIN_PATH" --key "$CERT_KEY_PATH" --replace auto --yes',
    line: (at) => [
      ...['sh', join(at.folder, '..', acmeSh.folder, 'acme.sh'), '--home', join(at.folder, 'Läden')],
      ...['--server', at.directory, '--ca-bundle', at.ca],
    ],
    first: (hook, at) => [
      ...['--issue', '--webroot', join(at.folder, 'well-known'), ...at.hosts.flatMap((host) => ['--domain', host])],
      ...['--reloadcmd', hook],
    ],
    again: (_hook, at) => ['--renew', '--force', '--ecc', '--domain', at.hosts[0]],
    force: ['--force'],
    env: () => ({}),
    prepare: (at) => mkdirSync(join(at.folder, 'well-known')),
  },
  {
    name: 'Posh-ACME',
    version: poshAcme.commit.slice(0, 8),
    hook: '$new | ForEach-Object { Import-CertRebindCertificate -FilePath $_.PfxFullChain -Password $_.PfxPass -Replace auto }',
    // The module of CertRebind starts the program by itself.
    startsProgram: true,
    line: () => [findEngine('published'), '-NoProfile', '-NonInteractive', '-Command'],
    first: (_hook, at) => [
      inPoshAcme(
        at,
        // Without a variant the renewal of this commit refuses its own order.
        `New-PACertificate -Domain ${at.hosts.join(', ')} -AcceptTOS -DnsVariant dns-01 -Plugin WebRoot -PluginArgs @{ WRPath = '${at.folder}' }`,
      ),
    ],
    again: (_hook, at) => [inPoshAcme(at, 'Submit-Renewal -Force')],
    env: (at) => ({
      POSHACME_HOME: join(at.folder, place),
      CERTREBIND_EXECUTABLE: join(at.folder, 'hook'),
      CERTREBIND_LAB: join(at.folder, 'lab'),
    }),
  },
];

/** Of dehydrated. */
function signing(hook, at) {
  return ['--cron', '--domain', at.hosts.join(' '), '--hook', hook, '--challenge', 'http-01'];
}

function inPoshAcme(at, obtained) {
  const modules = [
    join(at.folder, '..', poshAcme.folder, 'Posh-ACME', 'Posh-ACME.psd1'),
    inRoot('module/CertRebind/CertRebind.psd1'),
  ];
  const { hook } = clients.find(({ name }) => name === 'Posh-ACME');
  return [
    `$ErrorActionPreference = 'Stop'`,
    ...modules.map((module) => `Import-Module -Name '${module}'`),
    `Set-PAServer -DirectoryUrl '${at.directory}' -SkipCertificateCheck`,
    `$new = ${obtained}`,
    hook,
  ].join('; ');
}

export async function run({ folder, say }) {
  for (const { folder: name, repository, commit, copy } of sources) {
    await demand('git', ['clone', '--quiet', process.env[copy] ?? repository, join(folder, name)]);
    await demand('git', ['-C', join(folder, name), 'checkout', '--quiet', commit]);
  }
  const root = await unpackDebian(folder, ['pebble', 'lego', 'certbot', 'dehydrated']);
  const servers = [];
  const [rows, inARow] = [[], []];
  try {
    for (let number = 0; number < issuers; number++) {
      mkdirSync(join(folder, `pebble-${number}`));
      servers.push(await startPebble(join(folder, `pebble-${number}`), root, `127.0.0.${number + 1}`));
    }
    // acme.sh keeps the first bundle that it is told, and an account for each address, whatever the port.
    const bundle = join(folder, 'authorities.pem');
    writeFileSync(bundle, servers.map(({ ca }) => readFileSync(ca, 'utf8')).join(''));
    for (const server of servers) server.ca = bundle;
    for (const client of clients) {
      const at = { ...servers[0], hosts, folder: join(folder, client.name), port: String(await freePort()) };
      rows.push(await tryClient(client, at, root, say));
    }
    for (const client of clients.filter((one) => one.force !== undefined)) {
      const cells = [];
      for (const isTrusted of [true, false]) {
        const own = join(folder, `${client.name}-${isTrusted ? 'trusted' : 'unknown'}`);
        const at = { ...servers[0], folder: own, port: String(await freePort()) };
        cells.push(await renewInARow(client, at, { servers, isTrusted }, root, say));
      }
      inARow.push({ passed: cells.every((count) => count === renewalsInARow), cells: [client.name, ...cells] });
    }
  } finally {
    for (const { child } of servers) await end(child);
  }
  const lines = [
    '| client | version | first issue | renewal |',
    '|---|---|---|---|',
    ...rows.map(({ cells }) => `| ${cells.join(' | ')} |`),
    '',
    `Each keeps its files in a folder named \`${place}\`, but acme.sh, which cannot sign where a folder has a blank in its name, in \`Läden\`.`,
    '',
    `${renewalsInARow} renewals in a row of the certificate that a program beside IIS keeps using, for six days each, by ${issuers} issuers in turn: applied where the store Root has their roots, refused and told (\`renewal-refused\`) where not.`,
    '',
    '| client | applied | refused and told |',
    '|---|---|---|',
    ...inARow.map(({ cells }) => `| ${cells.join(' | ')} |`),
  ];
  return { passed: [...rows, ...inARow].every(({ passed }) => passed), lines };
}

/** How many renewals in a row came out as they should. */
async function renewInARow(client, at, { servers, isTrusted }, root, say) {
  const ask = await prepare(client, at, root, isTrusted ? servers : []);
  const own = { ...at, hosts: await withoutWildcard(ask.lab) };
  let right = 0;
  for (let number = 0; number < renewalsInARow; number++) {
    const server = { ...own, ...servers[number % servers.length] };
    const { isReplaced, ends, text } = await ask.for('www.example.net', server, [
      ...client.first(ask.hook, server),
      ...client.force,
    ]);
    const { findings } = JSON.parse(await tellLab(['status', '--lab', ask.lab, '--json']));
    const told = findings.filter(({ code }) => code === 'renewal-refused').length;
    const isRight = isTrusted ? isReplaced && ends === '0' && told === 0 : !isReplaced && ends === '3' && told === 1;
    if (isRight) right++;
    else
      say(`${client.name}, renewal ${number + 1}: replaced ${isReplaced}, told ${told}, ended with ${ends}:\n${text}`);
  }
  say(`${client.name}, ${isTrusted ? 'trusted' : 'not trusted'}: ${right} of ${renewalsInARow}`);
  return right;
}

async function tryClient(client, at, root, say) {
  const ask = await prepare(client, at, root, [at]);
  const version = client.version ?? versionOf(join(at.folder, '..'), client.name)?.split('-')[0] ?? 'as installed';
  const outcomes = [];
  for (const words of [client.first(ask.hook, at), client.again(ask.hook, at)]) {
    const { isReplaced, ends, text } = await ask.for(hosts[0], at, words);
    const isRight = isReplaced && (ends === '0' || ends === '5');
    if (!isRight) say(`${client.name}: replaced ${isReplaced}, ended with ${ends}:\n${text}`);
    outcomes.push(isRight ? 'replaced' : 'NOT replaced');
  }
  say(`${client.name} ${version}: ${outcomes.join(', ')}`);
  return {
    passed: outcomes.every((outcome) => outcome === 'replaced'),
    cells: [client.name, version, ...outcomes],
  };
}

/**
 * A lab of its own that trusts these servers, with the hook.
 * @returns { lab, hook, for }: `for` gives the client words and tells whether the certificate of a host was replaced, with what
 * each call of the hook ended, and what client and hook printed
 */
async function prepare(client, at, root, trusted) {
  mkdirSync(join(at.folder, place), { recursive: true });
  const lab = join(at.folder, 'lab');
  await demand(process.execPath, [inRoot('dist/certrebind-lab.cjs'), 'lab', 'create', lab]);
  for (const { rootFile } of trusted) await tellLab(['lab', 'trust', rootFile, '--lab', lab]);
  const { called, hook } = writeHook(client, at, lab);
  client.prepare?.(at);
  return {
    lab,
    hook,
    async for(host, server, words) {
      const held = await heldAt(lab, host);
      writeFileSync(called, '');
      let printed = '';
      for (const part of commandsOf(words)) {
        const env = { ...process.env, ...client.env(server) };
        const [command, ...args] = asIfInstalled(root, [...client.line(server), ...part]);
        printed += (await runProgram(command, args, { cwd: at.folder, env })).output;
      }
      const text = readFileSync(called, 'utf8');
      const ends = [...text.matchAll(/^exit (\d+)$/gm)].map(([, code]) => code).join();
      return { isReplaced: held !== (await heldAt(lab, host)), ends, text: printed + text };
    },
  };
}

/** ACME proves no wildcard by HTTP: a person has moved its bindings to a certificate without it. The other program has not. */
async function withoutWildcard(lab) {
  const { certificates } = JSON.parse(await tellLab(['usage', '--lab', lab, '--json']));
  const { thumbprint: old, names: all } = certificates.find(({ names }) => names.includes('shop.example.com'));
  const names = all.filter((name) => !name.startsWith('*'));
  const quietly = ['--no-event', '--no-property', '--keep-old', '--valid-in=-250d', '--expires-in', '60d'];
  const made = await tellLab(['lab', 'renew', old, '--names', names.join(), ...quietly, '--lab', lab, '--json']);
  const pair = ['--old', old, '--new', JSON.parse(made).new];
  await tellLab(['rebind', ...pair, '--allow', 'names-lost', '--yes', '--lab', lab]);
  return names;
}

/** The line of the page, as a program of its own. */
function writeHook(client, at, lab) {
  const [called, hook] = [join(at.folder, 'called'), join(at.folder, 'hook')];
  const program = `'${process.execPath}' '${inRoot('dist/certrebind-lab.cjs')}'`;
  const command = client.hook.includes('certrebind ') ? client.hook : `certrebind ${client.hook}`;
  const definition = `certrebind() { ${program} "$@" --lab '${lab}' >> '${called}' 2>&1; code=$?; echo "exit $code" >> '${called}'; return $code; }`;
  const asProgram = `${program} "$@"; code=$?; case " $* " in *' import '*) echo "exit $code" >> '${called}';; esac; exit $code`;
  writeFileSync(hook, `#!/bin/sh\n${client.startsProgram ? asProgram : `${definition}\n${command}`}\n`);
  chmodSync(hook, 0o755);
  return { called, hook };
}

/** The certificate that the bindings of a host have. */
async function heldAt(lab, host) {
  const { certificates } = JSON.parse(await tellLab(['usage', '--lab', lab, '--json']));
  const held = certificates.filter(({ names, consumers }) => names.includes(host) && consumers.length > 0);
  return held.map(({ thumbprint }) => thumbprint).join();
}

function commandsOf(words) {
  const at = words.indexOf('&&');
  return at < 0 ? [words] : [words.slice(0, at), words.slice(at + 1)];
}

/** Its API has a certificate of an authority of its own; every challenge is taken for met. */
async function startPebble(folder, root, address) {
  const file = (name) => join(folder, name);
  const openssl = (...words) => demand('openssl', words);
  const request = ['req', '-newkey', 'rsa:2048', '-nodes'];
  const own = ['-x509', '-days', '2', '-subj', `/CN=${basename(folder)}`];
  await openssl(...request, ...own, '-keyout', file('ca.key'), '-out', file('ca.pem'));
  await openssl(...request, '-keyout', file('api.key'), '-out', file('api.csr'), '-subj', '/CN=localhost');
  writeFileSync(file('names'), `subjectAltName=IP:${address}\n`);
  const signing = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-extfile', file('names')];
  await openssl('x509', '-req', '-in', file('api.csr'), ...signing, '-days', '2', '-out', file('api.pem'));
  const [api, management] = [await freePort(), await freePort()];
  const settings = {
    listenAddress: `${address}:${api}`,
    managementListenAddress: `${address}:${management}`,
    certificate: file('api.pem'),
    privateKey: file('api.key'),
    httpPort: 5002,
    tlsPort: 5001,
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
    certificateValidityPeriod: 6 * 24 * 3600,
  };
  writeFileSync(file('pebble.json'), JSON.stringify({ pebble: settings }));
  const env = { ...process.env, PEBBLE_VA_NOSLEEP: '1', PEBBLE_VA_ALWAYS_VALID: '1', PEBBLE_WFE_NONCEREJECT: '0' };
  const [command, ...args] = asIfInstalled(root, ['pebble', '-config', file('pebble.json')]);
  const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  await listens(api, child, address);
  const roots = `https://${address}:${management}/roots/0`;
  await demand('curl', ['-sk', '--retry', '5', '--retry-connrefused', '--output', file('root.pem'), roots]);
  return { child, directory: `https://${address}:${api}/dir`, ca: file('ca.pem'), rootFile: file('root.pem') };
}
