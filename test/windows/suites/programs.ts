import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { assertLabEngine } from '../../../src/lab/windows/open.ts';
import { type LabAccount, makeSystemRoot } from '../../../src/lab/windows/system-root.ts';
import { stableFolder } from '../../../src/server/windows/this-server.ts';
import { labProgram, run } from '../../cli/run-program.ts';
import { nextVersion, writeNextVersion } from '../../packaged/ways/versions.ts';
import type { Told } from './measurement.ts';

export const checkout = join(import.meta.dirname, '../../..');

/** What a lab is played as: a hosted machine, with an elevated administrator and nothing installed; one where SYSTEM runs the installed program; one whose prompt is not elevated. */
export const machineKinds = ['runner', 'system', 'filtered'] as const;
export type MachineKind = (typeof machineKinds)[number];

export const accounts: Readonly<Record<MachineKind, LabAccount>> = {
  runner: 'administrator',
  system: 'system',
  filtered: 'other',
};

/** Where a file of a suite is asked. */
export interface Machine {
  /** The folder of a served lab; `null` for this Windows. */
  readonly lab: string | null;
  readonly kind: MachineKind;
  readonly env: NodeJS.ProcessEnv;
}

export interface Printed {
  readonly exitCode: number | null;
  // biome-ignore lint/suspicious/noExplicitAny: a story reads whatever the contract says is there
  readonly document: any;
}

/** Where the program is, or would be, installed. */
export function programFolder({ lab }: Pick<Machine, 'lab'>): string {
  return lab === null ? stableFolder() : join(lab, 'Program Files', 'CertRebind');
}

export function installedProgram(machine: Pick<Machine, 'lab'>): string {
  return join(programFolder(machine), machine.lab === null ? 'certrebind.exe' : 'certrebind.cjs');
}

/** The installed program where there is one, else the one that was packed or built. */
export function runProgram(machine: Machine, words: readonly string[], input = '', program = programIn(machine)) {
  const { lab, env } = machine;
  if (lab === null) return ended(program, [...words, '--json'], env, input);
  return run([...words, '--server', 'windows', '--lab', lab, '--json'], {
    program,
    input,
    env: labEnvironment(machine),
  });
}

function labEnvironment({ env: { LANG = '' }, kind }: Machine) {
  return { LANG, CERTREBIND_LAB_ACCOUNT: accounts[kind], CERTREBIND_CHECKOUT: checkout };
}

function programIn(machine: Machine): string {
  const installed = installedProgram(machine);
  return existsSync(installed) ? installed : builtProgram(machine);
}

function builtProgram({ lab }: Machine): string {
  return lab === null ? join(checkout, 'dist', 'certrebind.exe') : labProgram;
}

/** A script of the suites in Windows PowerShell: `<name>.ps1`, part by part. */
export function askScript(machine: Machine, name: string, words: readonly string[]): Promise<Told> {
  const { lab, kind } = machine;
  const env = withoutModulePath(machine.env);
  return lab === null ? askHere(name, words, env) : askLab(lab, accounts[kind], name, words, env);
}

/** A Windows PowerShell that is given none finds its own modules (fidelity: psmodulepath-inherited). */
function withoutModulePath(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name.toUpperCase() !== 'PSMODULEPATH'));
}

function askHere(name: string, words: readonly string[], env: NodeJS.ProcessEnv): Promise<Told> {
  const powershell = join(env.SystemRoot ?? 'C:\\Windows', 'System32/WindowsPowerShell/v1.0/powershell.exe');
  return asked(powershell, [scriptOf(name)], words, env);
}

