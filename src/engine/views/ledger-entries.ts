import { blockEntry } from '../../base/codes/plan-codes.ts';
import { groupBy } from '../../base/group.ts';
import { distinct } from '../../base/order.ts';
import { keepsOld, type Ledger, type LedgerRenewal } from '../../documents/runs/ledger.ts';
import type { LedgerEntry } from '../../documents/status.ts';
import { kindOf } from '../../kinds/holder.ts';
import { givenRenewal, pairText } from '../../model/certificates/renewal.ts';

/** Each renewal that is remembered, or was given and taken back, with what was decided about it. */
export function ledgerEntries({ renewals, decisions }: Ledger): readonly LedgerEntry[] {
  const byPair = groupBy(decisions, pairText);
  const known = new Set(renewals.map(({ renewal }) => pairText(renewal)));
  const takenBack = [...byPair.values()]
    .flatMap((group) => group.find(keepsOld) ?? [])
    .filter((one) => !known.has(pairText(one)))
    .map(({ old, new: successor, run, at }) => ({ renewal: givenRenewal(old, successor), run, at, left: [] }));
  return [...renewals, ...takenBack].map((one: LedgerRenewal): LedgerEntry => {
    const own = byPair.get(pairText(one.renewal)) ?? [];
    const held = own.filter(keepsOld);
    const last = held.at(-1);
    const keys = distinct(held.map(({ place }) => place));
    const stillOld = own.filter(({ what }) => what === 'serves-old' || what === 'serves-new');
    const namesLost = own.flatMap(({ what, place: key, hosts = [] }) => (what === 'lost-names' ? { key, hosts } : []));
    return {
      renewal: one.renewal,
      state:
        keys.some((key) => kindOf(key) === 'tls') && one.left.length === 0 ? 'undone' : stateOf(one, stillOld.length),
      reasons: one.left.flatMap((why) => (why === 'failed' || why === 'not-in-plan' ? [] : why)),
      run: last?.run ?? one.run,
      at: last?.at ?? one.at,
      ...(stillOld.length > 0 && { stillOld: distinct(stillOld.map(({ place }) => place)) }),
      ...(namesLost.length > 0 && { namesLost }),
      ...(last !== undefined && {
        heldAt: keys,
        rolledBack: { keys, attempts: last.attempts, facts: last.facts, cause: last.cause ?? { kind: 'person' } },
      }),
      ...(one.keyFile !== undefined && { keyFile: one.keyFile }),
    };
  });
}

/** As the last run that planned it left it. */
function stateOf({ left }: LedgerRenewal, stillOld: number): Exclude<LedgerEntry['state'], 'undone'> {
  if (left.includes('failed') || (left.length === 0 && stillOld > 0)) return 'failed';
  const isLate = (why: LedgerRenewal['left'][number]) =>
    why === 'not-in-plan' || (why !== 'failed' && blockEntry(why)?.waits !== undefined);
  return left.length === 0 ? 'settled' : left.every(isLate) ? 'pending' : 'blocked';
}
