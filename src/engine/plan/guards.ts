import type { BlockCode, NoteCode } from '../../base/codes/plan-codes.ts';
import { compareText } from '../../base/order.ts';
import type { Note, Objection } from '../../documents/runs/plan.ts';
import { type Consumer, isOfIis } from '../../kinds/consumer.ts';
import { type Holder, isMovableHolder, whyNotUnderRun, whyUnfit } from '../../kinds/holder.ts';
import type { CarriesRun, ServiceSeen } from '../../kinds/kind-rules.ts';
import { toRecordKey } from '../../kinds/record-key.ts';
import type { ServerIdentity, Snapshot } from '../../kinds/snapshot.ts';
import { isKnown, type PartsSeen } from '../../kinds/unknown-parts.ts';
import { algorithm, type Certificate, isServableKey } from '../../model/certificates/certificate.ts';
import { certificateNames, coversHost, shareName } from '../../model/certificates/host-name.ts';
import { momentText } from '../../model/certificates/named-certificate.ts';
import { isTrusted } from '../../model/certificates/trust.ts';
import { allowsUsage, clientAuthentication, serverAuthentication } from '../../model/certificates/usages.ts';
import { type HasRecord, hasOwnRecord, type ServedHosts } from '../known/bindings-of-records.ts';
import { type CertificateFault, certificateFaults, faultObstacle } from '../known/certificate-faults.ts';
import { sharesRecords } from '../known/owners.ts';
import { type RenewalPair, sameStore } from '../known/renewal-pair.ts';
import { whyKeyUnread, whyNotRestarted } from './restarts.ts';

/** What is known about one holder when a replacement of it is decided. */
export interface SwapCase {
  readonly holder: Holder;
  readonly pair: RenewalPair;
  /** The only stores that the holder takes certificates from; `null` for any. */
  readonly stores: readonly string[] | null;
  /** Whether this run came in through the holder. */
  readonly carriesRun: CarriesRun;
  /** What is restarted for it; `null` for nothing. */
  readonly service: ServiceSeen | null;
  readonly server: Pick<ServerIdentity, 'name'>;
  /** The store entry of the new certificate that the holder should use; `null` if it is in no store. */
  readonly entry: Certificate | null;
  readonly catchAll: boolean;
  readonly hosts: readonly HostCoverage[];
  readonly hasRecord: HasRecord;
  readonly consumers: readonly Consumer[];
  readonly webAdministration: Snapshot['webAdministration'];
  /** The only clock: when the snapshot was taken, in milliseconds. */
  readonly asOf: number;
  /** Which parts of the server are not known: a guard that needs one of them stays silent. */
  readonly unknown: PartsSeen;
}

/** A host that clients can ask for at the record, and which of the two certificates cover it. */
export interface HostCoverage {
  readonly host: string;
  readonly sites: readonly string[];
  /** `null` when the old certificate is not on this server any more. */
  readonly byOld: boolean | null;
  /** `null` when the new certificate is not on this server. */
  readonly byNew: boolean | null;
}

/** The bare address counts as a host only if the old certificate names it; hardly any certificate does. */
export function coverageOf(
  { hosts, address }: ServedHosts,
  pair: Pick<RenewalPair, 'old' | 'successors'>,
): readonly HostCoverage[] {
  const { old, successors } = pair;
  const [successor] = successors;
  const isNamed = address !== null && old !== null && coversHost(old, address.host);
  const asked = isNamed ? [...hosts, address].sort((a, b) => compareText(a.host, b.host)) : hosts;
  return asked.map(({ host, sites }) => ({
    host,
    sites,
    byOld: old === null ? null : coversHost(old, host),
    byNew: successor === undefined ? null : coversHost(successor, host),
  }));
}

/** The objections to a replacement, all of them. */
export function objectionsTo(swap: SwapCase): readonly Objection[] {
  return allFound(guards, swap).map(({ code, text, hosts = [] }): Objection => {
    if (code === 'names-lost' || code === 'names-fewer') return { code, text, hosts };
    return code === 'not-yet-valid' ? faultObstacle(code, text, swap.pair.successor) : { code, text };
  });
}

/** Notes about a replacement that nothing blocks. */
export function remarksOn(swap: SwapCase): readonly Note[] {
  return allFound(remarks, swap);
}

