import { type KeyObject, verify } from 'node:crypto';
import { elements, inside, objectIdentifier, octetString, sequence } from './der.ts';

/**
 * A list of revoked certificates (CRL; RFC 5280, 5). It says of a certificate only that it was revoked: no list, and none
 * that does not name it, proves the contrary. So an old one is as good as a new one.
 */
export interface RevocationList {
  /** DER, as in the certificates of that issuer. */
  readonly issuerName: Buffer;
  /** By its number as in the certificate; one that is only on hold is not meant. */
  names(serialNumber: Buffer): boolean;
  isSignedBy(key: KeyObject): boolean;
}

/** @returns null when it is none, is signed in a way that is not known here, or speaks of other issuers too */
export function parseRevocationList(der: Uint8Array): RevocationList | null {
  const [whole] = elements(Buffer.from(der.buffer, der.byteOffset, der.byteLength));
  const [signed, algorithm, signature] = elements(whole?.body);
  if (signed?.tag !== sequence || algorithm === undefined || signature?.tag !== bitString) return null;
  const hash = signatureHashes.get(objectIdentifier(inside(algorithm, 0)?.body ?? Buffer.alloc(0)));
  // The version stands first where there is one, and the extensions last.
  const fields = elements(signed.body).filter(({ tag }) => tag !== integer);
  const [, issuer, ...times] = fields;
  const revoked = times.find(({ tag }) => tag === sequence)?.body ?? Buffer.alloc(0);
  if (hash === undefined || issuer === undefined || isIndirect(fields.at(-1)?.body)) return null;
  return {
    issuerName: issuer.whole,
    // A list may have thousands of entries, and hardly ever the one that is asked for.
    names: (serialNumber) => revoked.includes(serialNumber) && hasEntry(revoked, serialNumber),
    isSignedBy: (key) => isVerified(hash, signed.whole, key, signature.body.subarray(1)),
  };
}

const integer = 0x02;
const bitString = 0x03;
const enumerated = 0x0a;

/** By the signature's algorithm: its hash, or `null` where the algorithm has its own. None that is broken. */
const signatureHashes: ReadonlyMap<string, string | null> = new Map([
  ['1.2.840.113549.1.1.11', 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
  ['1.2.840.10045.4.3.2', 'sha256'],
  ['1.2.840.10045.4.3.3', 'sha384'],
  ['1.2.840.10045.4.3.4', 'sha512'],
  ['1.3.101.112', null],
]);

const issuingDistributionPoint = '2.5.29.28';
const reasonCode = '2.5.29.21';
const indirectTag = 0x84;
/** Of a certificate that may come back. */
const temporaryReasons: readonly number[] = [6, 8];

function hasEntry(revoked: Buffer, serialNumber: Buffer): boolean {
  return elements(revoked).some(({ body }) => {
    if (!body.includes(serialNumber)) return false;
    const [number, , extensions] = elements(body);
    if (number?.body.equals(serialNumber) !== true) return false;
    const [reason] = elements(extensionOf(extensions?.body, reasonCode));
    return reason?.tag !== enumerated || !temporaryReasons.includes(reason.body[0] ?? 0);
  });
}

/** Its entries may be of certificates of other issuers. */
function isIndirect(tagged: Buffer | undefined): boolean {
  const [list] = elements(tagged);
  const [point] = elements(extensionOf(list?.body, issuingDistributionPoint));
  return elements(point?.body).some(({ tag }) => tag === indirectTag);
}

/** Empty where there is none. */
function extensionOf(list: Buffer | undefined, wanted: string): Buffer {
  for (const { body } of elements(list)) {
    const [identifier, ...values] = elements(body);
    if (identifier === undefined || objectIdentifier(identifier.body) !== wanted) continue;
    return values.find(({ tag }) => tag === octetString)?.body ?? Buffer.alloc(0);
  }
  return Buffer.alloc(0);
}

function isVerified(hash: string | null, signed: Buffer, key: KeyObject, signature: Buffer): boolean {
  try {
    return verify(hash, signed, key, signature);
  } catch {
    return false;
  }
}
