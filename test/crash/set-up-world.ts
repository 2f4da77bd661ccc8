import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { rebindTaskName } from '../../src/documents/scheduled-tasks.ts';
import { persistentFiles } from '../../src/engine/state/persistent-files.ts';
import { loadLab } from '../../src/lab/host/folder.ts';
import type { LabTask } from '../../src/lab/kernel/lab-state.ts';
import type { RunningProgram } from '../../src/shell/running-program.ts';
import { type Performed, perform } from '../security/program.ts';
import { nativeTask } from '../stories/native-task.ts';
import { type StartingProofs, startingProofs } from '../support/starting-proofs.ts';
import { temporaryLab } from '../support/temporary-lab.ts';

/** The task of IIS Manager. */
export const nativeName = 'IIS-AutoCertRebind';
export const enabling = ['enable', '--replace-native'];
export const ours = (program: number) => [`${rebindTaskName}: program ${program}`];

/** A lab, and an executable to set up there. */
export interface SetUpWorld {
  readonly folder: string;
  /** Where state, program and modules are. */
  readonly home: string;
  readonly place: string;
  readonly modules: string;
  call(words: readonly string[], how?: StartingProofs): Promise<Performed>;
  /** The same, which must succeed. */
  done(words: readonly string[], how?: StartingProofs): Promise<void>;
  /** Another version is what is set up from now on. */
  download(program: number): Promise<void>;
  tasks(): readonly LabTask[];
  /** Copies all of it, and returns what makes it be like that again. */
  keep(): Promise<() => Promise<void>>;
  /** Of what lies beside the program: all of it, or nothing. */
  expectWhole(installed: boolean, when: string): Promise<void>;
  remove(): Promise<void>;
}

/** With the task of IIS Manager, which is enabled. */
export async function setUpWorld(): Promise<SetUpWorld> {
  const { folder, remove } = await temporaryLab({ sites: 1 });
  await mkdir(join(folder, 'downloads'));
  const running: RunningProgram = { file: join(folder, 'downloads', 'certrebind'), packaged: true };
  const home = join(folder, 'certrebind');
  const place = join(folder, 'Program Files', 'CertRebind');
  const modules = join(folder, 'Program Files', 'WindowsPowerShell', 'Modules');
  let copies = 0;
  const world: SetUpWorld = {
    folder,
    home,
    place,
    modules,
    remove,
    call: (words, how = {}) =>
      perform([...words, '--lab', folder, '--json'], running, {}, startingProofs(running, how)),
    async done(words, how) {
      const { exitCode, document } = await world.call(words, how);
      assert.equal(exitCode, 0, JSON.stringify(document));
    },
    download: (program) => writeFile(running.file, `program ${program}`, { mode: 0o755 }),
    tasks: () => loadLab(folder).state.tasks,
    async keep() {
      const kept = join(folder, '..', `kept-${++copies}`);
      cpSync(folder, kept, { recursive: true });
      return async () => {
        await rm(folder, { recursive: true, force: true });
        cpSync(kept, folder, { recursive: true, preserveTimestamps: true });
      };
    },
    async expectWhole(installed, when) {
      const found = await readdir(modules, { recursive: true, withFileTypes: true }).catch(() => []);
      const files = found.filter((entry) => entry.isFile() && entry.name !== 'installed.json').map(({ name }) => name);
      const whole = Object.keys(JSON.parse(MODULE_FILES)).map((name) => basename(name));
      assert.deepEqual(files.sort(), installed ? whole.sort() : [], `${when}: files of the modules`);
      const keys = Object.keys(loadLab(folder).state.registry ?? {});
      assert.equal(keys.length, installed ? 1 : 0, `${when}: the list of installed programs`);
    },
  };
  await world.download(1);
  await nativeTask(folder, { name: nativeName, enabled: true });
  return world;
}

/**
 * What would rebind a certificate that is renewed now: IIS Manager's own task, or ours with a program that is whole.
 * @param at where the file is that a task names
 */
export async function mechanisms(
  tasks: readonly LabTask[],
  at: (command: string) => string = (command) => command,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { name, enabled, xml } of tasks) {
    if (!enabled) continue;
    if (name === nativeName) found.push(name);
    if (name !== rebindTaskName) continue;
    const command = /<Command>(.*?)<\/Command>/.exec(xml)?.[1] ?? '';
    const text = await readFile(at(command), 'utf8').catch(() => '');
    if (/^program \d$/.test(text)) found.push(`${name}: ${text}`);
  }
  return found;
}

/** Only what is remembered as disabled is ever enabled again. */
export async function expectRemembered(tasks: readonly LabTask[], home: string, when: string): Promise<void> {
  const native = tasks.find(({ name }) => name === nativeName);
  if (native?.enabled !== false) return;
  const { disabled } = await persistentFiles(home).readAdoption();
  assert.deepEqual(
    disabled.map(({ name }) => name),
    [nativeName],
    `${when}: the task of IIS Manager is disabled, and uninstall would not enable it again`,
  );
}
