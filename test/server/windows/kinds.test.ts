import assert from 'node:assert/strict';
import { ftpKey } from '../../../src/kinds/ftp/ftp.ts';
import { type HolderNow, kindOf, tlsHolder } from '../../../src/kinds/holder.ts';
import { keyAccess, keyAccessKey } from '../../../src/kinds/key-access/key-access.ts';
import { ldapsKey, ldapsSetting } from '../../../src/kinds/ldaps/ldaps.ts';
import { rdpKey, rdpListener } from '../../../src/kinds/rdp/rdp.ts';
import type { KeyText } from '../../../src/kinds/record-key.ts';
import { sqlInstance, sqlKey } from '../../../src/kinds/sql/sql.ts';
import type { CertificateBinding } from '../../../src/kinds/tls/certificate-binding.ts';
import { recordsNow, SeenPlaces } from '../../../src/kinds/tls/tables-in-rows.ts';
import { winrmKey, winrmListener } from '../../../src/kinds/winrm/winrm.ts';
import { wmsvcKey, wmsvcSetting } from '../../../src/kinds/wmsvc/wmsvc.ts';
import type { Row } from '../../../src/model/windows/rows.ts';
import { instructionsFor } from '../../../src/server/windows/change-rows.ts';
import { othersNow, readingsFor } from '../../../src/server/windows/holders.ts';
import { partsOf } from '../../../src/server/windows/parts.ts';
import { encodeHttpSysRecord } from '../../builders/http-sys-entry.ts';
import { record, thumbprintOf } from '../../builders/snapshot.ts';

const [old, successor] = [thumbprintOf('old'), thumbprintOf('new')];
const served = record('0.0.0.0:8172', 'old');
const setting = wmsvcSetting({ port: 8172, address: '*' }, old, [served]);

/** The fields of a row `record` for it, by the way Windows names its entry. */
function fieldsOf(of: CertificateBinding, sniLayout: 'guid' | 'name' = 'name'): Row {
  const { path, values } = encodeHttpSysRecord(of, { sniLayout });
  const fields = Object.entries(values).flatMap(([name, { type, base64 }]) => [name, type, base64]);
  return [...path.split('\\').slice(-2), ...fields];
}

const configuration = `<configuration><system.applicationHost><sites>
  <siteDefaults><ftpServer><security><ssl serverCertHash="${successor}"/></security></ftpServer></siteDefaults>
  <site name="Files" id="3"><ftpServer><security><ssl serverCertHash="${old}" serverCertStoreName="WebHosting"/></security></ftpServer></site>
</sites></system.applicationHost></configuration>`;
const rows: readonly Row[] = [
  ['configuration', 'C:\\config', Buffer.from(configuration).toString('base64')],
  ['#rdp', 'listener', 'certificate'],
  ['rdp', 'RDP-Tcp', old.toLowerCase()],
  ['rdp', 'Other', successor],
  ['#winrm', 'listener', 'certificate', 'port', 'hostname'],
  ['winrm', '*+HTTPS', old.toLowerCase(), '5985', 'web01.example.com'],
  ['winrm', 'IP:192.0.2.1+HTTPS', old, '', ''],
  ['#wmsvc', 'port', 'address', 'certificate'],
  ['wmsvc', '8172', '*', old],
  ['#sql', 'instance', 'id', 'certificate'],
  ['sql', 'SHOP', 'MSSQL16.SHOP', `\u200e${old.toLowerCase()}`],
  ['#ldaps', 'certificate'],
  ['ldaps', successor],
  ['ldaps', old],
  ['ldaps', 'no hash'],
  ['record', ...fieldsOf(served)],
  ['#key-access', 'thumbprint', 'sddl', 'why'],
  ['key-access', old, 'O:SYG:SYD:P(A;;FR;;;NS)', ''],
  ['key-access', successor, '', 'there is a link'],
];
const readings = ['configuration', 'rdp', 'winrm', 'wmsvc', 'sql', 'ldaps', 'key-access'];
const shop = sqlInstance('SHOP', 'MSSQL16.SHOP', old);
const read: readonly Row[] = readings.map((part) => ['read', part]);
const now = (key: KeyText, told: readonly Row[] = [...rows, ...read]): HolderNow | undefined =>
  new Map(othersNow([key], partsOf(told))).get(key);

