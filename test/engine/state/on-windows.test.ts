import assert from 'node:assert/strict';
import fs, { promises, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import timers from 'node:timers/promises';
import { type SinonStub, stub } from 'sinon';
import { writeFileAtomically } from '../../../src/engine/state/files.ts';
import { acquireLock, lockOwnerOf } from '../../../src/engine/state/lock.ts';
import { processesHere } from '../../../src/engine/state/lock-owner.ts';
import { assertNone } from '../../support/each.ts';
import { newFolder } from '../../support/temporary-lab.ts';

/** A virus scanner holds a file for a moment, which only Windows lets it do. */
describe('a file that something else holds on Windows', () => {
  const { platform } = process;
  let waits: SinonStub;
  const replaced: SinonStub[] = [];

  const on = (system: string) => Object.defineProperty(process, 'platform', { value: system });
  /** The first calls of it fail. */
  function failing(name: 'rename' | 'unlink' | 'link', code: string, times: number): SinonStub {
    const calls = stub(promises, name).callThrough();
    for (let call = 0; call < times; call++)
      calls.onCall(call).callsFake(() => Promise.reject(Object.assign(new Error(code), { code })));
    replaced.push(calls);
    syncBuiltinESMExports();
    return calls;
  }
  beforeEach(() => {
    on('win32');
    waits = stub(timers, 'setTimeout').resolves();
    replaced.push(waits);
  });
  afterEach(() => {
    for (const each of replaced.splice(0)) each.restore();
    syncBuiltinESMExports();
    on(platform);
  });
  const lock = (folder: string) => acquireLock(folder, { wait: false, signal: new AbortController().signal });

  for (const code of ['EPERM', 'EACCES', 'EBUSY'])
    it(`is written once it is let go of (${code}), after longer and longer waits`, async () => {
      const folder = newFolder();
      failing('rename', code, 3);
      await writeFileAtomically(join(folder, 'a'), 'text');
      assert.equal(readFileSync(join(folder, 'a'), 'utf8'), 'text');
      assert.deepEqual(
        waits.args.map(([ms]) => ms),
        [20, 40, 60],
      );
    });

  for (const [what, system, code, tries] of [
    ['held for good', 'win32', 'EPERM', 10],
    ['refused for another reason', 'win32', 'ENOSPC', 1],
    ['refused elsewhere', 'linux', 'EPERM', 1],
  ] as const)
    it(`is an error when it is ${what}, and leaves nothing behind`, async () => {
      const folder = newFolder();
      on(system);
      const rename = failing('rename', code, 99);
      await assert.rejects(writeFileAtomically(join(folder, 'a'), 'text'), { code: 'not-writable' });
      assert.equal(rename.callCount, tries);
      assert.deepEqual(readdirSync(folder), []);
    });

  for (const code of ['EPERM', 'EBUSY'])
    it(`is a lock that is taken (${code}), and let go of once it can be`, async () => {
      const folder = newFolder();
      const links = failing('link', code, 2);
      const held = await lock(folder);
      assert.equal(links.callCount, 3);
      const before = waits.callCount;
      const unlinks = failing('unlink', code, 3);
      await held.release();
      assert.deepEqual(readdirSync(folder), []);
      assert.equal(unlinks.callCount, 4);
      assert.deepEqual(
        waits.args.slice(before).map(([ms]) => ms),
        [20, 40, 60],
      );
    });

  for (const [what, system, code, tries] of [
    ['cannot be let go of', 'win32', 'EBUSY', 10],
    ['cannot be let go of, for another reason', 'win32', 'EIO', 1],
    ['cannot be let go of elsewhere', 'linux', 'EBUSY', 1],
  ] as const)
    it(`is an error of a lock that ${what}`, async () => {
      const folder = newFolder();
      const held = await lock(folder);
      on(system);
      const unlinks = failing('unlink', code, 99);
      await assert.rejects(held.release(), { code });
      assert.equal(unlinks.callCount, tries);
    });

  it('is no lock that is taken where the link is refused for another reason, or elsewhere', async () => {
    for (const [system, code] of [
      ['win32', 'EIO'],
      ['linux', 'EPERM'],
    ] as const) {
      on(system);
      failing('link', code, 1);
      await assert.rejects(lock(newFolder()), { code: 'not-writable' });
      replaced.pop()?.restore();
    }
  });

  it('is in place without its folder being opened, which Windows refuses', async () => {
    const folder = newFolder();
    const opened = stub(promises, 'open').callThrough();
    replaced.push(opened);
    syncBuiltinESMExports();
    await writeFileAtomically(join(folder, 'a'), 'text');
    assertNone(opened.args, ([path]) => path === folder);
  });

  it('is a lock whose owner has it open, and of nobody once it can be opened alone', async () => {
    const file = join(newFolder(), 'lock');
    writeFileSync(file, '');
    const found = [await processesHere.hasOpen(file), await processesHere.hasOpen(`${file}.none`)];
    // A folder cannot be opened for writing, like a file that another process holds.
    assert.deepEqual([...found, await processesHere.hasOpen(join(file, '..'))], [false, false, true]);
    on('linux');
    assert.equal(await processesHere.hasOpen(file), null);
  });

  for (const [system, code, error] of [
    ['win32', 'EPERM', null],
    ['win32', 'EBUSY', null],
    ['win32', 'EIO', 'bad-input'],
    ['linux', 'EPERM', 'bad-input'],
  ] as const)
    it(`is ${error === null ? 'no lock' : 'an error'} while it cannot be read (${code} on ${system})`, async () => {
      on(system);
      const opening = stub(fs, 'openSync').throws(Object.assign(new Error(code), { code }));
      replaced.push(opening as unknown as SinonStub);
      syncBuiltinESMExports();
      const owner = lockOwnerOf(newFolder());
      if (error === null) assert.equal(await owner, null);
      else await assert.rejects(owner, { code: error });
    });
});
