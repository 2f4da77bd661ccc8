import { once } from 'node:events';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { makeSite } from '../../../src/commands/rehearse/rehearse.ts';
import { rehearsalMark } from '../../../src/documents/rehearsal.ts';
import type { Handshaker } from '../../../src/engine/run/context.ts';
import { openWindowsLabServer } from '../../../src/lab/windows/open.ts';
import { type Thumbprint, toThumbprint } from '../../../src/model/certificates/thumbprint.ts';
import { tlsHandshaker } from '../../../src/server/handshake.ts';
import type { Server } from '../../../src/server/server.ts';
import { findAdapterScript } from '../../../src/server/windows/adapter-script.ts';
import { openThisServer } from '../../../src/server/windows/this-server.ts';
import { newRunId } from '../../../src/session/run/run.ts';
import { clock } from '../../../src/session/session.ts';
import { folderInPlace, placeIn } from '../../../src/shell/running-program.ts';
import { run } from '../../cli/run-program.ts';
import { allSigned, unelevated } from './conditions.ts';
import type { Bench } from './core/bench.ts';
import { handsBy } from './core/hands.ts';
import { isSaid, NotMeasured, type Told } from './measurement.ts';
import {
  accounts,
  askScript,
  install,
  installedProgram,
  type Machine,
  openAsker,
  type Printed,
  programFolder,
  runProgram,
  upgrade,
} from './programs.ts';
import { addAuthority, withLab } from './with-lab.ts';

/**
 * Where a file of a suite is: on a Windows, or on our own Windows lab, where the same words meet a real PowerShell with
 * modules that stand in for those of Windows. Nothing else knows which of them it is.
 */
export interface Stage {
  /** Where the program is, or would be, installed. */
  readonly folder: string;
  /** The program's own port to this server: one PowerShell, opened at the first question. */
  readonly server: Server;
  /** The program as a person starts it, with one JSON document. */
  certrebind(words: readonly string[], input?: string): Promise<Printed>;
  /** The same as somebody who is no administrator until asked: from a filtered token. */
  unelevated(words: readonly string[]): Promise<Printed>;
  /** A script of the suite in Windows PowerShell, a process of its own: `<name>.ps1`, part by part. */
  ask(name: string, words?: readonly string[]): Promise<Told>;
  readonly handshake: Handshaker;
  /** A site of our own with two certificates. Everything with the mark is removed when the file has ended. */
  bench(): Promise<Bench>;
  /** A certificate of an authority, with the mark; on a Windows by certreq, from an authority of this machine. */
  enrol(host: string): Promise<Thumbprint>;
  /** Its renewal, announced as that kind of server does. */
  renew(old: Thumbprint): Promise<Thumbprint>;
  /** @returns takes it away again; nothing where the program is there already */
  install(): Promise<() => Promise<void>>;
  /** The next version over the installed one, while that runs. @returns goes back, where the program is there still */
  upgrade(): Promise<() => Promise<void>>;
  /** Scripts run only if they are signed, and the installed ones and those of the suites are. @returns lifts it again */
  allSigned(): Promise<() => Promise<void>>;
  /** On a machine of that culture: this one, or a new lab. */
  inCulture(name: string, work: (stage: Stage) => Promise<void>): Promise<void>;
  /** Whether there is time for what takes minutes; a lab only shows that it can be asked. */
  readonly waits: boolean;
  close(): Promise<void>;
}

