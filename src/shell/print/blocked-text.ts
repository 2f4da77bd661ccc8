import { blockEntry, entryOfWaiting, isBlockCode } from '../../base/codes/plan-codes.ts';
import { type Group, groupBy } from '../../base/group.ts';
import { argumentText, escapeControls } from '../../base/safe-text.ts';
import { firstClauses, listed } from '../../documents/finding.ts';
import { lineText } from '../../documents/offered-line.ts';
import {
  type BlockedEntry,
  isWaiting,
  namesToOrder,
  type Obstacle,
  obstaclesText,
  type Plan,
} from '../../documents/runs/plan.ts';
import { isMovable, kindOf } from '../../kinds/holder.ts';
import { day } from '../../model/certificates/named-certificate.ts';
import { adviceText, consumersText, firstOf, heading, type Naming } from './phrases.ts';
import { paint, type TerminalStyle } from './terminal-style.ts';

const keysShown = 6;

/** What a guard blocks, and what only waits: each reason once, with its holders and what helps; of an undo its detail says that. */
export function blockedText(
  { blocked, undoes, notes }: Pick<Plan, 'blocked' | 'undoes' | 'notes'>,
  naming: Naming,
  look: TerminalStyle,
  isPast = false,
): string | null {
  const waiting = blocked.filter(isWaiting);
  const rest = blocked.filter((entry) => !waiting.includes(entry));
  const linesOf = (group: Group<BlockedEntry>) => [
    ...[...groupBy(group, ({ obstacles }) => obstaclesText(obstacles)).values()].flatMap((same) =>
      reasonLines(same, naming, look),
    ),
    ...(undoes === undefined ? renewalLines(group, notes, naming, isPast) : []),
  ];
  const section = (title: string, entries: readonly BlockedEntry[]) =>
    entries.length === 0 ? [] : [[heading(title, look), ...byReason(entries).flatMap(linesOf)].join('\n')];
  const parts = [...section('Blocked', rest), ...section('Waiting', waiting)];
  return parts.length === 0 ? null : parts.join('\n\n');
}

/** The same for a run that has ended, in a few lines; where that was in the past, without what helped then. */
export function blockedInRun(
  outcome: Pick<Plan, 'blocked' | 'undoes' | 'notes'>,
  naming: Naming,
  look: TerminalStyle,
  isPast: boolean,
): readonly string[] | string | null {
  if (look.full === true || outcome.undoes !== undefined) return blockedText(outcome, naming, look, isPast);
  return byReason(outcome.blocked).flatMap((group) => {
    const [first] = group;
    const where = escapeControls(listed(group.map(({ key }) => key)));
    const said = first.obstacles.map(({ code }, at) => {
      const texts = group.flatMap(({ obstacles }) => obstacles[at]?.text ?? []);
      const word = paint(code, isWaiting(first) ? 'good' : 'warn', look);
      return `${at === 0 ? `${word} at ${where}` : `Besides, ${word}`}: ${naming.sentence(inOneSentence(texts))}`;
    });
    const helps = isPast ? [] : helpLines(group, outcome.notes, naming);
    return [...said, ...helps.map((line) => line.slice(2))];
  });
}

/** `It lacks a.`, `It lacks b.`: of sentences that begin alike, the beginning once. */
function inOneSentence(details: readonly string[]): string {
  const [first = '', ...others] = new Set(details);
  if (others.length === 0) return first;
  const begin = first.slice(0, first.indexOf(': ') + 2);
  const rest = [first, ...others].map((detail) => detail.slice(begin.length).replace(/\.$/, ''));
  return begin.length > 1 && others.every((detail) => detail.startsWith(begin))
    ? `${begin}${firstClauses(rest, 3)}.`
    : `${first} And ${others.length} more like it (--full).`;
}

function byReason(entries: readonly BlockedEntry[]): readonly Group<BlockedEntry>[] {
  const codes = ({ obstacles }: BlockedEntry) => obstacles.map(({ code }) => code);
  return [
    ...groupBy(entries, (entry) => JSON.stringify([entry.renewal.old, entry.renewal.new, codes(entry)])).values(),
  ];
}