/** A text, with the hosts that it is about where somebody has to know them; `null` if there is nothing to say. */
type GuardCheck = (swap: SwapCase) => string | Pick<Note, 'text' | 'hosts'> | null;

/** Those that have to do with more than a replacement are not asked here. */
type GuardCode = Exclude<BlockCode, 'ambiguous' | 'set-back' | 'outside-window'>;

/** In the order in which they are asked. */
type Looks<Code extends string> = readonly { readonly code: Code; readonly look: GuardCheck }[];

function inOrder<Code extends string>(looks: Readonly<Partial<Record<Code, GuardCheck>>>): Looks<Code> {
  return (Object.entries(looks) as [Code, GuardCheck][]).map(([code, look]) => ({ code, look }));
}

/** What anybody asks who sets a certificate. */
function fault(code: CertificateFault): GuardCheck {
  return ({ pair: { renewal, successor }, entry, stores, asOf }) =>
    certificateFaults({ which: 'new', thumbprint: renewal.new, entry, found: successor, stores, asOf })[code];
}

/** Nearly always there are no objections, so only those found are stored. */
function allFound<Code extends string>(looks: Looks<Code>, swap: SwapCase) {
  const all: ({ readonly code: Code } & Pick<Note, 'text' | 'hosts'>)[] = [];
  for (const { code, look } of looks) {
    const found = look(swap);
    if (found !== null) all.push({ code, ...(typeof found === 'string' ? { text: found } : found) });
  }
  return all;
}

/** The lasting ones first: nobody should wait for a key that will not be used anyway. */
const guards = inOrder<GuardCode>({
  uncorroborated({ pair: { renewal } }) {
    if (renewal.corroborated) return null;
    const event = renewal.eventRecordId === null ? 'An event' : `Event ${renewal.eventRecordId}`;
    return `${event} names ${renewal.new} as the successor of ${renewal.old}, but neither SYSTEM nor an administrator wrote it, and the old certificate does not name the new one.`;
  },

  /** Setting the same hash again changes nothing for other products that share the record. */
  'shared-with'({ holder, pair: { renewal }, consumers }) {
    const coOwners = consumers.filter((one) => sharesRecords(one) && one.kind !== holder.kind);
    if (coOwners.length === 0 || renewal.old === renewal.new) return null;
    return `${coOwners.map(describeOther).join(', ')} also uses this certificate binding and stores the thumbprint ${renewal.old} itself.`;
  },

  /** IIS changes the record under its bindings in place, and this module is how it is asked to. */
  'web-administration-missing': ({ webAdministration, consumers }) =>
    webAdministration === 'missing' && consumers.some(isOfIis)
      ? 'The PowerShell module WebAdministration is missing on this server. Run in PowerShell: Install-WindowsFeature Web-Scripting-Tools'
      : null,

  'remote-session': ({ carriesRun }) => (carriesRun === 'no' ? null : whyNotUnderRun(carriesRun)),

  'certificate-missing': fault('certificate-missing'),
  'wrong-store': fault('wrong-store'),

  'service-not-restarted': ({ service, catchAll, hosts }) =>
    service === null ? null : whyNotRestarted(service, catchAll || hosts.length > 0),

  /** A service that does not start again, or goes without TLS, costs more than any name. */
  'service-unfit'({ holder, service, server, entry }) {
    if (entry === null || !isMovableHolder(holder)) return null;
    const unread = service === null ? null : whyKeyUnread(service, entry);
    return whyUnfit(holder, entry, server) ?? unread;
  },

  expired: fault('expired'),

  'not-server-auth'({ pair: { renewal, successor } }) {
    if (successor === null || allowsUsage(successor.ekus, serverAuthentication)) return null;
    return `The new certificate ${renewal.new} is only for these usages: ${successor.ekus?.join(', ') || 'none'}.`;
  },

  'key-not-servable': ({ pair: { renewal, successor } }) =>
    successor !== null && !isServableKey(successor)
      ? `The new certificate ${renewal.new} has a key of type ${successor.keyType}.`
      : null,

  /** A list of this server has it, and not the old one; of a place that was set back this is asked of every certificate. */
  revoked({ pair }) {
    const { anchors, renewal } = pair;
    if (anchors.new !== 'disallowed' || anchors.old === 'disallowed') return null;
    return trustLost(pair) ?? `The new certificate ${renewal.new} is not trusted: ${whyNotTrusted(pair)}.`;
  },

  /** Every client that checked the old one refuses the new one. */
  'trust-lost': ({ pair }) => (pair.anchors.new === 'disallowed' ? null : trustLost(pair)),

  /** Somebody who names the pair, or Windows, knows more than matching names do. */
  'trust-unknown': (swap) => (demandsTrust(swap) ? unknownTrust(swap) : null),

  'names-lost'({ pair, hosts, catchAll }) {
    const lost = hosts.filter(({ byOld, byNew }) => byNew === false && byOld !== false);
    if (lost.length === 0) {
      const isCovered = !catchAll && hosts.length > 0 && hosts.every(({ byNew }) => byNew !== false);
      return isCovered ? null : otherNames(pair);
    }
    const named = lost
      .map(({ host, sites }) => (sites.length === 0 ? host : `${host} (${sites.join(', ')})`))
      .join('; ');
    const text =
      pair.old === null
        ? `The old certificate is no longer on this server, so every host name that the new one does not cover counts as lost: ${named}.`
        : `The new certificate does not cover these names of the old one: ${named}.`;
    return { text, hosts: lost.map(({ host }) => host) };
  },

  'names-fewer'({ pair: { old, successor }, catchAll, holder: { key }, hasRecord }) {
    if (!catchAll || successor === null || old === null) return null;
    const hosts = certificateNames(old)
      .filter((name) => !coversHost(successor, name) && !hasOwnRecord(name, toRecordKey(key), hasRecord))
      .sort();
    if (hosts.length === 0) return null;
    return { text: `It answers for any host name, and the new certificate lacks ${hosts.join(', ')}.`, hosts };
  },

  /** A shorter life is unusual; it blocks if only an uncorroborated event suggests the renewal. */
  'shorter-life': ({ pair }) => (pair.renewal.corroborated ? null : shorterEnds(pair)),

  'key-missing': fault('key-missing'),
  'key-unusable': fault('key-unusable'),
  'not-yet-valid': fault('not-yet-valid'),
});

