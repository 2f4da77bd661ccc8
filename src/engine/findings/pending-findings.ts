import { blockEntry } from '../../base/codes/plan-codes.ts';
import { type Group, groupBy } from '../../base/group.ts';
import { distinct } from '../../base/order.ts';
import { argumentText } from '../../base/safe-text.ts';
import { finding, listed } from '../../documents/finding.ts';
import type { OfferedLine } from '../../documents/offered-line.ts';
import { type BlockedEntry, lostNames, type Obstacle, obstaclesText } from '../../documents/runs/plan.ts';
import type { Finding } from '../../documents/status.ts';
import { isMovable, kindOf } from '../../kinds/holder.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import {
  byThumbprint,
  momentText,
  type NamedCertificate,
  renewalText,
} from '../../model/certificates/named-certificate.ts';
import type { Renewal } from '../../model/certificates/renewal.ts';
import { namedCertificates } from '../known/named-certificates.ts';
import { unresolvedText } from '../known/resolve-chains.ts';
import type { SetBackNow } from '../known/set-backs.ts';
import { adviceAgainst, adviceOn, isClosed, withAnother } from '../look/words.ts';
import { turnText } from '../plan/change-window.ts';
import type { OutstandingRenewals, StandingRenewal } from '../plan/outstanding-renewals.ts';
import type { Decisions } from '../plan/plan-rebind.ts';
import type { Trial } from '../plan/try-line.ts';
import type { Evidence } from './facts.ts';

/** What becomes of the places that a renewal has not reached, as a plan made now says it: a finding for each answer. */
export function pendingFindings(
  pending: readonly StandingRenewal[],
  { blocked, opens, setBacks }: Pick<Decisions, 'blocked' | 'opens' | 'setBacks'>,
  snapshot: Snapshot,
): readonly Finding[] {
  const objections = new Map(blocked.map((entry) => [entry.key, entry]));
  const pairs = pending.flatMap(({ renewal }) => [renewal.old, renewal.new]);
  const known = byThumbprint(namedCertificates(snapshot, pairs));
  return pending.flatMap((one) => {
    const backOf = (key: KeyText) => {
      const answer = answerOf(objections.get(key));
      return answer === 'blocked' || answer === 'soon' ? undefined : setBacks.get(key);
    };
    // What went back alone is told, and left alone, by itself.
    const back = groupBy(one.onOld, (key) => {
      const now = backOf(key);
      return now === undefined ? null : isTogether(now) ? now.text : key;
    });
    const groups = groupBy(back.get(null) ?? [], (key) => answerOf(objections.get(key)));
    const told = [...back].flatMap(([name, keys]) => {
      const now = backOf(keys[0]);
      return name === null || now === undefined ? [] : setBackFinding(one, keys, now, { known, opens, snapshot });
    });
    const others = [...groups].map(([answer, keys]) => {
      const against = keys.flatMap((key) => objections.get(key) ?? []);
      return pendingFinding(answer, { ...one, onOld: keys }, against, { known, opens, snapshot });
    });
    return [...told, ...others];
  });
}

function pendingFinding(
  answer: ReturnType<typeof answerOf>,
  one: StandingRenewal,
  against: readonly BlockedEntry[],
  { known, opens, snapshot }: Looked,
): Finding {
  const { renewal, onOld: keys, entry } = one;
  const renews = renewalText(renewal, known);
  const endsAt = known.get(renewal.old)?.notAfter ?? null;
  const about = { renewal, certificate: renewal.old, endsAt, keys, run: entry?.run ?? null };
  const why = `${renews}: ${against[0] && obstaclesText(against[0].obstacles)}`;
  const stillOld = `${listed(keys)} still ${uses(keys)} the old certificate`;
  switch (answer) {
    case 'change': {
      const state = one.onNew.length === 0 ? 'not in use yet' : stillOld;
      return finding('renewal-pending', `${renews}: ${state}.`, { ...about, commands: ['certrebind reconcile'] });
    }
    case 'outside-window': {
      const message = `${renews}: waits for ${opens === null ? 'the window' : turnText(opens)}.`;
      return finding('renewal-waiting', message, { ...about, next: 'waits', at: opens?.notBefore ?? null });
    }
    case 'its-time': {
      const at = snapshot.certificates.find(({ thumbprint }) => thumbprint === renewal.new)?.notBefore ?? null;
      return finding('renewal-waiting', why, { ...about, next: 'waits', at, hint: 'Nothing to do.' });
    }
    case 'soon':
      return finding('renewal-pending', why, { ...about, ...adviceOnAll(against, renewal, known) });
    case 'blocked': {
      const reasons = distinct(against.flatMap(codesOf)).join(', ');
      const lost = distinct(against.flatMap(lostNames));
      const lacks = lost.length === 0 ? '' : ` The new certificate does not cover ${listed(lost)}.`;
      const message = `${renews}: blocked (${reasons}).${lacks} ${stillOld}.`;
      const advice = adviceOnAll(against, renewal, known);
      return finding('renewal-blocked', message, { ...about, missingNames: lost, ...advice });
    }
  }
}

