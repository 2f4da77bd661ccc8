import assert from 'node:assert/strict';
import type { Forecast } from '../../../src/documents/forecast.ts';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import { forecastOf } from '../../../src/engine/views/forecast-of-server.ts';
import type { Snapshot } from '../../../src/kinds/snapshot.ts';
import { thumbprintOf } from '../../../src/lab/kernel/certificates.ts';
import { certificateDer } from '../../builders/certificate-der.ts';
import { labState } from '../../builders/lab.ts';
import { replacementEvent } from '../../builders/replacement-event.ts';
import { sni } from '../../builders/snapshot.ts';
import { kernelServer } from '../../support/kernel-server.ts';
import { factsOf, ownTasks } from '../findings/facts.ts';
import { reconcile, type World, worldOf } from '../run/world.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const end = Date.parse('2029-06-01T00:00:00Z');

/** What a public authority issues on a day, by the ballot; written down here once more, not taken from the forecast. */
const lifeOn = (date: string) => (date < '2027-03-15' ? 200 : date < '2029-03-15' ? 100 : 47);

/** A client that renews after a part of the life of what it got, and asks for as much as it may have. */
interface Client {
  readonly name: string;
  readonly names: readonly string[];
  readonly after: number;
  readonly life: (date: string) => number;
  held: { readonly thumbprint: string; readonly from: number; readonly days: number };
  renewals: string[];
}

const sqlKeys = 'SOFTWARE\\Microsoft\\Microsoft SQL Server';
const sqlPlace = `${sqlKeys}\\MSSQL16.MSSQLSERVER\\MSSQLServer\\SuperSocketNetLib`;

function sqlWith(thumbprint: string) {
  const registry = {
    [`${sqlKeys}\\Instance Names\\SQL`]: { MSSQLSERVER: 'MSSQL16.MSSQLSERVER' },
    [sqlPlace]: { Certificate: thumbprint.toLowerCase() },
  };
  return { registry, classes: {} };
}

/**
 * A public certificate at two sites and SQL Server, renewed without the name of one of the sites, and one of six months
 * of the server's own client with nothing but a site. Both were renewed once before the forecast is made.
 */
async function server() {
  const [shopFrom, apiFrom] = ['2026-01-19T00:00:00Z', '2026-02-01T00:00:00Z'];
  const lab = labState()
    .certificate('shop', {
      names: ['shop.example.com', 'portal.example.net'],
      notBefore: shopFrom,
      notAfter: until(shopFrom, 200),
    })
    .certificate('api', { names: ['api.example.org'], notBefore: apiFrom, notAfter: until(apiFrom, 160) })
    .site('Shop', [sni('shop.example.com')])
    .site('Portal', [sni('portal.example.net')])
    .site('Api', [sni('api.example.org')])
    .record('shop.example.com:443', 'shop')
    .record('portal.example.net:443', 'shop')
    .record('api.example.org:443', 'api');
  const world = worldOf(lab);
  world.kernel.apply({ kind: 'set-roles', roles: sqlWith(lab.thumbprint('shop')) });
  const client = (
    name: string,
    from: string,
    days: number,
    parts: Pick<Client, 'names' | 'after' | 'life'>,
  ): Client => ({
    name,
    ...parts,
    held: { thumbprint: lab.thumbprint(name), from: Date.parse(from), days },
    renewals: [],
  });
  const clients = [
    client('shop', shopFrom, 200, { names: ['shop.example.com'], after: 2 / 3, life: lifeOn }),
    client('api', apiFrom, 160, {
      names: ['api.example.org'],
      after: 0.75,
      life: (date) => Math.min(160, lifeOn(date)),
    }),
  ];
  return { world, clients };
}

function until(from: string | number, days: number): string {
  return new Date((typeof from === 'string' ? Date.parse(from) : from) + days * day - 1000).toISOString();
}

