import assert from 'node:assert/strict';
import { planDigest } from '../../../src/documents/runs/seal-plan.ts';
import { openRunFinding, openRunText, withOpenRuns } from '../../../src/engine/findings/open-runs.ts';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import { policy, snapshot } from '../../builders/snapshot.ts';

const interrupted = { run: '2026-06-01-1', by: null };
const underWay = { run: '2026-06-01-2', by: { pid: 4711, since: '2026-06-01T11:30:00.000Z' } };

describe('a run that has no outcome', () => {
  it('was interrupted where no process works on it, and comes with what recovers it', () => {
    const { code, severity, message, commands } = openRunFinding(interrupted);
    assert.deepEqual(
      [code, severity, message, ...commands],
      ['unfinished-run', 'warning', 'Run 2026-06-01-1 was interrupted.', 'certrebind reconcile'],
    );
  });

  it('is active where a process works on it, and there is nothing to type', () => {
    const { code, severity, message, commands } = openRunFinding(underWay);
    assert.deepEqual(
      [code, severity, message, ...commands],
      [
        'run-under-way',
        'info',
        'Run 2026-06-01-2 is active: process 4711 has been working on it since 2026-06-01 11:30 UTC.',
      ],
    );
  });

  it('is told in a sentence with what it means', () =>
    assert.match(openRunText(interrupted), /^Run 2026-06-01-1 was interrupted\. [A-Z].*\.\n {2}certrebind reconcile$/));

  it('is noted behind the notes of a plan, which is sealed anew and otherwise the same', () => {
    const plan = {
      ...planRebind({ snapshot: snapshot(), renewals: [], configuration: policy() }),
      notes: [{ code: 'log-gap', text: 'The lifecycle log was cleared.' }] as const,
    };
    const noted = withOpenRuns(plan, [interrupted, underWay]);
    assert.deepEqual(
      { ...noted, digest: '' },
      {
        ...plan,
        digest: '',
        notes: [
          ...plan.notes,
          {
            code: 'unfinished-run',
            text: openRunText(interrupted).split('\n')[0],
            command: 'certrebind reconcile',
          },
          { code: 'unfinished-run', text: openRunText(underWay) },
        ],
      },
    );
    assert.equal(noted.digest, planDigest(noted));
    assert.notEqual(noted.digest, plan.digest);
  });
});
