import assert from 'node:assert/strict';
import { reportedKinds, reportedRules } from '../../../src/kinds/reported/reported-kinds.ts';
import type { Row } from '../../../src/model/windows/rows.ts';
import { partsOf } from '../../../src/server/windows/parts.ts';
import { reportedFrom, rowsOfPlaces } from '../../../src/server/windows/reported-places.ts';
import { each } from '../../support/each.ts';

const hash = 'A'.repeat(40);
const inOrder: readonly Row[] = reportedKinds.map((kind) => ['read', `reported ${kind}`]);
const read = (...rows: readonly Row[]) => reportedFrom(partsOf([...rows, ...inOrder]));

describe('places that are only reported', () => {
  it('are asked for with all that the adapter has to know, in the same columns', () => {
    assert.equal(rowsOfPlaces.length, reportedKinds.flatMap((kind) => reportedRules[kind].places).length);
    for (const row of rowsOfPlaces) assert.equal(row.length, 12, row.join('|'));
    const asked = (kind: string) => rowsOfPlaces.filter(([, of]) => of === kind).map((row) => row.slice(2));
    const services = 'SYSTEM\\CurrentControlSet\\Services';
    const product = ['SYSTEM\\CurrentControlSet\\Control\\ProductOptions', 'ProductType', 'LanmanNT', 'NTDS'];
    const ntds = 'SOFTWARE\\Microsoft\\Cryptography\\Services\\NTDS\\SystemCertificates\\MY\\Certificates';
    const expected: Readonly<Record<string, readonly Row[]>> = {
      'ldaps-my': [[...product, 'not-read', ntds, '', '', '']],
      'hyper-v': [
        [
          ...[`${services}\\vmms`, '', '', 'vmms', 'wmi', 'root/virtualization/v2'],
          ...['Msvm_ReplicationServiceSettingData', 'CertificateThumbPrint', '=server'],
        ],
        [
          ...[`${services}\\vmms`, '', '', 'vmms', 'wmi', 'root/virtualization/v2'],
          ...['Msvm_ReplicationSettingData', 'CertificateThumbPrint', 'ElementName'],
        ],
      ],
      nps: [[`${services}\\IAS`, '', '', 'IAS', 'policies', '', '', '', '']],
    };
    for (const [kind, rows] of Object.entries(expected))
      assert.deepEqual(
        asked(kind),
        rows.map((row) => [...row, '0']),
      );
    assert.equal(asked('smb-quic')[0]?.at(-1), '20348');
  });

  it('are uses where a hash stands there, with the service and how it runs', () => {
    const { uses, roles } = read(['reported', 'hyper-v', 'server', hash.toLowerCase(), 'HKLM\\x', 'vmms', 'Running']);
    assert.deepEqual(roles, []);
    assert.deepEqual(
      uses.map(({ kind, key, value }) => [
        kind,
        key,
        value.detail,
        value.hash,
        value.stands?.place,
        value.stands?.service,
        value.stands?.state,
      ]),
      [['hyper-v', 'hyper-v/server', 'server', hash, 'HKLM\\x', 'vmms', 'started']],
    );
  });

  it('of Network Policy Server hold a hash only where its length stands before it', () => {
    const settings = (method: string, zeros: number, length: string) =>
      `${method}${'0'.repeat(30 + zeros)}${length}${hash}`.toLowerCase();
    const found = (eap: string) => read(['reported', 'nps', 'Wi-Fi', eap, 'ias.xml', 'IAS', 'Running', '']).uses.length;
    assert.deepEqual(
      [settings('19', 32, '14000000'), settings('0d', 40, '14000000'), settings('19', 32, '20000000')].map(found),
      [1, 1, 0],
    );
  });

  it('of Exchange are a role with its connectors, where the directory tells of some', () => {
    const roleOf = (...connectors: readonly Row[]) => read(['role', 'exchange'], ...connectors, ['role', 'adfs']).roles;
    assert.deepEqual(roleOf(['connector', 'exchange', 'Out', '<S>CN=a'], ['connector', 'exchange', 'In', '']), [
      {
        kind: 'exchange',
        why: null,
        connectors: [
          { name: 'Out', names: '<S>CN=a' },
          { name: 'In', names: '' },
        ],
      },
      { kind: 'adfs', why: null },
    ]);
    assert.deepEqual(roleOf()[0], { kind: 'exchange', why: null });
  });

  it('are roles where no hash tells more, where something else stands there, or where they cannot be read', () => {
    const failure: Row = ['failed', 'reported nps', 'access-denied', 'Access is denied.', ''];
    const parts = [
      ['role', 'adfs'],
      ['role', 'no kind of ours'],
      ['reported', 'hyper-v', 'server', 'ZZ', 'HKLM\\y', 'vmms', 'Stopped', ''],
      ['reported', 'hyper-v', 'server', ' ', 'HKLM\\y', 'vmms', 'Stopped', ''],
      failure,
    ];
    const { uses, roles } = reportedFrom(partsOf([...parts, ...inOrder.filter(([, of]) => of !== 'reported nps')]));
    assert.deepEqual(uses, []);
    assert.deepEqual(
      roles.map(({ kind, why }) => [kind, why?.replace(/^.*Access/, 'Access') ?? null]),
      [
        ['hyper-v', 'The value in HKLM\\y is not a certificate hash.'],
        ['adfs', null],
        ['nps', 'Access is denied.'],
      ],
    );
  });

  it('that the adapter says nothing of could not be read', () => {
    const { roles } = reportedFrom(partsOf([]));
    assert.deepEqual(
      each(roles, 'kind'),
      reportedKinds.filter((kind) => kind !== 'ip-https'),
    );
  });
});
