import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CertRebindError } from '../../../src/base/errors.ts';
import { proofTask, taskFolder } from '../../../src/documents/scheduled-tasks.ts';
import { type HolderNow, isTls, recordsOf } from '../../../src/kinds/holder.ts';
import { isRead } from '../../../src/kinds/key-access/key-access.ts';
import { formatRecordKey, type KeyText, parseRecordKey } from '../../../src/kinds/record-key.ts';
import type { Snapshot } from '../../../src/kinds/snapshot.ts';
import { type CertificateBinding, makeCertificateBinding } from '../../../src/kinds/tls/certificate-binding.ts';
import { openLabServer } from '../../../src/lab/client/lab-server.ts';
import type { LabResult } from '../../../src/lab/kernel/answers.ts';
import type { FaultEffect, FaultPoint } from '../../../src/lab/kernel/faults.ts';
import { keyProviders } from '../../../src/lab/kernel/holders/key-access.ts';
import type { LabRequest } from '../../../src/lab/kernel/requests.ts';
import { type ReachableLab, reachLab, shortLife } from '../../../src/lab/windows/open.ts';
import { makeSystemRoot, type SystemRoot, setUpRows } from '../../../src/lab/windows/system-root.ts';
import { parseThumbprint, type Thumbprint } from '../../../src/model/certificates/thumbprint.ts';
import { productEntry } from '../../../src/model/windows/product.ts';
import type { Change, Server } from '../../../src/server/server.ts';
import serve from '../../../src/server/windows/adapter/serve.ps1';
import { adapterFileName, adapterText, findAdapterScript } from '../../../src/server/windows/adapter-script.ts';
import { engineEnvironment } from '../../../src/server/windows/engine.ts';
import { WindowsServer, type WindowsServerOptions } from '../../../src/server/windows/windows-server.ts';
import { restoreOf, swapOf } from '../../builders/changes.ts';
import { ftpsOf } from '../../builders/snapshot.ts';
import { findEngine } from '../../engine.ts';
import { nativeTask } from '../../fixtures/native-task.ts';
import { each } from '../../support/each.ts';
import { readRecords, recordNow } from '../../support/read-records.ts';
import { temporaryLab } from '../../support/temporary-lab.ts';
import { withoutKeyFiles } from '../../support/without-key-files.ts';

const engine = findEngine();
const checkout = join(import.meta.dirname, '../../..');

