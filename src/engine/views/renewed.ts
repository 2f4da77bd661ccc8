import { blockEntry } from '../../base/codes/plan-codes.ts';
import { groupBy } from '../../base/group.ts';
import { compareText, distinct } from '../../base/order.ts';
import { isAboutClients, isTrouble, stateOf } from '../../documents/finding.ts';
import type { Renewed, RenewedCertificate, RenewedPlace } from '../../documents/renewed.ts';
import {
  type BlockedEntry,
  commandOf,
  isByHand,
  isVerifyOnly,
  obstaclesText,
  type SkippedEntry,
} from '../../documents/runs/plan.ts';
import type { Finding, PlaceStatus } from '../../documents/status.ts';
import type { HandledConsumer } from '../../documents/usage.ts';
import { kindOf } from '../../kinds/holder.ts';
import { isOfCentralStore, type KeyText } from '../../kinds/record-key.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import { byThumbprint, shortOf } from '../../model/certificates/named-certificate.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import type { Look } from '../findings/diagnose.ts';
import { damageText } from '../findings/mechanism-findings.ts';
import { concernedBy } from '../findings/watch-findings.ts';
import { whatEnded } from '../known/held-renewals.ts';
import { named, namedCertificates } from '../known/named-certificates.ts';
import { exchangeCommand } from '../look/commands.ts';
import { placesInPlan } from '../plan/decide-holder.ts';
import { decisionsBy } from '../plan/plan-rebind.ts';
import { servedCertificates } from '../plan/server-survey.ts';
import { nextRenewals } from './next-renewal.ts';
import { statusOf } from './server-status.ts';
import { neverLookedAt, notLookedAtHere, usageOf } from './usage.ts';

/**
 * Whether every place has the newest certificate that is known for it, and what becomes of those that have not: as status,
 * plan and usage say it of the same facts. Pure.
 * @param only certificates, of which one may replace another; `null` for all
 */
export function renewedOf(look: Look, only: readonly Thumbprint[] | null): Renewed {
  const { facts, renewals } = look;
  const { snapshot } = facts;
  const { predecessorOf } = renewals.succession;
  const status = statusOf(look);
  const usage = usageOf(snapshot, facts.configuration, null, renewals.decisions);
  const used = [...usage.certificates, ...usage.missing].flatMap(({ consumers: some }) => some);
  const consumers = new Map(used.map((one) => [one.key, one]));
  const hourly = status.tasks.flatMap(({ nextStartAt }) => nextStartAt ?? []);
  const run = status.enabled === true ? { at: hourly.sort()[0] ?? null } : null;
  const judge = judgeOf(look, consumers, run);
  const next = nextOf(look, consumers);
  const judged = status.places.flatMap((place) =>
    place.certificate === null ? [] : { place, held: place.certificate, ...judge(place, place.certificate) },
  );
  const pairs = judged.flatMap(({ held, newest }) => [held, newest]);
  const known = byThumbprint([
    // From files of the central certificate store.
    ...facts.wire.flatMap(({ certificate: one }) => (one === undefined ? [] : named(one))),
    ...namedCertificates(snapshot, pairs),
  ]);
  const certificates = [...groupBy(judged, ({ newest }) => newest)]
    .map(([thumbprint, group]): RenewedCertificate => {
      const certificate = known.get(thumbprint);
      const { name, issuer } = certificate ?? known.get(group[0].held) ?? { name: thumbprint, issuer: '' };
      const places = group.map(({ place, held, move }): RenewedPlace => {
        const { key, address, severity, why } = place;
        const trouble = severity === 'error' ? why : null;
        return { key, name: place.name, address, certificate: held, trouble, ...(move ?? next(thumbprint, key)) };
      });
      const count = (wanted: RenewedPlace['is']) => places.filter(({ is }) => is === wanted).length;
      const before = places.flatMap(({ certificate: held }) => (held === thumbprint ? [] : held));
      return {
        ...{ thumbprint, short: shortOf(thumbprint, known), name, issuer, notAfter: certificate?.notAfter ?? null },
        replaces: distinct([...before, predecessorOf(thumbprint)?.renewal.old ?? []].flat()),
        counts: {
          ...{ new: count('new'), old: count('old'), kept: count('kept') },
          ...{ unclear: count('unclear'), next: count('next') },
        },
        places: places.sort((a, b) => compareText(a.name, b.name) || compareText(a.key, b.key)),
      };
    })
    .filter(
      ({ thumbprint, replaces }) => only === null || only.some((one) => one === thumbprint || replaces.includes(one)),
    )
    .sort((a, b) => turn(a) - turn(b) || compareText(a.name, b.name) || compareText(a.thumbprint, b.thumbprint));
  const places = certificates.flatMap((one) => one.places);
  const isOpen = ({ is, trouble }: RenewedPlace) => is === 'old' || trouble !== null;
  const told = new Set<string>(places.flatMap((place) => (isOpen(place) ? place.key : [])));
  const meant = only === null ? null : new Set<string | null>([...only, ...certificates.flatMap(ofBoth)]);
  const ofProgram = new Set(facts.damaged.flatMap((file) => (file.isOfProgram === true ? damageText(file) : [])));
  const refused = meant === null ? new Set() : refusedFor(look, meant);
  const isMeant = (found: Finding) =>
    meant === null ||
    isAbout(found, meant, places) ||
    (found.code === 'renewal-refused' && found.since !== null && refused.has(found.since));
  const open = look.findings.filter(
    (found) =>
      isTrouble([found]) &&
      isAboutRenewals(found) &&
      !ofProgram.has(found.message) &&
      isMeant(found) &&
      (found.keys.length === 0 || found.keys.some((key) => !told.has(key))),
  );
  return {
    schema: 'certrebind/renewed/1',
    server: status.server.name,
    at: status.at,
    dialledAt: status.dialledAt,
    isUsed: told.size === 0 && open.length === 0,
    certificates,
    open: open.map(({ code, severity, title, hint, commands }) => ({ code, severity, title, hint, commands })),
    notLookedAt: [
      ...notLookedAtHere(snapshot),
      ...status.places.flatMap((place) => (place.certificate === null ? unseenText(place) : [])),
    ],
    neverLookedAt,
  };
}

