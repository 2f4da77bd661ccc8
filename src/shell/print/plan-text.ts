import { groupBy } from '../../base/group.ts';
import { escapeControls } from '../../base/safe-text.ts';
import { listed } from '../../documents/finding.ts';
import {
  commandOf,
  isByHand,
  isWaiting,
  meetsFirst,
  type Plan,
  type SkippedEntry,
  type Step,
  settingsLines,
} from '../../documents/runs/plan.ts';
import { type Holder, thumbprintOf } from '../../kinds/holder.ts';
import { mayRead } from '../../kinds/key-access/key-access.ts';
import { blockedText } from './blocked-text.ts';
import {
  consumersText,
  count,
  heading,
  type Naming,
  namingOf,
  noteLines,
  paragraphs,
  renewalLines,
} from './phrases.ts';
import { flexible, renderTable } from './table.ts';
import { paint, type TerminalStyle } from './terminal-style.ts';
import { moment } from './times.ts';

/** What would be done and why, and what would not and why. */
export function planText(plan: Plan, look: TerminalStyle): string {
  const { server, undoes } = plan;
  const naming = namingOf(plan, look);
  const policy = plan.policy.map(({ guard, setting }) => `  ${guard}: ${setting}`);
  const isHeld = plan.notes.some(({ code }) => code === 'renewal-held');
  const what = undoes === undefined ? 'Plan for' : `Plan to undo run ${escapeControls(undoes)} on`;
  return paragraphs(
    [
      heading(`${what} ${escapeControls(server.name)} (${server.kind}) as of ${moment(plan.asOf, look)}`, look),
      plan.renewals.length === 0
        ? `No renewals${isHeld ? ', except one that was rolled back: see the notes' : ''}.`
        : [count(plan.renewals.length, 'renewal'), ...renewalLines(plan, naming, look)],
      policy.length === 0 ? null : ['Guards set otherwise, by the configuration or --allow', ...policy],
      stepsText(plan.steps, naming, look),
      blockedText(plan, naming, look),
      skippedText(plan.skipped, naming, look),
      plan.notes.length === 0 ? null : ['Notes', ...noteLines(plan.notes, naming, look)],
      summary(plan),
    ],
    look,
  );
}

function stepsText(steps: readonly Step[], naming: Naming, look: TerminalStyle): string | null {
  if (steps.length === 0) return null;
  const rows = steps.map((step) => [
    String(step.id),
    step.key,
    ...beforeAndAfter(step, naming),
    consumersText(step.consumers, look),
  ]);
  const table = renderTable(
    [{ title: 'step', align: 'right' }, flexible('place'), 'before', flexible('after'), flexible('used by')],
    rows,
    look,
  );
  return [`${heading('To be changed', look)}\n${table}`, stepNotes(steps, naming, look).join('\n')]
    .filter((part) => part !== '')
    .join('\n\n');
}

const keysNamed = 3;

/** A sentence that applies to many records is said once. */
function stepNotes(steps: readonly Step[], { sentence }: Naming, { full = false }: TerminalStyle): readonly string[] {
  const told = groupBy(
    steps.flatMap(({ key, notes }) => notes.map(({ code, text }) => ({ key, said: `${code}: ${sentence(text)}` }))),
    ({ said }) => said,
  );
  return [...told].map(([said, notes]) => {
    const keys = notes.map(({ key }) => key);
    return `  ${listed(keys, full ? keys.length : keysNamed)}: ${said}`;
  });
}

/** Of the accounts that a step concerns, which all get the right or lose it. */
function accessText({ value }: Holder<'keyAccess'>, asked: readonly string[]): string {
  return asked.some((sid) => mayRead(value, sid)) ? 'read' : 'no access';
}

