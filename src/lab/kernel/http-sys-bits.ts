/** Bits of `DefaultFlags` that netsh names (fidelity: http-sys-tables). */
export const flagBits = {
  dsMapper: 0x1,
  negotiateClientCertificate: 0x2,
  reject: 0x8,
  disableHttp2: 0x10,
  disableQuic: 0x20,
  disableTls13: 0x40,
  disableOcspStapling: 0x80,
  enableTokenBinding: 0x100,
  logExtendedEvents: 0x200,
  disableLegacyTls: 0x400,
  enableSessionTicket: 0x800,
  disableTls12: 0x1000,
  disableSessionId: 0x4000,
  cacheClientHello: 0x8000,
} as const;

/** Bits of `DefaultSslCertCheckMode`. */
export const checkBits = { noRevocation: 0x1, cachedOnly: 0x2, useFreshness: 0x4, noUsage: 0x10000 } as const;
