// The role and the playbook of packaging/ansible: their syntax, what ansible-lint says of them, and what they do to three
// labs, where small modules play the four of ansible.windows that the role calls. Those cannot run without Windows.

import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serveLab } from '../../test/cli/serve-lab.ts';
import { checklist } from '../lib/checklist.mjs';
import { unpackDebian } from '../lib/debian-packages.mjs';
import { inRoot } from '../lib/paths.mjs';
import { demand, runProgram } from '../lib/program.mjs';

export const shows =
  'That the Ansible role and playbook are read, pass ansible-lint, and stop at the server that fails';
export const needs = ["Debian's packages by apt-get, 330 MB of disk", "Debian's python3"];

const PLAYBOOK = 'certrebind.yml';
const INVENTORY = ['-i', 'inventory.yml'];

export async function run({ folder, say }) {
  const root = await unpackDebian(folder, ['ansible', 'ansible-lint']);
  const env = environment(folder, root);
  const work = join(folder, 'work');
  cpSync(inRoot('packaging/ansible'), work, { recursive: true });
  const ask = (program, ...args) =>
    runProgram('/usr/bin/python3', [join(root, 'usr/bin', program), ...args], { cwd: work, env });

  const versions = [await ask('ansible', '--version'), await ask('ansible-lint', '--version')];
  const { check, result } = checklist(say);
  for (const [program, ...words] of [
    ['ansible-playbook', ...INVENTORY, '--syntax-check', PLAYBOOK],
    ['ansible-playbook', ...INVENTORY, '--list-tasks', PLAYBOOK],
    ['ansible-lint', '--offline', '--nocolor', '--profile', 'production'],
  ]) {
    const { code, output } = await ask(program, ...words);
    check([program, ...words].join(' '), code === 0, output);
  }
  await play({ folder, work, root, env, check });
  return result(
    ...versions.map(({ output }) => `- ${output.split('\n')[0]}`),
    '',
    'The playbook on three labs, `serial: [1, 25%]`, `max_fail_percentage: 0`. On web02 nothing starts tasks at first, so that',
    'nothing can be verified there. Small modules play those of ansible.windows.',
  );
}

const PROGRAM = inRoot('dist/certrebind-lab.cjs');
const HOSTS = ['web01', 'web02', 'web03'];

/** Checks the result of each run of the playbook. */
async function play({ folder, work, root, env, check }) {
  const labs = join(folder, 'labs');
  mkdirSync(labs);
  const modules = join(folder, 'collections/ansible_collections/ansible/windows/plugins/modules');
  cpSync(inRoot('scripts/evidence/ansible/stand-ins'), modules, { recursive: true });
  for (const host of HOSTS) {
    await demand(process.execPath, [PROGRAM, 'lab', 'create', join(labs, host)]);
    // The interpreter of a host is where its lab is told.
    const words = `#!/bin/sh\nexport CERTREBIND_LAB='${join(labs, host)}' CERTREBIND_NODE='${process.execPath}'\nexec /usr/bin/python3 "$@"\n`;
    writeFileSync(join(labs, `${host}.sh`), words, { mode: 0o755 });
  }
  const hosts = HOSTS.map(
    (host) => `${host} ansible_connection=local ansible_python_interpreter=${join(labs, `${host}.sh`)}\n`,
  );
  writeFileSync(join(work, 'labs.ini'), `[webservers]\n${hosts.join('')}`);
  cpSync(PROGRAM, join(work, 'certrebind.exe'));
  const sha256 = createHash('sha256').update(readFileSync(PROGRAM)).digest('hex');
  const playbook = readFileSync(join(work, PLAYBOOK), 'utf8');
  const filledIn = playbook.replace('files/certrebind.exe', join(work, 'certrebind.exe'));
  writeFileSync(join(work, 'labs.yml'), filledIn.replace(/0{64}/, sha256));
  writeFileSync(join(work, 'wrong.yml'), filledIn);

  const ask = async (name, ...words) => {
    const collections = { ...env, ANSIBLE_COLLECTIONS_PATH: join(folder, 'collections') };
    const args = [join(root, 'usr/bin/ansible-playbook'), '-i', 'labs.ini', `${name}.yml`, ...words];
    return (await runProgram('/usr/bin/python3', args, { cwd: work, env: collections })).output;
  };
  const installed = () =>
    HOSTS.filter(
      (host) =>
        existsSync(join(labs, host, 'Program Files/CertRebind')) &&
        readdirSync(join(labs, host, 'Program Files/CertRebind')).length > 0,
    );
  const note = (what, output, wanted) => {
    const is = `${recap(output)}; installed on ${installed().join(', ') || 'none'}`;
    check(`${what}: ${wanted}`, is === wanted, is);
  };

  const served = [await serveLab(join(labs, 'web01')), await serveLab(join(labs, 'web03'))];
  try {
    note('--check', await ask('labs', '--check'), 'web01 changed, web02 changed, web03 changed; installed on none');
    note('a hash that is not that of the file', await ask('wrong'), 'web01 failed; installed on none');
    note('the first time', await ask('labs'), 'web01 changed, web02 failed; installed on web01, web02');
    served.push(await serveLab(join(labs, 'web02')));
    note(
      'once web02 is mended',
      await ask('labs'),
      'web01 ok, web02 changed, web03 changed; installed on web01, web02, web03',
    );
    note('again', await ask('labs'), 'web01 ok, web02 ok, web03 ok; installed on web01, web02, web03');
  } finally {
    for (const serving of served) await serving.stop();
  }
}

/** What the last lines of Ansible say of each host that was asked. */
function recap(output) {
  const hosts = [...output.matchAll(/^(web\d+)\s*: ok=\d+\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)/gm)];
  const words = hosts.map(([, host, changed, unreachable, failed]) => {
    if (Number(unreachable) + Number(failed) > 0) return `${host} failed`;
    return `${host} ${Number(changed) > 0 ? 'changed' : 'ok'}`;
  });
  return words.join(', ');
}

function environment(folder, root) {
  const home = join(folder, 'home');
  mkdirSync(home);
  return {
    HOME: home,
    ANSIBLE_HOME: home,
    ANSIBLE_NOCOLOR: '1',
    LANG: 'C.UTF-8',
    PATH: `${join(root, 'usr/bin')}:/usr/bin:/bin`,
    PYTHONPATH: join(root, 'usr/lib/python3/dist-packages'),
    PYTHONDONTWRITEBYTECODE: '1',
  };
}
