import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Thumbprint, toThumbprint } from '../../../src/certificates/thumbprint.ts';
import { rehearsalMark } from '../../../src/documents/rehearsal.ts';
import { demandLabEngine, openWindowsLabServer } from '../../../src/lab/windows/open.ts';
import { makeSystemRoot } from '../../../src/lab/windows/system-root.ts';
import { newRunId } from '../../../src/rebind/run.ts';
import type { Bench } from '../../../src/rehearse/bench.ts';
import { setUpBench } from '../../../src/rehearse/rehearse.ts';
import type { Handshaker } from '../../../src/run/context.ts';
import { tlsHandshaker } from '../../../src/server/handshake.ts';
import type { Server } from '../../../src/server/server.ts';
import { openThisServer, stableFolder } from '../../../src/server/windows/this-server.ts';
import { clock } from '../../../src/session/session.ts';
import { run } from '../../cli/run-program.ts';
import type { Told } from './measurement.ts';

const checkout = join(import.meta.dirname, '../../..');

/**
 * Where a file of a suite is: on a Windows, or on our own Windows lab, where the same words meet a real PowerShell with
 * modules that stand in for those of Windows. Nothing else knows which of them it is.
 */
export interface Stage {
  /** The program's own port to this server: one PowerShell, opened at the first question. */
  readonly server: Server;
  /** The program as a person starts it, with one JSON document. */
  // biome-ignore lint/suspicious/noExplicitAny: a story reads whatever the contract says is there
  certrebind(words: readonly string[]): Promise<{ readonly exitCode: number | null; readonly document: any }>;
  /** A script of the suite in Windows PowerShell, a process of its own: `<name>.ps1`, part by part. */
  ask(name: string, words?: readonly string[]): Promise<Told>;
  readonly handshake: Handshaker;
  /** A site of our own with two certificates. Everything with the mark is removed when the file has ended. */
  bench(): Promise<Bench>;
  /** A certificate of an authority, with the mark; on a Windows by certreq, from an authority of this machine. */
  enrol(host: string): Promise<Thumbprint>;
  /** Its renewal, announced as that kind of server does. */
  renew(old: Thumbprint): Promise<Thumbprint>;
  /** @returns takes it away again; nothing where the program is there already, or where tasks start it from anywhere */
  install(): Promise<() => Promise<void>>;
  /** Whether there is time for what takes minutes; a lab only shows that it can be asked. */
  readonly waits: boolean;
  close(): Promise<void>;
}

/** @param lab the folder of a served lab; `null` for this Windows */
export async function openStage(lab: string | null): Promise<Stage> {
  const server = await openServer(lab);
  const handshake = tlsHandshaker(server, { timeoutMs: 5000, attempts: 2 });
  return {
    server,
    handshake,
    certrebind: async (words) => {
      const { exitCode, stdout, stderr } = await (lab === null ? runHere(words) : runOnLab(lab, words));
      if (stdout === '') throw new Error(`certrebind ${words.join(' ')} ended with ${exitCode}: ${stderr}`);
      return { exitCode, document: JSON.parse(stdout) };
    },
    ask: (name, words = []) => (lab === null ? askHere(name, words) : askLab(lab, name, words)),
    async bench() {
      const id = newRunId(clock.now());
      return setUpBench({ server, handshake, clock }, { id, port: await freePort() });
    },
    enrol: async (host) => {
      const name = `${rehearsalMark} ${newRunId(clock.now())}`;
      if (lab === null) return thumbprintIn(await askHere('ca/enrol', [host, name]));
      await server.change([{ do: 'rehearse', act: { act: 'add-certificate', name: host, friendlyName: name } }]);
      const { certificates } = await server.snapshot('brief');
      return (
        certificates.find(({ friendlyName }) => friendlyName === name)?.thumbprint ??
        missing(`the certificate of ${host}`)
      );
    },
    renew: async (old) => {
      if (lab === null) return thumbprintIn(await askHere('ca/renew', [old]));
      const { stdout, stderr } = await run(['lab', 'renew', old, '--lab', lab, '--json']);
      return toThumbprint(JSON.parse(stdout || '{}').new ?? '') ?? missing(`the renewal of ${old}: ${stderr}`);
    },
    install: async () => {
      if (lab !== null || existsSync(join(stableFolder(), 'certrebind.exe'))) return async () => undefined;
      const { exitCode, stderr } = await runHere(['install', '--yes']);
      if (exitCode !== 0) missing(`the installation: ${stderr}`);
      return async () => {
        const ended = await runHere(['uninstall', '--purge', '--yes']);
        if (ended.exitCode !== 0 || existsSync(stableFolder())) missing(`the end of the installation: ${ended.stderr}`);
      };
    },
    waits: lab === null,
    close: () => server.close(),
  };
}

function thumbprintIn({ certificate, ...rest }: Told): Thumbprint {
  const text = Array.isArray(certificate) ? certificate.at(-1) : '';
  return toThumbprint(text ?? '') ?? missing(`a certificate: ${JSON.stringify({ certificate, ...rest })}`);
}

function missing(what: string): never {
  throw new Error(`there is not ${what}`);
}

export async function openServer(lab: string | null): Promise<Server> {
  if (lab !== null) return (await openWindowsLabServer(lab)).server;
  const installed = stableFolder();
  const { server } = await openThisServer({
    programFolder: existsSync(installed) ? installed : null,
    env: process.env,
  });
  return server;
}

function runOnLab(lab: string, words: readonly string[]) {
  return run([...words, '--server', 'windows', '--lab', lab, '--json']);
}

function runHere(words: readonly string[]) {
  const installed = join(stableFolder(), 'certrebind.exe');
  const packed = join(checkout, 'dist', 'certrebind.exe');
  return ended(existsSync(installed) ? installed : packed, [...words, '--json'], process.env);
}

function askHere(name: string, words: readonly string[]): Promise<Told> {
  const powershell = join(process.env.SystemRoot ?? 'C:\\Windows', 'System32/WindowsPowerShell/v1.0/powershell.exe');
  return asked(powershell, [scriptOf(name)], words, process.env);
}

async function askLab(lab: string, name: string, words: readonly string[]): Promise<Told> {
  const engine = demandLabEngine(checkout, process.env);
  const root = await makeSystemRoot({ checkout, engine, lab, pipe: null, account: 'system' });
  try {
    const { PSModulePath: _inherited, ...inherited } = process.env;
    const env = { ...inherited, SystemRoot: root.folder, CERTREBIND_LAB_MODULES: root.modules.join(delimiter) };
    return await asked(root.engine, [join(import.meta.dirname, 'on-lab.ps1'), scriptOf(name)], words, env);
  } finally {
    await root.remove();
  }
}

function scriptOf(name: string): string {
  return join(import.meta.dirname, `${name}.ps1`);
}

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
    const first = ['-NoLogo', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File'];
    const { exitCode, stdout, stderr } = await ended(engine, [...first, ...scripts, file, ...words], env);
    if (exitCode !== 0) throw new Error(`${scripts.at(-1)} ended with ${exitCode}: ${stderr || stdout}`);
    return JSON.parse(await readFile(file, 'utf8'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function ended(program: string, words: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(program, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
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

async function freePort(): Promise<number> {
  const probe = createServer().listen({ host: '127.0.0.1', port: 0, exclusive: true });
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (typeof address !== 'object' || address === null) throw new Error('no port of the loopback address is free');
  return address.port;
}
