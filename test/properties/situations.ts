import fc from 'fast-check';
import { compareText } from '../../src/base/order.ts';
import { type Configuration, defaultConfiguration } from '../../src/documents/configuration.ts';
import type { Finding } from '../../src/documents/status.ts';
import { heldBy } from '../../src/lab/kernel/holders/kinds.ts';
import { snapshotOf } from '../../src/lab/kernel/snapshot.ts';
import type { Thumbprint } from '../../src/model/certificates/thumbprint.ts';
import { type LabBuilder, labState } from '../builders/lab.ts';
import { kindWorlds, rdpListener, replacing } from '../engine/run/kind-worlds.ts';
import type { Client, World } from './follow-advice.ts';
import {
  begin,
  bindings,
  certificates,
  type Deed,
  type Happened,
  histories,
  holdings,
  lab,
  labels,
  linksOf,
  perform,
} from './history.ts';
import { type Desk, deskOf } from './typing.ts';

/** What happened to a server, and how it is when somebody looks. */
export interface Situation {
  readonly deeds: readonly Deed[];
  readonly successors: Configuration['successors'];
  /** Whether certificates that nobody has spoken of yet are in the store. */
  readonly isFull: boolean;
  /** Whether one that ends later than all of them was put into the store, and nothing tells of it. */
  readonly isNewer: boolean;
  /** Whether SQL Server and Remote Desktop use the certificate as well, and SQL Server is restarted in the window. */
  readonly hasHolders: boolean;
}

const place = fc.nat({ max: 2 });
const to = fc.constantFrom(1, 1, 2, 3, 4, 5, 6, 7);
const run: Deed = { do: 'reconcile', killedAfter: null, blind: null };
const announce = fc.record({
  do: fc.constant('announce' as const),
  at: place,
  to,
  by: fc.constantFrom('event' as const, 'both' as const, 'property' as const),
});

