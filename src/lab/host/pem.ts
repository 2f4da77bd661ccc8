/** A certificate as OpenSSL and Node take it. */
export function toPem(certificate: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${(certificate.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`;
}
