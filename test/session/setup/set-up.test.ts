import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  rebindTask,
  rebindTaskName,
  reconcileTask,
  reconcileTaskName,
  taskFolder,
} from '../../../src/documents/scheduled-tasks.ts';
import { outbox } from '../../../src/engine/state/outbox.ts';
import { persistentFiles } from '../../../src/engine/state/persistent-files.ts';
import type { Snapshot } from '../../../src/kinds/snapshot.ts';
import { openLab } from '../../../src/lab/host/channel.ts';
import type { LabState, LabTask } from '../../../src/lab/kernel/lab-state.ts';
import type { LabRequest } from '../../../src/lab/kernel/requests.ts';
import type { Change, ChangeReport, Server } from '../../../src/server/server.ts';
import { adapterFileName } from '../../../src/server/windows/adapter-script.ts';
import type { RunningProgram } from '../../../src/shell/running-program.ts';
import { version } from '../../../src/shell/version.ts';
import { withOptions } from '../../cli/run-program.ts';
import { type Performed, perform } from '../../security/program.ts';
import { nativeTask } from '../../stories/native-task.ts';
import { each } from '../../support/each.ts';
import { recorded } from '../../support/power-cut.ts';
import { type StartingProofs, startingProofs } from '../../support/starting-proofs.ts';
import { temporaryLab } from '../../support/temporary-lab.ts';

const nativeName = 'IIS-AutoCertRebind';

