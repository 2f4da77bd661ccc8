import type { Certificate } from '../model/certificates/certificate.ts';
import type { Thumbprint } from '../model/certificates/thumbprint.ts';
import type { ByHand, KindRules, Names, NamesCertificate, ServiceSeen, Standing } from './kind-rules.ts';
import { type Kind, type MovableKind, movable, movableKinds, rules, type Values } from './kinds.ts';
import { formatRecordKey, holderKey, type KeyText, nameInKey, toRecordKey } from './record-key.ts';
import {
  anonymisedDetail,
  anonymisedUse,
  isReportedUse,
  type ReportedUse,
  reportedKindOf,
} from './reported/reported.ts';
import { anonymisedRecord, anonymisedRecordKey } from './tls/anonymise.ts';
import type { CertificateBinding } from './tls/certificate-binding.ts';
import type { PartName } from './unknown-parts.ts';

export {
  type Kind,
  type MovableKind,
  movable,
  movableKinds,
  type NonTlsKind,
  ofEveryKind,
  type Values,
} from './kinds.ts';

/**
 * What a plan can change, by its kind. Its key is text; only kinds other than certificate bindings have a prefix.
 * @byHand common.schema.json#/definitions/holder
 */
export type Holder<K extends Kind = Kind> = {
  readonly [Each in K]: { readonly kind: Each; readonly key: KeyText; readonly value: Values[Each] };
}[K];

/** A kind with a value of it, for tables that have a function a kind. */
export interface Valued<K extends Kind> {
  readonly kind: K;
  readonly value: Values[K];
}

/** What is known of a holder at one moment. */
export type HolderNow =
  | { readonly state: 'holds'; readonly holder: Holder }
  | { readonly state: 'absent' }
  | { readonly state: 'unknown'; readonly why: string };

/** Every place of a server that names a certificate: what a plan can change, and what is only reported. */
export type SnapshotHolder = HolderSeen | ReportedUse;

type HolderSeen<K extends 'tls' | MovableKind = 'tls' | MovableKind> = {
  readonly [Each in K]: Standing<Each, Values[Each]>;
}[K];

/** The certificate bindings of a server. */
export function recordsOf({ holders }: { readonly holders: readonly SnapshotHolder[] }): readonly CertificateBinding[] {
  return ofKind(holders, 'tls').map(({ value }) => value);
}

/** The holders of a kind. */
export function ofKind<K extends 'tls' | MovableKind>(
  holders: readonly SnapshotHolder[],
  kind: K,
): readonly Standing<K, Values[K]>[] {
  return holders.filter((one): one is SnapshotHolder & Standing<K, Values[K]> => one.kind === kind);
}

/** Why a holder through which this session came in, or may have, is not changed by it. */
export function whyNotUnderRun(carriesRun: 'yes' | 'unknown'): string {
  return carriesRun === 'yes'
    ? 'This run was started through WinRM. Changing the WinRM listener could end the session.'
    : 'This run may have been started through WinRM. Changing the WinRM listener could end the session.';
}

/** The kind that a key belongs to. */
export function kindOf(key: string): Kind {
  if (key.startsWith('key/')) return 'keyAccess';
  return movableKinds.find((kind) => key.startsWith(`${kind}/`)) ?? 'tls';
}

/** A key in the one form in which keys are compared; `null` for what is none. */
export function toKey(text: string): KeyText | null {
  if (kindOf(text) !== 'tls') return holderKey(text.slice(0, text.indexOf('/')), nameInKey(text));
  const key = toRecordKey(text);
  return key === null ? null : formatRecordKey(key);
}

/** A holder under other names. */
export function anonymised(one: SnapshotHolder, names: Names): SnapshotHolder {
  if (one.kind === 'tls') return tlsHolder(anonymisedRecord(one.value, names));
  return isReportedUse(one) ? anonymisedUse(one, names) : anonymisedOfKind(one.kind, one, names);
}

function anonymisedOfKind<K extends MovableKind>(
  kind: K,
  { key, value, listens, chosenBy, carriesRun, service }: Standing<K, Values[K]>,
  names: Names,
): HolderSeen<K> {
  return {
    kind,
    key: anonymisedKey(key, names) ?? key,
    value: anonymisedValue(kind, value, names),
    ...(listens === undefined ? {} : { listens: { ...listens, address: names.address(listens.address) } }),
    ...(chosenBy === undefined ? {} : { chosenBy }),
    ...(carriesRun === undefined ? {} : { carriesRun }),
    ...(service === undefined ? {} : { service: anonymisedService(service, names) }),
  };
}

function anonymisedValue<K extends MovableKind>(kind: K, value: Values[K], names: Names): Values[K] {
  const { thumbprint, store }: NamesCertificate = value;
  return {
    ...movable[kind].anonymised(value, names),
    thumbprint: thumbprint === null ? null : names.thumbprint(thumbprint),
    store: store === '' ? '' : names.store(store),
  } as Values[K];
}

/** Services may be called after instances, which people name. */
function anonymisedService({ name, dependents, runsAs: _, ...service }: ServiceSeen, names: Names): ServiceSeen {
  return { ...service, name: names.text(name), dependents: dependents.map((one) => names.text(one)) };
}

/** The key of a holder under other names; `null` for a key of no kind. */
export function anonymisedKey(key: KeyText, names: Names): KeyText | null {
  const reported = reportedKindOf(key);
  const name = nameInKey(key);
  const kind = kindOf(key);
  if (reported !== null) return holderKey(reported, anonymisedDetail(name, names));
  if (!isMovable(kind)) return anonymisedRecordKey(key, names);
  return holderKey(kind, movable[kind].anonymisedName(name, names));
}

