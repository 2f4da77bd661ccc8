import type { Thumbprint } from '../../src/certificates/thumbprint.ts';
import type { Ledger } from '../../src/documents/runs/ledger.ts';
import { recordsOf } from '../../src/holders/holder.ts';
import type { TlsRecord } from '../../src/holders/tls/tls-record.ts';
import { ledgerEntries } from '../../src/inspect/status/ledger-entries.ts';
import { snapshotOf } from '../../src/lab/kernel/snapshot.ts';
import { bindings, type Clients, type Happened, lab, labels } from './history.ts';

/**
 * What is wrong by a look at the records, and at what clients get, alone. Knows nothing of findings and plans: it compares
 * what is held and served with what was announced, given, chosen by a person and excluded.
 */
export interface Verdict {
  /** At bindings of started sites; `told`: texts of which a finding about it has one. */
  readonly held: readonly Wrong[];
  /** The same, and what clients get. */
  readonly served: readonly Wrong[];
  /** Nothing about any binding, the log, runs or what they owe needs anybody. */
  readonly isWell: boolean;
  /** As `isWell`, and clients get what is set. */
  readonly isServedWell: boolean;
}

export interface Wrong {
  readonly what: string;
  readonly told: readonly string[];
}

const ends = new Map<string, number>([
  ...lab.build().certificates.map(({ thumbprint }) => [thumbprint, Date.parse('2028-01-01T00:00:00Z')] as const),
  [lab.thumbprint('c0'), Date.parse('2027-01-01T00:00:00Z')],
  [lab.thumbprint('short'), Date.parse('2026-06-20T00:00:00Z')],
]);
const named = new Map<string, readonly string[]>(
  labels.map((label) => [
    lab.thumbprint(label),
    label === 'few' ? ['a.example.com'] : ['a.example.com', 'b.example.com'],
  ]),
);
const original = recordsByKey(recordsOf(snapshotOf(lab.build(), 'system', '2026-06-01T12:00:00.000Z')));
/** No certificate of the histories has a short life. */
const warnedMs = 30 * 24 * 3600_000;

