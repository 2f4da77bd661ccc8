import { append } from '../../base/group.ts';
import { compareText, distinct } from '../../base/order.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import { certificateNames, coversHost } from '../../model/certificates/host-name.ts';
import { byThumbprint } from '../../model/certificates/named-certificate.ts';
import type { UsedBinding } from '../known/bindings-of-records.ts';

/** Certificates that could serve, by the names they contain. */
export type CandidateIndex = ReadonlyMap<string, readonly Certificate[]>;

/** Those with a key that are valid now, and neither archived nor refused by clients. */
export function indexCandidates({ certificates, takenAt }: Snapshot): CandidateIndex {
  const asOf = Date.parse(takenAt);
  const index = new Map<string, [Certificate, ...Certificate[]]>();
  for (const certificate of certificates) {
    if (certificate.archived || certificate.disallowed === true) continue;
    if (certificate.key === 'missing' || certificate.key === 'unusable') continue;
    if (Date.parse(certificate.notBefore) > asOf || Date.parse(certificate.notAfter) <= asOf) continue;
    for (const name of certificateNames(certificate)) append(index, name, certificate);
  }
  return index;
}

/** The certificates that cover all of these hosts, the one that ends last first; `null` where no host is known. */
export function candidatesFor(hosts: readonly string[], index: CandidateIndex): readonly Certificate[] | null {
  const [first] = hosts;
  if (first === undefined || hosts.includes('')) return null;
  const parent = first.slice(first.indexOf('.'));
  const found = [...(index.get(first) ?? []), ...(index.get(`*${parent}`) ?? [])].filter((certificate) =>
    hosts.every((host) => coversHost(certificate, host)),
  );
  return lastToEnd(found);
}

/** Every one of them, the one that ends last first. */
export function allCandidates(index: CandidateIndex): readonly Certificate[] {
  return lastToEnd([...index.values()].flat());
}

function lastToEnd(found: readonly Certificate[]): readonly Certificate[] {
  return [...byThumbprint(found).values()].sort((a, b) => compareText(b.notAfter, a.notAfter));
}

export function hostsOf(bindings: readonly UsedBinding[]): readonly string[] {
  return distinct(bindings.map(({ parts }) => parts.host));
}

/** Which one a command has, and how many others there are. */
export function chosenHint(others: number): string {
  return others === 0
    ? 'The command binds the one certificate of this server that covers its names.'
    : `The command binds the one that ends last of the ${others + 1} certificates of this server that cover its names.`;
}
