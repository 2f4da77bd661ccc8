import { type DerElement, elements, inside, objectIdentifier, octetString, sequence, tagged } from './der.ts';
import { allowsUsage, serverAuthentication } from './usages.ts';

/** A certificate trust list (Microsoft's CTL): the public roots, or certificates that nobody shall trust. */
export interface TrustList {
  readonly publishedAt: string;
  /** By what the list names it by, hex. */
  entry(identifier: string): TrustListEntry | null;
  /** Roots of this name, by MD5 of its DER, hex. */
  withSubject(hash: string): readonly TrustListEntry[];
}

/** A root of the list, as far as certificates of servers are concerned. */
export interface TrustListEntry {
  /** What the list names it by, hex: SHA-1 of the certificate; in a list of what is disallowed other hashes too. */
  readonly identifier: string;
  /** MD5 of the DER of its subject, and the identifier of its key; hex, empty if the list has none. */
  readonly subjectName: string;
  readonly keyIdentifier: string;
  readonly trusted: TrustForServers;
}

/** `false`: not at all, from that moment. `distrustsFrom`: only what was issued before. */
export interface TrustForServers {
  readonly forServers: boolean;
  readonly endsAt?: string;
  readonly distrustsFrom?: string;
}

/**
 * Reads a trust list: PKCS #7 signed data around the list. The signature is not checked: Windows checked it when it stored
 * the list, in a key that only administrators write (fidelity: trust-lists).
 * @returns null when it is none
 */
export function parseTrustList(der: Uint8Array): TrustList | null {
  const [signed] = elements(Buffer.from(der.buffer, der.byteOffset, der.byteLength));
  const content = inside(inside(inside(signed, 1), 0), 2);
  const list = inside(inside(content, 1), 0);
  if (list === undefined || objectIdentifier(inside(content, 0)) !== certificateTrustList) return null;
  const [utc] = tagged(list.body, utcTime);
  const [time = utc] = tagged(list.body, generalizedTime);
  if (time === undefined) return null;
  // First the usages of the list and the algorithm of the identifiers.
  const [, , entries] = tagged(list.body, sequence);
  return listOf(momentOf(time), [...tagged(entries?.body, sequence)]);
}

/** Hundreds of entries, of which few are ever asked for: each is read when it is. */
function listOf(publishedAt: string, entries: readonly DerElement[]): TrustList {
  const byIdentifier = new Map(entries.map((entry) => [hex(inside(entry, 0)?.body), entry]));
  return {
    publishedAt,
    entry(identifier) {
      const entry = byIdentifier.get(identifier);
      return entry === undefined ? null : entryFrom(entry);
    },
    withSubject(hash) {
      const wanted = Buffer.from(hash, 'hex');
      const having = entries.filter(({ body }) => body.includes(wanted));
      return having.flatMap((entry) => entryFrom(entry) ?? []).filter((one) => one.subjectName === hash);
    },
  };
}

const certificateTrustList = '1.3.6.1.4.1.311.10.1';
const utcTime = 0x17;
const generalizedTime = 0x18;

/** Properties of a root, by the last number of their identifiers below 1.3.6.1.4.1.311.10.11 (wincrypt.h). */
const properties = {
  usages: 9,
  keyIdentifier: 20,
  subjectName: 29,
  endsAt: 104,
  endedUsages: 122,
  distrustsFrom: 126,
  distrustedUsages: 127,
} as const;

function entryFrom({ body }: DerElement): TrustListEntry | null {
  const [identifier, attributes] = elements(body);
  if (identifier?.tag !== octetString) return null;
  const values = new Map(
    Array.from(elements(attributes?.body), (attribute) => [
      objectIdentifier(inside(attribute, 0)).replace(/^1\.3\.6\.1\.4\.1\.311\.10\.11\./, ''),
      inside(inside(attribute, 1), 0)?.body ?? Buffer.alloc(0),
    ]),
  );
  const value = (name: keyof typeof properties) => values.get(String(properties[name]));
  const [endsAt, from] = [value('endsAt'), value('distrustsFrom')];
  return {
    identifier: hex(identifier.body),
    subjectName: hex(value('subjectName')),
    keyIdentifier: hex(value('keyIdentifier')),
    trusted: {
      forServers: concernsServers(value('usages')),
      ...(endsAt !== undefined && concernsServers(value('endedUsages')) ? { endsAt: fileTime(endsAt) } : {}),
      ...(from !== undefined && concernsServers(value('distrustedUsages')) ? { distrustsFrom: fileTime(from) } : {}),
    },
  };
}

/** A list of usages, as in a certificate; without one everything is meant. */
function concernsServers(usages: Buffer | undefined): boolean {
  if (usages === undefined) return true;
  const [all] = elements(usages);
  return allowsUsage(Array.from(elements(all?.body), objectIdentifier), serverAuthentication);
}

/** Windows' FILETIME as in its registry: 100 ns since 1601; fewer bytes are the beginning of time. */
export function fileTime(value: Buffer | undefined): string {
  const ticks = value === undefined || value.length < 8 ? 0n : value.readBigUInt64LE(0) % latestTime;
  return new Date(Number(ticks / 10_000n - 11_644_473_600_000n)).toISOString();
}

/** No date of JavaScript is later. */
const latestTime = 2_650_000_000_000_000_000n;

function momentOf({ tag, body }: DerElement): string {
  const digits = body.toString('latin1');
  const full = tag === generalizedTime ? digits : `${Number(digits.slice(0, 2)) < 50 ? '20' : '19'}${digits}`;
  return full.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6.000Z');
}

function hex(value: Buffer | undefined): string {
  return value?.toString('hex').toUpperCase() ?? '';
}
