import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadLab } from '../../src/lab/host/folder.ts';
import type { RunningProgram } from '../../src/shell/running-program.ts';
import { perform } from '../security/program.ts';
import { nativeTask } from '../stories/native-task.ts';
import { temporaryLab } from '../support/temporary-lab.ts';

const laterGuard = '{"schema": "certrebind/configuration/1", "guards": {"weak-key": "block"}}';

describe('what the state folder holds', () => {
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  let running: RunningProgram;
  let home: string;

  beforeEach(async () => {
    lab = await temporaryLab({ sites: 1 });
    running = { file: join(lab.folder, 'downloads', 'certrebind'), packaged: true };
    await mkdir(join(lab.folder, 'downloads'));
    await writeFile(running.file, 'program 1', { mode: 0o755 });
    home = join(lab.folder, 'certrebind');
    assert.equal((await call('enable', '--no-proof')).exitCode, 0);
  });
  afterEach(() => lab.remove());

  const call = (...words: readonly string[]) => perform([...words, '--lab', lab.folder, '--json'], running);
  /** As a task starts it. */
  const start = (...words: readonly string[]) => perform(words, running, { CERTREBIND_LAB: lab.folder });
  const log = async () => (await loadLab(lab.folder)).state.applicationLog.entries;
  const findings = async (command: string): Promise<readonly { code: string; message: string }[]> =>
    (await call(command)).document.findings;

  for (const [what, text] of [
    ['that is no JSON', '{'],
    ['with the name of a guard of a later version', laterGuard],
  ] as const) {
    describe(`a configuration ${what}`, () => {
      beforeEach(() => writeFile(join(home, 'config.json'), text));

      for (const words of [['status'], ['history'], ['trigger', 'list'], ['disable'], ['uninstall'], ['install']])
        it(`does not stop ${words.join(' ')}`, async () => {
          assert.equal((await call(...words)).exitCode, 0);
        });

      it('is a finding of status and doctor, with the file and what it costs', async () => {
        for (const command of ['status', 'doctor']) {
          const [broken, ...more] = (await findings(command)).filter(({ code }) => code === 'damaged-file');
          const message = broken?.message ?? assert.fail('no finding');
          assert.ok(message.startsWith(join(home, 'config.json')), message);
          assert.match(message, /Until then no renewal is applied/);
          assert.deepEqual(more, []);
        }
        assert.equal((await call('status', '--check')).exitCode, 9);
      });

      for (const words of [
        ['plan'],
        ['usage'],
        ['reconcile'],
        ['enable'],
        ['doctor', '--fix', 'orphaned-record'],
        ['undo'],
      ])
        it(`stops ${words.join(' ')}, which rests on it`, async () => {
          const { exitCode, document } = await call(...words);
          assert.deepEqual([exitCode, document.error.code], [2, 'bad-configuration']);
        });

      it('makes what a task starts write one error into the Application log, also when every hour does', async () => {
        for (const words of [['on-event', '--record', '1'], ['on-event'], ['on-event']])
          assert.equal((await start(...words)).exitCode, 2);
        const [entry, ...more] = await log();
        assert.deepEqual([entry?.eventId, entry?.level, entry?.source], [150, 'error', 'CertRebind']);
        assert.match(entry?.text ?? '', /renewals are not applied: .*config\.json/);
        assert.deepEqual(more, []);

        await writeFile(join(home, 'config.json'), '[]');
        await start('on-event');
        assert.equal((await log()).length, 2, 'another reason is news');
      });

      it('that the command line names stops also what works without one', async () => {
        const { exitCode, document } = await call('status', '--config', join(home, 'config.json'));
        assert.deepEqual([exitCode, document.error.code], [2, 'bad-configuration']);
      });
    });
  }

  it('a dry run that fails leaves nothing in the state folder and in the Application log', async () => {
    await writeFile(join(home, 'config.json'), '{');
    assert.equal((await call('reconcile', '--dry-run')).exitCode, 2);
    assert.deepEqual(await log(), []);
    assert.equal((await call('status')).document.lastError, null);
  });

  describe('a file of another version', () => {
    const laterFile = (name: string) => {
      const text = JSON.stringify({ schema: `certrebind/${name}/9`, entries: 'unheard of' });
      return writeFile(join(home, `${name}.json`), text);
    };

    it('as ledger does not make disable say that nothing was touched when its tasks are gone', async () => {
      await laterFile('ledger');
      const { exitCode, document } = await call('disable');
      assert.deepEqual([exitCode, document.enabled], [0, false]);
      assert.match(
        JSON.stringify(document.findings),
        /ledger\.json was written by another version of CertRebind: it is a ledger of version 9/,
      );
    });

    it('as ledger is named by status and doctor, and stays as it is', async () => {
      await laterFile('ledger');
      const before = await readFile(join(home, 'ledger.json'), 'utf8');
      for (const command of ['status', 'doctor']) {
        const damaged = (await findings(command)).filter(({ code }) => code === 'damaged-file');
        assert.equal(damaged.length, 1, command);
      }
      const { exitCode, document } = await call('reconcile');
      assert.deepEqual([exitCode, document.error.code], [2, 'other-version']);
      assert.equal(await readFile(join(home, 'ledger.json'), 'utf8'), before);
    });

    for (const name of ['ledger', 'adoption'])
      it(`as ${name} does not stop uninstall`, async () => {
        await laterFile(name);
        assert.equal((await call('uninstall')).exitCode, 0);
        await rm(join(home, `${name}.json`));
        assert.equal((await call('status')).document.enabled, false);
      });

    it('as adoption lets disable --restore-native touch nothing, since which tasks are meant is not known', async () => {
      await laterFile('adoption');
      const { exitCode, document } = await call('disable', '--restore-native');
      assert.deepEqual([exitCode, document.error.code], [2, 'other-version']);
      assert.equal((await call('status')).document.enabled, true);
    });
  });

  for (const [what, text] of [
    ['of a later version', '{"schema": "certrebind/adoption/9"}'],
    ['that is damaged', '{'],
  ] as const)
    it(`an adoption file ${what} leaves a person with the disabled task of IIS Manager to decide on, once all is removed`, async () => {
      await nativeTask(lab.folder, { name: 'IIS-AutoCertRebind', enabled: false });
      await writeFile(join(home, 'adoption.json'), text);

      const { exitCode, document } = await call('uninstall');

      assert.equal(exitCode, 5);
      assert.deepEqual(document.restored, []);
      assert.ok(document.warnings[0].includes(join(home, 'adoption.json')), document.warnings[0]);
      assert.match(
        document.warnings[0],
        /not known whether enable --replace-native disabled \S*IIS-AutoCertRebind\. If IIS/,
      );
      assert.ok(document.removed.length > 0);
    });
});