describe('setting up: nothing that works is taken away before the new has answered', () => {
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  let running: RunningProgram;
  let home: string;
  let place: string;

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

  /** On a server whose Task Scheduler starts what it is told to. */
  const call = (words: readonly string[], how: StartingProofs = {}): Promise<Performed> =>
    perform(withOptions(words, '--lab', lab.folder, '--json'), running, {}, startingProofs(running, how));
  const never: StartingProofs = { works: () => false };
  /** Task Scheduler refuses to remove a task. */
  const keepsTasks = answering(({ do: what }) => what === 'unregister-task', refusal('No.'));

  async function done(words: readonly string[], how?: StartingProofs): Promise<Performed['document']> {
    const { exitCode, document } = await call(words, how);
    assert.equal(exitCode, 0, JSON.stringify(document));
    return document;
  }

  async function refused(words: readonly string[], code: string, how: StartingProofs = never): Promise<string> {
    const { document } = await call(words, how);
    assert.equal(document.error?.code, code, JSON.stringify(document));
    return document.error.message;
  }

  async function send(request: LabRequest): Promise<LabState> {
    const channel = await openLab(lab.folder);
    try {
      await channel.send(request);
      const { result } = await channel.send({ kind: 'read' });
      assert.ok(result.kind === 'state');
      return result.state;
    } finally {
      await channel.close();
    }
  }

  const tasks = async (): Promise<ReadonlyMap<string, LabTask>> =>
    new Map((await send({ kind: 'read' })).tasks.map((task) => [task.name, task]));
  const command = (task: LabTask | undefined) => /<Command>(.*?)<\/Command>/.exec(task?.xml ?? '')?.[1];
  const native = async () => (await tasks()).get(nativeName)?.enabled;
  const leftover = `CertRebind-Proof-${'f'.repeat(16)}`;
  /** The task of a proof that did not end. */
  const registerLeftover = () => {
    const xml = rebindTask({ command: '/x' });
    return send({ kind: 'register-task', path: taskFolder, name: leftover, xml, force: true });
  };
  const remember = async (command: 'enable' | 'install', replaceNative = true) => {
    await mkdir(home, { recursive: true, mode: 0o700 });
    const unfinished = { command, at: '2026-06-01T12:00:00.000Z', replaceNative };
    await persistentFiles(home).writeSetup({ ...(await setup()), unfinished });
    return unfinished;
  };
  const own = async () => command((await tasks()).get(rebindTaskName));
  const findings = async () =>
    (await call(['status'])).document.findings.map(({ code }: { code: string }) => code).sort();
  const setup = () => persistentFiles(home).readSetup();

  async function filesIn(folder: string): Promise<Readonly<Record<string, string>>> {
    if (!existsSync(folder)) return {};
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    return Object.fromEntries(
      await Promise.all(files.sort().map(async (file) => [file, await readFile(file, 'utf8')] as const)),
    );
  }

  /** Version 0.1.0 as it put itself: right into the folder, with tasks that start it there, and never verified. */
  async function install010({ replacedNative }: { readonly replacedNative: boolean }): Promise<void> {
    await mkdir(place, { recursive: true });
    await mkdir(home, { mode: 0o700 });
    const files = { certrebind: 'program 0', 'certrebind-adapter.ps1': '# adapter 0' };
    for (const [name, text] of Object.entries(files)) await writeFile(join(place, name), text, { mode: 0o755 });
    const list = Object.entries(files).map(([name, text]) => ({
      name,
      sha256: createHash('sha256').update(text).digest('hex'),
    }));
    const at = '2026-01-01T00:00:00.000Z';
    const installed = { schema: 'certrebind/installed/1', version: '0.0.0', at, files: list };
    await writeFile(join(place, 'installed.json'), `${JSON.stringify(installed, null, 1)}\n`);
    const program = { command: join(place, 'certrebind') };
    const own: readonly (readonly [string, string])[] = [
      [rebindTaskName, rebindTask(program)],
      [reconcileTaskName, reconcileTask(program, 17)],
    ];
    for (const [name, xml] of own) await send({ kind: 'register-task', path: taskFolder, name, xml, force: true });
    if (!replacedNative) return;
    await nativeTask(lab.folder, { name: nativeName, enabled: false });
    const disabled = [{ path: taskFolder, name: nativeName, at }];
    await persistentFiles(home).writeAdoption({ schema: 'certrebind/adoption/1', disabled });
  }

  describe('enable', () => {
    it('proves, registers, and only then disables the task of IIS Manager', async () => {
      await nativeTask(lab.folder, { name: nativeName, enabled: true });
      const order: string[] = [];
      const document = await done(['enable', '--replace-native'], noting(order));
      assert.deepEqual(order, [
        'create-folder',
        'create-folder',
        'register-task CertRebind-Proof',
        'start-task CertRebind-Proof',
        'unregister-task CertRebind-Proof',
        'register-task CertRebind',
        'register-task CertRebind-Reconcile',
        `set-task-enabled ${nativeName}`,
        // The modules, and the list of installed programs.
        'create-folder',
        'create-folder',
        'list-product',
      ]);
      assert.equal(await native(), false);
      assert.equal(await own(), join(place, version, 'certrebind'));
      assert.equal(document.proof.version, version);
      assert.deepEqual(document.findings, []);
      assert.deepEqual((await readdir(home)).sort(), ['adoption.json', 'setup.json', 'temp']);
    });

    it('leaves the server exactly as it was where Task Scheduler starts nothing, and says why', async () => {
      await nativeTask(lab.folder, { name: nativeName, enabled: true });
      const before = await tasks();
      const message = await refused(['enable', '--replace-native'], 'proof-failed');
      assert.match(message, /did not start the test task within 0 s: it has never run .* Nothing was registered\./);
      assert.deepEqual(await tasks(), before);
      assert.equal(existsSync(place), false, 'the program was left in its place');
      assert.deepEqual(await findings(), ['proof-failed', 'task-missing']);
      assert.deepEqual((await setup()).unfinished, null);
    });

    for (const next of ['enable', 'disable'])
      it(`remembers a test task that it could not take away, and the next ${next} takes it away`, async () => {
        await refused(['enable'], 'proof-left', { ...never, ...keepsTasks });
        assert.equal((await setup()).unfinished?.command, 'enable');
        const proofs = async () => [...(await tasks()).keys()].filter((name) => name.startsWith('CertRebind-Proof'));
        assert.equal((await proofs()).length, 1);
        await done([next]);
        assert.deepEqual(await proofs(), []);
        assert.equal((await setup()).unfinished, null);
      });

    it('says what the program said where it cannot read the server, and leaves everything as it was', async () => {
      const before = await tasks();
      const hanging = around(async (changes, make) => {
        if (changes.some((change) => change.do === 'start-task')) await hang();
        return make(changes);
      });
      const message = await refused(['enable'], 'proof-failed', hanging);
      assert.match(message, /it cannot work here: The server did not answer/);
      assert.deepEqual(await tasks(), before);
    });

    const hang = () =>
      send({
        kind: 'arm-fault',
        fault: { on: { kind: 'read' }, nth: 3, times: 1, effect: { do: 'hang', after: false } },
      });

    it('remembers the task of IIS Manager once, though somebody enabled it in the meantime', async () => {
      await nativeTask(lab.folder, { name: nativeName, enabled: true });
      await done(['enable', '--replace-native']);
      await send({ kind: 'set-task-enabled', path: taskFolder, name: nativeName, enabled: true });
      await done(['enable', '--replace-native']);
      assert.equal(await native(), false);
      assert.equal((await persistentFiles(home).readAdoption()).disabled.length, 1);
    });

    it('sets how renewals are found, beside what is set, and counts it at once', async () => {
      await mkdir(home, { mode: 0o700 });
      await writeFile(join(home, 'config.json'), '{"undo":"run"}', { mode: 0o600 });
      await done(['enable', '--successors', 'same-names']);
      const written = JSON.parse(await readFile(join(home, 'config.json'), 'utf8'));
      assert.deepEqual(written, { undo: 'run', successors: 'same-names' });
    });

    it('asks what to do with the task of IIS Manager where that is active, and has made nothing', async () => {
      await nativeTask(lab.folder, { name: nativeName, enabled: true });
      const message = await refused(['enable'], 'native-active', {});
      assert.match(message, /IIS-AutoCertRebind is active and also rebinds certificates\. Nothing was registered\.$/);
      assert.deepEqual([...(await tasks()).keys()], [nativeName]);
      assert.equal(existsSync(place), false);
    });

    it('says what a proof has left, though it proves that the tasks work', async () => {
      const { stdout } = await perform(
        ['enable', '--lab', lab.folder],
        running,
        {},
        startingProofs(running, keepsTasks),
      );
      assert.match(stdout, /The task \S*CertRebind-Proof-[0-9a-f]{16} could not be removed: No\.\n/);
      assert.equal(await own(), join(place, version, 'certrebind'));
      assert.doesNotMatch(stdout, /--successors/);
    });

    it('has tasks start a bundle where it lies, and installs nothing', async () => {
      const bundle = { ...running, packaged: false };
      const ended = await perform(['enable', '--lab', lab.folder, '--json'], bundle, {}, startingProofs(bundle));
      assert.equal(ended.exitCode, 0, ended.stdout);
      assert.equal(await own(), bundle.file);
      assert.equal(existsSync(place), false);
    });

    it('tells what it does while it works, and sends what failed', async () => {
      await mkdir(home, { mode: 0o700 });
      await writeFile(join(home, 'config.json'), JSON.stringify({ notify: { webhook: { url: 'secret:nowhere' } } }), {
        mode: 0o600,
      });
      const stages = async (how: StartingProofs) => {
        const words = ['enable', '--lab', lab.folder, '--progress', 'json'];
        const { stderr } = await perform(words, running, {}, startingProofs(running, how));
        return stderr
          .split('\n')
          .flatMap((line) => (line.startsWith('{"schema":"certrebind/progress/1"') ? [JSON.parse(line).stage] : []));
      };
      for (const [how, messages] of [
        [{ ...never, ...keepsTasks }, 1],
        [never, 2],
      ] as const) {
        assert.deepEqual(await stages(how), ['place', 'proof-start']);
        const sent = await outbox(home).list();
        assert.deepEqual(
          each(sent, 'attempts'),
          Array.from({ length: messages }, () => 1),
        );
      }
      assert.deepEqual(await stages({}), ['place', 'proof-start', 'register']);
    });

    it('ends at once where nobody starts tasks, and has made nothing', async () => {
      const { exitCode, document } = await perform(['enable', '--lab', lab.folder, '--json'], running);
      assert.deepEqual([exitCode, document.error.code], [7, 'no-task-scheduler']);
      assert.match(document.error.hint, /--no-proof/);
      assert.equal(existsSync(place), false);
      assert.equal((await tasks()).size, 0);
    });

    it('--no-proof registers there, and doctor says that nothing is verified', async () => {
      const ended = await perform(['enable', '--no-proof', '--lab', lab.folder, '--json'], running);
      assert.equal(ended.exitCode, 0);
      assert.equal(await own(), join(place, version, 'certrebind'));
      assert.deepEqual(await findings(), ['proof-missing']);
    });

    it('takes no two answers to one question', async () => {
      await refused(['enable', '--replace-native', '--alongside'], 'usage', {});
      assert.equal((await tasks()).size, 0);
    });

    it('--no-proof cannot take away what works', async () => {
      await nativeTask(lab.folder, { name: nativeName, enabled: true });
      const { exitCode, document } = await call(['enable', '--replace-native', '--no-proof']);
      assert.deepEqual([exitCode, document.error.code], [2, 'usage']);
      assert.equal(await native(), true);
    });

    it('proves once: the same program is not verified again', async () => {
      await done(['enable']);
      const order: string[] = [];
      await done(['enable'], noting(order));
      assert.deepEqual(order, []);
    });

    it('proves anew when the program has become another one', async () => {
      await done(['enable']);
      await writeFile(running.file, 'program 2');
      const order: string[] = [];
      await done(['enable'], noting(order));
      assert.ok(order.includes('start-task CertRebind-Proof'), order.join());
      assert.match((await own()) ?? '', new RegExp(`${version}\\.[0-9a-f]{8}/certrebind$`));
    });

    it('says that a proof has expired when the file that tasks start was changed', async () => {
      await done(['enable']);
      await writeFile((await own()) ?? '', 'other');
      const status = await done(['status']);
      assert.equal(status.proof, null);
      assert.ok((await findings()).includes('proof-missing'));
    });

    it('has remembered the task of IIS Manager on the disk before it disables that', async () => {
      await nativeTask(lab.folder, { name: nativeName, enabled: true });
      await mkdir(home, { mode: 0o700 });
      let calls = 0;
      const recording = await recorded(home, (soFar) => {
        const counting = around((changes, make) => {
          if (changes.some(disables)) calls = soFar();
          return make(changes);
        });
        return done(['enable', '--replace-native'], counting);
      });
      const cuts = [...recording.cuts(calls, calls)];
      assert.ok(cuts.length > 0);
      for (const [at, { survivor, restore }] of cuts.entries()) {
        await mkdir(join(lab.folder, `disk-${at}`));
        const { disabled } = await persistentFiles(restore(join(lab.folder, `disk-${at}`))).readAdoption();
        assert.deepEqual(
          disabled.map(({ name }) => name),
          [nativeName],
          survivor,
        );
      }
    });

    it('enables the task of IIS Manager again where ours are gone once it was disabled', async () => {
      await nativeTask(lab.folder, { name: nativeName, enabled: true });
      const losing = around(async (changes, make) => {
        const reports = await make(changes);
        if (changes.some(disables)) await send({ kind: 'unregister-task', path: taskFolder, name: rebindTaskName });
        return reports;
      });
      const message = await refused(['enable', '--replace-native'], 'task-refused', losing);
      assert.match(
        message,
        /was removed or changed in the meantime, so the rebind task of IIS Manager was enabled again/,
      );
      assert.equal(await native(), true);
      assert.deepEqual((await persistentFiles(home).readAdoption()).disabled, []);
    });

    it('keeps the task of IIS Manager where Task Scheduler accepts ours and does not keep them', async () => {
      await nativeTask(lab.folder, { name: nativeName, enabled: true });
      let disabled = 0;
      const losing = around(async (changes, make) => {
        disabled += changes.filter(disables).length;
        const reports = await make(changes);
        if (changes.some((change) => change.do === 'register-task' && change.name === rebindTaskName))
          await send({ kind: 'unregister-task', path: taskFolder, name: rebindTaskName });
        return reports;
      });
      await refused(['enable', '--replace-native'], 'task-refused', losing);
      assert.equal(disabled, 0, 'it was disabled for a moment');
      assert.equal(await native(), true);
      assert.deepEqual(await findings(), ['enable-unfinished', 'task-missing']);
    });

    it('finishes what an enable before it began: the task of IIS Manager is disabled without being asked again', async () => {
      await nativeTask(lab.folder, { name: nativeName, enabled: true });
      await remember('enable');
      await registerLeftover();
      assert.ok((await findings()).includes('enable-unfinished'));
      const order: string[] = [];
      await done(['enable'], noting(order));
      assert.equal(await native(), false);
      assert.equal((await tasks()).has(leftover), false, 'the task of the old proof was left');
      // One that is registered no more goes on running, and nothing shows it.
      assert.deepEqual(order.slice(0, 2), ['stop-task CertRebind-Proof', 'unregister-task CertRebind-Proof']);
      assert.deepEqual(await findings(), []);
    });

    for (const words of [['--alongside'], ['--no-proof']])
      it(`leaves the task of IIS Manager with ${words[0]}, whatever an enable before it began`, async () => {
        await nativeTask(lab.folder, { name: nativeName, enabled: true });
        await remember('enable');
        await call(['enable', ...words]);
        assert.equal(await native(), true);
      });

    it('of two at once one is told that the other is at it, and the tasks are in force', async () => {
      await nativeTask(lab.folder, { name: nativeName, enabled: true });
      const both = await Promise.all([call(['enable', '--replace-native']), call(['enable', '--replace-native'])]);
      assert.deepEqual(both.map(({ exitCode }) => exitCode).sort(), [0, 6]);
      assert.deepEqual(await findings(), []);
      assert.equal(await native(), false);
    });

    for (const [what, seen, code, says] of [
      ['an elevated administrator', { account: 'other' }, 'not-elevated', /elevated/],
      [
        'a Task Scheduler that answers',
        { notLookedAt: [{ part: 'tasks', why: 'not-read' }] },
        'no-task-scheduler',
        /Start-Service Schedule/,
      ],
      [
        'a Task Scheduler that runs',
        { scheduleService: 'stopped' },
        'no-task-scheduler',
        /\(Schedule\) is stopped.*"hint":"Start-Service Schedule"/,
      ],
    ] as const)
      it(`needs ${what}, and says so before it touches anything`, async () => {
        const { document } = await call(['enable'], seenAs(seen));
        assert.equal(document.error.code, code);
        assert.match(JSON.stringify(document.error), says);
        assert.equal(existsSync(place), false);
      });

    it('takes away a test task that nothing remembers, and lets everybody start the program', async () => {
      await done(['enable']);
      await registerLeftover();
      await done(['enable']);
      assert.deepEqual([...(await tasks()).keys()].sort(), [rebindTaskName, reconcileTaskName].sort());
      assert.equal((await stat(place)).mode & 0o777, 0o755);
    });

    it('goes on where it cannot read how far the last one was, but not where a later version wrote that', async () => {
      await mkdir(home, { mode: 0o700 });
      await writeFile(join(home, 'setup.json'), '{"schema":"certrebind/setup/99"}');
      await refused(['enable'], 'other-version', {});
      assert.equal(existsSync(place), false);
      await writeFile(join(home, 'setup.json'), '{');
      await done(['enable']);
      assert.equal((await setup()).unfinished, null);
    });
  });

  describe('an upgrade', () => {
    for (const words of [['install'], ['enable']]) {
      it(`by ${words[0]} starts the new version once it is verified, and keeps the one before beside it`, async () => {
        await done(['enable']);
        const old = (await own()) ?? '';
        await writeFile(running.file, 'program 2');
        const { enabled = true, findings: found = [] } = await done(words);
        assert.deepEqual([enabled, found], [true, []], 'what enable says of the version that it put in force');
        const now = (await own()) ?? '';
        assert.notEqual(now, old);
        assert.equal(await readFile(now, 'utf8'), 'program 2');
        assert.equal(await readFile(join(place, 'certrebind'), 'utf8'), 'program 2');
        assert.equal(await readFile(old, 'utf8'), 'program 1', 'the version before was not kept');
        assert.deepEqual(await findings(), []);
        await writeFile(running.file, 'program 3');
        await done(words);
        assert.equal(existsSync(old), false, 'the version before the last one was kept');
      });

      it(`by ${words[0]} that is not verified keeps the version that was`, async () => {
        await nativeTask(lab.folder, { name: nativeName, enabled: true });
        await done(['enable', '--replace-native']);
        const [files, before] = [await filesIn(place), await tasks()];
        await writeFile(running.file, 'program 2');
        const message = await refused(words, 'proof-failed');
        assert.match(message, /The tasks were not changed\.$/);
        assert.deepEqual(await filesIn(place), files);
        assert.deepEqual(await tasks(), before);
        assert.deepEqual(await findings(), ['proof-failed']);
        assert.equal((await done(['status'])).proof.version, version, 'the proof of the old version was forgotten');
      });

      /** Task Scheduler registers the hourly task no more, and the other one only for this program, where one is named. */
      const refusing = (program?: string) =>
        answering(
          (change) =>
            change.do === 'register-task' &&
            (change.name === reconcileTaskName ||
              (program !== undefined && change.name === rebindTaskName && !change.xml.includes(program))),
          refusal('Not this one.'),
        );

      it(`by ${words[0]} whose tasks are refused in part goes back to the version that was`, async () => {
        await done(['enable']);
        const [files, before, remembered] = [await filesIn(place), await tasks(), await setup()];
        await writeFile(running.file, 'program 2');
        const message = await refused(words, 'task-refused', refusing());
        assert.match(message, /Not this one\. The tasks start the version before, as they did\.$/);
        assert.deepEqual(await filesIn(place), files);
        assert.deepEqual(await tasks(), before);
        assert.deepEqual([await setup(), await findings()], [remembered, []]);
      });

      it(`by ${words[0]} whose tasks are refused in part, and cannot be as before, names the command that finishes it`, async () => {
        await done(['enable']);
        await writeFile(running.file, 'program 2');
        const { document } = await call(words, refusing(`${version}.`));
        assert.equal(document.error.code, 'task-refused');
        assert.match(
          document.error.message,
          /Some tasks start this version now, and others may still start the one before/,
        );
        assert.equal(document.error.hint, `Run certrebind ${words[0]} again, which finishes this.`);
        assert.ok((await findings()).includes('enable-unfinished'));
        await done(words);
        assert.equal(await readFile((await own()) ?? '', 'utf8'), 'program 2');
        assert.deepEqual(await findings(), []);
      });

      it(`by ${words[0]} from 0.1.0 starts the new version once it is verified`, async () => {
        await install010({ replacedNative: true });
        await done(words);
        assert.equal(await own(), join(place, version, 'certrebind'));
        assert.equal(await native(), false);
        assert.deepEqual((await readdir(place)).sort(), [
          version,
          'certrebind',
          'certrebind.dsc.resource.json',
          'installed.json',
        ]);
        assert.deepEqual(await findings(), []);
      });

      it(`by ${words[0]} from 0.1.0 that is not verified gives the task of IIS Manager back, and touches no file`, async () => {
        await install010({ replacedNative: true });
        const files = await filesIn(place);
        const message = await refused(words, 'proof-failed');
        assert.match(
          message,
          /IIS-AutoCertRebind was enabled again, because it is not verified that the installed version works/,
        );
        assert.equal(await native(), true);
        assert.equal(await own(), join(place, 'certrebind'));
        assert.deepEqual(await filesIn(place), files);
        assert.deepEqual((await persistentFiles(home).readAdoption()).disabled, []);
      });
    }

    it('refuses to keep the version before where others could have changed it', async () => {
      await done(['install']);
      await writeFile(running.file, 'program 2');
      await done(['install']);
      // In a folder of its own, because it is another program of the same version.
      const before = (await readdir(place)).find((name) => /\.[0-9a-f]{8}$/.test(name)) ?? '';
      const script = join(place, before, adapterFileName);
      await chmod(script, 0o777);
      await writeFile(running.file, 'program 3');
      const files = await filesIn(place);
      const message = await refused(['install'], 'unsafe-folder');
      assert.ok(message.includes(script), message);
      assert.deepEqual(await filesIn(place), files);
    });

    it('from 0.1.0 that had disabled nothing enables nothing', async () => {
      await install010({ replacedNative: false });
      await nativeTask(lab.folder, { name: nativeName, enabled: false });
      await refused(['install'], 'proof-failed');
      assert.equal(await native(), false);
    });

    it('to the version that tasks start already needs no proof, but one to another does', async () => {
      assert.equal((await perform(['enable', '--no-proof', '--lab', lab.folder], running)).exitCode, 0);
      const order: string[] = [];
      await done(['install'], { ...never, ...noting(order) });
      assert.deepEqual(order, ['list-product'], 'which somebody may have removed');
      await send({ kind: 'unregister-task', path: taskFolder, name: reconcileTaskName });
      await refused(['install'], 'proof-failed');
      await writeFile(running.file, 'program 2');
      await refused(['install'], 'proof-failed');
    });

    it('from a folder that others can write warns, and says what Windows does not list', async () => {
      await chmod(join(lab.folder, 'downloads'), 0o777);
      const unlisted = answering((change) => change.do === 'list-product', refusal('No.'));
      const { warnings } = await done(['install'], unlisted);
      assert.equal(warnings.length, 2);
      assert.ok(warnings[0].includes(join(lab.folder, 'downloads')), warnings[0]);
      assert.equal(warnings[1], 'It is not in the list of installed programs: No.');
    });

    it('is refused where nothing can be installed', async () => {
      const source = startingProofs(running);
      const ended = await perform(
        ['install', '--lab', lab.folder, '--json'],
        running,
        {},
        {
          ...source,
          open: async (choice, env) => ({ ...(await source.open(choice, env)), place: null }),
        },
      );
      assert.deepEqual([ended.exitCode, ended.document.error.code], [7, 'read-only-server']);
      assert.equal(ended.document.error.message, 'Nothing can be installed on a capture.');
    });

    it('of a program that no task starts needs no proof', async () => {
      await done(['install'], never);
      await writeFile(running.file, 'program 2');
      await done(['install'], never);
      assert.equal(await readFile(join(place, 'certrebind'), 'utf8'), 'program 2');
      assert.equal((await tasks()).size, 0);
    });

    it('by enable that is not verified leaves the installed version in its place', async () => {
      await done(['install'], never);
      const files = await filesIn(place);
      await refused(['enable'], 'proof-failed');
      assert.deepEqual(await filesIn(place), files);
    });

    it('puts the lasting name and the file that tasks start as one file', async () => {
      await done(['install'], never);
      const [lasting, started] = [join(place, 'certrebind'), join(place, version, 'certrebind')];
      assert.equal((await stat(lasting)).ino, (await stat(started)).ino);
    });
  });

  describe('uninstall and disable', () => {
    for (const words of [['uninstall'], ['disable', '--restore-native']]) {
      it(`${words.join(' ')} removes nothing where the task of IIS Manager cannot be enabled again`, async () => {
        await nativeTask(lab.folder, { name: nativeName, enabled: true });
        await done(['enable', '--replace-native']);
        const [files, before] = [await filesIn(place), await tasks()];
        const { exitCode, document } = await call(
          words,
          answering(({ do: what }) => what === 'set-task-enabled'),
        );
        assert.deepEqual([exitCode, document.error.code], [7, 'task-refused']);
        assert.match(document.error.message, /is still disabled, although Task Scheduler reported that it was enabled/);
        assert.deepEqual([await filesIn(place), await tasks()], [files, before]);
        assert.deepEqual(await findings(), []);
      });
    }

    const asks: readonly (readonly [string, readonly string[], boolean])[] = [
      ['says that there is no task to enable again where none was disabled', ['--restore-native'], true],
      ['says nothing of that where it was not asked to', [], false],
    ];
    for (const [what, words, says] of asks)
      it(`disable ${what}`, async () => {
        const { exitCode, stdout } = await perform(['disable', ...words, '--lab', lab.folder], running);
        assert.equal(exitCode, 0);
        assert.equal(stdout.includes('No task to enable again'), says, stdout);
      });

    it('disable enables the task of IIS Manager again that enable disabled, if it is asked to, once', async () => {
      await nativeTask(lab.folder, { name: nativeName, enabled: true });
      await done(['enable', '--replace-native']);
      await done(['disable']);
      assert.equal(await native(), false);
      const { stdout } = await perform(['disable', '--restore-native', '--lab', lab.folder], running);
      assert.doesNotMatch(stdout, /No task to enable again/);
      assert.equal(await native(), true);
      assert.deepEqual((await persistentFiles(home).readAdoption()).disabled, []);
    });

    for (const [began, stays] of [
      ['enable', false],
      ['install', true],
    ] as const)
      it(`disable leaves ${stays ? 'an install to be finished' : 'no enable to finish'} that was interrupted`, async () => {
        const unfinished = await remember(began, false);
        await done(['disable']);
        assert.deepEqual((await setup()).unfinished, stays ? unfinished : null);
      });

    it('disable says which task stays where Task Scheduler says that it was removed', async () => {
      await done(['enable']);
      const message = await refused(
        ['disable'],
        'task-refused',
        answering(() => true),
      );
      assert.match(message, /CertRebind is still registered, although Task Scheduler reported that it was removed\.$/);
    });

    it('uninstall goes on where it cannot know which task to enable, and says so where none is disabled', async () => {
      await nativeTask(lab.folder, { name: nativeName, enabled: true });
      await done(['enable', '--alongside']);
      await writeFile(join(home, 'adoption.json'), '{');
      const { warnings } = await done(['uninstall']);
      assert.ok(warnings[0].includes(join(home, 'adoption.json')), warnings[0]);
      assert.match(warnings[0], /No task of IIS Manager is disabled, so there is none to enable again\.$/);
      assert.deepEqual([...(await tasks()).keys()], [nativeName]);
    });

    it('uninstall removes all else where the proof cannot be removed, and says so', async () => {
      await done(['enable']);
      await rm(join(home, 'setup.json'));
      await mkdir(join(home, 'setup.json', 'kept'), { recursive: true });
      const { warnings } = await done(['uninstall']);
      assert.match(warnings.join(), /^The proof of the tasks, setup\.json, was left: /);
      assert.equal((await tasks()).size, 0);
      assert.equal(existsSync(place), false);
    });

    it('uninstall removes the tasks of triggers too, and says where Windows still lists the program', async () => {
      await done(['enable']);
      await done(['trigger', 'add', 'mail', '--on', 'expired', '--', '/bin/true']);
      assert.deepEqual([...(await tasks()).keys()].length, 3);
      const listed = answering((change) => change.do === 'unlist-product', refusal('Access is denied.'));
      const { warnings } = await done(['uninstall'], listed);
      assert.deepEqual(warnings, [
        'CertRebind could not be removed from the list of installed programs: Access is denied.',
      ]);
      assert.equal((await tasks()).size, 0);
    });

    it('uninstall finishes an enable that was interrupted, and leaves nothing', async () => {
      await done(['enable']);
      await remember('enable');
      await registerLeftover();
      const { state } = await done(['uninstall']);
      assert.equal(state, null);
      assert.equal((await tasks()).size, 0);
      assert.equal(existsSync(place), false);
      await rm(home, { recursive: true, force: true });
    });
  });
});

