import { Bench } from 'tinybench';
import { canonicalDigest } from '../src/base/canonical-json.ts';
import { lookAt } from '../src/engine/findings/diagnose.ts';
import { planRebind, type RebindRequest } from '../src/engine/plan/plan-rebind.ts';
import { parseApplicationHost } from '../src/kinds/iis/application-host.ts';
import type { Snapshot } from '../src/kinds/snapshot.ts';
import { decodeHttpSysTables } from '../src/kinds/tls/http-sys-tables.ts';
import { formatApplicationHost } from '../src/lab/host/application-host-text.ts';
import { sampleServer } from '../src/lab/host/blueprint.ts';
import { formatRegistryExport, parseRegistryExport } from '../src/lab/host/registry-export.ts';
import { encodeHttpSysRecord } from '../test/builders/http-sys-entry.ts';
import { certificate, policy, record, renewal, site, snapshot, sni } from '../test/builders/snapshot.ts';
import { factsOf } from '../test/engine/findings/facts.ts';
import { type Row, row, withGrowth } from './row.ts';

const sizes = [100, 1000, 10_000] as const;

/** Work that costs processor time only (reading, planning, diagnosing), by number of bindings. */
export async function measurePure(): Promise<readonly Row[]> {
  return [...(await reading()), ...(await planning()), ...(await diagnosing())];
}

async function reading(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const size of sizes) {
    const configuration = Buffer.from(formatApplicationHost(sampleServer(size).sites));
    const records = hosts(size).map((host) => encodeHttpSysRecord(record(`${host}:443`, 'old'), { sniLayout: 'guid' }));
    const registry = Buffer.from(`\uFEFF${formatRegistryExport(records)}`, 'utf16le');
    rows.push(
      row(
        'read configuration and certificate bindings',
        `${size} sites, ${size} records`,
        await timesOf(() => {
          parseApplicationHost(configuration, 'bench');
          decodeHttpSysTables(parseRegistryExport(registry, 'bench'));
        }),
      ),
    );
  }
  return withGrowth(rows, sizes);
}

async function planning(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const size of sizes) {
    const request = renewalOf(size);
    rows.push(row('plan', `${size} bindings, all to be replaced`, await timesOf(() => planRebind(request))));
  }
  const all = rows.at(-1)?.median ?? 1;
  const plan = planRebind(renewalOf(10_000));
  const digest = row(
    'of which the digest of the plan',
    `${(JSON.stringify(plan).length / 1e6).toFixed(0)} MB`,
    await timesOf(() => canonicalDigest(plan)),
  );
  const floor = row(
    'the same plan through `JSON.stringify` alone',
    'yardstick',
    await timesOf(() => JSON.stringify(plan)),
  );
  return [
    ...withGrowth(rows, sizes),
    floor,
    { ...digest, compared: `${Math.round((100 * digest.median) / all)}% of planning` },
    {
      ...row('planning without the digest', '10000 bindings', [all - digest.median]),
      compared: 'the difference of the two medians',
    },
  ];
}

async function diagnosing(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const size of sizes) {
    const diagnosis = factsOf(renewalOf(size).snapshot);
    rows.push(row('diagnose', `${size} bindings`, await timesOf(() => lookAt(diagnosis).findings)));
  }
  return withGrowth(rows, sizes);
}

function hosts(size: number): readonly string[] {
  return Array.from({ length: size }, (_, at) => `host${at}.example.com`);
}

function renewalOf(size: number): RebindRequest {
  const names = { names: ['*.example.com'] };
  const server: Snapshot = snapshot({
    sites: hosts(size).map((host) => site(host, [sni(host)])),
    records: hosts(size).map((host) => record(`${host}:443`, 'old')),
    certificates: [certificate('old', names), certificate('new', names)],
  });
  return { snapshot: server, renewals: [renewal('old', 'new')], configuration: policy() };
}

async function timesOf(work: () => unknown): Promise<readonly number[]> {
  const bench = new Bench({ time: 400, iterations: 8, warmupTime: 200, warmupIterations: 3, retainSamples: true });
  bench.add('work', () => {
    work();
  });
  const [task] = await bench.run();
  const result = task?.result;
  if (result === undefined || !('latency' in result)) throw new Error('the bench did not finish', { cause: result });
  return result.latency.samples ?? [result.latency.p50];
}
