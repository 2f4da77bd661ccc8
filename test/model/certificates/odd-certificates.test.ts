import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { createSecureContext, createServer } from 'node:tls';
import fc from 'fast-check';
import { CertRebindError } from '../../../src/base/errors.ts';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import { toPem } from '../../../src/lab/host/whole-file.ts';
import { thumbprintOf } from '../../../src/lab/kernel/certificates.ts';
import { snapshotOf } from '../../../src/lab/kernel/snapshot.ts';
import { isServableKey, parseCertificate } from '../../../src/model/certificates/certificate.ts';
import { type AuthorityStores, chainBuilder } from '../../../src/model/certificates/certificate-chain.ts';
import { certificatesInFile } from '../../../src/model/certificates/certificate-files.ts';
import { arrivingCertificate, openCertificate } from '../../../src/model/certificates/certificate-with-key.ts';
import { wrapPfx } from '../../../src/model/certificates/pfx.ts';
import { parseRevocationList } from '../../../src/model/certificates/revocation-list.ts';
import { evaluateTrust } from '../../../src/model/certificates/trust.ts';
import type { Row } from '../../../src/model/windows/rows.ts';
import { tlsHandshaker } from '../../../src/server/handshake.ts';
import { partsOf } from '../../../src/server/windows/parts.ts';
import { certificatesFrom } from '../../../src/server/windows/read-certificates.ts';
import { element, sequence } from '../../builders/certificate-der.ts';
import { type Issued, issued } from '../../builders/issued.ts';
import { labState } from '../../builders/lab.ts';
import { made, mutatedCertificates, oddShapes, unreadableKeys } from '../../builders/odd-certificates.ts';
import { policy, renewal, sni } from '../../builders/snapshot.ts';
import { factsOf } from '../../engine/findings/facts.ts';
import { checkProperty } from '../../properties/check.ts';
import { each } from '../../support/each.ts';
import { isSlow, itSlowly } from '../../support/slow.ts';

const asOf = Date.parse('2026-06-01T00:00:00Z');
const inMy = { store: 'My', key: 'usable', archived: false, renewedTo: null, friendlyName: null } as const;
const root = made('Root', 'Root');
const leaf = made('leaf.example.com', 'Issuing', { authority: false, names: ['leaf.example.com'], keyType: 'rsa' });

function judge(authorities: AuthorityStores['authorities'], der = leaf) {
  const none = { fetched: [], disallowed: [], publicRoots: null, disallowedList: null, revocationLists: [] };
  const chains = chainBuilder({ ...none, authorities, updatedAt: null, updatesOff: false }, asOf);
  const chain = chains.chainOf(der);
  const { anchor } = evaluateTrust(chains.trust(), asOf)({ ...parseCertificate(der, inMy), ...chain });
  return { chain: chain.chain, issuedBy: chain.issuedBy, anchor, notChecked: chains.notChecked() };
}

const names: Readonly<Record<string, string>> = {
  'ML-DSA': 'ML-DSA-44',
  GOST: 'GOST R 34.10-2012 256',
  'EC at infinity': 'unknown 1.2.840.10045.2.1',
  'EC with explicit parameters': 'unknown 1.2.840.10045.2.1',
};

/** By the Node of this run. */
function isReadable(key: Buffer): boolean {
  try {
    return createPublicKey({ key, format: 'der', type: 'spki' }) !== null;
  } catch {
    return false;
  }
}

describe('an authority whose key cannot be read', () => {
  for (const [kind, publicKey] of Object.entries(unreadableKeys)) {
    (isReadable(publicKey) ? it.skip : it)(
      `${kind}: vouches for nothing and condemns nothing, and is named where a certificate needs it`,
      () => {
        const der = made('Issuing', 'Root', { publicKey });
        const stored = [
          { der: root, store: 'Root' },
          { der, store: 'CA' },
        ] as const;
        const { notChecked, ...judged } = judge(stored);
        assert.deepEqual(judged, { chain: 'unknown', issuedBy: [], anchor: 'unknown' });
        assert.deepEqual(notChecked, [
          {
            where: 'store CA',
            text: 'CN=Issuing',
            why: 'not checked: CertRebind cannot read the key of this authority',
          },
        ]);
        // Of another issuer, or of one that another certificate of the same name vouches for.
        const other = made('other.example.com', 'Root', { authority: false });
        assert.deepEqual(judge(stored, other).notChecked, []);
        const both = judge([...stored, { der: made('Issuing', 'Root'), store: 'CA' }]);
        assert.deepEqual([both.chain, both.anchor, both.notChecked], ['complete', 'private', []]);
      },
    );

    (isReadable(publicKey) ? it.skip : it)(`${kind}: leaves the chain above an issuer open`, () => {
      const odd = { der: made('Root', 'Root', { publicKey }), store: 'Root' } as const;
      const { chain, issuedBy, anchor, notChecked } = judge([odd, { der: made('Issuing', 'Root'), store: 'CA' }]);
      assert.deepEqual([chain, issuedBy?.length, anchor], ['unknown', 1, 'unknown']);
      assert.deepEqual(each(notChecked, 'where', 'text'), [['store Root', 'CN=Root']]);
    });

    it(`${kind}: is named by its identifier in a certificate of a server`, () => {
      const own = parseCertificate(made('Issuing', 'Issuing', { publicKey }), inMy);
      assert.deepEqual([own.keyType, own.selfSigned, isServableKey(own)], [names[kind], undefined, false]);
    });
  }

  it('is said as information, and keeps nothing from being retired', () => {
    const why = 'not checked: CertRebind cannot read the key of this authority';
    const unreadable = [{ part: 'certificates', where: 'store CA', text: 'CN=Issuing', why }] as const;
    const [found] = lookAt(factsOf({ unreadable })).findings.filter(({ code }) => code === 'unreadable');
    assert.deepEqual([found?.severity, found?.message], ['info', `store CA: "CN=Issuing": ${why}`]);
    const own = [{ ...unreadable[0], where: 'store My' }];
    assert.deepEqual(each(lookAt(factsOf({ unreadable: own })).findings, 'severity'), ['warning']);
  });
});

