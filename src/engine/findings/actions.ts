import { type Group, groupBy } from '../../base/group.ts';
import { distinct } from '../../base/order.ts';
import { isNoticed } from '../../documents/finding.ts';
import type { Action, Finding } from '../../documents/status.ts';

/** What errors and warnings ask of a person, one for each cause, in the order of the findings. */
export function actionsOf(findings: readonly Finding[]): readonly Action[] {
  const open = [...findings.entries()].filter(([, { severity }]) => severity !== 'info');
  const causes = groupBy(open, ([, found]) => causeOf(found));
  return [...causes.values()].map(actionOf);
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
    title:
      group.length === 1 ? title : `${title} (and ${group.length - 1} other place${group.length === 2 ? '' : 's'})`,
    isNow: isNoticed(code),
    dueAt,
    hint,
    commands: distinct(found.flatMap(({ commands }) => commands)),
    keys: [...new Set(found.flatMap(({ keys }) => keys))],
    findings: group.map(([place]) => place),
  };
}
