import { CertRebindError } from '../../../../src/base/errors.ts';
import type { TemporarySite } from '../../../../src/commands/rehearse/rehearse.ts';
import { restoreTo } from '../../../../src/engine/run/ask-server.ts';
import type { RunContext } from '../../../../src/engine/run/context.ts';
import { tlsHolder } from '../../../../src/kinds/holder.ts';
import type { RecordNow } from '../../../../src/kinds/kind-rules.ts';
import type { KeyText } from '../../../../src/kinds/record-key.ts';
import type { CertificateBinding } from '../../../../src/kinds/tls/certificate-binding.ts';
import type { Handshake } from '../../../../src/model/certificates/handshake.ts';
import type { Thumbprint } from '../../../../src/model/certificates/thumbprint.ts';
import type { Change, ChangeReport, Server } from '../../../../src/server/server.ts';
import { eventually } from '../../../stories/eventually.ts';
import { recordNow } from '../../../support/read-records.ts';
import { NotMeasured } from '../measurement.ts';

/** What of a run's surroundings a measurement needs. */
export type BenchContext = Pick<RunContext, 'server' | 'handshake' | 'clock'>;

/** What no port of the program does. */
export type Act =
  /** Switch-Certificate: the renewal property of the old certificate, and event 1001. */
  | { readonly act: 'announce'; readonly old: Thumbprint; readonly new: Thumbprint }
  /** The method itself, without first checking what the record holds. */
  | {
      readonly act: 'binding-method';
      readonly key: KeyText;
      readonly site: string;
      readonly information: string;
      readonly method: 'AddSslCertificate' | 'RebindSslCertificate';
      readonly thumbprint: Thumbprint;
    }
  /** `netsh http update sslcert` that names nothing but hash, store and application id. */
  | { readonly act: 'netsh-update'; readonly key: KeyText; readonly thumbprint: Thumbprint; readonly appId: string };

/** Each is answered with texts as the server gives them, none if there is no such thing. */
export type Look =
  /** One event of the lifecycle log as it was written. */
  | { readonly look: 'event-xml'; readonly recordId: number }
  /** What `netsh http show sslcert` prints for one record. */
  | { readonly look: 'netsh-record'; readonly key: KeyText }
  /** The thumbprints in the store CA, where Windows puts a copy of each self-signed certificate that it makes. */
  | { readonly look: 'intermediates' }
  /** The access descriptor (SDDL) of the lifecycle log. */
  | { readonly look: 'log-access' };

/** How acts and looks reach the server: a script on a Windows, requests to a lab in memory. */
export interface Hands {
  /** @returns the server's message; `null` where there was none */
  perform(act: Act): Promise<string | null>;
  look(look: Look): Promise<readonly string[]>;
}

/** The temporary site that everything is measured on. */
export interface Bench extends TemporarySite {
  readonly context: BenchContext;
  readonly hands: Hands;
  /** Time (`Date.now()`) when the old certificate had been made. */
  readonly oldMadeAt: number;
}

export interface RecordReport extends Pick<ChangeReport, 'error'> {
  readonly now: RecordNow | null;
}

export async function changeOne(server: Server, change: Change): Promise<RecordReport> {
  const [report] = await server.change([change]);
  if (report !== undefined) return { error: report.error, now: report.now === null ? null : recordNow(report.now) };
  throw new CertRebindError('server-unreachable', { message: `The server reported nothing for ${change.do}.` });
}

/** With the record that it is about, read afterwards. */
export async function perform({ context, hands }: Pick<Bench, 'context' | 'hands'>, act: Act): Promise<RecordReport> {
  const said = await hands.perform(act);
  const key = 'key' in act ? act.key : null;
  const now = key === null ? undefined : (await context.server.holders([key])).get(key);
  return {
    error: said === null ? null : { code: 'refused', message: said },
    now: now === undefined ? null : recordNow(now),
  };
}

/** For acts that must work before anything can be measured. @throws NotMeasured */
export async function assertAct(bench: Pick<Bench, 'context' | 'hands'>, act: Act): Promise<void> {
  const { error } = await perform(bench, act);
  if (error !== null) throw new NotMeasured(`${act.act} was refused: ${error.message}`);
}

/** For such changes. @throws NotMeasured */
export async function demand(server: Server, change: Change): Promise<RecordReport> {
  const report = await changeOne(server, change);
  if (report.error === null) return report;
  throw new NotMeasured(`${change.do} was refused: ${report.error.message}`);
}

