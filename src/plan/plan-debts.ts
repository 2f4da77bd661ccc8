import { momentText } from '../certificates/named-certificate.ts';
import type { Configuration } from '../documents/configuration.ts';
import type { Debt } from '../documents/runs/ledger.ts';
import type { Note, Step } from '../documents/runs/plan.ts';
import {
  carriersOf,
  type Holder,
  type HolderNow,
  holdersByKey,
  isMovable,
  isTls,
  kindOf,
  partOf,
  sameHolder,
  servicesOf,
  standingHolders,
  thumbprintOf,
  whyNotUnderRun,
} from '../holders/holder.ts';
import { restartOf } from '../holders/kind-rules.ts';
import type { KeyText } from '../holders/record-key.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import { cannotExpress } from '../holders/tls/netsh-options.ts';
import type { TlsRecord } from '../holders/tls/tls-record.ts';
import { isKnown } from '../holders/unknown-parts.ts';
import { leftByHand } from '../holders/what-left.ts';
import { bindingsByRecord, keyOf, usersOfRecord } from './bindings-of-records.ts';
import { endpointsToProve } from './endpoints.ts';
import { exclusions, whyCertificateExcluded, whyHolderExcluded } from './exclusions.ts';
import { certificateInWords } from './named-certificates.ts';
import { certificatesByThumbprint, entryFor, sameStore } from './renewal-pair.ts';
import { whyNoRestartNow } from './restarts.ts';
import { unreadableRecords } from './unreadable.ts';

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
  | { readonly is: 'stuck'; readonly why: string }
  | { readonly is: 'paid' | 'excluded' | 'gone' | 'foreign' };

export function judgeDebts(
  values: readonly OwedValue[],
  snapshot: Snapshot,
  configuration: Configuration,
): readonly (OwedValue & { readonly now: DebtNow })[] {
  if (values.length === 0) return [];
  const judge = debtJudge(snapshot, configuration);
  return values.map((value) => ({ ...value, now: judge(value) }));
}

function debtJudge(snapshot: Snapshot, configuration: Configuration): (value: OwedValue) => DebtNow {
  const { exclude } = configuration;
  const holders = holdersByKey(snapshot);
  const bindings = bindingsByRecord(snapshot.sites);
  const standing = new Set(standingHolders(snapshot).map(({ holder }) => holder.key));
  const certificates = certificatesByThumbprint(snapshot.certificates);
  const unreadable = unreadableRecords(snapshot);
  const carriers = carriersOf(snapshot);
  const services = servicesOf(snapshot);
  const whyNoRestart = whyNoRestartNow(snapshot, configuration);
  const whyRecordExcluded = exclusions(exclude);
  const asOf = Date.parse(snapshot.takenAt);

  function isSeen(key: KeyText): boolean {
    const kind = kindOf(key);
    if (isMovable(kind)) return isKnown(snapshot, partOf(kind));
    return (kind === 'tls' || isKnown(snapshot, 'keys')) && !unreadable.keys.has(key);
  }

  function isGone({ debt: { key }, step }: OwedValue, now: Holder | null): boolean {
    const kind = kindOf(key);
    if (isMovable(kind)) return !standing.has(key);
    const isOfIis = step.consumers.some((consumer) => consumer.kind === 'iis-binding');
    return kind === 'tls' && now === null && isOfIis && !bindings.has(key);
  }

  /** Why a certificate cannot be set again. */
  function whyUnusable({ value: { thumbprint, store } }: Holder): string | null {
    if (thumbprint === null || store === '') return null;
    const found = entryFor(store, certificates.get(thumbprint) ?? []);
    if (found === null) return `its certificate ${thumbprint} is in no store of this server any more`;
    if (!sameStore(found.store, store)) return `its certificate ${thumbprint} is no longer in ${store}`;
    if (found.key === 'missing' || found.key === 'unusable')
      return `${certificateInWords(found)} has no private key that can be used`;
    return Date.parse(found.notAfter) <= asOf
      ? `${certificateInWords(found)} expired at ${momentText(found.notAfter)}`
      : null;
  }

  function whyStuck(key: KeyText, wanted: Holder | null): string | null {
    const carries = carriers.get(key);
    if (carries !== undefined) return whyNotUnderRun(carries);
    // One that does not run is started at any time.
    if (services.get(key)?.state === 'started' && whyNoRestart !== null)
      return `it needs a restart of its service. ${whyNoRestart}`.replace(/\.$/, '');
    if (wanted === null) return null;
    const lost = isTls(wanted) ? cannotExpress(wanted.value, snapshot.netsh) : [];
    if (lost.length > 0) return `netsh on this server cannot write ${lost.join(', ')}`;
    return wanted.kind === 'keyAccess' ? null : whyUnusable(wanted);
  }

  return (value) => {
    const { key } = value.debt;
    const wanted = wantedBack(value);
    const now = holders.get(key) ?? null;
    const users = bindings.get(key) ?? [];
    const names = [thumbprintOf(now), thumbprintOf(wanted)];
    if (!isSeen(key)) return { is: 'stuck', why: 'it could not be read' };
    const service = services.get(key);
    if (sameHolder(wanted, now) && service?.state !== 'stopped') return { is: 'paid' };
    const excluded =
      kindOf(key) === 'tls'
        ? whyRecordExcluded(key, users, names)
        : (whyHolderExcluded(key, exclude) ?? whyCertificateExcluded(names, exclude));
    if (excluded !== null) return { is: 'excluded' };
    const left = leftByHand(key, wanted?.value ?? null);
    // Until a person has seen to it and says so.
    if (left !== null)
      return { is: 'stuck', why: `${left.detail} ${left.command}; then certrebind config add exclude.holders ${key}` };
    if (isGone(value, now)) return { is: 'gone' };
    if (!isAsLeft(value, now)) return { is: 'foreign' };
    const why = whyStuck(key, wanted);
    if (why !== null) return { is: 'stuck', why };
    const record = recordOf(wanted ?? now);
    const { step } = value;
    return {
      is: 'owed',
      step: {
        id: 0,
        key,
        before: now,
        wanted,
        renewal: null,
        consumers: record === null ? step.consumers : usersOfRecord(record, users),
        verify:
          record === null
            ? step.verify
            : endpointsToProve(keyOf(key), users, { snapshot, hasRecord: (one) => one === key || holders.has(one) }),
        notes: [],
        turn: 'debt',
        // What needed a service that does not run had run too.
        ...(service === undefined
          ? {}
          : { restart: (service.state === 'started' ? undefined : step.restart) ?? restartOf(service) }),
      },
    };
  };
}

function recordOf(holder: Holder | null): TlsRecord | null {
  return holder !== null && isTls(holder) ? holder.value : null;
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
      return [{ code: 'restore-failed', text: `${key} is still not as before run ${run}, and stays so: ${now.why}.` }];
    if (now.is !== 'foreign') return [];
    const text = `Someone else has changed ${key} since run ${run} could not roll it back. CertRebind leaves it as it is now.`;
    return [{ code: 'restore-dropped', text }];
  });
}
