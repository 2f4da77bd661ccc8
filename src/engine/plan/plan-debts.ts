import type { PendingRollback as Debt } from '../../documents/runs/ledger.ts';
import type { Note, Obstacle, Step } from '../../documents/runs/plan.ts';
import { type Holder, type HolderNow, kindOf, sameHolder, thumbprintOf } from '../../kinds/holder.ts';
import { restartOf } from '../../kinds/kind-rules.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { keyOf } from '../known/bindings-of-records.ts';
import { endpointsToProve } from '../known/endpoints.ts';
import type { Policy } from './overrides.ts';
import { consumersNow, type Today, todayOf, whyNotSet } from './why-not-set.ts';

/** A debt, with what the journal of its run tells: the step, and how the run left the holder. */
export interface OwedValue {
  readonly debt: Debt;
  readonly step: Step;
  readonly left: HolderNow;
}

/** What a run had to make of the holder and could not; `null`: it was to be removed. */
export function wantedBack({ step }: OwedValue): Holder | null {
  return step.turn === 'debt' ? step.wanted : step.before;
}

/**
 * How a debt stands now. `owed`: it is paid by the `step`. `stuck`: it is not, for the reason `why`. Otherwise it is no
 * debt any more: it was `paid`, the place is `excluded` or `gone`, or somebody has changed it since (`foreign`).
 */
export type DebtNow =
  | { readonly is: 'owed'; readonly step: Step }
  | { readonly is: 'stuck'; readonly why: Pick<Obstacle, 'text'> & { readonly code: string } }
  | { readonly is: 'paid' | 'excluded' | 'gone' | 'foreign' };

export function judgeDebts(values: readonly OwedValue[], snapshot: Snapshot, configuration: Policy) {
  if (values.length === 0) return [];
  const today = todayOf(snapshot, configuration);
  return values.map((value) => ({ ...value, now: judgeDebt(value, today) }));
}

function judgeDebt(value: OwedValue, today: Today): DebtNow {
  const { key } = value.debt;
  const { step } = value;
  const wanted = wantedBack(value);
  const now = today.holders.get(key) ?? null;
  const users = today.bindings.get(key) ?? [];
  const service = today.inUse.get(key)?.service ?? null;
  const [why] = whyNotSet({ key, now, wanted, consumers: step.consumers }, today, 'run');
  if (why?.code === 'not-read') return { is: 'stuck', why };
  if (sameHolder(wanted, now) && service?.state !== 'stopped') return { is: 'paid' };
  if (why?.code === 'excluded') return { is: 'excluded' };
  if (why?.code === 'gone') return { is: 'gone' };
  if (!isAsLeft(value, now)) return { is: 'foreign' };
  if (why !== undefined) return { is: 'stuck', why };
  return {
    is: 'owed',
    step: {
      id: 0,
      key,
      before: now,
      wanted,
      renewal: null,
      consumers: consumersNow({ key, before: wanted, wanted: now, consumers: step.consumers }, today),
      verify:
        kindOf(key) === 'tls'
          ? endpointsToProve(keyOf(key), users, {
              snapshot: today.snapshot,
              hasRecord: (one) => one === key || today.holders.has(one),
            })
          : step.verify,
      notes: [],
      turn: 'debt',
      // What needed a service that does not run had run too.
      ...(service === null
        ? {}
        : { restart: (service.state === 'started' ? undefined : step.restart) ?? restartOf(service) }),
    },
  };
}

/** A holder that nobody has touched since the run gave up. */
function isAsLeft({ step, left }: OwedValue, now: Holder | null): boolean {
  switch (left.state) {
    case 'absent':
      return now === null;
    case 'holds':
      return sameHolder(left.holder, now);
    case 'unknown':
      return now === null || [step.before, step.wanted].some((side) => thumbprintOf(side) === thumbprintOf(now));
  }
}

/** What a plan says of debts that it does not pay. */
export function debtNotes(judged: ReturnType<typeof judgeDebts>): readonly Note[] {
  return judged.flatMap(({ debt: { key, run }, now }): readonly Note[] => {
    if (now.is === 'stuck')
      return [
        { code: 'restore-failed', text: `${key} is still not as before run ${run}, and stays so. ${now.why.text}` },
      ];
    if (now.is !== 'foreign') return [];
    const text = `Someone else has changed ${key} since run ${run} could not roll it back. CertRebind leaves it as it is now.`;
    return [{ code: 'restore-dropped', text }];
  });
}
