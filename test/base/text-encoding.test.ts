import assert from 'node:assert/strict';
import { decodeAs, sniffEncoding } from '../../src/base/text-encoding.ts';

describe('the encoding of a text', () => {
  for (const [what, bytes, encoding] of [
    ['nothing', [], null],
    ['one byte', [0x41], null],
    ['one zero byte', [0], null],
    ['the byte order mark of UTF-8', [0xef, 0xbb, 0xbf, 0x41], 'utf-8'],
    ['a part of that mark', [0xef, 0xbb], null],
    ['the first byte of that mark', [0xef, 0x41, 0xbf], null],
    ['all but the first byte of that mark', [0x41, 0xbb, 0xbf], null],
    ['that mark with another last byte', [0xef, 0xbb, 0x41], null],
    ['the mark of UTF-16, low byte first', [0xff, 0xfe, 0x41, 0], 'utf-16le'],
    ['half of that mark at the start', [0xff, 0x41], null],
    ['half of that mark behind', [0x41, 0xfe], null],
    ['the mark of UTF-16, high byte first', [0xfe, 0xff, 0, 0x41], 'utf-16be'],
    ['half of this mark at the start', [0xfe, 0x41], null],
    ['half of this mark behind', [0x41, 0xff], null],
    ['ASCII, low byte first', [0x41, 0, 0x42, 0], 'utf-16le'],
    ['ASCII, high byte first', [0, 0x41, 0, 0x42], 'utf-16be'],
    ['zero bytes alone', [0, 0, 0], null],
    ['plain ASCII', [0x41, 0x42], null],
  ] as const)
    it(`of ${what}: ${encoding}`, () => assert.equal(sniffEncoding(Uint8Array.from(bytes)), encoding));

  it('is held to: bytes that are no text in it are not decoded, and the mark is no part of the text', () => {
    assert.equal(decodeAs('utf-8', Uint8Array.from([0xef, 0xbb, 0xbf, 0xc3, 0xa4])), 'ä');
    assert.equal(decodeAs('utf-8', Uint8Array.from([0xe4])), null);
    assert.equal(decodeAs('windows-1252', Uint8Array.from([0x41, 0x80, 0xe4])), 'A€ä');
    assert.equal(decodeAs('IBM850', Uint8Array.from([0x41, 0x84])), 'Aä');
    assert.equal(decodeAs('no such encoding', Uint8Array.from([0x41])), null);
  });
});