function ofBoth({ thumbprint, replaces }: RenewedCertificate): readonly Thumbprint[] {
  return [thumbprint, ...replaces];
}

/** Mail, tasks and the like are for status alone. */
function isAboutRenewals(found: Finding): boolean {
  return isAboutClients(found) || found.code.startsWith('source-') || found.code === 'damaged-file';
}

function isAbout(
  { certificate, renewal, keys }: Finding,
  meant: ReadonlySet<string | null>,
  places: readonly RenewedPlace[],
): boolean {
  const named = [certificate, renewal?.old ?? null, renewal?.new ?? null].flatMap((one) => one ?? []);
  return named.some((one) => meant.has(one)) || places.some(({ key }) => keys.includes(key));
}

/** When those were refused that could have replaced one of these. */
function refusedFor({ facts: { refused }, survey }: Look, meant: ReadonlySet<string | null>): ReadonlySet<string> {
  const inUse = servedCertificates(survey);
  const isMeant = ({ thumbprint }: Certificate) => meant.has(thumbprint);
  return new Set(refused.refusals.flatMap((one) => (concernedBy(one, inUse).some(isMeant) ? one.at : [])));
}

function unseenText({ key, name, address }: PlaceStatus): string {
  const why = isOfCentralStore(key)
    ? 'certrebind verify tests what the central certificate store serves'
    : 'no certificate was seen there';
  return `${name}${address === '' ? '' : `, ${address}`} (${why})`;
}

function turn({ counts }: RenewedCertificate): number {
  return counts.old > 0 ? 0 : counts.next > 0 ? 2 : 1;
}

type Consumers = ReadonlyMap<KeyText, HandledConsumer>;

type Move = Pick<RenewedPlace, 'is' | 'by' | 'at' | 'why' | 'commands'>;

const reconcile = 'certrebind reconcile';
const nobody = { by: null, at: null, why: '', commands: [] } as const;

function move(by: Move['by'], why: string, commands: readonly (string | null | undefined)[]): Move {
  return { is: 'old', by, at: null, why: why.trim(), commands: commands.flatMap((line) => line ?? []) };
}

function kept(why: string): Move {
  return { ...nobody, is: 'kept', why };
}

