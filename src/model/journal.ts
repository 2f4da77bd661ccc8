import type { Observation } from './handshake.ts';
import type { Proof } from './outcome.ts';
import type { Plan } from './plan.ts';
import type { RecordNow } from './tls-record.ts';

/**
 * The lines of `journal.ndjson`, each flushed before the next effect. The first line holds everything that a later
 * process needs to finish or to undo the run: the plan with the full old records, and the baseline.
 */
export type JournalLine =
  | {
      readonly schema: 'certrebind/journal/1';
      readonly at: string;
      readonly type: 'opened';
      readonly run: string;
      readonly command: string;
      readonly plan: Plan;
      readonly baseline: readonly { readonly step: number; readonly observations: readonly Observation[] }[];
    }
  | { readonly at: string; readonly type: 'changing'; readonly steps: readonly number[] }
  | {
      readonly at: string;
      readonly type: 'changed';
      readonly step: number;
      readonly now: RecordNow;
      readonly error: string | null;
    }
  | { readonly at: string; readonly type: 'repairing'; readonly step: number; readonly options: readonly string[] }
  | { readonly at: string; readonly type: 'proved'; readonly step: number; readonly proof: Proof }
  | { readonly at: string; readonly type: 'putting-back'; readonly step: number; readonly why: string }
  | {
      readonly at: string;
      readonly type: 'put-back';
      readonly step: number;
      readonly now: RecordNow;
      readonly error: string | null;
    }
  | { readonly at: string; readonly type: 'recovering'; readonly pid: number };
