import type { Positive, Time } from '../base/document.ts';
import type { ErrorDocument } from '../base/errors.ts';
import { algorithm, type Certificate } from '../model/certificates/certificate.ts';
import { certificateNames } from '../model/certificates/host-name.ts';
import { validateRefused } from './generated/validate-refused.js';
import { parserOf } from './parser-of.ts';

/** Imports and rebinds that nobody watched and that came to no run, oldest first. */
export interface Refused {
  readonly schema: 'certrebind/refused/1';
  readonly refusals: readonly Refusal[];
  /** How many had to go for later ones, and when the last one went; absent for none. */
  readonly gone?: { readonly count: Positive; readonly at: Time };
}

export interface Refusal {
  readonly at: Time;
  readonly command: 'import' | 'rebind';
  /** How the new certificate was named: its file, or as for `--new`. */
  readonly what: string;
  /** Of the new certificate; empty where it is not known. */
  readonly names: readonly string[];
  /** The kind of its key, as `algorithm` says it, and its start; `null` where they are not known. */
  readonly keyType: string | null;
  readonly notBefore: Time | null;
  /** The store that it is in, or was to come into; absent where it is not known. */
  readonly store?: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

export const nothingRefused: Refused = { schema: 'certrebind/refused/1', refusals: [] };

export const parseRefused = parserOf<Refused>('certrebind/refused/1', validateRefused);

export const mostRefusals = 1000;

/**
 * With another one, in the place of an earlier one for the same names, kind of key and store, or of what could not be read
 * there. Where that is one too many the oldest goes, first of those that name nothing.
 */
export function withRefusal({ schema, refusals, gone }: Refused, made: Refusal): Refused {
  const all = [...refusals.filter((one) => !isSameAttempt(one, made)), made];
  const surplus = all.length - mostRefusals;
  if (surplus <= 0) return { schema, refusals: all, ...(gone === undefined ? {} : { gone }) };
  const oldestFirst = [
    ...all.filter(({ names }) => names.length === 0),
    ...all.filter(({ names }) => names.length > 0),
  ];
  const out = new Set(oldestFirst.filter((one) => one !== made).slice(0, surplus));
  return {
    schema,
    refusals: all.filter((one) => !out.has(one)),
    gone: { count: (gone?.count ?? 0) + surplus, at: made.at },
  };
}

function isSameAttempt(known: Refusal, { command, what, names, keyType, store }: Refusal): boolean {
  if (known.names.length === 0) return known.command === command && known.what === what;
  return known.names.join(' ') === names.join(' ') && known.keyType === keyType && known.store === store;
}

/**
 * Without those that are over now that an attempt succeeded: those for its names and its kind of key that are no newer, and
 * the same attempt, unless it brought other names.
 */
export function withoutRefusals(
  { refusals, ...rest }: Refused,
  done: Pick<Refusal, 'command' | 'what'> & { readonly certificate: Pick<Certificate, Known> | null },
): Refused {
  return { ...rest, refusals: refusals.filter((one) => !isOver(one, done)) };
}

function isOver(refusal: Refusal, { command, what, certificate }: Parameters<typeof withoutRefusals>[1]): boolean {
  const covered = certificate === null ? null : certificateNames(certificate);
  const isSame = refusal.command === command && refusal.what === what;
  if (isSame && (covered === null || refusal.names.every((name) => covered.includes(name)))) return true;
  return certificate !== null && isReplacedBy(refusal, certificate, covered ?? []);
}

/** Whether a certificate is what was refused, or newer. */
export function isReplacedBy(
  { names, keyType, notBefore }: Refusal,
  certificate: Pick<Certificate, 'keyType' | 'notBefore'>,
  covered: readonly string[],
): boolean {
  const isOwnKind = keyType === null || keyType === algorithm(certificate);
  const isNewer = notBefore !== null && certificate.notBefore >= notBefore;
  return names.length > 0 && names.every((name) => covered.includes(name)) && isOwnKind && isNewer;
}

type Known = 'commonName' | 'dnsNames' | 'ipAddresses' | 'keyType' | 'notBefore' | 'store';

export function refusalOf(
  attempt: Pick<Refusal, 'command' | 'what' | 'at'>,
  certificate: Pick<Certificate, Known> | null,
  { code, message, hint }: Pick<ErrorDocument['error'], 'code' | 'message' | 'hint'>,
): Refusal {
  if (certificate === null) return { ...attempt, names: [], keyType: null, notBefore: null, code, message, hint };
  const { notBefore, store } = certificate;
  const names = [...certificateNames(certificate)].sort();
  return { ...attempt, names, keyType: algorithm(certificate), notBefore, store, code, message, hint };
}
