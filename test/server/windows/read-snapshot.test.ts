import assert from 'node:assert/strict';
import { CertRebindError } from '../../../src/base/errors.ts';
import { recordsOf } from '../../../src/kinds/holder.ts';
import { placesOf } from '../../../src/kinds/place.ts';
import { cannotExpress } from '../../../src/kinds/tls/netsh-options.ts';
import type { Row } from '../../../src/model/windows/rows.ts';
import { partsOfServer } from '../../../src/server/windows/holders.ts';
import { partsOf } from '../../../src/server/windows/parts.ts';
import { snapshotFrom } from '../../../src/server/windows/read-snapshot.ts';
import { thumbprintOf } from '../../builders/snapshot.ts';
import { each } from '../../support/each.ts';

const configuration = `<configuration><system.applicationHost><sites><siteDefaults/>
  <site name="Shop" id="2"><bindings><binding protocol="https" bindingInformation="*:443:shop.example.com" sslFlags="1"/></bindings></site>
  <site name="Files" id="3"><bindings/></site><site name="Old" id="4"><bindings/></site>
</sites></system.applicationHost></configuration>`;

/** What the adapter says of each part of a server in good order; a part is replaced by its name. */
const answers: Readonly<Record<string, readonly Row[]>> = {
  machine: [['machine', 'f0e1', 'WEB01', '20348', '10', '0']],
  account: [['account', 'system']],
  configuration: [['configuration', 'C:\\config', Buffer.from(configuration).toString('base64')]],
  records: [],
  sites: [
    ['site', 'Shop', '2', 'Started'],
    ['site', 'Files', '', 'Stopped'],
  ],
  'web-service': [['web-service', 'Running']],
  'schedule-service': [['schedule-service', 'Stopped']],
  certificates: [],
  authorities: [],
  keys: [],
  tasks: [],
  lifecycle: [['log', 'True', '1', '0']],
  netsh: [],
  ...Object.fromEntries(partsOfServer.map((part) => [part, []])),
  'reported hyper-v': [],
};
const said = (changed: Readonly<Record<string, readonly Row[]>>) =>
  Object.entries({ ...answers, ...changed }).flatMap(([part, rows]) =>
    rows[0]?.[0] === 'failed' ? rows : [...rows, ['read', part]],
  );
const read = (changed: Readonly<Record<string, readonly Row[]>> = {}, bindings: readonly Row[] = []) =>
  snapshotFrom(partsOf(said(changed)), async () => bindings, '2030-01-01T12:00:00.000Z');
const failed = (part: string, id = '') => ({ [part]: [['failed', part, id, 'No', '']] });
const refused = (code: string) => (error: unknown) => error instanceof CertRebindError && error.code === code;

