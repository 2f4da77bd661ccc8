import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  iisAppId,
  lostOrChangedOptions,
  makeCertificateBinding,
  type RecordParts,
  withCertificate,
} from '../../../src/kinds/tls/certificate-binding.ts';
import { parseThumbprint } from '../../../src/model/certificates/thumbprint.ts';
import { rawBinary, rawDword, rawString } from '../../../src/model/windows/raw-value.ts';
import { typedError } from '../../support/only-typed-errors.ts';
import { anyRecord, newHash, oldHash } from '../../support/records.ts';
import { sameRecord } from '../../support/same-record.ts';

const base: RecordParts = { key: '0.0.0.0:443', thumbprint: oldHash };
const thumbprint = parseThumbprint(newHash, 'test');

describe('certificate binding', () => {
  it('is as IIS leaves it where nothing else is said', () => {
    const record = makeCertificateBinding({ key: '*:443', thumbprint: oldHash.toLowerCase() });
    assert.deepEqual(
      [record.key, record.thumbprint, record.store, record.appId, record.options.flags],
      ['0.0.0.0:443', oldHash, 'My', iisAppId, 0],
    );
    assert.deepEqual(record.raw.SslCertHash, rawBinary(Buffer.from(oldHash, 'hex')));
  });

  for (const [part, named] of [
    ['key', 'key'],
    ['thumbprint', 'thumbprint'],
    ['appId', null],
  ] as const)
    it(`is not made with a ${part} that is none`, () => {
      const { exitCode, where } = typedError(() => makeCertificateBinding({ ...base, [part]: 'x' }));
      assert.deepEqual([exitCode, where], [2, named]);
    });

  const differences: readonly (readonly [name: string, change: Partial<RecordParts>, lost: readonly string[]])[] = [
    ['nothing', {}, []],
    ['hash and store', { thumbprint: newHash, store: 'WebHosting' }, []],
    ['the application id', { appId: '{00000000-0000-0000-0000-000000000001}' }, ['application-id']],
    ['known flags', { flags: 0x12 }, ['flag negotiate-client-cert', 'flag disable-http2']],
    ['unknown flags', { flags: 0x80010000 }, ['flag 0x10000', 'flag 0x80000000']],
    [
      'the check mode',
      { certCheckMode: 0x10009 },
      ['check-mode no-revocation-check', 'check-mode no-usage-check', 'check-mode 0x8'],
    ],
    [
      'times',
      { revocationFreshnessSeconds: 1, urlRetrievalTimeoutMs: 2 },
      ['revocation-freshness-time', 'url-retrieval-timeout'],
    ],
    ['the trust list', { ctlIdentifier: 'a', ctlStoreName: 'b' }, ['ctl-identifier', 'ctl-store-name']],
    ['an unknown value', { more: { Novel: rawDword(1) } }, ['value novel']],
    ['the key', { key: '0.0.0.0:444' }, ['key']],
  ];
  for (const [name, change, lost] of differences) {
    it(`names what a swap lost or added: ${name}`, () => {
      const [plain, changed] = [makeCertificateBinding(base), makeCertificateBinding({ ...base, ...change })];
      assert.deepEqual(lostOrChangedOptions(plain, changed), lost);
      assert.deepEqual(lostOrChangedOptions(changed, plain), lost);
    });
  }

  it('takes an unknown value of other bytes or another type as changed, and other letter case as the same', () => {
    const record = (name: string, value = rawString('a')) =>
      makeCertificateBinding({ ...base, more: { [name]: value } });
    assert.deepEqual(lostOrChangedOptions(record('Novel'), record('Novel', rawString('b'))), ['value novel']);
    assert.deepEqual(lostOrChangedOptions(record('Novel'), record('Novel', { ...rawString('a'), type: 'REG_NONE' })), [
      'value novel',
    ]);
    assert.deepEqual(lostOrChangedOptions(record('Novel'), record('NOVEL')), []);
  });

  it('keeps everything but hash and store when it gets another certificate', () => {
    fc.assert(
      fc.property(anyRecord, fc.constantFrom('My', 'webhosting'), (record, store) => {
        const swapped = withCertificate(record, thumbprint, store);
        assert.deepEqual(lostOrChangedOptions(record, swapped), []);
        assert.equal(swapped.thumbprint, newHash);
        assert.equal(swapped.store, store === 'My' ? 'My' : 'WebHosting');
        assert.deepEqual(swapped.raw.SslCertHash, rawBinary(Buffer.from(newHash, 'hex')));
        const { SslCertHash: _a, SslCertStoreName: _b, ...rest } = swapped.raw;
        const { SslCertHash: _c, SslCertStoreName: _d, ...before } = record.raw;
        assert.deepEqual(rest, before);
      }),
    );
  });

  it('keeps the spelling of its values when it gets another certificate', () => {
    const { SslCertHash: hash = rawDword(0), SslCertStoreName: _, ...rest } = makeCertificateBinding(base).raw;
    const record = {
      ...makeCertificateBinding(base),
      raw: { ...rest, sslcerthash: hash, SSLCERTSTORENAME: rawString('MY') },
    };
    assert.deepEqual(withCertificate(record, thumbprint, 'My').raw, {
      ...record.raw,
      sslcerthash: rawBinary(Buffer.from(newHash, 'hex')),
    });
    assert.deepEqual(withCertificate(record, thumbprint, 'WebHosting').raw.SSLCERTSTORENAME, rawString('WebHosting'));
  });

  it('is the same as itself and as nothing that differs', () => {
    fc.assert(
      fc.property(anyRecord, anyRecord, (a, b) => {
        assert.ok(sameRecord(a, structuredClone(a)));
        assert.equal(sameRecord(a, b), sameRecord(b, a));
        assert.ok(!sameRecord(a, withCertificate(a, thumbprint, a.store)) || a.thumbprint === newHash);
        assert.ok(!sameRecord(a, { ...a, store: 'Elsewhere' }));
      }),
    );
  });
});
