import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Rehearsal } from '../../src/documents/rehearsal.ts';
import { checkPrinted } from '../cli/check-printed.ts';
import { run } from '../cli/run-program.ts';
import { findEngine } from '../engine.ts';
import { ofAll } from '../support/of-each.ts';
import { openWorld, serverKinds } from './lab-world.ts';

const stages = ['set-up done', 'replace done', 'verify done', 'undo done', 'clean-up done'];

for (const { kind, words } of serverKinds)
  (kind === 'windows' && findEngine() === null ? describe.skip : describe)(`rehearse (${kind})`, () => {
    const world = ofAll(() => openWorld((folder) => words(folder)));

    it('replaces, verifies and undoes by real handshakes, and leaves nothing', async () => {
      const before = await world.snapshot();
      const { exitCode, document } = await world.json(['rehearse', '--yes']);
      const rehearsal: Rehearsal = document;
      checkPrinted(rehearsal);
      assert.equal(exitCode, 0, JSON.stringify(rehearsal));
      assert.deepEqual(
        rehearsal.stages.map(({ stage, result }) => `${stage} ${result}`),
        stages,
      );
      const after = await world.snapshot();
      for (const part of ['sites', 'holders', 'certificates']) assert.deepEqual(after[part], before[part], part);
      const { document: undo } = await world.json(['undo']);
      assert.match(undo.error.message, /No run has changed anything/, 'an undo never means a rehearsal');
    });
  });

describe('rehearse, where nothing can be changed', () => {
  it('refuses a capture', async () => {
    const world = await openWorld();
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
