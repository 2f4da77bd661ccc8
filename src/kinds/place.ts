import { groupBy } from '../base/group.ts';
import { type Thumbprint, toThumbprint } from '../model/certificates/thumbprint.ts';
import type { Consumer } from './consumer.ts';
import { type Holder, isTls, ofKind, recordsIn, recordsOf, tlsHolder } from './holder.ts';
import type { Site } from './iis/binding.ts';
import { isRead, keyAccess, keyAccessKey } from './key-access/key-access.ts';
import type {
  CarriesRun,
  ClientEndpoint,
  HolderContext,
  MovableKindRules,
  NamesCertificate,
  ServiceSeen,
} from './kind-rules.ts';
import { type Kind, type MovableKind, movable, movableKinds, type Values } from './kinds.ts';
import { type KeyText, nameInKey } from './record-key.ts';
import { isReportedUse, type ReportedValue } from './reported/reported.ts';
import { type ReportedKind, reportedKinds } from './reported/reported-kinds.ts';
import type { Snapshot } from './snapshot.ts';
import type { CertificateBinding } from './tls/certificate-binding.ts';

/** A place of a server that names a certificate, whether a plan can change it or not. */
export interface Place extends PlaceFacts {
  readonly kind: Kind | ReportedKind;
  /**
   * What a plan changes; `null` if it is only reported, if it is not a person who chooses its certificate, or if it has none
   * of its own (`isOwn`).
   */
  readonly holder: Holder | null;
}

/** What is known of every place, apart from its kind. */
interface PlaceFacts extends Pick<HolderContext, 'chosenBy'> {
  readonly key: KeyText;
  /** The certificate that clients get; `null` for none. */
  readonly thumbprint: Thumbprint | null;
  /** Each certificate that it names, in upper case; the one that clients get last. */
  readonly hashes: readonly string[];
  /** What it is to people; `null` for a certificate binding, which is its users' (`usersOfRecord`). */
  readonly consumer: Consumer | null;
  /** The only port whose certificate bindings it can share; `null` where that is not known. */
  readonly port: number | null;
}

/** One that a plan can change and that is no certificate binding, with everything that a plan needs to know about it. */
export interface HolderInUse<K extends MovableKind = MovableKind> extends PlaceFacts {
  readonly kind: K;
  readonly holder: Holder<K>;
  readonly consumer: Consumer;
  readonly endpoints: readonly ClientEndpoint[];
  /** Sites of IIS that use certificate bindings which are part of it. */
  readonly sharedBy: readonly string[];
  readonly carriesRun: CarriesRun;
  /** What has to be restarted for a new certificate to be used; `null` for nothing. */
  readonly service: ServiceSeen | null;
  /** The folder that other servers read it from too, so that a change reaches them all; `null` for none. */
  readonly sharedFrom: string | null;
}

/** One that is only reported. */
export interface ReportedPlace extends Place {
  readonly kind: ReportedKind;
  readonly consumer: Consumer;
  readonly value: ReportedValue;
}

/** What of a snapshot tells of its places. */
type Seen = Pick<Snapshot, 'holders' | 'sites'> & Partial<Pick<Snapshot, 'sources'>>;

/** The source of a snapshot that names the folder of a shared configuration (fidelity: shared-configuration). */
export const sharedConfiguration = 'shared configuration';

/** Every place of a server: certificate bindings, then the others in the order of their kinds. */
export function placesOf(seen: Seen): readonly Place[] {
  return [
    ...recordsOf(seen).map(placeOfRecord),
    ...movableKinds.flatMap((kind) => placesOfKind(kind, seen)),
    ...reportedPlaces(seen),
  ];
}

function placeOfRecord(record: CertificateBinding): Place {
  const { key, thumbprint } = record;
  const hashes = thumbprint === null ? [] : [thumbprint];
  return { kind: 'tls', key, thumbprint, hashes, consumer: null, holder: tlsHolder(record), port: null };
}

