import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseApplicationHost } from '../../../src/kinds/iis/application-host.ts';
import { ftpsOf } from '../../builders/snapshot.ts';
import { each } from '../../support/each.ts';
import { fixture } from '../../support/fixture.ts';
import { throwsOnlyTypedErrors, typedError } from '../../support/only-typed-errors.ts';

const grown = fixture('iis/grown-server.config');

function sites(xml: string) {
  return parseApplicationHost(
    `<configuration><system.applicationHost>${xml}</system.applicationHost></configuration>`,
    'f',
  );
}

describe('applicationHost.config', () => {
  const host = parseApplicationHost(grown, 'applicationHost.config');

  it('gives every site with its id, its bindings and no state', () => {
    assert.deepEqual(
      host.sites.map(({ name, id, state, bindings }) => [name, id, state, bindings.length]),
      [
        ['Default Web Site', 1, 'unknown', 4],
        ['Shop & Café', 2, 'unknown', 6],
        ['No id', null, 'unknown', 3],
        ['default web site', 11, 'unknown', 1],
        ['Files', 20, 'unknown', 1],
        ['More files', 21, 'unknown', 1],
      ],
    );
  });

  it('gives the record under each https binding', () => {
    assert.deepEqual(each(host.sites[1]?.bindings, 'sslFlags', 'recordKey'), [
      [1, 'shop.example.com:443'],
      [0, '192.0.2.10:8443'],
      [0, '[2001:db8::1]:443'],
      [33, 'xn--bcher-kva.example:443'],
      [1, '*.example.org:443'],
      [3, '(central-store):444'],
    ]);
  });

  it('names what it cannot read and goes on', () => {
    assert.deepEqual(host.unreadable, [
      { where: 'applicationHost.config', text: 'id 9', why: 'a site without a name' },
      { where: 'applicationHost.config', text: 'default web site', why: 'a second site with this name' },
      { where: 'No id', text: '*:443', why: 'not a valid address:port:host' },
      { where: 'No id', text: '*:443:broken.example.com', why: 'sslFlags "many" is not a number' },
      { where: 'No id', text: 'https', why: 'a binding without protocol or bindingInformation' },
      { where: 'More files', text: 'not a thumbprint', why: 'serverCertHash is not a thumbprint' },
    ]);
    assert.equal(host.sites[2]?.bindings.at(-1)?.recordKey, 'whole.example.com:443');
  });

  it('gives FTPS certificates of the defaults and of sites, the store inherited', () => {
    assert.deepEqual(ftpsOf(host), [
      { site: null, thumbprint: '00112233445566778899AABBCCDDEEFF00112233', store: 'WebHosting' },
      { site: 'Files', thumbprint: 'AABBCCDDEEFF00112233445566778899AABBCCDD', store: 'WebHosting' },
    ]);
  });

  it('sees the legacy property that makes HTTP.SYS lose settings', () => {
    assert.equal(host.legacyMetadata5506, true);
    const other = sites('<customMetadata><key><property id="55060"/></key></customMetadata><sites/>');
    assert.equal(other.legacyMetadata5506, false);
  });

  it('lets no password out', () => {
    assert.ok(grown.includes('canary'));
    assert.ok(!JSON.stringify(host).includes('canary'));
  });

  it('is the same in UTF-16, with a mark and with Windows line ends', () => {
    const text = grown.toString('utf8');
    const variants = [
      Buffer.from(`\uFEFF${text}`, 'utf16le'),
      Buffer.from(`\uFEFF${text}`),
      Buffer.from(text.replaceAll('\n', '\r\n')),
    ];
    for (const bytes of variants) assert.deepEqual(parseApplicationHost(bytes, 'applicationHost.config'), host);
  });

  it('adds up collections: defaults come first, clear and remove take away', () => {
    const { sites } = parseApplicationHost(fixture('iis/collections.config'), 'f');
    assert.deepEqual(
      sites.map(({ name, bindings }) => [name, bindings.map(({ recordKey }) => recordKey)]),
      [
        ['inherits', ['0.0.0.0:443']],
        ['adds', ['0.0.0.0:443', '0.0.0.0:8443']],
        ['clears', ['0.0.0.0:9443']],
        ['removes', []],
      ],
    );
  });

  for (const [file, keys, unreadable] of [
    [
      'blank-addresses',
      ['0.0.0.0:443', '0.0.0.0:443', '0.0.0.0:8083', 'ledger.example.com:443', '(central-store):444', '192.0.2.7:8182'],
      [],
    ],
    ['location-tags', ['intranet.example.com:443'], []],
    ['protocols', ['services.example.com:443'], []],
    [
      'careless-hosts',
      ['portal.example.com:443', 'shop.example.com:443', 'www.example.com:8443', '0.0.0.0:443'],
      [':44300:*', 'garbage'],
    ],
    ['comments-and-secrets', ['192.0.2.7:443'], []],
    [
      'many-bindings',
      [
        'a.example.com:443',
        '*.example.org:443',
        '[2001:db8::7]:443',
        '[::]:8443',
        '(central-store):444',
        'b.example.com:443',
        'a.example.com:443',
      ],
      ['*:445:'],
    ],
  ] as const) {
    it(`of ${file} gives the records that its bindings stand on`, () => {
      const read = parseApplicationHost(fixture(`iis/${file}.config`), 'f');
      const found = read.sites.flatMap(({ bindings }) => bindings.flatMap(({ recordKey }) => recordKey ?? []));
      assert.deepEqual(found, keys);
      assert.deepEqual(each(read.unreadable, 'text'), unreadable);
      assert.ok(!JSON.stringify(read).includes('canary'));
    });
  }

  it('is empty where it holds no site', () => {
    const empty = { sites: [], holders: [], unreadable: [], legacyMetadata5506: false };
    assert.deepEqual(sites('<sites/>'), empty);
  });

  for (const [name, xml, complaint] of [
    ['in another file', '<sites configSource="sites.config"/>', /another file \(configSource "sites.config"\)/],
    ['encrypted', '<sites configProtectionProvider="Rsa"><EncryptedData/></sites>', /encrypted/],
  ] as const) {
    it(`is refused when its sites are ${name}`, () => {
      const error = typedError(() => sites(xml));
      assert.equal(error.code, 'bad-input');
      assert.match(error.message, complaint);
    });
  }

  for (const [name, xml] of [
    ['a web.config', '<configuration><system.webServer/></configuration>'],
    ['one for a single site', '<configuration><location path="a"><system.webServer/></location></configuration>'],
  ] as const) {
    it(`is refused when it is ${name}: no server is without a list of sites`, () => {
      const error = typedError(() => parseApplicationHost(xml, 'f'));
      assert.equal(error.code, 'bad-input');
      assert.match(error.message, /^f has no <sites>/);
    });
  }

  it('is refused when it is some other XML', () => {
    assert.match(typedError(() => parseApplicationHost('<Task/>', 'f')).message, /root element is <Task>/);
    const long = `<${'T'.repeat(81)}/>`;
    assert.match(typedError(() => parseApplicationHost(long, 'f')).message, /root element is <T{80}>/);
  });

  it('cut off anywhere is refused as no XML, never half read', () => {
    const whole = grown.toString('latin1').trimEnd().length;
    fc.assert(
      fc.property(fc.nat(whole - 1), (length) => {
        assert.equal(typedError(() => parseApplicationHost(grown.subarray(0, length), 'f')).code, 'bad-xml');
      }),
      { numRuns: 50 },
    );
  });

  it('with flipped bytes ends in typed errors only', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(grown.length - 1), fc.nat(255)), { maxLength: 5 }), (flips) => {
        const damaged = Buffer.from(grown);
        for (const [at, byte] of flips) damaged[at] = byte;
        throwsOnlyTypedErrors(() => parseApplicationHost(damaged, 'f'));
      }),
    );
  });
});
