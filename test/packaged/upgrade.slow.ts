import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filesBelow } from '../../scripts/package/zip.mjs';
import { type Serving, serveLab } from '../cli/serve-lab.ts';
import { copyTree, root, type TreeCopy } from '../docs/page-changes.ts';
import { freeze, workingSchemas } from '../documents/frozen.ts';
import { eventually } from '../stories/eventually.ts';
import { nativeTask } from '../stories/native-task.ts';
import { each } from '../support/each.ts';
import { linuxBinary, version } from './artefacts.ts';

/** The version of the second program, which is made here of the same sources. */
const next = '99.0.0';
const ledgerSource = 'src/documents/runs/ledger.ts';
const reader = { 'certrebind/ledger/1': '(written) => Object(written)' };
const readers = (entries: Readonly<Record<string, string>>) =>
  `const readers: Readers = {${Object.entries(entries).map(([number, read]) => `'${number}': ${read}`)}};`;

/**
 * Its ledger has a made-up number more, and a reader of the one before, as docs/develop/testing.md says. Its tasks may run
 * longer.
 */
const changes = [
  {
    file: 'src/documents/scheduled-tasks.ts',
    found: 'export const taskLimitMs = 3600_000;',
    made: 'export const taskLimitMs = 7200_000;',
  },
  { file: 'package.json', found: `"version": "${version}"`, made: `"version": "${next}"` },
  { file: ledgerSource, found: "schema: 'certrebind/ledger/1';", made: "schema: 'certrebind/ledger/2';" },
  { file: ledgerSource, found: "schema: 'certrebind/ledger/1',", made: "schema: 'certrebind/ledger/2'," },
  { file: ledgerSource, found: "('certrebind/ledger/1'", made: "('certrebind/ledger/2'" },
  { file: 'src/documents/parser-of.ts', found: readers({}), made: readers(reader) },
];

/** What the package is made of, and what freezes documents. */
const parts = [
  ...[
    'assets',
    'CHANGELOG.md',
    'LICENSE',
    'packaging',
    'module',
    'package.json',
    'package-lock.json',
    'schemas',
    'scripts',
    'src',
    'tsconfig.json',
  ],
  ...['types', 'test/documents'],
];

