import assert from 'node:assert/strict';
import {
  nativeTaskName,
  rebindTaskName,
  reconcileTaskName,
  taskFolder,
  triggerTask,
} from '../../../src/documents/scheduled-tasks.ts';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import { type DoctorFacts, noInstallation, type SetupFacts } from '../../../src/engine/findings/facts.ts';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import { statusOf } from '../../../src/engine/views/server-status.ts';
import { type PartName, unknownParts } from '../../../src/kinds/unknown-parts.ts';
import { ledgerOf } from '../../builders/ledger.ts';
import {
  certificate,
  logOf,
  now,
  policy,
  record,
  renewal,
  replaced,
  type SnapshotParts,
  site,
  snapshot,
  sni,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { nativeTask } from '../../fixtures/native-task.ts';
import { assertNone, each } from '../../support/each.ts';
import { factsOf, ownTasks, taskEntry, verified } from '../findings/facts.ts';
import { factsIn, situations } from '../findings/situations.ts';
import { outcomeOf } from '../plan/outcomes.ts';

const native = taskEntry({ path: taskFolder, name: nativeTaskName, xml: nativeTask, lastResult: 5, lastRunAt: now });
const [event = native, hourly = native] = ownTasks;

function status(server: SnapshotParts, parts: Partial<DoctorFacts> = {}) {
  return statusOf(lookAt({ ...factsOf(server), ...parts }));
}

/** What is found of the certificate of the shop. */
const ending = ({ findings }: ReturnType<typeof status>) =>
  findings.flatMap(({ code, certificate }) =>
    certificate === thumbprintOf('shop') && /^certificate-e/.test(code) ? [code] : [],
  );

const tasksIn = (server: SnapshotParts) => status(server).tasks.map(({ name, is, enabled }) => [name, is, enabled]);
describe('the status of a server', () => {
  it('in good order: on, nothing pending, nothing wrong', () => {
    assert.deepEqual(status({}), {
      schema: 'certrebind/status/1',
      at: now,
      server: { name: 'WEB01', iis: '10.0', windowsBuild: 20348, timeZone: null },
      rank: 2,
      actions: [],
      places: [],
      dialledAt: null,
      inUse: { sites: 0, certificates: 0, thumbprints: [], nextEnd: null },
      certificates: [],
      enabled: true,
      tasks: [
        {
          path: taskFolder,
          name: rebindTaskName,
          is: 'ours',
          enabled: true,
          lastResult: null,
          lastRunAt: null,
          nextStartAt: null,
        },
        {
          path: taskFolder,
          name: reconcileTaskName,
          is: 'ours',
          enabled: true,
          lastResult: null,
          lastRunAt: null,
          nextStartAt: '2026-06-01T12:17:00.000Z',
        },
      ],
      native: { present: false, enabled: false },
      log: { enabled: true, lastRecordId: null, lastRenewal: null },
      channels: [],
      pending: [],
      waiting: [],
      held: [],
      ledger: { entries: [], listing: null },
      lastRun: null,
      lastError: null,
      engine: null,
      proof: null,
      findings: [],
    });
  });

  it('is not on while the task is disabled, changed or missing, whatever the hourly one is', () => {
    const changed = { ...event, xml: event.xml.replace('Program Files', 'Users\\Public') };
    for (const tasks of [[{ ...event, enabled: false }, hourly], [changed, hourly], [hourly]])
      assert.equal(status({ tasks }).enabled, false);
    assert.equal(status({ tasks: [event, { ...hourly, enabled: false }] }).enabled, true);
    assert.equal(status({ tasks: [event] }).enabled, true);
  });

  it('lists the tasks that have to do with it, and those that are missing, and no other', () => {
    const changed = { ...event, xml: event.xml.replace('Program Files', 'Users\\Public') };
    const trigger = taskEntry(triggerTask({ command: 'C:\\crb.exe' }, { id: 'mail', on: 'deleted' }));
    const acme = taskEntry({ path: '\\', name: 'win-acme renew', xml: '<Task/>', enabled: false });
    const backup = taskEntry({ path: '\\', name: 'Backup', xml: '<Task/>' });
    const elsewhere = { ...hourly, path: '\\Elsewhere\\' };
    assert.deepEqual(tasksIn({ tasks: [changed, trigger, native, acme, backup, elsewhere] }), [
      [rebindTaskName, 'changed', true],
      [nativeTaskName, 'native', true],
      ['win-acme renew', 'third-party', false],
      [reconcileTaskName, 'missing', false],
    ]);
    assert.deepEqual(status({ tasks: [] }).tasks[0], {
      path: taskFolder,
      name: rebindTaskName,
      is: 'missing',
      enabled: false,
      lastResult: null,
      lastRunAt: null,
      nextStartAt: null,
    });
    assert.deepEqual(status({ tasks: [native] }).tasks[0], {
      path: taskFolder,
      name: nativeTaskName,
      is: 'native',
      enabled: true,
      lastResult: 5,
      lastRunAt: now,
      nextStartAt: null,
    });
  });

  it('tells of the task of IIS Manager, and of the log', () => {
    assert.deepEqual(status({ tasks: [native] }).native, { present: true, enabled: true });
    assert.deepEqual(status({ tasks: [{ ...native, enabled: false }] }).native, { present: true, enabled: false });
    const log = (parts: SnapshotParts) => status(parts).log;
    const empty = { oldestRecordId: null, lastRecordId: null, events: [] };
    assert.deepEqual(log({ lifecycle: { ...empty, enabled: false } }), {
      enabled: false,
      lastRecordId: null,
      lastRenewal: null,
    });
    assert.deepEqual(
      log({
        lifecycle: { ...empty, enabled: null, lastRecordId: 9 },
        notLookedAt: unknownParts('not-read', ['lifecycle']),
      }),
      {
        enabled: null,
        lastRecordId: 9,
        lastRenewal: null,
      },
    );
  });

  it('has what is pending, closed over the links between', () => {
    const { pending } = status({
      sites: [site('Shop', [sni('shop.example.com')])],
      records: [record('shop.example.com:443', 'a')],
      certificates: [certificate('a'), certificate('c')],
      lifecycle: logOf(replaced(1, 'a', 'b'), replaced(2, 'b', 'c')),
    });
    assert.deepEqual(each(pending, 'old', 'new'), [[thumbprintOf('a'), thumbprintOf('c')]]);
  });

  it('says of a renewal that was rolled back that it is held, by which run, and on which records', () => {
    const heldAt = [record('shop.example.com:443', 'a').key];
    const undone = { renewal: renewal('a', 'b'), state: 'undone', heldAt, run: 'r' } as const;
    const seen = status(
      {
        sites: [site('Shop', [sni('shop.example.com')])],
        records: [record('shop.example.com:443', 'a')],
        certificates: [certificate('a', { renewedTo: 'b' }), certificate('b')],
      },
      { ledger: ledgerOf([undone]) },
    );
    assert.deepEqual(seen.pending, []);
    assert.deepEqual(seen.held, [
      {
        renewal: renewal('a', 'b', { source: 'renewal-property' }),
        records: ['shop.example.com:443'],
        run: 'r',
        at: now,
      },
    ]);
  });

  it('remembers the ledger, the last run and the last failure to work', () => {
    const listing = { listedAt: now, lastRecordId: null, lastTimeCreated: null };
    const entry = { renewal: renewal('a', 'b'), state: 'settled', reasons: [], run: 'r', at: now } as const;
    const lastError = {
      schema: 'certrebind/error/1',
      exitCode: 7,
      error: { code: 'powershell-missing', message: 'No PowerShell.', hint: null, where: null },
    } as const;
    const seen = status(
      {},
      {
        ledger: ledgerOf([entry], { listing }),
        lastError,
        installation: {
          ...noInstallation,
          unsafe: [{ path: 'C:\\Tools', why: 'Users may write', mend: null }],
          trusted: { accounts: ['S-1-5-21-1-2-3-1105'], refused: [] },
          engine: { way: 'file' },
          setup: null,
        },
      },
    );
    assert.deepEqual(seen.ledger, { entries: [entry], listing });
    assert.deepEqual(seen.lastError, lastError);
    assert.deepEqual(seen.engine, { way: 'file' });
  });

  describe('names certificates under bindings that end soon', () => {
    const shop = (notAfter: string): SnapshotParts => ({
      sites: [site('Shop', [sni('shop.example.com'), sni('www.example.com')])],
      records: [
        record('shop.example.com:443', 'shop'),
        record('www.example.com:443', 'shop'),
        record('other.example.com:443', 'shop'),
        record('www.example.com:8443', 'other'),
      ],
      certificates: [
        certificate('shop', { notAfter }),
        certificate('shop', { notAfter, store: 'WebHosting' }),
        certificate('other', { notAfter }),
        certificate('unused', { notAfter }),
      ],
    });
    for (const [what, notAfter, endsWithinDays, code] of [
      ['that has ended', '2026-05-31T12:00:00.000Z', 7, 'certificate-expired'],
      ['that ended this moment', now, 7, 'certificate-expired'],
      ['in a day', '2026-06-03T11:59:59.000Z', 7, 'certificate-ends-soon'],
      ['at the end of the days', '2026-06-08T12:00:00.000Z', 7, 'certificate-ends-soon'],
      ['after them', '2026-06-08T12:00:00.001Z', 7, null],
      ['at the end of other days', '2026-06-08T12:00:00.001Z', 8, 'certificate-ends-soon'],
    ] as const)
      it(`one ${what}`, () => {
        assert.deepEqual(ending(status(shop(notAfter), { endsWithinDays })), code === null ? [] : [code]);
      });

    it('unless something renews it', () => {
      const server = shop('2026-06-03T11:59:59.000Z');
      const seen = status({ ...server, lifecycle: logOf(replaced(1, 'shop', 'next')) });
      assert.deepEqual(ending(seen), []);
      assert.equal(seen.pending?.length, 1);
    });
  });

  it('calls by name the certificates in use, of what is remembered and of what is pending, and no other', () => {
    const labels = ['used', 'next', 'earlier', 'later'];
    const entry = { renewal: renewal('earlier', 'later'), state: 'settled', reasons: [], run: 'r', at: now } as const;
    const { certificates } = status(
      {
        sites: [site('Shop', [sni('shop.example.com')])],
        records: [record('shop.example.com:443', 'used')],
        certificates: [...labels, 'unused'].map((label) => certificate(label)),
        lifecycle: logOf(replaced(1, 'used', 'next')),
      },
      { ledger: ledgerOf([entry]) },
    );
    assert.deepEqual(each(certificates, 'thumbprint'), labels.map(thumbprintOf).sort());
  });

  it('says of what waits for the window when it opens here, and of nothing else', () => {
    const server = {
      sites: [site('Shop', [sni('shop.example.com')])],
      records: [record('shop.example.com:443', 'a')],
      certificates: [certificate('a', { renewedTo: 'b' }), certificate('b')],
    };
    assert.deepEqual(status(server).waiting, []);
    const configuration = policy({ window: { from: '22:00', to: '01:00' } });
    const [waiting, ...others] = status(server, { configuration }).waiting;
    assert.deepEqual(
      [waiting?.renewal, waiting?.window, others],
      [renewal('a', 'b', { source: 'renewal-property' }), '22:00-01:00 UTC', []],
    );
    assert.match(waiting?.notBefore ?? '', /^2026-06-01T2[23]:/);
  });

  it('says how the last run ended, and when it began', () => {
    const plan = planRebind({ snapshot: snapshot(), renewals: [], configuration: policy() });
    const lastOutcome = outcomeOf(plan, []);
    const { run, result, exitCode, startedAt } = lastOutcome;
    assert.deepEqual(status({}, { lastOutcome }).lastRun, { run, result, exitCode, at: startedAt });
  });

  it('says when it was verified what the tasks start, by which version, and how PowerShell was started', () => {
    const proofOf = (setup: SetupFacts | null) => status({}, { installation: { ...noInstallation, setup } }).proof;
    assert.deepEqual(proofOf({ verified, failed: null, unfinished: null }), {
      at: verified.at,
      version: '1.0.0',
      engine: { way: 'file' },
    });
    assert.equal(proofOf({ verified: null, failed: null, unfinished: null }), null);
    assert.equal(proofOf(null), null);
  });

  describe('of a server of which not all is known', () => {
    const shop: SnapshotParts = {
      sites: [site('Shop', [sni('shop.example.com')])],
      records: [record('shop.example.com:443', 'shop')],
      certificates: [certificate('shop', { notAfter: '2026-06-03T00:00:00.000Z' })],
    };
    const without = (...parts: readonly PartName[]) =>
      status({ ...shop, tasks: [native], notLookedAt: unknownParts('not-read', parts) });

    it('counts what is in use and what ends soon where all is', () => {
      const seen = without();
      const { inUse, enabled, native: own } = seen;
      assert.deepEqual([inUse.sites, ending(seen).length, enabled], [1, 1, false]);
      assert.deepEqual(own, { present: true, enabled: true });
    });

    it('says of tasks neither that they are there nor that they are missing', () => {
      const { enabled, tasks, native: own } = without('tasks');
      assert.deepEqual([enabled, own], [null, { present: null, enabled: null }]);
      assertNone(tasks, ({ is }) => is === 'missing');
    });
  });

  it('shows for information what belongs to the state of renewals, and leaves the rest to doctor', () => {
    const shown = situations.flatMap((situation) => statusOf(lookAt(factsIn(situation))).findings);
    const informing = new Set<string>(shown.flatMap(({ severity, code }) => (severity === 'info' ? code : [])));
    assert.deepEqual(
      ['renewal-late', 'renewal-unclear', 'part-unknown', 'wire-ahead', 'key-left-behind'].map((code) =>
        informing.has(code),
      ),
      [true, true, true, false, false],
    );
  });

  describe('after an upgrade', () => {
    const programs = { started: '1.1.0', installed: '1.0.0', file: 'C:\\certrebind.exe' };
    const setup: SetupFacts = { unfinished: null, failed: null, verified: null };
    const changed = { ...hourly, xml: hourly.xml.replace('PT1H', 'PT2H') };
    const disabled = { ...event, enabled: false };
    const unfinished = { command: 'install', at: now, replaceNative: false } as const;
    const ofVersions = 'CertRebind 1.1.0 was started, and version 1.0.0 is installed';
    const interrupted = 'The command that installs or enables CertRebind was interrupted';
    for (const [what, tasks, installation, title, command] of [
      [
        'that was not begun, and whose tasks are others',
        [disabled, changed],
        { programs, setup },
        `${ofVersions}. The scheduled task CertRebind-Reconcile was changed. The scheduled task CertRebind is disabled`,
        'certrebind install',
      ],
      ['whose tasks are the same', ownTasks, { programs, setup }, ofVersions, 'certrebind install'],
      [
        'that was interrupted',
        [event],
        { programs, setup: { ...setup, unfinished } },
        `${interrupted}. The scheduled task CertRebind-Reconcile is not registered`,
        'certrebind install',
      ],
      [
        'that left a task',
        [event, changed],
        { programs: null, setup },
        'The scheduled task CertRebind-Reconcile was changed',
        'certrebind enable',
      ],
      [
        'that left only the test of the task',
        ownTasks,
        { programs: null, setup },
        'No test has shown yet that Task Scheduler can start CertRebind as SYSTEM',
        'certrebind enable',
      ],
    ] as const)
      it(`${what}, there is one thing to do`, () => {
        const { actions, findings } = status({ tasks }, { installation: { ...noInstallation, ...installation } });
        assert.deepEqual(each(actions, 'title'), [title]);
        assert.deepEqual(each(actions, 'commands'), [[command]]);
        assert.equal(actions[0]?.severity, findings[0]?.severity);
        assert.deepEqual(each(actions, 'findings'), [[...findings.keys()]]);
      });
  });

  it('has every finding of doctor on the same facts, the worst first', () => {
    const facts = factsOf({
      tasks: [native],
      sites: [site('Shop', [sni('shop.example.com'), sni('gone.example.com')])],
      records: [record('shop.example.com:443', 'shop'), record('orphan.example.com:443', 'shop')],
      certificates: [certificate('shop', { notAfter: '2026-05-01T00:00:00.000Z' })],
    });
    const { findings } = statusOf(lookAt(facts));
    assert.deepEqual(findings, lookAt(facts).findings);
    assert.deepEqual(
      findings.map(({ severity, code }) => `${severity} ${code}`),
      ['error binding-without-record', 'error certificate-expired', 'warning task-missing', 'warning orphaned-record'],
    );
  });
});