describe('a snapshot out of what the adapter says', () => {
  it('has its server, services and the states of its sites, by number or else by name', async () => {
    const found = await read();
    assert.deepEqual(found.server, { id: 'f0e1', name: 'WEB01', kind: 'windows', iis: '10.0', osBuild: 20348 });
    assert.deepEqual([found.account, found.webService, found.scheduleService], ['system', 'started', 'stopped']);
    assert.deepEqual(each(found.sites, 'name', 'id', 'state'), [
      ['Shop', 2, 'started'],
      ['Files', 3, 'stopped'],
      ['Old', 4, 'unknown'],
    ]);
    assert.deepEqual(found.notLookedAt, []);
    assert.equal(found.webAdministration, 'present');
  });

  for (const [what, machine, code] of [
    ['without a GUID', ['machine', '', 'WEB01', '20348', '10', '0'], 'server-unreachable'],
    ['without IIS', ['machine', 'f0e1', 'WEB01', '20348', '', ''], 'iis-missing'],
    ['with IIS 8.0', ['machine', 'f0e1', 'WEB01', '9200', '8', '0'], 'iis-missing'],
  ] as const)
    it(`is none of a server ${what}`, () => assert.rejects(read({ machine: [machine] }), refused(code)));

  it('is one of a server with IIS 8.5, whatever its build is called', async () => {
    const { server } = await read({ machine: [['machine', 'f0e1', 'WEB01', 'x', '8', '5']] });
    assert.deepEqual([server.iis, server.osBuild], ['8.5', 0]);
  });

  for (const part of ['machine', 'certificates'])
    it(`is none where ${part} cannot be read`, () => assert.rejects(read(failed(part)), refused('powershell-failed')));

  for (const [said, account] of [
    ['administrator', 'administrator'],
    ['other', 'other'],
    ['guest', 'unknown'],
  ] as const)
    it(`has the account ${said} as ${account}`, async () =>
      assert.equal((await read({ account: [['account', said]] })).account, account));

  it('takes what WebAdministration says where the configuration does not answer', async () => {
    const bindings = [
      ['2', 'https', '*:443:shop.example.com', '1', '', ''],
      ['2', 'http', '*:80:', '', '', ''],
    ];
    const found = await read(failed('configuration'), bindings);
    assert.deepEqual(
      found.sites.map(({ name, id, state, bindings: own }) => [name, id, state, own.map(({ recordKey }) => recordKey)]),
      [
        ['Shop', 2, 'started', ['shop.example.com:443', null]],
        ['Files', null, 'stopped', []],
      ],
    );
    assert.deepEqual(found.notLookedAt, [{ part: 'ftps', why: 'not-read' }]);
    assert.match(found.sources.find(({ part }) => part === 'sites')?.from ?? '', /^WebAdministration, because: /);
  });

  it('is none where an account that is not elevated may not read the configuration, and one where another may not', async () => {
    const denied = failed('configuration', 'access-denied');
    await assert.rejects(read({ ...denied, account: [['account', 'other']] }), refused('not-elevated'));
    assert.equal((await read(denied)).sites.length, 2);
  });

  it('has the records that bindings show where the tables do not answer, and none that could be written again', async () => {
    const hash = thumbprintOf('old');
    const records = recordsOf(
      await read(failed('records'), [
        ['2', 'https', '*:443:shop.example.com', '1', hash, 'My'],
        ['2', 'https', '*:444:', '0', '', ''],
        ['2', 'http', '*:80:', '0', hash, 'My'],
      ]),
    );
    assert.deepEqual(each(records, 'key', 'thumbprint', 'store'), [['shop.example.com:443', hash, 'My']]);
    assert.equal(
      records.filter((record) => cannotExpress(record, { update: true, options: null }).length > 0).length,
      1,
    );
  });

  it('says which parts were not read', async () => {
    for (const [part, name] of [
      ['tasks', 'tasks'],
      ['lifecycle', 'lifecycle'],
      ['netsh', 'netsh'],
      ['keys', 'keys'],
      ...['reported hyper-v', ...partsOfServer].map((each) => [each, 'others'] as const),
    ] as const)
      assert.deepEqual((await read(failed(part))).notLookedAt, [{ part: name, why: 'not-read' }], part);
  });

  for (const [id, is] of [
    ['module-missing', 'missing'],
    ['access-denied', 'unknown'],
  ] as const)
    it(`has WebAdministration as ${is} where it answers ${id}`, async () =>
      assert.equal((await read(failed('sites', id))).webAdministration, is));

  it('has the addresses of the listen list, as HTTP.SYS writes them', async () => {
    const rows = ['192.0.2.5', '[2001:db8::0:1]', '2001:DB8::2', 'nonsense'].map((address) => ['listen', address]);
    assert.deepEqual((await read({ records: rows })).listenOnly, ['192.0.2.5', '2001:db8::1', '2001:db8::2']);
  });

  for (const [build, written, http3] of [
    ['20348', '1', true],
    ['26100', '1', true],
    ['17763', '1', undefined],
    ['20348', '0', undefined],
    ['20348', '', undefined],
  ] as const)
    it(`answers HTTP/3 on build ${build} with EnableHttp3 ${written || 'absent'}: ${http3 === true}`, async () => {
      const machine = [['machine', 'f0e1', 'WEB01', build, '10', '0']];
      assert.equal((await read({ machine, records: [['http3', written]] })).http3, http3);
    });

  it('has its tasks: enabled unless disabled, in any letters, and run unless Windows says 1999', async () => {
    const { tasks } = await read({
      tasks: [
        ['task', '\\A\\', 'ready', 'Ready', '0', '2026-01-02T03:04:05.0000000Z', '<Task/>'],
        ['task', '\\A\\', 'off', 'Disabled', '267011', '1999-11-30T00:00:00.0000000Z', '<Task/>'],
        ['task', '\\A\\', 'also off', 'DISABLED', '', '', ''],
      ],
    });
    assert.deepEqual(each(tasks, 'name', 'enabled', 'lastRunAt'), [
      ['ready', true, '2026-01-02T03:04:05.000Z'],
      ['off', false, null],
      ['also off', false, null],
    ]);
    assert.equal(tasks[2]?.lastResult ?? null, null);
  });

  it('has its log in the order of the records, and their numbers even where nothing of them can be read', async () => {
    const events = ['9', '8', '7'].map((number) => ['event', number, '<other/>']);
    const log = async (...rows: readonly Row[]) => (await read({ lifecycle: rows })).lifecycle;
    const numbers = { enabled: true, lastRecordId: 9, events: [] };
    assert.deepEqual(await log(['log', 'True', '3', '5'], ...events), { ...numbers, oldestRecordId: 3 });
    assert.deepEqual(await log(['log', 'True', '3', '0'], ...events), { ...numbers, oldestRecordId: 7 });
    assert.deepEqual(await log(['log', 'False', '', '0']), {
      enabled: false,
      oldestRecordId: null,
      lastRecordId: null,
      events: [],
    });
    assert.equal((await log()).enabled, null);
  });

  it('knows what netsh can by the names in its help, in any language', async () => {
    const help = (verb: string, text: string) => ['netsh', verb, text];
    const netsh = async (...rows: readonly Row[]) => (await read({ netsh: rows })).netsh;
    const add = 'Verwendung: add sslcert [ipport=]<IP> [certhash=]<Text> certhash=x disablehttp2=enable-x=1 Xx=';
    assert.deepEqual(await netsh(help('add', add), help('update', 'ipport= certhash=')), {
      update: true,
      options: ['certhash', 'disablehttp2'],
    });
    assert.deepEqual((await netsh(help('add', add), help('update', 'Befehl nicht gefunden'))).update, false);
    assert.deepEqual(await netsh(help('update', 'certhash=')), { update: null, options: null });
  });

  it('has the listeners of other services with what is known of them', async () => {
    const hash = thumbprintOf('old').toLowerCase();
    const { holders } = await read({
      'remote-desktop': [
        ['#rdp', 'listener', 'certificate'],
        ['#rdp-facts', 'listener', 'port', 'denied', 'chosenBy'],
        ...['RDP-Tcp', 'Other', 'Third'].map((listener) => ['rdp', listener, hash]),
        ['rdp-facts', 'RDP-Tcp', '3390', '1', '3'],
        ['rdp-facts', 'Other', '', '0', '2'],
        ['rdp-facts', 'Third', '', '', ''],
      ],
      remoting: [
        ['#winrm', 'listener', 'certificate', 'port', 'hostname'],
        ['#remoting', 'service', 'session'],
        ['winrm', '*+HTTPS', hash, '5986', 'web01.example.com'],
        ['remoting', 'Running', 'perhaps'],
      ],
      'web-management': [
        ['#wmsvc', 'certificate', 'port', 'address'],
        ['#wmsvc-service', 'state'],
        ['wmsvc', hash.toUpperCase(), '8172', '*'],
        ['wmsvc-service', 'Stopped'],
      ],
    });
    const others = holders.filter(({ kind }) => kind !== 'tls' && kind !== 'ftp');
    assert.ok(
      placesOf({ holders: others, sites: [] }).every(
        ({ hashes }) => hashes.length > 0 && hashes.every((hash) => hash === thumbprintOf('old')),
      ),
    );
    assert.deepEqual(
      others.map(({ key, listens, chosenBy = 'person', carriesRun = 'no' }) => [
        key,
        listens?.port,
        listens?.state,
        chosenBy,
        carriesRun,
      ]),
      [
        ['wmsvc/8172', 8172, 'stopped', 'person', 'no'],
        ['rdp/RDP-Tcp', 3390, 'stopped', 'person', 'no'],
        ['rdp/Other', 3389, 'unknown', 'policy', 'no'],
        ['rdp/Third', 3389, 'unknown', 'unknown', 'no'],
        ['winrm/*+HTTPS', 5986, 'started', 'person', 'unknown'],
      ],
    );
  });
});
