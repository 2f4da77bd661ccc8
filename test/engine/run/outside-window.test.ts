import assert from 'node:assert/strict';
import type { BlockCode } from '../../../src/base/codes/plan-codes.ts';
import { emptyLedger } from '../../../src/documents/runs/ledger.ts';
import { planPending } from '../../../src/engine/plan/plan-pending.ts';
import { ledgerAfterRun } from '../../../src/engine/run/ledger-of.ts';
import { planWanted } from '../../../src/engine/run/plan-wanted.ts';
import type { KeyText } from '../../../src/kinds/record-key.ts';
import { givenRenewal } from '../../../src/model/certificates/renewal.ts';
import { ledgerOf } from '../../builders/ledger.ts';
import { certificate, https, policy, record, renewal, site, snapshot, thumbprintOf } from '../../builders/snapshot.ts';

const [old, successor] = [thumbprintOf('old'), thumbprintOf('new')];
const place = '0.0.0.0:443' as KeyText;
const closed = { ...policy(), window: { from: '22:00', to: '02:00', timeZone: 'UTC' } };
const server = (names: readonly string[], takenAt = '2026-06-01T12:00:00Z') =>
  snapshot({
    takenAt,
    sites: [site('Shop', [https('*:443:shop.example.com')])],
    records: [record(place, 'old')],
    certificates: [
      certificate('old', { names: ['shop.example.com'], renewedTo: 'new' }),
      certificate('new', { names: [...names] }),
    ],
  });
const [same, fewer] = [server(['shop.example.com']), server(['x.lan'])];
const pairs = { want: 'pairs', renewals: [givenRenewal(old, successor)], oldOption: '--old' } as const;
/** A pair needs no earlier run. */
const unread = {
  readRun: () => assert.fail(),
  listRuns: () => assert.fail(),
  unclearOrder: () => assert.fail(),
  assertSafeRun: () => assert.fail(),
};
const typed = (seen: typeof same, allow: readonly BlockCode[], now = false, ledger = emptyLedger) =>
  planWanted(unread, { wanted: pairs, configuration: closed, overrides: { allow, now } }, { snapshot: seen, ledger });

describe('a rebind that is typed while the window is closed', () => {
  it('is refused where it allows what a guard would block, with the same line for now', async () => {
    await assert.rejects(typed(fewer, ['names-lost']), (error: Error & { code: string; hint: string }) => {
      assert.equal(error.code, 'outside-window');
      assert.match(
        error.message,
        /^0\.0\.0\.0:443: It waits for the turn of this server in the window 22:00-02:00 UTC, at 2026-06-01 \d\d:\d\d UTC/,
      );
      const line = `certrebind rebind --old ${old} --new ${successor} --allow names-lost --now`;
      assert.equal(error.hint, `To make the change now:\n  ${line}`);
      return true;
    });
    assert.equal((await typed(fewer, ['names-lost'], true)).steps.length, 1);
  });

  it('waits where nothing has to be allowed, and is blocked where that is not what is allowed', async () => {
    for (const [seen, codes] of [
      [same, ['outside-window']],
      [fewer, ['names-lost', 'outside-window']],
    ] as const) {
      const { blocked } = await typed(seen, ['trust-lost']);
      assert.deepEqual(
        blocked[0]?.obstacles.map(({ code }) => code),
        codes,
      );
    }
  });

  const held = ledgerOf([
    {
      renewal: renewal('old', 'new'),
      state: 'undone',
      heldAt: [place],
      run: 'run-1',
      cause: { kind: 'name', said: 'No.' },
    },
  ]);
  const open = server(['shop.example.com'], '2026-06-01T23:30:00Z');
  const next = (ledger: typeof held) => planPending(open, ledger, closed).steps.map(({ key }) => key);

  it('is remembered where the pair was on hold, and made when the window is open', async () => {
    const plan = await typed(same, [], false, held);
    const { ledger } = ledgerAfterRun(held, plan, [], { run: 'run-2', at: same.takenAt }, same);
    assert.deepEqual([next(held), next(ledger)], [[], [place]]);
  });

  it('leaves what is on hold as it is where a guard blocks it', async () => {
    const plan = await typed(fewer, [], false, held);
    const { ledger } = ledgerAfterRun(held, plan, [], { run: 'run-2', at: fewer.takenAt }, fewer);
    assert.deepEqual(ledger.decisions, held.decisions);
  });
});
