// The role and the playbook of packaging/ansible: their syntax, and what ansible-lint says of them. That the modules of
// ansible.windows do what they should is theirs; they cannot run without Windows.

import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { unpackDebian } from '../lib/debian-packages.mjs';
import { inRoot } from '../lib/paths.mjs';
import { runProgram } from '../lib/program.mjs';

export const shows = 'That the Ansible role and playbook are read, and follow the strictest rules of ansible-lint';
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
  const checks = [
    ['ansible-playbook --syntax-check', await ask('ansible-playbook', ...INVENTORY, '--syntax-check', PLAYBOOK)],
    ['ansible-playbook --list-tasks', await ask('ansible-playbook', ...INVENTORY, '--list-tasks', PLAYBOOK)],
    [
      'ansible-lint --profile production',
      await ask('ansible-lint', '--offline', '--nocolor', '--profile', 'production'),
    ],
  ];
  for (const [name, { code, seconds }] of checks) say(`${name}: exit ${code} in ${seconds.toFixed(1)} s`);
  return {
    passed: checks.every(([, { code }]) => code === 0),
    lines: [
      ...versions.map(({ output }) => `- ${output.split('\n')[0]}`),
      '',
      ...checks.flatMap(([name, { code, output }]) => [`## ${name}: exit ${code}`, '', ...fenced(output)]),
    ],
  };
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

function fenced(text) {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trimEnd());
  return ['```text', ...lines, '```', ''];
}
