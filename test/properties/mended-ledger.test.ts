import assert from 'node:assert/strict';
import { compareText } from '../../src/base/order.ts';
import type { Decision, Ledger } from '../../src/documents/runs/ledger.ts';
import { ledgerOfRuns } from '../../src/engine/run/perform-run.ts';
import { pairText } from '../../src/model/certificates/renewal.ts';
import { isSlow } from '../support/slow.ts';
import { checkProperty } from './check.ts';
import { begin, type Deed, histories, perform } from './history.ts';

const title = 'a ledger that is made again from the history decides what the lost one did';

/** What no run of the history knows: a person gave it up, or a run that changed nothing saw it. */
const isInHistory = (runs: ReadonlySet<string>) => (one: Decision) =>
  one.what !== 'set-back' && one.run !== null && runs.has(one.run);

describe('the history of a server', () => {
  const seen = { decisions: 0 };

  it(title, () => checkProperty(title, isSlow ? 150 : 20, histories, holds)).timeout(300_000);

  after(() => console.log(`    ${JSON.stringify(seen)} compared`));

  async function holds(deeds: readonly Deed[]): Promise<void> {
    const happened = begin();
    const { state } = happened.world;
    for (const deed of deeds) {
      if (deed.do === 'give-up') continue;
      await perform(happened, deed);
      if ((await state.unfinishedRuns()).length > 0) continue;
      const runs = new Set((await state.listRuns()).map(({ run }) => run));
      const [kept, mended] = [await state.readLedger(), await ledgerOfRuns(state)];
      seen.decisions += mended.decisions.length;
      assert.deepEqual(told(mended, runs), told(kept, runs));
      const pairs = new Set([
        ...kept.renewals.map(({ renewal }) => pairText(renewal)),
        ...kept.decisions.map(pairText),
      ]);
      for (const { renewal } of mended.renewals) assert.ok(pairs.has(pairText(renewal)), pairText(renewal));
      // What a run without a change saw to be paid is looked at again.
      const owed = new Set(mended.pendingRollbacks.map(({ key }) => key));
      for (const { key } of kept.pendingRollbacks) assert.ok(owed.has(key), key);
    }
  }
});

function told({ decisions }: Ledger, runs: ReadonlySet<string>): readonly string[] {
  return decisions
    .filter(isInHistory(runs))
    .map(({ facts: _facts, event: _event, at: _at, ...rest }) => JSON.stringify(rest))
    .sort(compareText);
}