/** A server with what one version left on it, one of whose runs was killed, and the version after it beside it. */
describe('an upgrade', function () {
  this.timeout(600_000);
  let copy: TreeCopy;
  let second: string;
  let folder: string;
  let lab: string;
  let serving: Serving | null;
  let atFirst: Readonly<Record<string, string>>;

  before(() => {
    copy = copyTree(parts);
    copy.apply(changes);
    symlinkSync(join(root, '.cache'), join(copy.folder, '.cache'), 'junction');
    for (const script of [
      ['ensure.mjs', '--rebuild'],
      ['package.mjs', '--linux-only'],
    ]) {
      const { status, told } = copy.node(`scripts/${script[0]}`, ...script.slice(1));
      assert.equal(status, 0, told);
    }
    second = join(copy.folder, 'dist', `certrebind-${next}-linux-x64`);
  });
  after(() => copy.remove());

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'certrebind-upgrade-'));
    lab = join(folder, 'lab');
    serving = null;
    await leaveServer();
  });
  afterEach(async () => {
    await serving?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (program: string, ...words: readonly string[]): SpawnSyncReturns<string> =>
    spawnSync(program, ['--lab', lab, '--json', ...words], { cwd: folder, encoding: 'utf8', input: 'a secret\n' });
  // biome-ignore lint/suspicious/noExplicitAny: a story reads whatever the contract says is there
  function ask(program: string, exitCode: number, ...words: readonly string[]): any {
    const { status, stdout, stderr } = start(program, ...words);
    assert.equal(status, exitCode, `${words.join(' ')}: ${stdout}${stderr}`);
    return JSON.parse(stdout);
  }

  /** As the first program leaves it: a renewal that its task took, its undo, another renewal, and a run that was killed. */
  async function leaveServer(): Promise<void> {
    const { certificates } = ask(linuxBinary, 0, 'lab', 'create', lab);
    const [{ thumbprint: wide }, { thumbprint: other }] = certificates;
    await nativeTask(lab, { name: 'IIS-AutoCertRebind', enabled: true });
    serving = await serveLab(lab, { command: [linuxBinary] });
    ask(linuxBinary, 0, 'install', '--yes');
    ask(linuxBinary, 0, 'enable', '--replace-native');
    ask(linuxBinary, 0, 'config', 'set', 'keepRuns', '77');
    ask(linuxBinary, 0, 'secret', 'set', 'mail');
    ask(linuxBinary, 0, 'trigger', 'add', 'mine', '--on', 'installed', '--', process.execPath);
    const { old, new: renewed } = ask(linuxBinary, 0, 'lab', 'renew', wide, '--wait');
    ask(linuxBinary, 0, 'undo', '--yes');
    ask(linuxBinary, 0, 'lab', 'renew', other, '--wait');
    ask(linuxBinary, 0, 'lab', 'fault', 'binding-method', 'hang', '--nth', '2', '--after');
    const run = spawn(linuxBinary, ['rebind', '--old', old, '--new', renewed, '--yes', '--lab', lab], {
      stdio: 'ignore',
    });
    const ended = once(run, 'exit');
    const struck = () => JSON.stringify(ask(linuxBinary, 0, 'lab', 'fault')).includes('"seen":2');
    await eventually(async () => struck() || undefined);
    run.kill('SIGKILL');
    assert.deepEqual(await ended, [null, 'SIGKILL']);
    ask(linuxBinary, 0, 'lab', 'fault', '--clear');
    await serving.stop();
    atFirst = filesOf('');
    serving = await serveLab(lab, { command: [second] });
  }

  const filesOf = (below: string): Readonly<Record<string, string>> =>
    Object.fromEntries(
      filesBelow(join(lab, below)).map((name: string) => [name, readFileSync(join(lab, below, name), 'latin1')]),
    );
  const codes = () => each(ask(second, 0, 'status').findings, 'code');
  const commands = () =>
    Object.values(filesOf('tasks'))
      .map((text) => /<Command>([^<]*)</.exec(text.replaceAll('\0', ''))?.[1])
      .filter((command) => command?.startsWith(lab));

  it('reads, ends, undoes and renews what is there, and loses nothing', () => {
    const mends = () =>
      ask(second, 0, 'status').actions.filter(({ commands: [line] }: { commands: readonly string[] }) =>
        /^certrebind (?:install|enable)/.test(line ?? ''),
      );
    assert.deepEqual(
      mends().map(({ title, commands: lines }: { title: string; commands: readonly string[] }) => [title, ...lines]),
      [
        [
          `CertRebind ${next} was started, and version ${version} is installed. Scheduled tasks were changed: CertRebind, CertRebind-Reconcile, CertRebind-Trigger-mine`,
          'certrebind install',
        ],
      ],
    );
    assert.ok(ask(second, 0, 'install', '--yes').changed.length > 0);
    assert.deepEqual(mends(), [], 'nothing of it is left');
    const now = join(lab, 'Program Files', 'CertRebind', next, 'certrebind');
    assert.deepEqual(commands(), [now, now, now], 'tasks, and the task of a trigger, start it');
    const modules = filesBelow(join(lab, 'Program Files', 'WindowsPowerShell', 'Modules'));
    assert.ok(modules.includes(`CertRebind/${next}/CertRebind.psd1`), modules.join());
    assert.ok(!modules.some((name: string) => name.includes(`/${version}/`)), modules.join());
    const status = ask(second, 0, 'status');
    assert.deepEqual([status.enabled, status.native.enabled], [true, false]);
    assert.deepEqual(each(ask(second, 0, 'history').runs, 'result'), ['rebound', 'undone', 'rebound']);
    assert.equal(ask(second, 0, 'config', 'show').keepRuns, 77);

    // The killed run had changed two of nine places: the next ends it, and goes on with the rest.
    assert.ok(codes().includes('unfinished-run'));
    const { result, counts } = ask(second, 0, 'reconcile', '--yes');
    assert.deepEqual([result, counts.changed, counts.already], ['rebound', 7, 2]);
    const [, , api, killed] = ask(second, 0, 'history').runs;
    assert.deepEqual([killed.result, killed.counts.changed], ['partly-rebound', 2]);
    for (const { run } of [killed, api]) assert.equal(ask(second, 0, 'undo', run, '--yes').result, 'undone', run);

    const after = filesOf('');
    const isOfState = (name: string) => name.startsWith('certrebind/');
    const gone = Object.keys(atFirst).filter((name) => isOfState(name) && after[name] === undefined);
    assert.deepEqual(gone, ['certrebind/lock', `certrebind/runs/${killed.run}/reserve`]);
    const isKept = (name: string) => /^certrebind\/(?:runs\/.*\.json$|triggers|secrets|config|adoption)/.test(name);
    const kept = Object.keys(atFirst).filter(isKept);
    assert.equal(kept.length, 8, kept.join());
    for (const name of kept) assert.equal(after[name], atFirst[name], name);

    // Its ledger was read by the reader, and is refused by the program of before, which touches nothing.
    const ledgers = [atFirst, after].map((files) => JSON.parse(files['certrebind/ledger.json'] ?? ''));
    assert.deepEqual(each(ledgers, 'schema'), ['certrebind/ledger/1', 'certrebind/ledger/2']);
    const runsLeft = filesOf('certrebind/runs');
    const { error } = ask(linuxBinary, 2, 'reconcile', '--yes');
    assert.equal(error.code, 'other-version');
    assert.match(error.message, /it is a ledger of version 2, and this one reads version 1\.$/);
    assert.deepEqual(filesOf('certrebind/runs'), runsLeft);
  });

  it('that cannot prove its start says so, and leaves all that the first program reads', () => {
    ask(second, 0, 'lab', 'fault', 'register-task', 'fail');
    assert.equal(ask(second, 7, 'install', '--yes').error.code, 'proof-failed');
    const after = filesOf('');
    const names = Object.keys({ ...atFirst, ...after }).filter((name) =>
      /^(?:certrebind|Program Files|tasks)\//.test(name),
    );
    assert.ok(names.length > 30, `${names.length}`);
    assert.deepEqual(
      names.filter((name) => after[name] !== atFirst[name]),
      ['certrebind/setup.json'],
    );
    const [was, is] = [atFirst, after].map((files) => JSON.parse(files['certrebind/setup.json'] ?? ''));
    assert.deepEqual(is, { ...was, failed: { ...is.failed, version: next } });
  });

  it('keeps what the first version promised of its ledger, as long as the reader is there', () => {
    const promises = join(folder, 'promises');
    const ledger = new Map([...workingSchemas()].filter(([number]) => number === 'ledger/1'));
    const left = JSON.stringify(JSON.parse(atFirst['certrebind/ledger.json'] ?? ''));
    assert.deepEqual(freeze(promises, ledger, new Map([['ledger/1', [left]]])), ['ledger/1']);
    const broken = () => {
      const { status, told } = copy.node(
        '--import=./scripts/dev/register.mjs',
        '--input-type=module',
        '--eval',
        `
        const { brokenPromises, workingSchemas } = await import('./test/documents/frozen.ts');
        const { parseLedger } = await import('./src/documents/runs/ledger.ts');
        const read = (name, text) => parseLedger(text, name);
        console.log(JSON.stringify(brokenPromises(${JSON.stringify(promises)}, workingSchemas(), read)));`,
      );
      assert.equal(status, 0, told);
      return JSON.parse(told);
    };
    assert.deepEqual(broken(), []);
    copy.apply([{ file: 'src/documents/parser-of.ts', found: readers(reader), made: readers({}) }]);
    assert.match(broken().join(), /^ledger\/1: .*written by another version of CertRebind/);
  });
});
