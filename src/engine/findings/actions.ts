import type { FindingCode } from '../../base/codes/finding-codes.ts';
import { type Group, groupBy } from '../../base/group.ts';
import { distinct, joinedInOrder } from '../../base/order.ts';
import { isNoticed } from '../../documents/finding.ts';
import type { Action, Finding } from '../../documents/status.ts';
import { isMovable, kindOf } from '../../kinds/holder.ts';
import { movable } from '../../kinds/kinds.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import { reportedKindOf } from '../../kinds/reported/reported.ts';
import { reportedRules } from '../../kinds/reported/reported-kinds.ts';

/** What errors and warnings ask of a person, one for each cause, in the order of the findings. */
export function actionsOf(findings: readonly Finding[]): readonly Action[] {
  const open = [...findings.entries()].filter(([, { severity }]) => severity !== 'info');
  const causes = groupBy(open, ([, found]) => (ofSetup.includes(found.code) ? 'setup' : causeOf(found)));
  return [...causes.values()].map((group) =>
    ofSetup.includes(group[0][1].code) ? setupAction(group) : actionOf(group),
  );
}

/** What `install` and `enable` mend, as after an upgrade that is not finished. The command of the first of these mends the others. */
const ofSetup: readonly FindingCode[] = [
  'enable-unfinished',
  'version-drift',
  'proof-failed',
  'task-missing',
  'task-changed',
  'task-disabled',
  'proof-missing',
];

/** One thing to do, which names the tasks that it is about. */
function setupAction(group: Group<readonly [number, Finding]>): Action {
  const [[, worst]] = group;
  const found = group.map(([, one]) => one).toSorted((a, b) => ofSetup.indexOf(a.code) - ofSetup.indexOf(b.code));
  const [first = worst, ...others] = found;
  const title = [first, ...others.filter(({ code }) => code.startsWith('task-'))].map((one) => one.title).join('. ');
  const action = actionOf([[0, { ...first, severity: worst.severity, title }]]);
  return { ...action, findings: group.map(([place]) => place) };
}

/** The same for findings that differ only in their place. What names nothing else is told apart by its message. */
export function causeOf(found: Finding): string {
  const { code, severity, certificate, renewal, missingNames, hint, commands, keys, message } = found;
  const pair = renewal === null ? null : [renewal.old, renewal.new];
  const said = keys.length === 0 ? message : null;
  return JSON.stringify([code, severity, certificate, pair, missingNames, hint, commands.length > 0, said]);
}

function actionOf(group: Group<readonly [number, Finding]>): Action {
  const [[, { code, severity, title, hint, endsAt: dueAt }]] = group;
  const found = group.map(([, one]) => one);
  return {
    code,
    severity: severity === 'error' ? 'error' : 'warning',
    title: `${title}${othersText(found.slice(1))}`,
    isNow: isNoticed({ code, dueAt }),
    dueAt,
    hint,
    commands: joinedInOrder(found.map(({ commands }) => commands)),
    keys: [...new Set(found.flatMap(({ keys }) => keys))],
    findings: group.map(([place]) => place),
  };
}

/** How many others there are, and which of them are no certificate bindings. */
function othersText(others: readonly Finding[]): string {
  if (others.length === 0) return '';
  const kinds = distinct(others.flatMap(({ keys }) => keys.flatMap(kindText)));
  const named = kinds.length === 0 ? '' : `: ${kinds.join(', ')}`;
  return ` (and ${others.length} other place${others.length === 1 ? '' : 's'}${named})`;
}

function kindText(key: KeyText): string | readonly [] {
  const reported = reportedKindOf(key);
  if (reported !== null) return reportedRules[reported].called;
  const kind = kindOf(key);
  return isMovable(kind) ? movable[kind].plural : [];
}
