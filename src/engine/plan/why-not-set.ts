import type { Configuration } from '../../documents/configuration.ts';
import type { Obstacle, Step } from '../../documents/runs/plan.ts';
import type { Consumer } from '../../kinds/consumer.ts';
import {
  type Holder,
  isMovable,
  isTls,
  kindOf,
  recordsOf,
  snapshotPartOf,
  thumbprintOf,
  whyNotUnderRun,
} from '../../kinds/holder.ts';
import type { Binding } from '../../kinds/iis/binding.ts';
import { type HolderInUse, holdersByKey, holdersInUse } from '../../kinds/place.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { CertificateBinding } from '../../kinds/tls/certificate-binding.ts';
import { inexpressibleBy } from '../../kinds/tls/netsh-options.ts';
import { isKnown } from '../../kinds/unknown-parts.ts';
import {
  bindingsByRecord,
  bindingsWithoutRecord,
  type HasRecord,
  type UsedBinding,
  usersOfRecord,
} from '../known/bindings-of-records.ts';
import { faultObstacle, faultsIn } from '../known/certificate-faults.ts';
import { namesOfHolder, namesOfRecord, whyExcluded } from '../known/exclusions.ts';
import { type CertificatesByThumbprint, certificatesByThumbprint } from '../known/renewal-pair.ts';
import { unreadableBindings, unreadableRecords } from '../known/unreadable.ts';
import type { Policy } from './overrides.ts';
import { restartText, whyNoRestartNow } from './restarts.ts';

/** A server as it is now, with what may be changed on it; indexed once. */
export interface Today {
  readonly snapshot: Snapshot;
  readonly exclude: Configuration['exclude'];
  /** `snapshot.takenAt`, in milliseconds. */
  readonly asOf: number;
  /** Everything that a plan can change, rights on keys included. */
  readonly holders: ReadonlyMap<KeyText, Holder>;
  readonly records: ReadonlyMap<KeyText, CertificateBinding>;
  readonly hasRecord: HasRecord;
  /** The bindings of IIS by the record that they use. */
  readonly bindings: ReadonlyMap<KeyText, readonly UsedBinding[]>;
  /** Bindings by name that have no record, by port: their clients meet the record of any address. */
  readonly unrecorded: ReadonlyMap<number, readonly UsedBinding[]>;
  /** Bindings with TLS whose record is not known, since they cannot be read. */
  readonly unreadableBindings: readonly Binding[];
  readonly inUse: ReadonlyMap<KeyText, HolderInUse>;
  readonly certificates: CertificatesByThumbprint;
  /** Records that are there and cannot be read. */
  readonly unreadableRecords: ReturnType<typeof unreadableRecords>;
  /** The options of a record that this host's netsh cannot write. */
  readonly inexpressible: (record: CertificateBinding) => readonly string[];
  /** Why a service is not restarted now; `null` if it may be. */
  readonly whyNoRestart: ReturnType<typeof whyNoRestartNow>;
}

export function todayOf(snapshot: Snapshot, configuration: Pick<Policy, 'exclude' | 'window' | 'now'>): Today {
  const { exclude } = configuration;
  const records = new Map(recordsOf(snapshot).map((record) => [record.key, record]));
  const bindings = bindingsByRecord(snapshot.sites);
  const hasRecord: HasRecord = (key) => records.has(key);
  return {
    snapshot,
    exclude,
    asOf: Date.parse(snapshot.takenAt),
    holders: holdersByKey(snapshot),
    records,
    hasRecord,
    bindings,
    unrecorded: bindingsWithoutRecord(bindings, hasRecord),
    unreadableBindings: unreadableBindings(snapshot),
    inUse: new Map(holdersInUse(snapshot).map((one) => [one.key, one])),
    certificates: certificatesByThumbprint(snapshot.certificates),
    unreadableRecords: unreadableRecords(snapshot),
    inexpressible: inexpressibleBy(snapshot.netsh),
    whyNoRestart: whyNoRestartNow(snapshot, configuration),
  };
}

type Against = Obstacle | { readonly code: 'cannot-express'; readonly text: string };

