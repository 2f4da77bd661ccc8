import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { writeFilledIn } from '../../../scripts/package/deployment-files.mjs';
import type { LabState } from '../../../src/lab/kernel/lab-state.ts';
import { shortLife } from '../../../src/lab/windows/open.ts';
import { serveLab } from '../../cli/serve-lab.ts';
import { stateOfLab } from '../../support/tell-lab.ts';
import { checkout } from '../artefacts.ts';
import { sha256 } from './versions.ts';

/** What ended, and what it printed line by line. */
export interface Ended {
  readonly exitCode: number;
  readonly printed: readonly string[];
}

/** What an installation could leave behind. */
export interface Everything {
  readonly files: readonly string[];
  readonly tasks: readonly string[];
  /** Among the installed programs, by key. */
  readonly products: Readonly<Record<string, unknown>>;
  /** History and configuration. */
  readonly remembered: boolean;
  /** Sources of the Application log. */
  readonly sources: readonly string[];
}

/** A server of the lab with PowerShell, on which a person or a product installs CertRebind. */
export interface Server {
  /** Of what was downloaded, and of the person's home. */
  readonly folder: string;
  /** Its `C:\Program Files`. */
  readonly programFiles: string;
  /** The program under its lasting name. */
  readonly installed: string;
  /** The files of `packaging/<name>` filled in for a version, in a folder of that name, with the program beside them. */
  packaged(name: string, version: string, program?: string): string;
  /** Runs a program on this server, without a shell. */
  start(file: string, words: readonly string[], input?: string): Ended;
  /** What the installed program says of the lab itself, in its document; the Windows side is not asked. */
  // biome-ignore lint/suspicious/noExplicitAny: a story reads whatever the contract says is there
  ask(...words: readonly string[]): any;
  /** A PowerShell process of its own; what each line printed. The first error ends it, and fails the test. */
  session(...lines: readonly string[]): readonly string[];
  state(): Promise<LabState>;
  everything(): Promise<Everything>;
  /** Runs a program as a person does, where it must end with 0. */
  typed(file: string, ...words: readonly string[]): void;
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** The program with the lab. */
  readonly program: string;
  readonly engine: string;
  /** Whether tasks and commands reach the lab through the Windows side. */
  readonly throughWindowsSide: boolean;
}

export async function makeServer({ program, engine, throughWindowsSide }: ServerOptions): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'certrebind-way-'));
  const [lab, home] = [join(folder, 'lab'), join(folder, 'home')];
  const programFiles = join(lab, 'Program Files');
  const homeModules = join(home, '.local', 'share', 'powershell', 'Modules');
  const moduleRoots = ['WindowsPowerShell', 'PowerShell'].map((name) => join(programFiles, name, 'Modules'));
  const { PSModulePath: _inherited, CERTREBIND_EXECUTABLE: _ours, ...inherited } = process.env;
  const env = {
    ...inherited,
    ...shortLife,
    ...(throughWindowsSide ? { CERTREBIND_CHECKOUT: checkout, CERTREBIND_LAB_SERVER: 'windows' } : {}),
    CERTREBIND_LAB: lab,
    HOME: home,
    XDG_DATA_HOME: '',
    XDG_CONFIG_HOME: '',
    XDG_CACHE_HOME: '',
    TERM: 'dumb',
  };
  const { status } = spawnSync(program, ['lab', 'create', lab], { stdio: 'ignore' });
  assert.equal(status, 0);
  for (const path of [homeModules, ...moduleRoots]) mkdirSync(path, { recursive: true });
  const serving = await serveLab(lab, { command: [program], env });
  const installed = join(programFiles, 'CertRebind', 'certrebind');

  const start: Server['start'] = (file, words, input = '') => {
    const { status, stdout, stderr } = spawnSync(file, words, { cwd: folder, env, input, encoding: 'utf8' });
    return { exitCode: status ?? -1, printed: linesOf(stdout + stderr) };
  };

  async function state(): Promise<LabState> {
    return stateOfLab(lab);
  }

  return {
    folder,
    programFiles,
    installed,
    start,
    state,
    packaged(name, version, program) {
      const place = join(folder, name);
      const filled = join(folder, 'filled-in');
      writeFilledIn(filled, { version, exe: program === undefined ? '' : sha256(program) });
      rmSync(place, { recursive: true, force: true });
      cpSync(join(filled, name), place, { recursive: true });
      rmSync(filled, { recursive: true });
      const tools = join(place, 'tools');
      // One file under another name: it is only read.
      if (program !== undefined) linkSync(program, join(existsSync(tools) ? tools : place, 'certrebind'));
      return place;
    },
    ask(...words) {
      const { status, stdout, stderr } = spawnSync(installed, [...words, '--json', '--server', 'lab'], {
        env: { ...env, CERTREBIND_LAB_SERVER: '' },
        encoding: 'utf8',
      });
      // In every lab another program keeps the old certificate on a port of its own, which `verify` tells.
      assert.equal(status, words[0] === 'verify' ? 9 : 0, stdout + stderr);
      return JSON.parse(stdout);
    },
    session(...lines) {
      const file = join(folder, 'session.ps1');
      const run = lines.map((line) => `. { ${line} } | Out-String -Width 100; '${mark}'`);
      writeFileSync(
        file,
        ["$ErrorActionPreference = 'Stop'", "$ProgressPreference = 'SilentlyContinue'", ...run].join('\n'),
      );
      const { status, stdout, stderr } = spawnSync(engine, ['-NoProfile', '-NonInteractive', '-File', file], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...env, PSModulePath: moduleRoots.join(':') },
      });
      assert.equal(status, 0, stdout + stderr);
      const printed = stdout.split(`${mark}\n`).slice(0, lines.length);
      return printed.map((text) => linesOf(text).join('\n'));
    },
    async everything() {
      const { tasks, registry = {}, applicationLog } = await state();
      return {
        files: [programFiles, homeModules].flatMap(namesBelow).map((file) => relative(folder, file)),
        tasks: tasks.map(({ path, name }) => path + name),
        products: registry,
        remembered: existsSync(join(lab, 'certrebind')),
        sources: applicationLog.sources ?? [],
      };
    },
    typed(file, ...words) {
      const { exitCode, printed } = start(file, words);
      assert.equal(exitCode, 0, printed.join('\n'));
    },
    async stop() {
      await serving.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const mark = '--- the next line of the session';

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
}

function namesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}
