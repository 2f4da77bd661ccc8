// Real sshd on loopback addresses, for tests that need many servers. Own configuration, own keys, ended by their ids.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort, listens } from '../../test/support/real-servers.ts';
import { unpackDebian } from './debian-packages.mjs';
import { readOrEmpty } from './paths.mjs';
import { demand, end, runProgram } from './program.mjs';

// One sshd listens on no more addresses than this.
const ADDRESSES_EACH = 16;
const PRIVILEGE_SEPARATION = '/run/sshd';

/**
 * Starts them, as 127.0.1.1 and the addresses after it. A folder says what each server is: `place` gives a name its lab.
 * @returns { folder, names, version, place, stop }; the folder has `ssh_config` for clients, `known_hosts`, and
 * `other_hosts` with a key that none of the servers has
 */
export async function startSshServers({ folder, engine, count }) {
  const port = await freePort();
  const at = join(folder, 'ssh');
  mkdirSync(at);
  const root = await unpackDebian(at, ['openssh-server', 'libnss-wrapper']);
  for (const name of ['id', 'host', 'other'])
    await demand('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(at, name)]);
  const names = Array.from({ length: count }, (_, index) => `web${String(index + 1).padStart(2, '0')}`);
  const addresses = names.map((_, index) => `127.0.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`);
  mkdirSync(join(at, 'servers'));
  for (const [index, name] of names.entries()) writeFileSync(join(at, 'servers', addresses[index]), `${name}\n`);
  writeClient(at, names, addresses, port);
  writeSubsystem(at, engine);

  const madeSeparation = makeSeparation();
  const env = nssEnvironment(at, root);
  const sshd = join(root, 'usr/sbin/sshd');
  const running = [];
  for (let from = 0; from < count; from += ADDRESSES_EACH) {
    const file = join(at, `sshd-${from}.conf`);
    writeFileSync(file, serverConfiguration(at, addresses.slice(from, from + ADDRESSES_EACH), port));
    running.push(spawn(sshd, ['-D', '-f', file, '-E', join(at, 'sshd.log')], { stdio: 'ignore', env }));
  }
  const stop = async () => {
    for (const child of running) await end(child);
    if (madeSeparation) rmdirSync(PRIVILEGE_SEPARATION);
  };
  try {
    for (const [index, address] of addresses.entries())
      await listens(port, running[Math.floor(index / ADDRESSES_EACH)], address);
  } catch (error) {
    await stop();
    throw new Error(`sshd does not listen: ${error.message}\n${readOrEmpty(join(at, 'sshd.log'))}`);
  }
  const { output } = await runProgram(sshd, ['-V'], { env });
  const place = (name, { lab, program, modules }) => {
    writeFileSync(join(at, name), `${lab}\n${program}\n${modules}\n`);
    // Where servers are told about; a test may have named another folder since.
    writeFileSync(join(at, 'current'), at);
  };
  return { folder: at, names, version: /OpenSSH_[\w.]+/.exec(output)?.[0] ?? 'sshd', place, stop };
}

function writeClient(at, names, addresses, port) {
  const hosts = names.map((name, index) => `Host ${name}\n  HostName ${addresses[index]}\n`);
  const client = [
    ...hosts,
    // An address where nothing listens.
    'Host gone*\n  HostName 127.0.255.254\n',
    `Match originalhost wrong*\n  HostName ${addresses[0]}\n  UserKnownHostsFile ${join(at, 'other_hosts')}\n`,
    'Host *',
    `  Port ${port}`,
    `  User ${userInfo().username}`,
    `  IdentityFile ${join(at, 'id')}`,
    `  UserKnownHostsFile ${join(at, 'known_hosts')}`,
    '  StrictHostKeyChecking yes',
    '  BatchMode yes',
    '  ConnectTimeout 300',
    '',
  ].join('\n');
  writeFileSync(join(at, 'ssh_config'), client);
  // What PowerShell starts instead of ssh: the same ssh, with only this configuration.
  mkdirSync(join(at, 'bin'));
  const words = `#!/bin/sh\nPATH=\${PATH#*:}\nexec ssh -F '${join(at, 'ssh_config')}' "$@"\n`;
  writeFileSync(join(at, 'bin', 'ssh'), words, { mode: 0o755 });
  for (const [file, key] of [
    ['known_hosts', 'host'],
    ['other_hosts', 'other'],
  ]) {
    const [type, text] = readFileSync(join(at, `${key}.pub`), 'utf8').split(' ');
    writeFileSync(join(at, file), addresses.map((address) => `[${address}]:${port} ${type} ${text}\n`).join(''));
  }
}

/** The engine, on the lab of the address that was dialled. */
function writeSubsystem(at, engine) {
  const script = `#!/bin/bash
read -r _ _ address _ <<<"$SSH_CONNECTION"
read -r name <'${join(at, 'servers')}'/"$address"
read -r folder <'${join(at, 'current')}' || [ -n "$folder" ]
{ read -r CERTREBIND_LAB; read -r CERTREBIND_EXECUTABLE; read -r PSModulePath; } <"$folder/$name"
export CERTREBIND_LAB CERTREBIND_EXECUTABLE PSModulePath PATH='${process.env.PATH}' POWERSHELL_TELEMETRY_OPTOUT=1 POWERSHELL_UPDATECHECK=Off
exec '${engine}' -NoLogo -NoProfile -sshs
`;
  writeFileSync(join(at, 'subsystem'), script, { mode: 0o755 });
}

function serverConfiguration(at, addresses, port) {
  return [
    ...addresses.map((address) => `ListenAddress ${address}`),
    `Port ${port}`,
    `HostKey ${join(at, 'host')}`,
    'PidFile none',
    `AuthorizedKeysFile ${join(at, 'id.pub')}`,
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin prohibit-password',
    'AuthenticationMethods publickey',
    // As many as a wave opens at once.
    'MaxStartups 100',
    'LoginGraceTime 600',
    `Subsystem powershell ${join(at, 'subsystem')}`,
    '',
  ].join('\n');
}

/** sshd of root wants this folder. */
function makeSeparation() {
  if (userInfo().uid !== 0 || existsSync(PRIVILEGE_SEPARATION)) return false;
  mkdirSync(PRIVILEGE_SEPARATION, { mode: 0o755 });
  return true;
}

/** And an account `sshd`, which only its package makes: visible to this sshd alone. */
function nssEnvironment(at, root) {
  const [passwd, group] = ['passwd', 'group'].map((name) => readFileSync(`/etc/${name}`, 'utf8'));
  if (userInfo().uid !== 0 || /^sshd:/m.test(passwd)) return process.env;
  writeFileSync(join(at, 'passwd'), `${passwd}sshd:x:65000:65534::/run/sshd:/usr/sbin/nologin\n`);
  writeFileSync(join(at, 'group'), group);
  return {
    ...process.env,
    LD_PRELOAD: join(root, 'usr/lib/x86_64-linux-gnu/libnss_wrapper.so'),
    NSS_WRAPPER_PASSWD: join(at, 'passwd'),
    NSS_WRAPPER_GROUP: join(at, 'group'),
  };
}
