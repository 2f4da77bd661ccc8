import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { unknownStore } from '../../src/certificates/certificate.ts';
import { type BroughtFiles, importSnapshot } from '../../src/documents/import-snapshot.ts';
import { recordsOf } from '../../src/holders/holder.ts';
import { parseApplicationHost } from '../../src/holders/iis/application-host.ts';
import { formatRecordKey, parseRecordKey } from '../../src/holders/record-key.ts';
import { httpParametersPath } from '../../src/holders/tls/http-sys-tables.ts';
import { makeTlsRecord } from '../../src/holders/tls/tls-record.ts';
import { diagnose } from '../../src/inspect/findings/diagnose.ts';
import { planRebind } from '../../src/plan/plan-rebind.ts';
import { decodeAs, decodeText } from '../../src/text/text-encoding.ts';
import { rawDword } from '../../src/windows/raw-value.ts';
import { formatRegistryExport, parseRegistryExport, type RegistryKey } from '../../src/windows/registry-export.ts';
import { encodeHttpSysRecord } from '../builders/http-sys-entry.ts';
import { https, policy, record, renewal, site, snapshot, sni, thumbprintOf } from '../builders/snapshot.ts';
import { factsOf } from '../inspect/findings/facts.ts';
import { fixture } from '../support/fixture.ts';

const host = (sites: string) =>
  Buffer.from(
    `<configuration><system.applicationHost><sites>${sites}</sites></system.applicationHost></configuration>`,
  );
const empty: BroughtFiles = {
  at: '2026-06-01T12:00:00.000Z',
  configuration: { where: 'applicationHost.config', bytes: host('') },
  registry: null,
  netsh: null,
  certificates: [],
};
const text = (where: string, content: string | Buffer) => ({ where, bytes: Buffer.from(content) });
const rsa = fixture('certificates/rsa-names.cer');
const rsaPrint = new X509Certificate(rsa).fingerprint.replaceAll(':', '');

