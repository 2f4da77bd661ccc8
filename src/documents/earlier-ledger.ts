/**
 * A ledger of the first number kept what became of each pair as a whole. What was undone or rolled back becomes a decision
 * at each place that it names; where it names none, the places are those of its run, which the reader of the state adds.
 * Gets any JSON: what is not as it was written stays as it is, for the check that follows.
 */
export function ledgerOfEntries(written: unknown): unknown {
  const { entries, debts, dismissed, listing, retired = [] } = Object(written);
  if (!Array.isArray(entries)) return { renewals: entries, decisions: [], listing };
  const seen: Entry[] = [];
  const taken = new Set<Entry>();
  const unplaced: object[] = [];
  for (const one of entries) {
    const entry = Object(one);
    const { old, new: successor, source } = Object(entry.renewal);
    // A certificate that is set again is no renewal.
    if (old !== undefined && old === successor) continue;
    const forth = seen.filter(({ renewal }) => renewal?.old === successor && renewal?.new === old);
    seen.push(entry);
    if (source !== 'given' || entry.state !== 'settled' || forth.length === 0) continue;
    // A person went back from the new certificate to the old one.
    for (const back of [entry, ...forth.filter(({ renewal }) => renewal?.source === 'given')]) taken.add(back);
    unplaced.push({ ...decisionOf(entry), old: successor, new: old, what: 'keeps-old', by: 'person' });
  }
  const decided = seen.filter((entry) => !taken.has(entry)).flatMap(decisionsOf);
  const everywhere = [...unplaced, ...decided.filter(({ place }) => place === null)].map((one) => {
    const { place: _, ...rest } = Object(one);
    return rest;
  });
  const isGivenUp = ({ renewal, state, rolledBack }: Entry) =>
    renewal?.source === 'given' && state === 'undone' && rolledBack?.cause?.kind === 'person';
  return {
    renewals: seen.filter((entry) => !taken.has(entry) && !isGivenUp(entry)).map(renewalOf),
    decisions: decided.filter(({ place }) => place !== null),
    listing,
    pendingRollbacks: debts ?? [],
    dismissed: list(dismissed).map((one) => {
      const { key, ...rest } = Object(one);
      return { ...rest, place: key, certificate: null };
    }),
    retired,
    ...(everywhere.length > 0 && { unplaced: everywhere }),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: it is any JSON
type Entry = Readonly<Record<string, any>>;

function renewalOf({ renewal, run, at, state, reasons, keyFile }: Entry) {
  const left = state === 'failed' ? ['failed'] : state === 'settled' || state === 'undone' ? [] : reasons;
  return { renewal, run, at, left, ...(keyFile === undefined ? {} : { keyFile }) };
}

function decisionsOf(entry: Entry): readonly (object & { readonly place: unknown })[] {
  const { state, rolledBack, heldAt, stillOld, namesLost } = entry;
  const decision = decisionOf(entry);
  const isPersons = rolledBack?.cause?.kind === 'person';
  const attempts = rolledBack?.attempts ?? 1;
  const held = isPersons
    ? { ...decision, what: 'keeps-old', by: 'person' }
    : { ...decision, what: 'on-hold', cause: rolledBack?.cause ?? null, attempts };
  const keys = list(rolledBack?.keys);
  const places = state === 'undone' ? (keys.length > 0 ? keys : [null]) : list(heldAt);
  const served = state === 'undone' ? 'serves-new' : 'serves-old';
  return [
    ...places.map((place) => ({ ...held, place })),
    ...list(stillOld).map((place) => ({ ...decision, what: served, place })),
    ...list(namesLost).map((one) => ({ ...decision, what: 'lost-names', place: one?.key, hosts: one?.hosts })),
  ];
}

function decisionOf({ renewal, run, at }: Entry) {
  const { old, new: successor, eventRecordId: event } = Object(renewal);
  return { old, new: successor, by: 'run', cause: null, attempts: 0, facts: null, event, run, at };
}

/** What is no list stays one thing, which the check refuses. */
function list(value: unknown): readonly Entry[] {
  if (Array.isArray(value)) return value;
  return value === undefined ? [] : [Object(value)];
}
