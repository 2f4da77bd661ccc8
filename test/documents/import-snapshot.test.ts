import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { certificatesInFile } from '../../src/certificates/certificate-files.ts';
import { importSnapshot } from '../../src/documents/import-snapshot.ts';
import { recordsOf } from '../../src/holders/holder.ts';
import { parseNetshText } from '../../src/holders/tls/netsh-text.ts';
import { makeTlsRecord } from '../../src/holders/tls/tls-record.ts';
import { isKnown } from '../../src/holders/unknown-parts.ts';
import { issueLeaf, makeAuthority } from '../../src/lab/host/authority.ts';
import { unusedKey } from '../../src/lab/host/keys.ts';
import { planRebind } from '../../src/plan/plan-rebind.ts';
import { formatRegistryExport } from '../../src/windows/registry-export.ts';
import { encodeHttpSysRecord } from '../builders/http-sys-entry.ts';
import { policy, renewal, thumbprintOf } from '../builders/snapshot.ts';
import { fixture } from '../support/fixture.ts';
import { throwsOnlyTypedErrors } from '../support/only-typed-errors.ts';

const rsa = fixture('certificates/rsa-names.cer');
const ec = fixture('certificates/ec-common-name.cer');
const two = fixture('certificates/two.p7b');
const pem = (label: string, der: Buffer) =>
  `-----BEGIN ${label}-----\r\n${der.toString('base64').replace(/.{64}/g, '$&\r\n')}\r\n-----END ${label}-----\r\n`;
const prints = (file: Uint8Array) =>
  certificatesInFile(file)
    .map((der) => new X509Certificate(der).fingerprint)
    .sort();
const [rsaPrint, ecPrint] = [rsa, ec].map((der) => new X509Certificate(der).fingerprint);
const both = [rsaPrint, ecPrint].sort();

describe('certificates in a file', () => {
  for (const [name, bytes, expected] of [
    ['DER', rsa, [rsaPrint]],
    ['PEM', Buffer.from(pem('CERTIFICATE', rsa)), [rsaPrint]],
    ['PEM in UTF-16, as PowerShell writes it', Buffer.from(`\uFEFF${pem('CERTIFICATE', rsa)}`, 'utf16le'), [rsaPrint]],
    [
      'PEM with a chain and a key',
      Buffer.from(`Bag\n${pem('CERTIFICATE', rsa)}${pem('PRIVATE KEY', ec)}${pem('CERTIFICATE', ec)}`),
      both,
    ],
    ['PKCS #7 in DER', two, both],
    ['PKCS #7 in PEM', Buffer.from(pem('PKCS7', two)), both],
    ['PKCS #7 under the label that Windows writes', Buffer.from(pem('CERTIFICATE', two)), both],
    ['bare base64', Buffer.from(two.toString('base64')), both],
    ['a key alone', Buffer.from(pem('PRIVATE KEY', rsa)), []],
    ['a request', Buffer.from(pem('CERTIFICATE REQUEST', rsa)), []],
    ['nothing', Buffer.alloc(0), []],
  ] as const) {
    it(`are found: ${name}`, () => assert.deepEqual(prints(bytes), expected));
  }

  it('are never misread from a damaged file, only missing', () => {
    fc.assert(
      fc.property(fc.nat(two.length - 1), fc.nat(255), fc.nat(two.length), (at, byte, length) => {
        const damaged = Buffer.from(two);
        damaged[at] = byte;
        certificatesInFile(damaged.subarray(0, length));
      }),
    );
  });
});

const labels = {
  English: [
    'IP:port',
    'Hostname:port',
    'Central Certificate Store',
    'Certificate Hash',
    'Application ID',
    'Certificate Store Name',
    'Usage Check',
    'Enabled',
    '(null)',
  ],
  German: [
    'IP:Port',
    'Hostname:Port',
    'Zentraler Zertifikatspeicher',
    'Zertifikathash',
    'Anwendungs-ID',
    'Zertifikatspeichername',
    'Verwendungsüberprüfung',
    'Aktiviert',
    '(null)',
  ],
  'letters of another script': [
    'IP:端口',
    '主机名:端口',
    '证书',
    '证书哈希',
    '应用程序 ID',
    '证书存储名称',
    '使用检查',
    '启用',
    '(空)',
  ],
} as const;

