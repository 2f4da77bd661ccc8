// A domain controller that is not Windows: what CertRebind makes of one that goes on serving its old certificate until it
// is started again.

import { join } from 'node:path';
import { unpackDebian, versionOf } from '../lib/debian-packages.mjs';
import { demand } from '../lib/program.mjs';

const PACKAGES = ['samba', 'samba-ad-provision', 'samba-dsdb-modules', 'samba-vfs-modules', 'ldap-utils'];

export const shows =
  'That a run takes LDAPS back where a domain controller of Samba still serves the old certificate at 636, 389 (StartTLS) and 3269 half a minute after the change, and keeps it where the new one is served';
export const needs = [`Debian's ${PACKAGES.join(', ')} by apt-get`, 'root, and a kernel that mounts overlays'];

export async function run({ folder, say }) {
  const root = await unpackDebian(folder, PACKAGES);
  const inside = ['--net', '--uts', 'sh', '-c', 'ip link set lo up && hostname dc1 && exec "$@"', 'sh'];
  const program = join(import.meta.dirname, 'ldaps/controller.mjs');
  const output = await demand('unshare', [...inside, process.execPath, program, folder, root]);
  const [kept, restarted] = JSON.parse(output.trim().split('\n').at(-1));
  const rows = [kept, restarted].map(({ restarts, before, after, result, error, state, seconds }) => [
    restarts ? 'with a restart of Samba' : 'nothing else',
    before.join(', '),
    after.join(', '),
    `${result}: ${state}${error === null ? '' : `, ${error}`}`,
    `${seconds} s`,
  ]);
  for (const row of rows) say(row.join('; '));
  say(`renewServerCertificate: ${kept.answered}`);
  return {
    passed:
      [kept, restarted].every(({ before }) => before.every((seen) => seen.endsWith(' old'))) &&
      kept.state === 'rolled-back' &&
      kept.after.every((seen) => seen.endsWith(' old')) &&
      kept.seconds >= 30 &&
      restarted.state === 'verified' &&
      restarted.after.every((seen) => seen.endsWith(' new')),
    lines: [
      `Samba ${versionOf(folder, 'samba')}, which reads its files only when it starts. Its files are replaced with the store of the lab.`,
      '',
      '| files replaced, and | before | after | the run | took |',
      '|---|---|---|---|---|',
      ...rows.map((row) => `| ${row.join(' | ')} |`),
      '',
      `To \`renewServerCertificate\`, sent by ldapmodify as Administrator, it answers: ${kept.answered.replace(/\s+/g, ' ')}`,
    ],
  };
}
