import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { CertRebindError } from '../../base/errors.ts';
import { escapeXml } from '../../base/xml-text.ts';
import type { Row } from '../../model/windows/rows.ts';
import { labSettings } from '../host/folder.ts';
import type { LabRoles } from '../kernel/lab-state.ts';
import type { Switches } from '../kernel/switches.ts';
import { labModules, labSystem32 } from './checkout.ts';

/** A folder that stands for `C:\Windows` of a lab, for one session. */
export interface SystemRoot {
  readonly folder: string;
  /** Its powershell.exe, under the policies of the lab. */
  readonly engine: string;
  /** Apart from it, because private keys outlive a session, and their certificates. */
  readonly programData: string;
  /** The lab's modules in the order in which they have to be imported. */
  readonly modules: readonly string[];
  /** Who asks, as SIDs: the user, then the groups. */
  readonly identity: readonly string[];
  /** Of the lab. */
  readonly switches: Switches;
  remove(): Promise<void>;
}

export interface SystemRootOptions {
  readonly checkout: string;
  /** The PowerShell 7 behind powershell.exe. */
  readonly engine: string;
  /** The lab's folder. */
  readonly lab: string;
  /** Where requests go; `null`: to the process that serves the lab at that time. */
  readonly pipe: string | null;
  /** The account of the person or task that uses this Windows. */
  readonly account: LabAccount;
}

export const labAccounts = ['system', 'administrator', 'other'] as const;
export type LabAccount = (typeof labAccounts)[number];

