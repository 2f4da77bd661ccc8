import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileState } from '../../src/state/file-state.ts';
import { labProgram } from '../cli/run-program.ts';
import { Killed, mortal } from '../run/mortal.ts';
import { given, rebind, recordsOf, wideKeys, wideLab, worldOf } from '../run/world.ts';
import { temporaryFolders } from '../state/temporary-folder.ts';
import { keys, openServedLab, type ServedLab } from './served-lab.ts';

describe('a journal that is not whole', () => {
  const newFolder = temporaryFolders();
  const lab = wideLab();

  it('does no harm, wherever it was cut off and also when it is empty or gone: the next start ends the run', async () => {
    const folder = join(newFolder(), 'state');
    const kept = join(newFolder(), 'kept');
    const killed = worldOf(lab, { state: fileState(folder) });
    const act = (world: typeof killed) => rebind(world, [given(lab, 'old', 'new')]);
    // After everything was changed, and before the outcome.
    const { context } = mortal(killed, 16);
    await assert.rejects(act({ ...killed, context }), Killed);
    const [run = ''] = await killed.state.unfinishedRuns();
    cpSync(folder, kept, { recursive: true });
    const journal = readFileSync(join(folder, 'runs', run, 'journal.ndjson'));
    const ends = [...journal].flatMap((byte, at) => (byte === 10 ? [at + 1] : []));
    assert(ends.length > 5, `only ${ends.length} lines`);

    for (const cut of [0, 1, ...ends.flatMap((end) => [end - 2, end - 1, end])]) {
      rmSync(folder, { recursive: true });
      cpSync(kept, folder, { recursive: true });
      writeFileSync(join(folder, 'runs', run, 'journal.ndjson'), journal.subarray(0, cut));
      await endsWell(killed.fork(), `cut off at ${cut}`);
    }
    rmSync(join(folder, 'runs', run, 'journal.ndjson'));
    await endsWell(killed.fork(), 'gone');

    async function endsWell(world: typeof killed, when: string): Promise<void> {
      const outcome = await act(world);
      assert.equal(outcome.exitCode, 0, when);
      const records = await recordsOf(world);
      for (const key of wideKeys) {
        const record = [...records.values()].find((each) => each.key === key);
        assert.equal(record?.thumbprint, lab.thumbprint('new'), `${when}: ${key}`);
      }
      assert.deepEqual(await fileState(folder).unfinishedRuns(), [], when);
    }
  });
});

describe('a disk with too little room (real program on a served lab)', () => {
  let lab: ServedLab;
  before(async () => {
    lab = await openServedLab();
  });
  after(() => lab.close());
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
      stdio: ['ignore', 'pipe', 'inherit'],
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
        assert.equal((await remembered.listRuns())[0]?.outcome?.result, 'rebound');
        assert.equal((await remembered.readLedger()).entries[0]?.state, 'settled');
      } finally {
        spawnSync('umount', [disk]);
      }
    },
  );
});
