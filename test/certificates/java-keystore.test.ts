import assert from 'node:assert/strict';
import { createPrivateKey, type X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inOrder, openFiles } from '../../src/certificates/certificate-file.ts';
import {
  differInOthers,
  type KeystoreSecrets,
  openJks,
  withCertificate,
} from '../../src/certificates/java-keystore.ts';
import { openPfx, wrapPfx } from '../../src/certificates/pfx.ts';
import { CertRebindError } from '../../src/text/errors.ts';
import { type Issued, issued } from '../builders/issued.ts';

/** Written by keytool (see the README there). */
const store = (name: string) => readFileSync(join(import.meta.dirname, '..', 'fixtures', 'java', `${name}.jks`));
const leaf = '2939A49A4C5E2FF2884AA9D5832014CA8D9D454B';
const right: KeystoreSecrets = { password: 'geheim', keyPassword: 'schluessel', alias: null };

const open = (bytes: Buffer, { password, keyPassword, alias }: KeystoreSecrets) =>
  openFiles({ certificate: bytes, key: null }, async () => password, { alias, keyPassword: async () => keyPassword });
const printOf = ({ fingerprint }: X509Certificate) => fingerprint.replaceAll(':', '');

describe('a Java keystore', () => {
  let one: Issued;
  const found = () => ({
    leaf: one.leaf,
    key: createPrivateKey(one.key),
    intermediates: [],
    friendlyName: 'of Windows',
    provider: null,
  });
  before(async () => {
    one = await issued(['a.example.com'], '2026-01-01');
  });

  for (const [name, secrets] of [
    ['one', right],
    ['several', { ...right, alias: 'TOMCAT' }],
    ['pkcs12', { ...right, keyPassword: 'geheim' }],
  ] as const) {
    it(`that keytool wrote is read: ${name}`, async () => {
      const { leaf: seen, isPair } = await open(store(name), secrets);
      assert.deepEqual([printOf(seen), isPair], [leaf, true]);
    });

    it(`gets another certificate, and is read again: ${name}`, async () => {
      const fresh = await withCertificate(store(name), found(), secrets);
      const { leaf: seen, isPair } = await open(fresh, secrets);
      assert.deepEqual([printOf(seen), isPair], [one.thumbprint, true]);
      await assert.rejects(open(fresh, { ...secrets, password: 'falsch' }), /password does not open it/);
    });
  }

  it('keeps its other entries to the byte', async () => {
    const secrets = { ...right, alias: 'tomcat' };
    const other: KeystoreSecrets = { password: 'geheim', keyPassword: 'geheim', alias: 'other' };
    const fresh = await withCertificate(store('several'), found(), secrets);
    const [before, after] = [await open(store('several'), other), await open(fresh, other)];
    assert.deepEqual([printOf(after.leaf), after.isPair], [printOf(before.leaf), true]);
    const again = await withCertificate(fresh, found(), other);
    assert.equal(printOf((await open(again, secrets)).leaf), one.thumbprint);
  });

  for (const [what, name, secrets, why] of [
    ['a wrong password', 'one', { ...right, password: 'falsch' }, /password does not open it/],
    ['a wrong password of its key', 'one', { ...right, keyPassword: 'falsch' }, /does not open its private key/],
    ['several keys and no alias', 'several', right, /several private keys, .*: (other, tomcat|tomcat, other)$/],
    ['an alias that it lacks', 'several', { ...right, alias: 'web' }, /no private key with the alias web/],
    [
      'the alias of a trusted certificate',
      'several',
      { ...right, alias: 'root' },
      /no private key with the alias root/,
    ],
    ['the form JCEKS', 'jceks', right, /JCEKS/],
  ] as const)
    it(`with ${what} is neither read nor written, and it is said`, async () => {
      await assert.rejects(open(store(name), secrets), why);
      await assert.rejects(withCertificate(store(name), found(), secrets), why);
    });

  it('in the form PKCS12 is not written where an entry would be lost, or its alias is another', async () => {
    const secrets = { ...right, keyPassword: 'geheim' };
    await assert.rejects(withCertificate(store('trusting'), found(), secrets), /would be lost/);
    await assert.rejects(withCertificate(store('pkcs12'), found(), { ...secrets, alias: 'web' }), /alias web/);
  });

  it('in the form PKCS12 keeps the name of its key as alias, whatever its certificate is called', async () => {
    const { pfx } = await wrapPfx({ ...found(), friendlyName: 'a site' }, 'geheim', 'tomcat');
    const secrets = { ...right, keyPassword: 'geheim', alias: 'tomcat' };
    const fresh = await withCertificate(pfx, found(), secrets);
    assert.equal((await openPfx(fresh, 'geheim', 'the keystore')).alias, 'tomcat');
    await assert.rejects(withCertificate(pfx, found(), { ...secrets, alias: 'a site' }), /alias a site, only tomcat/);
  });

  it('differs from another in what stands beside the certificate, not in that', async () => {
    const [web, tomcat] = [
      { ...right, keyPassword: 'geheim', alias: 'other' },
      { ...right, alias: 'tomcat' },
    ];
    const [several, form] = [store('several'), { ...right, keyPassword: 'geheim' }];
    const fresh = await withCertificate(several, found(), tomcat);
    assert.deepEqual(
      [await differInOthers(several, fresh, tomcat), await differInOthers(several, fresh, web)],
      [false, true],
    );
    const renewed = await withCertificate(store('pkcs12'), found(), form);
    assert.equal(await differInOthers(store('pkcs12'), renewed, form), false);
    const { pfx: renamed } = await wrapPfx(found(), 'geheim', 'web');
    assert.equal(await differInOthers(renamed, renewed, form), true);
    await assert.rejects(differInOthers(store('trusting'), renewed, form), /would be lost/);
  });

  it('that is cut off anywhere is refused by a typed error', async () => {
    const whole = store('one');
    for (let length = 0; length < whole.length; length += 7)
      await assert.rejects(open(whole.subarray(0, length), right), CertRebindError, `${length}`);
  });
});

describe('the authorities of a certificate', () => {
  it('are put in the order in which they are sent, whatever order a file has them in', () => {
    const { certificates, keys } = openJks(store('one'), right);
    const [first, issuer, root] = certificates;
    const [key] = keys;
    assert(first && issuer && root && key);
    const unordered = { leaf: first, key, intermediates: [root, issuer], friendlyName: null, provider: null };
    const { intermediates } = inOrder(unordered);
    assert.deepEqual(intermediates, [issuer, root]);
  });
});