/** In the lab's own folder, so that the leftovers of a killed session are removed with the lab. */
export async function makeSystemRoot(options: SystemRootOptions): Promise<SystemRoot> {
  const { checkout, lab, pipe, account } = options;
  const folder = await mkdtemp(join(lab, 'windows-'));
  // Not asked of the lab, because a reading would count there and could trigger a fault meant for another request.
  const { iis, switches, roles } = labSettings(lab);
  const hasIis = iis !== '';
  const hasModule = hasIis && switches['web-administration'] === 'installed';
  const programData = join(lab, `ProgramData-${switches['key-storage']}`);
  const keyFolder = join(programData, 'Microsoft', 'Crypto', ...keyFolders[switches['key-storage']]);
  await mkdir(keyFolder, { recursive: true });
  await writeFile(
    join(folder, 'certrebind-lab.json'),
    `${JSON.stringify({ folder: lab, pipe, account, keyFolder })}\n`,
  );
  const system = join(folder, 'System32');
  const configuration = join(system, 'inetsrv', 'config');
  await mkdir(configuration, { recursive: true });
  const configurationFile = join(configuration, 'applicationHost.config');
  // Only administrators read it; to .NET a folder there is denied like that, even to root.
  if (hasIis && account === 'other') await mkdir(configurationFile);
  else if (hasIis) await symlink(join(lab, 'applicationHost.config'), configurationFile);
  if (switches['shared-configuration'] === 'shared') {
    const redirection = `<configurationRedirection enabled="true" path="${escapeXml(lab)}" />`;
    await writeFile(join(configuration, 'redirection.config'), `<configuration>${redirection}</configuration>`);
  }
  if (roles?.policies !== undefined) {
    await mkdir(join(system, 'ias'));
    await writeFile(join(system, 'ias', 'ias.xml'), policiesText(roles.policies));
  }
  await addProgram(checkout, folder, 'netsh');
  await addProgram(checkout, folder, 'icacls');
  const modules = moduleNames
    .filter((name) => hasModule || name !== 'WebAdministration')
    .map((name) => join(labModules(checkout), name, `${name}.psm1`));
  const engine = join(system, 'WindowsPowerShell', 'v1.0', 'powershell.exe');
  await mkdir(dirname(engine), { recursive: true });
  await writePowerShell(engine, { checkout, engine: options.engine, policies: switches });
  return {
    folder,
    engine,
    programData,
    modules,
    identity: identities[account],
    switches,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** What the adapter is told when it starts, where no Windows can tell it. */
export function setUpRows({ modules, identity }: Pick<SystemRoot, 'modules' | 'identity'>): readonly Row[] {
  return [...modules.map((path) => ['module', path]), ['identity', ...identity]];
}

const person = 'S-1-5-21-1000000001-1000000002-1000000003';

/** As a token lists them: the administrators only where it is elevated (fidelity: elevated-groups). */
const identities: Readonly<Record<LabAccount, readonly string[]>> = {
  system: ['S-1-5-18', 'S-1-5-32-544', 'S-1-1-0', 'S-1-5-11'],
  administrator: [`${person}-1001`, 'S-1-1-0', 'S-1-5-32-544', 'S-1-5-32-545', 'S-1-5-11'],
  other: [`${person}-1002`, 'S-1-1-0', 'S-1-5-32-545', 'S-1-5-11'],
};

/** Below `Crypto`, by where the lab's keys lie. */
const keyFolders: Readonly<Record<Switches['key-storage'], readonly string[]>> = {
  software: ['Keys'],
  legacy: ['RSA', 'MachineKeys'],
  platform: ['PCPKSP'],
};

const moduleNames = [
  'Microsoft.PowerShell.Management',
  'Microsoft.PowerShell.Security',
  'Microsoft.PowerShell.Diagnostics',
  'ScheduledTasks',
  'PKI',
  'CimCmdlets',
  'Microsoft.WSMan.Management',
  'RemoteAccess',
  'WebAdministration',
] as const;

/** In the form of Network Policy Server, with other content that is not read. */
function policiesText(policies: NonNullable<LabRoles['policies']>): string {
  const profiles = policies.map(
    ({ name, eap }) =>
      `<Profile name="${escapeXml(name)}"><Properties><msEAPConfiguration>${eap}</msEAPConfiguration></Properties></Profile>`,
  );
  return `<Root><Clients><Client name="ap1"><Properties><Shared_Secret>not looked at</Shared_Secret></Properties></Client></Clients><RadiusProfiles><Children>${profiles.join('')}</Children></RadiusProfiles></Root>`;
}

/** A script of the checkout under the name of a program of Windows. */
async function addProgram(checkout: string, systemRoot: string, name: string): Promise<void> {
  const script = join(labSystem32(checkout), `${name}.mjs`);
  const file = join(systemRoot, 'System32', `${name}.exe`);
  const words = [nodePath(), script, systemRoot].map(quoted);
  await writeFile(file, `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`);
  await chmod(file, 0o755);
}

/** The packaged program cannot run scripts as Node does. */
function nodePath(): string {
  if (/^node/.test(basename(process.execPath))) return process.execPath;
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = folders.map((folder) => join(folder, 'node')).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new CertRebindError('no-server', { message: 'The Windows side of a lab needs Node in PATH.' });
}

/** What decides on a server whether PowerShell starts and what it may run. */
export type PowerShellPolicies = Pick<Switches, 'execution-policy' | 'script-control' | 'powershell-starts'>;

export interface PowerShellParts {
  readonly checkout: string;
  /** The PowerShell 7 behind it. */
  readonly engine: string;
  readonly policies: PowerShellPolicies;
}

/**
 * A program that stands in for powershell.exe 5.1 in a lab; without permission to run if Windows would not allow it.
 */
export async function writePowerShell(file: string, parts: PowerShellParts): Promise<void> {
  await writeFile(file, powerShellText(parts));
  await chmod(file, parts.policies['powershell-starts'] === 'yes' ? 0o755 : 0o644);
}

/** A shell script that reads its command line by the rules of 5.1 and becomes the engine. */
export function powerShellText({ checkout, engine, policies }: PowerShellParts): string {
  const system32 = labSystem32(checkout);
  const { 'execution-policy': policy, 'script-control': control } = policies;
  const settings = {
    engine,
    policy: policy === 'not-set' ? '' : policy,
    constrained: constrainedBy[control],
    session: join(system32, 'constrained.pssc'),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${quoted(value)}`);
  return `#!/bin/sh\n${lines.join('\n')}\n. ${quoted(join(system32, 'powershell.sh'))}\n`;
}

const constrainedBy = { none: '', 'allows-adapter': 'text', 'allows-nothing': 'all' } as const satisfies Record<
  PowerShellPolicies['script-control'],
  string
>;

/** A word of a shell script that stands for itself. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