(engine === null ? describe.skip : describe)('Windows server through a real PowerShell', () => {
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  let reached: ReachableLab;
  let root: SystemRoot;
  let server: Server;

  async function openHere(options: Partial<WindowsServerOptions> = {}): Promise<Server> {
    const temporary = join(root.folder, 'Temp');
    await mkdir(temporary, { recursive: true });
    await writeFile(join(root.folder, adapterFileName), adapterText);
    return new WindowsServer({
      engine: root.engine,
      script: findAdapterScript(root.folder),
      env: { ...engineEnvironment(process.env, { systemRoot: root.folder, temporary }), ...shortLife },
      systemRoot: root.folder,
      systemFolder: join(root.folder, 'System32'),
      setUp: setUpOf(root.modules),
      changingFile: join(lab.folder, 'changing'),
      ...options,
    });
  }

  function setUpOf(modules: readonly string[]) {
    const keyFiles = ['key-files', root.programData, keyProviders.software];
    return [...setUpRows({ modules, identity: root.identity }), keyFiles];
  }

  async function setUp(account: 'system' | 'administrator' | 'other' = 'system'): Promise<void> {
    reached = await reachLab(lab.folder);
    root = await makeSystemRoot({ checkout, engine: engine ?? '', lab: lab.folder, pipe: reached.pipe, account });
    server = await openHere();
  }

  async function tearDown(): Promise<void> {
    await server.close();
    await root.remove();
    await reached.close();
  }

  /** For a lab of its own. */
  async function openOwn(): Promise<void> {
    lab = await temporaryLab();
    await setUp();
  }

  async function closeOwn(): Promise<void> {
    await tearDown();
    await lab.remove();
  }

  async function askLab(request: LabRequest): Promise<LabResult> {
    return (await reached.lab.ask({ ask: 'lab', request })).result;
  }

  async function fault(on: FaultPoint, effect: FaultEffect, times: number | null = 1): Promise<void> {
    await askLab({ kind: 'arm-fault', fault: { on, nth: 1, times, effect } });
  }

  /** The same server as the lab's own port sees it. */
  async function seenDirectly(): Promise<Snapshot> {
    const { server: direct } = await openLabServer(lab.folder);
    try {
      return await direct.snapshot();
    } finally {
      await direct.close();
    }
  }

  function thumbprint(at: number): Thumbprint {
    return parseThumbprint(lab.certificates[at]?.thumbprint ?? '', 'lab');
  }

  function swap(key: string, expected: Thumbprint, to: Thumbprint, snapshot: Snapshot, store = 'My'): Change {
    const found = snapshot.sites.flatMap(({ name, bindings }) =>
      bindings.filter(({ recordKey }) => recordKey === key).map(({ information }) => ({ site: name, information })),
    );
    return swapOf({ key: keyText(key), expected, thumbprint: to, store, through: found[0] ?? null });
  }

  describe('a server at rest', () => {
    before(openOwn);
    after(closeOwn);

    it('is seen as the lab sees itself, in one session and two round trips', async () => {
      const [through, direct] = [await server.snapshot(), await seenDirectly()];
      const expected = { ...direct, takenAt: through.takenAt, sources: through.sources };
      for (const { keyRights, thumbprint } of through.certificates)
        assert.ok(isRead(keyRights) && keyRights.file?.endsWith(thumbprint));
      assert.deepEqual(withoutKeyFiles(through), { ...expected, server: { ...direct.server, kind: 'windows' } });
      assert.deepEqual(server.cost(), { sessions: 1, roundTrips: 2, engine: { way: 'file' } });
    });

    it('reads what chains are built from only where a whole look is asked for', async () => {
      assert.ok((await server.snapshot('whole')).trust !== undefined);
      assert.equal((await server.snapshot('brief')).trust, undefined);
    });

    it('tells which source answered', async () => {
      const { sources, notLookedAt } = await server.snapshot();
      assert.match(sources.find(({ part }) => part === 'sites')?.from ?? '', /applicationHost\.config$/);
      assert.equal(sources.find(({ part }) => part === 'central certificate store')?.from, '\\\\files\\certificates');
      assert.deepEqual(notLookedAt, []);
    });

    it('shows single records, and which are absent', async () => {
      const keys = ['shop.example.com:443', '0.0.0.0:443', '[2001:db8::20]:443', 'nobody.example:443'].map(keyText);
      const now = await readRecords(server, keys);
      assert.deepEqual(
        [...now].map(([key, { state }]) => `${key} ${state}`),
        ['shop.example.com:443 holds', '0.0.0.0:443 holds', '[2001:db8::20]:443 holds', 'nobody.example:443 absent'],
      );
    });

    it('shows named certificates with keys that were opened', async () => {
      const found = await server.certificates([thumbprint(1)]);
      assert.deepEqual(
        found.map(({ thumbprint, key, chain, intermediates }) => ({ thumbprint, key, chain, intermediates })),
        [
          {
            thumbprint: thumbprint(1),
            key: 'usable',
            chain: 'complete',
            intermediates: ['CN=LAB-WEB01 Issuing (lab)'],
          },
        ],
      );
    });

    it('is dialled at the loopback address where it listens on all', () => {
      const hosts = ['0.0.0.0', '::', '192.0.2.10', '2001:db8::20'].map((address) => {
        const target = server.dial({ address, port: 443, serverName: null });
        return target.reachable ? target.host : target.reason;
      });
      assert.deepEqual(hosts, ['127.0.0.1', '::1', '192.0.2.10', '2001:db8::20']);
    });

    it('asks WebAdministration when there is no configuration file, and says so', async () => {
      const direct = await seenDirectly();
      await rm(join(root.folder, 'System32', 'inetsrv', 'config', 'applicationHost.config'));
      const { sites, sources, holders, notLookedAt } = await server.snapshot();
      assert.deepEqual(sites, direct.sites);
      assert.deepEqual(ftpsOf({ holders }), []);
      assert.ok(
        notLookedAt.some(({ part, why }) => part === 'ftps' && why === 'not-read'),
        'FTP sites are not known then',
      );
      assert.match(sources.find(({ part }) => part === 'sites')?.from ?? '', /^WebAdministration, because/);
    });

    it('follows redirection.config to a shared configuration', async () => {
      assert.ok(!(await server.snapshot()).sources.some(({ part }) => part === 'shared configuration'));
      const folder = join(root.folder, 'System32', 'inetsrv', 'config');
      const redirection = `<configuration><configurationRedirection enabled="true" path="${lab.folder}" /></configuration>`;
      await writeFile(join(folder, 'redirection.config'), redirection);
      const { sources } = await server.snapshot();
      assert.equal(sources.find(({ part }) => part === 'sites')?.from, join(lab.folder, 'applicationHost.config'));
      assert.equal(sources.find(({ part }) => part === 'shared configuration')?.from, lab.folder);
    });
  });

  describe('a server that may not be read in part', () => {
    /** In front of each command: what the file `denied` names is denied, everything else is the lab's. */
    const refusals = ['Get-Item', 'Get-ChildItem', 'Get-WinEvent', 'Get-Website'].map(
      (
        name,
      ) => `function ${name} { [CmdletBinding()] param($LiteralPath, [switch]$Force, $ListLog, $LogName, $MaxEvents)
  $command, $path = [IO.File]::ReadAllText([IO.Path]::Combine($script:SystemRoot, 'denied')) -split ' ', 2
  if ($command -eq '${name}' -and $LiteralPath -like $path) { Write-Error -Message 'Zugriff verweigert' -Category PermissionDenied; return }
  & (Get-Command -Name '${name}' -CommandType Cmdlet) @PSBoundParameters
}`,
    );

    before(async () => {
      lab = await temporaryLab({ holders: true, sites: 1 });
      await setUp();
      await server.close();
      const file = join(root.folder, 'refusing.ps1');
      const text = adapterText.replace(serve, () => [...refusals, serve].join('\n'));
      await writeFile(file, text);
      server = await openHere({ script: { file, text } });
    });
    after(closeOwn);

    const parts = 'HKLM:\\SYSTEM\\CurrentControlSet\\';
    const readWithout = async (denied: string) => {
      await writeFile(join(root.folder, 'denied'), denied);
      return server.snapshot();
    };

    it('takes the records under bindings from IIS, and writes none of them whole', async () => {
      const all = await readWithout('nothing ');
      assert.deepEqual([all.notLookedAt, all.webAdministration], [[], 'present']);
      const snapshot = await readWithout(`Get-Item ${parts}Services\\HTTP\\*`);
      const source = snapshot.sources.find(({ part }) => part === 'records')?.from ?? '';
      assert.match(source, /^WebAdministration, because: .*denied access: Zugriff verweigert/);
      assert.ok(recordsOf(snapshot).length > 0 && recordsOf(snapshot).length < recordsOf(all).length);
      for (const { key, thumbprint, options } of recordsOf(snapshot)) {
        assert.equal(thumbprint, recordsOf(all).find((record) => record.key === key)?.thumbprint);
        assert.deepEqual(options.unknownValues, ['options not read']);
      }
    });

    for (const [denied, part] of [
      ['Get-WinEvent *', 'lifecycle'],
      [`Get-Item ${parts}Control\\Terminal Server\\WinStations`, 'others'],
      ['Get-Item HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WSMAN\\*', 'others'],
      ['Get-Item HKLM:\\SOFTWARE\\Microsoft\\WebManagement\\*', 'others'],
    ] as const)
      it(`says that ${part} were not read: ${denied}`, async () => {
        const { notLookedAt } = await readWithout(denied);
        assert.deepEqual(notLookedAt, [{ part, why: 'not-read' }]);
      });

    for (const denied of ['Get-ChildItem Cert:*', 'Get-Item HKLM:\\SOFTWARE\\Microsoft\\Cryptography'])
      it(`is refused, and nothing taken for empty: ${denied}`, async () => {
        await assert.rejects(readWithout(denied), { code: 'not-elevated', message: /Zugriff verweigert/ });
      });

    it('does not know the states of its sites', async () => {
      const { sites, webAdministration } = await readWithout('Get-Website *');
      assert.deepEqual([webAdministration, ...new Set(sites.map(({ state }) => state))], ['unknown', 'unknown']);
    });
  });

  describe('who asks, and what is there', () => {
    before(async () => {
      lab = await temporaryLab();
    });
    after(() => lab.remove());
    afterEach(tearDown);

    it('an administrator cannot tell whether SYSTEM can open a key', async () => {
      await setUp('administrator');
      const { account, certificates } = await server.snapshot();
      assert.equal(account, 'administrator');
      assert.deepEqual([...new Set(certificates.map(({ key }) => key))], ['unknown']);
    });

    it('somebody else is told at once that elevation is missing', async () => {
      await setUp('other');
      await assert.rejects(server.snapshot(), { code: 'not-elevated', exitCode: 7 });
    });

    it('with neither the configuration of IIS nor its module there is nothing to work on', async () => {
      await setUp();
      await rm(join(root.folder, 'System32', 'inetsrv', 'config', 'applicationHost.config'));
      await server.close();
      server = await openHere({
        setUp: setUpOf(root.modules.filter((module) => !module.includes('WebAdministration'))),
      });
      await askLab({ kind: 'read' });
      await assert.rejects(server.snapshot(), (error) => {
        assert.ok(error instanceof CertRebindError);
        assert.equal(error.exitCode, 7);
        assert.equal(error.code, 'module-missing');
        assert.match(error.hint ?? '', /Web-Scripting-Tools/);
        return true;
      });
    });
  });

  for (const [iis, refused] of [
    ['7.5', true],
    ['8.0', true],
    ['8.5', false],
  ] as const)
    it(`IIS ${iis} is ${refused ? 'refused, and named' : 'worked on'}: certificate rebind began with 8.5`, async () => {
      lab = await temporaryLab();
      const file = join(lab.folder, 'lab.json');
      const settings = JSON.parse(await readFile(file, 'utf8'));
      await writeFile(file, JSON.stringify({ ...settings, server: { ...settings.server, iis } }));
      try {
        await setUp();
        if (!refused) assert.equal((await server.snapshot()).server.iis, iis);
        else await assert.rejects(server.snapshot(), { code: 'iis-missing', message: /has IIS 7\.5|has IIS 8\.0/ });
      } finally {
        await closeOwn();
      }
    });

  describe('changes that do not disturb one another', () => {
    before(openOwn);
    after(closeOwn);

    it('leave a record alone that does not hold what was expected', async () => {
      const before = await server.snapshot();
      const [report] = await server.change([swap('shop.example.com:443', thumbprint(1), thumbprint(1), before)]);
      assert.equal(report?.error?.code, 'changed-meanwhile');
      assert.equal(report?.now?.state === 'holds' && report.now.holder.value.thumbprint, thumbprint(0));
    });

    it('find a binding by its whole information and kind, never by a wildcard', async () => {
      const before = await server.snapshot();
      const [report] = await server.change([
        swapOf({
          key: keyText('shop.example.com:443'),
          expected: thumbprint(0),
          thumbprint: thumbprint(1),
          store: 'WebHosting',
          through: { site: 'Shop', information: '*:443:*' },
        }),
      ]);
      assert.equal(report?.error?.code, 'refused');
      assert.deepEqual(recordsOf(await seenDirectly()), recordsOf(before));
    });

    it('refuse what netsh here cannot express, and change nothing', async () => {
      const before = await server.snapshot();
      const record = makeCertificateBinding({ key: keyText('0.0.0.0:443'), thumbprint: thumbprint(0), flags: 0x2000 });
      const [report] = await server.change([restoreOf(record)]);
      assert.equal(report?.error?.code, 'cannot-express');
      assert.deepEqual(recordsOf(await seenDirectly()), recordsOf(before));
    });

    it('do not take the exit code of netsh for success', async () => {
      // So that the help of netsh was read, which the fault would count.
      await server.snapshot();
      await fault({ kind: 'netsh', verb: 'add' }, { do: 'no-effect' });
      const record = makeCertificateBinding({ key: keyText('0.0.0.0:7443'), thumbprint: thumbprint(0) });
      const [report] = await server.change([restoreOf(record)]);
      assert.equal(report?.now?.state, 'absent');
    });

    it('register, disable, enable and remove tasks, and removing twice is fine', async () => {
      const place = { path: taskFolder, name: 'IIS-AutoCertRebind' };
      const steps: readonly (readonly [Change, string])[] = [
        [{ do: 'register-task', ...place, xml: nativeTask }, 'true'],
        [{ do: 'set-task-enabled', ...place, enabled: false }, 'false'],
        [{ do: 'set-task-enabled', ...place, enabled: true }, 'true'],
        [{ do: 'register-task', ...place, xml: nativeTask }, 'true'],
        [{ do: 'unregister-task', ...place }, 'absent'],
        [{ do: 'unregister-task', ...place }, 'absent'],
      ];
      for (const [change, expected] of steps) {
        const [report] = await server.change([change]);
        assert.deepEqual(report, { do: change.do, error: null, now: null });
        const task = (await server.tasks()).find(({ name }) => name === place.name);
        assert.equal(task === undefined ? 'absent' : String(task.enabled), expected);
      }
    });

    it('write to the Application log, run and exit code among the text', async () => {
      const entry = {
        eventId: 130,
        level: 'error',
        text: 'Bad "news" für 店 😀',
        data: { run: 'r-1', exitCode: '5' },
      } as const;
      const [report] = await server.change([{ do: 'log', ...entry }]);
      assert.equal(report?.error, null);
      const state = await reached.lab.ask({ ask: 'lab', request: { kind: 'read' } });
      assert.match(JSON.stringify(state), /Bad \\"news\\" für 店 😀.*run: r-1.*exitCode: 5/);
    });

    it('enable the lifecycle log', async () => {
      await askLab({ kind: 'enable-log', enabled: false });
      assert.equal((await server.snapshot()).lifecycle.enabled, false);
      const [report] = await server.change([{ do: 'enable-lifecycle-log' }]);
      assert.equal(report?.error, null);
      assert.equal((await server.snapshot()).lifecycle.enabled, true);
    });

    it('list the program among the installed ones, write only what differs, and remove it again', async () => {
      const product = productEntry({
        version: '1.2.3',
        folder: 'C:\\Program Files\\CertRebind',
        program: 'C:\\Program Files\\CertRebind\\certrebind.exe',
        bytes: 90_000_000,
      });
      const path = 'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\CertRebind';
      const labNow = async () => {
        const result = await askLab({ kind: 'read' });
        assert.ok(result.kind === 'state');
        return result.state;
      };
      const list = async (values: Readonly<Record<string, string | number>>) =>
        assert.deepEqual(await server.change([{ do: 'list-product', product: { values } }]), [
          { do: 'list-product', error: null, now: null },
        ]);
      await list(product.values);
      assert.deepEqual((await labNow()).registry, { [path]: product.values });
      const { writes } = (await labNow()).counters;
      await list(product.values);
      assert.equal((await labNow()).counters.writes, writes);
      await list({ ...product.values, DisplayVersion: '1.2.4', EstimatedSize: 5 });
      assert.equal((await labNow()).counters.writes, writes + 2);
      assert.deepEqual((await labNow()).registry?.[path]?.DisplayVersion, '1.2.4');
      for (const _twice of [1, 2]) {
        const [report] = await server.change([{ do: 'unlist-product' }]);
        assert.equal(report?.error, null);
        assert.deepEqual((await labNow()).registry, {});
      }
    });

    it('remove the source of the Application log, also where there is none', async () => {
      await server.change([{ do: 'log', eventId: 180, level: 'information', text: 'A text.', data: {} }]);
      for (const _twice of [1, 2]) {
        const [report] = await server.change([{ do: 'remove-log-source' }]);
        assert.equal(report?.error, null);
        const result = await askLab({ kind: 'read' });
        assert.ok(result.kind === 'state');
        assert.deepEqual(result.state.applicationLog.sources, []);
        assert.equal(result.state.applicationLog.entries.at(-1)?.text, 'A text.');
      }
      const [again] = await server.change([
        { do: 'log', eventId: 180, level: 'information', text: 'Another.', data: {} },
      ]);
      assert.equal(again?.error, null);
    });

    // Last: each leaves the layout of its own.
    for (const position of ['guid', 'name'] as const) {
      it(`restore records whole, absent ones too, and remove them (SNI entries by ${position})`, async () => {
        await askLab({ kind: 'set-switch', name: 'sni-layout', position });
        const records = ['0.0.0.0:7443', '[2001:db8::7]:7443', 'new.example.com:7443'].map((key) =>
          makeCertificateBinding({ key: keyText(key), thumbprint: thumbprint(0), flags: 0x2 | 0x10, certCheckMode: 1 }),
        );
        for (let round = 1; round <= 2; round += 1) {
          const reports = await server.change(records.map((record) => restoreOf(record)));
          assert.deepEqual(each(reports, 'error'), [null, null, null]);
          for (const [at, { now }] of reports.entries()) assertHolds(now, records[at]);
        }
        const removals: readonly Change[] = records.map(({ key }) => ({ do: 'remove', key }));
        for (let round = 1; round <= 2; round += 1) {
          const reports = await server.change(removals);
          assert.deepEqual(
            reports.map(({ error, now }) => [error, now?.state]),
            removals.map(() => [null, 'absent']),
          );
        }
      });
    }
  });

  describe('changes', () => {
    beforeEach(openOwn);
    afterEach(closeOwn);

    it('swap the records under bindings in one round trip, keep every option, and touch no other', async () => {
      const before = await server.snapshot();
      const keys = ['0.0.0.0:443', 'shop.example.com:443', '[2001:db8::20]:443', '*.apps.example.com:443'];
      const trips = server.cost().roundTrips;
      const reports = await server.change(
        keys.map((key) => swap(key, thumbprint(0), thumbprint(1), before, 'WebHosting')),
      );
      assert.deepEqual(each(reports, 'error'), [null, null, null, null]);
      assert.equal(server.cost().roundTrips, trips + 1);
      for (const { now } of reports) {
        assert.equal(
          now?.state === 'holds' ? `${now.holder.value.thumbprint} ${now.holder.value.store}` : now?.state,
          `${thumbprint(1)} WebHosting`,
        );
      }
      const after = await seenDirectly();
      for (const record of recordsOf(after)) {
        const old = recordsOf(before).find(({ key }) => key === record.key);
        if (keys.includes(record.key)) assert.deepEqual(record.options, old?.options);
        else assert.deepEqual(record, old);
      }
    });

    it('find a binding with the SNI flag and no host under the record by address on which it stands', async () => {
      const file = join(lab.folder, 'applicationHost.config');
      const text = await readFile(file, 'utf8');
      const flagged = text.replace(/(bindingInformation="\*:8443:")( sslFlags="\d+")?/, '$1 sslFlags="1"');
      assert.notEqual(flagged, text);
      await writeFile(file, flagged);
      const before = await server.snapshot();
      const old = recordsOf(before).find(({ key }) => key === '0.0.0.0:8443')?.thumbprint ?? thumbprint(0);
      const change = swap('0.0.0.0:8443', old, thumbprint(0), before);
      assert.equal(change.do === 'put' && change.through?.information, '*:8443:');
      const [report] = await server.change([change]);
      assert.equal(report?.error, null);
      assert.equal(report?.now?.state === 'holds' && report.now.holder.value.thumbprint, thumbprint(0));
    });

    it('go on after one that Windows refuses, and give its words', async () => {
      const before = await server.snapshot();
      const missing = parseThumbprint('AB'.repeat(20), 'test');
      const [refused, done] = await server.change([
        swap('shop.example.com:443', thumbprint(0), missing, before),
        swap('www.example.net:443', thumbprint(0), thumbprint(1), before, 'WebHosting'),
      ]);
      assert.equal(refused?.error?.code, 'refused');
      assert.match(refused?.error?.message ?? '', /0x8/);
      assert.equal(done?.error, null);
    });

    it('swap a record that no binding stands on through netsh, with its options', async () => {
      const before = await server.snapshot();
      const other = recordsOf(before).find(({ key }) => key === '0.0.0.0:10443');
      const [report] = await server.change([
        swap('0.0.0.0:10443', other?.thumbprint ?? thumbprint(0), thumbprint(1), before, 'WebHosting'),
      ]);
      assert.equal(report?.error, null);
      const now = report?.now == null ? null : recordNow(report.now);
      assert.ok(now?.state === 'holds');
      assert.equal(now.holder.value.thumbprint, thumbprint(1));
      assert.equal(now.holder.value.appId, other?.appId);
      assert.deepEqual(now.holder.value.options, other?.options);
    });

    it('reach a site whatever its name is, and evaluate nothing of it', async () => {
      const canary = join(root.folder, 'canary');
      const name = `Tom's "$(New-Item '${canary}')" \`n; exit 3 日本語 😀`;
      const file = join(lab.folder, 'applicationHost.config');
      const escaped = name.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
      await writeFile(file, (await readFile(file, 'utf8')).replace('name="Shop"', `name="${escaped}"`));
      const before = await server.snapshot();
      assert.ok(before.sites.some((site) => site.name === name && site.state === 'started'));
      const [report] = await server.change([
        swap('shop.example.com:443', thumbprint(0), thumbprint(1), before, 'WebHosting'),
      ]);
      assert.equal(report?.error, null);
      assert.equal(existsSync(canary), false);
    });

    it('are silent when the engine hangs: it is killed, and the next question gets a new one', async () => {
      await server.close();
      server = await openHere({ callTimeoutMs: 10_000, changingWaitMs: 1000 });
      const before = await server.snapshot();
      await fault({ kind: 'binding-method' }, { do: 'hang', after: true });
      const [report] = await server.change([swap('shop.example.com:443', thumbprint(0), thumbprint(1), before)]);
      assert.equal(report?.error?.code, 'silent');
      assert.equal(report?.now?.state, 'unknown');
      const now = await readRecords(server, [keyText('shop.example.com:443')]);
      assert.equal([...now.values()][0]?.state, 'holds');
      assert.equal(server.cost().sessions, 2);
    });

    it('are silent when the engine dies in the middle', async () => {
      const before = await server.snapshot();
      await fault({ kind: 'binding-method' }, { do: 'die', after: false });
      const reports = await server.change([
        swap('shop.example.com:443', thumbprint(0), thumbprint(1), before, 'WebHosting'),
        swap('www.example.net:443', thumbprint(0), thumbprint(1), before, 'WebHosting'),
      ]);
      assert.deepEqual(
        reports.map(({ error }) => error?.code),
        ['silent', 'silent'],
      );
      assert.deepEqual(recordsOf(await seenDirectly()), recordsOf(before));
    });

    it('wait for a PowerShell that is still changing, and touch nothing when it does not end', async () => {
      const changingFile = join(lab.folder, 'changing');
      const before = await server.snapshot();
      const here = await openHere({ changingWaitMs: 500 });
      const change = [swap('www.example.net:443', thumbprint(0), thumbprint(1), before, 'WebHosting')];
      // Another PowerShell holds the file until its input ends.
      const other = powerShell(`
        $held = [IO.FileStream]::new('${changingFile}', 'OpenOrCreate', 'ReadWrite', 'None')
        'held'
        $null = [Console]::In.ReadLine()
        $held.Dispose()`);
      try {
        await once(other.stdout, 'data');
        await assert.rejects(
          here.change(change),
          (error) =>
            error instanceof CertRebindError &&
            error.code === 'locked' &&
            error.where === changingFile &&
            error.message.includes(error.where),
        );
        assert.deepEqual(recordsOf(await seenDirectly()), recordsOf(before));
        other.stdin.end();
        await once(other, 'close');
        assert.equal((await here.change(change))[0]?.error, null);
      } finally {
        other.kill('SIGKILL');
        await here.close();
      }
    });

    it('hold the file that others wait for until they are made', async () => {
      const changingFile = join(lab.folder, 'changing');
      const before = await server.snapshot();
      // Another PowerShell tries to open the file, again and again, until it is refused.
      const other = powerShell(`
        'ready'
        while ($true) {
            try { [IO.FileStream]::new('${changingFile}', 'OpenOrCreate', 'ReadWrite', 'None').Dispose() }
            catch [IO.IOException] { 'refused'; break }
            [Threading.Thread]::Sleep(20)
        }`);
      const closed = once(other, 'close');
      try {
        const said: string[] = [];
        other.stdout.setEncoding('utf8').on('data', (text: string) => said.push(text));
        await once(other.stdout, 'data');
        await fault({ kind: 'binding-method' }, { do: 'delay', ms: 10_000 });
        const [report] = await server.change([
          swap('shop.example.com:443', thumbprint(0), thumbprint(1), before, 'WebHosting'),
        ]);
        assert.equal(report?.error, null);
        other.kill('SIGKILL');
        await closed;
        assert.match(said.join(''), /refused/u);
      } finally {
        other.kill('SIGKILL');
      }
    });

    function powerShell(script: string): ChildProcessWithoutNullStreams {
      return spawn(engine ?? '', ['-NoProfile', '-NonInteractive', '-Command', script]);
    }
  });

  describe('changes that have to come alone', () => {
    before(openOwn);
    after(closeOwn);

    const event = { do: 'log', eventId: 100, level: 'information', text: 'A test.', data: {} } as const;

    it('let go of the file that they held, and the next can come at once', async () => {
      const changingFile = join(lab.folder, 'held');
      const here = await openHere({ changingFile, changingWaitMs: 500 });
      try {
        assert.equal((await here.change([event]))[0]?.error, null);
        assert.equal((await here.change([event]))[0]?.error, null);
        assert.ok(existsSync(changingFile));
      } finally {
        await here.close();
      }
    });

    it('have nobody to wait for where no run has made the folder, and make none', async () => {
      const folder = join(lab.folder, 'not-there');
      const here = await openHere({ changingFile: join(folder, 'changing') });
      try {
        assert.equal((await here.change([event]))[0]?.error, null);
        assert.equal(existsSync(folder), false);
      } finally {
        await here.close();
      }
    });
  });

  describe('orders to Task Scheduler', () => {
    before(openOwn);
    after(closeOwn);

    const task = proofTask({ command: 'C:\\certrebind.exe' }, '0123456789abcdef');
    const { path, name } = task;

    it('need not the file that changes hold, since what a task starts may need it', async () => {
      await server.change([{ do: 'register-task', ...task }]);
      // A folder in its place keeps every change out.
      const here = await openHere({ changingFile: lab.folder, changingWaitMs: 0 });
      try {
        await assert.rejects(here.change([{ do: 'unregister-task', path, name }]));
        for (const order of ['start-task', 'stop-task'] as const) {
          assert.deepEqual(await here.change([{ do: order, path, name }]), [{ do: order, error: null, now: null }]);
        }
      } finally {
        await here.close();
      }
    });

    it('of a task that is not there: starting is refused, and stopping is done', async () => {
      const other = { path, name: 'CertRebind-Proof-none' };
      const [start, stop] = await server.change([
        { do: 'start-task', ...other },
        { do: 'stop-task', ...other },
      ]);
      assert.equal(start?.error?.code, 'refused');
      assert.equal(stop?.error, null);
    });
  });

  describe('a host whose netsh cannot update', () => {
    before(async () => {
      lab = await temporaryLab();
      const file = join(lab.folder, 'lab.json');
      await writeFile(file, (await readFile(file, 'utf8')).replace('"osBuild": 20348', '"osBuild": 14393'));
      await setUp();
    });
    after(closeOwn);

    it('deletes and adds with every option', async () => {
      const { netsh, holders } = await server.snapshot();
      assert.equal(netsh.update, false);
      const record = recordsOf({ holders }).find(({ key }) => key === '0.0.0.0:10443');
      assert.ok(record !== undefined);
      const changed: CertificateBinding = { ...record, thumbprint: thumbprint(1), store: 'WebHosting' };
      const [report] = await server.change([restoreOf(makeCertificateBinding(partsOf(changed)))]);
      assert.equal(report?.error, null);
      assertHolds(report?.now, makeCertificateBinding(partsOf(changed)));
    });

    it('puts the old record back at once when it cannot be added', async () => {
      const record = recordsOf(await server.snapshot()).find(({ key }) => key === '0.0.0.0:10443');
      assert.ok(record !== undefined);
      await fault(
        { kind: 'netsh', verb: 'add', key: '0.0.0.0:10443' },
        { do: 'fail', hresult: 0x80070520, message: 'A specified logon session does not exist.' },
      );
      const wanted = makeCertificateBinding({ ...partsOf(record), thumbprint: thumbprint(0), store: 'My' });
      const [report] = await server.change([restoreOf(wanted)]);
      assert.equal(report?.error?.code, 'refused');
      assertHolds(report?.now, record);
    });
  });
});

function keyText(text: string): KeyText {
  return formatRecordKey(parseRecordKey(text, 'test'));
}

function partsOf({ key, thumbprint, store, appId, options }: CertificateBinding) {
  const { flags, certCheckMode, revocationFreshnessSeconds, urlRetrievalTimeoutMs } = options;
  return { key, thumbprint, store, appId, flags, certCheckMode, revocationFreshnessSeconds, urlRetrievalTimeoutMs };
}

function assertHolds(now: HolderNow | null | undefined, expected: CertificateBinding | undefined): void {
  assert.ok(now?.state === 'holds' && isTls(now.holder) && expected !== undefined, JSON.stringify(now));
  const record = now.holder.value;
  assert.deepEqual(
    { ...partsOf(record), unknown: record.options.unknownValues },
    { ...partsOf(expected), unknown: expected.options.unknownValues },
  );
}
