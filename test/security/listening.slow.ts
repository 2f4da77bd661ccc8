import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../cli/run-program.ts';
import { openWorld, type World } from '../stories/lab-world.ts';
import { newFolder } from '../support/temporary-lab.ts';

const hook = join(import.meta.dirname, 'listening.cjs');

describe('nothing of the program listens', () => {
  let world: World;
  const folder = newFolder();
  let old: string;
  let renewed: string;
  before(async () => {
    world = await openWorld((lab) => ['--lab', lab]);
    old = world.certificates[0]?.thumbprint ?? '';
    renewed = (await world.lab(['renew', old])).new;
  });
  after(async () => {
    await world.close();
  });

  /** Runs the program to its end; what it opened for others to connect to, and how it ended. */
  async function perform(words: readonly string[], server: Readonly<Record<string, string>> = {}) {
    const file = join(folder, randomUUID());
    const env = { ...server, NODE_OPTIONS: `--require=${hook}`, LISTENING_FILE: file };
    const { exitCode } = await run(words, { env });
    const text = await readFile(file, 'utf8').catch(() => '');
    return { words: words.join(' '), exitCode, opened: text.split('\n').slice(0, -1) };
  }

  it('while a certificate is rebound, verified, looked at and put back', async () => {
    const lab = ['--lab', world.folder];
    for (const words of [
      ['enable', '--no-proof', ...lab],
      ['plan', ...lab],
      ['on-event', '--record', '1'],
      ['rebind', '--old', old, '--new', renewed, ...lab],
      ['verify', ...lab],
      ['usage', ...lab],
      ['history', ...lab],
      ['undo', ...lab],
      ['reconcile', ...lab],
      ['disable', ...lab],
    ]) {
      const server = words[0] === 'on-event' ? { CERTREBIND_LAB: world.folder } : {};
      // Another program keeps the old certificate on a port of its own.
      const exitCode = words[0] === 'verify' ? 9 : 0;
      assert.deepEqual(await perform(words, server), { words: words.join(' '), exitCode, opened: [] });
    }
  });

  it('but for a rehearsal, which for a moment finds out which port of the loopback address is free', async () => {
    const words = ['rehearse', '--yes', '--lab', world.folder];
    assert.deepEqual(await perform(words), { words: words.join(' '), exitCode: 0, opened: ['TCPSERVERWRAP'] });
  });
});
