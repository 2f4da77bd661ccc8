import { CertRebindError } from '../../../../src/base/errors.ts';
import type { Cost } from '../../../../src/documents/runs/outcome.ts';
import type { NetshAbilities } from '../../../../src/kinds/snapshot.ts';
import { NotMeasured } from '../measurement.ts';
import {
  assertWire,
  type Bench,
  callMethod,
  demand,
  type Finding,
  holds,
  measure,
  openFacts,
  served,
  setRecord,
} from './bench.ts';
import { type EventRequest, measureEvent } from './on-event.ts';
import { measureRecords, plainRecord } from './on-records.ts';
import { measureTexts } from './on-texts.ts';

/** Everything that is measured on a temporary site, in the order of the table; what was not reached says why. */
export async function measureOn(
  bench: Bench,
  request: EventRequest,
  before: { readonly netsh: NetshAbilities; readonly lastRecordId: number | null },
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  let endedBy = '';
  try {
    findings.push(...(await measureRecords(bench, before.netsh)));
    findings.push(...(await measureTexts(bench)));
    findings.push(...(await measureEvent(bench, { ...request, lastRecordId: before.lastRecordId })));
    findings.push(...(await measure(['removed-certificate', 'rebind-orphaned'], () => removedCertificate(bench))));
    findings.push(engineFinding(bench.context.server.cost()));
  } catch (thrown) {
    if (!(thrown instanceof NotMeasured) && !(thrown instanceof CertRebindError)) throw thrown;
    endedBy = thrown.message;
  } finally {
    await request.starts.release();
  }
  return openFacts.map(
    ({ name }) => findings.find((one) => one.name === name) ?? { name, measured: null, how: endedBy },
  );
}

async function removedCertificate(bench: Bench): Promise<readonly Finding[]> {
  await setRecord(bench, plainRecord(bench, bench.byAddress.key, bench.successor));
  await assertWire(bench, null, bench.successor);
  await demand(bench.context.server, {
    do: 'rehearse',
    act: { act: 'remove-certificate', thumbprint: bench.successor, store: 'My' },
  });
  const wire = await served(bench, null);
  const isServed = wire.thumbprint === bench.successor;
  const how = `the certificate was deleted with its key, and then ${isServed ? 'still served' : `not: ${wire.reason ?? wire.result}`}`;
  const { now, error } = await callMethod(bench, bench.byAddress, 'RebindSslCertificate', bench.old);
  const isReplaced = holds(now, bench.old);
  return [
    { name: 'removed-certificate', measured: isServed ? 'still-served' : 'refused', how },
    { name: 'rebind-orphaned', measured: isReplaced ? 'replaces' : 'refuses', how: error?.message ?? 'no error' },
  ];
}

/** Which of its two ways this server's PowerShell uses; the first request found it out. */
function engineFinding({ engine }: Cost): Finding {
  const name = 'adapter-on-stdin';
  if (engine === undefined) {
    return { name, measured: null, how: 'no PowerShell stands between the program and this server' };
  }
  if (engine.way === 'file') return { name, measured: 'file', how: 'PowerShell ran the adapter script as a file' };
  const { because } = engine;
  if (because.cause === 'not-installed') return { name, measured: null, how: 'the program is not installed' };
  const why = `${because.cause}: ${because.said}`;
  return { name, measured: 'text', how: `the text of the adapter script was sent to PowerShell; ${why}` };
}
