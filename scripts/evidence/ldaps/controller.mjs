// controller.mjs <folder> <root of the packages>: inside a network and a host name of its own, a domain controller of
// Samba, and runs of CertRebind against what it serves. Prints what happened, as JSON.

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import '../../dev/register.mjs';
import { asIfInstalled } from '../../lib/debian-packages.mjs';
import { demand, end, runProgram } from '../../lib/program.mjs';

const { defaultConfiguration } = await import('../../../src/documents/configuration.ts');
const { reportedRules } = await import('../../../src/kinds/reported/reported-kinds.ts');
const { tlsHandshaker } = await import('../../../src/server/handshake.ts');
const { ldapsPorts, ntdsStore } = await import('../../../src/kinds/ldaps/ldaps.ts');
const { privateKeyOf } = await import('../../../test/builders/certificate-der.ts');
const { labState } = await import('../../../test/builders/lab.ts');
const { given, rebind, worldOf } = await import('../../../test/engine/run/world.ts');
const { listens } = await import('../../../test/support/real-servers.ts');

const [folder, root] = process.argv.slice(2);
const password = 'Passw0rd.Lab';
const at = join(folder, 'dc');
const [certificateFile, keyFile] = [join(folder, 'dc.pem'), join(folder, 'dc.key')];

const names = ['web01.example.com'];
const certificates = labState()
  .certificate('new', { names, notAfter: '2028-01-01T00:00:00Z' })
  .certificate('old', { names, renewedTo: 'new' });
const byThumbprint = new Map(['old', 'new'].map((label) => [certificates.thumbprint(label), label]));
const lab = certificates.with({
  roles: {
    registry: {
      [reportedRules['ldaps-my'].there.key]: { ProductType: 'LanmanNT' },
      [`${ntdsStore}\\${certificates.thumbprint('old')}`]: {},
    },
    classes: {},
  },
});
const configuration = {
  ...defaultConfiguration,
  holders: { ...defaultConfiguration.holders, ldaps: { policy: 'replace' } },
};

await provision();
console.log(JSON.stringify([await renewed({ restarts: false }), await renewed({ restarts: true })]));

async function provision() {
  const words = ['samba-tool', 'domain', 'provision', `--targetdir=${at}`, '--realm=EXAMPLE.COM', '--domain=EXAMPLE'];
  const more = ['--server-role=dc', '--dns-backend=NONE', `--adminpass=${password}`, '--host-ip=127.0.0.1'];
  const [program, ...args] = asIfInstalled(root, [...words, ...more, '--host-name=dc1']);
  await demand(program, args);
}

/** One run against a controller that has the old certificate; `restarts`: someone starts Samba again before it is dialled. */
async function renewed({ restarts }) {
  lay('old');
  let samba = await start();
  let answered = null;
  const world = worldOf(lab);
  const { server, clock } = world.context;
  const change = async (changes) => {
    const reports = await server.change(changes);
    for (const { do: what, wanted } of changes) {
      if (what !== 'put' || wanted.kind !== 'ldaps') continue;
      lay(byThumbprint.get(wanted.value.thumbprint));
      answered ??= await tellController();
      if (restarts) samba = await end(samba).then(start);
    }
    return reports;
  };
  const dial = ({ port }) => ({ reachable: true, host: '127.0.0.1', port });
  const context = {
    ...world.context,
    server: { ...server, change },
    handshake: tlsHandshaker({ dial }, { timeoutMs: 10_000, attempts: 1 }),
    clock: { now: clock.now, sleep: (ms) => Promise.all([pause(ms), clock.sleep(ms)]) },
  };
  const began = Date.now();
  const outcome = await rebind({ ...world, context }, [given(certificates, 'old', 'new')], {}, configuration);
  const seconds = Math.round((Date.now() - began) / 1000);
  await end(samba);
  const [step] = outcome.steps;
  const seen = (observations) =>
    observations.map(
      ({ endpoint: { port }, thumbprint, reason }) => `${port} ${byThumbprint.get(thumbprint) ?? reason}`,
    );
  const { result, exitCode } = outcome;
  return {
    ...{ restarts, answered, seconds, result, exitCode },
    ...{ state: step.state, error: step.error?.code ?? null, before: seen(step.before), after: seen(step.after) },
  };
}

function lay(label) {
  const { der } = lab.build().certificates.find(({ thumbprint }) => thumbprint === certificates.thumbprint(label));
  const lines = der.replace(/.{64}/g, '$&\n').trimEnd();
  writeFileSync(certificateFile, `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`);
  writeFileSync(keyFile, privateKeyOf(label).export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
}

async function start() {
  const tls = [`tls certfile=${certificateFile}`, `tls keyfile=${keyFile}`, 'tls cafile='];
  const options = ['server services=ldap,cldap', ...tls].map((option) => `--option=${option}`);
  const words = ['samba', '-i', '-M', 'single', '-s', join(at, 'etc/smb.conf'), ...options];
  const [program, ...args] = asIfInstalled(root, words);
  // It ends when its standard input does.
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'] });
  for (const { port } of ldapsPorts) await listens(port, child);
  return child;
}

/** The modify by which Windows is told; what the controller answers. */
async function tellController() {
  const words = ['ldapmodify', '-x', '-H', 'ldaps://127.0.0.1', '-D', 'Administrator@EXAMPLE.COM', '-w', password];
  const [program, ...args] = asIfInstalled(root, words);
  const input = 'dn:\nchangetype: modify\nadd: renewServerCertificate\nrenewServerCertificate: 1\n';
  const { code, output } = await runProgram(program, args, {
    input,
    env: { ...process.env, LDAPTLS_REQCERT: 'never' },
  });
  return code === 0 ? 'success' : `${code}: ${output.trim()}`;
}
