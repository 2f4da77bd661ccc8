import type { OtherKind, Values } from '../../../kinds/holder.ts';
import type { Site } from '../../../kinds/iis/binding.ts';
import type { Standing } from '../../../kinds/kind-rules.ts';
import type { KeyText } from '../../../kinds/record-key.ts';
import type { CertificateBinding } from '../../../kinds/tls/certificate-binding.ts';
import type { Certificate } from '../../../model/certificates/certificate.ts';
import type { LabState } from '../lab-state.ts';
import type { Connection, LabRequest } from '../requests.ts';

/** What a lab has read for a snapshot when the holders of its kinds are asked for. */
export interface ReadSoFar {
  readonly sites: readonly Site[];
  readonly records: readonly CertificateBinding[];
  readonly certificates: readonly Certificate[];
}

/** How a holder of one kind is read and changed in a lab. */
export interface KindInLab<K extends OtherKind> {
  /** What a holder holds; `null` where it is not there. */
  value(state: LabState, key: KeyText): Values[K] | null;
  /** Those of a snapshot; absent for what stands with the certificates. */
  standing?(state: LabState, read: ReadSoFar): readonly Standing<K, Values[K]>[];
  /** The requests that change it, beside those for a certificate binding that is a part of it. @param expected the thumbprint that it holds; `null` for any */
  put(wanted: Values[K], expected: string | null): readonly LabRequest[];
  /** What a client of it is answered; `null` where the connection is none to this kind. Absent for what nobody dials. */
  connect?(state: LabState, request: Connecting, now: string): Connection | null;
  /** Where a served lab listens for it, beside the ports of certificate bindings. */
  listens?(state: LabState): readonly ListeningAt[];
}

export type Connecting = Extract<LabRequest, { kind: 'connect' }>;

export interface ListeningAt {
  readonly address: string;
  readonly port: number;
  /** What is spoken there before TLS; absent where TLS is first. */
  readonly service?: 'ftp' | 'rdp' | 'tds' | 'ldap' | undefined;
}
