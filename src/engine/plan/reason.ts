import type { BlockCode, SkipCode } from '../../base/codes/plan-codes.ts';
import type { BlockedEntry, Note, SkippedEntry } from '../../documents/runs/plan.ts';
import type { RenewalPair } from './renewal-pair.ts';

/** Why something is not done at a place, in one or more sentences. */
export interface Reason<Code = BlockCode | SkipCode> extends Pick<Note, 'text' | 'hosts' | 'command'> {
  readonly code: Code;
}

/** Why a place is left alone; or that a person has to look first. */
export type WhyLeft = Reason<SkipCode> | Reason<'binding-unreadable'>;

type Whose = Pick<SkippedEntry, 'key' | 'consumers'>;

/** How a plan says so. */
export function blockedFor(
  { code, text, hosts = [] }: Reason<BlockCode>,
  { key, consumers }: Whose,
  { renewal, old }: Pick<RenewalPair, 'renewal' | 'old'>,
): BlockedEntry {
  return { key, consumers, renewal, reason: code, detail: text, hosts, endsAt: old?.notAfter ?? null };
}

export function skippedFor({ code, text, command }: Reason<SkipCode>, { key, consumers }: Whose): SkippedEntry {
  return { key, consumers, reason: code, detail: text, ...(command === undefined ? {} : { command }) };
}
