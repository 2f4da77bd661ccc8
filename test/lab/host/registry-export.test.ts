import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatRegistryExport, parseRegistryExport } from '../../../src/lab/host/registry-export.ts';
import { type RegistryKey, rawBinary, rawDword, rawString } from '../../../src/model/windows/raw-value.ts';
import { anyCharacter } from '../../support/any-character.ts';
import { fixture } from '../../support/fixture.ts';
import { throwsOnlyTypedErrors, typedError } from '../../support/only-typed-errors.ts';

const parameters = 'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters';

function utf16(text: string): Buffer {
  return Buffer.from(`\uFEFF${text}`, 'utf16le');
}

function read(lines: string) {
  return parseRegistryExport(Buffer.from(`Windows Registry Editor Version 5.00\r\n\r\n${lines}`), 'f.reg');
}

const name = fc.string({
  unit: fc.constantFrom('a', 'B', '\\', '"', ' ', '=', ';', '[', ']', 'ü', '𝒳', '@'),
  maxLength: 8,
});
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\\', '"', '\r\n', '\n', '\0', '\uD800', ';'),
    fc.string({ unit: anyCharacter, maxLength: 1 }),
  ),
});
const bytes = fc.uint8Array({ maxLength: 90 });
const value = fc.oneof(
  fc.nat(0xffffffff).map(rawDword),
  text.map(rawString),
  bytes.map(rawBinary),
  fc.record(
    {
      type: fc.constantFrom(
        'REG_NONE',
        'REG_SZ',
        'REG_EXPAND_SZ',
        'REG_MULTI_SZ',
        'REG_QWORD',
        'REG_DWORD',
        'REG_0x1f',
      ),
      base64: bytes.map((b) => Buffer.from(b).toString('base64')),
    },
    { noNullPrototype: true },
  ),
);
const keys: fc.Arbitrary<readonly RegistryKey[]> = fc
  .uniqueArray(
    fc.tuple(
      fc.stringMatching(/^HKLM\\[a-z0-9.:*[\]{}]{1,12}$/),
      fc.dictionary(name, value, { noNullPrototype: true }),
    ),
    {
      selector: ([path]) => path,
      maxLength: 4,
    },
  )
  .map((list) =>
    list.map(([path, values]) => {
      const seen = new Set<string>();
      const distinct = Object.entries(values).filter(([written]) => {
        const id = written.toLowerCase();
        return !seen.has(id) && seen.add(id);
      });
      return { path, values: Object.fromEntries(distinct) };
    }),
  );

describe('registry export', () => {
  it('comes back from its text, every value byte for byte', () => {
    fc.assert(
      fc.property(keys, (original) => {
        assert.deepEqual(parseRegistryExport(utf16(formatRegistryExport(original))), original);
      }),
    );
  });

  it('is written as reg export writes it', () => {
    const long = Uint8Array.from({ length: 30 }, (_, at) => at);
    const values = { '': rawString('d'), 'a"b\\c': rawDword(31), Blob: rawBinary(long), Two: rawString('one\ntwo') };
    assert.equal(
      formatRegistryExport([{ path: 'HKEY_LOCAL_MACHINE\\X', values }]),
      [
        'Windows Registry Editor Version 5.00',
        '',
        '[HKEY_LOCAL_MACHINE\\X]',
        '@="d"',
        '"a\\"b\\\\c"=dword:0000001f',
        '"Blob"=hex:00,01,02,03,04,05,06,07,08,09,0a,0b,0c,0d,0e,0f,10,11,12,13,14,15,\\',
        '  16,17,18,19,1a,1b,1c,1d',
        '"Two"=hex(1):6f,00,6e,00,65,00,0a,00,74,00,77,00,6f,00,00,00',
        '',
        '',
      ].join('\r\n'),
    );
  });

  it('reads a real export with every kind of value', () => {
    const found = new Map(
      parseRegistryExport(fixture('registry/http-parameters.reg')).map((key) => [key.path, key.values]),
    );
    const top = found.get(parameters);
    assert.deepEqual(top?.MaxFieldLength, rawDword(0xfffe));
    assert.deepEqual(top?.Notes, rawString('a "quoted" \\ path'));
    assert.deepEqual(top?.Servers, {
      type: 'REG_MULTI_SZ',
      base64: Buffer.from('one\0\0', 'utf16le').toString('base64'),
    });
    assert.equal(
      Buffer.from(found.get(`${parameters}\\SslBindingInfo\\0.0.0.0:9443`)?.ExtendedSettings?.base64 ?? '', 'base64')
        .length,
      40,
    );
    assert.ok(found.has(`${parameters}\\SslBindingInfo\\[2001:db8::1]:443`));
    assert.deepEqual(found.get(`${parameters}\\SslBindingInfo`), {});
  });

  it('reads strings over several lines, lines in any end, and UTF-8', () => {
    for (const end of ['\n', '\r\n']) {
      const lines = ['[K]', '; comment', '"a" = "1', '2"', '', '"ü"=hex(2):41,00,\\', '  00,00'].join(end);
      assert.deepEqual(read(lines)[0]?.values, {
        a: rawString(`1${end}2`),
        ü: { type: 'REG_EXPAND_SZ', base64: Buffer.from('A\0', 'utf16le').toString('base64') },
      });
    }
  });

  it('treats names of values and keys without regard to letter case', () =>
    assert.deepEqual(read('[K]\n"Aa"="1"\n[k]\n"aA"="2"\n'), [{ path: 'K', values: { Aa: rawString('2') } }]));

  it('keeps a value named like a built-in property', () => {
    const values = read('[K]\n"__proto__"=dword:1\n"constructor"=dword:2')[0]?.values ?? {};
    assert.deepEqual(Object.keys(values), ['__proto__', 'constructor']);
  });

  for (const [name, lines, where] of [
    ['a value before the first key', '"a"="b"', 'f.reg:3'],
    ['a key without its bracket', '[K', 'f.reg:3'],
    ['an open string', '[K]\n"a"="b', 'f.reg:4'],
    ['a value without equals sign', '[K]\n"a"', 'f.reg:4'],
    ['an unknown kind', '[K]\n"a"=word:1', 'f.reg:4'],
    ['half a byte', '[K]\n"a"=hex:0', 'f.reg:4'],
    ['text after a value', '[K]\n"a"=dword:1 x', 'f.reg:4'],
    ['rubbish', '[K]\nrubbish', 'f.reg:4'],
    ['a deletion, which no export has', '[K]\n"a"=-', 'f.reg:4'],
  ] as const) {
    it(`names the line of ${name}`, () => {
      const error = typedError(() => read(lines));
      assert.deepEqual([error.code, error.where], ['bad-input', where]);
    });
  }

  it('is refused without its header', () =>
    assert.match(typedError(() => parseRegistryExport(Buffer.from('[K]'))).message, /no header/));

  it('answers rubbish with typed errors only', () => {
    const real = fixture('registry/http-parameters.reg');
    const flips = fc.array(fc.tuple(fc.nat(real.length - 1), fc.nat(255)), { maxLength: 6 });
    fc.assert(fc.property(fc.uint8Array(), (rubbish) => throwsOnlyTypedErrors(() => parseRegistryExport(rubbish))));
    fc.assert(
      fc.property(flips, fc.nat(real.length), (changes, length) => {
        const damaged = Buffer.from(real.subarray(0, length));
        for (const [at, byte] of changes) if (at < length) damaged[at] = byte;
        throwsOnlyTypedErrors(() => parseRegistryExport(damaged));
      }),
    );
  });
});