const remarks = inOrder<NoteCode>({
  'store-changes': ({ holder: { value }, entry, pair: { renewal } }) =>
    entry === null || value.store === '' || sameStore(entry.store, value.store)
      ? null
      : `The store changes from ${value.store} to ${entry.store}, where ${renewal.new} is.`,

  'key-unknown'({ entry, pair: { renewal }, unknown }) {
    if (entry?.key !== 'unknown') return null;
    if (!isKnown(unknown, 'keys')) return `The private key of ${renewal.new} was not checked.`;
    const why = entry.keyReason === undefined ? '' : `: ${entry.keyReason}`;
    return `It could not be checked whether SYSTEM can open the private key of ${renewal.new}${why}.`;
  },

  'old-unreadable': ({ pair: { renewal, old } }) =>
    old === null ? `The old certificate ${renewal.old} is no longer on this server, so its names are not known.` : null,

  'names-uncovered'({ hosts }) {
    const uncovered = hosts.filter(({ byOld, byNew }) => byOld === false && byNew === false);
    if (uncovered.length === 0) return null;
    return `Covered by neither certificate: ${uncovered.map(({ host }) => host).join(', ')}.`;
  },

  'shorter-life': ({ pair }) => (pair.renewal.corroborated ? shorterEnds(pair) : null),

  'trust-unknown': (swap) => (demandsTrust(swap) ? null : unknownTrust(swap)),

  'key-type-changed': ({ pair: { old, successor } }) =>
    successor === null || old === null || algorithm(old) === algorithm(successor)
      ? null
      : `The key type changes from ${old.keyType} to ${successor.keyType}.`,

  /** No kind that a run changes presents its certificate as a client; one that does has to be blocked by this. */
  'client-auth-dropped'({ pair: { old, successor } }) {
    if (successor === null || old === null) return null;
    if (!allowsUsage(old.ekus, clientAuthentication) || allowsUsage(successor.ekus, clientAuthentication)) return null;
    return 'The old certificate allowed client authentication. The new one does not.';
  },

  'chain-incomplete'({ pair: { old, successor } }) {
    if (successor?.chain !== 'incomplete') return null;
    const lost = old?.chain === 'complete' ? '. All issuers of the old one are' : '';
    return `Not every issuer of the new certificate is on this server (${successor.issuer})${lost}.`;
  },

  'common-name-only'({ pair: { successor } }) {
    if (successor === null || successor.commonName === null) return null;
    return successor.dnsNames.length + successor.ipAddresses.length > 0
      ? null
      : `The new certificate has only the common name ${successor.commonName}. Browsers ignore it.`;
  },

  'weak-key'({ pair: { successor } }) {
    const [keyType, bits] = /^RSA(?:-PSS)? (\d+)$/.exec(successor?.keyType ?? '') ?? [];
    return bits === undefined || Number(bits) >= 2048 ? null : `The key of the new certificate is ${keyType}.`;
  },

  'weak-signature': ({ pair: { successor } }) =>
    successor?.weakHash === undefined
      ? null
      : `The new certificate is signed with ${successor.weakHash}, which clients reject.`,

  'authority-certificate': ({ pair: { successor } }) =>
    successor?.authority === true ? 'The new certificate is a CA certificate (CA:TRUE).' : null,

  'no-digital-signature': ({ pair: { successor } }) =>
    successor?.signs === false ? 'The key usage of the new certificate lacks digitalSignature.' : null,
});

