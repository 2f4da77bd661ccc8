import type { KindRules } from '../kind-rules.ts';
import { lostOrChangedOptions, type TlsRecord, withCertificate } from './tls-record.ts';

/** Certificate bindings of HTTP.SYS, with the many options that a change of the certificate must keep. */
export const tlsRules: KindRules<TlsRecord> = { differences: lostOrChangedOptions, withCertificate };
