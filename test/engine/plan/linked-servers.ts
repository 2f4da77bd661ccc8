import fc from 'fast-check';
import type { EntryParts } from '../../builders/ledger.ts';
import { certificate, logOf, now, renewal, replaced, type SnapshotParts } from '../../builders/snapshot.ts';

/** An account that nobody trusts. */
export const anyone = 'S-1-5-21-1-2-3-1104';
export const labels = [...'abcdef'];

export const entry = (old: string, successor: string, parts: Partial<EntryParts> = {}): EntryParts => ({
  renewal: renewal(old, successor),
  state: 'settled',
  reasons: [],
  run: null,
  at: '2026-05-01T00:00:00.000Z',
  ...parts,
});

const label = fc.constantFrom(...labels);
const pair = fc.tuple(label, label).filter(([old, successor]) => old !== successor);

interface LinkedServer {
  readonly parts: SnapshotParts;
  readonly entries: readonly EntryParts[];
}

/**
 * What a handful of certificates, events and runs say of each other, so that chains, forks and circles are common.
 */
export const linkedServers: fc.Arbitrary<LinkedServer> = fc
  .record({
    properties: fc.uniqueArray(pair, { maxLength: 4, selector: ([old]) => old }),
    events: fc.array(fc.tuple(pair, fc.boolean()), { maxLength: 5 }),
    done: fc.array(
      fc.tuple(
        pair,
        fc.constantFrom('given', 'event', 'same-names'),
        fc.constantFrom('settled', 'settled', 'undone', 'blocked'),
        fc.boolean(),
      ),
      { maxLength: 4 },
    ),
  })
  .map(({ properties, events, done }) => ({
    parts: {
      certificates: properties.map(([old, renewedTo]) => certificate(old, { renewedTo })),
      lifecycle: logOf(
        ...events.map(([[old, successor], isTrusted], at) =>
          replaced(at + 1, old, successor, isTrusted ? {} : { userId: anyone }),
        ),
      ),
    },
    entries: done.map(([[old, successor], source, state, corroborated]) =>
      entry(old, successor, {
        renewal: renewal(old, successor, {
          source,
          corroborated: corroborated || source !== 'event' || state === 'undone',
        }),
        state,
        at: now,
      }),
    ),
  }));
