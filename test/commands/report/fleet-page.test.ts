import assert from 'node:assert/strict';
import { CertRebindError } from '../../../src/base/errors.ts';
import type { XmlElement } from '../../../src/base/xml.ts';
import { fleetPage } from '../../../src/commands/report/fleet-page.ts';
import type { Inventory, InventoryEntry } from '../../../src/documents/inventory.ts';
import { parseInventory } from '../../../src/documents/inventory.ts';
import { elementsOf, everyElement, readPage, rowsOf, textOf } from './read-page.ts';

const takenAt = '2026-06-01T12:00:00.000Z';

const of = (server: string, entry: Omit<InventoryEntry, 'server'>): InventoryEntry => ({ server, ...entry });
const certificate = (server: string, thumbprint: string, more: Partial<InventoryEntry> = {}): InventoryEntry => ({
  server,
  kind: 'certificate',
  thumbprint,
  name: 'shop.example.com',
  issuer: 'Issuing CA',
  store: 'My',
  notAfter: '2026-07-01T00:00:00.000Z',
  usedBy: 'Shop',
  ...more,
});

const pageOf = (entries: readonly InventoryEntry[]): string =>
  fleetPage({ campaign: null, inventory: { schema: 'certrebind/inventory/1', takenAt, entries }, version: '1.2.3' });

const short = (thumbprint: string) => thumbprint.slice(0, 8);
const headerOf = (page: string) => elementsOf(page, 'header').map(textOf).join('');

