import assert from 'node:assert/strict';
import { createHash, createPrivateKey, type KeyObject } from 'node:crypto';
import { openCertificate } from '../../../src/model/certificates/certificate-with-key.ts';
import { element, elements, sequence } from '../../../src/model/certificates/der.ts';
import { wrapPfx } from '../../../src/model/certificates/pfx.ts';
import { fixture } from '../../support/fixture.ts';

const rsa = 'A6C20B3EAC08A78E420388A5FB4998993EE38887';
const ec = '3BB0F328779D3B6AB2ACECB76A5601A40B4FD9DF';
const pss = '42791B60C86CF604C4805D7F0788129437FDB5C5';

/** What OpenSSL put in; see the README beside the files. */
const files: readonly (readonly [name: string, leaf: string, intermediates: number, password: string])[] = [
  ['rsa-aes', rsa, 1, 'secret'],
  ['rsa-3des', rsa, 1, 'secret'],
  ['rsa-rc2', rsa, 1, 'secret'],
  ['sha512', rsa, 1, 'secret'],
  ['ec', ec, 1, 'secret'],
  ['pss', pss, 0, 'secret'],
  ['ten-intermediates', ec, 10, 'secret'],
  ['no-password', ec, 0, ''],
  ['umlaut', ec, 0, 'pässwörd'],
];

const bytesOf = (name: string) => fixture(`pfx/${name}.pfx`);
const open = (name: string, password: string) => openBytes(bytesOf(name), password, `${name}.pfx`);
const openBytes = (bytes: Uint8Array, password: string, where = 'some.pfx') =>
  openCertificate([{ where, bytes }], async () => password);
const sha1 = (der: Buffer) => createHash('sha1').update(der).digest('hex').toUpperCase();

describe('a PFX file', () => {
  for (const [name, leaf, intermediates, password] of files)
    it(`${name}: its certificate byte for byte, its key, its intermediates without the root`, async () => {
      const found = await open(name, password);
      assert.deepEqual([sha1(found.leaf), found.key.type], [leaf, 'private']);
      assert.equal(found.intermediates.length, intermediates);
    });

  const refusals: readonly (readonly [name: string, password: string, why: RegExp])[] = [
    ['rsa-aes', 'wrong', /the password does not open it/],
    ['rsa-rc2', '', /it has a password, and none was given/],
    ['umlaut', 'pässword', /the password does not open it/],
    ['no-key', 'secret', /no private key/],
    ['two-keys', '', /more than one certificate with a private key/],
  ];
  for (const [name, password, why] of refusals)
    it(`${name} with ${JSON.stringify(password)} is refused: ${why.source}`, () =>
      assert.rejects(open(name, password), { code: 'bad-input', exitCode: 2, message: why }));

  for (const [what, bytes] of [
    ['nothing', new Uint8Array()],
    ['a text', fixture('pfx/README.md')],
    ['half a file', bytesOf('rsa-aes').subarray(0, 1000)],
    ['too much', new Uint8Array(2 * 1024 * 1024)],
  ] as const)
    it(`that is ${what} is refused by name`, () =>
      assert.rejects(openBytes(bytes, 'secret'), { code: 'bad-input', message: /^some\.pfx cannot be/ }));

  it('with PBMAC1 is refused with the way out', () => {
    const [whole] = elements(bytesOf('rsa-aes'));
    const [version, content, mac] = elements(whole?.body ?? Buffer.alloc(0));
    const [digest, ...salted] = elements(mac?.body ?? Buffer.alloc(0));
    const [, value] = elements(digest?.body ?? Buffer.alloc(0));
    const algorithm = element(sequence, Buffer.from('06092a864886f70d01050e', 'hex'));
    const parts = [element(sequence, algorithm, value?.whole ?? Buffer.alloc(0)), ...salted.map((one) => one.whole)];
    const bytes = element(
      sequence,
      ...[version, content].flatMap((one) => one?.whole ?? []),
      element(sequence, ...parts),
    );
    return assert.rejects(openBytes(bytes, 'secret'), { message: /PBMAC1/, hint: /SHA256/ });
  });

  it('whose password costs too much work is refused before that', () => {
    const hex = bytesOf('sha512').toString('hex').replaceAll('0203011170', '02037fffff');
    return assert.rejects(openBytes(Buffer.from(hex, 'hex'), 'secret'), {
      message: /^some\.pfx cannot .* hashed 25165821 times, and at most 2000000 are allowed/,
    });
  });
});

