import type { KeyText } from './record-key.ts';
import type { Thumbprint } from './thumbprint.ts';
import { lostOrChangedOptions, type RecordNow, type TlsRecord, withCertificate } from './tls-record.ts';

/** What a plan can change: each kind of place that names a certificate by its hash, with its value. */
export interface Values {
  readonly tls: TlsRecord;
}

export type Kind = keyof Values;

/** One such place. Its key is text; only kinds other than TLS records have a prefix. */
export type Holder = {
  readonly [K in Kind]: { readonly kind: K; readonly key: KeyText; readonly value: Values[K] };
}[Kind];

/** What is known of a holder at one moment. */
export type HolderNow =
  | { readonly state: 'holds'; readonly holder: Holder }
  | { readonly state: 'absent' }
  | { readonly state: 'unknown'; readonly why: string };

export function tlsHolder(record: TlsRecord): Holder {
  return { kind: 'tls', key: record.key, value: record };
}

export function holderOf(now: RecordNow): HolderNow {
  return now.state === 'holds' ? { state: 'holds', holder: tlsHolder(now.record) } : now;
}

export function thumbprintOf(holder: Holder | null): Thumbprint | null {
  return holder?.value.thumbprint ?? null;
}

/** Whether nothing at all differs. */
export function sameHolder(a: Holder | null, b: Holder | null): boolean {
  if (a === null || b === null) return a === b;
  return thumbprintOf(a) === thumbprintOf(b) && differences(a, b).length === 0;
}

/** What differs beside the certificate itself, by name. */
export function differences(wanted: Holder, found: Holder): readonly string[] {
  const [a, b] = [wanted.value, found.value];
  return [...(a.store === b.store ? [] : ['store']), ...lostOrChangedOptions(a, b)];
}

/** Whether the one becomes the other by another certificate and nothing else, so that it can be changed in place. */
export function onlyCertificateDiffers(from: Holder | null, wanted: Holder | null): boolean {
  if (from === null || wanted === null || thumbprintOf(wanted) === null) return false;
  return differences(wanted, from).every((name) => name === 'store');
}

/** The same holder with another certificate. */
export function holding(holder: Holder, thumbprint: Thumbprint, store: string): Holder {
  return { ...holder, value: withCertificate(holder.value, thumbprint, store) };
}