export async function judge(happened: Happened, seen: readonly TlsRecord[], clients: Clients): Promise<Verdict> {
  const { world, configuration, chosen, announced, isLogCleared } = happened;
  const { state } = world.kernel;
  const now = world.kernel.now().getTime();
  const ledger = await world.state.readLedger();
  const entries = ledgerEntries(ledger);
  const stored = new Map<string, (typeof state.certificates)[number]>(
    state.certificates.map((one) => [one.thumbprint, one]),
  );
  const known = knownPairs(happened, ledger);
  const { exclude } = configuration;
  const isExcluded = (key: string, held: string) =>
    exclude.records.some((one) => one === key) || exclude.thumbprints.some((one) => leadsTo(known, held, one));
  const isChosen = (one: string) =>
    chosen.has(one as Thumbprint) ||
    entries.some(
      ({ renewal, state: is, at }) =>
        renewal.source === 'given' &&
        (is === 'settled' || is === 'failed') &&
        renewal.new === one &&
        // Also where what was announced since leads back to what the person left.
        (Date.parse(at) > (announced.get(renewal.new) ?? 0) || leadsTo(known, renewal.new, renewal.old)),
    );

  const records = recordsByKey(seen);
  const held: Wrong[] = [];
  const served: Wrong[] = [];
  let isWell = true;
  let isServedWell = true;
  for (const { site, host, key } of bindings) {
    const isStarted = !state.stoppedSites.includes(site);
    const record = records.get(key);
    const thumbprint = record?.thumbprint ?? null;
    const certificate = thumbprint === null ? undefined : stored.get(thumbprint);
    const end = thumbprint === null ? 0 : (ends.get(thumbprint) ?? 0);
    const replaced = known.filter(({ old }) => old === thumbprint);
    // A person who undid a renewal knows of every way that leads to the same certificate.
    const undone = entries.filter(
      ({ renewal, heldAt: at, rolledBack }) =>
        at?.includes(key) && rolledBack?.cause.kind === 'person' && renewal.old === thumbprint,
    );
    const isUndone = replaced.every(({ successor }) =>
      undone.some(({ renewal }) => leadsTo(known, successor, renewal.new)),
    );
    const wrong =
      certificate === undefined
        ? 'has no certificate'
        : end <= now
          ? 'has a certificate that ended'
          : !isUndone && !isExcluded(key, certificate.thumbprint) && !isChosen(certificate.thumbprint)
            ? 'has a certificate that was replaced'
            : null;
    if (isStarted && wrong !== null)
      held.push({ what: `${key} ${wrong}`, told: [key, ...(thumbprint === null ? [] : [thumbprint])] });
    isWell &&=
      certificate !== undefined &&
      certificate.key === 'usable' &&
      end > now + warnedMs &&
      replaced.length === 0 &&
      (host === null || (named.get(certificate.thumbprint)?.includes(host) ?? false)) &&
      JSON.stringify(record?.options) === JSON.stringify(original.get(key)?.options) &&
      record?.store === 'My';

    if (!isStarted) {
      isServedWell = false;
      continue;
    }
    const client = await clients({ address: '0.0.0.0', port: 443, serverName: host });
    isServedWell &&= client.thumbprint !== null && client.thumbprint === thumbprint;
    if (record === undefined) continue;
    const follows = client.thumbprint !== null && leadsTo(known, thumbprint, client.thumbprint);
    const what =
      client.thumbprint === null
        ? 'serves nothing'
        : client.thumbprint !== thumbprint && !follows
          ? 'serves another certificate'
          : null;
    if (what !== null)
      served.push({ what: `${key} ${what}`, told: [key, ...(thumbprint === null ? [] : [thumbprint])] });
  }
  const lostNames = entries.some(({ namesLost = [], renewal }) =>
    namesLost.some(({ key }) => records.get(key)?.thumbprint === renewal.new),
  );
  isWell &&=
    !isLogCleared &&
    !lostNames &&
    ledger.pendingRollbacks.length === 0 &&
    (await world.state.unfinishedRuns()).length === 0 &&
    state.switches['renewal-issuer'] === 'stored';
  isServedWell &&= isWell;
  // What `status` knows of clients is what the last run saw.
  const isLookDue = entries.some(({ stillOld = [], renewal }) =>
    stillOld.some((key) => {
      const is = records.get(key)?.thumbprint ?? null;
      return is === renewal.old || (is !== null && leadsTo(known, renewal.new, is));
    }),
  );
  return { held, served: [...held, ...served], isWell: isWell && !isLookDue, isServedWell };
}

interface Pair {
  readonly old: string;
  readonly successor: string;
}

/** By an event in the log, by a property of a certificate, or by what runs remember. */
function knownPairs({ world: { kernel } }: Happened, ledger: Ledger): readonly Pair[] {
  const thumbprints = [...ends.keys()];
  const inLog = kernel.state.lifecycle.events.flatMap(({ xml }) => {
    // The old certificate is named first.
    const found = thumbprints
      .map((one) => ({ one, at: xml.toUpperCase().indexOf(one) }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at - b.at);
    const [old, successor] = found;
    return old === undefined || successor === undefined ? [] : { old: old.one, successor: successor.one };
  });
  const named_ = kernel.state.certificates.flatMap(({ thumbprint, renewedTo }) =>
    renewedTo === null ? [] : { old: thumbprint, successor: renewedTo },
  );
  const told = [...inLog, ...named_];
  const remembered = ledgerEntries(ledger)
    .map(({ renewal: { old, new: successor, source } }) => ({ old, successor, source }))
    // Going back to a certificate does not replace the one that replaced it.
    .filter(({ old, successor, source }) => source !== 'given' || !leadsTo(told, successor, old));
  return [...told, ...remembered].filter(({ old, successor }) => old !== successor);
}

function leadsTo(known: readonly Pair[], from: string | null, to: string): boolean {
  const passed = new Set<string>();
  const waiting = from === null ? [] : [from];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === to) return true;
    if (passed.has(next)) continue;
    passed.add(next);
    waiting.push(...known.filter(({ old }) => old === next).map(({ successor }) => successor));
  }
  return false;
}

function recordsByKey(records: readonly TlsRecord[]): ReadonlyMap<string, TlsRecord> {
  return new Map(records.map((one) => [one.key, one]));
}