async function askLab(
  lab: string,
  account: LabAccount,
  name: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Told> {
  const { root, env: ofLab } = await labRoot(lab, account, env);
  try {
    return await asked(root.engine, [onLab, scriptOf(name)], words, ofLab);
  } finally {
    await root.remove();
  }
}

const onLab = join(import.meta.dirname, 'on-lab.ps1');

async function labRoot(lab: string, account: LabAccount, env: NodeJS.ProcessEnv) {
  const root = await makeSystemRoot({ checkout, engine: assertLabEngine(checkout, env), lab, pipe: null, account });
  const modules = root.modules.join(delimiter);
  return { root, env: { ...env, SystemRoot: root.folder, CERTREBIND_LAB_MODULES: modules } };
}

export interface Asker {
  ask(name: string, words: readonly string[]): Promise<Told>;
  close(): Promise<void>;
}

/** For many questions one after the other: on a lab one PowerShell has them all, on a Windows each has one of its own. */
export function openAsker(machine: Machine): Asker {
  const { lab, kind } = machine;
  if (lab === null) return { ask: (name, words) => askScript(machine, name, words), close: async () => undefined };
  let opened: ReturnType<typeof openOnLab> | undefined;
  return {
    async ask(name, words) {
      opened ??= openOnLab(lab, accounts[kind], withoutModulePath(machine.env));
      return (await opened).ask(name, words);
    },
    async close() {
      await (await opened)?.close();
    },
  };
}

async function openOnLab(lab: string, account: LabAccount, env: NodeJS.ProcessEnv): Promise<Asker> {
  const { root, env: ofLab } = await labRoot(lab, account, env);
  const folder = await mkdtemp(join(tmpdir(), 'certrebind-asked-'));
  const file = join(folder, 'told.json');
  const child = spawn(root.engine, [...engineWords, onLab], { env: ofLab, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  // It may end before it reads.
  child.stdin.on('error', () => undefined);
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    async ask(name, words) {
      child.stdin.write(`${JSON.stringify([scriptOf(name), file, ...words])}\n`);
      const { done } = await lines.next();
      if (done) throw new Error(`${name} ended the PowerShell that lasts`);
      return JSON.parse(await readFile(file, 'utf8'));
    },
    async close() {
      child.stdin.end();
      await ended;
      await Promise.all([root.remove(), rm(folder, { recursive: true, force: true })]);
    },
  };
}

function scriptOf(name: string): string {
  return join(import.meta.dirname, `${name}.ps1`);
}

/** @returns takes it away again; nothing where the program is there already */
export async function install(machine: Machine): Promise<() => Promise<void>> {
  const folder = programFolder(machine);
  if (existsSync(folder)) return async () => undefined;
  const installed = await runProgram(machine, ['install', '--yes']);
  if (installed.exitCode !== 0) throw new Error(`the program could not be installed: ${saidBy(installed)}`);
  return async () => {
    const removed = await runProgram(machine, ['uninstall', '--purge', '--yes']);
    if (removed.exitCode !== 0 || existsSync(folder))
      throw new Error(`the program could not be uninstalled: ${saidBy(removed)}`);
  };
}

/** With `--json` an error is on standard output, in one line. */
function saidBy({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string {
  return `${stdout}${stderr}`.trim();
}

/**
 * The next version installed over the installed one, which runs meanwhile and goes on to its end.
 * @returns goes back to this version, where any is left
 */
export async function upgrade(machine: Machine): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'certrebind-next-'));
  const next = join(folder, basename(builtProgram(machine)));
  writeNextVersion(builtProgram(machine), next);
  const succeed = async (words: readonly string[], program: string) => {
    const ran = await runProgram(machine, [...words, '--yes'], '', program);
    if (ran.exitCode !== 0) throw new Error(`certrebind ${words.join(' ')} ended with ${ran.exitCode}: ${saidBy(ran)}`);
    return JSON.parse(ran.stdout);
  };
  const installed = installedProgram(machine);
  let endInput: (text: string) => void = () => undefined;
  const input = new Promise<string>((resolve) => {
    endInput = resolve;
  });
  const { lab, env } = machine;
  const waiting = ['secret', 'set', 'held', '--json'];
  const held =
    lab === null
      ? ended(installed, waiting, env, input)
      : ended(
          process.execPath,
          [installed, ...waiting, '--server', 'windows', '--lab', lab],
          labEnvironment(machine),
          input,
        );
  const { version } = await succeed(['install'], next).finally(() => endInput('open\n'));
  const ran = await held;
  if (version !== nextVersion || ran.exitCode !== 0)
    throw new Error(`version ${version} is installed; what ran meanwhile ended with ${ran.exitCode}: ${saidBy(ran)}`);
  await succeed(['secret', 'remove', 'held'], installed);
  return async () => {
    if (existsSync(installed)) await succeed(['install', '--downgrade'], builtProgram(machine));
    await rm(folder, { recursive: true, force: true });
  };
}

const engineWords = ['-NoLogo', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File'];

/** Told through a file: what 5.1 prints is in the code page of the console. */
async function asked(
  engine: string,
  scripts: readonly string[],
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Told> {
  const folder = await mkdtemp(join(tmpdir(), 'certrebind-asked-'));
  try {
    const file = join(folder, 'told.json');
    const { exitCode, stdout, stderr } = await ended(engine, [...engineWords, ...scripts, file, ...words], env);
    if (exitCode !== 0) throw new Error(`${scripts.at(-1)} ended with ${exitCode}: ${stderr || stdout}`);
    return JSON.parse(await readFile(file, 'utf8'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function ended(
  program: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  input: string | Promise<string> = '',
) {
  const child = spawn(program, words, { env, stdio: 'pipe' });
  // It may end before it reads.
  child.stdin.on('error', () => undefined);
  void Promise.resolve(input).then((text) => child.stdin.end(text));
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const [exitCode]: [number | null] = (await once(child, 'close')) as [number | null];
  return { exitCode, stdout, stderr };
}
