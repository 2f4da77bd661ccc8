import fc from 'fast-check';
import { type Configuration, defaultConfiguration } from '../../src/documents/configuration.ts';
import type { Fault, FaultEffect, FaultPoint } from '../../src/lab/kernel/faults.ts';
import { switchTable } from '../../src/lab/kernel/switches.ts';
import type { Renewal } from '../../src/model/certificates/renewal.ts';
import { type LabBuilder, labState } from '../builders/lab.ts';
import { https, sni } from '../builders/snapshot.ts';

/** Four records at most, each of some certificate and with options of its own; whatever else a server can be like. */
export interface Scenario {
  readonly certificates: readonly CertificateParts[];
  readonly records: readonly RecordParts[];
  readonly site: 'started' | 'stopped';
  readonly build: number;
  readonly switches: Readonly<Record<string, string>>;
  readonly renewals: readonly { readonly old: number; readonly new: number; readonly corroborated: boolean }[];
  readonly undo: Configuration['undo'];
  readonly guards: Configuration['guards'];
  readonly faults: readonly RandomFault[];
  /** After how many pieces of work the first process is killed; `null` when it is not. */
  readonly killedAfter: number | null;
}

interface CertificateParts {
  readonly names: readonly string[];
  readonly key: 'usable' | 'missing' | 'unusable';
  readonly notAfter: string;
  readonly store: 'My' | 'WebHosting';
}

interface RecordParts {
  readonly key: string;
  readonly certificate: number;
  readonly flags: number;
  readonly certCheckMode: number;
  readonly revocationFreshnessSeconds: number;
}

export interface RandomFault {
  readonly on: FaultPoint;
  readonly nth: number;
  readonly times: number | null;
  readonly effect: Exclude<FaultEffect, { readonly do: 'changed-by-others' | 'serve' }> | Concerning;
}

/** Faults that name a certificate do so by its place in the list. */
interface Concerning {
  readonly do: 'changed-by-others' | 'serve';
  readonly certificate: number;
}

const hosts = ['a.example.com', 'b.example.com', 'c.example.com'];
export const recordKeys = ['0.0.0.0:443', ...hosts.map((host) => `${host}:443`)];
const certificateCount = 3;
const certificate = fc.nat({ max: certificateCount - 1 });

const certificates: fc.Arbitrary<CertificateParts> = fc.record({
  names: fc.oneof({ weight: 3, arbitrary: fc.constant(hosts) }, fc.subarray(hosts, { minLength: 1 })),
  key: fc.oneof(
    { weight: 8, arbitrary: fc.constant('usable' as const) },
    fc.constantFrom('missing' as const, 'unusable' as const),
  ),
  notAfter: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('2027-01-01T00:00:00Z', '2028-01-01T00:00:00Z') },
    fc.constant('2026-02-01T00:00:00Z'),
  ),
  store: fc.oneof({ weight: 4, arbitrary: fc.constant('My' as const) }, fc.constant('WebHosting' as const)),
});

const records: fc.Arbitrary<readonly RecordParts[]> = fc.subarray(recordKeys, { minLength: 1 }).chain((keys) =>
  fc.tuple(
    ...keys.map((key) =>
      fc.record({
        key: fc.constant(key),
        certificate: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, certificate),
        flags: fc.constantFrom(0, 2, 0x20),
        certCheckMode: fc.constantFrom(0, 1, 4, 5),
        revocationFreshnessSeconds: fc.constantFrom(0, 60),
      }),
    ),
  ),
);

const swap = { kind: 'binding-method', method: 'RebindSslCertificate' } as const;
const failure = { do: 'fail', hresult: 0x80070520, message: 'A specified logon session does not exist.' } as const;
const changes = fc.constantFrom(
  failure,
  { do: 'no-effect' } as const,
  { do: 'lose-options' } as const,
  { do: 'delete-without-add' } as const,
  { do: 'hang', after: true } as const,
  { do: 'hang', after: false } as const,
  { do: 'die', after: true } as const,
  { do: 'die', after: false } as const,
);
const at = (on: FaultPoint, at: string | null): FaultPoint => (at === null ? on : { ...on, key: at });
const strikes = fc.record({
  nth: fc.integer({ min: 1, max: 4 }),
  times: fc.constantFrom(1, 1, 2, 5, null),
});