/**
 * A chain that is known as far as an authority, and leads from there to no root of this server, is one that clients most
 * likely refuse: that of a staging authority looks so, as its root is nowhere.
 */
function whyNotTrusted({ anchors, successor, signer }: RenewalPair): string | null {
  if (successor === null || isTrusted(anchors.new)) return null;
  if (anchors.new === 'disallowed') return 'it is revoked, or Windows lists it or an authority above it as not trusted';
  if (successor.selfSigned === true) return 'it is self-signed and not in the store Root';
  if (anchors.new === 'unknown' && signer === null) return null;
  return `no chain of it (issued by ${signer ?? successor.issuer}) ends in a root that this server trusts for servers`;
}

function trustLost(pair: RenewalPair): string | null {
  const why = isTrusted(pair.anchors.old) ? whyNotTrusted(pair) : null;
  return why === null ? null : `The old certificate is trusted. The new one, ${pair.renewal.new}, is not: ${why}.`;
}

/** What answers for any host name is asked for the names of its certificate. */
function otherNames({ old, successor }: RenewalPair): Pick<Note, 'text' | 'hosts'> | null {
  if (old === null || successor === null || shareName(old, successor)) return null;
  const hosts = [...certificateNames(old)].sort();
  if (hosts.length === 0) return null;
  const now = [...certificateNames(successor)].sort().join(', ') || 'no host name';
  return { text: `The new certificate (${now}) shares no name with the old one (${hosts.join(', ')}).`, hosts };
}

function demandsTrust({ pair: { renewal, anchors } }: SwapCase): boolean {
  return renewal.source === 'same-names' && isTrusted(anchors.old);
}

function unknownTrust({ pair }: SwapCase): string | null {
  const { renewal, anchors, successor } = pair;
  if (successor === null || isTrusted(anchors.new) || anchors.new === 'disallowed') return null;
  const why = whyNotTrusted(pair);
  if (anchors.old === 'unknown' && why !== null)
    return `It is not known whether the old certificate is trusted. The new one, ${renewal.new}, is not: ${why}.`;
  if (!isTrusted(anchors.old) || why !== null) return null;
  return `An issuer of the new certificate ${renewal.new} is not on this server or cannot be read, so it is not known whether clients trust it.`;
}

function shorterEnds({ old, successor, endsEarlier }: RenewalPair): string | null {
  return endsEarlier
    ? `The new certificate expires at ${momentText(successor?.notAfter ?? '')}, the old one at ${momentText(old?.notAfter ?? '')}.`
    : null;
}

function describeOther(consumer: Consumer): string {
  return 'detail' in consumer && consumer.detail !== '' ? `${consumer.kind} (${consumer.detail})` : consumer.kind;
}
