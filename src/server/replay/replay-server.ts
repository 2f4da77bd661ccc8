import { type HolderNow, holdersByKey, type Place } from '../../holders/holder.ts';
import type { Snapshot } from '../../holders/snapshot.ts';
import { CertRebindError } from '../../text/errors.ts';
import { nothingKnownOf } from '../../windows/path-safety.ts';
import type { Answer, Query, Server } from '../server.ts';

/** A captured server: it answers only from the capture, and refuses every change. */
export function replayServer(captured: Snapshot): Server {
  const snapshot: Snapshot = { ...captured, server: { ...captured.server, kind: 'replay' } };
  let roundTrips = 0;
  return {
    kind: 'replay',
    startsTasks: false,
    async read(queries) {
      roundTrips++;
      return queries.map((query) => answer(snapshot, query));
    },
    async change() {
      throw new CertRebindError('read-only-server', {
        message: `${snapshot.server.name} is a capture from ${snapshot.takenAt}. It cannot be changed.`,
      });
    },
    dial() {
      return { reachable: false, reason: 'a capture has no endpoints to test' };
    },
    cost() {
      return { sessions: 0, roundTrips };
    },
    async close() {},
  };
}

function answer(snapshot: Snapshot, query: Query): Answer {
  switch (query.ask) {
    case 'snapshot':
      return { ask: 'snapshot', snapshot };
    case 'holders':
      return { ask: 'holders', holders: holdersNow(snapshot, query.places) };
    case 'certificates': {
      const wanted = new Set<string>(query.thumbprints);
      return {
        ask: 'certificates',
        certificates: snapshot.certificates.filter(({ thumbprint }) => wanted.has(thumbprint)),
      };
    }
    case 'events':
      return { ask: 'events', lifecycle: snapshot.lifecycle };
    case 'tasks':
      return { ask: 'tasks', tasks: snapshot.tasks };
    case 'rehearsal':
      return { ask: 'rehearsal', seen: [] };
    case 'paths':
      return { ask: 'paths', ...nothingKnownOf(query.paths) };
  }
}

function holdersNow(snapshot: Snapshot, places: readonly Place[]) {
  const holders = holdersByKey(snapshot);
  return places.map(({ key }) => {
    const holder = holders.get(key);
    const now: HolderNow = holder === undefined ? { state: 'absent' } : { state: 'holds', holder };
    return { key, now };
  });
}
