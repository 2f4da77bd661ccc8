import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { recordsOf } from '../src/kinds/holder.ts';
import { openLabServer } from '../src/lab/client/lab-server.ts';
import type { Endpoint, Handshake } from '../src/model/certificates/handshake.ts';
import { parseThumbprint } from '../src/model/certificates/thumbprint.ts';
import type { Server } from '../src/server/server.ts';
import { handshakesAtOnce } from '../src/session/wire/observe-wire.ts';
import { swapOf } from '../test/builders/changes.ts';
import { findEngine } from '../test/engine.ts';
import { shakeHands } from '../test/support/temporary-lab.ts';
import { type Row, row, withGrowth } from './row.ts';
import { clientOf, onLab, sitesFor } from './served-lab.ts';

/** What takes minutes: whole renewals on a served lab, and what they cost the clients. */
export async function measureLab(say: (text: string) => void): Promise<readonly Row[]> {
  const sizes = [1, 100, 1000];
  const ways = [
    { what: 'event to served, task and handshakes included', through: [] },
    ...(findEngine() === null ? [] : [{ what: 'the same through PowerShell', through: ['--server', 'windows'] }]),
  ];
  const rows: Row[] = [];
  for (const { what, through } of ways) {
    const measured: Row[] = [];
    for (const records of sizes) {
      say(`${what}: ${records} records`);
      measured.push(await eventToServed(what, records, through));
    }
    rows.push(...withGrowth(measured, [1, 100, 1000]));
  }
  say('handshakes');
  const dialled: Row[] = [];
  const plainest: Row[] = [];
  for (const endpoints of [1000, 10_000]) {
    const { ours, plain } = await allHandshakes(endpoints);
    dialled.push(ours);
    plainest.push(...plain);
  }
  rows.push(...withGrowth(dialled, [1000, 10_000]), ...plainest);
  say('replacing under load');
  rows.push(await lostHandshakes(1000));
  return rows;
}

/** From the moment the event is in the log to the moment the last endpoint serves the new certificate. */
async function eventToServed(what: string, wanted: number, through: readonly string[]): Promise<Row> {
  return onLab(wanted === 1 ? 0 : sitesFor(wanted), async ({ folder, json, certificates }) => {
    await json(['enable', '--no-proof', ...through]);
    // The first certificate is the one bound most widely; in a plain lab the last one is under a single record.
    const old = (wanted === 1 ? certificates.at(-1) : certificates[0])?.thumbprint ?? '';
    const { server } = await openLabServer(folder);
    const { holders, sites } = await server.snapshot();
    const started = new Set(
      sites
        .filter(({ state }) => state === 'started')
        .flatMap(({ bindings }) => bindings.map(({ recordKey }) => recordKey)),
    );
    const keys = recordsOf({ holders })
      .filter(({ key, thumbprint }) => thumbprint === old && started.has(key))
      .map(({ key }) => key);
    const renewed = await json(['lab', 'renew', old]);
    const from = performance.now();
    let waiting = keys.flatMap((key) => clientOf(server, key));
    const endpoints = waiting.length;
    while (waiting.length > 0) {
      // The last record of the batch shows more than the first, so its endpoint is asked until it has changed.
      const last = waiting.at(-1);
      if (last !== undefined && (await shakeHands(last.target, last.serverName)) === renewed.new)
        waiting = waiting.slice(0, -1);
      else await pause(10);
      if (performance.now() - from > 300_000)
        throw new Error(`${waiting.length} of ${endpoints} endpoints never changed`);
    }
    const took = performance.now() - from;
    await server.close();
    return row(what, `${keys.length} records, ${endpoints} endpoints dialled`, [took]);
  });
}

/**
 * Dials every endpoint once, as a run does before and after; starting the program and reading the server are included.
 * Alternates with the least that a program in Node can do, which is started as well but reads from a file where to dial.
 */
