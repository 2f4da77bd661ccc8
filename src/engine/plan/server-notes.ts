import { groupBy } from '../../base/group.ts';
import { compareText, distinct } from '../../base/order.ts';
import type { Configuration } from '../../documents/configuration.ts';
import type { Note } from '../../documents/runs/plan.ts';
import { movableKinds, snapshotPartOf } from '../../kinds/holder.ts';
import { placesOf } from '../../kinds/place.ts';
import { isOfCentralStore } from '../../kinds/record-key.ts';
import { connectorTrouble } from '../../kinds/reported/exchange-connectors.ts';
import { isReportedKind, makersCommand, reportedRules } from '../../kinds/reported/reported-kinds.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { isBesideStores, type Unreadable, unknownText } from '../../kinds/unknown-parts.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import type { RenewalPair } from '../known/renewal-pair.ts';
import { isUnreadable } from '../known/unreadable.ts';

/** Notes about the server for the whole plan, besides those about single records. */
export function notesOnServer(
  snapshot: Snapshot,
  pairs: ReadonlyMap<Thumbprint, RenewalPair>,
  swaps: boolean,
): readonly Note[] {
  return [
    ...(swaps && snapshot.webService === 'stopped' ? [webServiceStopped] : []),
    ...centralStore(snapshot),
    ...otherConsumers(snapshot, pairs),
    ...unreadRoles(snapshot, pairs),
    ...unreadableBindings(snapshot),
    ...unreadableRecords(snapshot),
    ...unreadableCertificates(snapshot),
  ];
}

const webServiceStopped: Note = {
  code: 'web-service-stopped',
  text: 'The web service (W3SVC) is stopped, so no endpoint is tested. The changes are still read back.',
};

function centralStore({ sites }: Snapshot): readonly Note[] {
  const bindings = sites.flatMap((site) => site.bindings);
  const count = bindings.filter(({ recordKey }) => recordKey !== null && isOfCentralStore(recordKey)).length;
  if (count === 0) return [];
  const from = 'from the central certificate store and';
  const text =
    count === 1
      ? `1 binding takes its certificate ${from} needs no rebind.`
      : `${count} bindings take their certificates ${from} need no rebind.`;
  return [{ code: 'central-store', text }];
}

/**
 * Products with their own copy of the old hash: they keep using the old certificate, which a person has to know before
 * it ends. Products that share a record with IIS are reported with that record (`shared-with`).
 */
function otherConsumers(snapshot: Snapshot, pairs: ReadonlyMap<Thumbprint, RenewalPair>): readonly Note[] {
  const olds = new Set<string>(
    [...pairs.values()].flatMap(({ renewal }) => (renewal.old === renewal.new ? [] : renewal.old)),
  );
  const used = placesOf(snapshot).flatMap(({ kind, consumer, holder, hashes, chosenBy }) => {
    if (holder !== null || consumer === null || isReportedKind(kind)) return [];
    const which = 'detail' in consumer && consumer.detail !== '' ? [consumer.detail] : [];
    const more = [...which, ...(chosenBy === 'policy' ? ['group policy chooses its certificate'] : [])];
    const user = more.length === 0 ? consumer.kind : `${consumer.kind} (${more.join('; ')})`;
    return hashes.flatMap((hash) => (olds.has(hash) ? { hash, user } : []));
  });
  return [...groupBy(used, ({ hash }) => hash)]
    .sort(([a], [b]) => compareText(a, b))
    .map(([old, users]) => {
      const names = distinct(users.map(({ user }) => user));
      return { code: 'other-consumers', text: `${old} is also used by ${names.join(', ')}, which is not changed.` };
    });
}

/** Roles whose certificate was not read: only their own tools show whether they use an old one. */
function unreadRoles({ roles = [] }: Snapshot, pairs: ReadonlyMap<Thumbprint, RenewalPair>): readonly Note[] {
  const wanted = [...pairs.values()].filter(({ renewal }) => renewal.corroborated && renewal.old !== renewal.new);
  const [first, ...others] = wanted;
  if (first === undefined) return [];
  const known = others.length === 0 ? first.renewal : { old: null, new: null };
  return roles.map(({ kind, why, connectors = [] }) => {
    const { called, places } = reportedRules[kind];
    const { command, besides } = makersCommand(reportedRules[kind], known);
    const unread = why === null ? 'was not read' : `could not be read (${why})`;
    const trouble = places.some(({ how }) => how === 'connectors')
      ? wanted.flatMap(({ old, successor }) =>
          old === null || successor === null ? [] : connectorTrouble(connectors, old, successor),
        )
      : [];
    const text = `${called} is installed here. Its certificate ${unread}. If it uses the old one, this command changes it.`;
    const more = [...new Set(trouble), ...(besides === null ? [] : [besides])];
    return { code: 'role-not-read', text: [text, ...more].join(' '), command };
  });
}

/** Bindings by their sites, and what else of the configuration may hide one: it is not known which records they use. */
function unreadableBindings({ sites, unreadable }: Snapshot): readonly Note[] {
  const bindings = sites.flatMap((site) =>
    site.bindings.filter(isUnreadable).map(({ information }) => ({ where: site.name, text: information })),
  );
  const told = new Set(bindings.map(({ where, text }) => `${where}\n${text}`));
  return [
    ...bindings.map(({ where, text }) => `The binding ${JSON.stringify(text)} of site ${where} could not be read.`),
    ...unreadable
      .filter(({ part, where, text }) => part === 'sites' && !told.has(`${where}\n${text}`))
      .map(placeAndReason),
  ]
    .sort(compareText)
    .map((text) => ({ code: 'binding-unreadable', text }));
}

function unreadableRecords({ unreadable }: Snapshot): readonly Note[] {
  return (
    unreadable
      .filter(({ part }) => part === 'records')
      // A registry key ends in what names the record; a file with the text of netsh does not.
      .map(({ where, text, why }) => ({ place: where.endsWith(text) ? where : `${text} of ${where}`, why }))
      .map(({ place, why }) => `The certificate binding ${place} could not be read: ${why}`)
      .sort(compareText)
      .map((text) => ({ code: 'record-unreadable', text }))
  );
}

function unreadableCertificates({ unreadable }: Snapshot): readonly Note[] {
  return unreadable
    .filter((one) => one.part === 'certificates' && !isBesideStores(one))
    .map(placeAndReason)
    .sort(compareText)
    .map((text) => ({ code: 'certificate-unreadable', text }));
}

function placeAndReason({ where, text, why }: Unreadable): string {
  return `${where}${text === '' ? '' : `, ${JSON.stringify(text)}`}: ${why}`;
}

/**
 * What a plan cannot say because parts of the server are not known. For a kind that is moved this is said even if
 * nothing is replaced.
 */
export function unknownNotes(
  { notLookedAt }: Snapshot,
  { holders }: Pick<Configuration, 'holders'>,
  swaps: boolean,
): readonly Note[] {
  const moved = new Set(movableKinds.filter((kind) => holders[kind].policy === 'replace').map(snapshotPartOf));
  const parts = notLookedAt.filter(({ part }) => moved.has(part) || (swaps && part === 'others'));
  return parts.length === 0 ? [] : [{ code: 'part-unknown', text: `Not read, so not checked: ${unknownText(parts)}.` }];
}
