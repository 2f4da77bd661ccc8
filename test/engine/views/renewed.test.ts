import assert from 'node:assert/strict';
import { renewedText } from '../../../src/commands/usage/renewed-text.ts';
import type { Configuration } from '../../../src/documents/configuration.ts';
import type { RenewedPlace } from '../../../src/documents/renewed.ts';
import { isVerifyOnly } from '../../../src/documents/runs/plan.ts';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import { dismissalsOf } from '../../../src/engine/findings/dismissals.ts';
import type { DoctorFacts } from '../../../src/engine/findings/facts.ts';
import { planPending } from '../../../src/engine/plan/plan-pending.ts';
import { renewedOf } from '../../../src/engine/views/renewed.ts';
import { statusOf } from '../../../src/engine/views/server-status.ts';
import { unknownParts } from '../../../src/kinds/unknown-parts.ts';
import { displayWidth, plain } from '../../../src/shell/print/terminal-style.ts';
import { ledgerOf } from '../../builders/ledger.ts';
import {
  certificate,
  logOf,
  now,
  policy,
  record,
  renewal,
  replaced,
  type SnapshotParts,
  site,
  sni,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { factsOf } from '../findings/facts.ts';
import { factsIn, shop, situations } from '../findings/situations.ts';

const [old, successor] = [thumbprintOf('shop'), thumbprintOf('next')];
const key = 'shop.example.com:443';
const renewed = { ...shop, certificates: [certificate('shop', { renewedTo: 'next' }), certificate('next')] };
const withUse = (consumer: { kind: string; detail: string }) => ({
  ...renewed,
  records: [record(key, 'next')],
  others: [{ thumbprint: old, consumer: consumer as never }],
});
const night = { from: '22:00', to: '04:00', timeZone: 'UTC' } as const;
const newOnly = { ...renewed, records: [record(key, 'next')] };
const short = certificate('next', { names: ['other.example.com'] });
const lateNext = { notBefore: '2026-06-02T08:00:00.000Z', notAfter: '2027-06-01T00:00:00.000Z' };
const byNames = certificate('next', { notBefore: '2026-05-01T00:00:00.000Z', notAfter: '2027-05-01T00:00:00.000Z' });

function placesIn(server: SnapshotParts, facts: Partial<DoctorFacts> = {}) {
  const known = factsOf(server, facts);
  const found = renewedOf(lookAt(known), null);
  const places = found.certificates.flatMap((one) => one.places.map((place) => ({ ...place, newest: one.thumbprint })));
  return { ...found, places };
}

const dismissing = (server: SnapshotParts, code: string): Partial<DoctorFacts> => {
  const { every, held } = lookAt(factsOf(server));
  const found = every.filter((one) => one.code === code);
  assert.ok(found.length > 0);
  return { ledger: ledgerOf([], { dismissed: found.flatMap((one) => dismissalsOf(one, held, 'a', now)) }) };
};

/** The place of interest, who moves it, what is typed, and whether all is in use. */
type Row = readonly [
  what: string,
  server: SnapshotParts,
  facts: Partial<DoctorFacts>,
  is: string,
  commands: readonly string[],
  isUsed: boolean,
];

const configured = (parts: Partial<Configuration>): Partial<DoctorFacts> => ({ configuration: policy(parts) });

const rows: readonly Row[] = [
  ['moves with the next hourly run', renewed, {}, 'old itself', [], false],
  [
    'moves when asked where nothing is enabled',
    { ...renewed, tasks: [] },
    {},
    'old command',
    ['certrebind reconcile'],
    false,
  ],
  ['has the new one', newOnly, {}, 'new null', [], true],
  ['waits for the window', renewed, configured({ window: night }), 'old itself', [], false],
  [
    'waits for the window where nothing is enabled',
    { ...renewed, tasks: [] },
    configured({ window: night }),
    'old command',
    ['certrebind reconcile --now'],
    false,
  ],
  [
    'waits until the new one is valid',
    { ...renewed, certificates: [certificate('shop', { renewedTo: 'next' }), certificate('next', lateNext)] },
    {},
    'old itself',
    [],
    false,
  ],
  [
    'needs another certificate',
    { ...renewed, certificates: [certificate('shop', { renewedTo: 'next' }), short] },
    {},
    'old person',
    [`certrebind rebind --old ${thumbprintOf('shop')} --new <thumbprint>`],
    false,
  ],
  [
    'needs the key of the new one',
    { ...renewed, certificates: [certificate('shop', { renewedTo: 'next' }), certificate('next', { key: 'missing' })] },
    {},
    'old person',
    [`certutil -repairstore My ${thumbprintOf('next')}`, 'certrebind reconcile'],
    false,
  ],
  ['is excluded', renewed, configured({ exclude: { ...policy().exclude, records: [key] } }), 'kept null', [], true],
  [
    'was taken back by a person',
    renewed,
    {
      ledger: ledgerOf([
        { renewal: renewal('shop', 'next'), state: 'undone', run: '7', heldAt: [record(key, 'shop').key], cause: null },
      ]),
    },
    'kept null',
    [],
    true,
  ],
  [
    'was rolled back by a run',
    renewed,
    {
      ledger: ledgerOf([
        {
          renewal: renewal('shop', 'next'),
          state: 'undone',
          run: '7',
          heldAt: [record(key, 'shop').key],
          cause: { kind: 'server', said: 'it answered 503', fatal: false } as never,
        },
      ]),
    },
    'old person',
    ['certrebind history 7', `certrebind rebind --old ${thumbprintOf('shop')} --new ${thumbprintOf('next')}`],
    false,
  ],
  [
    'is renewed by its names alone, which the policy does not take',
    { ...shop, certificates: [certificate('shop'), byNames] },
    {},
    'old command',
    [`certrebind rebind --old ${old} --new ${successor}`],
    false,
  ],
  [
    'is a record that no binding needs',
    { ...renewed, sites: [] },
    {},
    'old command',
    ['certrebind doctor --fix orphaned-record'],
    false,
  ],
  ['has no renewal', shop, {}, 'next itself', [], true],
  [
    'has no renewal, and would be moved when asked',
    { ...shop, tasks: [] },
    {},
    'next command',
    ['certrebind enable'],
    true,
  ],
];

describe('usage --renewed', () => {
  it('is no yes while another site is down, a file was refused, or a watched folder cannot be read', () => {
    const down = { ...newOnly, sites: [...(newOnly.sites ?? []), site('Blog', [sni('blog.example.com')])] };
    const found = renewedOf(lookAt(factsOf(down)), null);
    assert.deepEqual([found.isUsed, found.open.map(({ code }) => code)], [false, ['binding-without-record']]);
    const ofOne = renewedOf(lookAt(factsOf(down)), [successor]);
    assert.deepEqual([ofOne.isUsed, ofOne.open], [true, []], 'with a certificate named, only what is about it');
    for (const code of ['renewal-refused', 'source-unreachable', 'renewal-blocked']) {
      const situation =
        situations.find(({ finds }) => /^(?:warning|error) /.test(finds[0] ?? '') && finds[0]?.includes(` ${code} `)) ??
        assert.fail(code);
      assert.equal(renewedOf(lookAt(factsIn(situation)), null).isUsed, false, code);
    }
  });

  it('names what was refused for several certificates under each of them, and under no other', () => {
    const server: SnapshotParts = {
      sites: [site('Web', [sni('shop.example.com'), sni('api.example.com'), sni('blog.example.com')])],
      records: [record(key, 'shop'), record('api.example.com:443', 'api'), record('blog.example.com:443', 'blog')],
      certificates: ['shop', 'api', 'blog'].map((label) => certificate(label, { names: [`${label}.example.com`] })),
    };
    const refusal = {
      ...{ at: now, command: 'import' as const, what: 'both.pfx', names: ['shop.example.com', 'api.example.com'] },
      ...{ keyType: 'RSA', notBefore: now, code: 'trust-lost', message: 'It is not trusted.', hint: null },
    };
    const look = lookAt(factsOf(server, { refused: { schema: 'certrebind/refused/1', refusals: [refusal] } }));
    const openFor = (label: string) => renewedOf(look, [thumbprintOf(label)]).open.map(({ code }) => code);
    assert.deepEqual(openFor('shop'), ['renewal-refused']);
    assert.deepEqual(openFor('api'), ['renewal-refused']);
    assert.deepEqual(openFor('blog'), []);
  });

  it('is no yes while a file is damaged, unless that is about the program alone', () => {
    const file = { message: 'x.json is not JSON.', hint: 'Mend it.', commands: [] };
    for (const [damaged, isUsed] of [
      [[file], false],
      [[{ ...file, isOfProgram: true as const }], true],
      [
        [
          { ...file, isOfProgram: true as const },
          { ...file, message: 'y.json is not JSON.' },
        ],
        false,
      ],
    ] as const)
      assert.equal(renewedOf(lookAt(factsOf(newOnly, { damaged })), null).isUsed, isUsed);
  });

  for (const [what, server, facts, is, commands, isUsed] of rows)
    it(`says of a place that it ${what}`, () => {
      const found = placesIn(server, facts);
      const [place, ...others] = found.places;
      assert.ok(place !== undefined && others.length === 0);
      assert.deepEqual([`${place.is} ${place.by}`, place.commands, found.isUsed], [is, commands, isUsed]);
      if (place.is === 'old' && place.by === 'itself') assert.match(place.at ?? '', /^2026-06-0[12]T/);
    });

  it('tells when the next run is, when the window opens, and when the new one is valid', () => {
    const at = (server: SnapshotParts, facts: Partial<DoctorFacts>) => placesIn(server, facts).places[0]?.at;
    assert.match(at(renewed, {}) ?? '', /^2026-06-01T1[23]:/);
    assert.match(at(renewed, configured({ window: night })) ?? '', /^2026-06-0(?:1T2[23]|2T0[0-3]):/);
    const later = [certificate('shop', { renewedTo: 'next' }), certificate('next', lateNext)];
    assert.equal(at({ ...renewed, certificates: later }, {}), lateNext.notBefore);
  });

  it('has the settings that let CertRebind change a place, and otherwise the whole line of its maker', () => {
    const ofOther = (kind: string, facts: Partial<DoctorFacts> = {}, names = ['shop.example.com', 'web01']) => {
      const server = withUse({ kind, detail: kind === 'sql' ? 'MSSQLSERVER' : 'Wi-Fi' });
      const certificates = [certificate('shop', { names, renewedTo: 'next' }), certificate('next', { names })];
      const place = placesIn({ ...server, certificates }, facts).places.find((one) => one.is !== 'new');
      assert.ok(place !== undefined);
      return place;
    };
    const settings = 'certrebind config set holders.sql replace holders.sql.restart window';
    assert.deepEqual([ofOther('sql').by, ofOther('sql').commands], ['command', [`${settings} window 22:00-04:00`]]);
    assert.deepEqual(ofOther('sql', configured({ window: night })).commands, [settings]);
    // Nobody is told to set what the service could not use.
    const unfit = ofOther('sql', {}, ['shop.example.com']);
    assert.deepEqual([unfit.by, unfit.commands], ['person', []]);
    assert.match(unfit.why, /does not cover the name WEB01/);
    const line = `nps.msc: choose ${successor} in the policy Wi-Fi, under Constraints, Authentication Methods, Edit`;
    assert.deepEqual([ofOther('nps').by, ofOther('nps').commands], ['person', [line]]);
  });

  it('says of a place that is only reported that its certificate has two successors', () => {
    const nps = { thumbprint: old, consumer: { kind: 'nps', detail: 'Wi-Fi' } as const };
    const lifecycle = logOf(replaced(1, 'shop', 'next'));
    const certificates = [certificate('shop', { renewedTo: 'other' }), certificate('next'), certificate('other')];
    const { places } = placesIn({ others: [nps], certificates, lifecycle });
    assert.deepEqual(
      places.map(({ is, by }) => `${is} ${by}`),
      ['old person'],
    );
  });

  it('counts what a person hid as kept, and a place that moves by itself never', () => {
    const nps = withUse({ kind: 'nps', detail: 'Wi-Fi' });
    const found = placesIn(nps, dismissing(nps, 'change-by-hand'));
    assert.deepEqual([found.isUsed, found.places.map(({ is }) => is).sort()], [true, ['kept', 'new']]);
    const pending = placesIn(renewed, dismissing(renewed, 'renewal-pending'));
    assert.deepEqual([pending.isUsed, pending.places[0]?.is], [false, 'old']);
  });

  it('is not content where clients get an error from a place with the new one', () => {
    const gone = {
      ...newOnly,
      certificates: [
        certificate('shop', { renewedTo: 'next' }),
        certificate('next', { notAfter: '2026-05-20T00:00:00.000Z' }),
      ],
    };
    const { isUsed, places } = placesIn(gone);
    assert.equal(isUsed, false);
    assert.match(places[0]?.trouble ?? '', /expired/);
  });

  it('says what was not looked at, with the reason', () => {
    const found = placesIn({
      ...newOnly,
      sites: [...shop.sites, site('Bare', [sni('bare.example.com')])],
      notLookedAt: unknownParts('not-read', ['others', 'ftps']),
      roles: [{ kind: 'wac', why: null } as never],
    });
    assert.deepEqual(found.notLookedAt, [
      'Windows Admin Center, which is installed here (only its own tools show its certificate)',
      'thumbprints that other products store (could not be read)',
      'certificates of FTP sites (could not be read)',
      'Bare, bare.example.com:443 (no certificate was seen there)',
    ]);
    assert.ok(found.neverLookedAt.length > 3);
  });

  it('is narrowed by the new certificate and by the old one, and by another one to nothing', () => {
    const facts = lookAt(factsOf(renewed));
    for (const only of [old, successor]) assert.equal(renewedOf(facts, [only]).certificates.length, 1);
    const none = renewedOf(facts, [thumbprintOf('other')]);
    assert.equal(none.certificates.length, 0);
    assert.match(renewedText(none, plain), /^Nothing that was read uses it/);
  });

  const seen = situations.map((one) => ({ ...one, facts: factsIn(one) }));

  it('says of each place what the plan and status say of it, in every situation', () => {
    const kinds = new Set<string>();
    for (const { situation, facts } of seen) {
      const { steps, blocked, skipped } = planPending(facts.snapshot, facts.ledger, facts.configuration, facts.owed);
      const { certificates, isUsed } = renewedOf(lookAt(facts), null);
      const places = new Map(
        certificates.flatMap((one) =>
          one.places.map((place) => [place.key, { ...place, newest: one.thumbprint }] as const),
        ),
      );
      const said = (at: RenewedPlace['key'], to: string, is: readonly string[]) => {
        const place = places.get(at);
        if (place === undefined) return;
        const now = `${place.is} ${place.by}`;
        assert.ok(is.includes(now), `${situation}: ${at} is ${now}, not ${is}`);
        assert.equal(place.newest, to, `${situation}: ${at}`);
        kinds.add(now);
      };
      for (const step of steps)
        if (step.renewal !== null && !isVerifyOnly(step))
          said(step.key, step.renewal.new, ['old itself', 'old command']);
      for (const one of blocked) {
        const is = {
          'outside-window': ['old itself', 'old command'],
          'set-back': ['old itself', 'old command', 'kept null'],
        };
        const given = is[one.obstacles[0].code as keyof typeof is] ?? [
          'old person',
          'old itself',
          'old command',
          'kept null',
        ];
        said(one.key, one.renewal.new, given);
      }
      for (const one of skipped)
        if (one.obstacles[0].code === 'held' || one.obstacles[0].code === 'excluded')
          said(one.key, places.get(one.key)?.newest ?? '', ['kept null', 'old person', 'old command']);
      for (const { key: at, certificate: held, successor: to, state } of statusOf(lookAt(facts)).places) {
        if (held === null) continue;
        const place = places.get(at);
        assert.equal(place?.certificate, held, `${situation}: ${at}`);
        if (to !== null) assert.notEqual(place?.is, 'new', `${situation}: ${at} is to get ${to}`);
        if (state === 'verified') assert.ok(place?.is !== 'old', `${situation}: ${at} is verified`);
        if (['old', 'blocked', 'rolled-back'].includes(state))
          assert.ok(place?.is !== 'new' || !isUsed, `${situation}: ${at} ${state}`);
      }
    }
    assert.deepEqual([...kinds].sort(), ['kept null', 'old command', 'old itself', 'old person']);
  });

  it('types what ends that another place answers for one that has the new certificate', () => {
    const [one] = situations.filter(({ situation }) => situation.startsWith('the excluded FTP defaults answer'));
    assert.ok(one);
    const places = renewedOf(lookAt(factsIn(one)), null).certificates.flatMap((each) => each.places);
    assert.deepEqual(
      places.map(({ key: at, is, commands }) => [at, is, commands]),
      [
        ['ftp/Named', 'old', one.command],
        ['ftp/*', 'kept', []],
      ],
    );
  });

  it('fits 80 columns but for what is typed, with the answer first', () => {
    for (const { situation, facts } of seen) {
      const lines = renewedText(renewedOf(lookAt(facts), null), plain).split('\n');
      const wide = lines.filter((line) => displayWidth(line) > 80 && !/^ {6}\S/.test(line));
      assert.deepEqual(wide, [], situation);
    }
    const text = renewedText(renewedOf(lookAt(factsOf({ ...renewed, tasks: [] })), null), plain);
    assert.match(
      text,
      /^0 places use the new certificate, 1 still uses the old one: shop\.example\.com,\sends\s2027-01-01\.\n/,
    );
  });
});
