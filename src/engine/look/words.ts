import { blockCodes, blockEntry } from '../../base/codes/plan-codes.ts';
import { distinct } from '../../base/order.ts';
import { argumentText } from '../../base/safe-text.ts';
import { lineText, type OfferedLine } from '../../documents/offered-line.ts';
import { commandOf, type Excluded, type Obstacle, obstaclesText } from '../../documents/runs/plan.ts';
import { seenWithNew, triesLeft } from '../../documents/runs/rolled-back.ts';
import { momentText, type NamedCertificate } from '../../model/certificates/named-certificate.ts';
import { givenRenewal, type Renewal } from '../../model/certificates/renewal.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { type HoldingDecision, whatEnded } from '../known/held-renewals.ts';
import type { Trial } from '../plan/try-line.ts';
import { webAdministrationCommand } from './commands.ts';
import type { Outlook, PlaceOutlook } from './outlook.ts';

/** What a person is told of the outlook of a place, and types there. */
export interface Advice {
  /** Who brings the new certificate there; `null`: nobody, as nothing follows, or a person decided so. */
  readonly by: 'itself' | 'command' | 'person' | null;
  /** When that happens by itself; `null` if it is not known. */
  readonly at: string | null;
  /** Why it is so, as sentences; empty where there is nothing to say. */
  readonly why: string;
  /** What to do before and with the commands. */
  readonly hint: string;
  readonly commands: readonly string[];
}

/** Their short names. */
type Named = ReadonlyMap<string, NamedCertificate>;

/** A line of this program that is tried before it is offered, or a text. */
type Offer = OfferedLine | string;

type Untried = Omit<Advice, 'commands'> & { readonly commands: readonly Offer[] };

const reconcile = { does: 'reconcile' } as const;
const nothing: Untried = { by: null, at: null, why: '', hint: '', commands: [] };
const whileOff = 'CertRebind is not enabled, so nothing moves by itself.';

/**
 * The only place where sentences are made of an outlook. A line that would be refused is not offered, but what would help.
 * @param trial what a line does there
 */
export function adviceOn(
  place: PlaceOutlook,
  old: Thumbprint | null,
  known: Named,
  trial: (line: OfferedLine) => Trial,
): Advice {
  const { commands, ...said } = adviceOnPlace(place, old, known);
  const tried = commands.map((line) => tryLine(line, trial));
  const helping = tried.filter(({ of }) => of === 'helps');
  // A text beside them only looks, or prepares what they do.
  const lines = tried.filter(({ line }) => typeof line !== 'string');
  if (helping.length > 0 && (lines.length === 0 || lines.some(({ of }) => of === 'helps')))
    return {
      ...said,
      hint: withWindow(said.hint, helping),
      commands: helping.flatMap(({ line }) => textOf(line)),
    };
  // What does not end by itself first: there a person can do something.
  const byNeed = tried.toSorted((a, b) => Number(isWaiting(a.of)) - Number(isWaiting(b.of)));
  for (const { line, of: against } of byNeed) {
    if (typeof line === 'string' || typeof against === 'string' || against.length === 0) continue;
    const renewal =
      line.does === 'rebind'
        ? givenRenewal(line.old, line.new)
        : 'renewal' in place.outlook
          ? place.outlook.renewal
          : null;
    const why = against.map(({ text }) => text).join(' ');
    if (renewal !== null) return { ...said, why, ...adviceAgainst(against, renewal, known) };
  }
  if (tried.length === 0) return { ...said, commands: [] };
  // The sentence spoke of a line.
  const isUntried = tried.some(({ of }) => of === 'not-tried');
  return { ...said, hint: isUntried ? 'The plan shows what is to be done there.' : '', commands: [] };
}

function isWaiting(of: Trial): boolean {
  return typeof of !== 'string' && of.every(({ code }) => code === 'outside-window' || code === 'not-yet-valid');
}

/** What becomes of a change besides, if somebody leaves out that it is made now. */
export function withWindow(
  hint: string,
  lines: readonly Pick<ReturnType<typeof tryLine>, 'isInsteadOfWaiting'>[],
): string {
  return lines.some(({ isInsteadOfWaiting }) => isInsteadOfWaiting) ? `${hint} ${whileClosed}`.trim() : hint;
}

/** A pair that is given while only the window is against it is tried with `--now`. */
export function tryLine(line: Offer, trial: (line: OfferedLine) => Trial) {
  if (typeof line === 'string') return { line, of: 'helps', isInsteadOfWaiting: false } as const;
  const of = trial(line);
  const now = line.does === 'rebind' && isClosed(of) ? { ...line, now: true } : null;
  return now !== null && trial(now) === 'helps'
    ? ({ line: now, of: 'helps', isInsteadOfWaiting: true } as const)
    : ({ line, of, isInsteadOfWaiting: false } as const);
}

/** Whether only the change window is against it. */
export function isClosed(of: Trial): boolean {
  return typeof of !== 'string' && of.length > 0 && of.every(({ code }) => code === 'outside-window');
}

