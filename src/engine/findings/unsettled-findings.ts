import { type BlockCode, blockEntry } from '../../base/codes/plan-codes.ts';
import { groupBy } from '../../base/group.ts';
import { argumentText } from '../../base/safe-text.ts';
import { finding, listed } from '../../documents/finding.ts';
import { rememberedOf } from '../../documents/runs/ledger.ts';
import type { Finding } from '../../documents/status.ts';
import { thumbprintOf } from '../../kinds/holder.ts';
import { toRecordKey } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { coversHost } from '../../model/certificates/host-name.ts';
import { byThumbprint, momentText, renewalText, shortOf } from '../../model/certificates/named-certificate.ts';
import { givenRenewal, pairText } from '../../model/certificates/renewal.ts';
import { hasOwnRecord } from '../known/bindings-of-records.ts';
import { whatEnded } from '../known/held-renewals.ts';
import { namedCertificates } from '../known/named-certificates.ts';
import { exchangeCommand } from '../look/commands.ts';
import { adviceOn, notOffered } from '../look/words.ts';
import type { KeptRenewal, StandingRenewal } from '../plan/outstanding-renewals.ts';
import { wantedBack } from '../plan/plan-debts.ts';
import type { Endings } from './endings.ts';
import type { Evidence } from './facts.ts';
import { trialAt, uses } from './pending-findings.ts';
import { additionAt } from './record-findings.ts';

/**
 * An error until the cause has gone; where a person undid it, which holds until the next renewal, it is for information
 * until the old one is near its end.
 * @param tried by a later run, because the cause has gone
 */
export function rolledBackFindings(
  held: readonly KeptRenewal[],
  tried: readonly StandingRenewal[],
  snapshot: Snapshot,
  { isNear }: Endings,
  trial: Evidence['trial'],
): readonly Finding[] {
  const renewals = [
    ...held.map((one) => ({ ...one, isAgain: false })),
    ...tried.flatMap(({ again, ...one }) => (again === null ? [] : { ...one, decision: again, isAgain: true })),
  ];
  if (renewals.length === 0) return [];
  const pairs = renewals.flatMap(({ renewal }) => [renewal.old, renewal.new]);
  const known = byThumbprint(namedCertificates(snapshot, pairs));
  return renewals.map(({ renewal, onOld, decision, isAgain }) => {
    const endsAt = known.get(renewal.old)?.notAfter ?? null;
    const byPerson = decision.by === 'person';
    const old = snapshot.certificates.find(({ thumbprint }) => thumbprint === renewal.old);
    const ends = endsAt === null ? '' : `, which expires at ${momentText(endsAt)}`;
    const outlook = { is: 'on-hold', renewal, decision } as const;
    const offered = () => adviceOn({ outlook, excluded: [] }, renewal.old, known, trialAt(onOld, trial));
    const { why, hint, commands } = isAgain ? triedNext : renewal.corroborated ? offered() : notOffered;
    const message =
      `${renewalText(renewal, known)}: ${whatEnded(decision)} at ${momentText(decision.at)}.` +
      `${why === '' || byPerson ? '' : ` ${why}`} ${listed(onOld)} ${uses(onOld)} the old certificate${ends}${byPerson ? ', until the next renewal' : ''}.`;
    return finding('renewal-rolled-back', message, {
      ...(byPerson ? { severity: old !== undefined && isNear(old) ? ('warning' as const) : ('info' as const) } : {}),
      since: decision.at,
      keys: onOld,
      certificate: renewal.old,
      endsAt,
      renewal,
      cause: decision.cause?.said ?? null,
      run: decision.run,
      next: isAgain ? 'retried' : 'person',
      hint,
      commands,
    });
  });
}

const triedNext = {
  why: 'The cause has gone, so the next run tries it again.',
  hint: 'The next hourly run tries it. The command does at once.',
  commands: ['certrebind reconcile'],
};

/** What a run had to put back and could not, as far as that is still so. */
export function debtFindings({ debts, ...evidence }: Evidence): readonly Finding[] {
  const { holders, inUse, bindings } = evidence.survey;
  return debts.flatMap((value): readonly Finding[] => {
    const { debt, now } = value;
    if (now.is !== 'owed' && now.is !== 'stuck') return [];
    const { key, run, at } = debt;
    const holds = thumbprintOf(holders.get(key) ?? null);
    const wanted = thumbprintOf(wantedBack(value));
    const isUnread = now.is === 'stuck' && now.why.code === 'not-read';
    const uses = `it ${holders.has(key) ? 'uses' : 'has'} ${holds ?? 'no certificate'} now`;
    const state = isUnread ? 'it is not known what it uses now' : uses;
    const wants = wanted === null ? '' : `, and should use ${wanted} again`;
    const service = inUse.get(key)?.service ?? null;
    const stops = service === null || service.state === 'started' ? '' : ` Its service ${service.name} does not run.`;
    const what = `Run ${run} changed ${key} and could not roll that back: ${state}${wants}.${stops}`;
    const about = { key, run, since: at, certificate: wanted };
    const isDown = wanted !== null && holds === null && !isUnread;
    const code = isDown ? 'left-without-certificate' : 'not-restored';
    if (now.is === 'stuck') {
      const isUnbound = isDown && bindings.has(key) && !endsByItself.has(now.why.code);
      const hint = isUnbound && now.why.code === 'expired' ? '' : hintOfStuck(now.why.code);
      const atOnce = now.why.code === 'outside-window' ? ['certrebind reconcile --now'] : [];
      const other = isUnbound ? additionAt(key, wanted, evidence) : { commands: atOnce, hint: '' };
      return [
        finding(code, `${what} It cannot be restored. ${now.why.text}`, {
          ...about,
          ...other,
          hint: `${hint} ${other.hint}`.trim(),
        }),
      ];
    }
    if (stops === '' && !isDown) return [finding(code, what, { ...about, next: 'retried' })];
    const worse = stops === '' ? code : 'service-stopped';
    return [finding(worse, what, { ...about, next: 'retried', commands: ['certrebind reconcile'] })];
  });
}