function placesOfKind<K extends MovableKind>(
  kind: K,
  { holders, sites, sources = [] }: Seen,
): readonly (Place | HolderInUse<K>)[] {
  const rules: MovableKindRules<K, Values[K]> = movable[kind];
  const all = ofKind(holders, kind);
  const isChangeable = ({ chosenBy, value }: (typeof all)[number]) => chosenBy === undefined && rules.isOwn(value);
  const endpointsOf = rules.endpoints(all.filter(isChangeable), sites);
  const shared = rules.inIisConfiguration ? sources.find(({ part }) => part === sharedConfiguration)?.from : undefined;
  return all.map((one) => {
    const { key, value, chosenBy, carriesRun = 'no', service = null } = one;
    const { thumbprint }: NamesCertificate = value;
    const hashes = [...new Set([...rules.alsoNames(value), thumbprint].filter((hash) => hash !== null))];
    const port = rules.sharedPort(value);
    const named = { kind, key, thumbprint, hashes, consumer: consumerOf(kind, key), port };
    if (!isChangeable(one)) return { ...named, holder: null, ...(chosenBy === undefined ? {} : { chosenBy }) };
    return {
      ...named,
      holder: { kind, key, value },
      endpoints: endpointsOf(one),
      sharedBy: sitesUsing(rules.records(value), sites),
      carriesRun,
      service,
      sharedFrom: shared ?? null,
    };
  });
}

function consumerOf(kind: MovableKind, key: KeyText): Consumer {
  const name = nameInKey(key);
  return kind === 'ftp' ? { kind: 'ftps', site: name === '*' ? null : name } : { kind, detail: name };
}

/** Few holders have any; a server may have thousands of holders and of sites. */
function sitesUsing(records: readonly CertificateBinding[], sites: readonly Site[]): readonly string[] {
  if (records.length === 0) return [];
  const keys = new Set(records.map(({ key }) => key));
  return sites.flatMap(({ name, bindings }) =>
    bindings.some(({ recordKey }) => recordKey !== null && keys.has(recordKey)) ? name : [],
  );
}

/** The places of a server that are not certificate bindings and whose certificate a person chooses. */
export function holdersInUse(seen: Seen): readonly HolderInUse[] {
  return movableKinds.flatMap((kind) => placesOfKind(kind, seen)).filter(isInUse);
}

function isInUse(place: Place): place is HolderInUse {
  return place.holder !== null && !isTls(place.holder);
}

/** The places of a server that are only reported, in the order of the table of kinds. */
export function reportedPlaces({ holders }: Pick<Snapshot, 'holders'>): readonly ReportedPlace[] {
  const uses = groupBy(holders.filter(isReportedUse), ({ kind }) => kind);
  return reportedKinds.flatMap((kind) =>
    (uses.get(kind) ?? []).map(({ key, value }): ReportedPlace => {
      const { detail, hash } = value;
      const named = { key, thumbprint: toThumbprint(hash), hashes: [hash.toUpperCase()], consumer: { kind, detail } };
      return { kind, ...named, holder: null, port: null, value };
    }),
  );
}

/** Whether it is something to people by itself, as all but certificate bindings are. */
export function isConsumer(place: Place): place is Place & { readonly consumer: Consumer } {
  return place.consumer !== null;
}

/** Every holder of a server by its key. */
export function holdersByKey(seen: Snapshot): ReadonlyMap<KeyText, Holder> {
  const rights = seen.certificates.flatMap(({ thumbprint, keyRights }): readonly Holder[] => {
    if (!isRead(keyRights)) return [];
    const value = keyAccess(thumbprint, keyRights.sddl);
    return [{ kind: 'keyAccess', key: keyAccessKey(thumbprint), value }];
  });
  const holders = placesOf(seen).flatMap(({ holder }) => holder ?? []);
  return new Map([...holders, ...rights].map((holder) => [holder.key, holder]));
}

/** The certificates that clients get where a plan can change them: rights on a private key do not make an account a user of it. */
export function changeableCertificates(seen: Seen): ReadonlySet<Thumbprint> {
  return new Set(placesOf(seen).flatMap(({ holder, thumbprint }) => (holder === null ? [] : (thumbprint ?? []))));
}

/** The certificate that each place names, those included that are only reported; `null` for none. */
export function thumbprintsByPlace(seen: Seen): ReadonlyMap<KeyText, Thumbprint | null> {
  return new Map(placesOf(seen).map(({ key, thumbprint }) => [key, thumbprint]));
}

/** The keys of the certificate bindings that are part of a holder of another kind. */
export function recordKeysInHolders(seen: Seen): ReadonlySet<KeyText> {
  return new Set(holdersInUse(seen).flatMap(({ holder }) => recordsIn(holder).map(({ key }) => key)));
}

/** Every place that names a certificate, whatever becomes of it there. */
export function placesNaming(seen: Seen): (thumbprint: Thumbprint) => readonly Place[] {
  const named = groupBy(
    placesOf(seen).flatMap((place) => place.hashes.map((hash) => ({ hash, place }))),
    ({ hash }) => hash,
  );
  return (thumbprint) => (named.get(thumbprint) ?? []).map(({ place }) => place);
}
