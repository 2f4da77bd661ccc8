import type { Certificate } from '../certificates/certificate.ts';
import { certificateNames, coversHost } from '../certificates/host-name.ts';
import { momentText } from '../certificates/named-certificate.ts';
import type { Thumbprint } from '../certificates/thumbprint.ts';
import { isTrusted } from '../certificates/trust.ts';
import { allowsUsage, clientAuthentication, serverAuthentication } from '../certificates/usages.ts';
import type { BlockCode, NoteCode } from '../codes/plan-codes.ts';
import type { Note } from '../documents/runs/plan.ts';
import { type Consumer, isOfIis } from '../holders/consumer.ts';
import { type Holder, isMovable, type Valued, whyNotUnderRun, whyUnfit } from '../holders/holder.ts';
import type { CarriesRun, ServiceSeen } from '../holders/kind-rules.ts';
import type { MovableKind } from '../holders/kinds.ts';
import type { ServerIdentity, Snapshot } from '../holders/snapshot.ts';
import { isKnown, type PartsSeen } from '../holders/unknown-parts.ts';
import { compareText } from '../text/order.ts';
import type { ServedHosts } from './bindings-of-records.ts';
import { sharesRecords } from './owners.ts';
import { type RenewalPair, sameStore } from './renewal-pair.ts';
import { whyKeyUnread, whyNotRestarted } from './restarts.ts';

/** An objection of a guard to a replacement. */
export interface Objection {
  readonly reason: BlockCode;
  readonly detail: string;
  /** The hosts concerned, sorted; only `names-lost` names any. */
  readonly hosts: readonly string[];
}