function reasonLines(group: Group<BlockedEntry>, naming: Naming, look: TerminalStyle): readonly string[] {
  const [{ obstacles }] = group;
  const used = group.map(({ key, consumers }) => {
    const users = consumersText(consumers, look).map(escapeControls).join(', ');
    return `${escapeControls(key)}${users === '' ? '' : `, used by ${users}`}`;
  });
  return [
    ...obstacles.map(({ code, text }) => `  ${paint(code, 'warn', look)}: ${naming.sentence(text)}`),
    ...firstOf(used, keysShown, look).map((line) => `    ${line}`),
  ];
}

function renewalLines(
  group: Group<BlockedEntry>,
  notes: Plan['notes'],
  naming: Naming,
  isPast: boolean,
): readonly string[] {
  const [entry] = group;
  const { renewal } = entry;
  const endsAt = naming.endOf(renewal.old);
  const ends =
    endsAt === null ? 'The end date of the old certificate is not known.' : `The old one expires on ${day(endsAt)}.`;
  return [
    `    ${naming.short(renewal.old)} → ${naming.short(renewal.new)}. ${ends}`,
    ...(isPast ? [] : helpLines(group, notes, naming)),
  ];
}

function helpLines(group: Group<BlockedEntry>, notes: Plan['notes'], naming: Naming): readonly string[] {
  return [...hintsOf(group, notes), ...mistypedLines(group), ...namesLines(group, naming), ...commandOf(group[0])];
}

/** Nothing else ends a renewal that only a person named. */
function mistypedLines([{ obstacles, renewal }]: Group<BlockedEntry>): readonly string[] {
  return renewal.source === 'given' && obstacles.some(({ code }) => code === 'certificate-missing')
    ? ['    If the thumbprint was mistyped, give the renewal up:', `      certrebind dismiss ${renewal.new}`]
    : [];
}

/** Every name on a line of its own, ready to be copied into an order; and what the command below takes from clients. */
function namesLines(group: Group<BlockedEntry>, naming: Naming): readonly string[] {
  const { lost, all } = namesToOrder(group, naming.namesOf(group[0].renewal.new));
  if (all.length === 0) return [];
  const isOffered = commandOf(group[0]).length > 0;
  return [
    '    Order one certificate for all of these names:',
    ...all.map((name) => `      ${escapeControls(name)}`),
    ...(isOffered
      ? [`    Or give up what is missing. Clients of ${escapeControls(listed(lost))} then get a certificate error:`]
      : []),
  ];
}

/** Adds the command if options let the replacement through. */
function commandOf({ obstacles, renewal }: BlockedEntry): readonly string[] {
  const isWindow = ({ code }: Obstacle) => code === 'outside-window' || code === 'set-back';
  const guards = obstacles.filter((one) => !isWindow(one)).map(({ code }) => code);
  const isAllowed = (code: Obstacle['code']) =>
    isBlockCode(code) && blockEntry(code)?.guard !== undefined && blockEntry(code)?.offered !== false;
  if (guards.length === 0 || !guards.every(isAllowed)) return [];
  const now = obstacles.some(({ code }) => code === 'outside-window');
  const { old, new: successor } = renewal;
  const line = lineText({ does: 'rebind', old, new: successor, allow: guards.filter(isBlockCode), now });
  return line === null ? [] : [`      ${line}`];
}

/** What only waits says nothing of what to do about the rest, and names are listed below. */
function hintsOf(
  [{ obstacles, key, renewal }, ...others]: Group<BlockedEntry>,
  notes: Plan['notes'],
): readonly string[] {
  const lasting = obstacles.filter(({ code }) => blockEntry(code)?.waits !== 'its-time' && code !== 'names-lost');
  const list = isMovable(kindOf(key)) ? 'holders' : 'records';
  const first = obstacles.slice(0, 1).filter(({ code }) => code !== 'names-lost');
  return (lasting.length > 0 ? lasting : first).flatMap(({ code }) => {
    const entry = code === 'outside-window' ? entryOfWaiting(notes) : blockEntry(code);
    if (entry === undefined) return [];
    const typed = Object.entries(entry.lines ?? {}).filter(([, line]) => !line.includes('<old>'));
    const filled = (line: string) => {
      const named = line.replace('<new>', renewal.new);
      return others.length > 0
        ? named
        : named.replace('records <place>', () => `${list} ${escapeControls(argumentText(key))}`);
    };
    return [
      `    ${adviceText(entry.hint)}`,
      ...typed.flatMap(([what, line]) => [`    ${what}:`, `      ${filled(line)}`]),
    ];
  });
}
