import { CertRebindError } from '../../../src/base/errors.ts';
import { parseLooked } from '../../../src/documents/looked.ts';
import type { JournalLine } from '../../../src/documents/runs/journal.ts';
import { parseJournalLine } from '../../../src/documents/runs/journal-document.ts';
import { emptyLedger, parseLedger } from '../../../src/documents/runs/ledger.ts';
import type { Outcome } from '../../../src/documents/runs/outcome.ts';
import { parseOutcome } from '../../../src/documents/runs/outcome-document.ts';
import { summaryOf } from '../../../src/documents/runs/run-summary.ts';
import { nothingSeen } from '../../../src/documents/seen.ts';
import type { RunJournal, State } from '../../../src/engine/state/state.ts';

export interface MemoryState extends State {
  /** The same memory once more, from here on its own. */
  copy(): MemoryState;
  /** All that is remembered. */
  text(): string;
}

interface Memory {
  readonly ledger: string;
  readonly looked: string | null;
  readonly lastError: string | null;
  readonly runs: ReadonlyMap<string, { readonly journal: readonly string[]; readonly outcome: string | null }>;
}

/** What was read of a text, for this memory and its copies: thousands of worlds after kills read the same lines. */
interface Known {
  readonly lines: Map<string, JournalLine>;
  readonly outcomes: Map<string, Outcome>;
}

const nothing: Memory = { ledger: JSON.stringify(emptyLedger), looked: null, lastError: null, runs: new Map() };

/** The state of a server in memory, as text, so that whatever would not survive a file does not survive here. */
export function memoryState(
  from: Memory = nothing,
  known: Known = { lines: new Map(), outcomes: new Map() },
): MemoryState {
  let locked = false;
  let seen = nothingSeen;
  let { ledger, looked, lastError } = from;
  const runs = new Map([...from.runs].map(([run, { journal, outcome }]) => [run, { journal: [...journal], outcome }]));

  const stored = (run: string) => {
    const found = runs.get(run);
    if (found === undefined) throw new CertRebindError('no-such-run', { message: run });
    return found;
  };
  const head = (run: string) => {
    const { outcome } = stored(run);
    return { run, outcome: outcome === null ? null : once(known.outcomes, outcome, () => parseOutcome(outcome, run)) };
  };
  const journal = (run: string): RunJournal => ({
    run,
    append: async (...lines: readonly JournalLine[]) => {
      stored(run).journal.push(...lines.map((line) => JSON.stringify(line)));
    },
    close: async (outcome: Outcome) => {
      stored(run).outcome = JSON.stringify(outcome);
    },
    abandon: async () => {},
  });
  const names = () => [...runs.keys()];

  return {
    folder: '/memory',
    copy: () => memoryState({ ledger, looked, lastError, runs }, known),
    text: () => JSON.stringify([ledger, looked, lastError, ...runs]),
    assertSafe: async () => {},
    assertSafeRun: async () => {},
    lock: async () => {
      if (locked) throw new CertRebindError('locked', { message: 'locked' });
      locked = true;
      return {
        release: async () => {
          locked = false;
        },
      };
    },
    readLedger: async () => ({
      ...parseLedger(ledger, 'ledger'),
      ...(looked === null ? {} : { looked: parseLooked(looked, 'looked') }),
    }),
    writeLedger: async ({ looked: _, ...value }) => {
      ledger = JSON.stringify(value);
    },
    readSeen: async () => seen,
    changeSeen: async (change) => {
      seen = change(seen);
    },
    writeLooked: async (value) => {
      looked = JSON.stringify(value);
    },
    ledgerDamage: async () => null,
    replaceLedger: async () => {
      throw new TypeError('a ledger in memory is never damaged');
    },
    listRuns: async () =>
      names().map((run) => {
        const { outcome } = head(run);
        return { run, summary: outcome === null ? null : summaryOf(outcome), unreadable: null };
      }),
    unclearOrder: async () => null,
    unfinishedRuns: async () => names().filter((run) => stored(run).outcome === null),
    readRun: async (run) => ({
      ...head(run),
      journal: stored(run).journal.map((line) => once(known.lines, line, () => parseJournalLine(line, run))),
      damagedLines: [],
    }),
    readOutcome: async (run) => head(run).outcome,
    openRun: async (run) => {
      runs.set(run, { journal: [], outcome: null });
      return journal(run);
    },
    reopenRun: async (run) => journal(run),
    discardRun: async (run) => {
      runs.delete(run);
    },
    pruneRuns: async (keep, spared = new Set()) => {
      const closed = names().filter((run) => !spared.has(run) && stored(run).outcome !== null);
      for (const run of closed.slice(0, Math.max(0, closed.length - keep))) runs.delete(run);
    },
    removeTemporaryFiles: async () => {},
    readLastError: async () => (lastError === null ? null : JSON.parse(lastError)),
    writeLastError: async (document) => {
      lastError = document === null ? null : JSON.stringify(document);
    },
  };
}

function once<Value>(known: Map<string, Value>, text: string, read: () => Value): Value {
  const value = known.get(text) ?? read();
  known.set(text, value);
  return value;
}
