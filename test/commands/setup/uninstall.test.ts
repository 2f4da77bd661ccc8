import assert from 'node:assert/strict';
import { on } from 'node:events';
import { watch } from 'node:fs';
import { chmod, lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { acquireLock } from '../../../src/engine/state/lock.ts';
import { persistentFiles } from '../../../src/engine/state/persistent-files.ts';
import { labAround } from '../../../src/lab/servers/lab.ts';
import { withInstallationLock } from '../../../src/session/setup/installation-lock.ts';
import type { RunningProgram } from '../../../src/shell/running-program.ts';
import { type Performed, perform } from '../../security/program.ts';
import { nativeTask } from '../../stories/native-task.ts';
import { temporaryLab } from '../../support/temporary-lab.ts';

const native = '\\Microsoft\\Windows\\CertificateServicesClient\\IIS-AutoCertRebind';

describe('uninstall', () => {
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  let running: RunningProgram;
  let place: string;
  let home: string;

  beforeEach(async () => {
    lab = await temporaryLab({ sites: 1 });
    const downloads = join(lab.folder, 'downloads');
    await mkdir(downloads);
    running = { file: join(downloads, 'certrebind'), packaged: true };
    await writeFile(running.file, 'program 1', { mode: 0o755 });
    place = join(lab.folder, 'Program Files', 'CertRebind');
    home = join(lab.folder, 'certrebind');
  });
  afterEach(() => lab.remove());

  const call = (...words: string[]) => perform([...words, '--lab', lab.folder, '--json'], running);
  const isThere = (path: string) =>
    lstat(path).then(
      () => true,
      () => false,
    );

  /** As after `enable --replace-native`. */
  async function takenOver(): Promise<void> {
    await expectDone(call('enable', '--no-proof'));
    await nativeTask(lab.folder, { name: 'IIS-AutoCertRebind', enabled: false });
    const [path, name] = ['\\Microsoft\\Windows\\CertificateServicesClient\\', 'IIS-AutoCertRebind'];
    const disabled = [{ path, name, at: '2026-06-01T12:00:00.000Z' }];
    await persistentFiles(home).writeAdoption({ schema: 'certrebind/adoption/1', disabled });
  }

  async function expectDone(ended: Promise<Performed>): Promise<Performed['document']> {
    const { exitCode, document } = await ended;
    assert.equal(exitCode, 0, JSON.stringify(document));
    return document;
  }

  for (const words of [['uninstall'], ['uninstall', '--purge']]) {
    it(`${words.join(' ')} enables IIS Manager's own task again where enable --replace-native disabled it`, async () => {
      await takenOver();
      assert.deepEqual((await call('status')).document.native, { present: true, enabled: false });

      assert.deepEqual((await expectDone(call(...words))).restored, [native]);
      assert.deepEqual((await call('status')).document.native, { present: true, enabled: true });
      assert.deepEqual((await expectDone(call(...words))).restored, [], 'it is remembered no longer');
    });
  }

  it('says to people which task it enabled again', async () => {
    await takenOver();
    const { stdout } = await perform(['uninstall', '--lab', lab.folder], running);
    assert.ok(stdout.includes(`Enabled again (enable --replace-native had disabled it): ${native}\n`), stdout);
  });

  it("leaves IIS Manager's own task disabled where somebody else disabled it", async () => {
    await nativeTask(lab.folder, { name: 'IIS-AutoCertRebind', enabled: false });
    await expectDone(call('enable', '--no-proof'));
    assert.deepEqual((await expectDone(call('uninstall'))).restored, []);
    assert.deepEqual((await call('status')).document.native, { present: true, enabled: false });
  });

  for (const words of [['uninstall'], ['uninstall', '--purge']]) {
    it(`${words.join(' ')} removes nothing while a run holds the lock`, async () => {
      await expectDone(call('enable', '--no-proof'));
      const before = await readdir(place);
      const lock = await acquireLock(home, { wait: false, signal: new AbortController().signal });
      try {
        const { exitCode, document } = await call(...words);
        assert.deepEqual([exitCode, document.error.code], [6, 'locked']);
        assert.deepEqual(await readdir(place), before);
        assert.equal((await call('status')).document.enabled, true);
        assert.ok(await isThere(join(home, 'lock')));
      } finally {
        await lock.release();
      }
    });
  }

  it('--purge removes nothing where a run was interrupted, whose journal is needed', async () => {
    await expectDone(call('enable', '--no-proof'));
    const run = '20260601-120000000-abcd';
    await mkdir(join(home, 'runs', run), { recursive: true });
    await writeFile(join(home, 'runs', run, 'journal.ndjson'), '{"type":"opened"}\n');
    const before = await readdir(place);
    const { exitCode, document } = await call('uninstall', '--purge');
    assert.deepEqual([exitCode, document.error.code], [3, 'run-unfinished']);
    assert.ok(document.error.message.includes(run));
    assert.deepEqual(await readdir(place), before);
    assert.equal((await call('status')).document.enabled, true);
    assert.equal((await expectDone(call('uninstall'))).state, home, 'the history may stay');
  });

  it('--wait goes on once the run has ended, and --purge takes the lock away with the rest', async () => {
    await expectDone(call('enable', '--no-proof'));
    const lock = await acquireLock(home, { wait: false, signal: new AbortController().signal });
    const watching = new AbortController();
    const waits = lockTries(home, 2, watching.signal);
    const ended = call('uninstall', '--purge', '--wait');
    await Promise.race([waits, ended]);
    watching.abort();
    await lock.release();
    assert.equal((await expectDone(ended)).state, null);
    assert.equal(await isThere(home), false);
    assert.equal(await isThere(place), false);
  });

  it('names what stands in the place where the list of installed files is missing, and what to do', async () => {
    await expectDone(call('install'));
    await rm(join(place, 'installed.json'));
    const before = await filesBelow(place);
    const { removed, left } = await expectDone(call('uninstall'));
    assert.deepEqual([removed, [...left].sort()], [[], before]);
    const { stdout } = await perform(['uninstall', '--lab', lab.folder], running);
    assert.ok(stdout.includes('has no list of installed files, so nothing was removed there.'), stdout);
    assert.match(stdout, /Left there: .*certrebind-adapter\.ps1.*\n.*run install to make the list again/);
    await expectDone(call('install'));
    assert.deepEqual((await expectDone(call('uninstall'))).left, []);
    assert.equal(await isThere(place), false);
  });

  it('says that nothing was installed where nothing is', async () => {
    const { stdout } = await perform(['uninstall', '--lab', lab.folder], running);
    assert.equal(stdout, `Nothing was installed in ${place}.\n`);
  });

  it('--purge says what it removed, also where no program is left', async () => {
    await expectDone(call('install'));
    await perform(['config', 'set', 'undo', 'run', '--lab', lab.folder], running);
    const { state, purged } = await expectDone(call('uninstall'));
    assert.ok(state !== null);
    assert.equal(purged, null);
    const { stdout } = await perform(['uninstall', '--purge', '--yes', '--lab', lab.folder], running);
    assert.match(stdout, /^Nothing was installed in /);
    assert.ok(stdout.includes(`History and configuration were removed from ${state}.`), stdout);
    assert.equal((await expectDone(call('uninstall', '--purge'))).purged, null, 'nothing is left to remove');
  });

  it('--purge removes the file of numbers, and leaves a file that is none', async () => {
    const file = join(lab.folder, 'certrebind.prom');
    for (const [text, left] of [
      ['# HELP certrebind_build_info The version.\n', false],
      ['# HELP other_info Of another program.\n', true],
    ] as const) {
      await expectDone(call('enable', '--no-proof'));
      await writeFile(join(home, 'config.json'), JSON.stringify({ metrics: { file } }));
      await writeFile(file, text);
      await expectDone(call('uninstall'));
      assert.equal(await isThere(file), true, 'without --purge it stays');
      const { warnings } = await expectDone(call('uninstall', '--purge'));
      assert.deepEqual(
        [await isThere(file), warnings.some((one: string) => one.startsWith(`${file} was left`))],
        [left, left],
      );
    }
  });

  it('--purge leaves a file of numbers where others could put a link in its place', async () => {
    const folder = join(lab.folder, 'metrics');
    const file = join(folder, 'certrebind.prom');
    await mkdir(folder);
    await writeFile(file, '# HELP certrebind_build_info The version.\n');
    await chmod(folder, 0o777);
    await expectDone(call('enable', '--no-proof'));
    await writeFile(join(home, 'config.json'), JSON.stringify({ metrics: { file } }));
    const { warnings } = await expectDone(call('uninstall', '--purge'));
    assert.equal(warnings.length, 1);
    assert.ok(warnings[0].startsWith(`${file} was left: ${folder} can be written by`), warnings[0]);
    assert.ok(await isThere(file));
  });

  it('leaves what a start that waited for the lock has begun there since', async () => {
    const { server, home: folder } = await labAround(running).open(
      { server: undefined, replay: undefined, lab: lab.folder },
      {},
    );
    const begun = join(home, 'runs', '20260601-120000000-abcd', 'journal.ndjson');
    await withInstallationLock({ server, home: folder }, { wait: false, leavesNoFolder: true }, async () => {
      await mkdir(dirname(begun), { recursive: true });
      await writeFile(begun, '');
    });
    await server.close();
    assert.ok(await isThere(begun));
    assert.equal(await isThere(join(home, 'temp')), false);
    await rm(join(home, 'runs'), { recursive: true });
  });

  it('makes no state folder where there is none', async () => {
    await expectDone(call('install'));
    assert.equal((await expectDone(call('uninstall'))).state, null);
    assert.equal(await isThere(home), false);
  });

  const unsafeStates: readonly (readonly [string, (others: string) => Promise<void>])[] = [
    ['a link stands in the place of the state folder', (others) => symlink(others, home)],
    [
      'others can write the state folder',
      async (others) => {
        await mkdir(home);
        await chmod(home, 0o777);
        await symlink(others, join(home, 'runs'));
      },
    ],
  ];
  for (const [what, make] of unsafeStates) {
    it(`--purge removes nothing, and follows no link, where ${what}`, async () => {
      await expectDone(call('install'));
      await rm(home, { recursive: true });
      const others = join(lab.folder, 'others');
      await mkdir(others);
      await writeFile(join(others, 'notes.txt'), 'of somebody');
      await make(others);
      const { exitCode, document } = await call('uninstall', '--purge');
      assert.deepEqual([exitCode, document.error?.code], [7, 'unsafe-folder']);
      assert.equal(await readFile(join(others, 'notes.txt'), 'utf8'), 'of somebody');
      assert.ok(await isThere(join(place, 'certrebind')), 'the program was removed');
    });
  }
});

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .sort();
}

/** Resolves when somebody has tried so many times to take the lock of a folder. */
async function lockTries(folder: string, count: number, until: AbortSignal): Promise<void> {
  const tried = new Set<string>();
  for await (const [, name] of on(watch(folder, { signal: until }), 'change', { signal: until })) {
    if (/^lock\..*\.tmp$/.test(name)) tried.add(name);
    if (tried.size === count) return;
  }
}
