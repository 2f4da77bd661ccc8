import type { Time } from '../base/document.ts';
import type { KeyText } from '../kinds/record-key.ts';
import type { ServedCertificate } from '../model/certificates/certificate.ts';
import type { Handshake } from '../model/certificates/handshake.ts';
import type { ChainState } from '../model/certificates/served-chain.ts';
import type { Thumbprint } from '../model/certificates/thumbprint.ts';
import type { Scope } from './scope.ts';
import type { Finding, PlaceStatus } from './status.ts';

/** The certificates that endpoints serve against those that the records name. */
export interface Verify extends Scope {
  readonly schema: 'certrebind/verify/1';
  readonly endpoints: readonly VerifiedEndpoint[];
  /** What has these endpoints, and every other place that names a certificate, by sites and services; the worst first. */
  readonly places: readonly PlaceStatus[];
  /** A run that has not finished, and old certificates that are back in records; empty if all is well. */
  readonly findings: readonly Finding[];
}

export interface VerifiedEndpoint extends Handshake {
  readonly key: KeyText;
  /** What the holder names; empty for the central store, whose records name nothing, and if it is not known. */
  readonly expected: Thumbprint | '';
  /** `null` if the endpoint was not dialled or did not answer, or if the expected certificate is not known. */
  readonly matches: boolean | null;
  /** When it was dialled; absent for now. */
  readonly at?: Time;
  /** Since when every dial saw the same; absent for now. */
  readonly since?: Time;
  /** Of the central certificate store, whose certificates are in no store of Windows. */
  readonly certificate?: ServedCertificate;
  /** What replaces the certificate that is served; absent if it is the newest one that is known, or is left alone. */
  readonly replacedBy?: Thumbprint;
  /** It is not as it should be, and not only information says so: `verify` ends with 9. */
  readonly trouble?: true;
  /** Whether clients that have the root alone can trust what is sent; `null` when nothing was served. */
  readonly chain: ChainState | null;
}
