import { CertRebindError } from '../../base/errors.ts';

/**
 * SHA-1 of a certificate as 40 upper-case hexadecimal digits, whatever spelling it came in as.
 * @pattern ^[0-9A-F]{40}$
 */
export type Thumbprint = string & { readonly __brand: 'Thumbprint' };

const fortyHexDigits = /^[0-9A-F]{40}$/;

/**
 * Without blanks, colons and the invisible marks (U+200E and similar, a byte order mark) that are included when a
 * thumbprint is copied from the certificate dialog of the MMC.
 */
export function withoutDecoration(text: string): string {
  return text.replace(/[\s:\u200B-\u200F\u202A-\u202E\u2060\uFEFF]/g, '');
}

/** Reads a thumbprint in any of its usual spellings; `null` when the text is none. */
export function toThumbprint(text: string): Thumbprint | null {
  const digits = withoutDecoration(text).toUpperCase();
  return isThumbprint(digits) ? digits : null;
}

/**
 * Reads a thumbprint that a person or a file gave.
 * @param where names the input in the error message, for example `--old`
 * @throws CertRebindError `bad-thumbprint` when the text is not 40 hexadecimal digits after cleaning
 */
export function parseThumbprint(text: string, where: string): Thumbprint {
  const thumbprint = toThumbprint(text);
  if (thumbprint !== null) return thumbprint;
  const digits = withoutDecoration(text);
  const stranger = /[^0-9A-Fa-f]/u.exec(digits)?.[0];
  const wrong =
    stranger === undefined ? `it has ${digits.length} hexadecimal digits` : `it contains ${JSON.stringify(stranger)}`;
  throw new CertRebindError('bad-thumbprint', {
    message: `${JSON.stringify(text.slice(0, 120))} is not a certificate thumbprint: ${wrong}, and a thumbprint has 40 hexadecimal digits.`,
    where,
  });
}

function isThumbprint(text: string): text is Thumbprint {
  return fortyHexDigits.test(text);
}