function netshText([ip, host, central, hash, app, store, usage, on, none]: readonly string[]): string {
  const line = (label = '', value = '') => `    ${label.padEnd(29)}: ${value}`;
  const appId = line(app, '{4dc3e181-e14b-4a21-b022-59fc669b0914}');
  const record = (key: string, digits: string, name: string) => [
    key,
    line(hash, digits),
    appId,
    line(store, name),
    line(usage, on),
    line('x', '0'),
    line('y', none),
    '',
  ];
  return [
    '',
    `${ip} …`,
    '-------------------------',
    '',
    ...record(line(ip, '0.0.0.0:443'), thumbprintOf('old').toLowerCase(), 'My'),
    ...record(line(ip, '[2001:db8::1]:8443'), thumbprintOf('old').toLowerCase(), none ?? ''),
    ...record(line(host, 'Shop.example.com:443'), thumbprintOf('old').toLowerCase(), 'WebHosting'),
    line(central, '444'),
    line(hash, none),
    appId,
    line(store, none),
    line('Extended Property', '1'),
    '',
    'PropertyId …',
    line('PropertyId', '0'),
    line('Receive Window', '1048576'),
  ].join('\r\n');
}

describe('netsh text', () => {
  for (const [language, words] of Object.entries(labels)) {
    it(`gives keys, hashes, application ids and stores in ${language}`, () => {
      const { records } = parseNetshText(netshText(words), 'netsh.txt');
      assert.deepEqual(
        records.map(({ key, thumbprint, store, appId }) => [key, thumbprint, store, appId]),
        [
          ['0.0.0.0:443', thumbprintOf('old'), 'My', '{4dc3e181-e14b-4a21-b022-59fc669b0914}'],
          ['[2001:db8::1]:8443', thumbprintOf('old'), 'My', '{4dc3e181-e14b-4a21-b022-59fc669b0914}'],
          ['shop.example.com:443', thumbprintOf('old'), 'WebHosting', '{4dc3e181-e14b-4a21-b022-59fc669b0914}'],
          ['(central-store):444', null, 'My', '{4dc3e181-e14b-4a21-b022-59fc669b0914}'],
        ],
      );
      assert.ok(
        records.every(({ raw }) => !('DefaultFlags' in raw)),
        'no option is made up',
      );
    });
  }

  it('names a block that is cut off, and goes on', () => {
    const text = netshText(labels.German).replace(/ {4}Zertifikathash[^\n]*\n/, '');
    const { records, unreadable } = parseNetshText(text, 'netsh.txt');
    assert.equal(records.length, 3);
    assert.equal(unreadable[0]?.text, '0.0.0.0:443');
  });
});

