import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CertRebindError } from '../../src/base/errors.ts';
import { rolledBackNow, withGivenUp } from '../../src/commands/dismiss/command.ts';
import { type Configuration, defaultConfiguration } from '../../src/documents/configuration.ts';
import type { Outcome } from '../../src/documents/runs/outcome.ts';
import { sealPlan } from '../../src/documents/runs/seal-plan.ts';
import { isApplied } from '../../src/documents/runs/step-states.ts';
import { lookAt } from '../../src/engine/findings/diagnose.ts';
import { dismissalsOf, isDismissible } from '../../src/engine/findings/dismissals.ts';
import type { DoctorFacts } from '../../src/engine/findings/facts.ts';
import { endpointsOfServer } from '../../src/engine/known/endpoints-of-server.ts';
import { renewalsOf } from '../../src/engine/plan/plan-pending.ts';
import { owedValues } from '../../src/engine/run/last-known.ts';
import { planWanted } from '../../src/engine/run/plan-wanted.ts';
import { recordsOf } from '../../src/kinds/holder.ts';
import type { KeyText } from '../../src/kinds/record-key.ts';
import type { Snapshot } from '../../src/kinds/snapshot.ts';
import { type CertificateBinding, withCertificate } from '../../src/kinds/tls/certificate-binding.ts';
import { type PartName, unknownParts } from '../../src/kinds/unknown-parts.ts';
import type { LabRequest } from '../../src/lab/kernel/requests.ts';
import { snapshotOf } from '../../src/lab/kernel/snapshot.ts';
import { type Endpoint, endpointId, type Handshake } from '../../src/model/certificates/handshake.ts';
import { byThumbprint } from '../../src/model/certificates/named-certificate.ts';
import { givenRenewal } from '../../src/model/certificates/renewal.ts';
import { chainState } from '../../src/model/certificates/served-chain.ts';
import { parseThumbprint, type Thumbprint } from '../../src/model/certificates/thumbprint.ts';
import { restoreOf } from '../builders/changes.ts';
import { labState } from '../builders/lab.ts';
import { replacementEvent } from '../builders/replacement-event.ts';
import { https, sni } from '../builders/snapshot.ts';
import { factsOf } from '../engine/findings/facts.ts';
import { Killed, mortal } from '../engine/run/mortal.ts';
import { execute, keyText, reconcile, undo, type World, worldOf } from '../engine/run/world.ts';
import { storedRuns } from '../support/stored-runs.ts';
import { type Link, leadsTo, type Newest, newestAfter, newestKnown } from './links.ts';
import { faultsAt, faultsOf, type RandomFault } from './scenario.ts';

/** Three IIS bindings of two sites, each with a record of its own. */
export const bindings = [
  { site: 'Shop', host: null, key: keyText('0.0.0.0:443') },
  { site: 'Shop', host: 'a.example.com', key: keyText('a.example.com:443') },
  { site: 'Blog', host: 'b.example.com', key: keyText('b.example.com:443') },
] as const;

const names = ['a.example.com', 'b.example.com'];
const notBefore = '2026-01-01T00:00:00Z';
const notAfter = '2028-01-01T00:00:00Z';
const usual = { names, issuer: 'issuing', keyType: 'rsa', notBefore, notAfter } as const;

/** The first is what all records hold in the beginning; the last is what a person sets in the end. */
export const certificates = {
  c0: { ...usual, notAfter: '2027-01-01T00:00:00Z' },
  c1: usual,
  c2: usual,
  c3: usual,
  few: { ...usual, names: names.slice(0, 1) },
  short: { ...usual, notAfter: '2026-06-20T00:00:00Z' },
  lone: { ...usual, issuer: 'renewing' },
  later: { ...usual, notBefore: '2026-06-25T00:00:00Z' },
  last: usual,
} as const;
type Label = keyof typeof certificates;
export const labels = Object.keys(certificates) as readonly Label[];
const inHistories = labels.length - 1;
export const dayMs = 24 * 3600_000;