describe('authorities one above the other', () => {
  itSlowly('may be thousands', () => {
    const names = Array.from({ length: 3001 }, (_, at) => (at === 3000 ? 'Root' : `Policy ${at}`));
    const ladder = names.slice(1).map((above, at) => ({ der: made(names[at] ?? '', above), store: 'CA' as const }));
    const lowest = made('leaf', 'Policy 0', { authority: false });
    assert.equal(judge([...ladder, { der: root, store: 'Root' }], lowest).anchor, 'private');
  });
});

describe('a certificate of a store that cannot be read', () => {
  for (const [why, der] of [
    [/larger than 64 KB/, made('leaf', 'Issuing', { more: [['1.2.3', Buffer.alloc(64 * 1024)]] })],
    [/Invalid time value/, oddShapes['an end that is no date'] ?? assert.fail()],
  ] as const)
    it(`is named by its store, on either side: ${why.source}`, () => {
      const base64 = der.toString('base64');
      const thumbprint = thumbprintOf(base64);
      const entry = { thumbprint, store: 'WebHosting', der: base64, key: 'usable', archived: false } as const;
      const lab = labState()
        .with({ certificates: [{ ...entry, renewedTo: null, friendlyName: null }] })
        .build();
      const row = ['certificate', 'WebHosting', thumbprint, base64, 'False', '', 'True', ''];
      for (const { certificates, unreadable } of [
        snapshotOf(lab, 'system', '2026-06-01T00:00:00.000Z'),
        certificatesFrom(partsOf([row]), '2026-06-01T00:00:00.000Z'),
      ]) {
        assert.deepEqual(certificates, []);
        const [one] = unreadable;
        assert.deepEqual([unreadable.length, one?.where, one?.text], [1, 'store WebHosting', thumbprint]);
        assert.match(one?.why ?? '', why);
      }
    });

  it('is read up to 64 KB', () => {
    const padded = (bytes: number) => made('leaf', 'Issuing', { more: [['1.2.3', Buffer.alloc(bytes)]] });
    const most = 64 * 1024 - (padded(60_000).length - 60_000);
    assert.equal(padded(most).length, 64 * 1024);
    assert.equal(parseCertificate(padded(most), inMy).subject, 'CN=leaf');
    assert.throws(() => parseCertificate(padded(most + 1), inMy), { code: 'bad-input', message: /larger than 64 KB/ });
  });
});

/** Whatever happens to it is told, not thrown. */
async function assertTold(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    assert.ok(thrown instanceof CertRebindError && thrown.exitCode !== 1, thrown instanceof Error ? thrown.stack : '');
    assert.ok(thrown.message.length < 2000, thrown.message.slice(0, 200));
  }
}

const stores = ['My', 'WebHosting', 'CA', 'Root', 'Disallowed'];

/** All that the adapter says of a server with this certificate in every store. */
function readFromWindows(der: Buffer): void {
  const base64 = der.toString('base64');
  const stored = ['My', 'WebHosting'].map(
    (store): Row => ['certificate', store, 'A'.repeat(40), base64, 'False', '', 'True', ''],
  );
  const read = certificatesFrom(
    partsOf([
      ['certificate', 'My', 'B'.repeat(40), leaf.toString('base64'), 'False', '', 'True', ''],
      ...stored,
      ['authority', 'Root', root.toString('base64')],
      ['authority', 'CA', base64],
      ['authority', 'Root', base64],
      ['disallowed', thumbprintOf(base64)],
      ['trust-lists', '', base64.slice(0, 1000), '', ''],
      ['revocation-list', base64],
    ]),
    '2026-06-01T00:00:00.000Z',
  );
  assert.ok(
    read.certificates.some(({ dnsNames }) => dnsNames.includes('leaf.example.com')),
    'the other one is read',
  );
  const vouched = evaluateTrust(read.trust, asOf);
  for (const certificate of read.certificates) vouched(certificate);
}

