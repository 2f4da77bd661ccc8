import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { forecastOfInventory } from '../../../src/commands/forecast/of-inventory.ts';
import type { Inventory, InventoryEntry } from '../../../src/documents/inventory.ts';
import { forecastText } from '../../../src/shell/print/forecast-text.ts';
import { plain } from '../../../src/shell/print/terminal-style.ts';
import { thumbprintOf } from '../../builders/snapshot.ts';
import { checkPrinted } from '../../cli/check-printed.ts';
import { jsonHere } from '../../cli/run-here.ts';
import { each } from '../../support/each.ts';
import { newFolder } from '../../support/temporary-lab.ts';

const takenAt = '2029-06-01T12:00:00.000Z';
const until = new Date('2030-01-01T00:00:00.000Z');

/** 47 days from the moment of the inventory, so that there are seven renewals until 2029 ends. */
function entry(server: string, label: string, parts: Partial<InventoryEntry> = {}): InventoryEntry {
  return {
    server,
    kind: 'certificate',
    thumbprint: thumbprintOf(label),
    name: 'shop.example.com',
    issuer: 'Issuing CA',
    notBefore: takenAt,
    notAfter: '2029-07-18T11:59:59.000Z',
    usedBy: 'Shop',
    ...parts,
  };
}

const enabled = (server: string, is: boolean): InventoryEntry => ({ server, kind: 'server', enabled: is });
const inventory = (entries: readonly InventoryEntry[]): Inventory => ({
  schema: 'certrebind/inventory/1',
  takenAt,
  entries,
});
const of = (...entries: readonly InventoryEntry[]) => forecastOfInventory(inventory(entries), until);

describe('the forecast from an inventory', () => {
  it('renews a certificate once on all servers, with the one that it replaces, and counts each of them', () => {
    const before = { notBefore: '2029-05-01T12:00:00.000Z', notAfter: '2029-06-17T11:59:59.000Z' };
    const { certificates, server, total } = of(
      enabled('web01', true),
      enabled('web02', false),
      entry('web01', 'new'),
      entry('web02', 'new', { usedBy: 'Shop, Portal' }),
      entry('web03', 'old', { ...before, usedBy: 'sql' }),
      entry('web03', 'unused', { name: 'api.example.org', usedBy: '' }),
    );
    assert.equal(server, '3 servers');
    assert.deepEqual(
      certificates.map(({ places }) => places.map(({ name, cost }) => `${name}: ${cost}`)),
      [['Portal on web02: person', 'Shop on web02: person', 'sql on web03: restart', 'Shop on web01: nothing']],
    );
    assert.deepEqual([total.renewals, total.costs.person], [6, 6]);
  });

  it('counts a file whose service is restarted as it does SQL Server, and no other file', () => {
    const { certificates } = of(
      enabled('web01', true),
      entry('web01', 'read at start', { usedBy: 'Shop, file', restarts: 'file' }),
      entry('web01', 'reloaded', { name: 'api.example.com', usedBy: 'file' }),
      entry('web02', 'read at start', { usedBy: 'sql' }),
    );
    assert.deepEqual(
      certificates.map(({ places }) => places.map(({ name, cost, why }) => [name, cost, why])),
      [
        [
          ['file on web01', 'restart', 'Its service has to be restarted: by a policy, or by you.'],
          ['sql on web02', 'restart', 'Its service has to be restarted: by a policy, or by you.'],
          ['Shop on web01', 'nothing', null],
        ],
        [['file on web01', 'nothing', null]],
      ],
    );
  });

  const whose: readonly (readonly [string, Partial<InventoryEntry>, string, number])[] = [
    ['may be public', {}, 'unknown', 6],
    ['lives longer than any public one', { notAfter: '2030-07-05T12:00:00.000Z' }, 'private', 0],
    ['signs itself', { issuer: 'shop.example.com', notAfter: '2029-06-11T11:59:59.000Z' }, 'self-signed', 32],
  ];
  for (const [what, parts, authority, renewals] of whose)
    it(`takes what ${what} for ${authority}`, () => {
      const [found] = of(entry('web01', 'new', parts)).certificates;
      assert.deepEqual([found?.authority, found?.renewals.length], [authority, renewals]);
    });

  it('leaves to a person what lacks a name today', () => {
    const lacks = { kind: 'finding' as const, code: 'renewal-blocked', missingNames: 'portal.example.net' };
    const forecast = of(entry('web01', 'new'), { ...lacks, server: 'web01', site: 'Shop' });
    assert.deepEqual(of(entry('web01', 'new'), { ...lacks, server: 'web01', site: null }).total, forecast.total);
    for (const elsewhere of [{ server: 'web02' }, { server: 'web01', site: 'Portal' }])
      assert.equal(of(entry('web01', 'new'), { ...lacks, ...elsewhere }).total.costs.person, 0);
    assert.deepEqual(each(forecast.actions, 'title', 'renewals'), [
      ['Put portal.example.net into the request for shop.example.com', 6],
    ]);
    const text = forecastText(forecast, { ...plain, width: 120 });
    assert.match(text, /^1 server: 6 of 6 renewals until 2029-12-31 need a person\.$/m);
  });

  it('is printed without a server', async () => {
    const root = newFolder();
    const from = join(root, 'fleet.json');
    await writeFile(from, JSON.stringify(inventory([entry('web01', 'new')])));
    const asked = ['forecast', '--inventory', from];
    const { exitCode, document } = await jsonHere(asked);
    assert.equal(exitCode, 0);
    checkPrinted(document);
    assert.equal(document.server, '1 server');
    for (const wrong of [
      ['--replay', from],
      ['--until', '2029-05'],
    ])
      assert.equal((await jsonHere([...asked, ...wrong])).exitCode, 2, wrong.join(' '));
  });
});
