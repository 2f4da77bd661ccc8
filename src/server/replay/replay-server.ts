import { CertRebindError } from '../../base/errors.ts';
import type { HolderNow } from '../../kinds/holder.ts';
import { holdersByKey } from '../../kinds/place.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { withArrived } from '../../model/certificates/certificate-with-key.ts';
import { nothingKnownOf } from '../../model/windows/path-safety.ts';
import type { Server } from '../server.ts';

/** A captured server: it answers only from the capture, and refuses every change. */
export function replayServer(captured: Snapshot): Server {
  const snapshot: Snapshot = { ...captured, server: { ...captured.server, kind: 'replay' } };
  let roundTrips = 0;
  const answer = async <T>(found: T): Promise<T> => {
    roundTrips++;
    return found;
  };
  return {
    kind: 'replay',
    startsTasks: false,
    snapshot: (_, arriving) => {
      if (arriving === undefined) return answer(snapshot);
      return answer({ ...snapshot, certificates: withArrived(snapshot.certificates, arriving.certificate) });
    },
    holders: (keys) => answer(holdersNow(snapshot, keys)),
    certificates: (thumbprints) => {
      const wanted = new Set(thumbprints);
      return answer(snapshot.certificates.filter(({ thumbprint }) => wanted.has(thumbprint)));
    },
    events: () => answer(snapshot.lifecycle),
    tasks: () => answer(snapshot.tasks),
    services: (names) => answer(names.map(() => 'unknown')),
    judgePaths: (paths) => answer(nothingKnownOf(paths)),
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

function holdersNow(snapshot: Snapshot, keys: readonly KeyText[]): ReadonlyMap<KeyText, HolderNow> {
  const holders = holdersByKey(snapshot);
  return new Map(
    keys.map((key) => {
      const holder = holders.get(key);
      return [key, holder === undefined ? { state: 'absent' } : { state: 'holds', holder }];
    }),
  );
}
