import { type BlockCode, blockCodes, blockEntry } from '../../base/codes/plan-codes.ts';
import type { Configuration } from '../../documents/configuration.ts';
import type { GuardSetting, Note, Plan } from '../../documents/runs/plan.ts';
import { mustActMs } from '../../model/certificates/deadline.ts';
import { shareName } from '../../model/certificates/host-name.ts';
import type { SwapCase } from './guards.ts';
import type { Reason } from './reason.ts';

/** How a policy judges the objections to a replacement. */
export interface Verdict {
  readonly blocking: readonly Reason<BlockCode>[];
  /** For the step: what would have blocked but was set to warn. */
  readonly notes: readonly Note[];
}

export function judge(objections: readonly Reason<BlockCode>[], configuration: Configuration): Verdict {
  return {
    blocking: objections.filter(({ code }) => settingOf(code, configuration) === 'block'),
    notes: objections
      .filter(({ code }) => settingOf(code, configuration) === 'warn')
      .map(({ code, text, hosts = [] }) =>
        code === 'names-fewer' ? { code, text, hosts } : { code: 'guard-warned', text: `${code}: ${text}` },
      ),
  };
}

/** The guards that a policy has changed from their default, in the order of the table of codes. */
export function guardSettings({ guards }: Configuration): Plan['policy'] {
  return blockCodes.flatMap(({ code, guard, preset = 'block' }) => {
    const setting = guards[code];
    return setting === undefined || setting === preset || guard === undefined ? [] : [{ guard: code, setting }];
  });
}

/**
 * Near the end of the old certificate a policy may prefer losing some names to losing all: the replacement is done if lost
 * names are the only objection, not all of them, and the new certificate lasts longer.
 */
export function meetsDeadline({ pair: { old, successor }, asOf }: SwapCase, verdict: Verdict, policy: Configuration) {
  if (policy.deadline.action !== 'replace' || old === null || successor === null) return false;
  if (verdict.blocking.some(({ code }) => code !== 'names-lost' && code !== 'names-fewer')) return false;
  if (!shareName(old, successor)) return false;
  const end = Date.parse(old.notAfter);
  return asOf >= end - mustActMs(old, policy.deadline) && Date.parse(successor.notAfter) > end;
}

/** Guards that rest on facts, and not on judgement, cannot be changed. */
function settingOf(guard: BlockCode, { guards }: Configuration): GuardSetting {
  const entry = blockEntry(guard);
  return entry?.guard === undefined ? 'block' : (guards[guard] ?? entry.preset ?? 'block');
}
