import assert from 'node:assert/strict';
import { emptyLedger, type Ledger } from '../../../src/documents/runs/ledger.ts';
import { planPending } from '../../../src/engine/plan/plan-pending.ts';
import { recordsOf } from '../../../src/kinds/holder.ts';
import type { KeyText } from '../../../src/kinds/record-key.ts';
import type { Snapshot } from '../../../src/kinds/snapshot.ts';
import { type EntryParts, ledgerOf } from '../../builders/ledger.ts';
import {
  certificate,
  https,
  logOf,
  policy,
  record,
  renewal,
  replaced,
  type SnapshotParts,
  site,
  snapshot,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { leaves } from '../../builders/steps.ts';

const [old, successor] = [thumbprintOf('old'), thumbprintOf('new')];
const keys = ['0.0.0.0:443', '0.0.0.0:8443'];

function server(labels: readonly string[], parts: SnapshotParts = {}): Snapshot {
  return snapshot({
    sites: [site('Shop', [https('*:443:'), https('*:8443:')])],
    records: labels.map((label, place) => record(keys[place] ?? '', label)),
    certificates: [certificate('old', { renewedTo: 'new' }), certificate('new')],
    ...parts,
  });
}

function remembering(parts: Partial<EntryParts>): Ledger {
  const entry = { state: 'settled', reasons: [], run: null, at: '2026-05-02T03:04:05.000Z' } as const;
  return ledgerOf([{ renewal: renewal('old', 'new'), ...entry, ...parts }]);
}

const notesOf = (from: Snapshot, ledger: Ledger) =>
  planPending(from, ledger, policy()).notes.map(({ code, text, command = [] }) =>
    [`${code}: ${text}`, command].flat().join(' '),
  );

describe('the plan of what is pending', () => {
  it('has no notes on a server of which all is known and nothing was rolled back', () => {
    assert.deepEqual(notesOf(server(['old', 'old']), emptyLedger), []);
  });

  for (const [what, run, cause] of [
    ['says which run undid it, until when that holds, and how to apply it again', '2026-05-02-1', null],
    ['says that it was given up where no run of it is remembered', null, null],
    ['says which run rolled it back, and how to apply it again', '2026-05-02-1', { kind: 'name', said: 'Bad.' }],
  ] as const)
    it(what, () => {
      const by = run === null ? '' : ` by run ${run}`;
      const [was, until] =
        cause === null ? [run === null ? 'given up' : 'taken back', ', until the next renewal'] : ['rolled back', ''];
      const ledger = remembering({ state: 'undone', run, cause, heldAt: keys as KeyText[] });
      assert.deepEqual(notesOf(server(['old', 'old']), ledger), [
        `renewal-held: ${successor} renews ${old} and was ${was}${by} at 2026-05-02 03:04 UTC${until}. The old certificate is on ` +
          `0.0.0.0:443, 0.0.0.0:8443. The command applies the renewal again. certrebind rebind --old ${old} --new ${successor}`,
      ]);
    });

  it('offers no command for what was taken back where the new certificate has expired, and says so', () => {
    const notAfter = '2026-05-03T00:00:00.000Z';
    const from = server(['old', 'old'], {
      certificates: [certificate('old', { renewedTo: 'new' }), certificate('new', { notAfter })],
    });
    const [note] = notesOf(from, remembering({ state: 'undone', run: 'run-1', heldAt: keys as KeyText[] }));
    assert.match(note ?? '', /8443\. The new certificate \w+ expired at 2026-05-03 00:00 UTC\.$/);
  });

  it('offers no command for what was taken back and only an untrusted event announces', () => {
    const from = server(['old', 'old'], {
      certificates: [certificate('old'), certificate('new')],
      lifecycle: logOf(replaced(7, 'old', 'new', { userId: 'S-1-5-21-1', timeCreated: '2026-05-01T00:00:00.000Z' })),
    });
    const given = { renewal: renewal('new', 'old', { source: 'given' }), state: 'settled', run: 'run-1' } as const;
    const ledger = remembering(given);
    assert.deepEqual(notesOf(from, ledger), [
      `renewal-held: ${successor} renews ${old} and was taken back by run run-1 at 2026-05-02 03:04 UTC, until the next renewal. The old certificate is on 0.0.0.0:443, 0.0.0.0:8443.`,
    ]);
  });

  it('looks again at a record that an endpoint goes on answering with the old certificate', () => {
    const [stillOld] = recordsOf(server(['new'])).map(({ key }) => key);
    const planOf = (ledger: Ledger) => planPending(server(['new', 'new']), ledger, policy());
    const plan = planOf(remembering({ stillOld: stillOld === undefined ? [] : [stillOld] }));
    assert.deepEqual(
      plan.steps.map((step) => [step.key, leaves(step)?.thumbprint, step.renewal?.old]),
      [['0.0.0.0:443', successor, old]],
    );
    assert.deepEqual(planOf(remembering({})).steps, []);
  });
});