/** Whether holders of a kind are ways by which people administer the server. */
export function isAdminChannel(kind: Kind): boolean {
  return isMovable(kind) && movable[kind].isAdminChannel;
}

/** The ways by which people administer a server after everything else; otherwise the order stays. */
export function administrationLast<Of extends { readonly key: KeyText }>(places: readonly Of[]): readonly Of[] {
  const isLast = ({ key }: Of) => isAdminChannel(kindOf(key));
  return [...places.filter((place) => !isLast(place)), ...places.filter(isLast)];
}

/** Whether services of a kind read their certificate only when they start. */
export function isRestarted(kind: Kind): boolean {
  return isMovable(kind) && movable[kind].restarts !== null;
}

/** Whether only clients show that a new certificate of a kind is used, and it is taken back where they do not get it. */
export function showsAtOnce(kind: Kind): boolean {
  return isMovable(kind) && movable[kind].showsAtOnce;
}

/** Why the service of a holder would not start with a certificate, or would not use it; `null` if nothing is against it. */
export function whyUnfit<K extends MovableKind>(
  { kind, value }: Valued<K>,
  successor: Certificate,
  server: { readonly name: string },
): string | null {
  return movable[kind].unfit(value, successor, server);
}

/** Whether clients do not show which certificate the service of a kind uses. */
export function isUseHidden(kind: Kind): boolean {
  return isMovable(kind) && movable[kind].restarts?.notInUse != null;
}

/** Why what a service stored when it started shows that it uses another certificate than the one that is set; `null` if it does not. */
export function whyNotInUse(holder: Holder): string | null {
  return isMovableHolder(holder) ? notInUse(holder) : null;
}

function notInUse<K extends MovableKind>({ kind, value }: Valued<K>): string | null {
  return movable[kind].restarts?.notInUse?.(value) ?? null;
}

/** What it holds if its service starts neither with the new certificate nor with the old one; `null` for nothing else. */
export function lastResortOf(holder: Holder | null): Holder | null {
  return holder === null || !isMovableHolder(holder) ? null : lastResort(holder);
}

function lastResort<K extends MovableKind>(holder: Holder<K>): Holder<K> | null {
  const { kind, value } = holder;
  const last = movable[kind].restarts?.lastResort(value) ?? null;
  return last === null ? null : { ...holder, value: last };
}

/** The commands with which a person changes a holder whose service is restarted; `null` for other kinds. */
export function byHandOf<K extends MovableKind>(
  { holder: { kind, value }, service }: { readonly holder: Valued<K>; readonly service: ServiceSeen | null },
  successor: Thumbprint | null,
): ByHand | null {
  return service === null ? null : (movable[kind].restarts?.byHand(value, service, successor) ?? null);
}

/** The part of a snapshot that tells of the holders of a kind. */
export function snapshotPartOf(kind: MovableKind): PartName {
  return movable[kind].inIisConfiguration ? 'ftps' : 'others';
}

/** For people: the holder at the beginning of a sentence. */
export function ownerText<K extends MovableKind>({ kind, value }: Valued<K>): string {
  return movable[kind].owner(value);
}

/** The certificate bindings that a holder is, or that are part of one of another kind. */
export function recordsIn(holder: Holder): readonly CertificateBinding[] {
  if (isTls(holder)) return [holder.value];
  return isMovableHolder(holder) ? partsOf(holder) : [];
}

function partsOf<K extends MovableKind>({ kind, value }: Valued<K>): readonly CertificateBinding[] {
  return movable[kind].records(value);
}

export function isMovable(kind: Kind): kind is MovableKind {
  return kind !== 'tls' && kind !== 'keyAccess';
}

export function isMovableHolder(holder: Holder): holder is Holder<MovableKind> {
  return isMovable(holder.kind);
}

export function isTls(holder: Holder): holder is Holder<'tls'> {
  return holder.kind === 'tls';
}

export function tlsHolder(record: CertificateBinding): Holder<'tls'> {
  return { kind: 'tls', key: record.key, value: record };
}

export function thumbprintOf(holder: Holder | null): Thumbprint | null {
  return holder?.value.thumbprint ?? null;
}

/** Whether nothing at all differs of what is wanted; a kind may take more than that for the same. */
export function sameHolder(wanted: Holder | null, found: Holder | null): boolean {
  if (wanted === null || found === null) return wanted === found;
  return thumbprintOf(wanted) === thumbprintOf(found) && differences(wanted, found).length === 0;
}

/** What differs beside the certificate itself, by name. */
export function differences(wanted: Holder, found: Holder): readonly string[] {
  const store = wanted.value.store === found.value.store ? [] : ['store'];
  return wanted.kind === found.kind ? [...store, ...otherDifferences(wanted.kind, wanted, found)] : ['kind'];
}

/** Whether only the certificate differs, so that it can be changed in place. */
export function onlyCertificateDiffers(from: Holder | null, wanted: Holder | null): boolean {
  if (from === null || wanted === null || thumbprintOf(wanted) === null) return false;
  return differences(wanted, from).every((name) => name === 'store');
}

/** The same holder with another certificate. */
export function holding<K extends Kind>(holder: Holder<K>, thumbprint: Thumbprint, store: string): Holder<K> {
  const { kind, value } = holder;
  return { ...holder, value: rulesOf(kind).withCertificate(value, thumbprint, store) };
}

function otherDifferences<K extends Kind>(kind: K, wanted: Holder, found: Holder): readonly string[] {
  return rulesOf(kind).differences(wanted.value as Values[K], found.value as Values[K]);
}

function rulesOf<K extends Kind>(kind: K): KindRules<Values[K]> {
  return rules[kind];
}
