import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { openFiles, pemFiles } from '../../src/certificates/certificate-file.ts';
import { type Issued, issued, pfxOf } from '../builders/issued.ts';

const secret = async () => 'geheim';

describe('a certificate in files', () => {
  let [one, other]: readonly Issued[] = [];
  before(async () => {
    [one, other] = await Promise.all([
      issued(['a.example.com'], '2026-01-01'),
      issued(['b.example.com'], '2026-01-01'),
    ]);
  });
  const whole = ({ leaf, key }: Issued) => ({
    leaf,
    key: createPrivateKey(key),
    intermediates: [],
    friendlyName: null,
    provider: null,
  });

  for (const isSplit of [true, false]) {
    for (const password of [null, 'geheim']) {
      it(`is read as it was written: ${isSplit ? 'two files' : 'one file'}, ${password === null ? 'not encrypted' : 'encrypted'}`, async () => {
        assert(one !== undefined);
        const files = pemFiles(whole(one), { isSplit, password });
        assert.equal(files.key !== null, isSplit);
        assert.equal(/ENCRYPTED/.test(`${files.certificate}${files.key}`), password !== null);
        const { leaf, isPair } = await openFiles(files, secret);
        assert.deepEqual([leaf.fingerprint.replaceAll(':', ''), isPair], [one.thumbprint, true]);
      });
    }
  }

  it('is read from a PFX file', async () => {
    assert(one !== undefined);
    const { leaf, isPair } = await openFiles({ certificate: pfxOf(one, 'geheim'), key: null }, secret);
    assert.deepEqual([leaf.fingerprint.replaceAll(':', ''), isPair], [one.thumbprint, true]);
  });

  it('is no pair with the key of another', async () => {
    assert(one !== undefined && other !== undefined);
    const files = { certificate: Buffer.from(one.certificate), key: Buffer.from(other.key) };
    assert.equal((await openFiles(files, secret)).isPair, false);
  });

  it('without a key, or with a wrong password, cannot be read', async () => {
    assert(one !== undefined);
    await assert.rejects(openFiles({ certificate: Buffer.from(one.certificate), key: null }, secret), /no private key/);
    const encrypted = pemFiles(whole(one), { isSplit: true, password: 'geheim' });
    await assert.rejects(
      openFiles(encrypted, async () => 'falsch'),
      /password does not open it/,
    );
  });
});
