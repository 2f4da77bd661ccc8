import type { Certificate } from '../../model/certificates/certificate.ts';

/** A connector of Exchange, which names its certificate by its issuer and subject. */
export interface Connector {
  readonly name: string;
  /** `<I>issuer<S>subject`; the issuer may be left out. Empty where none is shown, or not to this account. */
  readonly names: string;
}

/** The directory takes no more characters for it. */
const longest = 256;

/** Whether connectors that use a certificate find the one that replaces it, as sentences for where they do not (fidelity: exchange-attribute). */
export function connectorTrouble(
  connectors: readonly Connector[],
  old: Pick<Certificate, 'issuer' | 'subject'>,
  successor: Pick<Certificate, 'issuer' | 'subject'>,
): readonly string[] {
  const shown = connectors.filter(({ names }) => names !== '');
  const lost = shown.filter(({ names }) => isOf(names, old) && !finds(names, successor));
  const isUnread = shown.length === 0;
  const isLost = isUnread ? !finds(identifierOf(old), successor) : lost.length > 0;
  const { length } = identifierOf(successor);
  return [
    ...(isUnread ? ['What its connectors name was not read.'] : []),
    ...(isUnread && isLost
      ? ['The new certificate has another issuer or subject: connectors name both, and end TLS without this.']
      : []),
    ...lost.map(
      ({ name, names }) =>
        `Its connector ${name} names ${names}: the new certificate has another issuer or subject, so TLS ends there without this.`,
    ),
    ...(isLost && length > longest
      ? [
          `It cannot name the new certificate at all: that takes ${length} characters, and the directory takes ${longest}.`,
        ]
      : []),
  ];
}

function identifierOf({ issuer, subject }: Pick<Certificate, 'issuer' | 'subject'>): string {
  return `<I>${issuer}<S>${subject}`;
}

/** As Exchange takes it apart. */
function partsOf(names: string): { readonly issuer: string | undefined; readonly subject: string } {
  const [, issuer, subject = ''] = /^(?:<I>([^<]+))?<S>(.+)$/i.exec(names) ?? [];
  return { issuer, subject };
}

/** By the common name, which every way to write a subject has in common. */
function isOf(names: string, { subject }: Pick<Certificate, 'subject'>): boolean {
  const commonName = (of: string) => /CN=(.*?)(?:$|,)/i.exec(of)?.[1]?.toLowerCase();
  return commonName(partsOf(names).subject) === commonName(subject);
}

function finds(names: string, certificate: Pick<Certificate, 'issuer' | 'subject'>): boolean {
  const { issuer, subject } = partsOf(names);
  const plain = (name: string) => name.toLowerCase().replace(/[\s"\\]/g, '');
  return (
    plain(subject) === plain(certificate.subject) &&
    (issuer === undefined || plain(issuer) === plain(certificate.issuer))
  );
}