/** What can go wrong at these records, and at the server as a whole. */
export function faultsAt(keys: readonly string[]): fc.Arbitrary<RandomFault> {
  const key = fc.constantFrom(...keys);
  const where = fc.option(key, { nil: null });
  return fc.oneof(
    fc.tuple(where, strikes, changes).map(([on, when, effect]) => ({ on: at(swap, on), ...when, effect })),
    fc.tuple(where, strikes, changes).map(([on, when, effect]) => ({ on: at({ kind: 'netsh' }, on), ...when, effect })),
    fc
      .tuple(
        where,
        strikes,
        fc.constantFrom(
          { do: 'refuse' } as const,
          { do: 'serve-previous' } as const,
          { do: 'hang', after: true } as const,
        ),
      )
      .map(([on, when, effect]) => ({ on: at({ kind: 'connect' }, on), ...when, effect })),
    fc.tuple(where, strikes, certificate).map(([on, when, other]) => ({
      on: at({ kind: 'connect' }, on),
      ...when,
      effect: { do: 'serve', certificate: other } as const,
    })),
    fc.tuple(key, fc.integer({ min: 1, max: 3 }), certificate).map(([on, nth, other]) => ({
      on: { kind: 'read-records', key: on } as const,
      nth,
      times: 1,
      effect: { do: 'changed-by-others', certificate: other } as const,
    })),
    strikes.map((when) => ({ on: { kind: 'read' } as const, ...when, effect: { do: 'hang', after: false } as const })),
  );
}

const positions = fc.record(
  Object.fromEntries(switchTable.map(({ name, positions: possible }) => [name, fc.constantFrom(...possible)])),
);

export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  certificates: fc.array(certificates, { minLength: certificateCount, maxLength: certificateCount }),
  records,
  site: fc.oneof({ weight: 5, arbitrary: fc.constant('started' as const) }, fc.constant('stopped' as const)),
  build: fc.constantFrom(9600, 14393, 17763, 20348),
  switches: positions,
  renewals: fc.array(
    fc
      .record({
        old: fc.constantFrom(0, 0, 1),
        new: certificate,
        corroborated: fc.constantFrom(true, true, true, false),
      })
      .filter((pair) => pair.old !== pair.new),
    { minLength: 1, maxLength: 2 },
  ),
  undo: fc.constantFrom('step', 'run'),
  guards: fc.constantFrom(
    {},
    {},
    { 'names-lost': 'warn' },
    { expired: 'off' },
    { 'names-lost': 'off', 'key-unusable': 'warn' },
  ),
  faults: fc.array(faultsAt(recordKeys), { maxLength: 3 }),
  killedAfter: fc.option(fc.nat({ max: 25 }), { nil: null, freq: 2 }),
});

const label = (at: number) => `c${at}`;

export function labOf({ certificates: parts, records: planned, site, build, switches }: Scenario): LabBuilder {
  const names = planned.map((record) => record.key.replace(/:443$/, ''));
  const withCertificates = parts.reduce((lab, each, at) => lab.certificate(label(at), each), labState());
  const lab = withCertificates
    .site(
      'Shop',
      names.map((name) => (name === '0.0.0.0' ? https('*:443:') : sni(name))),
      site,
    )
    .record('0.0.0.0:8443', label(0), { appId: '{11111111-2222-3333-4444-555555555555}' });
  const whole = planned.reduce(
    (lab, { key: on, certificate: held, ...options }) =>
      lab.record(on, label(held), { ...options, store: parts[held]?.store ?? 'My' }),
    lab,
  );
  const { switches: defaults } = whole.build();
  return whole.with({ osBuild: build, iis: build === 9600 ? '8.5' : '10.0', switches: { ...defaults, ...switches } });
}

export function renewalsOf({ renewals }: Scenario, lab: LabBuilder): readonly Renewal[] {
  return renewals.map((pair) => ({
    old: lab.thumbprint(label(pair.old)),
    new: lab.thumbprint(label(pair.new)),
    source: pair.corroborated ? 'given' : 'event',
    corroborated: pair.corroborated,
    eventRecordId: null,
  }));
}

export function faultsOf(
  { faults: planned }: Pick<Scenario, 'faults'>,
  thumbprint: (certificate: number) => string,
): readonly Fault[] {
  return planned.map(({ effect, ...fault }) => ({
    ...fault,
    effect: 'certificate' in effect ? { do: effect.do, thumbprint: thumbprint(effect.certificate) } : effect,
  }));
}

export function configurationOf({ undo, guards }: Scenario): Configuration {
  return { ...defaultConfiguration, undo, guards };
}

/** Records that a fault of this scenario lets others change; what they hold is nobody's promise. */
export function meddledKeys({ faults: planned }: Pick<Scenario, 'faults'>): ReadonlySet<string> {
  return new Set(planned.flatMap(({ on, effect }) => (effect.do === 'changed-by-others' ? (on.key ?? []) : [])));
}
