import assert from 'node:assert/strict';
import type { TriggerRun } from '../../src/documents/trigger.ts';
import { standingFiles } from '../../src/state/standing-files.ts';
import { temporaryFolders } from './temporary-folder.ts';

describe('the runs of a trigger', () => {
  const newFolder = temporaryFolders();

  it('are kept up to fifty, the newest of them', async () => {
    const standing = standingFiles(newFolder());
    const run = (recordId: number): TriggerRun => ({
      at: '2030-01-01T12:00:00.000Z',
      eventId: 1001,
      recordId,
      result: 'ended',
      exitCode: 0,
      durationMs: 1,
      why: null,
    });
    await standing.writeTrigger({
      schema: 'certrebind/trigger/1',
      id: 'mail',
      on: 'replaced',
      names: [],
      issuer: null,
      ekus: [],
      action: { kind: 'built-in', run: 'reconcile' },
      createdAt: '2030-01-01T12:00:00.000Z',
    });
    for (let at = 1; at <= 52; at++) await standing.addTriggerRun('mail', run(at));
    const kept = (await standing.readTriggerRuns('mail')).map(({ recordId }) => recordId);
    assert.deepEqual(
      kept,
      Array.from({ length: 50 }, (_, at) => at + 3),
    );
  });
});
