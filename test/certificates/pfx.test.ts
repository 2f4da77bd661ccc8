import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { openPfx } from '../../src/certificates/pfx.ts';
import { fixture } from '../support/fixture.ts';

const rsa = 'A6C20B3EAC08A78E420388A5FB4998993EE38887';
const ec = '3BB0F328779D3B6AB2ACECB76A5601A40B4FD9DF';
const pss = '42791B60C86CF604C4805D7F0788129437FDB5C5';

/** What OpenSSL put in; see the README beside the files. */
const files: readonly (readonly [name: string, leaf: string, intermediates: number, isAes: boolean])[] = [
  ['rsa-aes', rsa, 1, true],
  ['rsa-3des', rsa, 1, false],
  ['rsa-rc2', rsa, 1, false],
  ['ec', ec, 1, true],
  ['pss', pss, 0, true],
  ['ten-intermediates', ec, 10, true],
];

const open = (name: string, password: string) => openPfx(fixture(`pfx/${name}.pfx`), password, `${name}.pfx`);
const sha1 = (der: Buffer) => createHash('sha1').update(der).digest('hex').toUpperCase();

describe('a PFX file', () => {
  for (const [name, leaf, intermediates, isAes] of files)
    it(`${name}: its certificate byte for byte, its key, its intermediates without the root`, async () => {
      const pfx = await open(name, 'secret');
      assert.equal(sha1(pfx.leaf), leaf);
      assert.equal(pfx.key.type, 'private');
      assert.deepEqual([pfx.intermediates.length, pfx.isAes], [intermediates, isAes]);
    });

  it('may have an empty password', async () => {
    assert.equal(sha1((await open('no-password', '')).leaf), ec);
  });

  const refusals: readonly (readonly [name: string, password: string, why: RegExp])[] = [
    ['rsa-aes', 'wrong', /the password does not open it/],
    ['rsa-rc2', '', /the password does not open it/],
    ['umlaut', 'pässwörd', /the password does not open it/],
    ['no-key', 'secret', /no private key/],
    ['two-keys', '', /more than one certificate with a private key/],
  ];
  for (const [name, password, why] of refusals)
    it(`${name} with ${JSON.stringify(password)} is refused: ${why.source}`, () =>
      assert.rejects(open(name, password), { code: 'bad-input', exitCode: 2, message: why }));

  it('with a password outside ASCII names the way out', () =>
    assert.rejects(open('umlaut', 'pässwörd'), { hint: /a password without them/ }));

  for (const [what, bytes] of [
    ['nothing', new Uint8Array()],
    ['a text', fixture('pfx/README.md')],
    ['half a file', fixture('pfx/rsa-aes.pfx').subarray(0, 1000)],
    ['too much', new Uint8Array(2 * 1024 * 1024)],
  ] as const)
    it(`that is ${what} is refused by name`, () =>
      assert.rejects(openPfx(bytes, 'secret', 'some.pfx'), { code: 'bad-input', message: /^some\.pfx cannot be/ }));
});