/** @param run the next one that starts by itself; `null` if none does */
function judgeOf(
  { facts, renewals, unrecorded, every, findings }: Look,
  consumers: Consumers,
  run: { readonly at: string | null } | null,
) {
  const { snapshot, configuration } = facts;
  const { succession, decisions, held } = renewals;
  const ofRenewals = findings.filter(isOfRenewal);
  const orphans = findings.filter(({ code }) => code === 'orphaned-record');
  const shown = new Set(ofRenewals);
  const told = new Map(ofRenewals.toReversed().flatMap((found) => found.keys.map((key) => [key, found] as const)));
  const hidden = new Set<string | null>(
    every
      .filter((found) => isOfRenewal(found) && !shown.has(found))
      .flatMap(({ keys, certificate }): readonly (string | null)[] => (keys.length === 0 ? [certificate] : keys)),
  );
  const served = new Map(
    findings.flatMap((found) => (found.code === 'wire-differs' && found.key !== null ? [[found.key, found]] : [])),
  );
  const byNames = new Map(unrecorded.flatMap(({ renewal, onOld }) => onOld.map((key) => [key, renewal] as const)));
  const all = decisionsBy({ snapshot, renewals: [], closed: succession.resolved, configuration });
  const skips = new Map([...all.skipped, ...decisions.skipped].map((entry) => [entry.key, entry]));
  const blocks = new Map(decisions.blocked.map((entry) => [entry.key, entry]));
  const steps = new Map(
    decisions.steps.flatMap((step) => (isVerifyOnly(step) ? [] : [[step.key, step.renewal] as const])),
  );
  const holds = new Map(held.flatMap(({ onOld, decision }) => onOld.map((key) => [key, decision] as const)));
  // What a person took back anywhere is not brought where CertRebind changes nothing.
  const takenBack = new Map(
    held.flatMap(({ renewal, decision }) => (decision.by === 'person' ? [[renewal.old, decision] as const] : [])),
  );
  const noChain = new Map(
    held.flatMap(({ renewal, decision, onOld }) =>
      decision.cause?.kind === 'chain' ? [[renewal.old, onOld[0]] as const] : [],
    ),
  );
  const { recordsInThem } = placesInPlan(snapshot, configuration);
  const stopped = facts.damaged.find(({ stopsRuns }) => stopsRuns);

  /** What follows the certificate of a place, and what becomes of it there; without a renewal nothing. */
  return (place: PlaceStatus, certificate: Thumbprint): { readonly newest: Thumbprint; readonly move: Move | null } => {
    const key = recordsInThem.get(place.key) ?? place.key;
    const found = succession.successorOf(certificate);
    const decided = steps.get(key)?.new ?? blocks.get(key)?.renewal.new ?? null;
    const unclear = found.is === 'unclear' ? found.candidates[0].new : null;
    const newest = decided ?? place.successor ?? byNames.get(key)?.new ?? unclear;
    const isHidden = hidden.has(key) || hidden.has(certificate);
    const unlessHidden = (now: Move) => (isHidden && now.by !== 'itself' ? kept('Hidden by certrebind dismiss.') : now);
    // One that is not set yet may be served already.
    if (newest !== null && (decided !== null || newest !== certificate))
      return { newest, move: unlessHidden(ofOld(key, { old: certificate, new: newest })) };
    if (found.is === 'later')
      return {
        newest: found.renewal.new,
        move: byItself(found.until, exchangeCommand(certificate, found.renewal.new)),
      };
    if (found.is === 'doubtful') {
      const doubt = ofRenewals.find((one) => one.certificate === certificate && one.code === 'renewal-unclear');
      const [candidate] = found.candidates;
      return { newest: candidate.thumbprint, move: unlessHidden({ ...byPerson(doubt), is: 'unclear' }) };
    }
    return { newest: certificate, move: succession.predecessorOf(certificate) && { ...nobody, is: 'new' } };
  };

  function ofOld(key: KeyText, pair: { readonly old: Thumbprint; readonly new: Thumbprint }): Move {
    const [block, skip, decision, found] = [blocks.get(key), skips.get(key), holds.get(key), told.get(key)];
    if (steps.has(key)) return byItself(run?.at ?? null, reconcile);
    if (block !== undefined) return ofBlock(block, found);
    if (decision?.by === 'person') return kept(`The renewal ${whatEnded(decision)}.`);
    const first = skip?.obstacles[0];
    if (first?.code === 'excluded') return kept(first.text);
    const chain = noChain.get(pair.old);
    if (chain !== undefined) return byPerson(told.get(chain));
    const back = takenBack.get(pair.old);
    if (back !== undefined && skip !== undefined && isByHand(skip)) return kept(`The renewal ${whatEnded(back)}.`);
    if (skip !== undefined && first?.code !== 'held' && first?.code !== 'already') return bySkip(skip);
    return byPerson(
      found ?? served.get(key) ?? { message: '', hint: '', commands: [exchangeCommand(pair.old, pair.new)] },
    );
  }

  function byItself(at: string | null, otherwise: string): Move {
    if (stopped !== undefined) return move('person', `${stopped.message} ${stopped.hint}`, stopped.commands);
    return run === null
      ? move('command', 'CertRebind is not enabled, so nothing moves by itself.', [otherwise])
      : { ...move('itself', '', []), at };
  }

  function ofBlock({ obstacles }: BlockedEntry, found: Finding | undefined): Move {
    const [{ code: reason }] = obstacles;
    const detail = obstaclesText(obstacles);
    const { waits, hint = '' } = blockEntry(reason) ?? {};
    if (reason === 'outside-window') return byItself(decisions.opens?.notBefore ?? null, `${reconcile} --now`);
    if (reason === 'set-back' && found?.next !== 'waits')
      return move('command', detail, found === undefined ? [reconcile] : found.commands);
    if (waits === 'its-time')
      return { ...byItself(found?.at ?? null, reason === 'set-back' ? reconcile : 'certrebind enable'), why: detail };
    return move('person', `${detail} ${found?.hint ?? hint}`, found?.commands ?? []);
  }

  function bySkip({ key, obstacles: [first] }: SkippedEntry): Move {
    const { text: detail } = first;
    const command = commandOf(first) ?? undefined;
    const consumer = consumers.get(key);
    if (consumer?.kind === 'http-sys' && consumer.owner === 'WinRM') {
      const listener = [...skips.values()].find((one) => kindOf(one.key) === 'winrm' && one.key !== key);
      if (listener !== undefined) return bySkip(listener);
    }
    const orphan = orphans.find((one) => one.keys.includes(key));
    if (orphan !== undefined && orphan.commands.length > 0) return move('command', detail, orphan.commands);
    if (command === undefined || consumer === undefined) return move('person', detail, [command]);
    const { command: settings = '', why = '', restarts } = consumer;
    if (!settings.startsWith('certrebind config ')) return move('person', why, [command]);
    const then =
      run !== null && restarts !== undefined ? null : restarts === undefined ? reconcile : 'certrebind enable';
    return move('command', why, [settings, then]);
  }
}

