import assert from 'node:assert/strict';
import fc from 'fast-check';
import { attribute, child, children, localName, parseXml, textOf, xmlSizeLimit } from '../../src/base/xml.ts';
import { throwsOnlyTypedErrors, typedError } from '../support/only-typed-errors.ts';

const text = '<?xml version="1.0"?><r a="ü"><b>ä &amp; 𝒳</b></r>';
const littleEndian = Buffer.from(text, 'utf16le');
const bigEndian = Buffer.from(littleEndian).swap16();

describe('XML', () => {
  for (const [name, bytes] of [
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${text}`)],
    ['UTF-16LE with a mark', Buffer.concat([Buffer.from([0xff, 0xfe]), littleEndian])],
    ['UTF-16BE with a mark', Buffer.concat([Buffer.from([0xfe, 0xff]), bigEndian])],
    ['UTF-16LE without a mark', littleEndian],
    ['UTF-16BE without a mark', bigEndian],
    ['a text that claims UTF-16', Buffer.from(text.replace('?>', ' encoding="utf-16"?>'))],
    ['a text that claims UTF-16 in capitals', Buffer.from(text.replace('?>', ' encoding="UTF-16"?>'))],
    ['a string with a mark', `\uFEFF${text}`],
  ] as const) {
    it(`is read from ${name}`, () => {
      const root = parseXml(bytes, 'file');
      assert.equal(attribute(root, 'a'), 'ü');
      assert.equal(textOf(child(root, 'b') ?? root), 'ä & 𝒳');
    });
  }

  it('is read in the code page that its declaration names', () => {
    for (const encoding of ['encoding="windows-1252"', "encoding = 'Windows-1252' "]) {
      const declared = `<?xml version="1.0" ${encoding}?><r a="\u00e9\u0080"/>`;
      assert.equal(attribute(parseXml(Buffer.from(declared, 'latin1'), 'file'), 'a'), 'é€');
    }
  });

  it('is found whatever the prefix', () => {
    const root = parseXml('<x:r xmlns:x="urn:a" xmlns:b="urn:b" b:id="1"><x:c n="1"/>t<c n="2"/></x:r>', 'file');
    assert.equal(localName(root), 'r');
    assert.equal(attribute(root, 'id'), '1');
    assert.equal(attribute(root, 'b'), null);
    assert.deepEqual(
      children(root, 'c').map((c) => attribute(c, 'n')),
      ['1', '2'],
    );
    assert.equal(children(root).length, 2);
    assert.equal(child(root, 'c', 'missing', 'd'), null);
  });

  const secret = 'canary-password';
  for (const [name, source, where, complaint] of [
    ['a document type', `<!-- c -->\n <!DOCTYPE r [<!ENTITY e "x">]><r/>`, 'f:2:', 'DTD'],
    ['a missing end tag', `<r>\n<a password="${secret}">\n</r>`, 'f:3:', 'unexpected close tag'],
    ['an unknown entity', `<r password="${secret}">&bogus;</r>`, 'f:1:', 'not well-formed'],
    ['a second attribute of one name', `<r\n password="${secret}" password=""/>`, 'f:2:', 'duplicate attribute'],
    ['nothing', '', 'f:1:1', 'not well-formed'],
    ['a truncated file', `<r><a password="${secret}`, 'f:1:', 'not well-formed'],
    ['deep nesting', `${'<a>'.repeat(200_000)}${'</a>'.repeat(200_000)}`, 'f:1:3', 'deeply'],
    [
      'an element of a thousand attributes',
      `<r ${Array.from({ length: 1001 }, (_, at) => `a${at}=""`).join(' ')}/>`,
      'f:1:',
      'many attributes',
    ],
    ['a password that became an attribute', `<r ${secret}="" a="b" ${secret}=""/>`, 'f:1:', 'duplicate attribute'],
    ['a password that became an element', `<r><${secret}></r>`, 'f:1:', 'unexpected close tag'],
    ['a file that ends within a password', `<r><${secret}>`, 'f:1:', 'unclosed tag'],
    ['a second root element', '<r/><r/>', 'f:1:', 'only one root'],
    ['a byte that is no letter', '<r>\u0001</r>', 'f:1:4', 'disallowed character'],
    ['bytes that are not UTF-8', Buffer.from([0x3c, 0x72, 0xff, 0x2f, 0x3e]), 'f', 'utf-8'],
  ] as const) {
    it(`is refused for ${name}, by place and without quoting the file`, () => {
      const error = typedError(() => parseXml(source, 'f'));
      assert.equal(error.code, 'bad-xml');
      assert.ok(error.where?.startsWith(where), `${error.where}`);
      assert.ok(error.message.includes(complaint), error.message);
      assert.ok(!JSON.stringify([error.message, error.where, String(error.cause)]).includes(secret), error.message);
    });
  }

  it('is refused above its size limit before it is decoded', () =>
    assert.match(typedError(() => parseXml(Buffer.alloc(xmlSizeLimit + 1), 'f')).message, /larger than 20 MB/));

  it('of an outline holds nothing else, and is checked whole', () => {
    const text = `<r><a x="1"><b>${secret}<c/></b></a><d password="${secret}"><a/></d><a x="2">t</a></r>`;
    const outline = { r: ['a'], a: ['b'] };
    const root = parseXml(text, 'f', outline);
    assert.deepEqual(JSON.parse(JSON.stringify(root)), {
      name: 'r',
      attributes: {},
      children: [
        { name: 'a', attributes: { x: '1' }, children: [{ name: 'b', attributes: {}, children: [] }] },
        { name: 'a', attributes: { x: '2' }, children: [] },
      ],
    });
    assert.equal(typedError(() => parseXml(text.replace('<a/></d>', '<a></d>'), 'f', outline)).code, 'bad-xml');
  });

  it('takes a comment or text that speaks of a document type', () =>
    assert.equal(textOf(parseXml('<!-- <!DOCTYPE x> --><r><![CDATA[<!DOCTYPE y>]]></r>', 'f')), '<!DOCTYPE y>'));

  it('answers rubbish with typed errors only', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => throwsOnlyTypedErrors(() => parseXml(bytes, 'f'))),
    );
    const pieces = fc.constantFrom(
      '<',
      '>',
      '/',
      'a',
      '="',
      '"',
      '&',
      ';',
      '<!--',
      '-->',
      '<?xml',
      '?>',
      '<![CDATA[',
      ']]>',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) =>
        throwsOnlyTypedErrors(() => parseXml(parts.join(''), 'f')),
      ),
    );
  });
});
