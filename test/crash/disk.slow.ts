import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileState } from '../../src/engine/state/file-state.ts';
import { ledgerEntries } from '../../src/engine/views/ledger-entries.ts';
import { labProgram } from '../cli/run-program.ts';
import { Killed, mortal } from '../engine/run/mortal.ts';
import { given, rebind, recordsOf, undo, wideKeys, wideLab, worldOf } from '../engine/run/world.ts';
import { ofAll } from '../support/of-each.ts';
import { storedRuns } from '../support/stored-runs.ts';
import { newFolder } from '../support/temporary-lab.ts';
import { keys, openServedLab } from './served-lab.ts';

describe('a journal that is not whole', () => {
  const lab = wideLab();
  const renewal = given(lab, 'old', 'new');

  /** A server on which a run changed every record, and was killed before it could write its outcome down. */
  async function killedAtTheEnd() {
    const folder = join(newFolder(), 'state');
    const world = worldOf(lab, { state: fileState(folder) });
    await assert.rejects(rebind({ ...world, context: mortal(world, 16).context }, [renewal]), Killed);
    const [run = ''] = await world.state.unfinishedRuns();
    const path = join(folder, 'runs', run, 'journal.ndjson');
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    assert(lines.length > 5, `only ${lines.length} lines`);
    /** The same server and state folder once more, but for what stands in the journal; `null`: there is none. */
    const withJournal = (text: string | Buffer | null) => {
      const copy = join(newFolder(), 'state');
      cpSync(folder, copy, { recursive: true });
      const journal = join(copy, 'runs', run, 'journal.ndjson');
      if (text === null) rmSync(journal);
      else writeFileSync(journal, text);
      return { world: world.fork({ state: fileState(copy) }), journal };
    };
    return { run, lines, bytes: readFileSync(path), withJournal };
  }

  type KilledWorld = Awaited<ReturnType<typeof killedAtTheEnd>>;
  type World = ReturnType<KilledWorld['withJournal']>['world'];

  async function holdAll(world: World, label: string, when: string): Promise<void> {
    const records = await recordsOf(world);
    for (const key of wideKeys) {
      const record = [...records.values()].find((each) => each.key === key);
      assert.equal(record?.thumbprint, lab.thumbprint(label), `${when}: ${key}`);
    }
  }

  /** Whatever is remembered of the run agrees with the records, all of which it changed. */
  async function isTrue({ state }: World, when: string): Promise<void> {
    assert.deepEqual(await state.unfinishedRuns(), [], when);
    const [entry, ...more] = ledgerEntries(await state.readLedger());
    assert.deepEqual([entry?.state, more], ['settled', []], `${when}: ledger`);
    for (const { run, outcome } of await storedRuns(state)) {
      assert.equal(outcome?.result, 'rebound', `${when}: ${run}`);
      for (const { key, state: is } of outcome.steps) assert.equal(is, 'verified', `${when}: ${run}: ${key}`);
    }
  }

  it('does no harm, wherever it was cut off and also when it is empty or gone: the next start ends the run', async () => {
    const { bytes, withJournal } = await killedAtTheEnd();
    const ends = [...bytes].flatMap((byte, at) => (byte === 10 ? [at + 1] : []));
    for (const cut of [0, 1, ...ends.flatMap((end) => [end - 2, end - 1, end])])
      await endsWell(withJournal(bytes.subarray(0, cut)).world, `cut off at ${cut}`);
    await endsWell(withJournal(null).world, 'gone');

    async function endsWell(world: World, when: string): Promise<void> {
      const outcome = await rebind(world, [renewal]);
      assert.equal(outcome.exitCode, 0, when);
      await holdAll(world, 'new', when);
      await isTrue(world, when);
    }
  });

  it('with any one line damaged is read past it and kept: the history is true, names the line, and can be undone', async () => {
    const { run, lines, withJournal } = await killedAtTheEnd();
    for (const number of lines.keys()) {
      if (number === 0) continue;
      const damaged = `${lines.with(number, `#${lines[number]}`).join('\n')}\n`;
      const { world, journal } = withJournal(damaged);
      const when = `line ${number + 1}`;

      const outcome = await rebind(world, [renewal]);

      assert.equal(outcome.exitCode, 0, when);
      assert(readFileSync(journal, 'utf8').startsWith(damaged), when);
      await isTrue(world, when);
      const recovered = (await world.state.readRun(run)).outcome;
      for (const { notes } of [outcome, recovered ?? assert.fail(when)]) {
        const [note] = notes.filter(({ code }) => code === 'journal-damaged');
        assert.match(
          note?.text ?? '',
          new RegExp(`^Line ${number + 1} of the journal of run ${run} cannot be read\\.`),
        );
      }
      assert.equal((await undo(world, run)).counts.changed, wideKeys.length, when);
      await holdAll(world, 'old', when);
    }
  });

  it('that lost the line with which a record began to be rolled back: it is not said to be untried', async () => {
    const folder = join(newFolder(), 'state');
    const world = worldOf(lab, { state: fileState(folder) });
    world.fault({
      on: { kind: 'connect', key: 'shop.example.com:443' },
      nth: 2,
      times: null,
      effect: { do: 'refuse' },
    });
    const { run } = await rebind(world, [renewal]);
    const journal = join(folder, 'runs', run, 'journal.ndjson');
    writeFileSync(journal, readFileSync(journal, 'utf8').replace(/^.*"type":"rolling-back".*$/m, '#'));
    rmSync(join(folder, 'runs', run, 'outcome.json'));
    rmSync(join(folder, 'runs', 'index.ndjson'));

    await rebind(world, []);

    const step = (await world.state.readRun(run)).outcome?.steps.find(({ key }) => key === 'shop.example.com:443');
    assert.equal(step?.state, 'rolled-back');
    assert.match(step?.error?.message ?? '', /The reason is in a journal line that cannot be read/);
  });

  it('with its first line damaged is kept, and a person told with exit 5; the start after that works', async () => {
    const { run, lines, withJournal } = await killedAtTheEnd();
    const damaged = `${lines.with(0, `#${lines[0]}`).join('\n')}\n`;
    const { world, journal } = withJournal(damaged);

    const outcome = await rebind(world, [renewal]);

    assert.deepEqual([outcome.run, outcome.exitCode, outcome.result], [run, 5, 'needs-attention']);
    assert.match(
      outcome.notes[0]?.text ?? '',
      /^The first line of the journal of run .* Check the server, then run the command again\.$/,
    );
    assert.equal(readFileSync(journal, 'utf8'), damaged);
    assert.deepEqual((await world.state.readRun(run)).outcome, outcome);
    assert.equal(world.kernel.state.applicationLog.entries.at(-1)?.eventId, 130);
    assert.deepEqual(ledgerEntries(await world.state.readLedger()), []);

    const next = await rebind(world, [renewal]);
    assert.deepEqual([next.exitCode, next.counts.already], [0, wideKeys.length]);
    await holdAll(world, 'new', 'afterwards');
  });
});

