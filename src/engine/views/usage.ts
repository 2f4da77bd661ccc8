import { groupBy } from '../../base/group.ts';
import { compareText, distinct } from '../../base/order.ts';
import type { Configuration } from '../../documents/configuration.ts';
import { emptyLedger } from '../../documents/runs/ledger.ts';
import { commandOf, meetsFirst, type Obstacle, obstaclesText } from '../../documents/runs/plan.ts';
import type { HandledConsumer, MissingCertificate, Usage, UsedCertificate } from '../../documents/usage.ts';
import { type Consumer, consumerText } from '../../kinds/consumer.ts';
import { recordsOf } from '../../kinds/holder.ts';
import { serviceReads } from '../../kinds/key-access/key-access.ts';
import { type HolderInUse, placesOf, reportedPlaces } from '../../kinds/place.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import { isReportedKind, reportedRules } from '../../kinds/reported/reported-kinds.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { CertificateBinding } from '../../kinds/tls/certificate-binding.ts';
import { isKnown, partTexts, whyTexts } from '../../kinds/unknown-parts.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import { certificateNames } from '../../model/certificates/host-name.ts';
import { byThumbprint, type NamedCertificate } from '../../model/certificates/named-certificate.ts';
import { type Thumbprint, toThumbprint } from '../../model/certificates/thumbprint.ts';
import { bindingsByRecord, type UsedBinding, usersOfRecord } from '../known/bindings-of-records.ts';
import { whyExcluded } from '../known/exclusions.ts';
import { namedCertificates } from '../known/named-certificates.ts';
import { coOwners } from '../known/owners.ts';
import { type CertificatesByThumbprint, certificatesByThumbprint, sameStore } from '../known/renewal-pair.ts';
import { placesInPlan, whyNotMoved } from '../plan/decide-holder.ts';
import { leftAlone } from '../plan/decide-record.ts';
import { lineFor, lineForRecord } from '../plan/decide-reported.ts';
import { renewalsOf } from '../plan/plan-pending.ts';
import type { Decisions } from '../plan/plan-rebind.ts';
import { policyAgainst } from '../plan/restarts.ts';

/**
 * Who uses each certificate of a server, or one of them; unused archived ones are left out.
 * @param decisions what keeps a renewal that is known from a place, as a plan made now says it
 */
export function usageOf(
  snapshot: Snapshot,
  configuration: Configuration,
  only: readonly Thumbprint[] | null,
  decisions: WhatKeeps = renewalsOf({ snapshot, ledger: emptyLedger, configuration }).decisions,
): Usage {
  const certificates = certificatesByThumbprint(snapshot.certificates);
  const now = whyNotNow(decisions);
  const uses = usesOf(snapshot, configuration, certificates).map(({ consumer, ...use }) => ({
    ...use,
    consumer: consumer.handled ? { ...consumer, ...now.get(consumer.key) } : consumer,
  }));
  const users = groupBy(uses, ({ thumbprint, store }) => certificateMeant(thumbprint, store, certificates));
  const consumersOf = (some: readonly Use[] = []) => some.map(({ consumer }) => consumer);
  const missing = groupBy(users.get(null) ?? [], ({ thumbprint, store }) => `${thumbprint} ${store}`);
  const names = byThumbprint(
    namedCertificates(
      snapshot,
      snapshot.certificates.map(({ thumbprint }) => thumbprint),
    ),
  );
  const wanted = ({ thumbprint }: { readonly thumbprint: string }) =>
    only === null || only.some((one) => one === thumbprint);
  return {
    schema: 'certrebind/usage/1',
    certificates: snapshot.certificates
      .filter((one) => wanted(one) && (only !== null || !one.archived || users.has(one)))
      .map((one) =>
        usedCertificate(one, consumersOf(users.get(one)), isKnown(snapshot, 'keys'), names.get(one.thumbprint)),
      )
      .sort(usedFirst),
    missing: [...missing.values()]
      .map((group) => ({ thumbprint: group[0].thumbprint, store: group[0].store, consumers: consumersOf(group) }))
      .filter(wanted)
      .sort(byDigits),
    notLookedAt: notLookedAt(snapshot),
  };
}

/** Where a certificate may be used, or named, without this program seeing it. */
export function notLookedAt(snapshot: Pick<Snapshot, 'roles' | 'notLookedAt'>): readonly string[] {
  return distinct([...notLookedAtHere(snapshot), ...neverLookedAt]);
}

