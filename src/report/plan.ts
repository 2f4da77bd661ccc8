import { thumbprintOf } from '../model/holder.ts';
import type { BlockedEntry, Plan, SkippedEntry, Step } from '../model/plan.ts';
import { escapeControls } from '../model/safe-text.ts';
import type { Look } from './look.ts';
import {
  consumersText,
  count,
  heading,
  noteLines,
  paragraphs,
  renewalLines,
  shortThumbprint,
  when,
} from './phrases.ts';
import { renderTable } from './table.ts';

/** What would be done and why, what would not and why. */
export function planText(plan: Plan, look: Look): string {
  const { server } = plan;
  return paragraphs([
    heading(`Plan for ${escapeControls(server.name)} (${server.kind}) as of ${when(plan.asOf)} UTC`, look),
    plan.renewals.length === 0
      ? noRenewal(plan)
      : [count(plan.renewals.length, 'renewal'), ...renewalLines(plan.renewals, look)],
    policyLines(plan),
    stepsText(plan.steps, look),
    blockedText(plan.blocked, look),
    skippedText(plan.skipped, look),
    plan.notes.length === 0 ? null : ['Notes', ...noteLines(plan.notes)],
    summary(plan),
  ]);
}

function noRenewal({ notes }: Plan): string {
  if (notes.some(({ code }) => code === 'renewals-unknown')) return 'Whether a certificate was renewed is unknown.';
  return notes.some(({ code }) => code === 'renewal-held')
    ? 'No renewed certificate but what is held.'
    : 'No renewed certificate.';
}

function policyLines(plan: Plan): readonly string[] {
  if (plan.policy.length === 0) return [];
  return ['Guards changed by the configuration', ...plan.policy.map(({ guard, setting }) => `  ${guard}: ${setting}`)];
}

function stepsText(steps: readonly Step[], look: Look): string | null {
  if (steps.length === 0) return null;
  const rows = steps.map((step) => [
    String(step.id),
    step.key,
    ...beforeAndAfter(step),
    consumersText(step.consumers),
    step.notes.map((note) => note.code),
  ]);
  const table = renderTable(
    [
      { title: 'step', align: 'right' },
      { title: 'TLS record', flexible: true },
      { title: 'before' },
      { title: 'after' },
      { title: 'used by', flexible: true },
      { title: 'notes', flexible: true },
    ],
    rows,
    look,
  );
  return paragraphs([[heading('To be changed', look), table], stepNotes(steps)]);
}

const keysNamed = 3;

/** A sentence that holds for many records is said once. */
function stepNotes(steps: readonly Step[]): readonly string[] {
  const keysOf = new Map<string, string[]>();
  for (const step of steps)
    for (const { code, text } of step.notes) {
      const said = `${code}: ${escapeControls(text)}`;
      keysOf.set(said, [...(keysOf.get(said) ?? []), step.key]);
    }
  return [...keysOf].map(([said, keys]) => {
    const more = keys.length > keysNamed ? ` and ${keys.length - keysNamed} more` : '';
    return `  ${keys.slice(0, keysNamed).join(', ')}${more}: ${said}`;
  });
}

function beforeAndAfter({ before, wanted }: Step): readonly [string, string] {
  if (before === null || wanted === null)
    return [
      before === null ? 'absent' : shortThumbprint(thumbprintOf(before)),
      wanted === null ? 'removed' : shortThumbprint(thumbprintOf(wanted)),
    ];
  const store = wanted.value.store === before.value.store ? '' : ` in ${wanted.value.store}`;
  return [shortThumbprint(thumbprintOf(before)), `${shortThumbprint(thumbprintOf(wanted))}${store}`];
}

/** Shared with the report of an outcome, which carries the same entries. */
export function blockedText(blocked: readonly BlockedEntry[], look: Look): string | null {
  if (blocked.length === 0) return null;
  const rows = blocked.map((entry) => [
    entry.key,
    { text: entry.reason, tone: 'warn' as const },
    entry.detail,
    entry.endsAt === null ? 'unknown' : when(entry.endsAt),
    consumersText(entry.consumers),
  ]);
  const columns = [
    { title: 'TLS record', flexible: true },
    { title: 'reason' },
    { title: 'detail', flexible: true },
    { title: 'ends (UTC)' },
    { title: 'used by', flexible: true },
  ];
  return `${heading('Blocked', look)}\n${renderTable(columns, rows, look)}`;
}

export function skippedText(skipped: readonly SkippedEntry[], look: Look): string | null {
  if (skipped.length === 0) return null;
  const rows = skipped.map((entry) => [entry.key, entry.reason, entry.detail]);
  const columns = [{ title: 'TLS record', flexible: true }, { title: 'reason' }, { title: 'detail', flexible: true }];
  return `${heading('Skipped', look)}\n${renderTable(columns, rows, look)}`;
}

function summary(plan: Plan): string {
  const { steps, blocked, skipped, notes } = plan;
  if (notes.some(({ code }) => code === 'records-unknown')) return 'What would be changed is unknown.';
  if (steps.length + blocked.length + skipped.length === 0) {
    const unseen = notes.some(({ code }) => code === 'renewals-unknown');
    return unseen ? 'Nothing to do is known.' : 'Nothing to do.';
  }
  return `${count(steps.length, 'record')} to change, ${blocked.length} blocked, ${skipped.length} skipped.`;
}