export const lab = Object.entries(certificates)
  .reduce((made, [label, parts]) => made.certificate(label, parts), labState())
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
  /** By a person: from what that place holds, or from any certificate; at every place, at one, or a plan without steps. */
  | {
      readonly do: 'rebind';
      readonly at: number;
      readonly from: number | null;
      readonly to: number;
      readonly places: 'all' | 'one' | 'none';
      readonly killedAfter: number | null;
    }
  | { readonly do: 'undo'; readonly run: number; readonly force: boolean; readonly killedAfter: number | null }
  | { readonly do: 'delete-record'; readonly at: number }
  | { readonly do: 'set-record'; readonly at: number; readonly to: number }
  /** Others set again what a run had replaced there: once, each time that something happens, or everywhere. */
  | { readonly do: 'set-back'; readonly at: number; readonly by: 'person' | 'tool' | 'backup' }
  | { readonly do: 'site'; readonly at: number; readonly state: 'started' | 'stopped' }
  | { readonly do: 'fault'; readonly fault: RandomFault }
  /** The next change there loses the record, which cannot be made again; no client can connect after it, or clients still get what was set before. */
  | { readonly do: 'strike'; readonly at: number; readonly how: 'loses' | 'refuses' | 'lags' }
  | { readonly do: 'heal' }
  | { readonly do: 'exclude'; readonly what: 'nothing' | 'record' | 'certificate'; readonly at: number }
  | { readonly do: 'dismiss'; readonly which: number }
  | { readonly do: 'give-up'; readonly which: number }
  | { readonly do: 'certificate'; readonly at: number; readonly is: 'removed' | 'added' }
  | { readonly do: 'revoke'; readonly at: number }
  | { readonly do: 'key'; readonly at: number; readonly key: 'usable' | 'missing' }
  | { readonly do: 'switch'; readonly to: number }
  | { readonly do: 'window'; readonly is: 'closed' | 'none' }
  | { readonly do: 'wait'; readonly days: number }
  /** Days on which nothing else happens, each with a run. */
  | { readonly do: 'run-daily'; readonly days: number }
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
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('rebind' as const),
      at: place,
      from: fc.option(certificate, { nil: null, freq: 3 }),
      to: certificate,
      places: fc.constantFrom('all' as const, 'all' as const, 'one' as const, 'none' as const),
      killedAfter,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('undo' as const), run: place, force: fc.boolean(), killedAfter }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete-record' as const), at: place }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('set-record' as const), at: place, to: certificate }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('set-back' as const),
      at: place,
      by: fc.constantFrom('person' as const, 'person' as const, 'tool' as const, 'backup' as const),
    }),
  },
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
  { weight: 3, arbitrary: fc.record({ do: fc.constant('dismiss' as const), which: place }) },
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
  { weight: 1, arbitrary: fc.record({ do: fc.constant('revoke' as const), at: certificate }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('switch' as const), to: place }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('window' as const),
      is: fc.constantFrom('closed' as const, 'none' as const),
    }),
  },
  // To some days before an end, and past it.
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), days: fc.constantFrom(1, 12, 15, 20, 185, 207, 230) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('run-daily' as const), days: fc.integer({ min: 2, max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('boot' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear-log' as const) }) },
);

const some = (most: number) => fc.array(deed, { maxLength: most });

/** A renewal that is set back, and what comes of that in days; rare among deeds of any kind. */
const fought = place.chain((at) =>
  fc.tuple(
    fc.constant<Deed>({ do: 'announce', at, to: 1, by: 'event' }),
    fc.constant<Deed>({ do: 'reconcile', killedAfter: null, blind: null }),
    fc.constantFrom<Deed>({ do: 'set-back', at, by: 'tool' }, { do: 'set-back', at, by: 'backup' }),
    fc.constant<Deed>({ do: 'run-daily', days: 5 }),
  ),
);

export const histories: fc.Arbitrary<readonly Deed[]> = fc.oneof(
  { weight: 9, arbitrary: fc.array(deed, { minLength: 1, maxLength: 12 }) },
  { weight: 1, arbitrary: fc.tuple(some(2), fought, some(3)).map((parts) => parts.flat()) },
);

const switches = [
  { kind: 'set-switch', name: 'renewal-issuer', position: 'missing' },
  { kind: 'set-switch', name: 'renewal-issuer', position: 'stored' },
  { kind: 'set-switch', name: 'record-numbers', position: 'start-again' },
  { kind: 'set-switch', name: 'record-numbers', position: 'go-on' },
  { kind: 'set-switch', name: 'rebind-options', position: 'all-lost' },
  { kind: 'set-switch', name: 'rebind-options', position: 'kept' },
  { kind: 'set-switch', name: 'removed-certificate', position: 'refused' },
  { kind: 'set-switch', name: 'wire-follows-renewal', position: 'at-once' },
  { kind: 'set-switch', name: 'wire-follows-renewal', position: 'never' },
] as const;

/** What happened, as somebody beside the server would write it down; of what CertRebind remembers it has nothing. */
export interface Happened {
  readonly world: World;
  configuration: Configuration;
  links: readonly Link[];
  readonly kept: Kept[];
  readonly hidden: Hidden[];
  readonly revoked: Set<Thumbprint>;
  /** What each run changed, by its name. */
  readonly moves: Map<string, readonly Move[]>;
  /** What a run surely set at each place, and what was there before; what tools set again each time. */
  readonly applied: Map<KeyText, Move>;
  readonly tools: Map<KeyText, Thumbprint>;
  /** Where others have set something else since, and what was seen of that by runs. */
  readonly setBacks: Map<KeyText, SetBack>;
  readonly seenBack: { readonly key: KeyText; readonly at: number }[];
  /** The runs that were killed: what they were to change is not written down. */
  readonly killed: Set<string>;
  /** Where a run said that it could not put something back, and where that clients got something else. */
  readonly owed: Set<KeyText>;
  readonly behind: Set<KeyText>;
  /** What a person took back at each place, of which the undo may have left it there. */
  readonly notUndone: Map<KeyText, Thumbprint>;
  /** The runs whose outcome was looked at. */
  readonly seen: Set<string>;
  /** The log was cleared, and no run has seen it since. */
  isLogCleared: boolean;
  /**
   * The pairs that were announced, with the number of their record: one of the same number, after the log was cleared,
   * cannot be told from it where a clock was set back.
   */
  readonly announced: Set<string>;
}

/** A person decided that this place keeps this certificate, and does not get those. */
export interface Kept {
  readonly key: KeyText;
  readonly old: Thumbprint;
  readonly over: readonly Thumbprint[];
  readonly at: number;
  /** Whether CertRebind must know it. */
  readonly isSure: boolean;
}

/** A person took a finding off the views, at a place that held this certificate. */
export interface Hidden {
  readonly key: KeyText;
  readonly certificate: Thumbprint | null;
  readonly code: string;
  readonly at: number;
  /** What was to be there instead. */
  readonly newest: readonly Newest[];
}

export interface SetBack {
  /** What a run had set. */
  readonly instead: Thumbprint;
  readonly at: number;
  /** When a run said so first, and whether another place of that certificate still had it. */
  readonly seenAt: number | null;
  readonly isAlone: boolean;
}

export interface Move {
  readonly key: KeyText;
  readonly from: Thumbprint | null;
  readonly to: Thumbprint | null;
}

export function begin(server = lab): Happened {
  return {
    world: worldOf(server),
    configuration: defaultConfiguration,
    links: [],
    kept: [],
    hidden: [],
    revoked: new Set(),
    moves: new Map(),
    applied: new Map(),
    tools: new Map(),
    setBacks: new Map(),
    seenBack: [],
    killed: new Set(),
    owed: new Set(),
    behind: new Set(),
    notUndone: new Map(),
    seen: new Set(),
    isLogCleared: false,
    announced: new Set(),
  };
}

export const thumbprint = (at: number): Thumbprint => lab.thumbprint(labels[at % inHistories] ?? 'c0');
const keyAt = (at: number) => (bindings[at % bindings.length] ?? bindings[0]).key;

/** As it is, whatever faults strike those who read it; its tasks are nothing that happens here. */
export function snapshotNow({ world: { kernel }, revoked }: Happened): Snapshot {
  const snapshot = snapshotOf(kernel.state, 'system', kernel.now().toISOString());
  return { ...withRevoked(revoked, snapshot), notLookedAt: unknownParts('withheld', ['tasks']) };
}

function withRevoked(revoked: ReadonlySet<Thumbprint>, snapshot: Snapshot): Snapshot {
  const certificatesOfIt = snapshot.certificates.map((one) =>
    revoked.has(one.thumbprint) ? { ...one, disallowed: true as const } : one,
  );
  return { ...snapshot, certificates: certificatesOfIt };
}

/** One thing happens, a minute after the last. */
export async function perform(happened: Happened, deed: Deed): Promise<void> {
  const { world } = happened;
  const { kernel } = world;
  const apply = (request: LabRequest) => void kernel.apply(request);
  world.later(60_000);
  const at = kernel.now().getTime();
  for (const [key, certificateOfIt] of happened.tools)
    if (holdings(happened).get(key) !== certificateOfIt) await setByOthers(happened, key, certificateOfIt);
  switch (deed.do) {
    case 'announce': {
      const [old, successor] = [holdings(happened).get(keyAt(deed.at)) ?? null, thumbprint(deed.to)];
      if (old === null || old === successor) return;
      if (deed.by !== 'event') apply({ kind: 'set-renewal', thumbprint: old, renewedTo: successor });
      if (deed.by !== 'property') {
        apply(replacementEvent(old, successor));
        const number = `${kernel.state.lifecycle.events.at(-1)?.recordId} ${old} ${successor}`;
        const isSure = !happened.announced.has(number);
        happened.announced.add(number);
        happened.links = [...happened.links, { old, new: successor, by: 'event', at, isSure }];
      }
      return;
    }
    case 'reconcile': {
      const before = said(happened);
      const setBack = new Map(happened.setBacks);
      const byOthers = changesByOthers(happened);
      const { ended, moves, outcome } = await run(happened, deed.killedAfter, (context) =>
        reconcile(
          { ...world, context: deed.blind === null ? context : blinded(context, deed.blind) },
          {},
          happened.configuration,
        ),
      );
      for (const move of moves)
        if (!byOthers.has(`${move.key} ${move.to}`)) assertNoWar(happened, move, setBack.get(move.key));
      noteSetBacks(happened, outcome);
      const isWhole = ended === 'whole' && deed.blind === null;
      learn(happened, before, isWhole);
      if (isWhole) happened.isLogCleared = false;
      return;
    }
    case 'rebind':
      await rebindByHand(happened, deed);
      return;
    case 'undo':
      await undoByHand(happened, deed);
      return;
    case 'delete-record':
      apply({ kind: 'netsh', args: ['http', 'delete', 'sslcert', netshKey(keyAt(deed.at))] });
      return;
    case 'set-record':
      await setByOthers(happened, keyAt(deed.at), thumbprint(deed.to));
      return;
    case 'site':
      apply({ kind: 'set-site-state', site: deed.at % 2 === 0 ? 'Shop' : 'Blog', state: deed.state });
      return;
    case 'fault':
      for (const fault of faultsOf({ faults: [deed.fault] }, thumbprint)) apply({ kind: 'arm-fault', fault });
      return;
    case 'set-back': {
      const keys = deed.by === 'backup' ? bindings.map(({ key }) => key) : [keyAt(deed.at)];
      for (const key of keys) {
        const before = happened.applied.get(key)?.from;
        if (before == null) continue;
        await setByOthers(happened, key, before);
        if (deed.by === 'tool') happened.tools.set(key, before);
      }
      return;
    }
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
      happened.configuration = { ...happened.configuration, exclude };
      return;
    }
    case 'window': {
      const { window: _, ...open } = happened.configuration;
      // The clock begins at noon.
      happened.configuration = deed.is === 'none' ? open : { ...open, window: { from: '01:00', to: '04:00' } };
      return;
    }
    case 'dismiss':
      await dismiss(happened, deed.which);
      return;
    case 'give-up':
      await giveUp(happened, deed.which);
      return;
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
    case 'revoke':
      happened.revoked.add(thumbprint(deed.at));
      return;
    case 'key':
      apply({ kind: 'set-key', thumbprint: thumbprint(deed.at), key: deed.key });
      return;
    case 'switch':
      apply(switches[deed.to % switches.length] ?? switches[0]);
      return;
    case 'wait': {
      const ms = deed.days * 24 * 3600_000;
      // As long as there is a certificate that a server can be mended with.
      if (at + ms < Date.parse('2027-11-01T00:00:00Z')) world.later(ms);
      return;
    }
    case 'run-daily':
      for (let day = 0; day < deed.days; day++) {
        await perform(happened, { do: 'wait', days: 1 });
        await perform(happened, { do: 'reconcile', killedAfter: null, blind: null });
      }
      return;
    case 'boot':
      apply({ kind: 'boot' });
      return;
    case 'clear-log':
      apply({ kind: 'clear-log' });
      happened.isLogCleared = true;
      happened.links = happened.links.filter(({ by }) => by !== 'event');
      return;
  }
}

async function setByOthers(happened: Happened, key: KeyText, certificateOfIt: Thumbprint): Promise<void> {
  const before = holdings(happened).get(key);
  await setRecord(happened, key, certificateOfIt);
  const now = holdings(happened).get(key);
  const { applied, setBacks, world } = happened;
  const at = world.kernel.now().getTime();
  if (now !== before && before != null && applied.get(key)?.to === before)
    setBacks.set(key, { instead: before, at, seenAt: null, isAlone: false });
  else if (setBacks.get(key)?.instead === now) setBacks.delete(key);
}

/** What others set a run leaves for a day, and a month where it was so before, unless that cannot stay there. */
function assertNoWar(happened: Happened, { key, from, to }: Move, setBack: SetBack | undefined): void {
  if (setBack === undefined || from === null || to !== setBack.instead || !canStay(happened, from)) return;
  const now = happened.world.kernel.now().getTime();
  assert.ok(now - setBack.at >= dayMs, `${key} was set again ${now - setBack.at} ms after others had changed it`);
  const since = (setBack.seenAt ?? now) - 29 * dayMs;
  const before = happened.seenBack.filter((one) => one.key === key && one.at >= since && one.at < setBack.at);
  assert.ok(before.length === 0 || !setBack.isAlone, `${key} was set again although others had changed it twice`);
}

/** What others set at a place while the next run is under way. */
function changesByOthers({ world: { kernel } }: Happened): ReadonlySet<string> {
  return new Set(
    kernel.state.faults.flatMap(({ on, effect }) =>
      effect.do === 'changed-by-others' && 'key' in on ? [`${on.key} ${effect.thumbprint}`] : [],
    ),
  );
}

/** It is valid, with its key, and not near its end. */
function canStay({ world: { kernel }, revoked }: Happened, held: Thumbprint): boolean {
  const stored = kernel.state.certificates.find((one) => one.thumbprint === held);
  const label = labels.find((one) => lab.thumbprint(one) === held);
  if (stored?.key !== 'usable' || label === undefined || revoked.has(held)) return false;
  const { notAfter: ends, notBefore: begins } = certificates[label];
  const actMs = Math.min(7 * dayMs, (Date.parse(ends) - Date.parse(begins)) / 10);
  const now = kernel.now().getTime();
  return now >= Date.parse(begins) && now < Date.parse(ends) - actMs;
}

/** What a run told people. */
function noteSetBacks({ setBacks, seenBack, applied, world, ...happened }: Happened, outcome: Outcome | null): void {
  const at = world.kernel.now().getTime();
  const held = holdings({ ...happened, setBacks, seenBack, applied, world });
  for (const { key, obstacles } of outcome?.blocked ?? []) {
    const known = setBacks.get(key);
    if (obstacles[0].code !== 'set-back' || known === undefined || known.seenAt !== null) continue;
    const isAlone = [...applied].some(([other, { to }]) => to === known.instead && held.get(other) === to);
    setBacks.set(key, { ...known, seenAt: at, isAlone });
    if (isAlone) seenBack.push({ key, at });
  }
}

/** What the server says of renewals at this moment. */
export function said({ world: { kernel }, links }: Happened): readonly Link[] {
  const properties = kernel.state.certificates.flatMap(({ thumbprint: old, renewedTo }): readonly Link[] =>
    renewedTo === null || renewedTo === old
      ? []
      : [
          {
            old: parseThumbprint(old, 'lab'),
            new: parseThumbprint(renewedTo, 'lab'),
            by: 'property',
            at: 0,
            isSure: true,
          },
        ],
  );
  return [...links.filter(({ by }) => by === 'event'), ...properties];
}

/** The same, and what runs learnt and persons gave. */
export function linksOf(happened: Happened): readonly Link[] {
  return [...happened.links.filter(({ by }) => by !== 'event'), ...said(happened)];
}

/** A whole run remembers what was to be used where an old certificate was; of the rest, and of one that was cut short, nobody knows. */
function learn(happened: Happened, before: readonly Link[], isWhole: boolean): void {
  const at = happened.world.kernel.now().getTime();
  const isExcluded = happened.configuration.exclude !== defaultConfiguration.exclude;
  const used = new Set([...holdings(happened).values()]);
  const sure = [...used].flatMap((old): readonly Link[] => {
    const newest = old === null ? null : newestAfter(old, before);
    return old === null || newest === null || newest === 'unclear'
      ? []
      : [{ old, new: newest, by: 'run', at, isSure: isWhole && !isExcluded }];
  });
  const perhaps = before.map((link): Link => ({ ...link, by: 'run', at, isSure: false }));
  happened.links = [...happened.links, ...perhaps, ...sure];
}

type RebindDeed = Extract<Deed, { readonly do: 'rebind' }>;

async function rebindByHand(happened: Happened, deed: RebindDeed): Promise<void> {
  const { world, configuration } = happened;
  const before = holdings(happened);
  const [old, successor] = [
    deed.from === null ? before.get(keyAt(deed.at)) : thumbprint(deed.from),
    thumbprint(deed.to),
  ];
  if (old == null || old === successor) return;
  const renewal = givenRenewal(old, successor);
  const { ended, moves, isClean } = await run(happened, deed.killedAfter, async (context) => {
    const wanted = { want: 'pairs', renewals: [renewal], oldOption: '--old' } as const;
    if (deed.places === 'all') return execute({ context }, { wanted, configuration });
    const facts = { snapshot: await context.server.snapshot(), ledger: await world.state.readLedger() };
    const { digest: _, ...plan } = await planWanted(world.state, { wanted, configuration }, facts);
    const steps = plan.steps.filter(({ key }) => deed.places === 'one' && key === keyAt(deed.at));
    const chosen = sealPlan({ ...plan, steps: steps.map((step, index) => ({ ...step, id: index + 1 })) });
    return execute({ context }, { command: 'apply', wanted: { want: 'chosen', chosen, force: false }, configuration });
  });
  const at = world.kernel.now().getTime();
  if (ended === 'refused') return;
  const known = [...said(happened), ...happened.links];
  const moved = moves.filter(({ from, to }) => from === old && to === successor);
  const isBack = leadsTo(known, successor, old);
  if (isClean) for (const { key } of moved) happened.notUndone.delete(key);
  for (const { key } of moved) happened.kept.push({ key, old: successor, over: [old], at, isSure: isClean && isBack });
  // Somebody tried it: whether an earlier decision against it stays is left open.
  for (const [index, one] of happened.kept.entries())
    if (one.old === old && one.over.includes(successor)) happened.kept[index] = { ...one, isSure: false };
  // Who gives a certificate as the new one may not want what once was to replace it.
  const links = happened.links.map((link) =>
    link.by === 'person' && link.old === successor ? { ...link, isSure: false } : link,
  );
  const isSure = isClean && moved.length > 0 && !isBack;
  happened.links = [...links, { old, new: successor, by: 'person', at, isSure }];
}

type UndoDeed = Extract<Deed, { readonly do: 'undo' }>;

async function undoByHand(happened: Happened, deed: UndoDeed): Promise<void> {
  const { world, configuration } = happened;
  const runs = await world.state.listRuns();
  const head = runs[deed.run % Math.max(1, runs.length)];
  if (head === undefined) return;
  const before = holdings(happened);
  const { ended, isClean } = await run(happened, deed.killedAfter, (context) =>
    undo({ ...world, context }, head.run, { force: deed.force, configuration }),
  );
  if (ended === 'refused') return;
  const at = world.kernel.now().getTime();
  const now = holdings(happened);
  const moves = happened.moves.get(head.run) ?? [];
  // Who takes back what only a person gave, may not want it anywhere.
  const isTakenBack = (link: Link) => moves.some(({ from, to }) => from === link.old && to === link.new);
  happened.links = happened.links.map((link) =>
    link.by === 'person' && isTakenBack(link) ? { ...link, isSure: false } : link,
  );
  for (const { key, from, to } of moves) {
    if (isClean && now.get(key) === from) happened.notUndone.delete(key);
    else if (to !== null) happened.notUndone.set(key, to);
    const left = before.get(key) ?? null;
    if (from === null || now.get(key) !== from) continue;
    const over = [to, left].flatMap((one) => (one === null || one === from ? [] : one));
    // Of a place that had it already nothing was undone.
    happened.kept.push({ key, old: from, over, at, isSure: isClean && left !== from });
    // What was the newest by then may count as undone with it.
    const newest = newestKnown(from, linksOf(happened)).flatMap((one) =>
      one === null || one === 'unclear' ? [] : one,
    );
    happened.kept.push({ key, old: from, over: newest, at, isSure: false });
  }
  if (happened.killed.has(head.run))
    for (const [key, old] of now)
      if (old !== null) happened.kept.push({ key, old, over: labels.map(lab.thumbprint), at, isSure: false });
}

async function dismiss(happened: Happened, which: number): Promise<void> {
  const { world } = happened;
  const facts = await factsNow(happened);
  const { held: now, findings } = lookAt(facts);
  const found = findings.filter((one) => isDismissible(one, now));
  const one = found[which % Math.max(1, found.length)];
  if (one === undefined) return;
  const ledger = await world.state.readLedger();
  const at = world.kernel.now().getTime();
  const rows = dismissalsOf(one, now, 'SYSTEM', new Date(at).toISOString());
  await world.state.writeLedger({ ...ledger, dismissed: [...ledger.dismissed, ...rows] });
  const held = holdings(happened);
  for (const key of one.keys) {
    const certificateOfIt = held.get(key) ?? null;
    const newest = certificateOfIt === null ? [] : newestKnown(certificateOfIt, linksOf(happened));
    happened.hidden.push({ key, certificate: certificateOfIt, code: one.code, at, newest });
  }
}

/** Of the renewals that were rolled back, as a person finds them. */
async function giveUp(happened: Happened, which: number): Promise<void> {
  const { world } = happened;
  const facts = await factsNow(happened);
  const shown = lookAt(facts).findings.filter(({ code }) => code === 'renewal-rolled-back');
  const one = shown[which % Math.max(1, shown.length)];
  if (one === undefined || one.renewal === null) return;
  const { old, new: successor } = one.renewal;
  const decisions = withGivenUp(facts.ledger.decisions, rolledBackNow(renewalsOf(facts), one.renewal));
  await world.state.writeLedger({ ...facts.ledger, decisions });
  const at = world.kernel.now().getTime();
  for (const key of one.keys) happened.kept.push({ key, old, over: [successor], at, isSure: true });
}

/** Everything is mended, runs have had their time, and a person has set a certificate that nothing replaces. */
export async function makeWell(happened: Happened): Promise<void> {
  const { world } = happened;
  happened.configuration = defaultConfiguration;
  happened.tools.clear();
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
  happened.owed.clear();
  happened.behind.clear();
  happened.notUndone.clear();
  happened.setBacks.clear();
  world.kernel.apply({ kind: 'boot' });
  for (const _ of ['looks', 'and again']) await perform(happened, { do: 'reconcile', killedAfter: null, blind: null });
}

interface Ran {
  /** `refused`: by an error, before anything was changed. */
  readonly ended: 'whole' | 'killed' | 'refused';
  /** No run before it, nor itself, was interrupted: what a recovery changes is not what was asked for. */
  readonly isClean: boolean;
  readonly moves: readonly Move[];
  /** `null` where it was cut short. */
  readonly outcome: Outcome | null;
}

async function run(
  happened: Happened,
  pieces: number | null,
  act: (context: World['context']) => Promise<Outcome>,
): Promise<Ran> {
  const { world } = happened;
  const before = holdings(happened);
  let ended: Ran['ended'] = 'whole';
  let outcome: Outcome | null = null;
  const isRecovery = (await world.state.unfinishedRuns()).length > 0;
  const runsBefore = new Set((await world.state.listRuns()).map((one) => one.run));
  try {
    const context = pieces === null ? world.context : mortal(world, pieces).context;
    const { server } = context;
    const snapshot: typeof server.snapshot = async (...asked) =>
      withRevoked(happened.revoked, await server.snapshot(...asked));
    outcome = await act({ ...context, server: { ...server, snapshot } });
    note(happened, outcome);
  } catch (error) {
    if (!(error instanceof Killed || error instanceof CertRebindError)) throw error;
    ended = error instanceof Killed ? 'killed' : 'refused';
  }
  const moves = [...holdings(happened)].flatMap(([key, to]): readonly Move[] => {
    const from = before.get(key) ?? null;
    return from === to ? [] : [{ key, from, to }];
  });
  const begun = (await world.state.listRuns()).find((one) => !runsBefore.has(one.run));
  if (begun !== undefined) happened.moves.set(begun.run, moves);
  if (begun !== undefined && ended === 'killed') {
    happened.killed.add(begun.run);
    // It may have said so before it died.
    for (const { key } of moves) happened.behind.add(key);
  }
  for (const { outcome } of await storedRuns(world.state)) if (outcome !== null) note(happened, outcome);
  // Of an interrupted run and its recovery either may be the last that told something.
  if (isRecovery) for (const { key } of moves) happened.behind.add(key);
  const isOpen = (await world.state.unfinishedRuns()).length > 0;
  const isClean = ended === 'whole' && !isRecovery && !isOpen;
  for (const move of moves) {
    happened.setBacks.delete(move.key);
    if (isClean) happened.applied.set(move.key, move);
    else happened.applied.delete(move.key);
  }
  return { ended, moves, isClean, outcome };
}

/** What a run told people of places. */
function note({ seen, owed, behind }: Happened, { run: id, steps }: Outcome): void {
  if (seen.has(id)) return;
  seen.add(id);
  for (const { key, state } of steps) {
    if (state === 'rollback-failed') owed.add(key);
    else if (isApplied(state)) owed.delete(key);
    if (state === 'still-old' || state === 'still-served') behind.add(key);
    else if (isApplied(state)) behind.delete(key);
  }
}

/** The certificate of each binding; `null` without one. */
export function holdings(happened: Happened): ReadonlyMap<KeyText, Thumbprint | null> {
  const records = byKey(recordsOf(snapshotNow(happened)));
  return new Map(bindings.map(({ key }) => [key, records.get(key)?.thumbprint ?? null]));
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

function byKey(records: readonly CertificateBinding[]): ReadonlyMap<KeyText, CertificateBinding> {
  return new Map(records.map((record) => [record.key, record]));
}
