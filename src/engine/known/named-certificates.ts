import { compareText, shortestUniquePrefixes } from '../../base/order.ts';
import type { Plan } from '../../documents/runs/plan.ts';
import { recordsOf, thumbprintOf } from '../../kinds/holder.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { Certificate, ServedCertificate } from '../../model/certificates/certificate.ts';
import { certificateNames } from '../../model/certificates/host-name.ts';
import {
  byThumbprint,
  certificateText,
  type NamedCertificate,
  shortest,
} from '../../model/certificates/named-certificate.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';

type Known = Pick<Snapshot, 'certificates' | 'holders'>;

/** The names of these certificates, each once, in the order of their thumbprints; those that are on this server. */
export function namedCertificates(
  { certificates, holders }: Known,
  wanted: Iterable<Thumbprint | null>,
): readonly NamedCertificate[] {
  const asked = new Set(wanted);
  // Of one in two stores the first.
  const found = byThumbprint(certificates.filter(({ thumbprint }) => asked.has(thumbprint)).toReversed());
  if (found.size === 0) return [];
  const short = shortestUniquePrefixes(
    [...certificates, ...recordsOf({ holders })].flatMap(({ thumbprint }) => thumbprint ?? []),
    shortest,
  );
  return [...found.values()]
    .map((certificate) => named(certificate, short(certificate.thumbprint)))
    .sort((a, b) => compareText(a.thumbprint, b.thumbprint));
}

/** The names of the certificates of a plan. */
export function certificatesOfPlan(
  known: Known,
  { renewals, steps }: Pick<Plan, 'renewals' | 'steps'>,
): readonly NamedCertificate[] {
  const named = new Set<Thumbprint | null>(renewals.flatMap((renewal) => [renewal.old, renewal.new]));
  for (const { before, wanted } of steps) named.add(thumbprintOf(before)).add(thumbprintOf(wanted));
  return namedCertificates(known, named);
}

/** `shop.example.com (Issuing CA 2, 2255C145)`: a certificate within a sentence. */
export function certificateInWords(certificate: ServedCertificate): string {
  const { name, issuer, short } = named(certificate);
  return certificateText({ name, issuer: issuer === '' ? short : `${issuer}, ${short}` });
}

/** @param short the beginning of its thumbprint that tells it from the others here, if they are known */
export function named(
  certificate: ServedCertificate,
  short = certificate.thumbprint.slice(0, shortest),
): NamedCertificate {
  const { thumbprint, issuer, notAfter } = certificate;
  const names = certificateNames(certificate);
  return { thumbprint, short, name: nameOf(certificate), issuer: commonNameOf(issuer), notAfter, names };
}

/** What a certificate is called: the host it is named after. */
export function nameOf(certificate: ServedCertificate & Partial<Pick<Certificate, 'friendlyName'>>): string {
  const names = certificateNames(certificate);
  const common = certificate.commonName?.toLowerCase() ?? null;
  const name = names.find((one) => one === common) ?? names[0] ?? certificate.friendlyName ?? certificate.subject;
  return name === '' ? 'a certificate without a name' : name;
}

/** The common name in the text of a distinguished name; the whole text where there is none. */
export function commonNameOf(text: string): string {
  const escaped = /(?:^|, )CN=((?:\\.|[^,\\])+)/.exec(text)?.[1];
  return escaped?.replace(/\\(.)/g, '$1') ?? text;
}
