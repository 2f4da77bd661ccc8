import assert from 'node:assert/strict';
import { parseLedger } from '../../src/documents/runs/ledger.ts';
import type { Outcome } from '../../src/documents/runs/outcome.ts';
import { placed } from '../../src/engine/state/file-state.ts';
import { now, record, renewal } from '../builders/snapshot.ts';
import { each } from '../support/each.ts';

const [shop, mail] = ['shop.example.com:443', 'mail.example.com:443'].map((text) => record(text, 'a').key);
const pair = renewal('a', 'b', { source: 'event', eventRecordId: 7 });
const cause = { kind: 'handshake', said: 'Reset.' } as const;
const rolledBack = { cause, keys: [shop], attempts: 2, facts: 'abc' };
const byPerson = { cause: { kind: 'person' }, keys: [], attempts: 0, facts: null } as const;

function read(...entries: readonly object[]) {
  const whole = entries.map((entry) => ({
    renewal: pair,
    state: 'settled',
    reasons: [],
    run: 'run-1',
    at: now,
    ...entry,
  }));
  const written = {
    schema: 'certrebind/ledger/1',
    entries: whole,
    listing: null,
    debts: [],
    dismissed: [],
    retired: [],
  };
  return parseLedger(JSON.stringify(written), 'ledger.json');
}

describe('a ledger that kept what became of each pair', () => {
  for (const [what, entry, decisions, unplaced = []] of [
    ['is settled', {}, []],
    ['was rolled back where it says', { state: 'undone', rolledBack }, [`on-hold ${shop} handshake 2`]],
    ['was rolled back at one of several', { heldAt: [mail], rolledBack }, [`on-hold ${mail} handshake 2`]],
    ['was undone by a person', { state: 'undone', rolledBack: byPerson }, [], ['keeps-old']],
    ['was undone, and it does not say by whom', { state: 'undone' }, [], ['on-hold']],
    ['was given up', { heldAt: [mail], rolledBack: { ...byPerson, keys: [mail] } }, [`keeps-old ${mail}  0`]],
    ['is still served as the old one', { state: 'failed', stillOld: [shop] }, [`serves-old ${shop}  0`]],
    ['lost names', { namesLost: [{ key: shop, hosts: ['old.example.com'] }] }, [`lost-names ${shop}  0`]],
  ] as const)
    it(`decides about places, where a pair ${what}`, () => {
      const ledger = read(entry);
      assert.deepEqual(
        ledger.decisions.map((one) => `${one.what} ${one.place} ${one.cause?.kind ?? ''} ${one.attempts}`),
        decisions,
      );
      assert.deepEqual(ledger.unplaced?.map((one) => one.what) ?? [], unplaced);
      for (const one of ledger.decisions) assert.deepEqual([one.event, one.facts, one.run], [7, null, 'run-1']);
    });

  for (const [state, reasons, left] of [
    ['settled', [], []],
    ['undone', [], []],
    ['failed', [], ['failed']],
    ['blocked', ['names-lost'], ['names-lost']],
    ['pending', ['outside-window'], ['outside-window']],
  ] as const)
    it(`knows what was open of one that was ${state}`, () =>
      assert.deepEqual(read({ state, reasons }).renewals[0]?.left, left));

  it('has no renewal where a person went back, or undid what was given, and none of a certificate with itself', () => {
    const given = renewal('a', 'b');
    const back = renewal('b', 'a');
    const { renewals, unplaced } = read({ renewal: given }, { renewal: back, run: 'run-2' });
    assert.deepEqual(renewals, []);
    assert.deepEqual(each(unplaced, 'old', 'new', 'by', 'run'), [[given.old, given.new, 'person', 'run-2']]);
    assert.deepEqual(read({ renewal: given, state: 'undone', rolledBack: byPerson }).renewals, []);
    assert.deepEqual(read({ renewal: renewal('a', 'a') }).renewals, []);
    assert.deepEqual(read({ renewal: pair }, { renewal: back }).renewals.length, 1, 'what an event told stays');
  });

  it('is damaged where it is not as it was written', () => {
    for (const entry of [
      { heldAt: 5 },
      { state: 'undone', rolledBack: { ...rolledBack, keys: [5] } },
      { run: 7 },
      { renewal: {} },
    ])
      assert.throws(() => read(entry), { code: 'bad-document' }, JSON.stringify(entry));
    assert.throws(() => parseLedger('{"schema":"certrebind/ledger/1","entries":5,"listing":null}', 'x'), {
      code: 'bad-document',
    });
  });

  it('takes the places that it does not name from the outcome of its run, and leaves those of which none tells', async () => {
    const ledger = read({ state: 'undone', rolledBack: byPerson });
    const steps = [
      { key: shop, state: 'verified', error: null },
      { key: mail, state: 'not-attempted', error: { code: 'canary-failed' } },
      { key: record('www.example.com:443', 'a').key, state: 'as-before', error: { code: 'replace-failed' } },
    ];
    const { decisions, unplaced } = await placed(ledger, async () => ({ steps }) as unknown as Outcome);
    assert.deepEqual(
      each(decisions, 'place', 'what', 'old', 'new'),
      [shop, mail].map((place) => [place, 'keeps-old', pair.old, pair.new]),
    );
    assert.equal(unplaced, undefined);
    const gone = await placed(ledger, async () => null);
    assert.deepEqual([gone.decisions, gone.unplaced], [[], ledger.unplaced]);
  });
});
