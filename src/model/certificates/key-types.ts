/**
 * Names of keys by their object identifier, since Node does not read all of them: RFC 8410 (Ed25519), 3279 (DSA), 9881
 * (ML-DSA), 9909 (SLH-DSA) and 9215 (GOST). SM2 is known by its curve.
 */
export const keyTypes: ReadonlyMap<string, string> = new Map([
  ['1.3.101.112', 'Ed25519'],
  ['1.3.101.113', 'Ed448'],
  ['1.2.840.10040.4.1', 'DSA'],
  ...inOrder(17, ['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87']),
  ...inOrder(
    20,
    ['SHA2', 'SHAKE'].flatMap((hash) =>
      ['128s', '128f', '192s', '192f', '256s', '256f'].map((size) => `SLH-DSA-${hash}-${size}`),
    ),
  ),
  ['1.2.643.2.2.19', 'GOST R 34.10-2001'],
  ['1.2.643.7.1.1.1.1', 'GOST R 34.10-2012 256'],
  ['1.2.643.7.1.1.1.2', 'GOST R 34.10-2012 512'],
  ['1.2.156.10197.1.301', 'SM2'],
]);

/** Of NIST. */
function inOrder(first: number, names: readonly string[]): readonly (readonly [string, string])[] {
  return names.map((name, at) => [`2.16.840.1.101.3.4.3.${first + at}`, name]);
}
