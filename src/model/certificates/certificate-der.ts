import {
  bitString,
  type DerElement,
  elements,
  extensionIn,
  inside,
  objectIdentifier,
  sequence,
  tagged,
} from './der.ts';

/** What Node does not tell of a certificate (RFC 5280, 4.1). */
export interface CertificateParts {
  /** The hash under the signature, where it is one that is broken. */
  readonly weakHash: 'SHA-1' | 'MD5' | null;
  /** Whether the key may sign handshakes: its usage says so, or there is no such extension. */
  readonly signs: boolean;
  /** Whether its key may encrypt keys, as TLS did with RSA before version 1.3. */
  readonly enciphers: boolean;
  /** Of AD CS, version 2: the object identifier of the template (fidelity: certificate-template). */
  readonly template: string | null;
  /** The key of its issuer, by the identifier that the issuer gave it; hex. */
  readonly authorityKey: string | null;
  /** DER: what is signed, the name of the issuer, the number and the public key alone, each as it stands in the certificate. */
  readonly signed: Buffer;
  readonly serialNumber: Buffer;
  readonly issuerName: Buffer;
  readonly publicKey: Buffer;
  /** Object identifiers, of the algorithm of its key and of the curve where that is named; empty for none. */
  readonly keyAlgorithm: string;
  readonly keyCurve: string;
}

export function certificateParts(der: Uint8Array): CertificateParts {
  const [whole] = elements(Buffer.from(der.buffer, der.byteOffset, der.byteLength));
  const [signed, algorithm] = elements(whole?.body);
  const [oid, parameters] = elements(algorithm?.body);
  const fields = [...elements(signed?.body)];
  // The version stands first, tagged, where it is not 1.
  const [serialNumber, , issuer, , , key] = fields[0]?.tag === versionTag ? fields.slice(1) : fields;
  const [list] = tagged(fields.find(({ tag }) => tag === extensionsTag)?.body, sequence);
  const extension = (identifier: string) => extensionIn(list?.body, identifier);
  const [authorityKey] = tagged(extension(authorityKeyIdentifier)?.body, keyIdentifierTag);
  const [uses, keyAlgorithm] = [extension(keyUsage), inside(key, 0)];
  return {
    weakHash: weakHashOf(oid?.body.toString('hex') ?? '', parameters?.body),
    signs: allowsUse(uses, digitalSignature),
    enciphers: allowsUse(uses, keyEncipherment),
    template: objectIdentifier(inside(extension(certificateTemplate), 0)) || null,
    authorityKey: authorityKey?.body.toString('hex').toUpperCase() ?? null,
    signed: signed?.whole ?? Buffer.alloc(0),
    serialNumber: serialNumber?.body ?? Buffer.alloc(0),
    issuerName: issuer?.whole ?? Buffer.alloc(0),
    publicKey: inside(key, 1)?.body.subarray(1) ?? Buffer.alloc(0),
    keyAlgorithm: objectIdentifier(inside(keyAlgorithm, 0)),
    keyCurve: objectIdentifier(inside(keyAlgorithm, 1)),
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
  const [named] = tagged(parameters, 0xa0);
  if (named === undefined) return 'SHA-1';
  return inside(inside(named, 0), 0)?.body.toString('hex') === '2b0e03021a' ? 'SHA-1' : null;
}

const keyUsage = '551d0f';
const authorityKeyIdentifier = '551d23';
const certificateTemplate = '2b0601040182371507';
/** Bits of the key usage (RFC 5280 4.2.1.3). */
const digitalSignature = 0x80;
const keyEncipherment = 0x20;
const versionTag = 0xa0;
const extensionsTag = 0xa3;
const keyIdentifierTag = 0x80;

/** `digitalSignature` is the first bit of the first byte behind the number of unused bits. */
function allowsUse(bits: DerElement | undefined, use: number): boolean {
  return bits === undefined || (bits.tag === bitString && ((bits.body[1] ?? 0) & use) !== 0);
}