/** What leads to advice more often than the deeds of `histories` do. */
const hard: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 6, arbitrary: announce },
  { weight: 6, arbitrary: fc.constant(run) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('exclude' as const),
      what: fc.constantFrom('record' as const, 'record' as const, 'certificate' as const),
      at: place,
    }),
  },
  { weight: 3, arbitrary: fc.constant<Deed>({ do: 'window', is: 'closed' }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('wait' as const), days: fc.constantFrom(1, 15, 185, 200, 206, 212, 230) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('strike' as const),
      at: place,
      how: fc.constantFrom('loses' as const, 'refuses' as const, 'lags' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Deed>({
      do: 'fault',
      fault: {
        on: { kind: 'control-service' },
        nth: 2,
        times: 1,
        effect: { do: 'fail', hresult: 0x8007041d, message: 'The service did not respond to the start request.' },
      },
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('set-back' as const),
      at: place,
      by: fc.constantFrom('person' as const, 'tool' as const, 'backup' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('set-record' as const), at: place, to }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('undo' as const),
      run: place,
      force: fc.boolean(),
      killedAfter: fc.constant(null),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('rebind' as const),
      at: place,
      from: fc.constant(null),
      to,
      places: fc.constantFrom('all' as const, 'one' as const),
      killedAfter: fc.constant(null),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('dismiss' as const), which: place }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('give-up' as const), which: place }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete-record' as const), at: place }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('revoke' as const), at: fc.nat({ max: 3 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('key' as const),
      at: fc.nat({ max: 3 }),
      key: fc.constantFrom('usable' as const, 'missing' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('certificate' as const),
      at: fc.nat({ max: 3 }),
      is: fc.constantFrom('removed' as const, 'added' as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Deed>({ do: 'run-daily', days: 3 }) },
);

export const situations: fc.Arbitrary<Situation> = fc.record({
  deeds: fc.oneof(
    { weight: 1, arbitrary: histories },
    { weight: 2, arbitrary: fc.array(hard, { minLength: 1, maxLength: 8 }) },
  ),
  successors: fc.constantFrom('recorded' as const, 'recorded' as const, 'same-names' as const),
  isFull: fc.boolean(),
  isNewer: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  hasHolders: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});

/** The name of the server is one of the certificate's, which SQL Server asks for. */
const withHolders = rdpListener(kindWorlds.sql.on(withLabel(lab.with({ name: 'A' }))));

/** The kinds say `old` of what is in use. */
function withLabel(server: LabBuilder): LabBuilder {
  return {
    ...server,
    thumbprint: (label) => server.thumbprint(label === 'old' ? 'c0' : label),
    with: (parts) => withLabel(server.with(parts)),
  };
}

/** Noon, when histories begin, lies in the first of these. */
const atNoon = { from: '10:30', to: '13:30', timeZone: 'UTC' };

function configurationOf({ successors, hasHolders }: Situation): Configuration {
  if (!hasHolders) return { ...defaultConfiguration, successors };
  return { ...replacing('sql', 'rdp'), successors };
}

/** The server after all of that; every fault is over, and what others did again each time too. */
export async function worldOfSituation(situation: Situation): Promise<World> {
  const { deeds, isFull, isNewer, hasHolders } = situation;
  const happened = hasHolders ? begin(withHolders) : begin();
  happened.configuration = configurationOf(situation);
  for (const deed of deeds) {
    await perform(happened, deed);
    // Without a window nothing is restarted.
    if (hasHolders && happened.configuration.window === undefined)
      happened.configuration = { ...happened.configuration, window: atNoon };
  }
  happened.world.kernel.apply({ kind: 'disarm-faults' });
  if (!isFull) removeUnspoken(happened);
  happened.world.later(60_000);
  const { kernel, state } = happened.world;
  const desk = await deskOf(kernel.state, kernel.now().getTime(), state, happened.configuration, happened.revoked);
  if (isNewer) bring(desk);
  return { desk, clients: hasHolders ? [...clients, ...others] : clients, renew, known: knownLines };
}

const others = [...kindWorlds.sql.endpoints, ...kindWorlds.rdp.endpoints].map(({ port = 0, startTls }) => ({
  address: '0.0.0.0',
  port,
  serverName: null,
  service: startTls,
}));
const clients: readonly Client[] = bindings.map(({ host }) => ({ address: '0.0.0.0', port: 443, serverName: host }));

function removeUnspoken(happened: Happened): void {
  const { kernel } = happened.world;
  const spoken = new Set<string | null>([
    ...holdings(happened).values(),
    ...linksOf(happened).flatMap((link) => [link.old, link.new]),
  ]);
  for (const label of labels) {
    const thumbprint = lab.thumbprint(label);
    if (!spoken.has(thumbprint)) kernel.apply({ kind: 'remove-certificate', thumbprint, store: 'My' });
  }
}

const hourMs = 3600_000;

function renew(desk: Desk, found: Finding | undefined): string {
  const wanted = found?.renewal?.new ?? null;
  const lost = lab.build().certificates.find(({ thumbprint }) => thumbprint === wanted);
  if (lost !== undefined && !desk.kernel.state.certificates.some(({ thumbprint }) => thumbprint === wanted)) {
    desk.kernel.apply({ kind: 'add-certificate', certificate: lost });
    return lost.thumbprint;
  }
  if (found?.code === 'private-key-missing' && found.certificate !== null && !/^First /.test(found.hint)) {
    desk.kernel.apply({ kind: 'set-key', thumbprint: found.certificate, key: 'usable' });
    return found.certificate;
  }
  return bring(desk);
}

/** A certificate with all names, issued an hour ago for two years. */
function bring(desk: Desk): Thumbprint {
  const now = desk.now();
  const made = labState().certificate(`fresh ${now}`, {
    ...certificates.last,
    notBefore: new Date(now - hourMs).toISOString(),
    notAfter: new Date(now + 2 * 365 * 24 * hourMs).toISOString(),
  });
  for (const certificate of made.build().certificates) desk.kernel.apply({ kind: 'add-certificate', certificate });
  return made.thumbprint(`fresh ${now}`);
}

/** What a person who knows the server would try: what was announced, and the newest of all. */
function knownLines({ kernel: { state }, now }: Desk): readonly string[] {
  const { lifecycle, certificates: stored } = snapshotOf(state, 'system', new Date(now()).toISOString());
  const held = bindings.flatMap(({ key }) => heldBy(state, key) ?? []);
  const [newest] = stored
    .filter(({ key, dnsNames, notBefore }) => key === 'usable' && dnsNames.length > 1 && Date.parse(notBefore) <= now())
    .toSorted((a, b) => compareText(b.notAfter, a.notAfter));
  const pairs = [
    ...lifecycle.events.flatMap(({ old, new: successor }) =>
      old == null || successor == null ? [] : [[old.thumbprint, successor.thumbprint]],
    ),
    ...state.certificates.flatMap(({ thumbprint, renewedTo }) => (renewedTo === null ? [] : [[thumbprint, renewedTo]])),
    ...held.flatMap((one) => (newest === undefined || one === newest.thumbprint ? [] : [[one, newest.thumbprint]])),
  ];
  return [
    'certrebind reconcile --now',
    ...new Set(pairs.map(([old, successor]) => `certrebind rebind --old ${old} --new ${successor}`)),
  ];
}