describe('a disk with too little room (real program on a served lab)', () => {
  const lab = ofAll(openServedLab);
  beforeEach(async () => {
    await lab.restore();
    await lab.remember(null);
  });

  async function rebinding(
    before: readonly string[],
    node: readonly string[],
    more: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ exitCode: number | null; code: string | null; stdout: string }> {
    const line = [...node, labProgram, 'rebind', '--old', lab.old, '--new', lab.new, '--lab', lab.folder, '--json'];
    const [program = '', ...args] = [...before, process.execPath, ...line, ...more];
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: process.env.PATH ?? '', ...env },
    });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    const [exitCode] = await once(child, 'close');
    const document: { readonly error?: { readonly code: string } } = JSON.parse(stdout);
    return { exitCode, code: document.error?.code ?? null, stdout };
  }

  async function holdAll(thumbprint: string): Promise<void> {
    const records = await lab.records();
    for (const key of keys) assert.equal(records.get(key)?.thumbprint, thumbprint, key);
  }

  for (const bytes of [0, 200, 2_000, 20_000, 60_000]) {
    it(`of ${bytes} bytes a file: refused with exit 2 before anything is changed, and the next start does it`, async () => {
      const { exitCode, code, stdout } = await rebinding(['prlimit', `--fsize=${bytes}`], []);
      assert.equal(exitCode, 2, stdout);
      assert.equal(code, 'not-writable');
      await holdAll(lab.old);
      assert.equal((await rebinding([], [])).exitCode, 0);
      await holdAll(lab.new);
    });
  }

  it('for ten starts at once: each is refused with exit 2 before anything is changed, and the next start does it', async () => {
    const starts = await Promise.all(
      Array.from({ length: 10 }, () => rebinding(['prlimit', '--fsize=2000'], [], ['--wait'])),
    );
    for (const { exitCode, code, stdout } of starts) assert.deepEqual([exitCode, code], [2, 'not-writable'], stdout);
    await holdAll(lab.old);
    assert.equal((await rebinding([], [])).exitCode, 0);
    await holdAll(lab.new);
  });

  const rootOnly = process.getuid?.() === 0 && process.platform === 'linux' ? it : it.skip;
  rootOnly(
    'that fills up while records are changed: the room for the closing lines was taken first, and the run ends',
    async () => {
      const disk = join(lab.folder, 'small-disk');
      mkdirSync(disk);
      const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk], { encoding: 'utf8' });
      assert.equal(mounted.status, 0, mounted.stderr);
      try {
        const fill = join(import.meta.dirname, 'fill-disk.cjs');
        const state = ['--state', join(disk, 'state')];
        const { exitCode, stdout } = await rebinding([], ['--require', fill], state, { FILL_FOLDER: disk });
        assert.equal(exitCode, 0, stdout);
        assert(statfsSync(disk).bfree < 32, 'the disk was not full');
        await holdAll(lab.new);
        const remembered = fileState(join(disk, 'state'));
        assert.deepEqual(await remembered.unfinishedRuns(), []);
        assert.equal((await remembered.listRuns())[0]?.summary?.result, 'rebound');
        assert.equal(ledgerEntries(await remembered.readLedger())[0]?.state, 'settled');
      } finally {
        spawnSync('umount', [disk]);
      }
    },
  );
});