describe('an import', () => {
  const configuration = { where: 'applicationHost.config', bytes: fixture('iis/many-bindings.config') };
  const registry = { where: 'http.reg', bytes: fixture('registry/http-parameters.reg') };
  const empty = { at: '2026-06-01T12:00:00.000Z', configuration, registry: null, netsh: null, certificates: [] };

  it('says what the files do not tell', () => {
    const { notLookedAt, holders, account, webService, lifecycle } = importSnapshot(empty);
    assert.deepEqual(recordsOf({ holders }), []);
    assert.deepEqual(
      notLookedAt.slice(0, 3),
      ['records', 'certificates', 'keys'].map((part) => ({ part, why: 'not-given' })),
    );
    assert.deepEqual([account, webService, lifecycle.enabled], ['unknown', 'unknown', null]);
    const netsh = { where: 'netsh.txt', bytes: Buffer.from(netshText(labels.German)) };
    assert.ok(!isKnown(importSnapshot({ ...empty, netsh }), 'options of the TLS records'));
    assert.ok(isKnown(importSnapshot({ ...empty, registry }), 'options of the TLS records'));
  });

  it('reads netsh text in whatever encoding it was written, and plans on it', () => {
    const text = netshText(labels.German);
    for (const bytes of [Buffer.from(text), Buffer.from(`\uFEFF${text}`, 'utf16le'), Buffer.from(text, 'latin1')]) {
      const snapshot = importSnapshot({ ...empty, netsh: { where: 'netsh.txt', bytes } });
      const plan = planRebind({ snapshot, renewals: [renewal('old', 'new')], configuration: policy() });
      assert.deepEqual(
        plan.blocked.map(({ reason }) => reason),
        [],
      );
      assert.equal(plan.skipped.length, 3, 'no binding of this configuration stands on them');
    }
  });

  it('takes a certificate once however often it was exported, and names files without one', () => {
    const { certificates, unreadable } = importSnapshot({
      ...empty,
      certificates: [
        { where: 'a.cer', bytes: rsa },
        { where: 'again.p7b', bytes: two },
        { where: 'no.cer', bytes: Buffer.from('no') },
      ],
    });
    assert.deepEqual(
      certificates.map(({ store, key }) => [store, key]),
      [
        ['(unknown)', 'unknown'],
        ['(unknown)', 'unknown'],
      ],
    );
    assert.deepEqual(unreadable.filter(({ where }) => where === 'no.cer').length, 1);
  });

  it('says of everything that it could not read in which part it stood', () => {
    const cutOff = netshText(labels.German).replace(/ {4}Zertifikathash[^\n]*\n/, '');
    const { unreadable } = importSnapshot({
      ...empty,
      netsh: { where: 'netsh.txt', bytes: Buffer.from(cutOff) },
      certificates: [{ where: 'no.cer', bytes: Buffer.from('no') }],
    });
    assert.deepEqual(
      [...new Set(unreadable.map(({ part, where }) => `${part}: ${where}`))],
      ['sites: A', 'records: netsh.txt', 'certificates: no.cer'],
    );
  });

  it('puts a certificate into the stores that records name for it, and leaves its issuers out', async () => {
    const used = new Set<string>();
    const key = () => {
      const unused = unusedKey('ec', used);
      used.add(unused);
      return unused;
    };
    const at = new Date('2026-06-01');
    const authority = await makeAuthority('Import', key(), key(), at);
    const end = new Date('2027-06-01');
    const leaf = await issueLeaf(authority, {
      names: ['a.example.com'],
      notBefore: at,
      notAfter: end,
      ekus: [],
      key: key(),
    });
    const chain = [leaf.der, authority.intermediate, authority.root].map((der) => pem('CERTIFICATE', der)).join('');
    const records = ['a.example.com:443', 'b.example.com:443'].map((name, place) =>
      encodeHttpSysRecord(
        makeTlsRecord({ key: name, thumbprint: leaf.thumbprint, store: ['WebHosting', 'My'][place] ?? '' }),
        { sniLayout: 'name' },
      ),
    );
    const snapshot = importSnapshot({
      ...empty,
      registry: { where: 'r', bytes: Buffer.from(formatRegistryExport(records)) },
      certificates: [{ where: 'chain.pem', bytes: Buffer.from(chain) }],
    });
    assert.deepEqual(
      snapshot.certificates.map(({ thumbprint, store }) => [thumbprint, store]),
      [
        [leaf.thumbprint, 'WebHosting'],
        [leaf.thumbprint, 'My'],
      ],
    );
  });

  it('of rubbish ends in typed errors only', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), fc.uint8Array(), (a, b, c) => {
        throwsOnlyTypedErrors(() => {
          importSnapshot({ ...empty, netsh: { where: 'n', bytes: a }, certificates: [{ where: 'c', bytes: c }] });
          importSnapshot({ ...empty, registry: { where: 'r', bytes: b } });
        });
      }),
    );
  });
});
