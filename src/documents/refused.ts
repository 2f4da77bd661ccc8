import { dirname } from 'node:path';
import type { ErrorDocument } from '../base/errors.ts';
import { algorithm, type Certificate } from '../model/certificates/certificate.ts';
import { certificateNames } from '../model/certificates/host-name.ts';
import { validateRefused } from './generated/validate-refused.js';
import { parserOf } from './parser-of.ts';

/** Imports and rebinds that nobody watched and that came to no run, oldest first. */
export interface Refused {
  readonly schema: 'certrebind/refused/1';
  readonly refusals: readonly Refusal[];
}

export interface Refusal {
  readonly at: string;
  readonly command: 'import' | 'rebind';
  /** How the new certificate was named: its file, or as for `--new`. */
  readonly what: string;
  /** Of the new certificate; empty where it is not known. */
  readonly names: readonly string[];
  /** The kind of its key, as `algorithm` says it, and its start; `null` where they are not known. */
  readonly keyType: string | null;
  readonly notBefore: string | null;
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

export const nothingRefused: Refused = { schema: 'certrebind/refused/1', refusals: [] };

export const parseRefused = parserOf<Refused>('certrebind/refused/1', validateRefused);

/** More would tell nobody more. */
const mostRefusals = 20;

/** With another one, which takes the place of an earlier one for the same. */
export function withRefusal({ schema, refusals }: Refused, made: Refusal): Refused {
  const namesMade = made.names.join(' ');
  const others = refusals.filter(
    ({ what, names, keyType }) =>
      what !== made.what && (namesMade === '' || names.join(' ') !== namesMade || keyType !== made.keyType),
  );
  return { schema, refusals: [...others, made].slice(-mostRefusals) };
}

/**
 * Without those that are over now that an attempt succeeded: the same one; those for its names and its kind of key that are
 * no newer; and of what could not be read, those of the same folder.
 */
export function withoutRefusals(
  { schema, refusals }: Refused,
  done: Pick<Refusal, 'command' | 'what'> & { readonly certificate: Pick<Certificate, Known> | null },
): Refused {
  return { schema, refusals: refusals.filter((one) => !isOver(one, done)) };
}

function isOver(refusal: Refusal, { command, what, certificate }: Parameters<typeof withoutRefusals>[1]): boolean {
  if (refusal.what === what) return true;
  if (refusal.names.length === 0) return refusal.command === command && dirname(refusal.what) === dirname(what);
  return certificate !== null && isReplacedBy(refusal, certificate, certificateNames(certificate));
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

type Known = 'commonName' | 'dnsNames' | 'ipAddresses' | 'keyType' | 'notBefore';

export function refusalOf(
  attempt: Pick<Refusal, 'command' | 'what' | 'at'>,
  certificate: Pick<Certificate, Known> | null,
  { code, message, hint }: Pick<ErrorDocument['error'], 'code' | 'message' | 'hint'>,
): Refusal {
  const names = certificate === null ? [] : [...certificateNames(certificate)].sort();
  const keyType = certificate === null ? null : algorithm(certificate);
  return { ...attempt, names, keyType, notBefore: certificate?.notBefore ?? null, code, message, hint };
}
