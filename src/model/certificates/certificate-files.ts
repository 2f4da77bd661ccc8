import { decodeAs, sniffEncoding } from '../../base/text-encoding.ts';
import { openX509 } from './certificate.ts';
import { elements, inside, objectIdentifier, sequence, tagged } from './der.ts';

/**
 * The DER of every certificate in a file as Windows and others export them: DER, PEM (also several, also beside keys,
 * which are passed over), PKCS #7 as DER, as PEM and as bare base64. Empty when there is none in it.
 */
export function certificatesInFile(bytes: Uint8Array): readonly Buffer[] {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (whole[0] === sequence) return certificatesInDer(whole);
  const text = decodeAs(sniffEncoding(bytes) ?? 'utf-8', bytes) ?? '';
  if (!text.includes('-----BEGIN ')) return certificatesInDer(Buffer.from(text, 'base64'));
  return [...text.matchAll(pemBlock)].flatMap(([, base64 = '']) => certificatesInDer(Buffer.from(base64, 'base64')));
}

const pemBlock = /-----BEGIN (?:CERTIFICATE|X509 CERTIFICATE|PKCS7|CMS)-----([A-Za-z0-9+/=\s]*)-----END /g;

function certificatesInDer(der: Buffer): readonly Buffer[] {
  const signed = pkcs7Certificates(der);
  if (signed !== null) return signed;
  try {
    openX509(der);
    return [der];
  } catch {
    return [];
  }
}

const firstTagged = 0xa0;
const signedData = '1.2.840.113549.1.7.2';

/**
 * The certificates of a `SignedData` (RFC 2315, 9.1): an object identifier and, tagged, a sequence of which the part
 * tagged 0 holds them. `null` when it is something else. Node has no reader for it, and no more than this is needed.
 */
function pkcs7Certificates(der: Buffer): readonly Buffer[] | null {
  const [content] = elements(der);
  const [type, signed] = content?.tag === sequence ? elements(content.body) : [];
  if (objectIdentifier(type) !== signedData || signed?.tag !== firstTagged) return null;
  const [held] = tagged(inside(signed, 0)?.body, firstTagged);
  return Array.from(tagged(held?.body, sequence), ({ whole }) => whole);
}
