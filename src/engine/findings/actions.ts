import { type Group, groupBy } from '../../base/group.ts';
import { distinct } from '../../base/order.ts';
import { byUrgency, isNoticed } from '../../documents/finding.ts';
import type { Action, Finding } from '../../documents/status.ts';

/** What errors and warnings ask of a person, one for each cause: what clients notice now first, then by when it is due. */
export function actionsOf(findings: readonly Finding[]): readonly Action[] {
  const open = [...findings.entries()].filter(([, { severity }]) => severity !== 'info');
  const causes = groupBy(open, ([, found]) => causeOf(found));
  return [...causes.values()].map(actionOf).sort(byUrgency);
}

/** Findings of one cause, together. */
export function causesOf(findings: readonly Finding[]): readonly Group<Finding>[] {
  return [...groupBy(findings, causeOf).values()];
}

/** The same for findings that differ only in their place. What names nothing else is told apart by its message. */
function causeOf({ code, severity, certificate, renewal, missingNames, keys, message, hint }: Finding): string {
  const pair = renewal === null ? null : [renewal.old, renewal.new];
  return JSON.stringify([code, severity, certificate, pair, missingNames, hint, keys.length === 0 ? message : null]);
}

function actionOf(group: Group<readonly [number, Finding]>): Action {
  const [[, { code, severity, title, hint }]] = group;
  const found = group.map(([, one]) => one);
  const [dueAt = null] = distinct(found.flatMap(({ endsAt }) => endsAt ?? []));
  return {
    code,
    severity: severity === 'error' ? 'error' : 'warning',
    title: group.length === 1 ? title : `${title} (and at ${group.length - 1} more)`,
    isNow: isNoticed(code),
    dueAt,
    hint,
    commands: [...new Set(found.flatMap(({ command }) => command ?? []))],
    keys: [...new Set(found.flatMap(({ keys }) => keys))],
    findings: group.map(([place]) => place),
  };
}
