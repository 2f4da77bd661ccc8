import { setTimeout as pause } from 'node:timers/promises';
import type { KeyText } from '../../src/kinds/record-key.ts';
import { type CertificateBinding, lostOrChangedOptions } from '../../src/kinds/tls/certificate-binding.ts';
import { tlsHandshaker } from '../../src/server/handshake.ts';
import { randomFrom } from '../fuzz/mutate.ts';
import { Broken } from './broken.ts';
import type { Excuses } from './excuses.ts';
import { keysOf, type Line, type SoakedLab } from './soaked-lab.ts';
import type { Tally } from './tally.ts';

export interface Watch {
  /** What was found broken first; `null` so far. */
  broken(): Broken | null;
  stop(): Promise<void>;
}

interface Watched {
  readonly lab: SoakedLab;
  readonly excuses: Excuses;
  readonly tally: Tally;
  readonly seed: number;
}

const clients = 6;
const clientPauseMs = 40;
/** A server is not at fault when the machine has other work: with this process at rest for seconds, answers wait, too. */
const patienceMs = 60_000;
const recordsEveryMs = 1000;
/** The lab writes its records within half a second. */
const staleMs = 2000;

/** Clients on real sockets, and a look at the records once a second, while everything else goes on. */
export function startWatch(watched: Watched): Watch {
  let broken: Broken | null = null;
  let stopped = false;
  const until = async (work: () => Promise<void>): Promise<void> => {
    while (!stopped) {
      try {
        await work();
      } catch (error) {
        if (!(error instanceof Broken)) throw error;
        broken ??= error;
      }
    }
  };
  const running = [
    ...Array.from({ length: clients }, (_, at) => until(newClient(watched, at))),
    until(async () => {
      await lookAtRecords(watched);
      await pause(recordsEveryMs);
    }),
  ];
  return {
    broken: () => broken,
    async stop() {
      stopped = true;
      await Promise.all(running);
    },
  };
}

function newClient({ lab, excuses, tally, seed }: Watched, at: number): () => Promise<void> {
  const random = randomFrom(seed + at + 1);
  const handshake = tlsHandshaker(lab.server, { timeoutMs: patienceMs, attempts: 1 });
  const lines = lineByKey(lab.lines);
  const { handshakes } = tally;
  return async () => {
    const chosen = lab.endpoints[random(lab.endpoints.length)];
    if (chosen === undefined) throw new Error('no endpoint can be dialled');
    const { key, endpoint } = chosen;
    const startedAt = performance.now();
    const { handshake: seen } = await handshake(endpoint);
    handshakes.slowestMs = Math.max(handshakes.slowestMs, seen.durationMs);
    const where = `${key} as ${endpoint.serverName ?? 'no name'} at ${endpoint.address}:${endpoint.port}`;
    const excused = excuses.covers(key, 'absent', startedAt);
    if (seen.result !== 'served') {
      // A certificate of another store, as others left it there, cannot be served.
      const isOthers = excuses.covers(key, 'other-certificate-held', startedAt);
      if (excused || isOthers || excuses.covers(key, 'handshake-fails', startedAt)) handshakes.failedOnPurpose++;
      else {
        handshakes.failed++;
        throw new Broken('a handshake fails only where an injected fault says so', `${where}: ${seen.reason}`);
      }
    } else if (lines.get(key)?.chain.some((one) => one === seen.thumbprint) === true) {
      handshakes.served++;
    } else if (
      excused ||
      excuses.covers(key, 'other-certificate-served', startedAt) ||
      excuses.covers(key, 'other-certificate-held', startedAt)
    ) {
      handshakes.otherOnPurpose++;
    } else {
      throw new Broken('every endpoint serves a certificate of its own', `${where} served ${seen.thumbprint}`);
    }
    await pause(clientPauseMs);
  };
}

async function lookAtRecords({ lab, excuses }: Watched): Promise<void> {
  const since = performance.now() - staleMs;
  const records = await lab.recordsOnDisk();
  for (const complaint of complaints(lab, records)) {
    if (!excuses.covers(complaint.key, complaint.oddity, since))
      throw new Broken(complaint.invariant, complaint.detail);
  }
}

interface Complaint {
  readonly key: KeyText;
  readonly oddity: 'absent' | 'options' | 'other-certificate-held';
  readonly invariant: string;
  readonly detail: string;
}

/** What is wrong with records, whatever the reason: gone, not whole, or with a certificate that is neither old nor new. */
export function complaints(
  lab: Pick<SoakedLab, 'lines' | 'original'>,
  records: ReadonlyMap<KeyText, CertificateBinding>,
): readonly Complaint[] {
  const lines = lineByKey(lab.lines);
  return [...lab.original].flatMap(([key, before]): readonly Complaint[] => {
    const now = records.get(key);
    if (now === undefined) {
      return [{ key, oddity: 'absent', invariant: 'no record is missing', detail: `${key} is missing` }];
    }
    const found: Complaint[] = [];
    const lost = lostOrChangedOptions(before, now);
    if (lost.length > 0) {
      const detail = `${key} lost or changed ${lost.join(', ')}: ${JSON.stringify(now)}; it was ${JSON.stringify(before)}`;
      found.push({ key, oddity: 'options', invariant: 'every record has all its options', detail });
    }
    const allowed = lines.get(key)?.chain ?? [before.thumbprint];
    if (!allowed.some((one) => one === now.thumbprint)) {
      const detail = `${key} holds ${now.thumbprint}, which is neither its first certificate nor a successor of it`;
      found.push({
        key,
        oddity: 'other-certificate-held',
        invariant: 'every record holds its old or its new certificate',
        detail,
      });
    }
    return found;
  });
}

function lineByKey(lines: readonly Line[]): ReadonlyMap<KeyText, Line> {
  return new Map(lines.flatMap((line) => keysOf(line).map((key) => [key, line] as const)));
}
