import fc from 'fast-check';
import { type Endpoint, endpointId, type Handshake } from '../../src/certificates/handshake.ts';
import { byThumbprint } from '../../src/certificates/named-certificate.ts';
import type { Renewal } from '../../src/certificates/renewal.ts';
import { chainState } from '../../src/certificates/served-chain.ts';
import type { Thumbprint } from '../../src/certificates/thumbprint.ts';
import { type Configuration, defaultConfiguration } from '../../src/documents/configuration.ts';
import { keepsOld, samePair } from '../../src/documents/runs/ledger.ts';
import type { Outcome } from '../../src/documents/runs/outcome.ts';
import { recordsOf } from '../../src/holders/holder.ts';
import type { KeyText } from '../../src/holders/record-key.ts';
import type { Snapshot } from '../../src/holders/snapshot.ts';
import { type TlsRecord, withCertificate } from '../../src/holders/tls/tls-record.ts';
import { type PartName, unknownParts } from '../../src/holders/unknown-parts.ts';
import { dismissalOf } from '../../src/inspect/dismiss/dismissals.ts';
import { everyFinding } from '../../src/inspect/findings/diagnose.ts';
import type { DoctorFacts } from '../../src/inspect/findings/facts.ts';
import { ledgerEntries } from '../../src/inspect/status/ledger-entries.ts';
import type { LabRequest } from '../../src/lab/kernel/requests.ts';
import { snapshotOf } from '../../src/lab/kernel/snapshot.ts';
import { endpointsOfServer } from '../../src/plan/endpoints-of-server.ts';
import { owedValues } from '../../src/run/last-known.ts';
import { CertRebindError } from '../../src/text/errors.ts';
import { restoreOf } from '../builders/changes.ts';
import { labState } from '../builders/lab.ts';
import { replacementEvent } from '../builders/replacement-event.ts';
import { https, sni } from '../builders/snapshot.ts';
import { factsOf } from '../inspect/findings/facts.ts';
import { Killed, mortal } from '../run/mortal.ts';
import { keyText, rebind, reconcile, undo, type World, worldOf } from '../run/world.ts';
import { storedRuns } from '../support/stored-runs.ts';
import { faultsAt, faultsOf, type RandomFault } from './scenario.ts';

/** Three IIS bindings of two sites, each with a record of its own. */
export const bindings = [
  { site: 'Shop', host: null, key: keyText('0.0.0.0:443') },
  { site: 'Shop', host: 'a.example.com', key: keyText('a.example.com:443') },
  { site: 'Blog', host: 'b.example.com', key: keyText('b.example.com:443') },
] as const;

const names = ['a.example.com', 'b.example.com'];
const issuer = 'issuing';
const notAfter = '2028-01-01T00:00:00Z';

/** The first is what all records hold in the beginning; the last is what a person sets in the end. */
export const labels = ['c0', 'c1', 'c2', 'c3', 'few', 'short', 'lone', 'last'] as const;
const inHistories = labels.length - 1;

export const lab = labState()
  .certificate('c0', { names, issuer })
  .certificate('c1', { names, issuer, notAfter })
  .certificate('c2', { names, issuer, notAfter })
  .certificate('c3', { names, issuer, notAfter })
  .certificate('few', { names: names.slice(0, 1), issuer, notAfter })
  .certificate('short', { names, issuer, notAfter: '2026-06-20T00:00:00Z' })
  .certificate('lone', { names, issuer: 'renewing', notAfter })
  .certificate('last', { names, issuer, notAfter })
  .site('Shop', [https('*:443:'), sni('a.example.com')])
  .site('Blog', [sni('b.example.com')])
  .record('0.0.0.0:443', 'c0', { flags: 2 })
  .record('a.example.com:443', 'c0', { certCheckMode: 1 })
  .record('b.example.com:443', 'c0');

const original = byKey(recordsOf(snapshotOf(lab.build(), 'system', '2026-06-01T12:00:00.000Z')));

