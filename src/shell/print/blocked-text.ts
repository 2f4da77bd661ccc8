import { blockEntry } from '../../base/codes/plan-codes.ts';
import { type Group, groupBy } from '../../base/group.ts';
import { escapeControls } from '../../base/safe-text.ts';
import { type BlockedEntry, isWaiting, type Plan } from '../../documents/runs/plan.ts';
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
    ...reasonLines(group, naming, look),
    ...(undoes === undefined ? renewalLines(group[0], naming) : []),
  ];
  const section = (title: string, entries: readonly BlockedEntry[]) =>
    entries.length === 0 ? [] : [[heading(title, look), ...sameReasons(entries).flatMap(linesOf)].join('\n')];
  const parts = [...section('Blocked', rest), ...section('Waiting', waiting)];
  return parts.length === 0 ? null : parts.join('\n\n');
}

function sameReasons(entries: readonly BlockedEntry[]): readonly Group<BlockedEntry>[] {
  const groups = groupBy(entries, ({ renewal, reason, detail }) =>
    JSON.stringify([renewal.old, renewal.new, reason, detail]),
  );
  return [...groups.values()];
}

function reasonLines(group: Group<BlockedEntry>, naming: Naming, look: TerminalStyle): readonly string[] {
  const [{ reason, detail }] = group;
  const used = group.map((entry) => usedText(entry, look));
  return [
    `  ${paint(reason, 'warn', look)}: ${naming.sentence(detail)}`,
    ...firstOf(used, keysShown, look).map((line) => `    ${line}`),
  ];
}

function renewalLines(entry: BlockedEntry, naming: Naming): readonly string[] {
  const { reason, endsAt, renewal } = entry;
  const ends =
    endsAt === null ? 'The end date of the old certificate is not known.' : `The old one expires on ${day(endsAt)}.`;
  return [
    `    ${naming.short(renewal.old)} → ${naming.short(renewal.new)}. ${ends}`,
    ...hintOf(reason),
    ...commandOf(entry, naming),
  ];
}

function usedText({ key, consumers }: BlockedEntry, look: TerminalStyle): string {
  const used = consumersText(consumers, look).map(escapeControls).join(', ');
  return `${escapeControls(key)}${used === '' ? '' : `, used by ${used}`}`;
}

/** Adds the command if one option lets the replacement through. */
function commandOf({ reason, renewal }: BlockedEntry, { short }: Naming): readonly string[] {
  if (blockEntry(reason)?.guard === undefined) return [];
  return [`      certrebind rebind --old ${short(renewal.old)} --new ${short(renewal.new)} --allow ${reason}`];
}

function hintOf(reason: BlockedEntry['reason']): readonly string[] {
  const hint = blockEntry(reason)?.hint;
  return hint === undefined ? [] : [`    ${adviceText(hint)}`];
}