describe('holders of other kinds, as the adapter tells them', () => {
  const ftp = { site: 'Files', thumbprint: old, store: 'WebHosting' };
  const holders: readonly (readonly [key: KeyText, value: object | null])[] = [
    [ftpKey('Files'), ftp],
    [ftpKey('Nowhere'), null],
    [rdpKey('RDP-Tcp'), rdpListener('RDP-Tcp', old)],
    [rdpKey('Nowhere'), null],
    [winrmKey('*+HTTPS'), winrmListener('*+HTTPS', old, 'web01.example.com', 5985)],
    [winrmKey('IP:192.0.2.1+HTTPS'), winrmListener('IP:192.0.2.1+HTTPS', old, null, 5986)],
    [winrmKey('Nowhere'), null],
    [wmsvcKey(8172), setting],
    [wmsvcKey(8173), null],
    [sqlKey('SHOP'), shop],
    [sqlKey('NOWHERE'), null],
    [ldapsKey, ldapsSetting([old, successor])],
    [keyAccessKey(old), keyAccess(old, 'O:SYG:SYD:P(A;;FR;;;NS)')],
    [keyAccessKey(thumbprintOf('none')), null],
  ];
  for (const [key, value] of holders)
    it(`${key} ${value === null ? 'is absent' : 'holds what it holds'}`, () =>
      assert.deepEqual(
        now(key),
        value === null ? { state: 'absent' } : { state: 'holds', holder: { kind: kindOf(key), key, value } },
      ));

  it('are unknown where the adapter says why', () =>
    assert.deepEqual(now(keyAccessKey(successor)), {
      state: 'unknown',
      why: 'there is a link',
    }));

  for (const [key] of holders.filter(([, value]) => value !== null))
    it(`${key} is unknown where its kind was not read, or cannot be understood`, () => {
      assert.equal(now(key, [...rows, ...readings.map((part) => ['failed', part, '', 'No', ''])])?.state, 'unknown');
      assert.equal(now(key, rows)?.state, 'unknown');
      const unnamed = [...rows, ...read].filter(([kind = '']) => !kind.startsWith('#'));
      if (kindOf(key) !== 'ftp') assert.match(JSON.stringify(now(key, unnamed)), /"unknown".*no \w+ is told/);
      if (kindOf(key) === 'ftp')
        assert.equal(now(key, [['configuration', 'C:\\config', ''], ...read])?.state, 'unknown');
    });

  it('are asked for once for each kind, those of one key by their keys', () => {
    const keys = holders.map(([key]) => key);
    assert.deepEqual(readingsFor([served.key, ...keys]), [
      ...['configuration', 'rdp', 'winrm', 'wmsvc', 'sql', 'ldaps'].map((reading) => [reading]),
      ['key-access', old, thumbprintOf('none')],
    ]);
    assert.deepEqual(readingsFor([served.key]), []);
  });

  const known = { abilities: { update: true, options: null }, records: new Map(), places: new SeenPlaces() } as const;
  const put = (asked: object, expected: object | null, knows: Partial<Parameters<typeof instructionsFor>[1]> = {}) =>
    instructionsFor({ do: 'put', wanted: asked, expected } as Parameters<typeof instructionsFor>[0], {
      ...known,
      ...knows,
    });
  for (const [kind, value, expected] of [
    ['ftp', ftp, ['put-ftp', 'Files', old, old, 'WebHosting']],
    ['ftp', { ...ftp, site: null }, ['put-ftp', '', old, old, 'WebHosting']],
    ['rdp', rdpListener('RDP-Tcp', old), ['put-rdp', 'RDP-Tcp', old, old]],
    ['winrm', winrmListener('*+HTTPS', old, null, 5986), ['put-winrm', '*+HTTPS', old, old]],
    ['sql', shop, ['put-sql', 'SHOP', old, old, 'MSSQL16.SHOP']],
    ['sql', { ...shop, thumbprint: null }, ['put-sql', 'SHOP', '', '', 'MSSQL16.SHOP']],
    [
      'keyAccess',
      {
        ...keyAccess(old, ''),
        asked: [
          { sid: 'S-1-5-20', reads: true },
          { sid: 'S-1-5-19', reads: false },
        ],
      },
      ['put-key-access', old, 'S-1-5-20', 'read', 'S-1-5-19', 'none'],
    ],
  ] as const)
    it(`of kind ${kind} are written by ${expected[0]}, if they hold what is expected`, () => {
      assert.deepEqual(put({ kind, value }, { kind, value }), { rows: [expected] });
      const any = put({ kind, value }, null);
      assert.deepEqual('rows' in any && any.rows[0]?.[2], kind === 'keyAccess' ? 'S-1-5-20' : '');
    });

  it('of kind ldaps are written by put-ldaps, if they hold what is expected', () => {
    const holder = { kind: 'ldaps', value: ldapsSetting([old]) ?? {} };
    assert.deepEqual(put(holder, holder), { rows: [['put-ldaps', old, old]] });
    assert.deepEqual(put(holder, null), { rows: [['put-ldaps', '', old]] });
  });

  it('whose record comes first are written with the commands that write it and those that put it back', () => {
    assert.ok(setting !== null);
    const wanted = {
      kind: 'wmsvc',
      value: { ...setting, thumbprint: successor, listed: successor, record: { ...served, thumbprint: successor } },
    };
    const places = new SeenPlaces();
    places.note([fieldsOf(served)]);
    const told = put(
      wanted,
      { kind: 'wmsvc', value: setting },
      {
        records: new Map([[served.key, { state: 'holds', holder: tlsHolder(served) }]]),
        places,
      },
    );
    assert.ok('rows' in told && told.rows.length === 1);
    const [row = []] = told.rows;
    assert.deepEqual(row.slice(0, 5), ['put-wmsvc', successor, '1', row[3], 'SslBindingInfo']);
    const hashes = row.filter((word) => word.startsWith('certhash='));
    assert.deepEqual(
      hashes.map((word) => word.slice(9).toUpperCase()),
      [successor, old],
    );
    const fields = Number(row[3]);
    assert.deepEqual(row.slice(5, 9), ['0.0.0.0:8172', old, 'http', 'update']);
    assert.deepEqual([row[4 + fields], row[8 + fields]], ['1', ''], row.join(' '));
    const absent = put(
      wanted,
      { kind: 'wmsvc', value: setting },
      { records: new Map([[served.key, { state: 'absent' }]]), places },
    );
    assert.ok('rows' in absent);
    assert.deepEqual(
      absent.rows[0]?.filter((word) => word === 'add' || word === 'delete'),
      ['add', 'delete'],
    );
    const unread = put(wanted, { kind: 'wmsvc', value: setting }, { places });
    assert.equal('error' in unread && unread.error?.message, '0.0.0.0:8172 could not be read before the change');
    const flagged = {
      ...wanted,
      value: { ...wanted.value, record: record(served.key, 'new', { flags: 0x8000_0000 }) },
    };
    const refused = put(flagged, { kind: 'wmsvc', value: setting });
    assert.equal('error' in refused && refused.error?.code, 'cannot-express');
  });
});

describe('records as they were last seen', () => {
  const shop = record('shop.example.com:443', 'old');
  const guid = fieldsOf(shop, 'guid');

  it('are found again under the name of their entry, and others by their table alone', () => {
    const places = new SeenPlaces();
    assert.deepEqual(places.rowOf(shop.key), ['SslSniBindingInfo', '']);
    places.note([guid, ['SslBindingInfo', 'no key at all']]);
    assert.deepEqual(places.rowOf(shop.key), ['SslSniBindingInfo', guid[1]]);
    assert.deepEqual(places.rowOf(served.key), ['SslBindingInfo', '']);
  });

  it('are what was read of them, absent, or unknown where their entry cannot be understood', () => {
    const places = new SeenPlaces();
    const told = recordsNow([shop.key, served.key], [fieldsOf(shop)], places);
    assert.deepEqual(told.get(shop.key), { state: 'holds', holder: tlsHolder(shop) });
    assert.deepEqual(told.get(served.key), { state: 'absent' });
    const damaged = recordsNow(
      [served.key],
      [['SslBindingInfo', '0.0.0.0:8172', 'SslCertHash', 'REG_SZ', 'AAAA']],
      places,
    );
    assert.equal(damaged.get(served.key)?.state, 'unknown');
  });
});