export async function openStage(machine: Machine): Promise<Stage> {
  const { lab } = machine;
  const server = await openServer(machine);
  const handshake = tlsHandshaker(server, { timeoutMs: 5000, attempts: 2 });
  const ask = (name: string, words: readonly string[] = []) => askScript(machine, name, words);
  const acts = openAsker(machine);
  return {
    folder: programFolder(machine),
    server,
    handshake,
    certrebind: async (words, input) => {
      const { exitCode, stdout, stderr } = await runProgram(machine, words, input);
      if (stdout === '') missing(`an answer of certrebind ${words.join(' ')}, which ended with ${exitCode}: ${stderr}`);
      return { exitCode, document: JSON.parse(stdout) };
    },
    unelevated: (words) => unelevated(machine, words),
    ask,
    async bench() {
      const request = { id: newRunId(clock.now()), port: await freePort() };
      const made = await makeSite(server, await server.snapshot('brief'), request);
      const context = { server, handshake, clock };
      return { ...made, context, hands: handsBy(acts.ask), oldMadeAt: clock.now().getTime() };
    },
    enrol: async (host) => {
      const name = `${rehearsalMark} ${newRunId(clock.now())}`;
      if (lab === null) return thumbprintIn(await ask('ca/enrol', [host, name]));
      await addAuthority(lab);
      await server.change([{ do: 'rehearse', act: { act: 'add-certificate', name: host, friendlyName: name } }]);
      const { certificates } = await server.snapshot('brief');
      return (
        certificates.find(({ friendlyName }) => friendlyName === name)?.thumbprint ??
        missing(`the certificate of ${host}`)
      );
    },
    renew: async (old) => {
      if (lab === null) {
        const told = await ask('ca/renew', [old]);
        // In the log of the job: how a renewal of Windows is announced is what its suite is for.
        if (isSaid(told.way)) console.log(`  renewal of ${old}: ${told.way.join('; ')}`);
        return thumbprintIn(told);
      }
      const { stdout, stderr } = await run(['lab', 'renew', old, '--lab', lab, '--json']);
      return toThumbprint(JSON.parse(stdout || '{}').new ?? '') ?? missing(`the renewal of ${old}: ${stderr}`);
    },
    install: () => install(machine),
    upgrade: () => upgrade(machine),
    allSigned: () => allSigned(machine),
    inCulture: (name, work) => inCulture(machine, name, work),
    waits: lab === null,
    async close() {
      await acts.close();
      await server.close();
    },
  };
}

/** What was started before keeps its culture, so the stage is another one. */
async function inCulture(machine: Machine, name: string, work: (stage: Stage) => Promise<void>): Promise<void> {
  const onStage = async (there: Machine) => {
    const stage = await openStage(there);
    await work(stage).finally(() => stage.close());
  };
  const { lab } = machine;
  if (lab !== null) {
    const env = { ...machine.env, LANG: `${name.replace('-', '_')}.UTF-8` };
    await withLab(join(dirname(lab), name), (folder) => onStage({ ...machine, lab: folder, env }), env);
    return;
  }
  const { culture: before } = await askScript(machine, 'ca/culture', []);
  const { culture } = await askScript(machine, 'ca/culture', [name]);
  if (!isSaid(culture)) throw new NotMeasured(`the culture cannot be ${name}: ${culture?.refused}`);
  try {
    await onStage(machine);
  } finally {
    if (Array.isArray(before)) await askScript(machine, 'ca/culture', before);
  }
}

function thumbprintIn({ certificate, ...rest }: Told): Thumbprint {
  const text = Array.isArray(certificate) ? certificate.at(-1) : '';
  const thumbprint = toThumbprint(text ?? '');
  if (thumbprint !== null) return thumbprint;
  throw new NotMeasured(`the authority brought no certificate: ${JSON.stringify({ certificate, ...rest })}`);
}

function missing(what: string): never {
  throw new Error(`there is not ${what}`);
}

export async function openServer(machine: Machine): Promise<Server> {
  const { lab, env, kind } = machine;
  const file = installedProgram(machine);
  const programFolder = await folderInPlace(placeIn(dirname(file), { file, packaged: true }));
  if (lab === null) return openThisServer(findAdapterScript(programFolder), env).server;
  return (await openWindowsLabServer(lab, { env, account: accounts[kind], programFolder })).server;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen({ host: '127.0.0.1', port: 0, exclusive: true });
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (typeof address !== 'object' || address === null) throw new Error('no port of the loopback address is free');
  return address.port;
}
