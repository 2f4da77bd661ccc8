import { type KeyObject, verify } from 'node:crypto';
import { memoize } from '../../base/memoize.ts';
import { bitString, elements, extensionIn, inside, objectIdentifier, sequence, tagged } from './der.ts';

/**
 * A list of revoked certificates (CRL; RFC 5280, 5). It says of a certificate only that it was revoked: no list, and none
 * that does not name it, proves the contrary. So an old one is as good as a new one.
 */
export interface RevocationList {
  /** DER, as in the certificates of that issuer. */
  readonly issuerName: Buffer;
  /** By its number as in the certificate; one that is only on hold is not meant. */
  names(serialNumber: Buffer): boolean;
  isSignedBy(key: KeyObject | null): boolean;
}

/** @returns null when it is none, is signed in a way that is not known here, or speaks of other issuers too */
export function parseRevocationList(der: Uint8Array): RevocationList | null {
  const [whole] = elements(Buffer.from(der.buffer, der.byteOffset, der.byteLength));
  const [signed, algorithm, signature] = elements(whole?.body);
  if (signed?.tag !== sequence || algorithm === undefined || signature?.tag !== bitString) return null;
  const hash = signatureHashes.get(objectIdentifier(inside(algorithm, 0)));
  // Besides the version and two times.
  const [, issuer, entries] = tagged(signed.body, sequence);
  const revoked = entries?.body ?? Buffer.alloc(0);
  if (hash === undefined || issuer === undefined || isIndirect(signed.body)) return null;
  let numbers: ReadonlySet<string> | undefined;
  const isSigned = memoize((key: KeyObject) => isVerified(hash, signed.whole, key, signature.body.subarray(1)));
  return {
    issuerName: issuer.whole,
    // A list may have a hundred thousand entries, and hardly ever the one that is asked for.
    names(serialNumber) {
      if (!revoked.includes(serialNumber)) return false;
      numbers ??= numbersIn(revoked);
      return numbers.has(serialNumber.toString('hex'));
    },
    isSignedBy: (key) => key !== null && isSigned(key),
  };
}

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

const issuingDistributionPoint = '551d1c';
const reasonCode = '551d15';
const extensionsTag = 0xa0;
const indirectTag = 0x84;
/** Of a certificate that may come back. */
const temporaryReasons: readonly number[] = [6, 8];

function numbersIn(revoked: Buffer): ReadonlySet<string> {
  const numbers = new Set<string>();
  for (const { body } of elements(revoked)) {
    const [number, , extensions] = elements(body);
    const reason = extensionIn(extensions?.body, reasonCode);
    const isTemporary = reason?.tag === enumerated && temporaryReasons.includes(reason.body[0] ?? 0);
    if (number !== undefined && !isTemporary) numbers.add(number.body.toString('hex'));
  }
  return numbers;
}

/** Its entries may be of certificates of other issuers. */
function isIndirect(signed: Buffer): boolean {
  const [extensions] = tagged(signed, extensionsTag);
  const point = extensionIn(inside(extensions, 0)?.body, issuingDistributionPoint);
  const [indirect] = tagged(point?.body, indirectTag);
  return indirect !== undefined;
}

function isVerified(hash: string | null, signed: Buffer, key: KeyObject, signature: Buffer): boolean {
  try {
    return verify(hash, signed, key, signature);
  } catch {
    return false;
  }
}
