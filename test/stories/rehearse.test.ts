import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { validateRehearsal } from '../../src/model/generated/validators.js';
import type { Rehearsal } from '../../src/model/rehearsal.ts';
import { type RehearsalFiles, rehearsalFiles } from '../../src/state/rehearsal-files.ts';
import { run } from '../cli/run-program.ts';
import { temporaryLab } from '../support/temporary-lab.ts';
import { openWorld, type World } from './lab-world.ts';

describe('rehearse, on a served lab', () => {
  let world: World;
  before(async () => {
    world = await openWorld((folder) => ['--lab', folder]);
  });
  after(() => world.close());

  it('goes from the event to the undo by real starts and handshakes, finds out, and leaves nothing', async () => {
    await world.lab(['switch', 'rebind-options', 'flags-lost']);
    await world.lab(['switch', 'removed-certificate', 'refused']);
    await world.lab(['switch', 'missing-value', 'empty']);
    await world.lab(['switch', 'queued-values', 'latest']);
    const before = await world.snapshot();
    const { exitCode, document } = await world.json(['rehearse', '--yes']);
    const rehearsal: Rehearsal = document;
    assert.ok(validateRehearsal(rehearsal), JSON.stringify(validateRehearsal.errors));
    assert.equal(exitCode, 0, JSON.stringify(rehearsal.stages));
    assert.deepEqual(
      rehearsal.stages.map(({ stage, result }) => `${stage} ${result}`),
      ['event done', 'task done', 'swap done', 'verify done', 'undo done', 'clean-up done'],
    );
    const measured = new Map<string, string | null>(rehearsal.facts.map((fact) => [fact.name, fact.measured]));
    assert.equal(measured.get('rebind-options'), 'flags-lost');
    assert.equal(measured.get('wire-follows-renewal'), 'never');
    assert.equal(measured.get('removed-certificate'), 'refused');
    assert.equal(measured.get('missing-value'), 'empty');
    assert.equal(measured.get('queued-values'), 'latest');

    const after = await world.snapshot();
    for (const part of ['sites', 'records', 'certificates']) assert.deepEqual(after[part], before[part], part);
    const kept = join(world.folder, 'certrebind', 'rehearsals');
    assert.deepEqual(await readdir(kept), [`${rehearsal.rehearsal}.json`]);
    assert.deepEqual(JSON.parse(await readFile(join(kept, `${rehearsal.rehearsal}.json`), 'utf8')), rehearsal);
  });

  it('names the tasks that the event starts as well', async () => {
    await world.json(['enable']);
    const { document } = await world.json(['rehearse', '--yes']);
    assert.deepEqual(document.alsoStarted, ['\\Microsoft\\Windows\\CertificateServicesClient\\CertRebind']);
    assert.deepEqual([document.clean, document.exitCode], [true, 0], JSON.stringify(document));
  });

  it('notes no start for anybody but a rehearsal that is under way', async () => {
    const words = ['rehearse-start', '20260101-000000000-abcd', '--record', '1'];
    const { exitCode, stderr } = await run(words, { env: { CERTREBIND_LAB: world.folder } });
    assert.equal(exitCode, 2);
    assert.match(stderr, /no such rehearsal is under way/);
  });
});

describe('what the task of a rehearsal starts', () => {
  for (const [how, prepare, exitCode] of [
    ['ends well when it is released', async () => {}, 0],
    [
      'ends as one that failed when the rehearsal wants it to',
      (files: RehearsalFiles, id: string) => files.failStarts(id),
      1,
    ],
  ] as const) {
    it(how, async () => {
      const { folder, remove } = await temporaryLab();
      try {
        const id = '20260101-000000000-abcd';
        const files = rehearsalFiles(join(folder, 'certrebind'));
        await files.begin(id);
        await prepare(files, id);
        await files.release(id);
        const ended = await run(['rehearse-start', id, '--record', '7'], { env: { CERTREBIND_LAB: folder } });
        assert.equal(ended.exitCode, exitCode, ended.stderr);
        assert.deepEqual(
          (await files.readStarts(id)).map(({ words }) => words),
          [['--record', '7']],
        );
      } finally {
        await remove();
      }
    });
  }
});

describe('rehearse, where nothing can be changed', () => {
  it('refuses a capture', async () => {
    const world = await openWorld((folder) => ['--lab', folder]);
    try {
      const file = join(world.folder, 'capture.json');
      await world.json(['capture', file]);
      const { exitCode } = await run(['rehearse', '--yes', '--json', '--replay', file]);
      assert.equal(exitCode, 7);
    } finally {
      await world.close();
    }
  });
});
