import { recordsOf } from '../../src/kinds/holder.ts';
import type { KeyText } from '../../src/kinds/record-key.ts';
import { snapshotOf } from '../../src/lab/kernel/snapshot.ts';
import type { Thumbprint } from '../../src/model/certificates/thumbprint.ts';
import {
  bindings,
  type Clients,
  certificates,
  dayMs,
  type Happened,
  type Kept,
  lab,
  labels,
  linksOf,
  said,
  snapshotNow,
} from './history.ts';
import { type Link, leadsTo, type Newest, newestKnown } from './links.ts';

/**
 * OK means that a place holds a valid certificate that clients get and that covers its names, and no newer one is known
 * but one that waits for a named moment; or a person decided so for this place and these certificates, which never hides
 * an end. Judged by what happened, the state of the lab and what clients get: of findings, plans and the ledger it knows
 * nothing.
 */
export interface Verdict {
  readonly key: KeyText;
  /** What is not OK, whoever looks; and what is not for those who dial. */
  readonly wrong: readonly string[];
  readonly onWire: readonly string[];
  /** Why a warning is neither demanded nor forbidden. */
  readonly open: readonly string[];
  readonly openOnWire: readonly string[];
}

const known = new Map<string, (typeof certificates)[keyof typeof certificates]>(
  labels.map((label) => [lab.thumbprint(label), certificates[label]]),
);
const original = new Map(
  recordsOf(snapshotOf(lab.build(), 'system', '2026-06-01T12:00:00.000Z')).map((one) => [one.key, one]),
);

export async function judge(happened: Happened, clients: Clients): Promise<readonly Verdict[]> {
  const records = new Map(recordsOf(snapshotNow(happened)).map((one) => [one.key, one]));
  const { state } = happened.world.kernel;
  return Promise.all(
    bindings.map(async ({ site, host, key }): Promise<Verdict> => {
      const record = records.get(key);
      const held = record?.thumbprint ?? null;
      const isStopped = state.stoppedSites.includes(site);
      const sides = [
        certificateAt(happened, key, host, held),
        newerFor(happened, key, held),
        memoryOf(happened, key, held),
      ];
      const before = original.get(key);
      const isOdd =
        record !== undefined &&
        (JSON.stringify(record.options) !== JSON.stringify(before?.options) || record.store !== before?.store);
      const wire = await wireAt(happened, host, held, clients);
      const wrong = sides.flatMap((side) => side.wrong);
      return {
        key,
        wrong: isStopped ? [] : wrong,
        onWire: isStopped ? [] : wire.wrong,
        open: [
          ...sides.flatMap((side) => side.open),
          ...(isStopped ? wrong.map((one) => `${one}, of a stopped site`) : []),
          ...(isOdd ? ['other options'] : []),
        ],
        openOnWire: isStopped ? ['a stopped site'] : wire.open,
      };
    }),
  );
}

interface Side {
  readonly wrong: readonly string[];
  readonly open: readonly string[];
}

const wrong = (...texts: readonly string[]): Side => ({ wrong: texts, open: [] });
const open = (...texts: readonly string[]): Side => ({ wrong: [], open: texts });
const fine: Side = { wrong: [], open: [] };

/** Whether it holds a valid certificate that covers its names. */
function certificateAt(happened: Happened, key: KeyText, host: string | null, held: Thumbprint | null): Side {
  const { kernel } = happened.world;
  const stored = kernel.state.certificates.find(({ thumbprint }) => thumbprint === held);
  const facts = known.get(held ?? '');
  if (held === null || stored === undefined || facts === undefined) return wrong('has no certificate');
  const left = Date.parse(facts.notAfter) - kernel.now().getTime();
  const isHidden = (code: string) =>
    happened.hidden.some((one) => one.key === key && one.certificate === held && one.code === code);
  const lacksName = host !== null && !facts.names.some((name) => name === host);
  // Who takes something off the views that is said since its end is near, hears of it again when it is an error.
  const warned = warnedAt(facts);
  const isHiddenSince = happened.hidden.some(
    ({ at, ...one }) => one.key === key && one.certificate === held && at >= warned && left > 7 * dayMs,
  );
  const mayBeSilent = isHiddenSince || isFollowedInTime(happened, held);
  const sides = [
    left <= 0 ? wrong('has a certificate that ended') : fine,
    left > 0 && timeOf(happened) >= warned ? (mayBeSilent ? open : wrong)('has a certificate that ends soon') : fine,
    happened.revoked.has(held) ? wrong('has a certificate that was revoked') : fine,
    stored.key === 'usable' ? fine : wrong('has a certificate without its key'),
    lacksName ? (isHidden('name-not-covered') ? open : wrong)('has a certificate for other names') : fine,
    host === null && facts.names.length < 2 ? open('may have lost names') : fine,
  ];
  return { wrong: sides.flatMap((side) => side.wrong), open: sides.flatMap((side) => side.open) };
}

/** From when on people are warned of its end; none of these has a life of some days. */
function warnedAt({ notBefore, notAfter }: { readonly notBefore: string; readonly notAfter: string }): number {
  const ends = Date.parse(notAfter);
  return ends - Math.min(30 * dayMs, (ends - Date.parse(notBefore)) / 6);
}

/** Whether a newer one waits for a moment before this one ends: for its window, which opens every night, or until it is valid. */
function isFollowedInTime(happened: Happened, held: Thumbprint): boolean {
  const left = Date.parse(known.get(held)?.notAfter ?? '') - timeOf(happened);
  const followers = [...known].filter(([one]) => one !== held && leadsTo(linksOf(happened), held, one as Thumbprint));
  if (happened.configuration.window !== undefined && left > 7 * dayMs) return followers.length > 0;
  return followers.some(([, one]) => begins(one) > timeOf(happened) && begins(one) - timeOf(happened) < left);
}

