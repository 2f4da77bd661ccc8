import { cpSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordsOf } from '../../src/kinds/holder.ts';
import { openLabServer } from '../../src/lab/client/lab-server.ts';
import { serveLab } from '../../src/lab/host/serve.ts';
import { checkPrinted } from '../cli/check-printed.ts';
import { jsonHere, runHere } from '../cli/run-here.ts';
import { type Ended, type RunOptions, run, startEnvironment, withOptions } from '../cli/run-program.ts';
import { serveLab as serveApart } from '../cli/serve-lab.ts';
import { findEngine } from '../engine.ts';
import { isSlow } from '../support/slow.ts';
import { removeAtExit } from '../support/temporary-lab.ts';

/**
 * A lab in a folder of its own, served here, worked on through the command line alone and read past it. What a task starts
 * is a program of its own; the hourly one starts when `lab tick` says so.
 */
export interface World {
  readonly folder: string;
  readonly certificates: readonly { readonly thumbprint: string; readonly names: readonly string[] }[];
  /** Runs a command on the server of this world. */
  certrebind(words: readonly string[], options?: RunOptions): Promise<Ended>;
  /** The same with `--json`: the exit code and the one document. */
  // biome-ignore lint/suspicious/noExplicitAny: a story reads whatever the contract says is there
  json(words: readonly string[]): Promise<{ readonly exitCode: number | null; readonly document: any }>;
  /** The same where the lab stands for the server on every kind: for what is only tidied up or looked up once more. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  onLab(words: readonly string[]): Promise<any>;
  /** A command on the lab itself; it must succeed. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  lab(words: readonly string[]): Promise<any>;
  /** What `on-event` gets from the task that starts it. */
  onEvent(words: readonly string[]): Promise<Ended>;
  /** What every certificate binding holds. */
  records(): Promise<ReadonlyMap<string, string | null>>;
  /** Every record in full, as the lab has them: the server of the story is not its own witness. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  snapshot(): Promise<any>;
  /** Ends the lab and serves it in a process of its own, as after a restart of Windows, with this besides in the environment of all it starts. */
  serveAgain(env: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}

export interface ServerKind {
  readonly kind: string;
  readonly words: (folder: string) => readonly string[];
}

const lab: ServerKind = { kind: 'lab', words: (folder) => ['--lab', folder] };
const windows: ServerKind = { kind: 'windows', words: (folder) => ['--server', 'windows', '--lab', folder] };

/** Both kinds of server that a story can be told on, where there is a PowerShell. */
export const serverKinds: readonly ServerKind[] = findEngine() === null ? [lab] : [lab, windows];

/**
 * The kinds of server on which stories are told: in `npm test` the lab, in the slow tier the Windows side, where
 * each command starts a PowerShell. A story goes through it for what is asked of Windows or changed there, once; what is
 * decided of the answers is `itQuickly`.
 */
export const servers: readonly ServerKind[] = isSlow ? serverKinds.filter((kind) => kind === windows) : [lab];

/** A `describe` for what is told on the lab alone. */
export function onLab(servers: readonly ServerKind[], title: string, tell: () => void): void {
  if (servers.includes(lab)) describe(title, tell);
}

/** What tells a program that the lab's scheduler starts which server it is for. */
export function taskEnvironment(words: ServerKind['words'], folder: string): Readonly<Record<string, string>> {
  const isWindows = words(folder).includes('windows');
  return { CERTREBIND_LAB: folder, ...(isWindows ? { CERTREBIND_LAB_SERVER: 'windows' } : {}) };
}

/**
 * @param words those of the lab when absent
 * @param creating options of `lab create`
 */
export async function openWorld(words = lab.words, creating: readonly string[] = []): Promise<World> {
  const root = await mkdtemp(join(tmpdir(), 'crb-'));
  const folder = join(root, 'lab');
  const created = await createdLab(creating);
  cpSync(created.folder, folder, { recursive: true });
  let end = (await serveLab(folder, { environment: startEnvironment, ticks: false })).close;

  async function json(line: readonly string[]): ReturnType<World['json']> {
    const { exitCode, stdout, stderr } = await runHere(withOptions(line, ...words(folder), '--json'));
    try {
      const document = JSON.parse(stdout);
      checkPrinted(document);
      return { exitCode, document };
    } catch (cause) {
      throw new Error(`no document: exit ${exitCode}, stdout ${stdout}, stderr ${stderr}`, { cause });
    }
  }

  async function snapshot(): ReturnType<World['snapshot']> {
    const { server } = await openLabServer(folder);
    try {
      return await server.snapshot();
    } finally {
      await server.close();
    }
  }

  return {
    folder,
    certificates: created.certificates,
    certrebind: (line, options) =>
      options === undefined
        ? runHere(withOptions(line, ...words(folder)))
        : run(withOptions(line, ...words(folder)), options),
    json,
    onLab: (line) => expectJson([...line, '--lab', folder]),
    lab: (line) => expectJson(['lab', ...line, '--lab', folder]),
    onEvent: (line) => run(['on-event', ...line], { env: taskEnvironment(words, folder) }),
    async records() {
      return new Map(recordsOf(await snapshot()).map(({ key, thumbprint }) => [key, thumbprint]));
    },
    snapshot,
    async serveAgain(env) {
      await end();
      end = (await serveApart(folder, { env: { ...process.env, ...env } })).stop;
    },
    async close() {
      await end();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** What `lab create` made. Made once for the same options, since each world is a copy. */
function createdLab(creating: readonly string[]): Promise<Pick<World, 'folder' | 'certificates'>> {
  const options = creating.join(' ');
  const known = createdLabs.get(options) ?? createLab(creating);
  createdLabs.set(options, known);
  return known;
}

const createdLabs = new Map<string, ReturnType<typeof createdLab>>();

async function createLab(creating: readonly string[]): ReturnType<typeof createdLab> {
  const root = await mkdtemp(join(tmpdir(), 'crb-'));
  removeAtExit(root);
  return expectJson(['lab', 'create', join(root, 'lab'), ...creating]);
}

// biome-ignore lint/suspicious/noExplicitAny: as above
async function expectJson(words: readonly string[]): Promise<any> {
  const { exitCode, document, stderr } = await jsonHere(words);
  if (exitCode !== 0)
    throw new Error(`certrebind ${words.join(' ')}: exit ${exitCode}\n${JSON.stringify(document)}${stderr}`);
  return document;
}