/** The same of this server. */
export function notLookedAtHere(snapshot: Pick<Snapshot, 'roles' | 'notLookedAt'>): readonly string[] {
  const unknown = snapshot.notLookedAt.map(({ part, why }) => `${partTexts[part]} (${whyTexts[why]})`);
  const roles = (snapshot.roles ?? []).map(
    ({ kind, why }) =>
      `${reportedRules[kind].called}, which is installed here (${why ?? 'only its own tools show its certificate'})`,
  );
  return [...roles, ...unknown];
}

type WhatKeeps = Pick<Decisions, 'blocked' | 'skipped'>;

function whyNotNow({ blocked, skipped }: WhatKeeps): ReadonlyMap<KeyText, Pick<HandledConsumer, 'reason' | 'why'>> {
  const held = skipped.filter((entry) => meetsFirst('held', entry));
  return new Map(
    [...blocked, ...held].map(({ key, obstacles }) => [
      key,
      { reason: obstacles[0].code, why: obstaclesText(obstacles) },
    ]),
  );
}

/** These use certificates, or have one of a server written down elsewhere (fidelity: co-owners, pinned-elsewhere). */
export const neverLookedAt: readonly string[] = [
  'AD FS token certificates',
  'signed .rdp files, and the thumbprints of trusted publishers on clients',
  'the RD Web client, which has a copy (Import-RDWebClientBrokerCert), and RAWeb, which signs with it',
  "Kestrel's settings (appsettings.json), which name a subject, a thumbprint or a file",
  'revocation (not asked at the authority; lists that are on this server count)',
  'programs with their own TLS library (Apache, nginx, Java, Node.js)',
];

/** One place that uses a certificate, or one user of a certificate binding. */
interface Use {
  readonly thumbprint: string;
  /** `null` if the consumer names none. */
  readonly store: string | null;
  readonly consumer: HandledConsumer;
}

function usesOf(
  snapshot: Snapshot,
  configuration: Configuration,
  certificates: CertificatesByThumbprint,
): readonly Use[] {
  const { holders, recordsInThem } = placesInPlan(snapshot, configuration);
  const left = new Map(holders.map((each) => [each.key, whyLeft(each, configuration)]));
  const leftWith = new Map([...recordsInThem].map(([key, holder]) => [key, left.get(holder) ?? null]));
  return [
    ...recordUses(snapshot, configuration, leftWith),
    ...holders.flatMap(({ key, holder, consumer, thumbprint, service }): readonly Use[] => {
      if (thumbprint === null) return [];
      const { name: restarts, runsAs: account } = service ?? {};
      const used = certificates.get(thumbprint)?.[0];
      const reads = used === undefined || account === undefined ? null : serviceReads(used.keyRights, account);
      const more = { ...(restarts === undefined ? {} : { restarts }), ...(reads === null ? {} : { readsKey: reads }) };
      return [useBy(consumer, key, { thumbprint, store: holder.value.store }, left.get(key) ?? null, more)];
    }),
    ...reportedPlaces(snapshot).map((place) => {
      const { key, consumer, thumbprint, value } = place;
      const [excluded] = whyExcluded(place, [thumbprint], configuration.exclude);
      const { command, besides } = lineFor(place, null);
      const text = ['CertRebind only reports it.', besides].filter(Boolean).join(' ');
      const why = excluded ?? { code: 'report-only', text, ...(command && { command }) };
      const where = value.stands && { place: value.stands.place, written: value.stands.written };
      return useBy(consumer, key, { thumbprint: value.hash, store: null }, why, where);
    }),
    ...placesOf(snapshot).flatMap(({ kind, key, holder, hashes, consumer, chosenBy }): readonly Use[] => {
      if (consumer === null || left.has(key) || isReportedKind(kind)) return [];
      const unchosen = holder === null ? 'It has no certificate binding.' : changedAsRecord;
      const why = chosenBy === undefined ? unchosen : whoChose[chosenBy];
      const found: HandledConsumer = { ...consumer, key, handled: false, why };
      return hashes.map((hash) => ({ thumbprint: hash, store: null, consumer: found }));
    }),
  ];
}

