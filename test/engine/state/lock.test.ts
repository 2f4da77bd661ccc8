import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { on, once } from 'node:events';
import { mkdirSync, readdirSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { stub } from 'sinon';
import { acquireLock, emptyLockedFolder, lockOwnerOf } from '../../../src/engine/state/lock.ts';
import { type LockOwner, type Processes, processesHere } from '../../../src/engine/state/lock-owner.ts';
import type { Lock } from '../../../src/engine/state/state.ts';
import { newFolder } from '../../support/temporary-lab.ts';

const { signal } = new AbortController();

/** Processes of a machine in which those of the set are alive. */
function machine(alive: Set<number>, boot = 'boot-1') {
  return (pid: number): Processes => ({
    pid,
    exists: (other) => alive.has(other),
    startOf: (other) => (alive.has(other) ? `start-${other}` : null),
    boot: () => boot,
    hasOpen: async () => null,
  });
}

describe('the lock', () => {
  it('is refused while a live process holds it, naming that process, and free after its release', async () => {
    const folder = newFolder();
    const lock = await acquireLock(folder, { wait: false, signal });
    await assert.rejects(
      acquireLock(folder, { wait: false, signal }),
      (error: Error & { code: string; exitCode: number }) => {
        assert.equal(error.code, 'locked');
        assert.equal(error.exitCode, 6);
        assert.match(error.message, new RegExp(`^Process ${process.pid} has been working on this server since `));
        return true;
      },
    );
    assert.equal((await lockOwnerOf(folder))?.pid, process.pid);
    await lock.release();
    assert.equal(await lockOwnerOf(folder), null);
    await (await acquireLock(folder, { wait: false, signal })).release();
    assert.deepEqual(readdirSync(folder), []);
  });

  it('of an installation is another one, and says what its owner does', async () => {
    const folder = newFolder();
    const locks = [
      await acquireLock(folder, { wait: false, signal }),
      await acquireLock(folder, { wait: false, signal, name: 'installation.lock' }),
    ];
    await assert.rejects(acquireLock(folder, { wait: false, signal, name: 'installation.lock' }), {
      message: new RegExp(`^Process ${process.pid} has been installing or removing CertRebind here since `),
      where: folder,
    });
    for (const lock of locks) await lock.release();
    assert.deepEqual(readdirSync(folder), []);
  });

  const ownHolder = { pid: process.pid, start: null, boot: null, since: '2030-01-01T12:00:00.000Z' };
  const notOwners = [{ pid: `${process.pid}` }, { pid: 1.5 }, { start: 7 }, { boot: 7 }, { since: 7 }];
  for (const text of [
    '',
    'null',
    '7',
    '"x"',
    '{}',
    ...notOwners.map((part) => JSON.stringify({ ...ownHolder, ...part })),
  ])
    it(`of which only ${JSON.stringify(text)} is left has no owner, and is free`, async () => {
      const folder = newFolder();
      writeFileSync(join(folder, 'lock'), text);
      assert.equal(await lockOwnerOf(folder), null);
      await (await acquireLock(folder, { wait: false, signal })).release();
      assert.deepEqual(readdirSync(folder), []);
    });

  it('knows a process that lives from one that has ended', () => {
    assert.equal(processesHere.exists(process.pid), true);
    assert.equal(processesHere.exists(spawnSync(process.execPath, ['--version']).pid), false);
  });

  it('stays when everything else in its folder goes, and so does what others wait with', async () => {
    const folder = newFolder();
    const lock = await acquireLock(folder, { wait: false, signal });
    const ofLocks = ['lock.0123456789ab.tmp', 'installation.lock', 'installation.lock.0123456789ab.tmp'];
    for (const name of [...ofLocks, 'ledger.json', 'locked.txt', 'my.lock']) writeFileSync(join(folder, name), '');
    mkdirSync(join(folder, 'runs', 'run-1'), { recursive: true });
    await emptyLockedFolder(folder);
    assert.deepEqual(readdirSync(folder).sort(), ['lock', ...ofLocks].sort());
    await lock.release();
  });

  it('is waited for, and the wait ends when it is stopped', async () => {
    const folder = newFolder();
    const lock = await acquireLock(folder, { wait: false, signal });
    const told: number[] = [];
    const second = acquireLock(folder, { wait: true, signal, waiting: ({ pid }) => told.push(pid) });
    const tries = new Set<string>();
    const watching = watch(folder);
    for await (const [, name] of on(watching, 'change')) {
      if (/^lock\..*\.tmp$/.test(name)) tries.add(name);
      if (tries.size === 3) break;
    }
    watching.close();
    await lock.release();
    await (await second).release();
    assert.deepEqual(told, [process.pid], 'who is waited for is told once');
    const held = await acquireLock(folder, { wait: false, signal });
    const stop = new AbortController();
    const third = acquireLock(folder, { wait: true, signal: stop.signal });
    stop.abort();
    await assert.rejects(third, { code: 'locked' });
    await held.release();
  });

  const owner: LockOwner = { pid: 7, start: 'start-7', boot: 'boot-1', since: '2026-06-01T12:00:00.000Z' };
  const here = machine(new Set([1, 7]))(1);
  const stale: readonly (readonly [string, string])[] = [
    ['whose process is gone', JSON.stringify({ ...owner, pid: 8, start: 'start-8' })],
    ['whose number another process has now', JSON.stringify({ ...owner, start: 'start-before' })],
    ['from before the machine was started again', JSON.stringify({ ...owner, boot: 'boot-0' })],
    ['that is empty', ''],
    ['that is torn', JSON.stringify(owner).slice(0, 20)],
    ['that holds something else', '[1, 2, 3]'],
    ['that names its boot by a number', JSON.stringify({ ...owner, boot: 1 })],
    ['whose number is a text', JSON.stringify({ ...owner, pid: '7' })],
  ];
  for (const [what, text] of stale) {
    it(`of an owner ${what} is taken over`, async () => {
      const folder = newFolder();
      writeFileSync(join(folder, 'lock'), text);
      const lock = await acquireLock(folder, { wait: false, signal, processes: here });
      assert.equal((await lockOwnerOf(folder, here))?.pid, 1);
      await lock.release();
    });
  }

  it('of an owner that lives is not taken over', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'lock'), JSON.stringify(owner));
    await assert.rejects(acquireLock(folder, { wait: false, signal, processes: here }), { code: 'locked' });
  });

  it('of an owner whose number is in use is told by its open file, where the system tells nothing else', async () => {
    const folder = newFolder();
    const open = new Set([join(folder, 'lock')]);
    const windows: Processes = {
      ...here,
      startOf: () => null,
      boot: () => null,
      hasOpen: async (path) => open.has(path),
    };
    writeFileSync(join(folder, 'lock'), JSON.stringify({ ...owner, start: null, boot: null }));
    await assert.rejects(acquireLock(folder, { wait: false, signal, processes: windows }), { code: 'locked' });
    open.clear();
    await (await acquireLock(folder, { wait: false, signal, processes: windows })).release();
  });

  it('is held by one at a time when fifty want it at once, though every fifth dies with it in hand', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'lock'), JSON.stringify({ ...owner, pid: 999 }));
    const alive = new Set(Array.from({ length: 50 }, (_, index) => index + 1));
    const processOf = machine(alive);
    let inside = 0;
    let most = 0;
    const turns: number[] = [];
    const orphans: Lock[] = [];
    await Promise.all(
      [...alive].map(async (pid) => {
        const lock = await acquireLock(folder, {
          wait: true,
          signal: new AbortController().signal,
          processes: processOf(pid),
        });
        inside += 1;
        most = Math.max(most, inside);
        turns.push(pid);
        for (let turn = 0; turn < 5; turn++) await nextTurn();
        inside -= 1;
        if (pid % 5 === 0) {
          alive.delete(pid);
          orphans.push(lock);
        } else await lock.release();
      }),
    );
    assert.equal(most, 1);
    assert.equal(new Set(turns).size, 50);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name !== 'lock'),
      [],
      'nothing is left lying about',
    );
    for (const orphan of orphans) await orphan.release();
  });

  describe('when a living process has begun to take over that of a dead one, and does not go on', () => {
    const dead = { ...owner, pid: 999, start: 'start-999' };
    const stopped = () => {
      const folder = newFolder();
      writeFileSync(join(folder, 'lock'), JSON.stringify(dead));
      writeFileSync(join(folder, 'lock-takeover-0011223344556677'), JSON.stringify(owner));
      return folder;
    };

    for (const wait of [false, true])
      it(`is refused after a while ${wait ? 'also to one that waits' : 'to one that does not wait'}, naming that process`, async () => {
        const folder = stopped();
        const acquiring = acquireLock(folder, {
          wait,
          signal,
          processes: here,
          patience: { waitMs: 0, takeoverMs: 0 },
        });
        const message = /^Process 7 began to take over the lock/;
        const hint = 'End process 7, or resume it if it is suspended. Then run the command again.';
        await assert.rejects(acquiring, { code: 'locked', exitCode: 6, message, hint });
        assert.deepEqual(readdirSync(folder).sort(), ['lock', 'lock-takeover-0011223344556677']);
      });

    it('is waited for by one that waits, which is told of that process once, and goes on when it has ended', async () => {
      const folder = stopped();
      const alive = new Set([1, 7]);
      const told: number[] = [];
      const acquiring = acquireLock(folder, {
        wait: true,
        signal,
        processes: machine(alive)(1),
        patience: { waitMs: 60_000, takeoverMs: 0 },
        waiting({ pid }) {
          told.push(pid);
          alive.delete(7);
        },
      });
      await (await acquiring).release();
      assert.deepEqual(told, [7]);
      assert.deepEqual(readdirSync(folder), []);
    });
  });

  it('is waited for half an hour where nobody says how long: a hook gives up no earlier', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'lock'), JSON.stringify(owner));
    const minutes = [0, 29.9, 30];
    const clock = stub(performance, 'now').callsFake(() => (minutes.shift() ?? 30) * 60_000);
    let told = 0;
    const waiting = () => {
      told += 1;
    };
    try {
      await assert.rejects(acquireLock(folder, { wait: true, signal, processes: here, waiting }), /waited 30 minutes/);
    } finally {
      clock.restore();
    }
    assert.deepEqual([told, minutes], [1, []]);
  });

  it('that is waited for too long is refused, naming the process and how long', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'lock'), JSON.stringify(owner));
    // The whole time to the last moment, and no more.
    const clock = stub(performance, 'now').returns(120_000);
    clock.onFirstCall().returns(0);
    try {
      const acquiring = acquireLock(folder, {
        wait: true,
        signal,
        processes: here,
        patience: { waitMs: 120_000, takeoverMs: 0 },
      });
      const hint = 'No run takes that long. Check process 7, or end it. The next run finishes its work.';
      await assert.rejects(acquiring, { code: 'locked', message: /^Process 7 .* waited 2 minutes for it\.$/, hint });
    } finally {
      clock.restore();
    }
  });

  it('of a killed process is taken over at once', async () => {
    const folder = newFolder();
    const register = join(import.meta.dirname, '../../../scripts/dev/register.mjs');
    const script = join(import.meta.dirname, 'hold-lock.ts');
    const child = spawn(process.execPath, ['--import', register, script, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(child.stdout, 'data');
      await assert.rejects(acquireLock(folder, { wait: false, signal }), { code: 'locked' });
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await (await acquireLock(folder, { wait: false, signal })).release();
  });

  it('tells its own process from an earlier one of the same number, where the system tells when a process started', function () {
    if (process.platform !== 'linux') this.skip();
    const start = processesHere.startOf(process.pid);
    assert.match(start ?? '', /^\d+$/);
    assert.notEqual(start, processesHere.startOf(1));
    assert.match(processesHere.boot() ?? '', /^[0-9a-f-]{36}$/);
  });
});
