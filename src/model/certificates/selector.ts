import { wrongInput, wrongUse } from '../../base/errors.ts';
import { parseThumbprint, type Thumbprint, toThumbprint, withoutDecoration } from './thumbprint.ts';

/** How a person names a certificate, before it is known which one that is. */
export type Selector =
  | { readonly kind: 'thumbprint'; readonly thumbprint: Thumbprint }
  /** The other one of the pair tells. */
  | { readonly kind: 'auto' }
  /** The beginning of a thumbprint, upper case; a friendly name where none begins so. */
  | { readonly kind: 'digits'; readonly digits: string; readonly text: string }
  /** A host that it covers, or its friendly name. */
  | { readonly kind: 'name'; readonly text: string };

/** The kinds of selector that name a certificate by themselves. */
export type NamedSelector = Exclude<Selector, { kind: 'auto' }>;

const fewestDigits = 4;

/**
 * Reads what names a certificate: a thumbprint in any spelling, the beginning of one, a host, a friendly name, or `auto`.
 * @throws CertRebindError `bad-thumbprint` for an empty text, and for one that can only be a mistyped thumbprint
 */
export function parseSelector(text: string, where: string): Selector {
  const thumbprint = toThumbprint(text);
  if (thumbprint !== null) return { kind: 'thumbprint', thumbprint };
  const trimmed = text.trim();
  if (trimmed.toLowerCase() === 'auto') return { kind: 'auto' };
  const digits = withoutDecoration(trimmed).toUpperCase();
  if (/^[0-9A-F]+$/.test(digits) && digits.length >= fewestDigits && digits.length < 40)
    return { kind: 'digits', digits, text: trimmed };
  if (digits === '' || /^[0-9A-F]{41,}$/.test(digits)) parseThumbprint(text, where);
  if (trimmed.length > longestText) throw wrongInput('bad-thumbprint', where, 'is too long to name a certificate');
  return { kind: 'name', text: trimmed };
}

/**
 * As `parseSelector`, where one certificate is named and not a pair.
 * @throws CertRebindError `bad-thumbprint`, or `usage` for `auto`
 */
export function parseNamedSelector(text: string, where: string): NamedSelector {
  const selector = parseSelector(text, where);
  if (selector.kind !== 'auto') return selector;
  throw wrongUse(where, 'auto works only with --old and --new.');
}

const longestText = 512;
