import type { Handshake } from '../certificates/handshake.ts';
import type { Thumbprint } from '../certificates/thumbprint.ts';
import {
  type MeasuredFact,
  type OpenFact,
  openFacts,
  type RehearsalAct,
  rehearsalHost,
} from '../documents/rehearsal.ts';
import { recordNow, tlsHolder } from '../holders/holder.ts';
import type { KeyText } from '../holders/record-key.ts';
import { formatRecordKey } from '../holders/record-key.ts';
import type { RecordNow, TlsRecord } from '../holders/tls/tls-record.ts';
import { restoreTo } from '../run/ask-server.ts';
import type { RunContext } from '../run/context.ts';
import type { Change, ChangeReport, Server } from '../server/server.ts';
import { CertRebindError } from '../text/errors.ts';

/** What of a run's surroundings a measurement needs. */
export type BenchContext = Pick<RunContext, 'server' | 'handshake' | 'clock'>;

/** The temporary endpoint that everything is measured on: one site with a binding by address and one by name. */
export interface Bench {
  readonly context: BenchContext;
  readonly site: string;
  readonly port: number;
  readonly byAddress: BenchBinding;
  readonly byName: BenchBinding;
  readonly old: Thumbprint;
  /** Time (`Date.now()`) when the old certificate had been made. */
  readonly oldMadeAt: number;
  readonly successor: Thumbprint;
}

export interface BenchBinding {
  readonly information: string;
  readonly key: KeyText;
}

export function bindingsOn(port: number): Pick<Bench, 'byAddress' | 'byName'> {
  return {
    byAddress: {
      information: `127.0.0.1:${port}:`,
      key: formatRecordKey({ table: 'ip', address: '127.0.0.1', port }),
    },
    byName: {
      information: `127.0.0.1:${port}:${rehearsalHost}`,
      key: formatRecordKey({ table: 'sni', host: rehearsalHost, port }),
    },
  };
}

/** Only certificate bindings are rehearsed on. */
export interface RecordReport extends Pick<ChangeReport, 'error'> {
  readonly now: RecordNow | null;
}

export async function changeOne(server: Server, change: Change): Promise<RecordReport> {
  const [report] = await server.change([change]);
  if (report !== undefined) return { error: report.error, now: report.now === null ? null : recordNow(report.now) };
  throw new CertRebindError('server-unreachable', { message: `The server reported nothing for ${change.do}.` });
}

export function perform(server: Server, act: RehearsalAct): Promise<RecordReport> {
  return changeOne(server, { do: 'rehearse', act });
}

/** For acts that must work before anything can be measured. @throws NotMeasured */
export function demandAct(server: Server, act: RehearsalAct): Promise<RecordReport> {
  return demand(server, { do: 'rehearse', act });
}

/** For such changes. @throws NotMeasured */
export async function demand(server: Server, change: Change): Promise<RecordReport> {
  const report = await changeOne(server, change);
  if (report.error === null) return report;
  throw new NotMeasured(`${nameOf(change)} was refused: ${report.error.message}`);
}

function nameOf(change: Change): string {
  return change.do === 'rehearse' ? change.act.act : change.do;
}

export function callMethod(
  { context, site }: Bench,
  { key, information }: BenchBinding,
  method: Extract<RehearsalAct, { act: 'binding-method' }>['method'],
  thumbprint: Thumbprint,
): Promise<RecordReport> {
  return perform(context.server, { act: 'binding-method', key, site, information, method, thumbprint });
}

/** Makes the record exactly this. @throws NotMeasured when it is not */
export async function setRecord({ context }: Bench, record: TlsRecord): Promise<TlsRecord> {
  const { now, error } = await changeOne(context.server, restoreTo(tlsHolder(record)));
  if (now?.state === 'holds' && now.record.thumbprint === record.thumbprint) return now.record;
  throw new NotMeasured(
    `the certificate binding ${record.key} could not be made: ${error?.message ?? 'it is not there'}`,
  );
}

export async function removeRecords({ context }: Bench, keys: readonly KeyText[]): Promise<void> {
  for (const key of keys) await demand(context.server, { do: 'remove', key });
}

export function holds(now: RecordNow | null, thumbprint: Thumbprint): boolean {
  return now?.state === 'holds' && now.record.thumbprint === thumbprint;
}

/** What the endpoint serves. */
export async function served({ context, port }: Bench, serverName: string | null): Promise<Handshake> {
  const { handshake } = await context.handshake({ address: '127.0.0.1', port, serverName });
  return handshake;
}

/** Checks that handshakes can be judged at all here. @throws NotMeasured when even the plain one fails */
export async function demandWire(bench: Bench, serverName: string | null, expected: Thumbprint): Promise<void> {
  const wire = await served(bench, serverName);
  if (wire.thumbprint === expected) return;
  throw new NotMeasured(
    wire.thumbprint === null
      ? `no handshake with the endpoint: ${wire.reason ?? wire.result}`
      : 'the endpoint serves another certificate than that of its record',
  );
}

/** Why a fact cannot be measured on this server: an expected answer, not an error. */
export class NotMeasured extends Error {}

export interface Finding {
  readonly name: OpenFact;
  readonly measured: string | null;
  readonly how: string;
}

/** The possible positions of a fact are given with what was found. */
export function factOf({ name, measured, how }: Finding): MeasuredFact {
  const positions: readonly string[] = openFacts.find((fact) => fact.name === name)?.positions ?? [];
  return { name, measured, positions, how };
}

/** Measures one thing; if it cannot be measured, the reason is given for each of its facts. */
export async function measure(
  names: readonly OpenFact[],
  work: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof NotMeasured) && !(thrown instanceof CertRebindError)) throw thrown;
    return names.map((name) => ({ name, measured: null, how: thrown.message }));
  }
}