function begins({ notBefore }: { readonly notBefore: string }): number {
  return Date.parse(notBefore);
}

function timeOf({ world: { kernel } }: Happened): number {
  return kernel.now().getTime();
}

/** Whether a newer certificate is known, of which nobody decided that this place does not get it. */
function newerFor(happened: Happened, key: KeyText, held: Thumbprint | null): Side {
  if (held === null) return fine;
  const told = said(happened);
  const links = linksOf(happened);
  const own = links.filter((link) => link.old === held && link.new !== held);
  if (own.length === 0) return fine;
  // Going back to a certificate does not replace the one that replaced it.
  const isBack = ({ by, new: successor }: Link) => (by === 'run' || by === 'person') && leadsTo(told, successor, held);
  const newest = newestKnown(held, links);
  const what = `does not have the newer ${newest.join(' or ')}`;
  if (!own.some((link) => link.isSure && !isBack(link))) return open(`${what}, of which CertRebind may not know`);

  const { exclude, window } = happened.configuration;
  if (exclude.records.some((one) => one === key) || exclude.thumbprints.includes(held)) return fine;
  if (exclude.thumbprints.some((one) => own.some((link) => leadsTo(links, link.new, one))))
    return open(`${what}, and something there is excluded`);
  if (window !== undefined) return open(`${what}, which may wait for the window`);
  const waits = happened.setBacks.get(key);
  if (waits !== undefined && timeOf(happened) - (waits.seenAt ?? timeOf(happened)) < dayMs)
    return open(`${what}, which waits for a day`);
  const isLater = ([one, facts]: readonly [string, Parameters<typeof begins>[0]]) =>
    begins(facts) > timeOf(happened) && own.some((link) => leadsTo(links, link.new, one as Thumbprint));
  if ([...known].some(isLater)) return open(`${what}, or one that is not valid yet`);
  return decidedAt(happened, key, held, newest, what);
}

/** Unless a person decided so for this place and these certificates, which the next event of them ends. */
function decidedAt(happened: Happened, key: KeyText, held: Thumbprint, newest: readonly Newest[], what: string): Side {
  const ends = ({ at, over }: Kept, link: Link) =>
    link.by === 'event' && link.old === held && link.at > at && over.includes(link.new);
  const kept = happened.kept
    .filter((one) => one.key === key && one.old === held)
    .filter((one) => !happened.links.some((link) => link.isSure && ends(one, link)))
    .map((one) => ({ ...one, isSure: one.isSure && !happened.links.some((link) => ends(one, link)) }));
  const keeps = ({ over }: Kept) => newest.map((end) => end !== null && end !== 'unclear' && over.includes(end));
  // What a person gave and undid may count no more where the server says something else.
  const isTold = said(happened).some((link) => link.old === held && !newest.includes(link.new));
  if (kept.some((one) => one.isSure && keeps(one).every(Boolean)))
    return isTold ? open(`${what}, or what the server says`) : fine;
  const isHidden = happened.hidden.some(
    (one) =>
      one.key === key &&
      one.certificate === held &&
      aboutNewer.has(one.code) &&
      one.newest.some((end) => newest.includes(end)),
  );
  if (isHidden) return open(`${what}, which a person hid`);
  // What a person gave may hold against its way back, which a property tells without a time.
  const isWayBack = ({ by, old, new: given }: Link) =>
    by === 'person' && given === held && (newest.includes(old) || newest.includes('unclear'));
  const isAnnounced = happened.links.some((link) => link.by === 'event' && link.old === held);
  // A run that was killed is remembered when it is recovered, which may be after an event.
  if (happened.links.some((link) => isWayBack(link) && !(isAnnounced && link.isSure)))
    return open(`${what}, from which a person went on`);
  // Where CertRebind need not know all, what it took for the newest, and a person undid, may lie on the way there.
  const [newestOfAll, newestOfSure] = newest;
  const isOnTheWay = ({ over }: Kept) =>
    newestOfAll !== newestOfSure && over.some((each) => leadsTo(linksOf(happened), held, each));
  const isOpen = kept.some(
    (one) => isOnTheWay(one) || !one.isSure || newest.includes('unclear') || keeps(one).some(Boolean),
  );
  return isOpen ? open(`${what}, which a person may not want`) : wrong(what);
}

/** What says that a newer certificate is not in use somewhere. */
const aboutNewer: ReadonlySet<string> = new Set([
  'renewal-pending',
  'renewal-blocked',
  'renewal-rolled-back',
  'old-certificate-back',
]);

/** What a run told people of a place, which the next one settles; and what a person wanted to take from it. */
function memoryOf({ owed, behind, notUndone }: Happened, key: KeyText, held: Thumbprint | null): Side {
  return open(
    ...(owed.has(key) ? ['could not be put back'] : []),
    ...(behind.has(key) ? ['was behind'] : []),
    ...(held !== null && notUndone.get(key) === held ? ['has what a person undid'] : []),
  );
}

async function wireAt(
  happened: Happened,
  host: string | null,
  held: Thumbprint | null,
  clients: Clients,
): Promise<Side> {
  const { thumbprint } = await clients({ address: '0.0.0.0', port: 443, serverName: host });
  if (thumbprint === null) return wrong('serves nothing');
  if (held !== null && thumbprint !== held) {
    return leadsTo(linksOf(happened), held, thumbprint)
      ? open('serves the newer certificate already')
      : wrong('serves another certificate');
  }
  const isIncomplete =
    thumbprint === lab.thumbprint('lone') && happened.world.kernel.state.switches['renewal-issuer'] === 'missing';
  return isIncomplete ? open('serves an incomplete chain') : fine;
}
