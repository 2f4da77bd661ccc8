import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import type { Names, NamesCertificate } from '../kind-rules.ts';
import { anonymisedRecord } from './anonymise.ts';
import { type CertificateBinding, withCertificate } from './certificate-binding.ts';

/** A service whose clients get the certificate of certificate bindings which are part of it, and which names one itself. */
export interface WithRecords extends NamesCertificate {
  readonly port: number;
  /** Of any address, for IPv4 and IPv6. */
  readonly records: readonly CertificateBinding[];
  /** The certificate that it names itself; `null` if that is in no store, or none. */
  readonly listed: Thumbprint | null;
}

/** What follows from that for every such kind. */
export const rulesWithRecords = {
  anonymised: ({ port, records, listed }: WithRecords, names: Names) => ({
    port,
    records: records.map((one) => anonymisedRecord(one, names)),
    listed: listed === null ? null : names.thumbprint(listed),
  }),
  records: ({ records }: WithRecords) => records,
  sharedPort: ({ port }: WithRecords) => port,
  alsoNames: ({ listed }: WithRecords) => (listed === null ? [] : [listed]),
  withCertificate: <Value extends WithRecords>(value: Value, thumbprint: Thumbprint, store: string): Value => ({
    ...value,
    thumbprint,
    store,
    listed: thumbprint,
    records: value.records.map((one) => withCertificate(one, thumbprint, store)),
  }),
} as const;
