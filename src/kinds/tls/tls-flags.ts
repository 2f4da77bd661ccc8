/** One bit of `DefaultFlags` or `DefaultSslCertCheckMode`. */
export interface KnownBit {
  readonly bit: number;
  readonly name: string;
  /** The `netsh http` parameter that writes the bit, and its value when the bit is set; `null` when there is none. */
  readonly netsh: { readonly parameter: string; readonly set: 'enable' | 'disable' } | null;
}

/** The bits of HTTP_SERVICE_CONFIG_SSL_FLAG, lowest first (fidelity: http-sys-tables). */
export const flagBits: readonly KnownBit[] = [
  known(0x1, 'use-ds-mapper', 'dsmapperusage'),
  known(0x2, 'negotiate-client-cert', 'clientcertnegotiation'),
  known(0x4, 'no-raw-filter', null),
  known(0x8, 'reject', 'reject'),
  known(0x10, 'disable-http2', 'disablehttp2'),
  known(0x20, 'disable-quic', 'disablequic'),
  known(0x40, 'disable-tls13', 'disabletls13'),
  known(0x80, 'disable-ocsp-stapling', 'disableocspstapling'),
  known(0x100, 'enable-token-binding', 'enabletokenbinding'),
  known(0x200, 'log-extended-events', 'logextendedevents'),
  known(0x400, 'disable-legacy-tls', 'disablelegacytls'),
  known(0x800, 'enable-session-ticket', 'enablesessionticket'),
  known(0x1000, 'disable-tls12', 'disabletls12'),
  known(0x2000, 'enable-client-correlation', null),
  known(0x4000, 'disable-session-id', 'disablesessionid'),
  known(0x8000, 'enable-cache-client-hello', null),
];

/** Whether a record with these flags is open to HTTP/3, which needs QUIC and TLS 1.3 (fidelity: http3-listener). */
export function allowsHttp3(flags: number): boolean {
  return !['disable-quic', 'disable-tls13'].some((name) => bitNames(flags, flagBits).includes(name));
}

/** The bits of the certificate check mode. `use-freshness-time` goes with `revocationfreshnesstime`. */
export const checkModeBits: readonly KnownBit[] = [
  known(0x1, 'no-revocation-check', 'verifyclientcertrevocation', 'disable'),
  known(0x2, 'cached-revocation-only', 'verifyrevocationwithcachedclientcertonly'),
  known(0x4, 'use-freshness-time', null),
  known(0x10000, 'no-usage-check', 'usagecheck', 'disable'),
];

/** Names of the known bits that are set, in bit order. */
export function bitNames(mask: number, bits: readonly KnownBit[]): readonly string[] {
  return bits.filter(({ bit }) => isSet(mask, bit)).map(({ name }) => name);
}

/** The bits of the mask that have no name here. */
export function unknownBits(mask: number, bits: readonly KnownBit[]): number {
  return bits.reduce((rest, { bit }) => (rest & ~bit) >>> 0, mask >>> 0);
}

/** Names of the bits that differ between two masks; a bit without a name is named by its value. */
export function changedBits(before: number, after: number, bits: readonly KnownBit[]): readonly string[] {
  return namesOfAllBits((before ^ after) >>> 0, bits);
}

/** Names of all bits that are set; a bit without a name is named by its value. */
export function namesOfAllBits(mask: number, bits: readonly KnownBit[]): readonly string[] {
  if (mask === 0) return [];
  const unknown = unknownBits(mask, bits);
  const nameless = Array.from({ length: 32 }, (_, place) => (1 << place) >>> 0).filter((bit) => isSet(unknown, bit));
  return [...bitNames(mask, bits), ...nameless.map((bit) => `0x${bit.toString(16)}`)];
}

export function isSet(mask: number, bit: number): boolean {
  return (mask & bit) !== 0;
}

function known(bit: number, name: string, parameter: string | null, set: 'enable' | 'disable' = 'enable'): KnownBit {
  return { bit, name, netsh: parameter === null ? null : { parameter, set } };
}
