import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { labProgram, run, runJson } from '../cli/run-program.ts';
import { isSlow, itQuickly } from '../support/slow.ts';
import { newFolder } from '../support/temporary-lab.ts';
import { serverKinds } from './lab-world.ts';

for (const { kind, words } of serverKinds.filter(({ kind }) => isSlow === (kind === 'windows')))
  describe(`demo (${kind})`, () => {
    // The demo makes the folder of its lab itself.
    const demo = ['lab', 'demo', ...words('').filter((word) => word !== '--lab' && word !== '')];
    let temp: string;
    beforeEach(async () => {
      temp = newFolder();
    });

    it('shows a renewal without a failed handshake, as one document, and leaves nothing behind', async () => {
      const { exitCode, document } = await runJson(demo, { env: { TMPDIR: temp } });
      assert.equal(exitCode, 0);
      assert.equal(document.schema, 'certrebind/demo/1');
      assert.deepEqual([document.result, document.exitCode], ['rebound', 0]);
      assert.ok(document.endpoints >= 8, `${document.endpoints} endpoints`);
      assert.ok(document.records >= 8, `${document.records} records`);
      assert.ok(document.handshakes.tried >= 100, `${document.handshakes.tried} handshakes`);
      assert.equal(document.handshakes.failed, 0);
      assert.ok(document.eventToServedMs > 0 && document.swapMs >= 0);
      assert.deepEqual(await readdir(temp), []);
    });

    itQuickly('tells the chain in its order, and keeps the lab when asked to', async () => {
      const { exitCode, stdout } = await run([...demo, '--keep'], { env: { TMPDIR: temp } });
      assert.equal(exitCode, 0);
      assert.match(
        stdout,
        /is enabled[\s\S]*clients keep connecting[\s\S]*is renewed[\s\S]*on-event --record \d+[\s\S]*exit code 0[\s\S]*verified[\s\S]*handshakes/,
      );
      const [kept = ''] = await readdir(temp);
      const { document } = await runJson(['history', '--lab', join(temp, kept, 'lab')]);
      assert.equal(document.runs.length, 1);
    });

    for (const moment of ['clients keep', 'its successor is'])
      it(`judges nothing and cleans up when it is interrupted at "${moment}"`, async () => {
        const child = spawn(process.execPath, [labProgram, ...demo], {
          env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', TMPDIR: temp },
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        const ended = once(child, 'close');
        let told = '';
        for await (const text of child.stdout.setEncoding('utf8')) {
          if (!told.includes(moment) && (told + text).includes(moment)) child.kill('SIGINT');
          told += text;
        }
        assert.deepEqual(await ended, [3, null], told);
        assert.match(told, /the demo was interrupted\n$/);
        assert.doesNotMatch(told, /What the clients saw/);
        assert.deepEqual(await readdir(temp), []);
      });
  });
