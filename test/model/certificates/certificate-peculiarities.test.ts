import assert from 'node:assert/strict';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import { type Certificate, parseCertificate } from '../../../src/model/certificates/certificate.ts';
import { certificateParts } from '../../../src/model/certificates/certificate-der.ts';
import { elements } from '../../../src/model/certificates/der.ts';
import { coversHost } from '../../../src/model/certificates/host-name.ts';
import { element, oid, sequence } from '../../builders/certificate-der.ts';
import { met } from '../../builders/met.ts';
import { made } from '../../builders/odd-certificates.ts';
import { certificate, policy, record, site, snapshot, sni } from '../../builders/snapshot.ts';
import { each } from '../../support/each.ts';
import { fixture } from '../../support/fixture.ts';

const read = (name: string) =>
  parseCertificate(fixture(`certificates/${name}.cer`), {
    store: 'My',
    key: 'usable',
    archived: false,
    renewedTo: null,
    friendlyName: null,
  });

/** The files are self-signed, so that nothing is lost of trust in the old one. */
const untrusted = { issuedBy: [], selfSigned: true } as const;

/** The plan for `w.example.com`, renewed by this certificate. */
function planFor(successor: Certificate) {
  const old = certificate('old', { names: ['w.example.com'], keyType: successor.keyType, ekus: null, ...untrusted });
  return planRebind({
    snapshot: snapshot({
      takenAt: '2030-01-01T00:00:00.000Z',
      sites: [site('W', [sni('w.example.com')])],
      records: [record('w.example.com:443', 'old')],
      certificates: [old, successor],
    }),
    renewals: [
      { old: old.thumbprint, new: successor.thumbprint, source: 'given', corroborated: true, eventRecordId: null },
    ],
    configuration: policy(),
  });
}

describe('certificates made by OpenSSL', () => {
  for (const [name, keyType] of [
    ['ed25519', 'Ed25519'],
    ['ed448', 'Ed448'],
    ['dsa', 'DSA'],
    ['sm2', 'SM2'],
    ['ml-dsa-44', 'ML-DSA-44'],
    ['slh-dsa-128s', 'SLH-DSA-SHA2-128s'],
  ] as const) {
    it(`block key-not-servable: ${name}`, () => {
      const successor = read(name);
      assert.equal(successor.keyType, keyType);
      assert.deepEqual(each(planFor(successor).blocked.map(met), 'reason'), ['key-not-servable']);
    });
  }

  for (const [name, notes] of [
    ['rsa1024', ['weak-key']],
    ['sha1', ['weak-signature']],
    ['md5', ['weak-signature']],
    ['authority', ['authority-certificate']],
    ['encipher-only', ['no-digital-signature']],
    ['signing', []],
    ['pss', []],
  ] as const) {
    it(`note ${notes.length === 0 ? 'nothing' : notes.join()}: ${name}`, () => {
      const [step] = planFor(read(name)).steps;
      assert.deepEqual(each(step?.notes, 'code'), notes);
    });
  }

  it('cover no host with a name that has blanks around it', () => {
    const successor = read('blank-name');
    assert.equal(coversHost(successor, 'w.example.com'), false);
    assert.deepEqual(each(planFor(successor).blocked.map(met), 'reason'), ['names-lost']);
  });

  it('cover no host with a common name that has blanks around it', () => {
    const named = (commonName: string) => ({ commonName, dnsNames: [], ipAddresses: [] });
    assert.equal(coversHost(named('w.example.com'), 'w.example.com'), true);
    assert.equal(coversHost(named('w.example.com '), 'w.example.com'), false);
  });

  it('say that an intermediate certificate was lost', () => {
    const [step] = planFor({ ...read('signing'), chain: 'incomplete' }).steps;
    assert.match(step?.notes[0]?.text ?? '', /All issuers of the old one are\.$/);
  });

  it('have the first of two extensions of one kind', () => {
    const usage = (bits: number) => ['2.5.29.15', element(0x03, Buffer.from([0, bits]))] as const;
    const twice = (...usages: readonly number[]) => {
      const { signs, enciphers } = certificateParts(made('leaf', 'leaf', { more: usages.map(usage) }));
      return [signs, enciphers];
    };
    assert.deepEqual(
      [twice(0x80, 0x20), twice(0x20, 0x80)],
      [
        [true, false],
        [false, true],
      ],
    );
  });

  it('are signed with SHA-1 where RSA-PSS names no hash', () => {
    const [signed, , signature] = [...elements([...elements(fixture('certificates/signing.cer'))][0]?.body)];
    assert.ok(signed !== undefined && signature !== undefined);
    const hashOf = (...parameters: readonly Buffer[]) =>
      certificateParts(
        sequence(
          element(signed.tag, signed.body),
          sequence(oid('1.2.840.113549.1.1.10'), sequence(...parameters)),
          element(signature.tag, signature.body),
        ),
      ).weakHash;
    const named = (hash: string) => element(0xa0, sequence(oid(hash)));
    assert.equal(hashOf(), 'SHA-1');
    assert.equal(hashOf(named('1.3.14.3.2.26')), 'SHA-1');
    assert.equal(hashOf(named('2.16.840.1.101.3.4.2.1')), null);
  });

  it('are no trouble to read where they are cut off', () => {
    const whole = fixture('certificates/signing.cer');
    for (let length = 0; length < whole.length; length++) certificateParts(whole.subarray(0, length));
    const { weakHash, signs } = certificateParts(whole);
    assert.deepEqual({ weakHash, signs }, { weakHash: null, signs: true });
  });
});
