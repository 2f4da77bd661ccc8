import assert from 'node:assert/strict';
import { promises } from 'node:fs';
import { cp, type FileHandle, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename, join, sep } from 'node:path';
import type { RunningProgram } from '../../src/command-line/running-program.ts';
import { rebindTaskName } from '../../src/documents/rebind-tasks.ts';
import { openLab } from '../../src/lab/host/channel.ts';
import type { LabState, LabTask } from '../../src/lab/kernel/lab-state.ts';
import type { Server } from '../../src/server/server.ts';
import { standingFiles } from '../../src/state/standing-files.ts';
import { perform } from '../security/program.ts';
import { nativeTask } from '../stories/native-task.ts';
import { type StartingProofs, startingProofs } from '../support/starting-proofs.ts';
import { temporaryLab } from '../support/temporary-lab.ts';

/** Thrown at the moment of death, and by everything that a dead process would still try. */
class Killed extends Error {}

const nativeName = 'IIS-AutoCertRebind';

describe('a kill of enable, install and uninstall', () => {
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  let running: RunningProgram;
  let home: string;
  let place: string;
  let modules: string;
  let copies = 0;
  let how: StartingProofs = {};

  beforeEach(async () => {
    how = {};
    lab = await temporaryLab({ sites: 1 });
    await mkdir(join(lab.folder, 'downloads'));
    running = { file: join(lab.folder, 'downloads', 'certrebind'), packaged: true };
    await writeFile(running.file, 'program 1', { mode: 0o755 });
    home = join(lab.folder, 'certrebind');
    place = join(lab.folder, 'Program Files', 'CertRebind');
    modules = join(lab.folder, 'Program Files', 'WindowsPowerShell', 'Modules');
  });
  afterEach(() => lab.remove());

  const call = (words: readonly string[], wrap?: (server: Server) => Server) =>
    perform(
      [...words, '--lab', lab.folder, '--json'],
      running,
      {},
      startingProofs(running, { ...how, ...(wrap && { wrap }) }),
    );

  async function done(words: readonly string[]): Promise<void> {
    const { exitCode, document } = await call(words);
    assert.equal(exitCode, 0, JSON.stringify(document));
  }

  const tasks = async (): Promise<readonly LabTask[]> => (await state()).tasks;

  async function state(): Promise<LabState> {
    const channel = await openLab(lab.folder);
    try {
      const { result } = await channel.send({ kind: 'read' });
      assert.ok(result.kind === 'state');
      return result.state;
    } finally {
      await channel.close();
    }
  }

  /** What would rebind a certificate that is renewed now: IIS Manager's own task, or ours with a program that is whole. */
  async function mechanisms(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const { name, enabled, xml } of await tasks()) {
      if (!enabled) continue;
      if (name === nativeName) found.push(name);
      if (name !== rebindTaskName) continue;
      const command = /<Command>(.*?)<\/Command>/.exec(xml)?.[1] ?? '';
      const text = await readFile(command, 'utf8').catch(() => '');
      if (/^program \d$/.test(text)) found.push(`${name}: ${text}`);
    }
    return found;
  }

  /** Kills the command at each of its effects in turn, looks, and lets the next start come to its end. */
  async function killedEverywhere(
    words: readonly string[],
    after: { readonly next: readonly string[]; readonly ends: readonly string[] },
  ): Promise<number> {
    const kept = join(lab.folder, '..', `kept-${++copies}`);
    await cp(lab.folder, kept, { recursive: true });
    for (let at = 1; ; at++) {
      await rm(lab.folder, { recursive: true, force: true });
      await cp(kept, lab.folder, { recursive: true, preserveTimestamps: true });
      const killed = await killedAt(at, words);
      const when = `${words.join(' ')}, killed at effect ${at}`;
      const found = await mechanisms();
      assert.ok(found.length > 0, `${when}: no mechanism is left`);
      await expectRemembered(when);
      if (!killed) return at - 1;
      // Whose process is gone does not hold a lock.
      for (const lock of ['installation.lock', 'lock']) await rm(join(home, lock), { force: true });
      await done(after.next);
      await expectRemembered(`${when}, then ${after.next.join(' ')}`);
      assert.deepEqual(await mechanisms(), after.ends, `${when}, then ${after.next.join(' ')}`);
      await expectWhole(after.next[0] !== 'uninstall', `${when}, then ${after.next.join(' ')}`);
      assert.deepEqual(
        (await tasks()).filter(({ name }) => name.startsWith('CertRebind-Proof')),
        [],
        `${when}: the task of a proof is left`,
      );
    }
  }

  /** Only what is remembered as disabled is ever enabled again. */
  async function expectRemembered(when: string): Promise<void> {
    const native = (await tasks()).find(({ name }) => name === nativeName);
    if (native?.enabled !== false) return;
    const { disabled } = await standingFiles(home).readAdoption();
    assert.deepEqual(
      disabled.map(({ name }) => name),
      [nativeName],
      `${when}: the task of IIS Manager is disabled, and uninstall would not enable it again`,
    );
  }

  /** Of what lies beside the program: all of it, or nothing. */
  async function expectWhole(installed: boolean, when: string): Promise<void> {
    const found = await readdir(modules, { recursive: true, withFileTypes: true }).catch(() => []);
    const files = found.filter((entry) => entry.isFile() && entry.name !== 'installed.json').map(({ name }) => name);
    const whole = Object.keys(JSON.parse(MODULE_FILES)).map((name) => basename(name));
    assert.deepEqual(files.sort(), installed ? whole.sort() : [], `${when}: files of the modules`);
    const keys = Object.keys((await state()).registry ?? {});
    assert.equal(keys.length, installed ? 1 : 0, `${when}: the list of installed programs`);
  }

  async function killedAt(at: number, words: readonly string[]): Promise<boolean> {
    let effects = 0;
    let dead = false;
    const effect = (): void => {
      if (dead) throw new Killed('dead already');
      effects += 1;
      dead = effects === at;
      if (dead) throw new Killed(`killed at effect ${at}`);
    };
    const release = countWrites([home, place, modules], effect);
    try {
      const whileAlive =
        <Asked extends readonly unknown[], T>(ask: (...asked: Asked) => Promise<T>) =>
        async (...asked: Asked) => {
          if (dead) throw new Killed('dead already');
          return ask(...asked);
        };
      await call(words, (server) => ({
        ...server,
        snapshot: whileAlive(server.snapshot),
        tasks: whileAlive(server.tasks),
        judgePaths: whileAlive(server.judgePaths),
        async change(changes) {
          const reports = [];
          // One by one: a process can die between any two.
          for (const change of changes) {
            effect();
            reports.push(...(await server.change([change])));
          }
          return reports;
        },
      }));
    } finally {
      await release();
    }
    return dead;
  }

  const enabling = ['enable', '--replace-native'];
  const ours = (program: number) => [`${rebindTaskName}: program ${program}`];

  it('enable --replace-native always leaves a mechanism, and the next one comes to its end', async () => {
    await nativeTask(lab.folder, { name: nativeName, enabled: true });
    const points = await killedEverywhere(enabling, {
      next: ['enable', '--replace-native'],
      ends: ours(1),
    });
    console.log(`    ${points} effects of enable`);
    assert.ok(points > 30, `only ${points} effects`);
  });

  it('install of a new version always leaves a mechanism, and the next one comes to its end', async () => {
    await nativeTask(lab.folder, { name: nativeName, enabled: true });
    await done(enabling);
    await writeFile(running.file, 'program 2');
    const points = await killedEverywhere(['install'], { next: ['install'], ends: ours(2) });
    console.log(`    ${points} effects of install`);
    assert.ok(points > 30, `only ${points} effects`);
  });

  it('uninstall always leaves a mechanism where IIS Manager had one, and the next one comes to its end', async () => {
    await nativeTask(lab.folder, { name: nativeName, enabled: true });
    await done(enabling);
    const points = await killedEverywhere(['uninstall'], { next: ['uninstall'], ends: [nativeName] });
    console.log(`    ${points} effects of uninstall`);
    assert.ok(points > 10, `only ${points} effects`);
  });

  it('an upgrade that cannot be proven always leaves a mechanism, and uninstall after it gives IIS Manager its own back', async () => {
    await nativeTask(lab.folder, { name: nativeName, enabled: true });
    await done(enabling);
    await writeFile(running.file, 'program 2');
    how = { works: () => false };
    const points = await killedEverywhere(['enable'], { next: ['uninstall'], ends: [nativeName] });
    console.log(`    ${points} effects of an upgrade that is not proven`);
    assert.ok(points > 20, `only ${points} effects`);
  });
});

const writing = ['link', 'mkdir', 'rename', 'rm', 'rmdir', 'unlink'] as const;

/** Calls `effect` before every writing in these folders, for as long as it is not released. */
function countWrites(folders: readonly string[], effect: () => void): () => Promise<void> {
  const handles: FileHandle[] = [];
  const originals = { ...promises };
  const isIn = (path: unknown) =>
    typeof path === 'string' && folders.some((folder) => path === folder || path.startsWith(folder + sep));
  for (const name of writing) {
    const whole = originals[name];
    Object.assign(promises, {
      [name]: async (...args: readonly unknown[]) => {
        if (args.some(isIn)) effect();
        return Reflect.apply(whole, promises, args);
      },
    });
  }
  Object.assign(promises, {
    open: async (...args: readonly unknown[]) => {
      if (isIn(args[0]) && typeof args[1] === 'string' && /[wa+]/.test(args[1])) effect();
      const opened = await Reflect.apply(originals.open, promises, args);
      handles.push(opened);
      return opened;
    },
  });
  syncBuiltinESMExports();
  return async () => {
    Object.assign(promises, originals);
    syncBuiltinESMExports();
    // A process that is gone has nothing open.
    await Promise.all(handles.map((handle) => handle.close().catch(() => {})));
  };
}
