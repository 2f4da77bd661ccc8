import assert from 'node:assert/strict';
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileState } from '../../../src/engine/state/file-state.ts';
import { newFolder } from '../../support/temporary-lab.ts';
import { given, rebind, startTime, wideLab, worldOf } from '../run/world.ts';

const hourMs = 3600_000;

describe('what killed processes left in the state folder', () => {
  it('is taken away by the next run once it is an hour old, and nothing else is', async () => {
    const folder = join(newFolder(), 'state');
    const plant = (name: string, ageMs: number): string => {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, '{');
      const at = new Date(Date.parse(startTime) - ageMs);
      utimesSync(path, at, at);
      return path;
    };
    const gone = [
      'ledger.json.0123456789ab.tmp',
      'lock.0123456789ab.tmp',
      'runs/run-000/outcome.json.0123456789ab.tmp',
      'triggers/mail.runs.json.0123456789ab.tmp',
      'rehearsals/a/start-1-1.json.0123456789ab.tmp',
    ].map((name) => plant(name, hourMs + 60_000));
    const kept = [
      plant('last-error.json.0123456789ab.tmp', hourMs - 60_000),
      plant('notes.tmp', 2 * hourMs),
      plant('ledger.json.damaged-20260131091500123', 2 * hourMs),
      plant('temp/theirs.0123456789ab.tmp', 2 * hourMs),
    ];
    writeFileSync(join(folder, 'runs', 'run-000', 'outcome.json'), '{');

    const lab = wideLab();
    const outcome = await rebind(worldOf(lab, { state: fileState(folder) }), [given(lab, 'old', 'new')]);

    assert.equal(outcome.exitCode, 0);
    assert.deepEqual(gone.filter(existsSync), []);
    assert.deepEqual(kept.filter(existsSync), kept);
  });
});