describe('imported files', () => {
  for (const [what, netsh] of [
    ['a greeting', 'hello'],
    ['a certificate in PEM', `-----BEGIN CERTIFICATE-----\n${rsa.toString('base64')}\n-----END CERTIFICATE-----\n`],
    ['nothing', ''],
    ['a registry export', 'Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE]\r\n"a"="b"\r\n'],
  ] as const) {
    it(`netsh text that netsh did not write is refused: ${what}`, () =>
      assert.throws(() => importSnapshot({ ...empty, netsh: text('n.txt', netsh) }), {
        code: 'bad-input',
        exitCode: 2,
        where: 'n.txt',
      }));
  }

  it('netsh text of a server without records is none that is refused', () => {
    const records = recordsOf(importSnapshot({ ...empty, netsh: text('n.txt', fixture('netsh/empty.txt')) }));
    assert.deepEqual(records, []);
  });

  for (const [what, key] of [
    ['another key', 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft'],
    ['a key that only sounds like it', 'HKEY_LOCAL_MACHINE\\SOFTWARE\\HTTP\\Parameters\\SslBindingInfo\\0.0.0.0:443'],
  ] as const) {
    it(`a registry export that is not of HTTP.SYS is refused: ${what}`, () => {
      const registry = text('x.reg', formatRegistryExport([{ path: key, values: {} }]));
      assert.throws(() => importSnapshot({ ...empty, registry }), { code: 'bad-input', exitCode: 2, where: 'x.reg' });
    });
  }

  it('a registry export of HTTP.SYS without TLS records is none that is refused', () => {
    const registry = text('x.reg', formatRegistryExport([{ path: httpParametersPath, values: {} }]));
    assert.deepEqual(recordsOf(importSnapshot({ ...empty, registry })), []);
  });

  it('extended properties of newer netsh belong to the record before them', () => {
    const netsh = text('n.txt', fixture('netsh/server-2022.txt'));
    const { holders, unreadable } = importSnapshot({ ...empty, netsh });
    const records = recordsOf({ holders });
    assert.deepEqual(
      records.map(({ key, store }) => [key, store]),
      [
        ['0.0.0.0:44307', 'My'],
        ['[2001:db8::20]:443', 'WebHosting'],
        ['shop.example.com:443', 'My'],
      ],
    );
    assert.deepEqual(unreadable, []);
  });

  it('one broken certificate is named, and the rest is imported', () => {
    const broken = Buffer.from(fixture('certificates/two.p7b'));
    // The version of the first certificate inside: the list is whole, and the certificate is none any more.
    const inner = broken.indexOf(Buffer.from('a003020102', 'hex'));
    broken.fill(0xff, inner, inner + 5);
    const { certificates, unreadable } = importSnapshot({
      ...empty,
      certificates: [text('broken.p7b', broken), text('whole.cer', rsa)],
    });
    assert.ok(certificates.some(({ thumbprint }) => thumbprint === rsaPrint));
    assert.deepEqual(
      unreadable.map(({ part, where }) => [part, where]),
      [['certificates', 'broken.p7b']],
    );
  });

  it('the store of a certificate comes from the record or the FTP site that names it, else it is unknown', () => {
    const storesWith = (parts: Partial<BroughtFiles>) =>
      importSnapshot({ ...empty, certificates: [text('a.cer', rsa)], ...parts }).certificates.map(({ store }) => store);
    const ftp = `<site name="F" id="1"><ftpServer><security><ssl serverCertHash="${rsaPrint}" serverCertStoreName="WebHosting"/></security></ftpServer></site>`;
    const registry = (store: string) =>
      text(
        'r.reg',
        formatRegistryExport([
          encodeHttpSysRecord(makeTlsRecord({ key: '0.0.0.0:443', thumbprint: rsaPrint, store }), {
            sniLayout: 'name',
          }),
        ]),
      );
    assert.deepEqual(storesWith({}), [unknownStore]);
    assert.deepEqual(storesWith({ configuration: text('a.config', host(ftp)) }), ['WebHosting']);
    assert.deepEqual(storesWith({ registry: registry('My') }), ['My']);
    assert.deepEqual(storesWith({ configuration: text('a.config', host(ftp)), registry: registry('My') }), [
      'My',
      'WebHosting',
    ]);
  });

  it('an FTP site whose store is unknown or named is not said to lack its certificate', () => {
    const ftp = `<site name="F" id="1"><ftpServer><security><ssl serverCertHash="${rsaPrint}" serverCertStoreName="WebHosting"/></security></ftpServer></site>`;
    const server = importSnapshot({
      ...empty,
      configuration: text('a.config', host(ftp)),
      certificates: [text('a.cer', rsa)],
    });
    const codes = diagnose(factsOf(server)).map(({ code }) => code);
    assert.ok(!codes.includes('ftps-certificate-gone'), codes.join());
  });

  it('of two control sets the current one counts, and the other is no second entry', () => {
    const entry = (thumbprint: string) =>
      encodeHttpSysRecord(makeTlsRecord({ key: '0.0.0.0:443', thumbprint: thumbprintOf(thumbprint) }), {
        sniLayout: 'name',
      });
    const current = entry('current');
    const stale = { ...entry('stale'), path: entry('stale').path.replace('CurrentControlSet', 'ControlSet001') };
    const read = (keys: readonly (typeof current)[]) =>
      importSnapshot({ ...empty, registry: text('r.reg', formatRegistryExport(keys)) });
    const { holders, unreadable } = read([stale, current]);
    const records = recordsOf({ holders });
    assert.deepEqual(
      records.map(({ thumbprint }) => thumbprint),
      [thumbprintOf('current')],
    );
    assert.deepEqual(unreadable, []);
    assert.equal(recordsOf(read([stale]))[0]?.thumbprint, thumbprintOf('stale'), 'alone it is the current one');
  });

  describe('of a hive that was loaded from a file, with numbered control sets only', () => {
    const entryOf = (set: string) => {
      const record = makeTlsRecord({ key: '0.0.0.0:443', thumbprint: thumbprintOf(set) });
      const { path, values } = encodeHttpSysRecord(record, { sniLayout: 'name' });
      return { path: path.replace('CurrentControlSet', set).replace('\\SYSTEM\\', '\\OFFLINE\\'), values };
    };
    const sets = ['ControlSet001', 'ControlSet002'].map(entryOf);
    const select = (current: number) => ({
      path: 'HKEY_LOCAL_MACHINE\\OFFLINE\\Select',
      values: { Current: rawDword(current), Default: rawDword(1) },
    });
    const read = (keys: readonly RegistryKey[]) =>
      importSnapshot({ ...empty, registry: text('r.reg', formatRegistryExport(keys)) });

    for (const current of [1, 2])
      it(`the key Select tells which one counts: ${current}`, () => {
        const { holders, unreadable } = read([...sets, select(current)]);
        const records = recordsOf({ holders });
        assert.deepEqual(
          [records.map(({ thumbprint }) => thumbprint), unreadable],
          [[thumbprintOf(`ControlSet00${current}`)], []],
        );
      });

    it('two of them without that key are refused, and said', () => {
      assert.throws(() => read(sets), {
        code: 'bad-input',
        exitCode: 2,
        where: 'r.reg',
        message: /tables of ControlSet001 and ControlSet002, but no key Select that says which one is active/,
        hint: /HKLM\\SYSTEM\\Select/,
      });
    });

    it('one that Select does not name is not taken for the one in force', () => {
      assert.throws(() => read([entryOf('ControlSet001'), select(2)]), {
        code: 'bad-input',
        message: /Select names ControlSet002, but it only has the tables of ControlSet001/,
      });
    });
  });

  for (const [flags, why] of [
    ['0x1', 'hexadecimal'],
    ['4294967296', 'above 32 bits'],
    ['9999999999', 'above 32 bits'],
    ['yes', 'not a number'],
  ] as const) {
    it(`sslFlags ${flags} is named with the reason: ${why}`, () => {
      const binding = `<site name="S" id="1"><bindings><binding protocol="https" bindingInformation="*:443:" sslFlags="${flags}"/></bindings></site>`;
      const { unreadable } = parseApplicationHost(host(binding), 'a.config');
      assert.match(unreadable[0]?.why ?? '', new RegExp(why));
    });
  }

  it('sslFlags of all 32 bits is read', () => {
    const binding =
      '<site name="S" id="1"><bindings><binding protocol="https" bindingInformation="*:443:" sslFlags="4294967295"/></bindings></site>';
    assert.deepEqual(parseApplicationHost(host(binding), 'a.config').unreadable, []);
  });

  it('a redirection.config as Windows writes it is called by its name', () =>
    assert.throws(() => parseApplicationHost(fixture('iis/redirected.config'), 'x'), /is redirection\.config/));

  for (const [name, inner] of [
    ['redirection.config', '<configurationRedirection enabled="true" path="\\\\share\\iis" />'],
    ['administration.config', '<moduleProviders><add name="x"/></moduleProviders>'],
    ['administration.config', '<system.webServer><management><trustedProviders/></management></system.webServer>'],
  ] as const) {
    it(`${name} in place of the configuration is called by its name: ${inner.slice(0, 20)}`, () =>
      assert.throws(
        () => parseApplicationHost(`<configuration>${inner}</configuration>`, 'x'),
        (error: Error) => {
          return error.message.includes(`is ${name}`) && error.message.includes('applicationHost.config');
        },
      ));
  }

  it('a host is normalised alike by configuration, registry and netsh', () => {
    const spellings = ['Bücher.Example.com.', 'xn--bcher-kva.example.com', 'BÜCHER.example.com'];
    for (const name of spellings) {
      const bindings = `<site name="S" id="1"><bindings><binding protocol="https" bindingInformation="*:443:${name}" sslFlags="1"/></bindings></site>`;
      const netsh = fixture('netsh/server-2022.txt').toString().replace('shop.example.com', name);
      const entry = encodeHttpSysRecord(makeTlsRecord({ key: 'x.example.com:443', thumbprint: rsaPrint }), {
        sniLayout: 'name',
      });
      const path = entry.path.replace('x.example.com', name);
      const fromNetsh = importSnapshot({
        ...empty,
        configuration: text('a.config', host(bindings)),
        netsh: text('n.txt', netsh),
      });
      const registry = text('r.reg', `\uFEFF${formatRegistryExport([{ ...entry, path }])}`);
      const keys = [
        fromNetsh.sites[0]?.bindings[0]?.recordKey,
        recordsOf(fromNetsh).at(-1)?.key,
        recordsOf(importSnapshot({ ...empty, registry }))[0]?.key,
      ];
      assert.deepEqual(new Set(keys), new Set(['xn--bcher-kva.example.com:443']), name);
    }
  });

  it('a record key is the same key after it was written', () => {
    fc.assert(
      fc.property(fc.domain(), fc.integer({ min: 1, max: 65535 }), (name, port) => {
        const key = formatRecordKey(parseRecordKey(`${name}.:${port}`, 'key'));
        assert.equal(formatRecordKey(parseRecordKey(key, 'key')), key);
        assert.ok(!key.includes('.:'));
      }),
    );
  });
});

const codePages: unknown = JSON.parse(fixture('code-pages/texts.json').toString());

describe('code pages of Windows', () => {
  assert.ok(Array.isArray(codePages));
  for (const { codePage, text: written, hex } of codePages) {
    const bytes = Buffer.from(hex, 'hex');
    it(`${codePage} is recognised, and read where it is declared`, () => {
      assert.equal(decodeText(bytes), written);
      assert.equal(decodeAs(codePage, bytes), written);
    });

    it(`${codePage} is recognised in an old registry export`, () => {
      const head = Buffer.from(`REGEDIT4\r\n\r\n[${httpParametersPath}]\r\n"Name"="`);
      const [key] = parseRegistryExport(Buffer.concat([head, bytes, Buffer.from('"\r\n')]));
      const value = Buffer.from(key?.values.Name?.base64 ?? '', 'base64').toString('utf16le');
      assert.equal(value, `${written}\0`);
    });
  }

  it('0x80 of windows-1252 is the sign of the euro', () =>
    assert.equal(decodeAs('windows-1252', Buffer.of(0x80)), '€'));
});

describe('what cannot be read is there', () => {
  const shop = 'shop.example.com';
  const broken = {
    part: 'records',
    where: `SslSniBindingInfo\\${shop}:443`,
    text: `${shop}:443`,
    why: 'the hash has 3 bytes',
  } as const;

  it('a record without a readable hash is no binding without a record, and no line adds one', () => {
    const facts = factsOf({ sites: [site('Shop', [sni(shop)])], unreadable: [broken] });
    const findings = diagnose(facts);
    assert.deepEqual(
      findings.map(({ code, command }) => [code, command]),
      [['unreadable', null]],
    );
  });

  it('an entry that shows no key at all may be the record of a binding: no line adds one', () => {
    const nameless = { ...broken, text: '{0B7B4C3A-0000-0000-0000-000000000000}' };
    const findings = diagnose(factsOf({ sites: [site('Shop', [sni(shop)])], unreadable: [nameless] }));
    assert.deepEqual(
      findings.map(({ code, command }) => [code, command]),
      [
        ['binding-without-record', null],
        ['unreadable', null],
      ],
    );
  });

  for (const [information, record443] of [
    ['*:443:*', 'blocked'],
    ['443', 'blocked'],
    ['fe80::1:443:name', 'blocked'],
    ['*:443443:x', 'blocked'],
    ['*:8443:*', 'not-ours'],
  ] as const) {
    it(`a binding ${information} that cannot be read: the record 0.0.0.0:443 of IIS is ${record443}`, () => {
      const server = snapshot({ sites: [site('Shop', [https(information)])], records: [record('0.0.0.0:443', 'old')] });
      const plan = planRebind({ snapshot: server, renewals: [renewal('old', 'new')], configuration: policy() });
      const said = [
        ...plan.blocked.map(({ reason }) => `blocked ${reason}`),
        ...plan.skipped.map(({ reason }) => reason),
      ];
      assert.deepEqual(said, [record443 === 'blocked' ? 'blocked binding-unreadable' : 'not-ours']);
    });
  }

  it('no line deletes a record on which an unreadable binding may stand', () => {
    const facts = factsOf({ sites: [site('Shop', [https('*:443:*')])], records: [record('0.0.0.0:443', 'old')] });
    const orphan = diagnose(facts).find(({ code }) => code === 'orphaned-record');
    assert.equal(orphan?.command, null);
    assert.match(orphan?.message ?? '', /one that cannot be read may\./);
  });
});
