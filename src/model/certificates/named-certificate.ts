import type { Time } from '../../base/document.ts';
import { coversHost } from './host-name.ts';
import type { Thumbprint } from './thumbprint.ts';

/** A certificate as people speak of it, and what tells it from others of that name. */
export interface NamedCertificate {
  readonly thumbprint: Thumbprint;
  /**
   * The shortest beginning of the thumbprint, 8 digits at least, that no other certificate here has. Commands take it.
   * @pattern ^[0-9A-F]{8,40}$
   */
  readonly short: string;
  /** The host it is named after; the text of its subject where it names none. */
  readonly name: string;
  /** Common name of the issuer, or the whole text where there is none. */
  readonly issuer: string;
  readonly notAfter: Time;
  /** Hosts and addresses that it covers. */
  readonly names: readonly string[];
}

/** `shop.example.com (Issuing CA 2)` */
export function certificateText({ name, issuer }: Pick<NamedCertificate, 'name' | 'issuer'>): string {
  return issuer === '' ? name : `${name} (${issuer})`;
}

/**
 * `shop.example.com (Issuing CA 2), ends 2027-01-29 → 2027-11-25, 2 names lost`. Where one of the two is not on this server,
 * its thumbprint stands for it.
 */
export function renewalText(
  { old, new: successor }: { readonly old: string; readonly new: string },
  known: ReadonlyMap<string, NamedCertificate>,
): string {
  const [before, after] = [known.get(old), known.get(successor)];
  const there = before ?? after;
  if (there === undefined) return `${shortOf(old, known)} → ${shortOf(successor, known)}`;
  if (before === undefined || after === undefined)
    return `${textOf(old, known)} → ${textOf(successor, known)}, ends ${day(there.notAfter)}`;
  if (old === successor) return `${certificateText(after)}, ends ${day(after.notAfter)}, the same certificate again`;
  const names = namesText(before, after);
  return `${bothTexts(before, after)}, ends ${day(before.notAfter)} → ${day(after.notAfter)}${names}`;
}

/** `2027-01-29` */
export function day(iso: string): string {
  return iso.slice(0, 10);
}

/** `2027-01-29 14:00 UTC` */
export function momentText(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}

/** Enough of a thumbprint to tell it from the others; 8 digits of one that is not on this server. */
export function shortOf(thumbprint: string, known: ReadonlyMap<string, NamedCertificate>): string {
  return known.get(thumbprint)?.short ?? thumbprint.slice(0, shortest);
}

export const shortest = 8;

export function byThumbprint<Known extends { readonly thumbprint: string }>(
  certificates: readonly Known[],
): ReadonlyMap<Known['thumbprint'], Known> {
  return new Map(certificates.map((certificate) => [certificate.thumbprint, certificate]));
}

function textOf(thumbprint: string, known: ReadonlyMap<string, NamedCertificate>): string {
  const certificate = known.get(thumbprint);
  return certificate === undefined
    ? `${shortOf(thumbprint, known)} (not on this server)`
    : certificateText(certificate);
}

function bothTexts(before: NamedCertificate, after: NamedCertificate): string {
  if (before.name !== after.name) return `${certificateText(before)} → ${certificateText(after)}`;
  return before.issuer === after.issuer ? certificateText(after) : `${after.name} (${before.issuer} → ${after.issuer})`;
}

/** `−2 +1`; empty when both cover the same. */
function namesText(before: NamedCertificate, after: NamedCertificate): string {
  const beyond = (one: NamedCertificate, other: NamedCertificate) =>
    one.names.filter((name) => !coversHost({ commonName: null, dnsNames: other.names, ipAddresses: other.names }, name))
      .length;
  const [lost, gained] = [beyond(before, after), beyond(after, before)];
  const told = (many: number, what: string) => (many === 0 ? '' : `, ${many} ${many === 1 ? 'name' : 'names'} ${what}`);
  return `${told(lost, 'lost')}${told(gained, 'added')}`;
}