const whileClosed = 'Without --now, CertRebind makes the change during the change window.';

export function textOf(line: Offer): readonly string[] {
  return typeof line === 'string' ? [line] : [lineText(line) ?? []].flat();
}

function adviceOnPlace({ outlook, excluded }: PlaceOutlook, old: Thumbprint | null, known: Named): Untried {
  const then = adviceOnFree(outlook, old, known);
  if (excluded.length === 0) return then;
  // They meet the server as the ends of the exclusions leave it.
  const next = then.by === 'itself' ? [reconcile] : then.commands;
  const commands = [...endOf(excluded), ...next.flatMap(textOf)];
  const why = distinct(excluded.map(({ text }) => text)).join(' ');
  const follows = then.by === 'itself' || then.by === 'command';
  const first = commands.length === 1 ? 'The command ends that.' : 'The first command ends that';
  const hint = `${why} ${!follows ? first : commands.length > 2 ? `${first}, the others set the new certificate there.` : `${first}, the second one sets the new certificate there.`}`;
  return { by: null, at: null, why, hint: `CertRebind leaves it: ${hint}`, commands };
}

/** The lines that take these entries out of the configuration. */
export function endOf(excluded: readonly Excluded[]): readonly string[] {
  return distinct(excluded.map(({ list, entry }) => `certrebind config remove exclude.${list} ${argumentText(entry)}`));
}

function adviceOnFree(outlook: Outlook, old: Thumbprint | null, known: Named): Untried {
  switch (outlook.is) {
    case 'not-read':
    case 'no-certificate':
    case 'nothing-follows':
    case 'newest':
      return nothing;
    case 'moves': {
      const when = outlook.at === null ? 'The next run' : `The hourly run at ${momentText(outlook.at)}`;
      return { ...nothing, by: 'itself', at: outlook.at, hint: `${when} sets its renewal.`, commands: [reconcile] };
    }
    case 'off':
      return { ...nothing, by: 'command', why: whileOff, hint: 'The command sets its renewal.', commands: [reconcile] };
    case 'waits': {
      const { obstacles, renewal, until } = outlook;
      const codes = new Set(obstacles.map(({ code }) => code));
      const asked = codes.has('outside-window')
        ? [{ ...reconcile, now: true }]
        : codes.has('set-back')
          ? [reconcile]
          : [];
      if (obstacles.some(({ code }) => blockEntry(code)?.waits === 'soon'))
        return { by: 'itself', at: until, why: obstaclesText(obstacles), ...adviceAgainst(obstacles, renewal, known) };
      return {
        ...{ by: 'itself', at: until, why: obstaclesText(obstacles), hint: hintAgainst(obstacles, renewal) },
        commands: codes.has('not-yet-valid') ? [] : asked,
      };
    }
    case 'blocked': {
      const { obstacles, renewal } = outlook;
      return { ...nothing, by: 'person', why: obstaclesText(obstacles), ...adviceAgainst(obstacles, renewal, known) };
    }
    case 'on-hold': {
      const { decision, renewal } = outlook;
      if (decision.by === 'person') {
        const why = `The renewal ${whatEnded(decision)}.`;
        return { ...nothing, why, hint: 'The command sets it again.', commands: [rebindOf(renewal)] };
      }
      return { ...nothing, by: 'person', ...(renewal.corroborated ? adviceOnHold(decision) : notOffered) };
    }
    case 'left':
      return { ...nothing, by: 'command', why: outlook.setBack.text, commands: [reconcile] };
    case 'not-served':
      return { ...nothing, by: 'itself', why: 'An endpoint does not serve it yet.', commands: [reconcile] };
    case 'rollback-due':
      return { ...nothing, by: 'itself', why: 'A rollback is due.', commands: [reconcile] };
    case 'interrupted':
      return {
        ...nothing,
        by: 'itself',
        why: `Run ${outlook.run} was interrupted.`,
        commands: ['certrebind reconcile'],
      };
    case 'by-person': {
      const { text } = outlook.obstacle;
      const command = commandOf(outlook.obstacle);
      return { ...nothing, by: 'person', why: text, hint: text, commands: command === null ? [] : [command] };
    }
    case 'by-names': {
      const hint = 'The command uses the newer certificate with its names that is on this server already.';
      const { renewal } = outlook;
      return { ...nothing, by: 'command', hint, commands: [rebindOf(renewal)] };
    }
    case 'later': {
      const { renewal, until } = outlook;
      const hint = `CertRebind uses the one that was issued again from ${momentText(until)} on. The command uses it now.`;
      return { ...nothing, by: 'itself', at: until, hint, commands: [rebindOf(renewal)] };
    }
    case 'unclear': {
      const [, second] = outlook.candidates;
      const hint =
        second === undefined ? 'If it is the renewal, type the command.' : 'Type the one of these that is its renewal.';
      const commands = old === null ? [] : outlook.candidates.map((one) => rebindOf({ old, new: one }));
      return { ...nothing, by: 'person', hint, commands };
    }
  }
}