/** Places in lists are any numbers, taken modulo what there is. */
export type Deed =
  | { readonly do: 'announce'; readonly at: number; readonly to: number; readonly by: 'event' | 'property' | 'both' }
  | { readonly do: 'reconcile'; readonly killedAfter: number | null; readonly blind: PartName | null }
  | { readonly do: 'rebind'; readonly at: number; readonly to: number; readonly killedAfter: number | null }
  | { readonly do: 'undo'; readonly run: number; readonly killedAfter: number | null }
  | { readonly do: 'delete-record'; readonly at: number }
  | { readonly do: 'set-record'; readonly at: number; readonly to: number }
  | { readonly do: 'site'; readonly at: number; readonly state: 'started' | 'stopped' }
  | { readonly do: 'fault'; readonly fault: RandomFault }
  /** The next change there loses the record, which cannot be made again; no client can connect after it, or clients still get what was set before. */
  | { readonly do: 'strike'; readonly at: number; readonly how: 'loses' | 'refuses' | 'lags' }
  | { readonly do: 'heal' }
  | { readonly do: 'exclude'; readonly what: 'nothing' | 'record' | 'certificate'; readonly at: number }
  | { readonly do: 'dismiss'; readonly which: number }
  | { readonly do: 'give-up'; readonly which: number }
  | { readonly do: 'certificate'; readonly at: number; readonly is: 'removed' | 'added' }
  | { readonly do: 'key'; readonly at: number; readonly key: 'usable' | 'missing' }
  | { readonly do: 'switch'; readonly to: number }
  | { readonly do: 'wait'; readonly days: number }
  | { readonly do: 'boot' }
  | { readonly do: 'clear-log' };

export const blindParts = ['lifecycle', 'keys'] as const;
const place = fc.nat({ max: 9 });
const certificate = fc.nat({ max: inHistories - 1 });
const killedAfter = fc.option(fc.nat({ max: 30 }), { nil: null, freq: 3 });
const blind = fc.option(fc.constantFrom(...blindParts), { nil: null, freq: 2 });

const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('announce' as const),
      at: place,
      to: certificate,
      by: fc.constantFrom('event' as const, 'both' as const, 'property' as const),
    }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('reconcile' as const), killedAfter, blind }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('rebind' as const), at: place, to: certificate, killedAfter }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('undo' as const), run: place, killedAfter }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete-record' as const), at: place }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('set-record' as const), at: place, to: certificate }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('site' as const),
      at: place,
      state: fc.constantFrom('started' as const, 'stopped' as const),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('fault' as const), fault: faultsAt(bindings.map(({ key }) => key)) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('strike' as const),
      at: place,
      how: fc.constantFrom('loses' as const, 'refuses' as const, 'lags' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('heal' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('exclude' as const),
      what: fc.constantFrom('nothing' as const, 'record' as const, 'certificate' as const),
      at: certificate,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('dismiss' as const), which: place }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('give-up' as const), which: place }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('certificate' as const),
      at: certificate,
      is: fc.constantFrom('removed' as const, 'added' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('key' as const),
      at: certificate,
      key: fc.constantFrom('usable' as const, 'missing' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('switch' as const), to: place }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), days: fc.constantFrom(1, 20, 230) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('boot' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear-log' as const) }) },
);

export const histories: fc.Arbitrary<readonly Deed[]> = fc.array(deed, { minLength: 1, maxLength: 12 });

const switches = [
  { kind: 'set-switch', name: 'renewal-issuer', position: 'missing' },
  { kind: 'set-switch', name: 'renewal-issuer', position: 'stored' },
  { kind: 'set-switch', name: 'rebind-options', position: 'all-lost' },
  { kind: 'set-switch', name: 'rebind-options', position: 'kept' },
  { kind: 'set-switch', name: 'removed-certificate', position: 'refused' },
  { kind: 'set-switch', name: 'wire-follows-renewal', position: 'at-once' },
  { kind: 'set-switch', name: 'wire-follows-renewal', position: 'never' },
] as const;

/** What happened that a server and what is remembered of it do not tell. */
export interface Happened {
  readonly world: World;
  configuration: Configuration;
  /** What a person chose for some place after it had been replaced. */
  readonly chosen: Set<Thumbprint>;
  /** When something last announced that a certificate was replaced. */
  readonly announced: Map<Thumbprint, number>;
  /** Every pair that was announced. */
  readonly pairs: Set<string>;
  /** The runs whose outcome was looked at. */
  readonly seen: Set<string>;
  /** What events alone announced since a run last listed the log. */
  unseen: readonly { readonly old: Thumbprint; readonly wasChosen: boolean }[];
  /** The log was cleared, and no run has seen it since. */
  isLogCleared: boolean;
}

export function begin(): Happened {
  return {
    world: worldOf(lab),
    configuration: defaultConfiguration,
    chosen: new Set(),
    announced: new Map(),
    pairs: new Set(),
    seen: new Set(),
    unseen: [],
    isLogCleared: false,
  };
}

