import assert from 'node:assert/strict';
import { centralStoreForm, netshLanguage, parseNetshText } from '../../../src/holders/tls/netsh-text.ts';

const appId = '{4dc3e181-e14b-4a21-b022-59fc669b0914}';
const hash = 'ab'.repeat(20);

/** A block as netsh prints it, with labels that mean nothing here. */
function block(key: string, { id = appId, digits = hash, store = 'My', more = '' } = {}): string {
  const line = (label: string, value: string) => (value === '' ? '' : `    ${label} : ${value}\r\n`);
  return `${line('IP:port', key)}${line('Hash', digits)}${line('Id', id)}${line('Store', store)}${more}`;
}

function read(text: string) {
  const { records, unreadable } = parseNetshText(text, 'netsh.txt');
  return {
    records: records.map(({ key, thumbprint, store }) => [key, thumbprint, store]),
    unreadable: unreadable.map(({ where, text: told, why }) => [where, told, why]),
  };
}

const upper = hash.toUpperCase();

describe('what netsh printed', () => {
  for (const [what, text, records, unreadable] of [
    ['nothing', '', [], []],
    ['one record', block('0.0.0.0:443'), [['0.0.0.0:443', upper, 'My']], []],
    ['lines without carriage returns', block('0.0.0.0:443').replaceAll('\r', ''), [['0.0.0.0:443', upper, 'My']], []],
    [
      'records without a blank line between them',
      block('0.0.0.0:443') + block('shop.example.com:443', { store: 'WebHosting' }),
      [
        ['0.0.0.0:443', upper, 'My'],
        ['shop.example.com:443', upper, 'WebHosting'],
      ],
      [],
    ],
    [
      'a key twice',
      block('0.0.0.0:443') + block('0.0.0.0:443'),
      [['0.0.0.0:443', upper, 'My']],
      [['netsh.txt', '0.0.0.0:443', 'a second entry for it']],
    ],
    [
      'a central-store record by its port',
      `\r\n${block('443', { digits: '' })}`,
      [['(central-store):443', null, 'My']],
      [],
    ],
    ['a central-store record first of all', block('443', { digits: '' }), [['(central-store):443', null, 'My']], []],
    ['a central-store record with a star', block('*:443', { digits: '' }), [['(central-store):443', null, 'My']], []],
    [
      'numbers within a record',
      `\r\n${block('0.0.0.0:443', { more: '    Time : 15000\r\n    Mode : 0\r\n' })}`,
      [['0.0.0.0:443', upper, 'My']],
      [],
    ],
    [
      'a number behind a blank line',
      `${block('0.0.0.0:443')}\r\n    Extended : 0\r\n`,
      [['0.0.0.0:443', upper, 'My']],
      [],
    ],
    ['no store', block('0.0.0.0:443', { store: '' }), [['0.0.0.0:443', upper, 'My']], []],
    ['an empty store', block('0.0.0.0:443', { store: '(null)' }), [['0.0.0.0:443', upper, 'My']], []],
    [
      'no hash',
      block('0.0.0.0:443', { digits: '' }),
      [],
      [['netsh.txt', '0.0.0.0:443', 'no hash of 40 digits stands below it']],
    ],
    [
      'a hash of another length',
      block('0.0.0.0:443', { digits: 'abcd' }),
      [],
      [['netsh.txt', '0.0.0.0:443', 'no hash of 40 digits stands below it']],
    ],
    [
      'a hash below the application id only',
      block('0.0.0.0:443', { digits: '', more: `    Other : ${hash}\r\n` }),
      [],
      [['netsh.txt', '0.0.0.0:443', 'no hash of 40 digits stands below it']],
    ],
    [
      'no application id',
      block('0.0.0.0:443', { id: '' }),
      [],
      [['netsh.txt', '0.0.0.0:443', 'no application id stands below it']],
    ],
    [
      'a value with a colon that is no key',
      block('0.0.0.0:443', { more: '    Note : 0.0.0.0:99999\r\n' }),
      [['0.0.0.0:443', upper, 'My']],
      [],
    ],
    ['words before the first record', `SSL : here\r\n\r\n${block('0.0.0.0:443')}`, [['0.0.0.0:443', upper, 'My']], []],
  ] as const)
    it(what, () => assert.deepEqual(read(text), { records, unreadable }));

  it('is read in one pass, however long a line is', () => {
    const blanks = ' '.repeat(300_000);
    assert.deepEqual(read(`a${blanks}b${blanks}\r\n${block('0.0.0.0:443')}`).records.length, 1);
  });

  it('tells nothing of options', () => {
    const [record] = parseNetshText(block('0.0.0.0:443'), 'netsh.txt').records;
    assert.deepEqual(Object.keys(record?.raw ?? {}).sort(), ['AppId', 'SslCertHash', 'SslCertStoreName']);
  });
});

describe('how netsh shows a record of the central store', () => {
  for (const [what, text, form] of [
    ['by its port behind a label of its own', '\r\n    Anything at all : 443\r\n    Id : x\r\n', 'own-label'],
    ['as a host name with a star', '    Hostname:port                : *:443\r\n', 'hostname-star'],
    ['not at all', '    IP:port : 0.0.0.0:443\r\n    Time : 4430\r\n', null],
    ['not at all, of another port', '    Hostname:port : *:8443\r\n', null],
  ] as const)
    it(what, () => assert.equal(centralStoreForm(text, 443)?.form ?? null, form));

  it('gives the line that tells', () => {
    assert.equal(centralStoreForm('a\r\n  Host:port  : *:443 \r\n', 443)?.line, 'Host:port  : *:443');
  });
});

describe('the language of netsh', () => {
  const shown = (label: string) => `    IP:port : 0.0.0.0:443\r\n    ${label.padEnd(29)}: ${appId}\r\n`;
  for (const [label, language] of [
    ['Application ID', 'english'],
    ['Anwendungs-ID', 'german'],
    ['ID do Aplicativo', 'other'],
  ] as const)
    it(`${language} where it says ${label}`, () => {
      assert.deepEqual(netshLanguage(shown(label)), { language, label });
    });

  it('is not told where no record is shown', () => {
    assert.equal(netshLanguage('The system cannot find the file specified.\r\n'), null);
  });
});
