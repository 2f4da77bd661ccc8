import type { Certificate } from '../certificates/certificate.ts';
import { certificateNames } from '../certificates/host-name.ts';
import { parserOf } from '../text/document.ts';
import type { ErrorDocument } from '../text/errors.ts';
import { validateRefused } from './generated/validate-refused.js';

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
  readonly notBefore: string | null;
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

export const nothingRefused: Refused = { schema: 'certrebind/refused/1', refusals: [] };

/** @throws CertRebindError `bad-document` or `later-schema` */
export const parseRefused = parserOf<Refused>('refused', 1, validateRefused);

/** More would tell nobody more. */
const mostRefusals = 20;

/** With another one, which takes the place of an earlier one for the same. */
export function withRefusal({ schema, refusals }: Refused, made: Refusal): Refused {
  const others = refusals.filter(({ what, names }) => what !== made.what && !isSame(names, made.names));
  return { schema, refusals: [...others, made].slice(-mostRefusals) };
}

/** Without those that are over now that a certificate has been set: for its names, or for what could not be read. */
export function withoutRefusals({ schema, refusals }: Refused, set: Pick<Certificate, Named> | null): Refused {
  const names = set === null ? [] : certificateNames(set);
  return {
    schema,
    refusals: refusals.filter((one) => one.names.length > 0 && !one.names.every((name) => names.includes(name))),
  };
}

type Named = 'commonName' | 'dnsNames' | 'ipAddresses';

export function refusalOf(
  attempt: Pick<Refusal, 'command' | 'what' | 'at'>,
  certificate: Pick<Certificate, Named | 'notBefore'> | null,
  { code, message, hint }: Pick<ErrorDocument['error'], 'code' | 'message' | 'hint'>,
): Refusal {
  const names = certificate === null ? [] : [...certificateNames(certificate)].sort();
  return { ...attempt, names, notBefore: certificate?.notBefore ?? null, code, message, hint };
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length > 0 && one.join(' ') === other.join(' ');
}