export const thumbprint = (at: number): Thumbprint => lab.thumbprint(labels[at % inHistories] ?? labels[0]);
const keyAt = (at: number) => (bindings[at % bindings.length] ?? bindings[0]).key;

/** As it is, whatever faults strike those who read it; its tasks are nothing that happens here. */
export function snapshotNow({ world: { kernel } }: Happened): Snapshot {
  const snapshot = snapshotOf(kernel.state, 'system', kernel.now().toISOString());
  return { ...snapshot, notLookedAt: unknownParts('withheld', ['tasks']) };
}

/** One thing happens, a minute after the last. */
export async function perform(happened: Happened, deed: Deed): Promise<void> {
  const { world, chosen, announced, pairs } = happened;
  const { kernel } = world;
  const apply = (request: LabRequest) => void kernel.apply(request);
  world.later(60_000);
  switch (deed.do) {
    case 'announce': {
      const [old, successor] = [heldAt(happened, deed.at), thumbprint(deed.to)];
      if (old === null || old === successor) return;
      if (deed.by !== 'event') apply({ kind: 'set-renewal', thumbprint: old, renewedTo: successor });
      if (deed.by !== 'property') apply(replacementEvent(old, successor));
      // A property has no time: it says nothing new of a certificate for which a person gave a successor, or of a pair on
      // which a person has decided.
      const entries = ledgerEntries(await world.state.readLedger());
      const isDecided =
        entries.some(
          ({ renewal }) =>
            isSameWay(renewal, old, successor) ||
            (deed.by === 'property' && renewal.source === 'given' && renewal.old === old),
        ) || pairs.has(`${old} ${successor}`);
      pairs.add(`${old} ${successor}`);
      if (deed.by === 'property' && isDecided) return;
      if (deed.by === 'event') happened.unseen = [...happened.unseen, { old, wasChosen: chosen.has(old) }];
      chosen.delete(old);
      announced.set(old, kernel.now().getTime());
      return;
    }
    case 'reconcile':
      await run(happened, deed.killedAfter, (context) =>
        reconcile(
          { ...world, context: deed.blind === null ? context : blinded(context, deed.blind) },
          {},
          happened.configuration,
        ),
      );
      if (deed.blind === null && (await world.state.readLedger()).listing?.listedAt === kernel.now().toISOString()) {
        happened.isLogCleared = false;
        happened.unseen = [];
      }
      return;
    case 'rebind': {
      const [old, successor] = [heldAt(happened, deed.at), thumbprint(deed.to)];
      if (old === null || old === successor) return;
      const renewal = { old, new: successor, source: 'given', corroborated: true, eventRecordId: null } as const;
      await run(happened, deed.killedAfter, (context) =>
        rebind({ ...world, context }, [renewal], {}, happened.configuration),
      );
      const entries = ledgerEntries(await world.state.readLedger());
      const entry = entries.find((one) => one.renewal.old === old && one.renewal.new === successor);
      if (entry !== undefined && entry.rolledBack?.cause.kind !== 'person') chosen.delete(old);
      return;
    }
    case 'undo': {
      const runs = await world.state.listRuns();
      const head = runs[deed.run % Math.max(1, runs.length)];
      if (head === undefined) return;
      await run(happened, deed.killedAfter, (context) => undo({ ...world, context }, head.run));
      return;
    }
    case 'delete-record':
      apply({ kind: 'netsh', args: ['http', 'delete', 'sslcert', netshKey(keyAt(deed.at))] });
      return;
    case 'set-record':
      await setRecord(happened, keyAt(deed.at), thumbprint(deed.to));
      return;
    case 'site':
      apply({ kind: 'set-site-state', site: deed.at % 2 === 0 ? 'Shop' : 'Blog', state: deed.state });
      return;
    case 'fault':
      for (const fault of faultsOf({ faults: [deed.fault] }, thumbprint)) apply({ kind: 'arm-fault', fault });
      return;
    case 'strike':
      strike(world, keyAt(deed.at), deed.how);
      return;
    case 'heal':
      apply({ kind: 'disarm-faults' });
      return;
    case 'exclude': {
      const exclude = {
        ...defaultConfiguration.exclude,
        ...(deed.what === 'record' && { records: [keyAt(deed.at)] }),
        ...(deed.what === 'certificate' && { thumbprints: [thumbprint(deed.at)] }),
      };
      happened.configuration = { ...defaultConfiguration, exclude };
      return;
    }
    case 'dismiss': {
      // Errors too, as a ledger may have been written by hand.
      const found = everyFinding(await factsNow(happened));
      const one = found[deed.which % Math.max(1, found.length)];
      if (one === undefined) return;
      const ledger = await world.state.readLedger();
      const dismissal = dismissalOf(one, 'SYSTEM', kernel.now().toISOString());
      await world.state.writeLedger({ ...ledger, dismissed: [...ledger.dismissed, dismissal] });
      return;
    }
    case 'give-up': {
      const ledger = await world.state.readLedger();
      const kept = ledger.decisions.filter(keepsOld);
      const one = kept[deed.which % Math.max(1, kept.length)];
      if (one === undefined) return;
      chosen.add(one.old);
      const decisions = ledger.decisions.map((each) =>
        keepsOld(each) && samePair(each, one)
          ? { ...each, what: 'keeps-old' as const, by: 'person' as const, cause: null, attempts: 0, facts: null }
          : each,
      );
      await world.state.writeLedger({ ...ledger, decisions });
      return;
    }
    case 'certificate': {
      const found = lab.build().certificates.find((one) => one.thumbprint === thumbprint(deed.at));
      if (found === undefined) return;
      apply(
        deed.is === 'added'
          ? { kind: 'add-certificate', certificate: found }
          : { kind: 'remove-certificate', thumbprint: found.thumbprint, store: found.store },
      );
      return;
    }
    case 'key':
      apply({ kind: 'set-key', thumbprint: thumbprint(deed.at), key: deed.key });
      return;
    case 'switch':
      apply(switches[deed.to % switches.length] ?? switches[0]);
      return;
    case 'wait': {
      const ms = deed.days * 24 * 3600_000;
      // As long as there is a certificate that a server can be mended with.
      if (kernel.now().getTime() + ms < Date.parse('2027-11-01T00:00:00Z')) world.later(ms);
      return;
    }
    case 'boot':
      apply({ kind: 'boot' });
      return;
    case 'clear-log':
      apply({ kind: 'clear-log' });
      happened.isLogCleared = true;
      // Of an event that is gone before a run has listed it nobody knows.
      for (const { old, wasChosen } of happened.unseen) {
        announced.delete(old);
        if (wasChosen) chosen.add(old);
      }
      happened.unseen = [];
      return;
  }
}