const statesOfRenewals: ReadonlySet<PlaceStatus['state']> = new Set(['old', 'blocked', 'rolled-back', 'waiting']);

/** What a finding says of a renewal that did not reach a place. */
function isOfRenewal({ code }: Finding): boolean {
  const state = stateOf(code);
  return code === 'renewal-unrecorded' || (state !== null && statesOfRenewals.has(state));
}

function byPerson(found: Pick<Finding, 'message' | 'hint' | 'commands'> | undefined): Move {
  if (found === undefined) return move('person', '', []);
  const { message, hint, commands } = found;
  const isOurs = commands[0]?.startsWith('certrebind rebind ') === true;
  return move(isOurs ? 'command' : 'person', `${message} ${hint}`, commands);
}

/** What the next renewal of a certificate would reach; made where one is without a renewal. */
function nextOf(look: Look, consumers: Consumers) {
  let met: ReturnType<typeof nextRenewals> | null = null;
  return (thumbprint: Thumbprint, key: KeyText): Move => {
    met ??= nextRenewals(look);
    const place = met(thumbprint, key);
    if (place === undefined) return { ...nobody, is: 'next' };
    const consumer = consumers.get(key);
    const why = place.why ?? '';
    if (consumer?.reason === 'excluded') return kept(why);
    const moved =
      place.command !== null
        ? move('command', why, [place.command])
        : place.isChanged
          ? move('itself', why, [])
          : move('person', why, [consumer?.command]);
    return { ...moved, is: 'next' };
  };
}