function adviceOnAll(against: readonly BlockedEntry[], renewal: Renewal, known: Looked['known']) {
  const obstacles = against.flatMap((entry) => entry.obstacles);
  return adviceAgainst(obstacles, renewal, known);
}

interface Looked extends Pick<Decisions, 'opens'> {
  readonly known: ReadonlyMap<string, NamedCertificate>;
  readonly snapshot: Snapshot;
}

/** Where somebody set the old certificate again; where that was one alone, with the command that leaves it so. */
function setBackFinding(
  { renewal }: StandingRenewal,
  keys: Group<KeyText>,
  now: SetBackNow,
  { known, opens, snapshot }: Looked,
): Finding {
  const { setBack, until, urgent, isRevoked, text } = now;
  const inWindow = opens !== null && until !== null && until <= Date.parse(snapshot.takenAt) ? opens.notBefore : null;
  const list = isMovable(kindOf(keys[0])) ? 'holders' : 'records';
  const alone = `certrebind config add exclude.${list} ${argumentText(keys[0])}`;
  const isLeft = until === null;
  const isFought = isLeft || urgent !== null;
  const together = isTogether(now);
  const at = isLeft ? null : (inWindow ?? new Date(until).toISOString());
  const message = `${renewalText(renewal, known)}: ${listed(keys)}. ${text}`;
  return finding('old-certificate-back', message, {
    ...(urgent === null ? {} : { severity: 'error' as const }),
    ...(isFought || at === null
      ? {}
      : { title: titleUntil(at > snapshot.takenAt ? `at ${momentText(at)}` : 'by the next run', together) }),
    renewal,
    certificate: renewal.old,
    endsAt: known.get(renewal.old)?.notAfter ?? null,
    keys,
    run: setBack.seen.at(-1)?.run ?? null,
    since: setBack.at,
    next: isLeft ? 'person' : 'waits',
    at,
    ...(isRevoked
      ? withAnother('have a certificate issued again', renewal)
      : {
          hint: setBackHints[isFought ? 'fought' : 'first'][together ? 'together' : 'alone'],
          commands: [
            opens === null ? 'certrebind reconcile' : 'certrebind reconcile --now',
            ...(together ? [] : [alone]),
          ],
        }),
  });
}

/** Says above the command what becomes of the place without it. */
function titleUntil(when: string, together: boolean): string {
  return `old certificate is back, the new one is set ${when}${together ? '' : ' unless you leave the place alone'}`;
}

const whoSetsIt =
  'What sets it has the old thumbprint in its text: leave it out there, or read it from the JSON of the status.';
const setBackHints = {
  first: {
    together: 'The command applies the renewal there now.',
    alone: 'The first command applies the renewal there now. The second one leaves the place alone.',
  },
  fought: {
    together: `${whoSetsIt} Then type the command.`,
    alone: `${whoSetsIt} Then type the first command. The second one leaves the place alone for good.`,
  },
};

function isTogether({ setBack }: SetBackNow): boolean {
  return setBack.seen.at(-1)?.together === true;
}

/** Nothing is guessed, so only a person can settle it. */
export function unclearFinding(
  one: OutstandingRenewals['unclear'][number],
  snapshot: Snapshot,
  trial: Evidence['trial'],
): Finding {
  const { old, onOld, candidates } = one;
  const message = `${unresolvedText(one)} ${listed(onOld)} ${uses(onOld)} it.`;
  const [first, ...others] = distinct(candidates.flatMap(({ new: to, corroborated }) => (corroborated ? to : [])));
  const about = { keys: onOld, certificate: old };
  if (first === undefined) return finding('renewal-blocked', message, { ...about, hint: decide, commands: [] });
  const outlook = { is: 'unclear', candidates: [first, ...others] } as const;
  const known = byThumbprint(namedCertificates(snapshot, [old, ...outlook.candidates]));
  const { hint, commands } = adviceOn({ outlook, excluded: [] }, old, known, trialAt(onOld, trial));
  return finding('renewal-blocked', message, { ...about, hint, commands });
}

/** What a line does at these places: where one of them waits for the window that, else that it helps at one. */
export function trialAt(keys: readonly KeyText[], trial: Evidence['trial']): (line: OfferedLine) => Trial {
  return (line) => {
    const all = keys.map((key) => trial(key, line));
    return all.find(isClosed) ?? all.find((each) => each === 'helps') ?? all.find((each) => each.length > 0) ?? [];
  };
}

const decide = 'Decide which of them renews it.';

function codesOf({ obstacles }: BlockedEntry): readonly Obstacle['code'][] {
  return obstacles.map(({ code }) => code);
}

function answerOf(objection: BlockedEntry | undefined) {
  if (objection === undefined) return 'change';
  const [{ code }] = objection.obstacles;
  return code === 'outside-window' ? code : (blockEntry(code)?.waits ?? 'blocked');
}

export function uses(keys: readonly unknown[]): string {
  return keys.length === 1 ? 'uses' : 'use';
}
