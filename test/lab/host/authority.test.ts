import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, sign, verify, X509Certificate } from 'node:crypto';
import { type Authority, issueLeaf, type LeafOptions, makeAuthority } from '../../../src/lab/host/authority.ts';
import { poolSizes, testKey, unusedKey } from '../../../src/lab/host/keys.ts';
import { serverAuthentication } from '../../../src/model/certificates/usages.ts';

const now = new Date('2026-01-01T00:00:00Z');
const [rootKey, intermediateKey, ecKey] = [testKey('ec', 0), testKey('ec', 1), testKey('ec', 2)];
const rsaKey = testKey('rsa', 0);

const clientAuthentication = '1.3.6.1.5.5.7.3.2';

describe('lab authority', () => {
  let authority: Authority;
  before(async () => {
    authority = await makeAuthority('Lab', rootKey, intermediateKey, now);
  });

  it('leaf, intermediate and root make a chain that verifies', async () => {
    const leaf = new X509Certificate((await issue({})).der);
    const intermediate = new X509Certificate(authority.intermediate);
    const root = new X509Certificate(authority.root);
    assert.ok(leaf.checkIssued(intermediate) && leaf.verify(intermediate.publicKey));
    assert.ok(intermediate.checkIssued(root) && intermediate.verify(root.publicKey));
    assert.ok(root.verify(root.publicKey));
    assert.ok(root.ca && intermediate.ca && !leaf.ca);
  });

  it('names go into the SAN as host names and addresses', async () => {
    const { der } = await issue({ names: ['*.apps.example.com', '192.0.2.1', '2001:db8::1'] });
    assert.equal(
      new X509Certificate(der).subjectAltName,
      'DNS:*.apps.example.com, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1',
    );
  });

  it('a certificate without names has a common name and no SAN', async () => {
    const certificate = new X509Certificate((await issue({ names: [], commonName: 'old.example.com' })).der);
    assert.equal(certificate.subject, 'CN=old.example.com');
    assert.equal(certificate.subjectAltName, undefined);
  });

  it('extended usages are as wanted, or left out', async () => {
    const usages = async (ekus: readonly string[] | null) => new X509Certificate((await issue({ ekus })).der).keyUsage;
    assert.deepEqual(await usages([serverAuthentication, clientAuthentication]), [
      serverAuthentication,
      clientAuthentication,
    ]);
    assert.equal(await usages(null), undefined);
  });

  it('the thumbprint is SHA-1 in capitals, and dates are kept to the second', async () => {
    const leaf = await issue({});
    const certificate = new X509Certificate(leaf.der);
    assert.equal(certificate.fingerprint.replaceAll(':', ''), leaf.thumbprint);
    assert.equal(new Date(certificate.validTo).toISOString(), '2026-02-01T00:00:00.000Z');
  });

  for (const [kind, key] of [
    ['rsa', rsaKey],
    ['ec', ecKey],
  ] as const) {
    it(`an ${kind} key fits its certificate`, async () => {
      const certificate = new X509Certificate((await issue({ key })).der);
      assert.ok(certificate.checkPrivateKey(createPrivateKey(key)));
      assert.equal(certificate.publicKey.asymmetricKeyType, kind);
    });
  }

  for (const type of ['rsa', 'ec'] as const) {
    it(`each ${type} key of the pool signs what its public key verifies`, () => {
      for (let at = 0; at < poolSizes[type]; at++) {
        const key = createPrivateKey(testKey(type, at));
        assert.ok(
          verify('sha256', Buffer.from('text'), createPublicKey(key), sign('sha256', Buffer.from('text'), key)),
        );
      }
    });
  }

  it('keys in use are not taken again, and a used up pool makes a fresh one', () => {
    const used = new Set<string>();
    for (let taken = 0; taken < poolSizes.ec; taken++) used.add(unusedKey('ec', used));
    assert.equal(used.size, poolSizes.ec);
    const fresh = unusedKey('ec', used);
    assert.ok(!used.has(fresh));
    assert.equal(createPrivateKey(fresh).asymmetricKeyDetails?.namedCurve, 'prime256v1');
  });

  function issue(options: Partial<LeafOptions>) {
    return issueLeaf(authority, {
      names: ['shop.example.com'],
      notBefore: now,
      notAfter: new Date('2026-02-01T00:00:00Z'),
      ekus: [serverAuthentication],
      key: rsaKey,
      ...options,
    });
  }
});
