import type { BlockCode } from '../../src/base/codes/plan-codes.ts';
import { type Decision, emptyLedger, type Ledger, type RollbackCause } from '../../src/documents/runs/ledger.ts';
import type { KeyText } from '../../src/kinds/record-key.ts';
import type { Renewal } from '../../src/model/certificates/renewal.ts';
import { now } from './snapshot.ts';

/** What became of a pair. `undone`: a person took it back at `heldAt`, or a run rolled it back there for this cause. */
export interface EntryParts {
  readonly renewal: Renewal;
  readonly state: 'settled' | 'blocked' | 'pending' | 'undone' | 'failed';
  readonly reasons?: readonly BlockCode[];
  readonly run?: string | null;
  readonly at?: string;
  readonly stillOld?: readonly KeyText[];
  readonly heldAt?: readonly KeyText[];
  readonly namesLost?: readonly { readonly key: KeyText; readonly hosts: readonly string[] }[];
  readonly cause?: RollbackCause | null;
  readonly attempts?: number;
  readonly facts?: string | null;
  readonly keyFile?: string;
}

export function ledgerOf(entries: readonly EntryParts[], rest: Partial<Ledger> = {}): Ledger {
  return {
    ...emptyLedger,
    renewals: entries.map(({ renewal, state, reasons = [], run = null, at = now, keyFile }) => {
      const left = reasons.length > 0 ? reasons : leftBy[state];
      return { renewal, run, at, left, ...(keyFile !== undefined && { keyFile }) };
    }),
    decisions: entries.flatMap(decisionsOf),
    ...rest,
  };
}

const leftBy = {
  settled: [],
  undone: [],
  failed: ['failed'],
  blocked: ['names-lost'],
  pending: ['outside-window'],
} as const;

/** A decision about one place, by a person unless there is a cause. */
export function decisionAt(
  place: KeyText,
  pair: Pick<Renewal, 'old' | 'new'>,
  parts: Partial<Decision> = {},
): Decision {
  const { old, new: successor } = pair;
  const isRuns = parts.cause != null;
  return {
    place,
    old,
    new: successor,
    what: isRuns ? 'on-hold' : 'keeps-old',
    by: isRuns || (parts.what ?? 'keeps-old') !== 'keeps-old' ? 'run' : 'person',
    cause: null,
    attempts: isRuns ? 1 : 0,
    facts: null,
    event: null,
    run: null,
    at: now,
    ...parts,
  };
}

function decisionsOf(entry: EntryParts): readonly Decision[] {
  const { renewal, state, run = null, at = now, heldAt = [], stillOld = [], namesLost = [], cause = null } = entry;
  const shared = { run, at, event: renewal.eventRecordId };
  const { attempts = cause === null ? 0 : 1, facts = null } = entry;
  const what = state === 'undone' ? 'serves-new' : 'serves-old';
  return [
    ...heldAt.map((place) => decisionAt(place, renewal, { ...shared, cause, attempts, facts })),
    ...stillOld.map((place) => decisionAt(place, renewal, { ...shared, what })),
    ...namesLost.map(({ key, hosts }) => decisionAt(key, renewal, { ...shared, what: 'lost-names', hosts })),
  ];
}
