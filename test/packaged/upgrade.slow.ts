import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { filesBelow } from '../../scripts/package/zip.mjs';
import { type Serving, serveLab } from '../cli/serve-lab.ts';
import { each } from '../support/each.ts';
import { linuxBinary, version } from './artefacts.ts';

const fixtures = join(import.meta.dirname, '../fixtures/upgrades');
/** What stands in the files for the folder that they were in. */
const placeholder = '/where/the/lab/is';

/** Settings of that day that have no effect any more. */
const days: Readonly<Record<string, readonly string[]>> = {
  '2026-11-27': [],
  '2026-11-29': ['holders.smb-quic', 'retire.delete'],
};

/** A server with what an earlier program left on it, one of whose runs was killed, and today's program beside it. */
describe('an upgrade', function () {
  this.timeout(300_000);
  let folder: string;
  let lab: string;
  let program: string;
  let serving: Serving | null;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'certrebind-upgrade-'));
    lab = join(folder, 'lab');
    program = join(folder, 'certrebind');
    copyFileSync(linuxBinary, program);
    serving = null;
  });
  afterEach(async () => {
    await serving?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function unpack(day: string): void {
    const inPlace = (text: string, encoding: BufferEncoding) =>
      [placeholder, lab]
        .map((path) => Buffer.from(path, encoding).toString('latin1'))
        .reduce((from, to) => text.replaceAll(from, to));
    for (const [name, bytes] of Object.entries(unzipSync(readFileSync(join(fixtures, `${day}.zip`))))) {
      const file = join(lab, name);
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      const text = inPlace(inPlace(Buffer.from(bytes).toString('latin1'), 'utf8'), 'utf16le');
      writeFileSync(file, text, { encoding: 'latin1', mode: name.endsWith('/certrebind') ? 0o700 : 0o600 });
    }
  }

  const start = (...words: readonly string[]): SpawnSyncReturns<string> =>
    spawnSync(program, [...words, '--lab', lab], { cwd: folder, encoding: 'utf8' });
  // biome-ignore lint/suspicious/noExplicitAny: a story reads whatever the contract says is there
  function ask(exitCode: number, ...words: readonly string[]): any {
    const { status, stdout, stderr } = start(...words, '--json');
    assert.equal(status, exitCode, `${words.join(' ')}: ${stdout}${stderr}`);
    return JSON.parse(stdout);
  }
  const codes = () => ask(0, 'status').findings.map(({ code }: { code: string }) => code);
  const filesOf = (below: string): Readonly<Record<string, string>> =>
    Object.fromEntries(
      filesBelow(join(lab, below)).map((name: string) => [name, readFileSync(join(lab, below, name), 'latin1')]),
    );
  const commands = () =>
    Object.entries(filesOf('tasks'))
      .map(([, text]) => /<Command>([^<]*)</.exec(text.replaceAll('\0', ''))?.[1])
      .filter((command) => command?.startsWith(lab));

  for (const [day, left] of Object.entries(days)) {
    it(`of the program of ${day} reads, ends, undoes and renews what is there, and loses nothing`, async () => {
      unpack(day);
      const before = filesOf('certrebind');
      serving = await serveLab(lab, { command: [program] });

      const { changed } = ask(0, 'install', '--yes');
      assert.ok(changed.length > 0);
      const now = join(lab, 'Program Files', 'CertRebind', version, 'certrebind');
      assert.deepEqual(commands(), [now, now, now], 'tasks, and the task of a trigger, start it');
      const modules = filesBelow(join(lab, 'Program Files', 'WindowsPowerShell', 'Modules'));
      assert.ok(modules.includes(`CertRebind/${version}/CertRebind.psd1`), modules.join());
      assert.ok(!modules.some((name: string) => name.includes('/0.1.0/')), modules.join());
      const status = ask(0, 'status');
      assert.deepEqual([status.enabled, status.native.enabled], [true, false]);

      const { runs } = ask(0, 'history');
      assert.deepEqual(each(runs, 'result'), ['rebound', 'undone', 'rebound']);
      const ignored = ask(9, 'doctor').findings.filter(({ code }: { code: string }) => code === 'setting-ignored');
      assert.deepEqual(ignored.map(({ message }: { message: string }) => message.split(' ')[0]).sort(), left);
      assert.equal(ask(0, 'config', 'show').keepRuns, 77);

      // The killed run had changed two of nine places: the next ends it, and goes on with the rest.
      assert.ok(codes().includes('unfinished-run'));
      const { result, counts } = ask(0, 'reconcile', '--yes');
      assert.deepEqual([result, counts.changed, counts.already], ['rebound', 7, 2]);
      const [, , api, killed] = ask(0, 'history').runs;
      assert.deepEqual([killed.result, killed.counts.changed], ['partly-rebound', 2]);
      for (const { run } of [killed, api]) assert.equal(ask(0, 'undo', run, '--yes').result, 'undone', run);
      assert.deepEqual([...new Set(codes())], ['change-by-hand', 'renewal-rolled-back']);

      const after = filesOf('certrebind');
      const gone = Object.keys(before).filter((name) => after[name] === undefined);
      assert.deepEqual(gone, ['lock', `runs/${killed.run}/reserve`]);
      const isKept = (name: string) => /^(?:runs\/.*\.json$|triggers|secrets|config|adoption)/.test(name);
      const kept = Object.keys(before).filter(isKept);
      assert.equal(kept.length, 7);
      for (const name of kept) assert.equal(after[name], before[name], name);
    });

    it(`of the program of ${day} that cannot prove its start says so, and leaves all that the earlier one reads`, async () => {
      unpack(day);
      const before = filesOf('');
      serving = await serveLab(lab, { command: [program] });
      ask(0, 'lab', 'fault', 'register-task', 'fail');
      assert.equal(ask(7, 'install', '--yes').error.code, 'proof-failed');
      const after = filesOf('');
      const names = Object.keys({ ...before, ...after }).filter((name) =>
        /^(?:certrebind|Program Files|tasks)\//.test(name),
      );
      assert.ok(names.length > 30, `${names.length}`);
      assert.deepEqual(
        names.filter((name) => after[name] !== before[name]),
        ['certrebind/setup.json'],
      );
      const [was, is] = [before, after].map((files) => JSON.parse(files['certrebind/setup.json'] ?? ''));
      assert.deepEqual(is, { ...was, failed: { ...is.failed, version } });
    });
  }
});