function useBy(
  consumer: Consumer,
  key: KeyText,
  named: Pick<Use, 'thumbprint' | 'store'>,
  left: Obstacle | null,
  more: Pick<HandledConsumer, 'place' | 'written' | 'restarts' | 'readsKey'> = {},
): Use {
  if (left === null) return { ...named, consumer: { ...consumer, key, handled: true, ...more } };
  const { code: reason, text } = left;
  const command = commandOf(left);
  const why = { reason, why: text, ...(command === null ? {} : { command }) };
  return { ...named, consumer: { ...consumer, key, handled: false, ...why, ...more } };
}

function whyLeft(inUse: HolderInUse, configuration: Configuration): Obstacle | null {
  const [left = null] = whyNotMoved(inUse, configuration, null);
  if (left === null || left.code === 'excluded') return left;
  const command = commandOf(left);
  return { code: 'report-only', ...(command === null ? {} : { command }), ...policyAgainst(inUse, configuration) };
}

const changedAsRecord = 'Its certificate binding is changed by itself, because applicationIds names it.';

const whoChose = {
  policy: 'Group policy chooses its certificate.',
  unknown: 'It is not known who chose its certificate.',
};

/** Consumers behind certificate bindings; those that are part of another holder are changed or left with it. The central store's records name no certificate, so they use none here. */
function recordUses(
  snapshot: Snapshot,
  configuration: Configuration,
  leftWith: ReadonlyMap<KeyText, Obstacle | null>,
): readonly Use[] {
  const bindings = bindingsByRecord(snapshot.sites);
  const shared = coOwners(snapshot);
  const blocksShared = (configuration.guards['shared-with'] ?? 'block') === 'block';
  return recordsOf(snapshot).flatMap((record): readonly Use[] => {
    const { key, thumbprint, store } = record;
    const standing = bindings.get(key) ?? [];
    if (thumbprint === null || (leftWith.has(key) && standing.length === 0)) return [];
    const left = whyRecordLeft(record, standing);
    return usersOfRecord(record, standing).map((consumer) => useBy(consumer, key, { thumbprint, store }, left));
  });

  function whyRecordLeft(record: CertificateBinding, standing: readonly UsedBinding[]): Obstacle | null {
    const [alone] = leftAlone(record, standing, null, configuration);
    if (alone?.code === 'excluded') return alone;
    if (alone !== undefined) {
      const { command, besides } = lineForRecord(record, null);
      return { code: 'other-program', text: besides ?? 'No IIS binding uses it.', ...(command && { command }) };
    }
    if (leftWith.has(record.key)) return leftWith.get(record.key) ?? null;
    const others = blocksShared ? shared(record).map(consumerText).join(', ') : '';
    if (others === '') return null;
    return {
      code: 'shared-with',
      text: `${others} also uses this certificate binding, with its own copy of the hash.`,
    };
  }
}

/** From the store that is named where it has the certificate. */
function certificateMeant(
  hash: string,
  store: string | null,
  certificates: CertificatesByThumbprint,
): Certificate | null {
  const thumbprint = toThumbprint(hash);
  const entries = (thumbprint === null ? undefined : certificates.get(thumbprint)) ?? [];
  return entries.find((entry) => store !== null && sameStore(entry.store, store)) ?? entries[0] ?? null;
}

function usedCertificate(
  certificate: Certificate,
  consumers: readonly HandledConsumer[],
  keysKnown: boolean,
  named: NamedCertificate | undefined,
): UsedCertificate {
  const { thumbprint, subject, notBefore, notAfter, store, key } = certificate;
  const names = certificateNames(certificate);
  const hasKey = keysKnown ? key !== 'missing' : null;
  const { short = thumbprint, name = subject, issuer = '' } = named ?? {};
  return { thumbprint, short, name, issuer, subject, names, notBefore, notAfter, store, hasKey, consumers };
}

function usedFirst(a: UsedCertificate, b: UsedCertificate): number {
  const unused = (entry: UsedCertificate) => Number(entry.consumers.length === 0);
  return unused(a) - unused(b) || compareText(a.subject, b.subject) || byDigits(a, b);
}

function byDigits(
  a: Pick<MissingCertificate, 'thumbprint' | 'store'>,
  b: Pick<MissingCertificate, 'thumbprint' | 'store'>,
): number {
  return compareText(a.thumbprint, b.thumbprint) || compareText(a.store ?? '', b.store ?? '');
}