function beforeAndAfter({ before, wanted }: Step, { short }: Naming): readonly [string, string] {
  if (before?.kind === 'keyAccess' && wanted?.kind === 'keyAccess') {
    const asked = [...before.value.asked, ...wanted.value.asked].map(({ sid }) => sid);
    return [accessText(before, asked), accessText(wanted, asked)];
  }
  if (before === null || wanted === null)
    return [
      before === null ? 'absent' : short(thumbprintOf(before)),
      wanted === null ? 'removed' : short(thumbprintOf(wanted)),
    ];
  const store = wanted.value.store === before.value.store ? '' : ` in ${wanted.value.store}`;
  return [short(thumbprintOf(before)), `${short(thumbprintOf(wanted))}${store}`];
}

/** Shared with the report of an outcome. Holders that have the new certificate already are only counted. */
export function skippedText(skipped: readonly SkippedEntry[], naming: Naming, look: TerminalStyle): string | null {
  const folded = look.full === true ? [] : skipped.filter((entry) => meetsFirst('already', entry));
  const byHand = skipped.filter(isByHand);
  const rows = skipped
    .filter((entry) => !folded.includes(entry) && !byHand.includes(entry))
    .flatMap(({ key, obstacles }) =>
      obstacles.map(({ code, text }, at) => [at === 0 ? key : '', code, naming.sentence(text)]),
    );
  const columns = [flexible('place'), 'reason', flexible('detail')];
  const needNone = `${count(folded.length, 'place')} ${folded.length === 1 ? 'needs' : 'need'} no change`;
  const parts = [
    ...(rows.length === 0 ? [] : [`${heading('Skipped', look)}\n${renderTable(columns, rows, look)}`]),
    ...(folded.length === 0 ? [] : [`${needNone} (--full lists ${folded.length === 1 ? 'it' : 'them'}).`]),
    ...byHandParts(byHand, naming, look),
  ];
  return parts.length === 0 ? null : parts.join('\n\n');
}

/** What CertRebind changes once a setting says so, and what only a person can change; each with the line to type. */
function byHandParts(entries: readonly SkippedEntry[], naming: Naming, look: TerminalStyle): readonly string[] {
  const ifAsked = entries.filter(
    ({ obstacles: [first] }) => commandOf(first)?.startsWith('certrebind config ') === true,
  );
  const part = (title: string, those: readonly SkippedEntry[]) =>
    those.length === 0 ? [] : [[heading(title, look), ...byHandLines(those, naming, look)].join('\n')];
  return [
    ...part('CertRebind changes these once you type the command', ifAsked),
    ...part(
      'To be changed by you',
      entries.filter((entry) => !ifAsked.includes(entry)),
    ),
  ];
}

/** Each said once, with its holders. */
function byHandLines(entries: readonly SkippedEntry[], naming: Naming, look: TerminalStyle): readonly string[] {
  const groups = groupBy(entries, ({ obstacles: [first] }) => JSON.stringify(first));
  return [...groups.values()].flatMap((group) => {
    const [
      {
        obstacles: [first],
      },
    ] = group;
    const command = commandOf(first);
    return [
      `  ${group.map((entry) => placeText(entry, look)).join(', ')}: ${paint(first.code, 'warn', look)}`,
      `    ${naming.sentence(first.text)}`,
      ...(command === null ? [] : [`      ${escapeControls(command)}`]),
      ...settingsLines(first).map((line) => `    ${escapeControls(line)}`),
    ];
  });
}

/** What people call it, with the key that commands take; a certificate binding is called by its key. */
function placeText({ key, consumers }: SkippedEntry, look: TerminalStyle): string {
  const name = key.includes('/') ? consumersText(consumers, look).join(', ') : '';
  return escapeControls(name === '' ? key : `${name} (${key})`);
}

function summary(plan: Plan): string {
  const { steps, blocked, skipped } = plan;
  if (steps.length + blocked.length + skipped.length === 0) return 'Nothing to do.';
  const waiting = blocked.filter(isWaiting).length;
  const waits = waiting === 0 ? '' : ` ${waiting} waiting,`;
  return `${steps.length} to change,${waits} ${blocked.length - waiting} blocked, ${skipped.length} skipped.`;
}