/** The client renews, Windows writes its event, the task runs, and a person gives SQL Server what it did not get. */
async function renew(world: World, client: Client) {
  const at = world.context.clock.now();
  const days = client.life(at.toISOString().slice(0, 10));
  const der = certificateDer({
    subject: client.names[0] ?? '',
    issuer: 'Test Root',
    names: client.names,
    notBefore: at.toISOString(),
    notAfter: until(at.getTime(), days),
    ekus: ['1.3.6.1.5.5.7.3.1'],
    keyType: 'ec',
    seed: `${client.name} ${at.toISOString()}`,
    authority: false,
    signedBy: 'Test Root',
  }).toString('base64');
  const thumbprint = thumbprintOf(der);
  const { kernel } = world;
  kernel.apply({
    kind: 'add-certificate',
    certificate: { thumbprint, der, store: 'My', key: 'usable', archived: false, renewedTo: null, friendlyName: null },
  });
  kernel.apply({ kind: 'set-renewal', thumbprint: client.held.thumbprint, renewedTo: thumbprint });
  kernel.apply(replacementEvent(client.held.thumbprint, thumbprint));
  client.held = { thumbprint, from: at.getTime(), days };
  client.renewals.push(at.toISOString());
  const { counts, blocked, skipped } = await reconcile(world, { command: 'on-event' });
  const byHand = skipped.filter(({ key, reason }) => key?.startsWith('sql/') && reason === 'report-only').length;
  if (byHand > 0) kernel.apply({ kind: 'set-roles', roles: sqlWith(thumbprint) });
  // What an earlier renewal left blocked is told again by each run.
  return { counts, blocked: blocked.filter(({ renewal }) => renewal?.new === thumbprint).length, byHand };
}

/** The authority of a lab is in the store of roots; here it belongs to the programme of Windows, too. */
async function look(world: World): Promise<Snapshot> {
  const seen = await kernelServer(world.kernel, { account: 'system' }).snapshot();
  assert.ok(seen.trust !== undefined);
  const authorities = seen.trust.authorities.map((one) => ({ ...one, standing: 'programme' as const }));
  return { ...seen, tasks: ownTasks, trust: { authorities, list: 'current' } };
}

async function foretold(world: World): Promise<Forecast> {
  const facts = { snapshot: await look(world), ledger: await world.state.readLedger() };
  return forecastOf(lookAt({ ...factsOf({}), ...facts }), new Date(end));
}

describe('a forecast and the three years that follow', () => {
  it('has foretold each renewal to the minute, with the blocks and the restarts', async () => {
    const { world, clients } = await server();
    const passTo = (moment: number) => world.later(moment - world.context.clock.now().getTime());
    const due = ({ held, after }: Client) => held.from + after * held.days * day;
    const next = () => clients.reduce((a, b) => (due(b) < due(a) ? b : a));
    for (const client of clients) {
      passTo(due(client));
      await renew(world, client);
      client.renewals = [];
    }
    const forecast = await foretold(world);
    const seen = { changed: 0, blocked: 0, restarts: 0 };
    for (let client = next(); due(client) < end; client = next()) {
      passTo(due(client));
      const { counts, blocked, byHand } = await renew(world, client);
      assert.equal(counts.failed + counts.undone, 0);
      seen.changed += counts.changed;
      seen.blocked += blocked;
      seen.restarts += byHand;
    }
    const of = (name: string) => forecast.certificates.find((one) => one.name === name);
    for (const { name, names, renewals } of clients) {
      const told = of(names[0] ?? '')?.renewals ?? [];
      assert.deepEqual(
        told.map(({ at }) => at.slice(0, 16)),
        renewals.map((at) => at.slice(0, 16)),
        name,
      );
    }
    const [shop = 0, api = 0] = clients.map(({ renewals }) => renewals.length);
    assert.ok(shop > 10 && api > 10);
    assert.deepEqual(seen, { changed: shop + api, blocked: shop, restarts: shop });
    assert.deepEqual(forecast.total.costs, { nothing: api, restart: 0, person: shop });
    assert.deepEqual(
      of('shop.example.com')?.places.map(({ name, cost }) => `${name}: ${cost}`),
      ['Portal: person', 'SQL Server MSSQLSERVER: person', 'Shop: nothing'],
    );
  });
});