/** Everything is mended, runs have had their time, and a person has set a certificate that nothing replaces. */
export async function makeWell(happened: Happened): Promise<void> {
  const { world } = happened;
  happened.configuration = defaultConfiguration;
  const requests: readonly LabRequest[] = [
    { kind: 'disarm-faults' },
    { kind: 'set-site-state', site: 'Shop', state: 'started' },
    { kind: 'set-site-state', site: 'Blog', state: 'started' },
    { kind: 'set-switch', name: 'rebind-options', position: 'kept' },
    { kind: 'set-switch', name: 'renewal-issuer', position: 'stored' },
    { kind: 'set-switch', name: 'wire-follows-renewal', position: 'never' },
  ];
  for (const request of requests) world.kernel.apply(request);
  await perform(happened, { do: 'reconcile', killedAfter: null, blind: null });
  for (const { key } of bindings) await setRecord(happened, key, lab.thumbprint('last'));
  world.kernel.apply({ kind: 'boot' });
  for (const _ of ['looks', 'and again']) await perform(happened, { do: 'reconcile', killedAfter: null, blind: null });
}

async function run(
  happened: Happened,
  pieces: number | null,
  act: (context: World['context']) => Promise<Outcome>,
): Promise<void> {
  const { world } = happened;
  try {
    noteUndo(happened, await act(pieces === null ? world.context : mortal(world, pieces).context));
  } catch (error) {
    if (!(error instanceof Killed || error instanceof CertRebindError)) throw error;
  }
  for (const { run: id, outcome } of await storedRuns(world.state)) {
    if (outcome === null || happened.seen.has(id)) continue;
    happened.seen.add(id);
    noteUndo(happened, outcome);
  }
}

function noteUndo({ chosen }: Happened, { undoes, renewals, steps }: Outcome): void {
  if (undoes === undefined) return;
  for (const { old } of renewals) chosen.add(old);
  for (const { now } of steps) if (now.state === 'holds' && now.thumbprint !== null) chosen.add(now.thumbprint);
}

function isSameWay(renewal: Pick<Renewal, 'old' | 'new'>, a: Thumbprint, b: Thumbprint): boolean {
  return (renewal.old === a && renewal.new === b) || (renewal.old === b && renewal.new === a);
}