async function allHandshakes(wanted: number): Promise<{ readonly ours: Row; readonly plain: readonly Row[] }> {
  return onLab(wanted, async ({ folder, json }) => {
    const { server } = await openLabServer(folder);
    const [ours, whole, inside]: [number[], number[], number[]] = [[], [], []];
    let served: Endpoint[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const from = performance.now();
      const { endpoints } = await json(['verify']);
      ours.push(performance.now() - from);
      served = endpoints
        .filter(({ result }: Handshake) => result === 'served')
        .map(({ endpoint }: Handshake) => endpoint);
      const plain = await plainHandshakes(server, served, join(folder, 'endpoints.json'));
      whole.push(plain.whole);
      inside.push(plain.inside);
    }
    await server.close();
    const size = `${served.length} endpoints`;
    const verified = row('handshakes with every endpoint (`verify`)', size, ours, {
      compared: `${(Math.min(...ours) / Math.min(...whole)).toFixed(2)} times the plainest client`,
    });
    const yardstick = row(
      'the plainest TLS client in Node, one context for all, from its start to its end',
      size,
      whole,
    );
    return { ours: verified, plain: [yardstick, row('of which its handshakes', size, inside)] };
  });
}

/** A process of its own, which dials as many at once as `verify`. Milliseconds. */
async function plainHandshakes(
  server: Pick<Server, 'dial'>,
  endpoints: readonly Endpoint[],
  file: string,
): Promise<{ readonly whole: number; readonly inside: number }> {
  const targets = endpoints.flatMap((endpoint) => {
    const target = server.dial(endpoint);
    return target.reachable ? { host: target.host, port: target.port, servername: endpoint.serverName ?? '' } : [];
  });
  await writeFile(file, JSON.stringify(targets));
  const from = performance.now();
  const { stdout } = await runFile(process.execPath, [plainClient, file, `${handshakesAtOnce}`]);
  return { whole: performance.now() - from, inside: Number(stdout) };
}

const runFile = promisify(execFile);
const plainClient = join(import.meta.dirname, 'plain-client.mjs');

/** Clients connect without a pause while certificates are replaced back and forth. */
async function lostHandshakes(swaps: number): Promise<Row> {
  return onLab(0, async ({ folder, json, certificates }) => {
    const old = parseThumbprint(certificates[0]?.thumbprint ?? '', 'lab');
    const fresh = parseThumbprint((await json(['lab', 'renew', old, '--no-event', '--keep-old'])).new, 'lab');
    const { server } = await openLabServer(folder);
    const { holders, sites } = await server.snapshot();
    const standing = sites
      .filter(({ state }) => state === 'started')
      .flatMap((site) =>
        site.bindings.map(({ recordKey, information }) => ({ recordKey, site: site.name, information })),
      );
    const swapped = recordsOf({ holders })
      .filter(({ thumbprint }) => thumbprint === old)
      .flatMap(({ key, store }) => {
        const through = standing.find(({ recordKey }) => recordKey === key);
        return through === undefined
          ? []
          : [{ key, store, through: { site: through.site, information: through.information } }];
      });
    const targets = swapped.flatMap(({ key }) => clientOf(server, key));
    let stopped = false;
    let tried = 0;
    let lost = 0;
    const clients = targets.map(async ({ target, serverName }) => {
      while (!stopped) {
        const seen = await shakeHands(target, serverName);
        tried++;
        if (seen !== old && seen !== fresh) lost++;
      }
    });
    const from = performance.now();
    let done = 0;
    for (let turn = 0; done < swaps; turn++) {
      const [expected, thumbprint] = turn % 2 === 0 ? [old, fresh] : [fresh, old];
      for (const { key, store, through } of swapped) {
        const [report] = await server.change([swapOf({ key, expected, thumbprint, store, through })]);
        if (report?.error !== null) throw new Error(`${key}: ${report?.error?.message}`);
        done++;
      }
    }
    const took = performance.now() - from;
    stopped = true;
    await Promise.all(clients);
    await server.close();
    return row(
      'handshakes lost while replacing under load',
      `${done} replaces in ${(took / 1000).toFixed(0)} s, ${tried} handshakes on ${targets.length} endpoints`,
      [lost],
      {
        unit: '',
        compared: 'the goal is 0',
      },
    );
  });
}