describe('PEM files', () => {
  let pem: { leaf: string; chain: string; key: KeyObject; ecLeaf: string; ecKey: KeyObject };
  before(async () => {
    const [found, other] = [await open('rsa-3des', 'secret'), await open('ec', 'secret')];
    const text = (der: Buffer) => `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
    const chain = found.intermediates.map(text).join('');
    pem = { leaf: text(found.leaf), chain, key: found.key, ecLeaf: text(other.leaf), ecKey: other.key };
  });

  const nobody = (): Promise<string> => Promise.reject(new Error('nobody is asked'));
  const bring = (texts: readonly (string | Buffer)[], password = nobody) =>
    openCertificate(
      texts.map((text, at) => ({ where: `${at}.pem`, bytes: Buffer.from(text) })),
      password,
    );

  const forms: readonly (readonly [what: string, text: (key: KeyObject) => string | Buffer])[] = [
    ['PKCS #8', (key) => key.export({ format: 'pem', type: 'pkcs8' })],
    [
      'PKCS #1 or SEC 1',
      (key) => key.export({ format: 'pem', type: key.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1' }),
    ],
    [
      'encrypted PKCS #8',
      (key) => key.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'secret' }),
    ],
    [
      'PKCS #1 or SEC 1, encrypted as OpenSSL did',
      (key) =>
        key.export({
          format: 'pem',
          type: key.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1',
          cipher: 'aes-128-cbc',
          passphrase: 'secret',
        }),
    ],
  ];
  for (const [what, form] of forms)
    it(`with a key in ${what}: in two files, in one, in either order`, async () => {
      const password = async () => 'secret';
      const [key, ecKey] = [form(pem.key).toString(), form(pem.ecKey).toString()];
      const two = await bring([pem.leaf + pem.chain, key], password);
      assert.deepEqual([sha1(two.leaf), two.intermediates.length], [rsa, 1]);
      assert.equal(sha1((await bring([key + pem.chain + pem.leaf], password)).leaf), rsa);
      assert.equal(sha1((await bring([ecKey, pem.ecLeaf], password)).leaf), ec);
      if (key.includes('ENCRYPTED'))
        for (const [given, why] of [
          ['wrong', /1\.pem .*the password does not open it/],
          ['', /1\.pem .*it has a password, and none was given/],
        ] as const)
          await assert.rejects(
            bring([pem.leaf, key], async () => given),
            { message: why, hint: /pipe it/ },
          );
      else assert.equal(sha1((await bring([pem.leaf, key])).leaf), rsa);
    });

  it('of PowerShell (UTF-16) and of editors (with a mark, with CRLF) are read', async () => {
    const text = `\uFEFF${pem.leaf}${pem.key.export({ format: 'pem', type: 'pkcs8' })}`.replaceAll('\n', '\r\n');
    for (const bytes of [Buffer.from(text, 'utf16le'), Buffer.from(text)])
      assert.equal(sha1((await bring([bytes])).leaf), rsa);
  });

  it('are opened by one password, which is asked for once', async () => {
    const key = pem.key
      .export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'secret' })
      .toString();
    let asked = 0;
    await bring([pem.leaf + key, key], async () => `secret${asked++ === 0 ? '' : ' again'}`);
    assert.equal(asked, 1);
  });

  it('with a key in DER are read, up to a length that takes no time', async () => {
    const key = pem.ecKey.export({ format: 'der', type: 'pkcs8' });
    assert.equal(sha1((await bring([pem.ecLeaf, key])).leaf), ec);
    // An attribute behind it that fills it up (RFC 5958).
    const [whole] = elements(key);
    const filled = element(0x31, element(0x04, Buffer.alloc(6000)));
    const attribute = element(sequence, element(0x06, Buffer.from([0x2a, 0x03])), filled);
    const long = element(sequence, whole?.body ?? Buffer.alloc(0), element(0xa0, attribute));
    assert.ok(createPrivateKey({ key: long, format: 'der', type: 'pkcs8' }));
    await assert.rejects(
      bring([pem.ecLeaf, long], async () => ''),
      { code: 'bad-input' },
    );
  });

  it('that are cut off, or do not belong together, are refused', async () => {
    const key = pem.key.export({ format: 'pem', type: 'pkcs8' }).toString();
    await assert.rejects(bring([pem.leaf + pem.chain.slice(0, -30), key]), { message: /0\.pem .*cut off/ });
    await assert.rejects(bring([pem.ecLeaf, key]), { message: /0\.pem with 1\.pem .*does not belong/ });
    await assert.rejects(bring([pem.leaf]), { message: /no private key/, hint: /--key/ });
    await assert.rejects(bring([pem.leaf.repeat(33), key]), { message: /it contains 33 certificates/ });
    assert.equal(sha1((await bring([pem.leaf.repeat(32), key])).leaf), rsa);
  });
});

describe('a certificate that is wrapped for PowerShell', () => {
  for (const [name, , , password] of files)
    it(`${name} is read back whole`, async () => {
      const found = {
        ...(await open(name, password)),
        friendlyName: 'Shöp',
        provider: 'Microsoft Software Key Storage Provider',
      };
      const wrapped = await wrapPfx(found);
      const again = await openBytes(wrapped.pfx, wrapped.password);
      assert.ok(again.key.equals(found.key));
      assert.deepEqual({ ...again, key: null }, { ...found, key: null, roots: [] });
    });

  it('has another password each time', async () => {
    const found = await open('ec', 'secret');
    assert.notEqual((await wrapPfx(found)).password, (await wrapPfx(found)).password);
  });
});