const disables = (change: Change) => change.do === 'set-task-enabled' && !change.enabled;

function around(
  change: (changes: readonly Change[], make: Server['change']) => ReturnType<Server['change']>,
): StartingProofs {
  return { wrap: (server) => ({ ...server, change: (changes) => change(changes, server.change) }) };
}

/** Notes what is done to the server, with what it is done to. */
function noting(order: string[]): StartingProofs {
  return around((changes, make) => {
    for (const change of changes) {
      const name = 'name' in change ? ` ${change.name.replace(/-[0-9a-f]{16}$/, '')}` : '';
      order.push(`${change.do}${name}`);
    }
    return make(changes);
  });
}

/** Such changes are not made, and are answered with this. */
function answering(isMeant: (change: Change) => boolean, error: ChangeReport['error'] = null): StartingProofs {
  return around(async (changes, make) => {
    const reports: ChangeReport[] = [];
    for (const one of changes) reports.push(...(isMeant(one) ? [{ do: one.do, error, now: null }] : await make([one])));
    return reports;
  });
}

function refusal(message: string): ChangeReport['error'] {
  return { code: 'refused', message };
}

/** The server as somebody else, or something else, sees it. */
function seenAs(parts: Partial<Pick<Snapshot, 'account' | 'notLookedAt' | 'scheduleService'>>): StartingProofs {
  return {
    wrap: (server) => ({ ...server, snapshot: async () => ({ ...(await server.snapshot()), ...parts }) }),
  };
}
