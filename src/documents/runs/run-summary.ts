import type { ValidateFunction } from 'ajv';
import type { BlockCode, SkipCode } from '../../base/codes/plan-codes.ts';
import type { Integer } from '../../base/document.ts';
import { nullIfThrown } from '../../base/errors.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import { validateRunSummary } from '../generated/validate-run-summary.js';
import type { Outcome } from './outcome.ts';

/** What is known of a closed run without opening its files: enough to list it, and to tell whether it is meant. */
export interface RunSummary extends Pick<Outcome, 'run' | 'result' | 'exitCode' | 'startedAt' | 'counts'> {
  /** How many steps it has. */
  readonly steps: Integer;
  /** What the new certificates are called, three at most. */
  readonly certificates?: readonly string[];
  /** Absent, with what follows, where the outcome does not say it. */
  readonly durationMs?: number;
  /** The command that started it, and the event of a renewal that it was for. */
  readonly origin?: RunOrigin;
  /** What a guard blocked, ten places at most. */
  readonly blocked?: readonly BlockedPlace[];
}

export interface RunOrigin {
  readonly command: string | null;
  readonly eventRecordId: Integer | null;
}

/** A place that kept its certificate, why, and the host names that it would have lost. */
export interface BlockedPlace {
  readonly key: KeyText;
  readonly obstacles: readonly {
    /** @anyText */
    readonly code: BlockCode | SkipCode;
    readonly hosts?: readonly string[];
  }[];
}

/** A line of the index of closed runs. */
export interface IndexLine extends RunSummary {
  readonly schema: 'certrebind/run-summary/1';
  /** Of the file with the outcome when it was written; one that looks different now was changed since. */
  readonly size: number;
  readonly modifiedMs: number;
}

const isIndexLine = validateRunSummary as ValidateFunction<IndexLine>;

export function summaryOf(outcome: Outcome): RunSummary {
  const { run, result, exitCode, startedAt, counts, steps, durationMs, renewals, command = null } = outcome;
  const eventRecordId = renewals.find((renewal) => renewal.eventRecordId !== null)?.eventRecordId ?? null;
  return {
    run,
    result,
    exitCode,
    startedAt,
    counts,
    steps: steps.length,
    certificates: newNames(outcome),
    durationMs,
    origin: { command, eventRecordId },
    blocked: outcome.blocked.slice(0, blockedKept).map(({ key, obstacles }) => ({
      key,
      obstacles: obstacles.map((one) => ('hosts' in one ? { code: one.code, hosts: one.hosts } : { code: one.code })),
    })),
  };
}

const blockedKept = 10;

const namesKept = 3;

function newNames({ renewals, certificates = [] }: Outcome): readonly string[] {
  const wanted = new Set(renewals.map((renewal) => renewal.new));
  const names = certificates.flatMap(({ thumbprint, name }) => (wanted.has(thumbprint) ? name : []));
  return [...new Set(names)].slice(0, namesKept);
}

/** `null` for a line that is torn, damaged or of another version: the outcome has the same content. */
export function parseIndexLine(text: string): IndexLine | null {
  return nullIfThrown(() => {
    const value: unknown = JSON.parse(text);
    return isIndexLine(value) ? value : null;
  });
}