function rebindOf({ old, new: successor }: Pick<Renewal, 'old' | 'new'>): OfferedLine {
  return { does: 'rebind', old, new: successor };
}

/** What helps against each of them, in the order of the table of codes. */
function hintAgainst(obstacles: readonly Obstacle[], { old, new: successor }: Renewal): string {
  const codes = new Set<string>(obstacles.map(({ code }) => code));
  // Until then no window lets it in.
  if (codes.has('not-yet-valid')) codes.delete('outside-window');
  const hints = blockCodes.flatMap(({ code, hint }) => (codes.has(code) ? hint : []));
  return hints.join(' ').replaceAll('<old>', old).replaceAll('<new>', successor);
}

/** What a person does first, and types then; nothing that takes something from clients. */
export function adviceAgainst(
  obstacles: readonly Obstacle[],
  renewal: Renewal,
  known: Named,
): Pick<Advice, 'hint' | 'commands'> {
  const codes = new Set(obstacles.map(({ code }) => code));
  const lost = distinct(obstacles.flatMap((one) => (one.code === 'names-lost' ? one.hosts : [])));
  if (lost.length > 0) {
    const names = [...new Set([...lost, ...(known.get(renewal.new)?.names ?? [])])];
    return withAnother(`order one certificate for all of ${names.join(', ')}`, renewal);
  }
  if (codes.has('revoked') || codes.has('expired')) return withAnother('have a certificate issued again', renewal);
  const hint = hintAgainst(obstacles, renewal);
  if (codes.has('certificate-missing')) {
    const bring = `certrebind import <file> --replace ${renewal.old}`;
    if (renewal.source !== 'given') return { hint, commands: [bring] };
    const mistyped = 'If the thumbprint was mistyped, the second command gives the renewal up.';
    return { hint: `${hint} ${mistyped}`, commands: [bring, `certrebind dismiss ${renewal.new}`] };
  }
  return {
    hint,
    commands: [
      ...(codes.has('web-administration-missing') ? [webAdministrationCommand, 'certrebind reconcile'] : []),
      ...(codes.has('key-missing') ? [`certutil -repairstore My ${renewal.new}`, 'certrebind reconcile'] : []),
    ],
  };
}

/** Where a renewal is known that is not to be used, and would be found first. */
export function withAnother(how: string, { old }: Pick<Renewal, 'old'>): Pick<Advice, 'hint' | 'commands'> {
  return {
    commands: [`certrebind rebind --old ${old} --new <thumbprint>`],
    hint: `First ${how}, put it into the computer's store My (Personal), and its thumbprint into the command. For a file, use import with --replace. The old certificate stays there until you do.`,
  };
}

/** What to do about a renewal that was rolled back: first of all its cause has to be found, unless it is known. */
function adviceOnHold(decision: HoldingDecision): Pick<Untried, 'why' | 'hint' | 'commands'> {
  const { old, new: successor, cause, run, attempts } = decision;
  const left = triesLeft(decision);
  const again = rebindOf({ old, new: successor });
  const history = run === null ? 'certrebind history' : `certrebind history ${run}`;
  switch (cause?.kind) {
    case 'chain':
      return {
        why: `The intermediate ${cause.issuer} is missing here: import it into Intermediate Certification Authorities (Local Computer).`,
        hint: `Its file is at the address that Authority Information Access names, in the details of the new certificate (certlm.msc). The first command imports it. ${left === 0 ? 'The second command tries the renewal again.' : 'Then the next hourly run tries again. The second command tries at once.'}`,
        commands: ['certutil -addstore CA <file>', again],
      };
    case 'handshake':
    case 'protocol':
    case 'name':
    case 'server': {
      const isWire = cause.kind === 'handshake' || cause.kind === 'protocol';
      const log = isWire ? ' Event Viewer (System log, source Schannel) has what Windows said.' : '';
      const times = left === 1 ? 'once more' : `at most ${left} times`;
      const then =
        left === 0
          ? 'CertRebind does not try it again by itself: once the cause has gone, the second command does.'
          : `Once its key, chain, binding or site has changed, CertRebind tries again within the hour, ${times}. The second command tries at once.`;
      return {
        why: seenWithNew(cause.said),
        hint: `Clients get the old certificate as before, and the first command ${run === null ? 'tests it' : 'shows why the new one failed'}.${log} ${then}`,
        commands: [run === null ? 'certrebind verify' : history, again],
      };
    }
    case 'interrupted':
      return {
        why: `The run was killed while it changed this, ${attempts} times in a row.`,
        hint: 'Find what ends it: a limit on the task, a restart, a lack of memory. The first command shows the run. The second command tries again.',
        commands: [history, again],
      };
    default:
      return { why: '', hint: 'Only the command tries it again.', commands: [again] };
  }
}

/** An event that any account can write offers nothing to type. */
export const notOffered = {
  why: 'Only an untrusted event names the new certificate.',
  hint: 'Nothing is applied there by itself. To end it, find out who can write to the event log.',
  commands: [],
};
