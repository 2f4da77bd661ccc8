import { clockOf } from '../../../src/commands/report/command.ts';
import { fleetPage } from '../../../src/commands/report/fleet-page.ts';
import { serverPage } from '../../../src/commands/report/server-page.ts';
import type { CampaignSeen } from '../../../src/documents/campaign.ts';
import type { History } from '../../../src/documents/history.ts';
import type { Inventory, InventoryEntry } from '../../../src/documents/inventory.ts';
import { factsNow } from '../../../src/documents/runs/rolled-back.ts';
import { scopeOf } from '../../../src/documents/scope.ts';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import { type DoctorFacts, noInstallation } from '../../../src/engine/findings/facts.ts';
import { statusOf } from '../../../src/engine/views/server-status.ts';
import { type EntryParts, ledgerOf } from '../../builders/ledger.ts';
import {
  certificate,
  now,
  policy,
  record,
  renewal,
  type SnapshotParts,
  site,
  snapshot,
  sni,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { factsOf, ownTasks, verified, wireOf } from '../../engine/findings/facts.ts';

/** What a reader of a page has to see at once: the heading, and what to type (`null` for nothing). */
export interface PageSituation {
  readonly name: string;
  readonly page: string;
  /** Of one server; absent for many. */
  readonly facts?: DoctorFacts;
  readonly headline: RegExp;
  readonly command: string | RegExp | null;
}

export const planted = `"><script>alert('1')</script><img src=x onerror=alert(2)>&amp;\u202E\u0007`;

const hosts = {
  'shop.example.com': 'Shop',
  'www.example.com': 'Public Web',
  'portal.example.net': 'Portal',
  'wiki.example.net': 'Wiki',
  'pay.example.net': 'Payments',
};
const names = Object.keys(hosts);
const [shopHost = '', , portalHost = ''] = names;

const renewed = certificate('new', {
  names: [...names, 'web01.example.com'],
  notBefore: '2026-05-20T00:00:00.000Z',
  notAfter: '2026-12-06T00:00:00.000Z',
  issuer: 'CN=Example Issuing CA',
});
const old = certificate('old', {
  names,
  notBefore: '2025-12-20T00:00:00.000Z',
  notAfter: '2026-07-08T00:00:00.000Z',
  issuer: 'CN=Example Issuing CA',
});

/** Five sites on the newest certificate, of which some may hold another one. */
function server(others: Readonly<Record<string, string>> = {}, parts: SnapshotParts = {}): SnapshotParts {
  return {
    timeZone: 'Europe/Berlin',
    sites: Object.entries(hosts).map(([host, name]) => site(name, [sni(host)])),
    records: names.map((host) => record(`${host}:443`, others[host] ?? 'new')),
    certificates: [renewed],
    tasks: ownTasks.map((task) => ({ ...task, lastRunAt: '2026-06-01T11:17:00.000Z', lastResult: 0 })),
    ...parts,
  };
}

export const installed = { ...noInstallation, setup: { verified, failed: null, unfinished: null } };

function runOf(parts: Partial<History['runs'][number]> = {}): History['runs'][number] {
  const counts = {
    planned: 0,
    changed: 5,
    already: 0,
    blocked: 0,
    skipped: 0,
    undone: 0,
    failed: 0,
    notVerified: 0,
    stillOld: 0,
    waiting: 0,
  };
  return {
    run: '20260520-031200000-1a2b',
    at: '2026-05-20T03:12:00.000Z',
    result: 'rebound',
    counts,
    certificates: [shopHost],
    durationMs: 840,
    origin: { command: 'on-event', eventRecordId: 12 },
    blocked: [],
    ...parts,
  };
}

export function pageOf(facts: DoctorFacts, runs: History['runs'] = [runOf()]): string {
  return serverPage({
    version: '1.2.3',
    status: statusOf(lookAt(facts)),
    scope: scopeOf(facts.snapshot, facts.wire),
    clock: clockOf(facts.snapshot.timeZone ?? null, facts.snapshot.takenAt),
    history: { schema: 'certrebind/history/1', runs },
  });
}

function looked(parts: SnapshotParts, facts: Partial<DoctorFacts> = {}): DoctorFacts {
  const read = factsOf(parts, { installation: installed, ...facts });
  return { ...read, wire: facts.wire ?? wireOf(read.snapshot) };
}

function seen(
  parts: SnapshotParts,
  facts: Partial<DoctorFacts> = {},
  runs?: History['runs'],
): Pick<PageSituation, 'facts' | 'page'> {
  return told(looked(parts, facts), runs);
}

function told(facts: DoctorFacts, runs?: History['runs']): Pick<PageSituation, 'facts' | 'page'> {
  return { facts, page: pageOf(facts, runs) };
}

function remembering(parts: Partial<EntryParts>): Pick<DoctorFacts, 'ledger'> {
  const entry: EntryParts = {
    renewal: renewal('old', 'new'),
    state: 'undone',
    reasons: [],
    run: runOf().run,
    at: '2026-05-20T03:12:00.000Z',
    ...parts,
  };
  return { ledger: ledgerOf([entry]) };
}

const onePending = { certificates: [{ ...old, renewedTo: thumbprintOf('new') }, renewed] };

const fewer = (host: string) => names.filter((one) => one !== host);

const siteDown = looked(server({}, { records: fewer(portalHost).map((host) => record(`${host}:443`, 'new')) }), {
  lastKnown: new Map([record(`${portalHost}:443`, 'new')].map((one) => [one.key, one])),
});

const failedRun = '20260531-091500000-3c4d';

const rolledBack = looked(
  server({ [portalHost]: 'old' }, onePending),
  remembering({
    run: failedRun,
    at: '2026-05-31T09:15:00.000Z',
    cause: {
      kind: 'handshake',
      said: 'portal.example.net port 443 served C00DBBC9 before the change. Afterwards it no longer answered: the connection was reset.',
    },
    heldAt: [record(`${portalHost}:443`, 'old').key],
    facts: factsNow(snapshot(server({ [portalHost]: 'old' }, onePending)))(thumbprintOf('new'), [
      record(`${portalHost}:443`, 'old').key,
    ]),
  }),
);

const blocked = looked(
  server(
    { [portalHost]: 'old' },
    {
      certificates: [
        { ...old, renewedTo: thumbprintOf('new') },
        { ...renewed, dnsNames: fewer(portalHost) },
      ],
    },
  ),
  remembering({ state: 'blocked', reasons: ['names-lost'] }),
);

const sqlKey = { sddl: 'D:(A;;FA;;;SY)(A;;FA;;;BA)(A;;FR;;;S-1-5-80-0)' } as const;

const oldAtSql = looked(
  server(
    {},
    {
      certificates: [
        { ...old, renewedTo: thumbprintOf('new') },
        { ...renewed, keyRights: sqlKey },
      ],
      others: [{ thumbprint: thumbprintOf('old'), consumer: { kind: 'sql', detail: 'MSSQLSERVER' } }],
    },
  ),
);

const endsSoon = looked(
  server(
    {},
    {
      records: names.map((host) => record(`${host}:443`, 'ending')),
      certificates: [
        certificate('ending', {
          names,
          notBefore: '2025-12-06T00:00:00.000Z',
          notAfter: '2026-06-06T18:00:00.000Z',
          issuer: 'CN=Example Issuing CA',
        }),
      ],
    },
  ),
);

const stopped = {
  done: ['LAB-APP10', 'LAB-APP11', 'LAB-APP12'],
  failed: ['LAB-WEB07'],
  'not-started': ['LAB-WEB01', 'LAB-WEB04', 'LAB-WEB09', 'LAB-SQL02'],
} as const;

/** What pages have to answer in five seconds. */
export const pageSituations: readonly PageSituation[] = [
  { name: 'well', ...seen(server()), headline: /^5 places serve the newest certificate$/, command: null },
  {
    name: 'site-down',
    ...told(siteDown),
    headline: /^Portal \(portal\.example\.net\) is DOWN: no certificate$/,
    command: 'certrebind doctor --fix binding-without-record',
  },
  {
    name: 'rolled-back',
    ...told(rolledBack, [
      runOf(),
      runOf({
        at: '2026-05-31T09:15:00.000Z',
        run: failedRun,
        result: 'partly-rebound',
        counts: { ...runOf().counts, changed: 4, undone: 1 },
      }),
    ]),
    headline: /^Portal \(portal\.example\.net\): rolled back to the old certificate, which ends in 36 days$/,
    command: /^certrebind history 20260531-091500000-3c4d(?:\ncertrebind rebind --old C00DBBC9 --new C2A6B03F)?$/,
  },
  {
    name: 'blocked',
    ...told(blocked, [
      runOf({
        result: 'partly-rebound',
        counts: { ...runOf().counts, changed: 4, blocked: 1 },
        blocked: [
          { key: record(`${portalHost}:443`, 'old').key, obstacles: [{ code: 'names-lost', hosts: [portalHost] }] },
        ],
      }),
    ]),
    headline: /^Portal: new certificate does not cover portal\.example\.net, old one ends in 36 days$/,
    command: /^certrebind rebind --old C00DBBC9 --new <thumbprint>$/,
  },
  {
    name: 'old-at-sql',
    ...told(oldAtSql),
    headline: /^SQL Server MSSQLSERVER: still uses an old certificate, which ends in 36 days$/,
    command: 'certrebind config set holders.sql replace holders.sql.restart window window 22:00-04:00',
  },
  {
    name: 'ends-soon',
    ...told(endsSoon),
    headline: /^shop\.example\.com \(5 places\): not renewed, certificate ends in 5 days$/,
    command: /^certrebind rebind --old 5BD4BF68 --new auto$/,
  },
  {
    name: 'waiting',
    ...seen(
      server(Object.fromEntries(names.map((host) => [host, 'old'])), onePending),
      {
        configuration: policy({ window: { from: '22:00', to: '02:00' } }),
      },
      [],
    ),
    headline: /^Nothing to do: a renewed certificate waits for the window /,
    command: null,
  },
  {
    name: 'not-enabled',
    ...seen(server({}, { tasks: [] }), { installation: noInstallation }, []),
    headline: /^CertRebind is not enabled$/,
    command: 'certrebind enable',
  },
  {
    name: 'never-run',
    ...seen(server({}, { tasks: ownTasks }), {}, []),
    headline: /^5 places serve the newest certificate$/,
    command: null,
  },
  {
    name: 'five-hundred',
    ...pageOfMany(500),
    headline: /^Site 250 \(site250\.example\.com\) is DOWN: no certificate$/,
    command: 'certrebind doctor --fix binding-without-record',
  },
  {
    name: 'fleet',
    page: fleetPage({ inventory: fleetInventory(), campaign: stoppedCampaign(), version: '1.2.3' }),
    headline: /^LAB-WEB01: Portal .* is DOWN: no certificate$/,
    command: 'certrebind doctor --fix binding-without-record',
  },
  {
    name: 'hostile',
    ...seen(
      {
        server: { id: 'x', name: planted, kind: 'lab', iis: planted, osBuild: 20348 },
        timeZone: planted,
        sites: [site(planted, [sni('shop.example.com')]), site(`${planted} 2`, [sni('www.example.com')])],
        records: [record('shop.example.com:443', 'old')],
        certificates: [
          certificate('old', { notAfter: '2026-06-06T12:00:00.000Z', issuer: `CN=${planted}`, friendlyName: planted }),
        ],
        sources: [{ part: planted, from: planted }],
      },
      {},
      [runOf({ certificates: [planted], run: planted, origin: { command: planted, eventRecordId: 1 } })],
    ),
    headline: /^www\.example\.com is DOWN: no certificate$/,
    command: 'certrebind import <file>',
  },
];

function pageOfMany(many: number): Pick<PageSituation, 'facts' | 'page'> {
  const all = Array.from({ length: many }, (_, at) => ({ host: `site${at + 1}.example.com`, name: `Site ${at + 1}` }));
  const bad = all[many / 2 - 1]?.host;
  const wildcard = certificate('wild', {
    names: ['*.example.com'],
    notBefore: renewed.notBefore,
    notAfter: renewed.notAfter,
  });
  return seen(
    {
      sites: all.map(({ host, name }) => site(name, [sni(host)])),
      records: all.flatMap(({ host }) => (host === bad ? [] : record(`${host}:443`, 'wild'))),
      certificates: [wildcard],
    },
    { lastKnown: new Map([record(`${bad}:443`, 'wild')].map((one) => [one.key, one])) },
  );
}

/** Of the servers below, in waves; one server failed, and no further one was asked. */
function stoppedCampaign(): CampaignSeen {
  const asked = (state: keyof typeof stopped, at: number) => ({
    state,
    ...(state === 'not-started' ? {} : { wave: at === 0 && state === 'done' ? 1 : 2 }),
    result: state === 'done' ? 'rebound' : state === 'failed' ? 'undone' : null,
    problems:
      state === 'failed'
        ? [{ message: 'portal.example.net:443: It no longer answers: the connection was reset.' }]
        : [],
  });
  const servers = (Object.keys(stopped) as (keyof typeof stopped)[]).flatMap((state) =>
    stopped[state].map((server, at) => ({ server, asked: asked(state, at) })),
  );
  const createdAt = '2026-05-31T09:10:00.000Z';
  return {
    campaign: { schema: 'certrebind/campaign/1', action: 'Sync', createdAt, servers },
    file: 'spring.json',
    isRunning: false,
  };
}

/** Servers with one trouble each. */
export const troubled = { siteDown, rolledBack, blocked, oldAtSql, endsSoon };

/** As the module lists the findings of a server. */
function findingsOf(server: string, facts: DoctorFacts): readonly InventoryEntry[] {
  return statusOf(lookAt(facts)).findings.map(
    ({ code, severity, key, site, title, message, since, hint, ...found }) => ({
      server,
      kind: 'finding',
      ...{ code, severity, record: key, site, title, message, since, hint },
      commands: found.commands.join('\n'),
      dueAt: found.endsAt,
      missingNames: found.missingNames.join(', '),
    }),
  );
}

function fleetInventory(): Inventory {
  const troubles: Readonly<Record<string, DoctorFacts>> = {
    'LAB-WEB01': siteDown,
    'LAB-APP03': endsSoon,
    'LAB-WEB04': blocked,
    'LAB-WEB09': blocked,
    'LAB-WEB07': rolledBack,
    'LAB-SQL02': oldAtSql,
  };
  const ordinary = Array.from({ length: 40 }, (_, at) => `LAB-APP${at + 10}`);
  const servers = [...Object.keys(troubles), 'LAB-OFF01', ...ordinary];
  const entries = servers.flatMap((name, at): readonly InventoryEntry[] => {
    const trouble = troubles[name];
    const common = {
      server: name,
      version: '1.2.3',
      verified: trouble === undefined ? 5 : 4,
      places: 5,
      enabled: name !== 'LAB-OFF01',
    };
    return [
      { ...common, kind: 'server', lastRunAt: '2026-05-20T03:12:00.000Z', lastResult: 'rebound' },
      {
        server: name,
        kind: 'certificate',
        name: `${name.toLowerCase()}.example.net`,
        issuer: 'Example Issuing CA',
        store: 'My',
        thumbprint: thumbprintOf(name),
        notBefore: '2026-05-01T00:00:00.000Z',
        notAfter:
          name === 'LAB-APP03'
            ? '2026-06-06T18:00:00.000Z'
            : `2026-${String(8 + (at % 5)).padStart(2, '0')}-15T00:00:00.000Z`,
        usedBy: 'Portal',
      },
      ...(trouble === undefined ? [] : findingsOf(name, trouble)),
    ];
  });
  const silent: InventoryEntry = {
    server: 'LAB-WEB13',
    kind: 'server',
    code: 'unreachable',
    severity: 'error',
    message: 'No session could be opened.',
  };
  return { schema: 'certrebind/inventory/1', takenAt: now, entries: [...entries, silent] };
}