/** The same of a lab, one store after the other, with all that is judged of it. */
function judgeLab(der: Buffer, among = stores): void {
  const base64 = der.toString('base64');
  for (const store of among) {
    const lab = labState()
      .certificate('old', { names: ['leaf.example.com'] })
      .certificate('new', { names: ['leaf.example.com'], issuer: 'issuing' })
      .site('Shop', [sni('leaf.example.com')])
      .record('leaf.example.com:443', 'old');
    const state = lab.build();
    const entry = { thumbprint: thumbprintOf(base64), store, der: base64, key: 'usable', archived: false } as const;
    const planted =
      store === 'CA' || store === 'Root'
        ? {
            ...state,
            authorities: [...state.authorities, base64],
            roots: store === 'CA' ? state.roots : [...state.roots, thumbprintOf(base64)],
          }
        : { ...state, certificates: [...state.certificates, { ...entry, renewedTo: null, friendlyName: null }] };
    const snapshot = snapshotOf(planted, 'system', '2026-06-01T00:00:00.000Z');
    assert.ok(snapshot.certificates.length >= 2, 'the others are read');
    const pair = { ...renewal('old', 'new'), old: lab.thumbprint('old'), new: lab.thumbprint('new') };
    assert.equal(planRebind({ snapshot, renewals: [pair], configuration: policy() }).steps.length, 1);
    lookAt(factsOf(snapshot)).findings;
  }
}

describe('no certificate ends a command', () => {
  let own: Issued;
  before(async () => {
    own = await issued(['shop.example.com'], '2026-01-01T00:00:00Z');
  });

  /** Node as a server sends no others, and no client takes more. */
  function isServable(der: Buffer): boolean {
    try {
      createSecureContext({ cert: own.certificate + toPem(der), key: own.key });
      return der.length < 10_000;
    } catch {
      return false;
    }
  }

  async function importWith(der: Buffer): Promise<void> {
    const brought = { where: 'chain.pem', bytes: Buffer.from(own.certificate + own.chain + toPem(der) + own.key) };
    await assertTold(async () => arrivingCertificate(await openCertificate([brought], async () => ''), 'My'));
  }

  async function importPfxWith(der: Buffer): Promise<void> {
    const found = { leaf: own.leaf, key: createPrivateKey(own.key), friendlyName: null, provider: null };
    const { pfx, password } = await wrapPfx({ ...found, intermediates: [der] });
    const file = { where: 'shop.pfx', bytes: pfx };
    await assertTold(async () => arrivingCertificate(await openCertificate([file], async () => password), 'My'));
    const inSignedData = element(0xa0, element(0xa0, der));
    certificatesInFile(sequence(Buffer.from('06092a864886f70d010702', 'hex'), inSignedData));
  }

  async function assertHarmless(der: Buffer): Promise<void> {
    readFromWindows(der);
    judgeLab(der);
    parseRevocationList(der);
    await importWith(der);
    await importPfxWith(der);
  }

  for (const [shape, der] of Object.entries(oddShapes))
    it(`with ${shape}, in every store and in what is imported`, () => assertHarmless(der));

  const title = 'with parts exchanged for others';
  const planted = fc.tuple(mutatedCertificates, fc.constantFrom(...stores));
  it(title, () =>
    checkProperty(title, isSlow ? 100 : 25, planted, async ([der, store]) => {
      readFromWindows(der);
      judgeLab(der, [store]);
      parseRevocationList(der);
      await importWith(der);
      if (isSlow) await importPfxWith(der);
    }),
  );

  it('which a server sends along with its own', async () => {
    const sent = Object.values(oddShapes).filter(isServable);
    assert.ok(sent.length >= 6, `${sent.length}`);
    const cert = [own.certificate, ...sent.map(toPem)].join('');
    const server = createServer({ cert, key: own.key }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const dial = tlsHandshaker(
        { dial: () => ({ reachable: true, host: '127.0.0.1', port }) },
        { timeoutMs: 60_000, attempts: 1 },
      );
      const { handshake } = await dial({ address: '127.0.0.1', port, serverName: 'shop.example.com' });
      assert.deepEqual([handshake.result, handshake.thumbprint], ['served', own.thumbprint]);
    } finally {
      server.close();
    }
  });

  it('and one whose key alone cannot be read is imported along with the others', async () => {
    const odd = made('Issuing', 'Root', { publicKey: unreadableKeys['ML-DSA'] ?? assert.fail() });
    const bytes = Buffer.from(own.certificate + toPem(odd) + own.chain + own.key);
    const found = await openCertificate([{ where: 'chain.pem', bytes }], async () => '');
    assert.ok(found.intermediates.some((der) => der.equals(odd)));
    const [issuer] = certificatesInFile(Buffer.from(own.chain));
    assert.ok(issuer !== undefined && found.intermediates.some((der) => der.equals(issuer)));
    assert.ok(createPublicKey(found.key).asymmetricKeyType === 'ec');
  });
});
