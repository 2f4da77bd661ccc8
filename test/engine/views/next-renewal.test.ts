import assert from 'node:assert/strict';
import { defaultConfiguration } from '../../../src/documents/configuration.ts';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import type { DoctorFacts } from '../../../src/engine/findings/facts.ts';
import { nextRenewals } from '../../../src/engine/views/next-renewal.ts';
import { formatRecordKey, holderKey, type KeyText } from '../../../src/kinds/record-key.ts';
import type { Certificate } from '../../../src/model/certificates/certificate.ts';
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
import { factsOf } from '../findings/facts.ts';

const publicRoot = authority('CN=Public Root', { issuedBy: [thumbprintOf('CN=Public Root')], standing: 'programme' });
const publicCa = authority('CN=Public CA', { issuedBy: [publicRoot.thumbprint], organisation: 'Public CA Inc' });
const trust = { authorities: [...testAuthorities, publicRoot, publicCa], list: 'current' as const };

type Parts = NonNullable<Parameters<typeof certificate>[1]>;

/** Of the public authority, 200 days from 2026-06-01T12:00Z, the moment at which the tests look. */
function publicOne(label: string, parts: Parts = {}): Certificate {
  return certificate(label, { issuer: 'CN=Public CA', notBefore: now, notAfter: '2026-12-18T11:59:59.000Z', ...parts });
}

const shop = { sites: [site('Shop', [sni('shop.example.com')])], records: [record('shop.example.com:443', 'shop')] };
const sql: OtherParts = { thumbprint: thumbprintOf('shop'), consumer: { kind: 'sql', detail: 'MSSQLSERVER' } };
const nps: OtherParts = { thumbprint: thumbprintOf('shop'), consumer: { kind: 'nps', detail: 'Wi-Fi' } };

const shopKey = formatRecordKey({ table: 'sni', host: 'shop.example.com', port: 443 });

function nextIn(server: SnapshotParts, parts: Partial<DoctorFacts> = {}) {
  const facts = { configuration: policy({ successors: 'same-names' }), ...parts };
  return nextRenewals(lookAt(factsOf({ trust, ...server }, facts)));
}

describe('the next renewal', () => {
  const exchange = `certrebind rebind --old ${thumbprintOf('shop')} --new <thumbprint>`;
  const learning: readonly (readonly [string, Parts, Partial<DoctorFacts>, SnapshotParts, string | null])[] = [
    ['by its names', {}, {}, {}, null],
    ['by nobody', {}, { configuration: policy() }, {}, 'certrebind config set successors same-names'],
    ['by nobody while it is not enabled', {}, {}, { tasks: [] }, 'certrebind enable'],
    [
      'by nobody while nothing is set',
      {},
      { configuration: policy() },
      { tasks: [] },
      'certrebind enable --successors same-names',
    ],
    ['by an event, of a private authority', { issuer: 'CN=Test CA' }, { configuration: policy() }, {}, null],
    ['by nobody, self-signed', { issuer: 'CN=shop', issuedBy: [], selfSigned: true }, {}, {}, exchange],
  ];
  for (const [how, parts, facts, server, command] of learning)
    it(`is noticed ${how}`, () => {
      const next = nextIn({ ...shop, ...server, certificates: [publicOne('shop', parts)] }, facts);
      assert.deepEqual(next(thumbprintOf('shop'), shopKey), { isChanged: true, why: null, command });
    });

  it('is that of the successor at places of the old one, and of the old one where the successor was deleted', () => {
    const [old, successor] = [
      publicOne('shop', { renewedTo: 'next' }),
      publicOne('next', { notAfter: '2026-12-20T00:00:00Z' }),
    ];
    const both = nextIn({ ...shop, certificates: [old, successor] });
    assert.notEqual(both(thumbprintOf('next'), shopKey), undefined);
    assert.equal(both(thumbprintOf('shop'), shopKey), undefined);
    assert.notEqual(nextIn({ ...shop, certificates: [old] })(thumbprintOf('shop'), shopKey), undefined);
  });

  it('is of each place: with a restart, by a person, or after a setting', () => {
    const server = { ...shop, certificates: [publicOne('shop')], others: [sql, nps] };
    const at = (next: ReturnType<typeof nextIn>, key: KeyText) => next(thumbprintOf('shop'), key);
    const asIs = nextIn(server);
    assert.equal(at(asIs, holderKey('nps', 'Wi-Fi'))?.command, null);
    assert.deepEqual(
      [at(asIs, holderKey('sql', 'MSSQLSERVER'))?.isChanged, at(asIs, holderKey('sql', 'MSSQLSERVER'))?.command],
      [false, 'certrebind config set holders.sql replace holders.sql.restart window window 22:00-04:00'],
    );
    const allowed = policy({
      successors: 'same-names',
      window: { from: '02:00', to: '04:00', timeZone: 'UTC' },
      holders: { ...defaultConfiguration.holders, sql: { policy: 'replace', restart: 'window' } },
    });
    const why = 'Its service is restarted in the change window.';
    const met = at(nextIn(server, { configuration: allowed }), holderKey('sql', 'MSSQLSERVER'));
    assert.deepEqual(met, { isChanged: true, why, command: null });
  });

  it('meets what kept the last one from a place', () => {
    const server = {
      sites: [site('Shop', [sni('shop.example.com'), sni('portal.example.net')])],
      records: [record('shop.example.com:443', 'shop'), record('portal.example.net:443', 'before')],
      certificates: [
        publicOne('before', { names: ['shop.example.com', 'portal.example.net'], renewedTo: 'shop' }),
        publicOne('shop'),
      ],
    };
    const entry = { renewal: renewal('before', 'shop', { source: 'renewal-property' }), run: '7', at: now };
    const ledger = ledgerOf([{ ...entry, state: 'blocked', reasons: ['names-lost'] }]);
    const portal = formatRecordKey({ table: 'sni', host: 'portal.example.net', port: 443 });
    const met = nextIn(server, { ledger })(thumbprintOf('shop'), portal);
    assert.equal(met?.isChanged, false);
    assert.match(met?.why ?? '', /portal\.example\.net/);
  });
});
