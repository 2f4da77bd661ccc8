import type { RollbackCause } from '../../documents/runs/ledger.ts';
import type { StepOutcome } from '../../documents/runs/outcome.ts';

/** How the steps of a run ended, by their places, and those for which the policy rolled back the whole run. */
interface RunEnds {
  readonly byPlace: ReadonlyMap<string, StepOutcome>;
  readonly blamed: ReadonlySet<string>;
}

/**
 * Why a new certificate was rolled back at a place, or not tried there because it failed at another; `null` if it was not.
 * One that could not be rolled back is left to a person: the next run must not do the same to others. What others
 * changed, or cannot be read, says nothing against the renewal.
 */
export function whyRolledBack(end: StepOutcome, { byPlace, blamed }: RunEnds): RollbackCause | null {
  const { error } = end;
  const first = byPlace.get(error?.where ?? '') ?? end;
  if (error?.code === 'canary-failed') return isRolledBack(first) ? causeOf(first) : null;
  if (!isRolledBack(end) && !blamed.has(end.key)) return null;
  return causeOf(error?.code === 'run-undone' ? first : end);
}

function isRolledBack({ state, error }: StepOutcome): boolean {
  return state === 'rolled-back' || (state === 'rollback-failed' && isOurs(error));
}

const tlsWords = /alert|protocol|cipher|handshake failure|unsupported|ssl|tls/i;

function causeOf({ key: at, error, after }: StepOutcome): RollbackCause {
  const said = error?.message ?? '';
  switch (error?.code) {
    case 'interrupted':
      return { kind: 'interrupted', said, at };
    case 'chain-not-sent': {
      const issuer = after.find(({ sent }) => sent?.upTo != null)?.sent?.upTo;
      return issuer == null ? { kind: 'handshake', said, at } : { kind: 'chain', issuer, said, at };
    }
    case 'endpoint-worse': {
      const silent = after.find(({ result }) => result === 'unreachable' || result === 'not-listening');
      if (silent === undefined) return { kind: 'name', said, at };
      return { kind: tlsWords.test(silent.reason ?? '') ? 'protocol' : 'handshake', said, at };
    }
    default:
      return { kind: 'server', said, at };
  }
}

/** Whether it says something of this run, and not of what others did or of a server that is silent. */
export function isOurs(error: StepOutcome['error']): boolean {
  return error !== null && error.code !== 'changed-meanwhile' && error.code !== 'server-silent';
}
