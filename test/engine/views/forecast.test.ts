import assert from 'node:assert/strict';
import { parseMonth } from '../../../src/commands/forecast/command.ts';
import { defaultConfiguration } from '../../../src/documents/configuration.ts';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import type { DoctorFacts } from '../../../src/engine/findings/facts.ts';
import { forecastOf } from '../../../src/engine/views/forecast-of-server.ts';
import type { Certificate } from '../../../src/model/certificates/certificate.ts';
import { forecastText } from '../../../src/shell/print/forecast-text.ts';
import { displayWidth, plain } from '../../../src/shell/print/terminal-style.ts';
import { ledgerOf } from '../../builders/ledger.ts';
import {
  authority,
  certificate,
  now,
  type OtherParts,
  policy,
  record,
  renewal,
  type SnapshotParts,
  site,
  sni,
  testAuthorities,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { assertNone, each } from '../../support/each.ts';
import { factsOf } from '../findings/facts.ts';

const publicRoot = authority('CN=Public Root', { issuedBy: [thumbprintOf('CN=Public Root')], standing: 'programme' });
const publicCa = authority('CN=Public CA', { issuedBy: [publicRoot.thumbprint], organisation: 'Public CA Inc' });
const letsEncrypt = authority('CN=YR1', { issuedBy: [publicRoot.thumbprint], organisation: "Let's Encrypt" });
const trust = { authorities: [...testAuthorities, publicRoot, publicCa, letsEncrypt], list: 'current' as const };

type Parts = NonNullable<Parameters<typeof certificate>[1]>;

/** Of the public authority, 200 days from 2026-06-01T12:00Z, the moment at which the tests look. */
function publicOne(label: string, parts: Parts = {}): Certificate {
  return certificate(label, { issuer: 'CN=Public CA', notBefore: now, notAfter: '2026-12-18T11:59:59.000Z', ...parts });
}

const shop = { sites: [site('Shop', [sni('shop.example.com')])], records: [record('shop.example.com:443', 'shop')] };
const sql: OtherParts = { thumbprint: thumbprintOf('shop'), consumer: { kind: 'sql', detail: 'MSSQLSERVER' } };
const rdp: OtherParts = {
  thumbprint: thumbprintOf('shop'),
  consumer: { kind: 'rdp', detail: 'RDP-Tcp' },
  listener: { port: 3389, state: 'started', chosenBy: 'person' },
};
const nps: OtherParts = { thumbprint: thumbprintOf('shop'), consumer: { kind: 'nps', detail: 'Wi-Fi' } };

function forecastIn(server: SnapshotParts, parts: Partial<DoctorFacts> = {}, until = '2029-12') {
  const facts = { configuration: policy({ successors: 'same-names' }), ...parts };
  return forecastOf(lookAt(factsOf({ trust, ...server }, facts)), parseMonth(until, now));
}

const onlyOne = (server: SnapshotParts, parts?: Partial<DoctorFacts>) => {
  const [found, ...others] = forecastIn(server, parts).certificates;
  assert.ok(found !== undefined && others.length === 0);
  return found;
};

describe('the forecast of renewals', () => {
  it('shortens the life of a public certificate with the calendar, and renews it after two thirds', () => {
    const { renewals, authority: whose } = onlyOne({ ...shop, certificates: [publicOne('shop')] });
    assert.equal(whose, 'public');
    const seen = renewals.map(({ at, days }) => `${at.slice(0, 10)} ${days}`);
    assert.deepEqual(seen.slice(0, 4), ['2026-10-12 200', '2027-02-23 200', '2027-07-06 100', '2027-09-11 100']);
    assert.equal(
      seen.find((line) => line.endsWith(' 47')),
      '2029-05-03 47',
    );
  });

  it('ends before the first moment after the last month', () => {
    const count = (until: string) =>
      forecastIn({ ...shop, certificates: [publicOne('shop')] }, {}, until).total.renewals;
    assert.deepEqual([count('2026-09'), count('2026-10')], [0, 1]);
  });

  const lives: readonly (readonly [string, Parts, string, readonly number[]])[] = [
    ['of a private authority', { issuer: 'CN=Test CA' }, 'private', [200]],
    ['that is self-signed', { issuer: 'CN=shop', issuedBy: [], selfSigned: true }, 'self-signed', [200]],
    ['of an authority that is not here', { issuer: 'CN=Elsewhere' }, 'unknown', [200, 100, 47]],
    ["of Let's Encrypt", { issuer: 'CN=YR1', notAfter: '2026-08-30T11:59:59.000Z' }, 'public', [90, 64, 45]],
    ['of six days and 16 hours', { notAfter: '2026-06-08T03:59:59.000Z' }, 'public', [6.7]],
    [
      'of a year that began ten minutes before its issue',
      { issuer: 'CN=Test CA', notBefore: '2026-05-31T23:50:00.000Z', notAfter: '2027-06-01T00:00:00.000Z' },
      'private',
      [365],
    ],
  ];
  for (const [what, parts, whose, days] of lives)
    it(`gives one ${what} these lives: ${days.join(', ')}`, () => {
      const found = onlyOne({ ...shop, certificates: [publicOne('shop', parts)] });
      assert.equal(found.authority, whose);
      assert.deepEqual([...new Set(found.renewals.map((one) => one.days))], days);
    });

  it('renews what is due already now, and as late in its life as the one before was renewed', () => {
    const [first] = onlyOne({
      ...shop,
      certificates: [
        publicOne('shop', { notBefore: '2026-01-01T00:00:00.000Z', notAfter: '2026-05-01T00:00:00.000Z' }),
      ],
    }).renewals;
    assert.equal(first?.at, now);

    const before = publicOne('before', {
      notBefore: '2026-01-12T12:00:00.000Z',
      notAfter: '2026-07-31T11:59:59.000Z',
      renewedTo: 'shop',
    });
    const { renewals } = onlyOne({ ...shop, certificates: [before, publicOne('shop')] });
    assert.equal(renewals[0]?.at.slice(0, 10), '2026-10-19');
  });

  const learning: readonly (readonly [string, Parts, Partial<DoctorFacts>, SnapshotParts, string, string | null])[] = [
    ['by its names', {}, {}, {}, 'same-names', null],
    ['by nobody', {}, { configuration: policy() }, {}, 'nobody', 'certrebind config set successors same-names'],
    ['by nobody while it is not enabled', {}, {}, { tasks: [] }, 'nobody', 'certrebind enable'],
    [
      'by nobody while nothing is set',
      {},
      { configuration: policy() },
      { tasks: [] },
      'nobody',
      'certrebind enable --successors same-names',
    ],
    ['by an event, of a private authority', { issuer: 'CN=Test CA' }, { configuration: policy() }, {}, 'event', null],
    ['by nobody, self-signed', { issuer: 'CN=shop', issuedBy: [], selfSigned: true }, {}, {}, 'nobody', null],
  ];
  for (const [how, parts, facts, server, learnt, command] of learning)
    it(`says that a renewal is learnt ${how}`, () => {
      const { certificates, actions, total } = forecastIn(
        { ...shop, ...server, certificates: [publicOne('shop', parts)] },
        facts,
      );
      assert.equal(certificates[0]?.learnt, learnt);
      assert.equal(actions[0]?.command ?? null, command);
      assert.equal(certificates[0]?.ends?.command ?? null, command);
      assert.equal(total.costs.person, learnt === 'nobody' ? total.renewals : 0);
    });

  it('counts places of the old one as those of its successor, and by the old one where that was deleted', () => {
    const [old, next] = [
      publicOne('shop', { renewedTo: 'next' }),
      publicOne('next', { notAfter: '2026-12-20T00:00:00Z' }),
    ];
    assert.equal(onlyOne({ ...shop, certificates: [old, next] }).thumbprint, thumbprintOf('next'));
    assert.equal(onlyOne({ ...shop, certificates: [old] }).thumbprint, thumbprintOf('shop'));
  });

  it('counts a renewal as the worst of its places, with who has to act at each', () => {
    const { certificates, total } = forecastIn({ ...shop, certificates: [publicOne('shop')], others: [sql, nps] });
    const [found] = certificates;
    assert.deepEqual(
      found?.places.map(({ name, cost }) => `${name}: ${cost}`),
      ['Network Policy Server (Wi-Fi): person', 'SQL Server MSSQLSERVER: person', 'Shop: nothing'],
    );
    assert.equal(found?.cost, 'person');
    assert.match(found?.places[0]?.ends?.command ?? '', /^certrebind trigger add nps-\S+ --on replaced --names shop/);
    assert.equal(total.costs.person, total.renewals);
    const allowed = policy({
      successors: 'same-names',
      window: { from: '02:00', to: '04:00', timeZone: 'UTC' },
      holders: { ...defaultConfiguration.holders, sql: { policy: 'replace', restart: 'window' } },
    });
    const window = onlyOne({ ...shop, certificates: [publicOne('shop')], others: [sql] }, { configuration: allowed });
    assert.deepEqual(
      window.places.map(({ name, cost, why }) => `${name}: ${cost}: ${why}`),
      ['SQL Server MSSQLSERVER: restart: Its service is restarted in the change window.', 'Shop: nothing: null'],
    );
    assert.equal(window.cost, 'restart');
  });

  it('ranks what ends work by its renewals, each with its whole command', () => {
    const id = '{11111111-2222-3333-4444-555555555555}';
    const server = {
      sites: [site('Shop', [sni('shop.example.com'), sni('portal.example.net')])],
      records: [
        record('shop.example.com:443', 'shop'),
        record('0.0.0.0:8443', 'own', { appId: id }),
        record('portal.example.net:443', 'before'),
      ],
      certificates: [
        publicOne('before', { names: ['shop.example.com', 'portal.example.net'], renewedTo: 'shop' }),
        publicOne('shop'),
        certificate('own', { names: ['own.example.com'] }),
      ],
      others: [sql, rdp],
    };
    const entry = { renewal: renewal('before', 'shop', { source: 'renewal-property' }), run: '7', at: now };
    const ledger = ledgerOf([{ ...entry, state: 'blocked', reasons: ['names-lost'] }]);
    const forecast = forecastIn(server, { ledger });
    const renewals = forecast.certificates.find(({ name }) => name === 'shop.example.com')?.renewals.length ?? 0;
    assert.deepEqual(each(forecast.actions, 'title', 'command', 'renewals'), [
      ['Let CertRebind change Remote Desktop RDP-Tcp', 'certrebind config set holders.rdp.policy replace', renewals],
      [
        'Let CertRebind change SQL Server MSSQLSERVER',
        'certrebind config set holders.sql.policy replace; certrebind config set holders.sql.restart window',
        renewals,
      ],
      ['Put portal.example.net into the request for shop.example.com', null, renewals],
      [`Let CertRebind change application ${id}`, `certrebind config add applicationIds ${id.slice(1, -1)}`, 5],
    ]);
    assert.equal(forecast.total.costs.person, renewals + 5);
    const text = forecastText(forecast, { ...plain, width: 120 });
    assertNone(text.split('\n'), (line) => displayWidth(line) > 120);
    assert.match(text, /Put portal\.example\.net into the request for shop\.example\.com \(\d+ renewals\)\.\n/);
    assert.match(text, /^ {7}certrebind config set holders\.rdp\.policy replace$/m);
  });

  it('counts until a month that is ahead, and refuses what is none', () => {
    for (const text of ['2029', '2029-13', '2029-00', '2029-12-31', 'soon', '2026-05', '2047-01'])
      assert.throws(() => parseMonth(text, now), { code: 'usage', where: '--until' });
    assert.equal(parseMonth('2029-12', now).toISOString(), '2030-01-01T00:00:00.000Z');
    assert.equal(parseMonth('2026-06', now).toISOString(), '2026-07-01T00:00:00.000Z');
  });
});
