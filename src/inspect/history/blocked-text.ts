import { day } from '../../certificates/named-certificate.ts';
import { blockEntry } from '../../codes/plan-codes.ts';
import { type Look, paint } from '../../command-line/print/look.ts';
import { adviceText, consumersText, firstOf, heading, type Naming } from '../../command-line/print/phrases.ts';
import { type BlockedEntry, isWaiting } from '../../documents/runs/plan.ts';
import { type Group, groupBy } from '../../text/group.ts';
import { escapeControls } from '../../text/safe-text.ts';

const keysShown = 6;

/** What a guard blocks, and what only waits: each reason once, with its holders and what helps. */
export function blockedText(blocked: readonly BlockedEntry[], naming: Naming, look: Look): string | null {
  const waiting = blocked.filter(isWaiting);
  const parts = [
    section(
      'Blocked',
      blocked.filter((entry) => !waiting.includes(entry)),
      naming,
      look,
    ),
    section('Waiting', waiting, naming, look),
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join('\n\n');
}

function section(title: string, entries: readonly BlockedEntry[], naming: Naming, look: Look): string | null {
  if (entries.length === 0) return null;
  const groups = groupBy(entries, ({ renewal, reason, detail }) =>
    JSON.stringify([renewal.old, renewal.new, reason, detail]),
  );
  const lines = [...groups.values()].flatMap((group) => groupLines(group, naming, look));
  return [heading(title, look), ...lines].join('\n');
}

function groupLines(group: Group<BlockedEntry>, naming: Naming, look: Look): readonly string[] {
  const [first] = group;
  const { reason, detail, endsAt, renewal } = first;
  const used = group.map((entry) => usedText(entry, look));
  const ends =
    endsAt === null ? 'The end date of the old certificate is not known.' : `The old one expires on ${day(endsAt)}.`;
  return [
    `  ${paint(reason, 'warn', look)}: ${naming.sentence(detail)}`,
    ...firstOf(used, keysShown, look).map((line) => `    ${line}`),
    `    ${naming.short(renewal.old)} → ${naming.short(renewal.new)}. ${ends}`,
    ...hintOf(reason),
    ...commandOf(first, naming),
  ];
}

function usedText({ key, consumers }: BlockedEntry, look: Look): string {
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
