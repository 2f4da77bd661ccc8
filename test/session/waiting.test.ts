import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { acquireLock } from '../../src/engine/state/lock.ts';
import { formatRecordKey, parseRecordKey } from '../../src/kinds/record-key.ts';
import { progressOn } from '../../src/shell/shell.ts';
import { labProgram, run, runJson, startEnvironment } from '../cli/run-program.ts';
import { temporaryLab } from '../support/temporary-lab.ts';

describe('a start that waits for another run', () => {
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  before(async () => {
    lab = await temporaryLab({ sites: 1 });
    mkdirSync(join(lab.folder, 'certrebind'), { mode: 0o700 });
  });
  after(() => lab.remove());

  for (const [how, words, expected] of [
    ['on stderr', ['--json'], new RegExp(`^certrebind: Waiting for process ${process.pid}, which has been working`)],
    ['as progress in JSON', ['--progress', 'json'], /^\{"schema":"certrebind\/progress\/1","stage":"wait"/],
  ] as const)
    it(`says so ${how}, and names the process that it waits for`, async () => {
      const signal = new AbortController().signal;
      const lock = await acquireLock(join(lab.folder, 'certrebind'), { wait: false, signal });
      const child = spawn(process.execPath, [labProgram, 'reconcile', '--lab', lab.folder, ...words], {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { PATH: process.env.PATH ?? '', ...startEnvironment },
      });
      const closed = once(child, 'close');
      try {
        const [said] = await once(child.stderr.setEncoding('utf8'), 'data');
        assert.match(said, expected);
      } finally {
        await lock.release();
      }
      assert.deepEqual((await closed)[0], 0);
    });
});

describe('a start with another state folder', () => {
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  before(async () => {
    lab = await temporaryLab({ sites: 1 });
    mkdirSync(join(lab.folder, 'certrebind'), { mode: 0o700 });
  });
  after(() => lab.remove());

  it('does not work on the server while a run without one does', async () => {
    const signal = new AbortController().signal;
    const lock = await acquireLock(join(lab.folder, 'certrebind'), { wait: false, signal });
    const old = lab.certificates[0]?.thumbprint ?? '';
    const { document } = await runJson(['lab', 'renew', old, '--no-event', '--lab', lab.folder]);
    const pair = ['--old', old, '--new', document.new];
    const words = ['rebind', ...pair, '--lab', lab.folder, '--state', join(lab.folder, 'other')];
    try {
      assert.equal((await run(words)).exitCode, 6);
    } finally {
      await lock.release();
    }
    assert.equal((await run(words)).exitCode, 0);
  });
});

describe('a run that waits for a key', () => {
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  before(async () => {
    lab = await temporaryLab({ sites: 1 });
    await run(['lab', 'renew', lab.certificates[0]?.thumbprint ?? '', '--no-key', '--lab', lab.folder]);
  });
  after(() => lab.remove());

  for (const words of [[], ['--json']])
    it(`says on stderr what it waits for, where that is no terminal (${['reconcile', ...words].join(' ')})`, async () => {
      const child = spawn(process.execPath, [labProgram, 'reconcile', '--lab', lab.folder, ...words], {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { PATH: process.env.PATH ?? '', ...startEnvironment },
      });
      const closed = once(child, 'close');
      try {
        const [said] = await once(child.stderr.setEncoding('utf8'), 'data');
        assert.match(
          said,
          /^certrebind: Waiting for a new certificate, its private key or its start date, for \S+:443\.\n$/,
        );
      } finally {
        child.kill('SIGKILL');
        await closed;
      }
    });

  it('says so once, and nothing of the other stages', () => {
    let written = '';
    const stderr = { isTTY: false, write: (text: string) => (written += text) } as unknown as NodeJS.WriteStream;
    const progress = progressOn(stderr, { json: false, progress: undefined });
    const key = formatRecordKey(parseRecordKey('0.0.0.0:443', 'test'));
    for (const stage of ['read', 'late', 'plan', 'late', 'replace'] as const)
      progress.progress({ stage, done: 0, total: 1, key });
    assert.equal(
      written,
      'certrebind: Waiting for a new certificate, its private key or its start date, for 0.0.0.0:443.\n',
    );
  });
});
