import { type Consumer, isOfIis } from '../../kinds/consumer.ts';
import type { NamesCertificate } from '../../kinds/kind-rules.ts';
import { isConsumer, placesOf } from '../../kinds/place.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { type CertificateBinding, iisAppId } from '../../kinds/tls/certificate-binding.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import type { Renewal } from '../../model/certificates/renewal.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { keyOf, recordInstead, type UsedBinding } from '../known/bindings-of-records.ts';
import { entryFor } from '../known/renewal-pair.ts';
import type { Policy } from './overrides.ts';
import { type Today, todayOf } from './why-not-set.ts';

/** What doctor looks up besides, indexed once too, so that its work grows linearly with the size of the server. */
export interface Survey extends Today {
  /** By the old thumbprint. */
  readonly pending: ReadonlyMap<Thumbprint, Renewal>;
  /** Certificate bindings that answer for IIS bindings without one of their own. */
  readonly instead: ReadonlySet<KeyText>;
  /** Consumers outside IIS and HTTP.SYS that keep a copy of a hash, by that hash. */
  readonly keptBy: ReadonlyMap<string, string>;
  /** What holders are to people that are not certificate bindings. */
  readonly consumers: ReadonlyMap<KeyText, Consumer>;
}

export function surveyServer(snapshot: Snapshot, configuration: Policy, pending: readonly Renewal[]): Survey {
  const places = placesOf(snapshot).filter(isConsumer);
  const today = todayOf(snapshot, configuration);
  const { bindings, hasRecord } = today;
  const without = [...bindings].flatMap(([key, some]) => (hasRecord(key) ? [] : some));
  return {
    ...today,
    instead: new Set(without.flatMap(({ parts }) => recordInstead(parts, hasRecord) ?? [])),
    pending: new Map(pending.map((renewal) => [renewal.old, renewal])),
    keptBy: new Map(
      places.flatMap(({ hashes, consumer }) =>
        isOfIis(consumer) ? [] : hashes.map((hash) => [hash, consumer.kind] as const),
      ),
    ),
    consumers: new Map(places.map(({ key, consumer }) => [key, consumer])),
  };
}

/** The certificate that a holder means, from the store it should use; `null` when no store has it. */
export function certificateOf(
  { thumbprint, store }: NamesCertificate,
  { certificates }: Pick<Today, 'certificates'>,
): Certificate | null {
  return thumbprint === null ? null : entryFor(store, certificates.get(thumbprint) ?? []);
}

/**
 * The certificates that clients of IIS bindings without a certificate binding get from another; `null` where one of them
 * gets none.
 */
export function answeredInstead(
  bindings: readonly UsedBinding[],
  survey: Survey,
): readonly { readonly host: string; readonly key: KeyText; readonly certificate: Certificate }[] | null {
  const answers = bindings.flatMap(({ parts }) => {
    const key = recordInstead(parts, survey.hasRecord);
    const record = key === null ? undefined : survey.records.get(key);
    const certificate = record === undefined ? null : certificateOf(record, survey);
    return record === undefined || certificate?.key !== 'usable'
      ? []
      : { host: parts.host, key: record.key, certificate };
  });
  return answers.length < bindings.length ? null : answers;
}

/** The certificates on which IIS bindings stand, each once. */
export function servedCertificates(survey: Survey): readonly Certificate[] {
  const served = [...survey.records.values()].filter(({ key }) => survey.bindings.has(key));
  return [...new Set(served.flatMap((record) => certificateOf(record, survey) ?? []))];
}

/**
 * A record with IIS's application id that answers for no IIS binding. The id is only a hint (fidelity: application-ids), and
 * it is not known what a central-store record looks like (fidelity: central-store-record).
 */
export function isOrphan({ key, appId }: CertificateBinding, { bindings, instead }: Survey): boolean {
  return appId === iisAppId && !bindings.has(key) && !instead.has(key) && keyOf(key).table !== 'ccs';
}