describe('the page about many servers', () => {
  const old = 'AA'.repeat(20);
  const renewed = 'BB'.repeat(20);
  const later = { notAfter: '2027-07-01T00:00:00.000Z' };

  it('says of each server whether everything there uses the renewed certificates, where that was asked', () => {
    const counted = { kind: 'server', verified: 9, places: 13, enabled: true } as const;
    const page = pageOf([
      of('web01', { ...counted, onNew: 9, onOld: 4, notLookedAt: 3 }),
      of('web02', { ...counted, onNew: null, onOld: null }),
    ]);
    assert.deepEqual(
      rowsOf(page, 'servers').map(([, , renewedThere]) => renewedThere),
      ['9 of 13renewed: 9 new, 4 still old, 3 not looked at', '9 of 13'],
    );
  });

  it('has another clock beside UTC at every time that a person reads', () => {
    const due = of('web01', {
      kind: 'finding',
      code: 'a',
      severity: 'warning',
      message: 'b',
      dueAt: '2026-12-01T23:30:00.000Z',
    });
    const aheadAt = (at: Date) => (at.getUTCMonth() === 5 ? 120 : 60);
    const shown = (clock?: { aheadNow: number; aheadAt: typeof aheadAt }) =>
      textOf(
        readPage(
          fleetPage({
            campaign: null,
            inventory: { schema: 'certrebind/inventory/1', takenAt, entries: [due] },
            version: '1.2.3',
            ...(clock && { clock }),
          }),
        ),
      );
    const there = shown({ aheadNow: 120, aheadAt });
    assert.ok(there.includes('2026-06-01 12:00 UTC (14:00 UTC+2)'));
    assert.ok(there.includes('before 2026-12-01 23:30 UTC (00:30 UTC+1)'));
    const alone = shown();
    assert.match(alone, /2026-06-01 12:00 UTC(?! \()/);
    assert.match(alone, /before 2026-12-01 23:30 UTC(?! \()/);
    assert.equal(/\d\d:\d\d(?! UTC)/.test(alone), false);
  });

  it('says who still uses an older certificate of a name, and where the newest is ready', () => {
    const page = pageOf([
      certificate('web01', old, { usedBy: '' }),
      certificate('web01', renewed, later),
      certificate('web02', old),
      certificate('web02', renewed, { ...later, usedBy: '' }),
      certificate('web03', old),
    ]);
    assert.deepEqual(rowsOf(page, 'older'), [
      [
        `${short(old)} oldshop.example.com (Issuing CA)`,
        'web02, web03',
        `${short(renewed)} newends 2027-07-01`,
        'web02',
      ],
    ]);
    assert.match(headerOf(page), /To do.*web02: Another server has a newer certificate for shop\.example\.com/s);
  });

  const notOlder: readonly (readonly [why: string, entries: readonly InventoryEntry[]])[] = [
    [
      'the old one is in use nowhere',
      [certificate('web01', old, { usedBy: '' }), certificate('web01', renewed, later)],
    ],
    [
      'the later one bears another name',
      [certificate('web01', old), certificate('web02', renewed, { ...later, name: 'api.example.org' })],
    ],
    [
      'each signs itself',
      [
        certificate('web01', old, { name: 'localhost', issuer: 'localhost' }),
        certificate('web02', renewed, { ...later, name: 'localhost', issuer: 'localhost' }),
      ],
    ],
    ['both servers use the same', [certificate('web01', old), certificate('web02', old)]],
  ];
  for (const [why, entries] of notOlder)
    it(`calls none older where ${why}`, () => {
      const page = pageOf(entries);
      assert.deepEqual(rowsOf(page, 'older'), []);
      assert.match(headerOf(page), /All well.*All \d servers? are well/s);
    });

  it('lists all ends, each certificate once with its servers, and how much of its lifetime is left', () => {
    const page = pageOf([
      certificate('web02', renewed, later),
      certificate('web01', old, { notBefore: '2026-05-02T00:00:00.000Z' }),
      certificate('web02', old, { usedBy: '' }),
      certificate('web01', old, { store: 'WebHosting', usedBy: 'Wiki' }),
    ]);
    assert.deepEqual(rowsOf(page, 'certificates'), [
      [`${short(old)}shop.example.com (Issuing CA)`, 'web01 (Shop, Wiki)', 'web02', '29 days leftends 2026-07-01'],
      [`${short(renewed)}shop.example.com (Issuing CA)`, 'web02 (Shop)', '', '394 days leftends 2027-07-01'],
    ]);
    const [bar] = elementsOf(page, 'svg').filter(({ attributes }) => attributes.class === 'bar info');
    const [, left] = bar?.children.filter((child) => typeof child !== 'string') ?? [];
    assert.equal(left?.attributes.width, '49.2%');
  });

  it('tells which servers are broken, off, silent or well, the worst first', () => {
    const page = pageOf([
      of('db01', {
        kind: 'server',
        version: '0.1.0',
        enabled: true,
        verified: 3,
        places: 3,
        lastRunAt: takenAt,
        lastResult: 'rebound',
      }),
      of('off01', { kind: 'server', enabled: false }),
      of('dead01', { kind: 'server', code: 'unreachable', severity: 'error', message: 'No session.' }),
      of('web01', { kind: 'server', enabled: true, verified: 1, places: 2 }),
      of('web01', {
        kind: 'finding',
        code: 'binding-without-record',
        severity: 'error',
        title: 'Shop is DOWN: no certificate',
        message: 'm',
      }),
    ]);
    assert.deepEqual(
      rowsOf(page, 'servers').map(([name, state, verified]) => [name, state, verified]),
      [
        ['web01', ' Site down what to doShop is DOWN: no certificate', '1 of 2'],
        ['dead01', ' No answerNo session.', 'not known'],
        ['off01', ' CertRebind is offThe next renewal is not bound.', 'not known'],
        ['db01CertRebind 0.1.0; last run 2026-06-01, rebound', ' Well', '3 of 3'],
      ],
    );
    assert.match(headerOf(page), /web01: Shop is DOWN: no certificate\n/);
  });

  it('calls a server that is off by its error, and off beside a warning for later', () => {
    const found = { kind: 'finding', code: 'damaged-file', message: 'm' } as const;
    const page = pageOf([
      of('web01', { kind: 'server', enabled: false }),
      of('web01', { ...found, severity: 'warning', title: 'told.json is damaged' }),
      of('web02', { kind: 'server', enabled: false }),
      of('web02', { ...found, severity: 'error', title: 'ledger.json is damaged' }),
    ]);
    assert.deepEqual(
      rowsOf(page, 'servers').map(([name, state]) => [name, /is damaged|is off/.exec(state ?? '')?.[0]]),
      [
        ['web02', 'is damaged'],
        ['web01', 'is off'],
      ],
    );
  });

  it('says each cause once, the worst first, with all servers that have it, and what no store has', () => {
    const found = { kind: 'finding', code: 'task-missing', title: 'No task', message: 'No task.' } as const;
    const page = pageOf([
      of('web01', { ...found, severity: 'info' }),
      of('web05', { ...found, severity: 'warning', title: 'Later', dueAt: later.notAfter }),
      of('web04', { ...found, severity: 'warning', title: 'Sooner', dueAt: takenAt }),
      of('web02', { ...found, severity: 'error', commands: 'certrebind enable' }),
      of('web03', { ...found, severity: 'error', commands: 'certrebind enable' }),
      of('web04', { kind: 'missing', thumbprint: old, usedBy: 'Shop' }),
    ]);
    const actions = elementsOf(page, 'li')
      .filter(({ attributes }) => attributes.id?.startsWith('action-'))
      .map(textOf);
    assert.match(headerOf(page), /\nweb02: No task\nNo task\.\nType on web02, web03:certrebind enable/);
    assert.equal(actions.length, 2);
    assert.match(actions[0] ?? '', /^2warning web04: Sooner\nOn web04: No task\.before 2026-06-01 12:00/);
    assert.deepEqual(rowsOf(page, 'missing'), [['web04', old, 'Shop']]);
  });

  it('is made of an empty inventory too', () => {
    assert.match(headerOf(pageOf([])), /No server is known.*No certificate in use is known\./s);
  });

  it('shows 1,000 certificates on 200 servers in less than a second', () => {
    const entries = Array.from({ length: 200 }, (_, server) => [
      of(`web${server}`, { kind: 'server', version: '0.1.0' }),
      ...Array.from({ length: 10 }, (_, at) =>
        certificate(`web${server}`, (((server * 10 + at) % 1000) + 1).toString(16).padStart(40, '0'), {
          name: `host${(server * 10 + at) % 1000}.example.com`,
        }),
      ),
      ...Array.from({ length: 5 }, (_, at) =>
        of(`web${server}`, { kind: 'finding', code: 'x', severity: 'warning', message: `${at}` }),
      ),
    ]).flat();
    const began = process.cpuUsage();
    const page = pageOf(entries);
    const { user } = process.cpuUsage(began);
    assert.equal(rowsOf(page, 'certificates').length, 1000);
    assert.ok(user < 1_000_000, `${user / 1000} ms of the processor`);
    assert.ok(textOf(readPage(page)).includes('web0 and 199 more'));
  });

  it('counts what ends in each week of half a year, with the problems that are due then', () => {
    const finding = (severity: 'error' | 'warning', dueAt: string) =>
      of('web01', { kind: 'finding', code: 'renewal-blocked', severity, title: 'T', dueAt });
    const page = pageOf([
      certificate('web01', old, { notAfter: '2026-05-31T00:00:00.000Z' }),
      certificate('web02', renewed, { notAfter: '2026-06-15T11:59:59.000Z', name: 'api.example.org' }),
      certificate('web03', 'CC'.repeat(20), { notAfter: '2026-06-15T12:00:00.000Z', name: 'www.example.org' }),
      certificate('web04', 'DD'.repeat(20), { notAfter: '2026-06-15T12:00:00.000Z', usedBy: '' }),
      certificate('web05', 'EE'.repeat(20), { notAfter: '2028-06-15T12:00:00.000Z', name: 'later.example.org' }),
      finding('warning', '2026-06-09T00:00:00.000Z'),
      finding('error', '2026-06-16T00:00:00.000Z'),
      finding('warning', '2026-06-16T00:00:00.000Z'),
    ]);
    const list = elementsOf(page, 'ol').find(({ attributes }) => attributes.class === 'weeks') as XmlElement;
    const cells = [...everyElement(list)].filter(({ name }) => name === 'b');
    assert.equal(cells.length, 26);
    assert.deepEqual(
      cells.slice(0, 4).map((cell) => [cell.attributes.class, textOf(cell)]),
      [
        ['', '1 end in the week from 2026-06-01'],
        ['warn', '1! end in the week from 2026-06-08, where a problem is due'],
        ['bad', '1! end in the week from 2026-06-15, where a problem is due'],
        ['', 'none ends in the week from 2026-06-22'],
      ],
    );
  });
});

describe('an inventory that is no inventory', () => {
  const good: Inventory = { schema: 'certrebind/inventory/1', takenAt, entries: [certificate('web01', 'AA')] };
  const bad: readonly (readonly [what: string, text: string, says: RegExp])[] = [
    ['is not JSON', 'x', /inventory\.json is not JSON/],
    ['is another document', '{"schema":"certrebind/plan/1"}', /not an inventory/],
    ['lacks its rows', JSON.stringify({ ...good, entries: undefined }), /entries/],
    ['has a row of no server', JSON.stringify({ ...good, entries: [{ kind: 'server' }] }), /server/],
    [
      'has an end that is no time',
      JSON.stringify({ ...good, entries: [{ ...good.entries[0], notAfter: 'soon' }] }),
      /notAfter/,
    ],
  ];
  for (const [what, text, says] of bad)
    it(what, () => {
      assert.throws(
        () => parseInventory(text, 'inventory.json'),
        (thrown) => thrown instanceof CertRebindError && thrown.code === 'bad-document' && says.test(thrown.message),
      );
    });
});
