import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { parseThumbprint } from '../src/model/thumbprint.ts';
import { openLabServer } from '../src/server/lab/lab-server.ts';
import { readSnapshot } from '../src/server/server.ts';
import { labProgram, runJson } from '../test/cli/run-program.ts';
import { findEngine } from '../test/engine.ts';
import { shakeHands } from '../test/support/temporary-lab.ts';
import { growth, type Row, row } from './row.ts';

/** What takes minutes: whole renewals on a served lab, and what they cost the clients. */
export async function measureLab(say: (text: string) => void): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const records of [1, 100, 1000]) {
    say(`event to served, ${records} records`);
    const measured = await eventToServed(records);
    const before = rows.at(-1);
    rows.push(before === undefined ? measured : { ...measured, compared: growth(before, measured, 10) });
  }
  say('swaps under load');
  rows.push(await lostHandshakes(1000));
  if (findEngine() === null) return rows;
  for (const sites of [100, 1000, 10_000]) {
    say(`through PowerShell, ${sites} sites`);
    rows.push(...(await throughPowerShell(sites)));
  }
  return rows;
}

/** From the moment the event is in the log to the moment the last endpoint serves the new certificate. */
async function eventToServed(wanted: number): Promise<Row> {
  return onLab(wanted === 1 ? 0 : Math.ceil(((wanted - 7) * 4) / 3), async ({ folder, json, certificates }) => {
    await json(['enable']);
    // The first is bound most widely; the last of a plain lab stands on one record.
    const old = (wanted === 1 ? certificates.at(-1) : certificates[0])?.thumbprint ?? '';
    const { server } = await openLabServer(folder);
    const { records, sites } = await readSnapshot(server);
    const started = new Set(
      sites
        .filter(({ state }) => state === 'started')
        .flatMap(({ bindings }) => bindings.map(({ recordKey }) => recordKey)),
    );
    const keys = records.filter(({ key, thumbprint }) => thumbprint === old && started.has(key)).map(({ key }) => key);
    const renewed = await json(['lab', 'renew', old]);
    const from = performance.now();
    let waiting = keys.flatMap((key) => {
      const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(key) ?? [];
      if (host.startsWith('[')) return [];
      const named = /[a-z]/.test(host);
      const serverName = named ? host.replace(/^\*/, 'bench') : null;
      return [
        { target: server.dial({ address: named ? '0.0.0.0' : host, port: Number(port), serverName }), serverName },
      ];
    });
    const endpoints = waiting.length;
    while (waiting.length > 0) {
      // The last record of the batch tells more than the first, so the far end is asked until it has changed.
      const last = waiting.at(-1);
      if (last !== undefined && (await shakeHands(last.target, last.serverName)) === renewed.new)
        waiting = waiting.slice(0, -1);
      else await pause(10);
      if (performance.now() - from > 300_000)
        throw new Error(`${waiting.length} of ${endpoints} endpoints never changed`);
    }
    const took = performance.now() - from;
    await server.close();
    return row(
      'event to served, task and handshakes included',
      `${keys.length} records, ${endpoints} endpoints dialled`,
      [took],
    );
  });
}

/** Clients connect without a pause while certificates are swapped to and fro. */
async function lostHandshakes(swaps: number): Promise<Row> {
  return onLab(0, async ({ folder, json, certificates }) => {
    const old = parseThumbprint(certificates[0]?.thumbprint ?? '', 'lab');
    const fresh = parseThumbprint((await json(['lab', 'renew', old, '--no-event', '--keep-old'])).new, 'lab');
    const { server } = await openLabServer(folder);
    const { records, sites } = await readSnapshot(server);
    const standing = sites
      .filter(({ state }) => state === 'started')
      .flatMap((site) =>
        site.bindings.map(({ recordKey, information }) => ({ recordKey, site: site.name, information })),
      );
    const swapped = records
      .filter(({ thumbprint }) => thumbprint === old)
      .flatMap(({ key, store }) => {
        const through = standing.find(({ recordKey }) => recordKey === key);
        return through === undefined
          ? []
          : [{ key, store, through: { site: through.site, information: through.information } }];
      });
    const targets = swapped.flatMap(({ key }) => {
      const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(key) ?? [];
      if (host.startsWith('[')) return [];
      const serverName = /[a-z]/.test(host) ? host.replace(/^\*/, 'bench') : null;
      return [
        {
          serverName,
          target: server.dial({ address: serverName === null ? host : '0.0.0.0', port: Number(port), serverName }),
        },
      ];
    });
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
        const [report] = await server.change([{ do: 'swap', key, expected, thumbprint, store, through }]);
        if (report?.error !== null) throw new Error(`${key}: ${report?.error?.message}`);
        done++;
      }
    }
    const took = performance.now() - from;
    stopped = true;
    await Promise.all(clients);
    await server.close();
    return row(
      'handshakes lost while swapping under load',
      `${done} swaps in ${(took / 1000).toFixed(0)} s, ${tried} handshakes on ${targets.length} endpoints`,
      [lost],
      {
        unit: '',
        compared: 'the goal is 0',
      },
    );
  });
}

/** The Windows side as it is, in a real PowerShell: a whole dry run, which reads everything and plans. */
async function throughPowerShell(sites: number): Promise<readonly Row[]> {
  return onLab(sites, async ({ folder, json, certificates }) => {
    const old = certificates[0]?.thumbprint ?? '';
    const renewed = await json(['lab', 'renew', old, '--no-event']);
    const words = ['rebind', '--old', old, '--new', renewed.new, '--dry-run', '--server', 'windows', '--lab', folder];
    const from = performance.now();
    const { document } = await runJson(words);
    const took = performance.now() - from;
    const { sessions, roundTrips } = document.cost;
    return [
      row('dry run through PowerShell', `${sites} sites`, [took], {
        compared: `${sessions} ${sessions === 1 ? 'session' : 'sessions'}, ${roundTrips} round trips (goal: 1 and at most 6)`,
      }),
    ];
  });
}

interface ServedLab {
  readonly folder: string;
  readonly certificates: readonly { readonly thumbprint: string }[];
  // biome-ignore lint/suspicious/noExplicitAny: the documents of the contract are read as they come
  json(words: readonly string[]): Promise<any>;
}

async function onLab<T>(sites: number, work: (lab: ServedLab) => Promise<T>): Promise<T> {
  const root = await mkdtemp(join(tmpdir(), 'crb-'));
  const folder = join(root, 'lab');
  try {
    const created = await runJson(['lab', 'create', folder, ...(sites === 0 ? [] : ['--sites', `${sites}`])]);
    const serving = spawn(process.execPath, [labProgram, 'lab', 'serve', folder, '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(createInterface({ input: serving.stdout }), 'line');
      return await work({
        folder,
        certificates: created.document.certificates,
        async json(words) {
          const { exitCode, document } = await runJson([...words, '--lab', folder]);
          if (exitCode !== 0) throw new Error(`${words.join(' ')}: exit ${exitCode}: ${JSON.stringify(document)}`);
          return document;
        },
      });
    } finally {
      const ended = once(serving, 'exit');
      serving.kill('SIGTERM');
      await ended;
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