export function heldAt(happened: Happened, at: number): Thumbprint | null {
  return recordsOf(snapshotNow(happened)).find(({ key }) => key === keyAt(at))?.thumbprint ?? null;
}

function strike(world: World, key: KeyText, how: 'loses' | 'refuses' | 'lags'): void {
  if (how !== 'loses') {
    const effect = { do: how === 'refuses' ? 'refuse' : 'serve-previous' } as const;
    world.fault({ on: { kind: 'connect', key }, nth: 2, times: null, effect });
    return;
  }
  const refused = { do: 'fail', hresult: 0x80070057, message: 'The parameter is incorrect.' } as const;
  const on = { kind: 'binding-method', method: 'RebindSslCertificate', key } as const;
  world.fault({ on, effect: { do: 'delete-without-add' } });
  world.fault({ on: { kind: 'netsh', key }, times: null, effect: refused });
}

/** By somebody else, with the options that it had in the beginning. */
async function setRecord({ world }: Happened, key: KeyText, certificateOfIt: Thumbprint): Promise<void> {
  const record = original.get(key);
  if (record === undefined) throw new TypeError(`the lab has no record ${key}`);
  const change = restoreOf(withCertificate(record, certificateOfIt, 'My'));
  try {
    await world.context.server.change([change]);
  } catch (error) {
    // A fault struck this change.
    if (!(error instanceof CertRebindError)) throw error;
  }
}

function netshKey(key: KeyText): string {
  return `${key.startsWith('0.0.0.0') ? 'ipport' : 'hostnameport'}=${key}`;
}

function blinded(context: World['context'], part: PartName): World['context'] {
  const { server } = context;
  return { ...context, server: { ...server, snapshot: async () => without(part, await server.snapshot()) } };
}

/** As a snapshot is in which this part could not be read. */
export function without(part: PartName, snapshot: Snapshot): Snapshot {
  return {
    ...snapshot,
    notLookedAt: [...snapshot.notLookedAt, ...unknownParts('not-read', [part])],
    ...emptied(part, snapshot),
  };
}

function emptied(part: PartName, { certificates, lifecycle }: Snapshot): Partial<Snapshot> {
  switch (part) {
    case 'lifecycle':
      return { lifecycle: { ...lifecycle, events: [], lastRecordId: null, oldestRecordId: null } };
    case 'keys':
      return { certificates: certificates.map((one) => ({ ...one, key: 'unknown' })) };
    default:
      return {};
  }
}

/** What `status` compares, without what clients got when the last run dialled, which only adds to it. */
export async function factsNow(happened: Happened, snapshot: Snapshot = snapshotNow(happened)): Promise<DoctorFacts> {
  const { configuration, world } = happened;
  const ledger = await world.state.readLedger();
  const open = (await world.state.unfinishedRuns()).map((id) => ({ run: id, by: null }));
  return factsOf(snapshot, { configuration, ledger, owed: await owedValues(world.state, ledger), openRuns: open });
}

/** What clients get at this moment, dialled once. */
export type Clients = (endpoint: Endpoint) => Promise<Handshake>;

export function clientsOf({ world: { context } }: Happened): Clients {
  const dialled = new Map<string, Promise<Handshake>>();
  return (endpoint) => {
    const id = endpointId(endpoint);
    const known = dialled.get(id) ?? context.handshake(endpoint).then(({ handshake }) => handshake);
    dialled.set(id, known);
    return known;
  };
}

/** What `doctor` compares besides. */
export async function wireNow(snapshot: Snapshot, clients: Clients): Promise<DoctorFacts['wire']> {
  const stored = byThumbprint(snapshot.certificates);
  return Promise.all(
    endpointsOfServer(snapshot).map(async ({ endpoint, key, expected, skipped }) => {
      const seen: Handshake =
        skipped === null
          ? await clients(endpoint)
          : {
              endpoint,
              result: 'skipped',
              thumbprint: null,
              notAfter: null,
              reason: skipped,
              attempts: 0,
              durationMs: 0,
            };
      const matches = seen.result === 'served' && expected !== null ? seen.thumbprint === expected : null;
      const chain = seen.thumbprint === null ? null : chainState(seen, stored.get(seen.thumbprint));
      return { ...seen, key, expected: expected ?? '', matches, chain };
    }),
  );
}

function byKey(records: readonly TlsRecord[]): ReadonlyMap<KeyText, TlsRecord> {
  return new Map(records.map((record) => [record.key, record]));
}
