import { elements, sequence } from './der.ts';

/** What Node does not tell of a certificate (RFC 5280, 4.1). */
export interface CertificateParts {
  /** The hash under the signature, where it is one that is broken. */
  readonly weakHash: 'SHA-1' | 'MD5' | null;
  /** Whether the key may sign handshakes: its usage says so, or there is no such extension. */
  readonly signs: boolean;
}

export function certificateParts(der: Uint8Array): CertificateParts {
  const [whole] = elements(Buffer.from(der.buffer, der.byteOffset, der.byteLength));
  const [signed, algorithm] = whole === undefined ? [] : elements(whole.body);
  const [oid, parameters] = algorithm === undefined ? [] : elements(algorithm.body);
  return {
    weakHash: weakHashOf(oid?.body.toString('hex') ?? '', parameters?.body),
    signs: signed === undefined || mayDigitallySign(signed.body),
  };
}

const rsaPss = '2a864886f70d01010a';

const weakHashes: ReadonlyMap<string, 'SHA-1' | 'MD5'> = new Map([
  ['2a864886f70d010104', 'MD5'],
  ['2a864886f70d010105', 'SHA-1'],
  ['2a8648ce3d0401', 'SHA-1'],
  ['2a8648ce380403', 'SHA-1'],
  ['2b0e03021d', 'SHA-1'],
  ['2b0e03021a', 'SHA-1'],
]);

/** RSA-PSS names its hash in the parameters, and means SHA-1 where it names none (RFC 4055, 3.1). */
function weakHashOf(oid: string, parameters: Buffer | undefined): CertificateParts['weakHash'] {
  if (oid !== rsaPss) return weakHashes.get(oid) ?? null;
  const named = parameters === undefined ? undefined : elements(parameters).find(({ tag }) => tag === 0xa0);
  if (named === undefined) return 'SHA-1';
  const [algorithm] = elements(named.body);
  const [hash] = algorithm === undefined ? [] : elements(algorithm.body);
  return hash?.body.toString('hex') === '2b0e03021a' ? 'SHA-1' : null;
}

const keyUsage = '551d0f';
const bitString = 0x03;
const octetString = 0x04;
const extensionsTag = 0xa3;

/** `digitalSignature` is the first bit of the first byte behind the number of unused bits. */
function mayDigitallySign(signed: Buffer): boolean {
  const tagged = elements(signed).find(({ tag }) => tag === extensionsTag);
  const [list] = tagged === undefined ? [] : elements(tagged.body);
  for (const extension of list?.tag === sequence ? elements(list.body) : []) {
    const parts = elements(extension.body);
    if (parts[0]?.body.toString('hex') !== keyUsage) continue;
    const value = parts.find(({ tag }) => tag === octetString);
    const [bits] = value === undefined ? [] : elements(value.body);
    return bits?.tag === bitString && ((bits.body[1] ?? 0) & 0x80) !== 0;
  }
  return true;
}