export function callMethod(
  bench: Bench,
  { key, information }: Bench['byName'],
  method: Extract<Act, { act: 'binding-method' }>['method'],
  thumbprint: Thumbprint,
): Promise<RecordReport> {
  return perform(bench, { act: 'binding-method', key, site: bench.site, information, method, thumbprint });
}

/** Makes the record exactly this. @throws NotMeasured when it is not */
export async function setRecord({ context }: Bench, record: CertificateBinding): Promise<CertificateBinding> {
  const { now, error } = await changeOne(context.server, restoreTo(tlsHolder(record)));
  if (now?.state === 'holds' && now.holder.value.thumbprint === record.thumbprint) return now.holder.value;
  throw new NotMeasured(
    `the certificate binding ${record.key} could not be made: ${error?.message ?? 'it is not there'}`,
  );
}

export async function removeRecords({ context }: Bench, keys: readonly KeyText[]): Promise<void> {
  for (const key of keys) await demand(context.server, { do: 'remove', key });
}

export function holds(now: RecordNow | null, thumbprint: Thumbprint): boolean {
  return now?.state === 'holds' && now.holder.value.thumbprint === thumbprint;
}

/** What the endpoint serves. */
export async function served({ context, port }: Bench, serverName: string | null): Promise<Handshake> {
  const { handshake } = await context.handshake({ address: '127.0.0.1', port, serverName });
  return handshake;
}

/** For what has to be served in the end: right after a change Windows may still serve what was there before. */
export async function assertServed(serves: () => Promise<Handshake>, wanted: Thumbprint): Promise<void> {
  let last: Handshake | undefined;
  await eventually(async () => {
    last = await serves();
    return last.thumbprint === wanted ? true : undefined;
  }, servedWithinMs).catch((cause) => {
    throw new Error(`${wanted} is not served: ${last?.thumbprint ?? last?.reason}`, { cause });
  });
}

const servedWithinMs = 60_000;

/** Checks that handshakes can be judged at all here. @throws NotMeasured when even the plain one fails */
export async function assertWire(bench: Bench, serverName: string | null, expected: Thumbprint): Promise<void> {
  const wire = await served(bench, serverName);
  if (wire.thumbprint === expected) return;
  throw new NotMeasured(
    wire.thumbprint === null
      ? `no handshake with the endpoint: ${wire.reason ?? wire.result}`
      : 'the endpoint serves another certificate than that of its record',
  );
}

export interface Finding {
  readonly name: OpenFact;
  readonly measured: string | null;
  readonly how: string;
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

/**
 * The facts that are measured on a temporary site, by their names in docs/evidence/fidelity.md, with the positions that
 * Windows may have; none if the answer is no choice between positions.
 */
export const openFacts = [
  { name: 'rebind-options', positions: ['kept', 'flags-lost', 'all-lost'] },
  { name: 'rebind-orphaned', positions: ['replaces', 'refuses'] },
  { name: 'netsh-options', positions: [] },
  { name: 'netsh-update-presence', positions: ['absent', 'present'] },
  { name: 'netsh-update-options', positions: ['kept', 'lost'] },
  { name: 'archived-bindable', positions: ['can-be-bound', 'cannot-be-bound'] },
  { name: 'sni-table-layout', positions: ['guid', 'name'] },
  { name: 'late-keys', positions: ['at-once', 'late'] },
  { name: 'wildcard-records', positions: ['match', 'literal'] },
  {
    name: 'endpoint-precedence',
    positions: ['address-name-central-any', 'name-address-central-any', 'address-any-name-central'],
  },
  { name: 'wire-follows-renewal', positions: ['never', 'at-once', 'address-records'] },
  { name: 'removed-certificate', positions: ['still-served', 'refused'] },
  { name: 'event-1001-shape', positions: ['plain', 'own-namespace', 'reordered'] },
  { name: 'missing-value', positions: ['literal', 'empty'] },
  { name: 'task-queue', positions: ['keeps-all', 'keeps-one'] },
  { name: 'queued-values', positions: ['latest', 'own'] },
  { name: 'central-store-record', positions: ['own-label', 'hostname-star'] },
  { name: 'netsh-localised', positions: ['english', 'german', 'other'] },
  { name: 'event-writers', positions: ['allowed', 'denied'] },
  { name: 'adapter-on-stdin', positions: ['file', 'text'] },
] as const satisfies readonly { readonly name: string; readonly positions: readonly string[] }[];

export type OpenFact = (typeof openFacts)[number]['name'];
