import assert from 'node:assert/strict';
import fc from 'fast-check';
import { escapeControls } from '../../../src/base/safe-text.ts';
import { renderTable } from '../../../src/shell/print/table.ts';
import { displayWidth, plain } from '../../../src/shell/print/terminal-style.ts';
import { anyCharacter } from '../../support/any-character.ts';

const columns = [
  { title: 'name', flexible: true },
  { title: 'number', align: 'right' as const },
];

describe('table', () => {
  it('aligns columns by what a terminal shows, wide and combining characters included', () => {
    const text = renderTable(
      columns,
      [
        ['shop', '1'],
        ['日本', '20'],
        ['e\u0301', '300'],
      ],
      plain,
    );
    assert.deepEqual(text.split('\n'), ['name  number', 'shop       1', '日本      20', 'e\u0301        300']);
  });

  it('takes the room of flexible columns only, and loses no character of a cell', () => {
    const long = 'https binding of the site with a very long name.example.com';
    const lines = renderTable(columns, [[long, '12345678']], { width: 40, colour: false }).split('\n');
    for (const line of lines) assert.ok(displayWidth(line) <= 40, line);
    const cell = lines.slice(1).map((line) => line.slice(0, 30).trim());
    assert.equal(cell.join('').replaceAll(' ', ''), long.replaceAll(' ', ''));
    assert.match(lines[1] ?? '', / {2}12345678$/);
  });

  for (const name of ['3F2A6F0B1C9D4E5F8A7B6C5D4E3F2A1B0C9D8E7F', '20260131-091500000-1a2b'])
    it(`keeps ${name} whole, which people copy, also where the terminal is too narrow`, () => {
      const rows = [[`${name} of the site shop`, 'x'.repeat(60)]];
      const text = renderTable(
        [
          { title: 'a', flexible: true },
          { title: 'b', flexible: true },
        ],
        rows,
        {
          width: 50,
          colour: false,
        },
      );
      assert.ok(
        text.split('\n').some((line) => line.startsWith(`${name} `)),
        text,
      );
    });

  for (const [word, width, ...pieces] of [
    ['(192.0.2.10:443:pay.example.net)', 30, '(192.0.2.10:443:', 'pay.example.net)'],
    ['(*:443:a-host-with-a-long-name.example.net)', 20, '(*:443:', 'a-host-with-a-long-n', 'ame.example.net)'],
    ['(*:443:日本語.example.jp)', 16, '(*:443:', '日本語.example.', 'jp)'],
    ['C:\\ProgramData\\CertRebind\\config.json', 20, 'C:\\ProgramData\\', 'CertRebind\\', 'config.json'],
    ['[2001:db8::20]:443:', 12, '[2001:db8::', '20]:443:'],
  ] as const)
    it(`breaks ${word} where its parts end, if ${width} columns are all there is`, () => {
      const [, ...lines] = renderTable([{ title: 'a', flexible: true }], [[word]], { width, colour: false }).split(
        '\n',
      );
      assert.deepEqual(lines, pieces);
    });

  it('breaks a word that fits no line', () => {
    const lines = renderTable(columns, [['x'.repeat(70), '1']], { width: 30, colour: false }).split('\n');
    assert.equal(lines.slice(1).join('').replaceAll(/[ 1]/g, ''), 'x'.repeat(70));
    for (const line of lines) assert.ok(line.length <= 30, line);
  });

  it('starts a new line of a cell for a line that is given as one, and for no line end that a text brings along', () => {
    const text = renderTable(
      columns,
      [
        [['a', 'b'], '1'],
        [{ text: ['c\nd', 'e'], tone: 'bad' }, '2\r\n3'],
      ],
      plain,
    );
    assert.deepEqual(
      text.split('\n').map((line) => line.split(/ +/)),
      [['name', 'number'], ['a', '1'], ['b'], ['c\\u000Ad', '2\\u000D\\u000A3'], ['e']],
    );
  });

  for (const character of ['\u00AD', '\u180E', '\u2060', '\uFFF9', '\uFFFA', '\uFFFB', '\u202E'])
    it(`writes out U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}, which hides or turns text`, () =>
      assert.match(escapeControls(`a${character}b`), /^a\\u[0-9A-F]{4}b$/));

  it('writes out tag characters, which hide whole sentences', () => {
    for (const number of [0xe0000, 0xe0041, 0xe007f])
      assert.equal(escapeControls(String.fromCodePoint(number)), `\\u{${number.toString(16).toUpperCase()}}`);
    assert.equal(escapeControls('🔒 日本'), '🔒 日本');
  });

  it('writes control and direction characters out, whatever a cell holds', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: anyCharacter })), (cells) => {
        const text = renderTable(
          [{ title: 'a' }],
          cells.map((cell) => [cell]),
          plain,
        );
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
        assert.doesNotMatch(text, /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/);
      }),
    );
    assert.equal(escapeControls('a\u001B[31mb\u202E'), 'a\\u001B[31mb\\u202E');
  });

  it('colours only when told to, and pads by what is seen', () => {
    const row = [[{ text: 'ok', tone: 'good' as const }, '7']];
    assert.equal(renderTable(columns, row, plain).includes('\u001B'), false);
    const coloured = renderTable(columns, row, { width: null, colour: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequence is what is tested
    assert.match(coloured, /\u001B\[32mok\u001B\[39m {9}7/);
  });
});
