import { blockEntry } from '../../base/codes/plan-codes.ts';
import { type Group, groupBy } from '../../base/group.ts';
import { argumentText, escapeControls } from '../../base/safe-text.ts';
import { firstClauses, listed } from '../../documents/finding.ts';
import { type BlockedEntry, isWaiting, type Plan } from '../../documents/runs/plan.ts';
import { isMovable, kindOf } from '../../kinds/holder.ts';
import { day } from '../../model/certificates/named-certificate.ts';
import { adviceText, consumersText, firstOf, heading, type Naming } from './phrases.ts';
import { paint, type TerminalStyle } from './terminal-style.ts';

const keysShown = 6;

/** What a guard blocks, and what only waits: each reason once, with its holders and what helps; of an undo its detail says that. */
export function blockedText(
  { blocked, undoes }: Pick<Plan, 'blocked' | 'undoes'>,
  naming: Naming,
  look: TerminalStyle,
): string | null {
  const waiting = blocked.filter(isWaiting);
  const rest = blocked.filter((entry) => !waiting.includes(entry));
  const linesOf = (group: Group<BlockedEntry>) => [
    ...[...groupBy(group, ({ detail }) => detail).values()].flatMap((same) => reasonLines(same, naming, look)),
    ...(undoes === undefined ? renewalLines(group, naming) : []),
  ];
  const section = (title: string, entries: readonly BlockedEntry[]) =>
    entries.length === 0 ? [] : [[heading(title, look), ...byReason(entries).flatMap(linesOf)].join('\n')];
  const parts = [...section('Blocked', rest), ...section('Waiting', waiting)];
  return parts.length === 0 ? null : parts.join('\n\n');
}

/** The same for a run that has ended, in a few lines. */
export function blockedInRun(
  outcome: Pick<Plan, 'blocked' | 'undoes'>,
  naming: Naming,
  look: TerminalStyle,
): readonly string[] | string | null {
  if (look.full === true || outcome.undoes !== undefined) return blockedText(outcome, naming, look);
  return byReason(outcome.blocked).flatMap((group) => {
    const [first] = group;
    const word = paint(first.reason, isWaiting(first) ? 'good' : 'warn', look);
    const where = escapeControls(listed(group.map(({ key }) => key)));
    return [
      `${word} at ${where}: ${naming.sentence(inOneSentence(group.map(({ detail }) => detail)))}`,
      ...[...hintOf(group), ...commandOf(first, naming)].map((line) => line.slice(2)),
    ];
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
  return [...groupBy(entries, ({ renewal, reason }) => JSON.stringify([renewal.old, renewal.new, reason])).values()];
}

function reasonLines(group: Group<BlockedEntry>, naming: Naming, look: TerminalStyle): readonly string[] {
  const [{ reason, detail }] = group;
  const used = group.map(({ key, consumers }) => {
    const users = consumersText(consumers, look).map(escapeControls).join(', ');
    return `${escapeControls(key)}${users === '' ? '' : `, used by ${users}`}`;
  });
  return [
    `  ${paint(reason, 'warn', look)}: ${naming.sentence(detail)}`,
    ...firstOf(used, keysShown, look).map((line) => `    ${line}`),
  ];
}

function renewalLines(group: Group<BlockedEntry>, naming: Naming): readonly string[] {
  const [entry] = group;
  const { endsAt, renewal } = entry;
  const ends =
    endsAt === null ? 'The end date of the old certificate is not known.' : `The old one expires on ${day(endsAt)}.`;
  return [
    `    ${naming.short(renewal.old)} → ${naming.short(renewal.new)}. ${ends}`,
    ...hintOf(group),
    ...commandOf(entry, naming),
  ];
}

/** Adds the command if one option lets the replacement through. */
function commandOf({ reason, renewal }: BlockedEntry, { short }: Naming): readonly string[] {
  const { guard, offered } = blockEntry(reason) ?? {};
  if (guard === undefined || offered === false) return [];
  return [`      certrebind rebind --old ${short(renewal.old)} --new ${short(renewal.new)} --allow ${reason}`];
}

function hintOf([{ reason, key }, ...others]: Group<BlockedEntry>): readonly string[] {
  const hint = blockEntry(reason)?.hint;
  const list = isMovable(kindOf(key)) ? 'holders' : 'records';
  const text =
    others.length === 0 ? hint?.replace(/records KEY/, () => `${list} ${escapeControls(argumentText(key))}`) : hint;
  return text === undefined ? [] : [`    ${adviceText(text)}`];
}
