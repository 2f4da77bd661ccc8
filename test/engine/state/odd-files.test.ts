import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { addToOrder, inOrder } from '../../../src/engine/state/run-folders.ts';
import { perform } from '../../security/program.ts';
import { isSlow } from '../../support/slow.ts';
import { temporaryLab } from '../../support/temporary-lab.ts';

const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

/** What may lie where a file of ours should; none of it may be waited for, and none ends the program as a defect. */
const oddities: Readonly<Record<string, (path: string) => void>> = {
  'a pipe that nobody writes into': (path) => assert.equal(spawnSync('mkfifo', ['-m', '600', path]).status, 0),
  'a link that leads back to itself': (path) => symlinkSync(path, path),
  'a file of 3 GB': (path) => {
    writeFileSync(path, '', { mode: 0o600 });
    truncateSync(path, 3 * 2 ** 30);
  },
  'a hundred thousand nested brackets': (path) => writeFileSync(path, deep, { mode: 0o600 }),
  'nested brackets in a document of ours': (path) =>
    writeFileSync(path, `{"schema": "certrebind/error/1", "exitCode": 2, "error": {"message": "x", "hint": ${deep}}}`, {
      mode: 0o600,
    }),
  'a folder': (path) => mkdirSync(path, { mode: 0o700 }),
};

describe('in the place of a file', function () {
  this.timeout(60_000);
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  let home: string;
  before(async function () {
    if (process.platform === 'win32') this.skip();
    lab = await temporaryLab({ sites: 1 });
    home = join(lab.folder, 'certrebind');
  });
  after(() => lab?.remove());

  const call = (...words: readonly string[]) => perform([...words, '--lab', lab.folder, '--json']);
  const run = '20260131-091500000-1a2b';

  const files = [
    'ledger.json',
    'config.json',
    'last-error.json',
    'told.json',
    'adoption.json',
    'lock',
    'triggers/mail.json',
    'triggers/mail.runs.json',
    'runs/index.ndjson',
    'runs/order.txt',
    `runs/${run}/journal.ndjson`,
    `runs/${run}/outcome.json`,
  ];
  const commands = [
    ['status'],
    ['doctor'],
    ['history'],
    ['reconcile'],
    ['undo', run],
    ['disable'],
    ['trigger', 'list'],
  ];

  for (const [what, put] of Object.entries(oddities))
    for (const [at, name] of files.entries())
      it(`${what} as ${name} is named, with exit 2 or 7, or does no harm`, async () => {
        await rm(home, { recursive: true, force: true });
        const path = join(home, name);
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        put(path);
        // In `npm test` every file meets a third of them, and every command a third of the files.
        for (const words of commands.filter((_, index) => isSlow || (index + at) % 9 === 0)) {
          const { exitCode, document, stdout } = await call(...words);
          assert.ok([0, 2, 7, 9].includes(exitCode), `${words.join(' ')}: exit ${exitCode}: ${stdout}`);
          const { error } = document;
          // That there is no run of this name is true of most of these folders.
          if (error !== undefined && error.code !== 'no-such-run') assert.ok(error.message.includes(path), stdout);
        }
      });

  for (const [what, put] of Object.entries(oddities).filter(([name]) => !name.includes('brackets')))
    it(`${what} as the journal of an interrupted run is named with the way out, and keeps nobody from disabling`, async () => {
      await rm(home, { recursive: true, force: true });
      const folder = join(home, 'runs', run);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      put(join(folder, 'journal.ndjson'));

      const { exitCode, document } = await call('reconcile');
      assert.deepEqual([exitCode, document.error.code], [2, 'damaged-file']);
      assert.ok(document.error.message.includes(join(folder, 'journal.ndjson')), document.error.message);
      assert.ok(document.error.hint.includes(`move the folder ${folder} away`), document.error.hint);

      const status = await call('status');
      const found: { code: string; message: string } = status.document.findings.find(
        ({ code }: { code: string }) => code === 'damaged-file',
      );
      assert.ok(found?.message.includes(`move the folder ${folder} away`), status.stdout);
      assert.equal((await call('disable')).exitCode, 0);
      assert.equal((await call('uninstall')).exitCode, 0);

      renameSync(folder, join(home, `${run}.away`));
      assert.equal((await call('reconcile')).exitCode, 0);
    });

  for (const name of ['last-error.json', 'told.json', 'runs/order.txt'])
    it(`a pipe as ${name} keeps nobody from status, disable, uninstall and the next run`, async () => {
      await rm(home, { recursive: true, force: true });
      mkdirSync(join(home, 'runs'), { recursive: true, mode: 0o700 });
      assert.equal(spawnSync('mkfifo', ['-m', '600', join(home, name)]).status, 0);
      for (const command of ['status', 'disable', 'uninstall', 'reconcile'])
        assert.equal((await call(command)).exitCode, 0, command);
    });

  it('what is no file as the order of runs is replaced by the next run', async () => {
    await rm(home, { recursive: true, force: true });
    mkdirSync(join(home, 'runs'), { recursive: true, mode: 0o700 });
    const path = join(home, 'runs', 'order.txt');
    assert.equal(spawnSync('mkfifo', ['-m', '600', path]).status, 0);
    await addToOrder(join(home, 'runs'), run);
    const earlier = '20200131-091500000-1a2b';
    assert.deepEqual(await inOrder(join(home, 'runs'), [run, earlier]), [earlier, run]);
    assert.ok(lstatSync(path).isFile());
  });

  it('a link to a device is named itself, and the line to type takes the link away', async () => {
    await rm(home, { recursive: true, force: true });
    mkdirSync(home, { recursive: true, mode: 0o700 });
    const path = join(home, 'ledger.json');
    symlinkSync('/dev/zero', path);
    const { exitCode, document } = await call('reconcile');
    assert.equal(exitCode, 7);
    assert.equal(document.error.message, `${path} is a link to /dev/zero, which can be written by everyone.`);
    assert.ok(document.error.hint.endsWith(`\n  rm '${path}'`), document.error.hint);
  });

  const named = { ...oddities, 'a device without an end': (path: string) => symlinkSync('/dev/zero', path) };
  for (const [what, put] of Object.entries(named))
    it(`${what} as a plan, a configuration or a capture on the command line is refused with exit 2`, async () => {
      const path = join(lab.folder, 'odd.json');
      put(path);
      try {
        for (const words of [
          ['apply', path],
          ['config', 'check', path],
          ['config', 'set', path],
          ['plan', '--config', path],
        ]) {
          const { exitCode, document } = await call(...words);
          assert.equal(exitCode, 2, words.join(' '));
          assert.ok(document.error.message.includes(path), document.error.message);
        }
        const config = join(lab.folder, 'applicationHost.config');
        for (const words of [
          ['plan', '--replay', path],
          ['lab', 'create', join(lab.folder, 'new'), '--from', path],
          ['lab', 'create', join(lab.folder, 'new'), '--from', config, '--from-registry', path],
        ]) {
          const { exitCode, stdout } = await perform([...words, '--json']);
          assert.equal(exitCode, 2, `${words.join(' ')}: ${stdout}`);
        }
      } finally {
        rmSync(path, { recursive: true, force: true });
      }
    });
});