/** What keeps it from being restored says what helps; what this program cannot make, its text tells. */
function hintOfStuck(code: string): string {
  const hint = restoredOnce[code] ?? blockEntry(code)?.hint;
  return hint ?? 'Restore the place by hand. The message says why CertRebind cannot do it.';
}

/** Where the hint of the code speaks of a new certificate, or of a command that runs. */
const restoredOnce: Readonly<Record<string, string>> = {
  'not-read': 'Correct what the message says. The next run that can read the place restores it.',
  expired: 'The old certificate has expired, so set a valid one at this place.',
  'not-yet-valid':
    'The next run restores the old certificate when it is valid. Until then, you can set another one at this place.',
  'outside-window': 'The next run in the change window restores the place. To restore it now, run the command.',
};

const endsByItself: ReadonlySet<string> = new Set(['not-read', 'not-yet-valid', 'outside-window']);

/** Names that clients may still ask for, at places that answer for any name. */
export function lostNameFindings({ ledger, survey, outlookAt }: Evidence): readonly Finding[] {
  const { holders, hasRecord, certificates } = survey;
  const lost = ledger.decisions.filter(({ what }) => what === 'lost-names');
  return lost.flatMap((one): readonly Finding[] => {
    const { place: key, run, at, new: certificate } = one;
    const { outlook } = outlookAt(key);
    // What is set next may bring them back.
    const next =
      outlook.is === 'moves' || outlook.is === 'off' ? certificates.get(outlook.renewal.new)?.[0] : undefined;
    const hosts = (one.hosts ?? []).filter(
      (host) => !hasOwnRecord(host, toRecordKey(key), hasRecord) && (next === undefined || !coversHost(next, host)),
    );
    if (hosts.length === 0 || thumbprintOf(holders.get(key) ?? null) !== certificate) return [];
    const renewal = rememberedOf(ledger, one)?.renewal ?? givenRenewal(one.old, certificate);
    const message = `${key} answers for any host name, and its renewed certificate lacks ${listed(hosts)}, which the one before had.`;
    const hint =
      'If clients use these names, have a certificate issued that covers them. Otherwise the command hides this.';
    const commands = [`certrebind dismiss names-lost ${argumentText(key)}`];
    const about = { key, run, since: at, certificate, renewal, missingNames: hosts };
    return [finding('names-lost', message, { ...about, hint, commands })];
  });
}

/** What no later run can set again. */
const isLasting: ReadonlySet<string> = new Set<BlockCode>(['certificate-missing', 'expired', 'revoked']);

/** What a person asked for and did not get. */
export function notUndoneFindings({ ledger, survey: { holders }, snapshot, trial }: Evidence): readonly Finding[] {
  const open = ledger.decisions.filter(
    (one) => one.what === 'not-undone' && thumbprintOf(holders.get(one.place) ?? null) === one.new,
  );
  const known = byThumbprint(
    namedCertificates(
      snapshot,
      open.flatMap((one) => [one.old, one.new]),
    ),
  );
  return [...groupBy(open, (one) => `${one.run} ${pairText(one)}`).values()].map((group) => {
    const [{ run, at: since, old, new: certificate }] = group;
    const keys = group.map(({ place }) => place);
    const asked = run === null ? `You went back to ${shortOf(old, known)}` : `You undid run ${run}`;
    const message = `${asked}, but ${listed(keys)} still ${uses(keys)} ${shortOf(certificate, known)}.`;
    const renewal = givenRenewal(old, certificate);
    const about = { keys, run, since, certificate, renewal };
    const against = trialAt(keys, trial)({ does: 'rebind', old: certificate, new: old, now: true });
    const lasting = typeof against === 'string' ? undefined : against.find(({ code }) => isLasting.has(code));
    if (lasting !== undefined) {
      const hint = `${lasting.text} So nothing is left to undo, and the command hides this.`;
      const commands = [
        `certrebind dismiss not-undone ${argumentText(group[0].place)}${keys.length > 1 ? ' --all' : ''}`,
      ];
      return finding('not-undone', message, { ...about, hint, commands });
    }
    const commands = [run === null ? exchangeCommand(certificate, old) : `certrebind undo ${run}`];
    return finding('not-undone', message, { ...about, commands });
  });
}