/** What is known about one holder when a replacement of it is decided. */
export interface SwapCase {
  readonly holder: Holder;
  readonly pair: RenewalPair;
  /** The only stores that the holder takes certificates from; `null` for any. */
  readonly stores: readonly string[] | null;
  /** Whether this run came in through the holder. */
  readonly carriesRun: CarriesRun;
  /** See `Around` in holders/kind-rules.ts. */
  readonly unfit?: string | undefined;
  readonly ready?: readonly Thumbprint[] | undefined;
  /** What is restarted for it; `null` for nothing. */
  readonly service: ServiceSeen | null;
  readonly server: Pick<ServerIdentity, 'name'>;
  /** The store entry of the new certificate that the holder should use; `null` if it is in no store. */
  readonly entry: Certificate | null;
  readonly catchAll: boolean;
  readonly hosts: readonly HostCoverage[];
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

/** The objections to a replacement, the lasting ones first: nobody should wait for a key that will not be used anyway. */
export function objectionsTo(swap: SwapCase): readonly Objection[] {
  return allFound(guards, swap);
}

/** Notes about a replacement that nothing blocks. */
export function remarksOn(swap: SwapCase): readonly Note[] {
  return allFound(remarks, swap);
}

type Look<Found> = (swap: SwapCase) => Found | null;
type Guard = Look<Objection>;
type Remark = Look<Note>;

/** Nearly always there are no objections, so only those found are stored. */
function allFound<Found>(looks: readonly Look<Found>[], swap: SwapCase): readonly Found[] {
  const all: Found[] = [];
  for (const look of looks) {
    const found = look(swap);
    if (found !== null) all.push(found);
  }
  return all;
}

const uncorroborated: Guard = ({ pair: { renewal } }) => {
  if (renewal.corroborated) return null;
  const event = renewal.eventRecordId === null ? 'An event' : `Event ${renewal.eventRecordId}`;
  return objection(
    'uncorroborated',
    `${event} names ${renewal.new} as the successor of ${renewal.old}, but neither SYSTEM nor an administrator wrote it, and the old certificate does not name the new one.`,
  );
};

/** Setting the same hash again changes nothing for other products that share the record. */
const sharedWith: Guard = ({ holder, pair: { renewal }, consumers }) => {
  const coOwners = consumers.filter((one) => sharesRecords(one) && one.kind !== holder.kind);
  if (coOwners.length === 0 || renewal.old === renewal.new) return null;
  return objection(
    'shared-with',
    `${coOwners.map(describeOther).join(', ')} also uses this certificate binding and stores the thumbprint ${renewal.old} itself.`,
  );
};

/** IIS changes the record under its bindings in place, and this module is how it is asked to. */
const moduleMissing: Guard = ({ webAdministration, consumers }) => {
  if (webAdministration !== 'missing' || !consumers.some(isOfIis)) return null;
  return objection(
    'web-administration-missing',
    'The PowerShell module WebAdministration is missing on this server. Run in PowerShell: Install-WindowsFeature Web-Scripting-Tools',
  );
};

const missing: Guard = ({ pair: { renewal, successors } }) =>
  successors.length > 0
    ? null
    : objection('certificate-missing', `The new certificate ${renewal.new} is not in My or WebHosting.`);

const wrongStore: Guard = ({ stores, entry, pair: { renewal, successors } }) => {
  const [successor] = successors;
  if (stores === null || entry !== null || successor === undefined) return null;
  return objection(
    'wrong-store',
    `The new certificate ${renewal.new} is in ${successor.store}, but this service reads only ${stores.join(' and ')}.`,
  );
};

const remoteSession: Guard = ({ carriesRun }) =>
  carriesRun === 'no' ? null : objection('remote-session', whyNotUnderRun(carriesRun));

const fileUnfit: Guard = ({ unfit }) => (unfit === undefined ? null : objection('file-unfit', unfit));

const fileKeyMissing: Guard = ({ ready, pair: { renewal } }) =>
  ready === undefined || ready.includes(renewal.new)
    ? null
    : objection(
        'file-key-missing',
        `The private key of the new certificate ${renewal.new} does not lie beside the file.`,
      );

const notRestarted: Guard = ({ service, catchAll, hosts }) => {
  const why = service === null ? null : whyNotRestarted(service, catchAll || hosts.length > 0);
  return why === null ? null : objection('service-not-restarted', why);
};

/** A service that does not start again, or goes without TLS, costs more than any name. */
const serviceUnfit: Guard = ({ holder, service, server, entry }) => {
  if (entry === null || !isMovable(holder.kind)) return null;
  const unread = service === null ? null : whyKeyUnread(service, entry);
  const why = whyUnfit(holder as Valued<MovableKind>, entry, server) ?? unread;
  return why === null ? null : objection('service-unfit', why);
};

const expired: Guard = ({ pair: { renewal, successors }, asOf }) => {
  const [successor] = successors;
  if (successor === undefined || Date.parse(successor.notAfter) > asOf) return null;
  return objection('expired', `The new certificate ${renewal.new} expired at ${momentText(successor.notAfter)}.`);
};

const notServerAuth: Guard = ({ pair: { renewal, successors } }) => {
  const [successor] = successors;
  if (successor === undefined || allowsUsage(successor.ekus, serverAuthentication)) return null;
  const usages = successor.ekus?.join(', ') || 'none';
  return objection('not-server-auth', `The new certificate ${renewal.new} is only for these usages: ${usages}.`);
};

const notServable: Guard = ({ pair: { renewal, successors } }) => {
  const [successor] = successors;
  if (successor === undefined || !/^(?:Ed25519|Ed448|DSA)\b/i.test(successor.keyType)) return null;
  return objection('key-not-servable', `The new certificate ${renewal.new} has a key of type ${successor.keyType}.`);
};

/** Of the hosts of a holder, those that its renewal would take away. */
export function lostOf(hosts: readonly HostCoverage[]): readonly HostCoverage[] {
  return hosts.filter(({ byOld, byNew }) => byNew === false && byOld !== false);
}

/** Every client that checked the old one refuses the new one. */
const trustLost: Guard = ({ pair: { renewal, anchors, successors } }) => {
  const [successor] = successors;
  if (successor === undefined || !isTrusted(anchors.old) || (anchors.new !== 'none' && anchors.new !== 'disallowed'))
    return null;
  const why =
    anchors.new === 'disallowed'
      ? 'it is revoked, or Windows lists it or an authority above it as not trusted'
      : successor.selfSigned === true
        ? 'it is self-signed and not in the store Root'
        : 'no chain of it ends in a root that this server trusts for servers';
  return objection('trust-lost', `The old certificate is trusted. The new one, ${renewal.new}, is not: ${why}.`);
};

/** Somebody who names the pair, or Windows, knows more than matching names do. */
const trustUnknown: Guard = (swap) => {
  const text = swap.pair.renewal.source === 'same-names' ? unknownTrust(swap) : null;
  return text === null ? null : objection('trust-unknown', text);
};

function unknownTrust({ pair: { renewal, anchors, successors } }: SwapCase): string | null {
  if (successors.length === 0 || !isTrusted(anchors.old) || anchors.new !== 'unknown') return null;
  return `An issuer of the new certificate ${renewal.new} is not on this server, so it is not known whether clients trust it.`;
}

const namesLost: Guard = ({ pair, hosts }) => {
  const lost = lostOf(hosts);
  if (lost.length === 0) return null;
  const named = lost.map(({ host, sites }) => (sites.length === 0 ? host : `${host} (${sites.join(', ')})`)).join('; ');
  const why =
    pair.old === null
      ? `The old certificate is no longer on this server, so every host name that the new one does not cover counts as lost: ${named}.`
      : `The new certificate does not cover these names of the old one: ${named}.`;
  return { reason: 'names-lost', detail: why, hosts: lost.map(({ host }) => host) };
};

/** A shorter life is unusual; it blocks if only an uncorroborated event suggests the renewal. */
const shorterLife: Guard = ({ pair }) => {
  if (pair.renewal.corroborated) return null;
  const ends = shorterEnds(pair);
  return ends === null ? null : objection('shorter-life', ends);
};

const keyMissing: Guard = ({ entry, pair: { renewal } }) => {
  if (entry?.key !== 'missing') return null;
  return objection('key-missing', `The new certificate ${renewal.new} in ${entry.store} has no private key.`);
};

const keyUnusable: Guard = ({ entry, pair: { renewal } }) => {
  if (entry?.key !== 'unusable') return null;
  const why = entry.keyReason === undefined ? '' : `: ${entry.keyReason}`;
  const text = `SYSTEM cannot open the private key of ${renewal.new} in ${entry.store}${why}.`;
  return objection('key-unusable', text.replace(/\.\.$/, '.'));
};

const notYetValid: Guard = ({ pair: { renewal, successors }, asOf }) => {
  const [successor] = successors;
  if (successor === undefined || Date.parse(successor.notBefore) <= asOf) return null;
  return objection(
    'not-yet-valid',
    `The new certificate ${renewal.new} is valid from ${momentText(successor.notBefore)}.`,
  );
};

const guards: readonly Guard[] = [
  uncorroborated,
  sharedWith,
  moduleMissing,
  remoteSession,
  missing,
  wrongStore,
  fileUnfit,
  fileKeyMissing,
  notRestarted,
  serviceUnfit,
  expired,
  notServerAuth,
  notServable,
  trustLost,
  trustUnknown,
  namesLost,
  shorterLife,
  keyMissing,
  keyUnusable,
  notYetValid,
];

const storeChanges: Remark = ({ holder: { value }, entry, pair: { renewal } }) => {
  if (entry === null || value.store === '' || sameStore(entry.store, value.store)) return null;
  return note('store-changes', `The store changes from ${value.store} to ${entry.store}, where ${renewal.new} is.`);
};

const keyUnknown: Remark = ({ entry, pair: { renewal }, unknown }) => {
  if (entry?.key !== 'unknown') return null;
  if (!isKnown(unknown, 'keys')) return note('key-unknown', `The private key of ${renewal.new} was not checked.`);
  const why = entry.keyReason === undefined ? '' : `: ${entry.keyReason}`;
  return note(
    'key-unknown',
    `It could not be checked whether SYSTEM can open the private key of ${renewal.new}${why}.`,
  );
};

const namesUncovered: Remark = ({ hosts }) => {
  const uncovered = hosts.filter(({ byOld, byNew }) => byOld === false && byNew === false);
  if (uncovered.length === 0) return null;
  return note('names-uncovered', `Covered by neither certificate: ${uncovered.map(({ host }) => host).join(', ')}.`);
};

const namesFewer: Remark = ({ pair: { old, successors }, catchAll }) => {
  const [successor] = successors;
  if (!catchAll || successor === undefined || old === null) return null;
  const hosts = certificateNames(old)
    .filter((name) => !coversHost(successor, name))
    .sort();
  if (hosts.length === 0) return null;
  const text = `The record answers for any host name, and the new certificate lacks ${hosts.join(', ')}.`;
  return { code: 'names-fewer', text, hosts };
};

const oldUnreadable: Remark = ({ pair: { renewal, old } }) => {
  if (old !== null) return null;
  const text = `The old certificate ${renewal.old} is no longer on this server, so its names are not known.`;
  return note('old-unreadable', text);
};

const trustUnknownRemark: Remark = (swap) => {
  const text = swap.pair.renewal.source === 'same-names' ? null : unknownTrust(swap);
  return text === null ? null : note('trust-unknown', text);
};

const shorterLifeRemark: Remark = ({ pair }) => {
  if (!pair.renewal.corroborated) return null;
  const ends = shorterEnds(pair);
  return ends === null ? null : note('shorter-life', ends);
};

const keyTypeChanged: Remark = ({ pair: { old, successors } }) => {
  const [successor] = successors;
  if (successor === undefined || old === null || algorithm(old) === algorithm(successor)) return null;
  return note('key-type-changed', `The key type changes from ${old.keyType} to ${successor.keyType}.`);
};

/** No kind that a run changes presents its certificate as a client; one that does has to be blocked by this. */
const clientAuthDropped: Remark = ({ pair: { old, successors } }) => {
  const [successor] = successors;
  if (successor === undefined || old === null) return null;
  if (!allowsUsage(old.ekus, clientAuthentication) || allowsUsage(successor.ekus, clientAuthentication)) return null;
  return note('client-auth-dropped', 'The old certificate allowed client authentication. The new one does not.');
};

const chainIncomplete: Remark = ({ pair: { old, successors } }) => {
  const [successor] = successors;
  if (successor?.chain !== 'incomplete') return null;
  const lost = old?.chain === 'complete' ? '. All issuers of the old one are' : '';
  return note(
    'chain-incomplete',
    `Not every issuer of the new certificate is on this server (${successor.issuer})${lost}.`,
  );
};

const commonNameOnly = onSuccessor('common-name-only', ({ dnsNames, ipAddresses, commonName }) =>
  dnsNames.length + ipAddresses.length > 0 || commonName === null
    ? null
    : `The new certificate has only the common name ${commonName}. Browsers ignore it.`,
);

const weakKey = onSuccessor('weak-key', ({ keyType }) => {
  const [, bits] = /^RSA(?:-PSS)? (\d+)$/.exec(keyType) ?? [];
  return bits === undefined || Number(bits) >= 2048 ? null : `The key of the new certificate is ${keyType}.`;
});

const weakSignature = onSuccessor('weak-signature', ({ weakHash }) =>
  weakHash === undefined ? null : `The new certificate is signed with ${weakHash}, which clients reject.`,
);

const isAuthority = onSuccessor('authority-certificate', ({ authority }) =>
  authority === true ? 'The new certificate is a CA certificate (CA:TRUE).' : null,
);

const cannotSign = onSuccessor('no-digital-signature', ({ signs }) =>
  signs === false ? 'The key usage of the new certificate lacks digitalSignature.' : null,
);

function onSuccessor(code: NoteCode, look: (successor: Certificate) => string | null): Remark {
  return ({ pair: { successors } }) => {
    const [successor] = successors;
    const text = successor === undefined ? null : look(successor);
    return text === null ? null : note(code, text);
  };
}

const remarks: readonly Remark[] = [
  storeChanges,
  keyUnknown,
  oldUnreadable,
  namesUncovered,
  namesFewer,
  shorterLifeRemark,
  trustUnknownRemark,
  keyTypeChanged,
  clientAuthDropped,
  chainIncomplete,
  commonNameOnly,
  weakKey,
  weakSignature,
  isAuthority,
  cannotSign,
];

function shorterEnds({ old, successors, endsEarlier }: RenewalPair): string | null {
  return endsEarlier
    ? `The new certificate expires at ${momentText(successors[0]?.notAfter ?? '')}, the old one at ${momentText(old?.notAfter ?? '')}.`
    : null;
}

/** `RSA` of `RSA 2048`: a longer key of the same kind needs no note. */
export function algorithm({ keyType }: Certificate): string {
  const blank = keyType.indexOf(' ');
  return blank < 0 ? keyType : keyType.slice(0, blank);
}

function describeOther(consumer: Consumer): string {
  return 'detail' in consumer && consumer.detail !== '' ? `${consumer.kind} (${consumer.detail})` : consumer.kind;
}

function objection(reason: BlockCode, detail: string): Objection {
  return { reason, detail, hosts: [] };
}

function note(code: NoteCode, text: string): Note {
  return { code, text };
}
