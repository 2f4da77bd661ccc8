import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { perform } from '../security/program.ts';
import { temporaryLab } from '../support/temporary-lab.ts';

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
    for (const name of files)
      it(`${what} as ${name} is named, with exit 2 or 7, or does no harm`, async () => {
        await rm(home, { recursive: true, force: true });
        const path = join(home, name);
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        put(path);
        for (const words of commands) {
          const { exitCode, document, stdout } = await call(...words);
          assert.ok([0, 2, 7, 9].includes(exitCode), `${words.join(' ')}: exit ${exitCode}: ${stdout}`);
          const { error } = document;
          // That there is no run of this name is true of most of these folders.
          if (error !== undefined && error.code !== 'no-such-run') assert.ok(error.message.includes(path), stdout);
        }
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
        const { exitCode } = await perform(['plan', '--replay', path, '--json']);
        assert.equal(exitCode, 2);
      } finally {
        rmSync(path, { recursive: true, force: true });
      }
    });
});
