import type { Certificate } from '../certificates/certificate.ts';
import type { Renewal } from '../certificates/renewal.ts';
import type { Thumbprint } from '../certificates/thumbprint.ts';
import { type Consumer, isOfIis } from '../holders/consumer.ts';
import { otherUses, recordsOf } from '../holders/holder.ts';
import type { Binding } from '../holders/iis/binding.ts';
import type { KeyText } from '../holders/record-key.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import { iisAppId, type TlsRecord } from '../holders/tls/tls-record.ts';
import { bindingsByRecord, keyOf, type StandingBinding } from './bindings-of-records.ts';
import { type CertificatesByThumbprint, certificatesByThumbprint, entryFor } from './renewal-pair.ts';
import { type UnreadableRecords, unreadableBindings, unreadableRecords } from './unreadable.ts';

/** A server indexed once, so that the work of doctor grows linearly with its size. */
export interface Survey {
  readonly snapshot: Snapshot;
  readonly asOf: number;
  readonly bindings: ReadonlyMap<KeyText, readonly StandingBinding[]>;
  readonly records: ReadonlyMap<KeyText, TlsRecord>;
  readonly certificates: CertificatesByThumbprint;
  /** By the old thumbprint. */
  readonly pending: ReadonlyMap<Thumbprint, Renewal>;
  /** Consumers outside IIS and HTTP.SYS that keep a copy of a hash, by that hash. */
  readonly keptBy: ReadonlyMap<string, string>;
  /** What holders are to people that are not certificate bindings. */
  readonly consumers: ReadonlyMap<KeyText, Consumer>;
  /** Bindings with TLS whose record is not known, since they cannot be read. */
  readonly unreadableBindings: readonly Binding[];
  /** Records that are there and cannot be read. */
  readonly unreadableRecords: UnreadableRecords;
}

export function surveyServer(snapshot: Snapshot, pending: readonly Renewal[]): Survey {
  const uses = otherUses(snapshot);
  return {
    snapshot,
    asOf: Date.parse(snapshot.takenAt),
    bindings: bindingsByRecord(snapshot.sites),
    records: new Map(recordsOf(snapshot).map((record) => [record.key, record])),
    certificates: certificatesByThumbprint(snapshot.certificates),
    pending: new Map(pending.map((renewal) => [renewal.old, renewal])),
    keptBy: new Map(uses.flatMap(({ hash, consumer }) => (isOfIis(consumer) ? [] : [[hash, consumer.kind]]))),
    consumers: new Map(uses.map(({ key, consumer }) => [key, consumer])),
    unreadableBindings: unreadableBindings(snapshot),
    unreadableRecords: unreadableRecords(snapshot),
  };
}

/** The certificate that a record means, from the store it should use; `null` when no store has it. */
export function certificateOf({ thumbprint, store }: TlsRecord, { certificates }: Survey): Certificate | null {
  return thumbprint === null ? null : entryFor(store, certificates.get(thumbprint) ?? []);
}

/** The certificates on which IIS bindings stand, each once. */
export function servedCertificates(survey: Survey): readonly Certificate[] {
  const served = [...survey.records.values()].filter(({ key }) => survey.bindings.has(key));
  return [...new Set(served.flatMap((record) => certificateOf(record, survey) ?? []))];
}

/**
 * A record with IIS's application id but without an IIS binding. The id is only a hint (fidelity: application-ids), and
 * it is not known what a central-store record looks like (fidelity: central-store-record).
 */
export function isOrphan({ key, appId }: TlsRecord, { bindings }: Survey): boolean {
  return appId === iisAppId && !bindings.has(key) && keyOf(key).table !== 'ccs';
}

/** Only these two stores are read; nothing is known about certificates in another one. */
export function isReadStore(store: string): boolean {
  return ['my', 'webhosting'].includes(store.toLowerCase());
}