/** What a place is to be made again, what it is now, and who used it then. */
export interface Setting extends Pick<Step, 'key' | 'wanted' | 'consumers'> {
  readonly now: Holder | null;
}

/**
 * Everything that is against making a place again what it was, the first reason first; empty if it may be done. Undo, debts and
 * repairs ask it; the guards of a renewal ask the same of its certificate. A person who names a run puts back what is excluded
 * too, and of a record what netsh can write.
 */
export function whyNotSet(setting: Setting, today: Today, by: 'person'): readonly Obstacle[];
export function whyNotSet(setting: Setting, today: Today, by: 'run'): readonly Against[];
export function whyNotSet(setting: Setting, today: Today, by: 'run' | 'person'): readonly Against[] {
  const { key, now, wanted } = setting;
  const { certificates, asOf, bindings } = today;
  const inUse = today.inUse.get(key);
  const { carriesRun = 'no', service = null } = inUse ?? {};
  const place = inUse === undefined ? namesOfRecord(key, bindings.get(key) ?? []) : namesOfHolder(inUse);
  const { thumbprint = null, store = '' } = wanted?.value ?? {};
  const names = [thumbprintOf(now), thumbprint];
  const entries = (thumbprint === null ? null : certificates.get(thumbprint)) ?? [];
  // One that does not run is started at any time.
  const { whyNoRestart } = today;
  const restarts = service?.state === 'started' && whyNoRestart !== null ? [{ service, whyNoRestart }] : [];
  const said = <Code extends string>(code: Code, text: string | null) => (text === null ? [] : [{ code, text }]);
  const faults =
    thumbprint === null || store === '' ? [] : faultsIn(store, { which: 'old', thumbprint, entries, asOf });
  return [
    ...said('not-read', isUnread(key, today) ? 'It could not be read.' : null),
    ...(by === 'run' ? whyExcluded(place, names, today.exclude) : []),
    ...said('gone', isGone(setting, today) ? 'It does not exist any more.' : null),
    ...said('remote-session', carriesRun === 'no' ? null : whyNotUnderRun(carriesRun)),
    ...said(
      'cannot-express',
      by === 'run' && wanted !== null && isTls(wanted) ? whyNotWritten(wanted.value, today) : null,
    ),
    ...faults.flatMap(([code, text]) => (text === null ? [] : faultObstacle(code, text, entries[0] ?? null))),
    ...restarts.map(({ service: one, whyNoRestart: { text, until } }) => ({
      ...{ code: 'outside-window' as const, text: `${restartText(one)} ${text}`, until },
    })),
  ];
}

/** Whether a place is there or not is not known. */
export function isUnread(key: KeyText, { snapshot, unreadableRecords: { keys } }: Today): boolean {
  const kind = kindOf(key);
  if (isMovable(kind)) return !isKnown(snapshot, snapshotPartOf(kind));
  return keys.has(key) || (kind === 'keyAccess' && !isKnown(snapshot, 'keys'));
}

function isGone({ key, now, consumers }: Omit<Setting, 'wanted'>, { inUse, bindings }: Today): boolean {
  const kind = kindOf(key);
  if (isMovable(kind)) return !inUse.has(key);
  const isOfIis = consumers.some((consumer) => consumer.kind === 'iis-binding');
  return kind === 'tls' && now === null && isOfIis && !bindings.has(key);
}

/** The bindings that use the record today: those of the run may be gone. */
export function consumersNow(
  { key, before, wanted, consumers }: Pick<Step, 'key' | 'before' | 'wanted' | 'consumers'>,
  { bindings }: Today,
): readonly Consumer[] {
  const holder = before ?? wanted;
  return holder !== null && isTls(holder) ? usersOfRecord(holder.value, bindings.get(key) ?? []) : consumers;
}

/** Why netsh could not make a record as it is; `null` if it could. */
export function whyNotWritten(
  record: CertificateBinding,
  { inexpressible }: Pick<Today, 'inexpressible'>,
): string | null {
  const lost = inexpressible(record);
  return lost.length === 0 ? null : `netsh on this server cannot write ${lost.join(', ')}.`;
}
