import { canonicalJson } from '../../base/canonical-json.ts';
import { CertRebindError } from '../../base/errors.ts';
import type { Configuration } from '../../documents/configuration.ts';
import {
  type Rehearsal,
  type RehearsedStage,
  rehearsalAppId,
  rehearsalHost,
  rehearsalMark,
} from '../../documents/rehearsal.ts';
import type { Outcome } from '../../documents/runs/outcome.ts';
import { changed, states } from '../../documents/runs/step-states.ts';
import { restoreTo } from '../../engine/run/ask-server.ts';
import type { RunContext } from '../../engine/run/context.ts';
import { performRun } from '../../engine/run/perform-run.ts';
import { leftoversIn, removeLeftovers } from '../../engine/run/rehearsal-leftovers.ts';
import type { RunRequest } from '../../engine/run/request.ts';
import { recordsOf, tlsHolder } from '../../kinds/holder.ts';
import { formatRecordKey, type KeyText, toRecordKey } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { makeCertificateBinding } from '../../kinds/tls/certificate-binding.ts';
import type { Renewal } from '../../model/certificates/renewal.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { type Change, changeOne, type Server } from '../../server/server.ts';

export interface RehearsalRequest {
  /** Unique to this rehearsal. */
  readonly id: string;
  /** On the loopback address; nothing listens there. */
  readonly port: number;
  readonly configuration: Configuration;
}

/** What a rehearsal makes: one site with a binding by address and one by name, and two certificates. */
export interface TemporarySite {
  readonly site: string;
  readonly port: number;
  readonly byAddress: { readonly information: string; readonly key: KeyText };
  readonly byName: { readonly information: string; readonly key: KeyText };
  readonly old: Thumbprint;
  readonly successor: Thumbprint;
}

/**
 * A renewal as any other, on a site made for it: replaced, verified, rolled back; then everything is removed again, which a
 * second snapshot proves. The lock is held from start to end, so that no other run meets the temporary site.
 * @throws CertRebindError when nothing was made: `locked`, or a server that cannot be worked on
 */
export async function rehearse(context: RunContext, request: RehearsalRequest): Promise<Rehearsal> {
  const { server, clock, state, signal } = context;
  const begun = clock.now();
  const lock = await state.lock({ wait: true, signal });
  try {
    // The run of a rehearsal that was killed needs its site to be finished.
    if ((await state.unfinishedRuns()).length > 0)
      await performLocked(context, request, {
        command: 'rehearse',
        wanted: { want: 'pairs', renewals: [], purpose: 'rehearsal' },
      });
    // Leftovers of a killed rehearsal are not part of the state to return to.
    const before = await removeLeftovers(server, await server.snapshot());
    const stages: RehearsedStage[] = [];
    try {
      const made = await makeSite(server, before, request);
      stages.push({ stage: 'set-up', result: 'done', detail: `${made.site}, on 127.0.0.1:${made.port}` });
      stages.push(...(await replaceAndUndo(context, made, request)));
    } catch (thrown) {
      if (!(thrown instanceof CertRebindError)) throw thrown;
      stages.push({ stage: stages.length === 0 ? 'set-up' : 'replace', result: 'failed', detail: thrown.message });
    } finally {
      // A defect of this program must not leave a site behind either.
      await removeLeftovers(server, await server.snapshot());
    }
    const after = await server.snapshot();
    const leftovers = leftoversIn(after).map(({ what }) => what);
    const differences = differencesBetween(before, after);
    const clean = leftovers.length === 0 && differences.length === 0;
    const failed = stages.some(({ result }) => result !== 'done');
    return {
      schema: 'certrebind/rehearsal/1',
      rehearsal: request.id,
      server: before.server,
      at: begun.toISOString(),
      durationMs: clock.now().getTime() - begun.getTime(),
      exitCode: clean ? (failed ? 4 : 0) : 5,
      stages: [
        ...stages,
        {
          stage: 'clean-up',
          result: clean ? 'done' : 'failed',
          detail: `a snapshot before and one after ${clean ? 'are equal' : 'differ'}`,
        },
      ],
      clean,
      leftovers,
      differences,
    };
  } finally {
    await lock.release();
  }
}

/**
 * The site first, because a certificate's key is tried from the moment the certificate exists.
 * @throws CertRebindError with why there cannot be one
 */
export async function makeSite(
  server: Server,
  { listenOnly, webAdministration, sites, ...before }: Snapshot,
  { id, port }: Pick<RehearsalRequest, 'id' | 'port'>,
): Promise<TemporarySite> {
  if (webAdministration === 'missing')
    throw cannot(
      'IIS is here without its scripting tools, so no site can be made. Add Management Scripts and Tools of IIS',
    );
  if (listenOnly.length > 0 && !listenOnly.some((address) => address === '127.0.0.1' || address === '0.0.0.0'))
    throw cannot(`HTTP.SYS listens on ${listenOnly.join(', ')} alone, and not on 127.0.0.1`);
  const isTaken =
    recordsOf(before).some(({ key }) => toRecordKey(key)?.port === port) ||
    sites.some(({ bindings }) => bindings.some(({ parts }) => parts?.port === port));
  if (isTaken) throw cannot(`port ${port} is in use by another site or certificate binding`);
  const byAddress = {
    information: `127.0.0.1:${port}:`,
    key: formatRecordKey({ table: 'ip', address: '127.0.0.1', port }),
  };
  const byName = {
    information: `127.0.0.1:${port}:${rehearsalHost}`,
    key: formatRecordKey({ table: 'sni', host: rehearsalHost, port }),
  };
  const site = `${rehearsalMark}-${id}`;
  const bindings = [
    { information: byAddress.information, sslFlags: 0 },
    { information: byName.information, sslFlags: 1 },
  ];
  await demand(server, { do: 'rehearse', act: { act: 'add-site', name: site, bindings } });
  const names = [`${rehearsalMark} ${id} new`, `${rehearsalMark} ${id} old`] as const;
  for (const friendlyName of names)
    await demand(server, { do: 'rehearse', act: { act: 'add-certificate', name: rehearsalHost, friendlyName } });
  const { certificates } = await server.snapshot();
  const find = (wanted: string): Thumbprint => {
    const found = certificates.find(({ friendlyName }) => friendlyName === wanted);
    if (found === undefined) throw cannot('the certificates that were made are not in the store My');
    return found.thumbprint;
  };
  return { site, port, byAddress, byName, old: find(names[1]), successor: find(names[0]) };
}

/** The executor itself, with its journal, as for any renewal; the record has as many options as every netsh can write. */
async function replaceAndUndo(
  context: RunContext,
  { byAddress: { key }, old, successor }: TemporarySite,
  request: RehearsalRequest,
): Promise<readonly RehearsedStage[]> {
  const options = { flags: 0x3, certCheckMode: 0x6, revocationFreshnessSeconds: 3600, urlRetrievalTimeoutMs: 5000 };
  const record = makeCertificateBinding({ key, thumbprint: old, appId: rehearsalAppId, ...options });
  await demand(context.server, restoreTo(tlsHolder(record)));
  const renewal: Renewal = { old, new: successor, source: 'event', corroborated: true, eventRecordId: null };
  const wanted = { want: 'pairs', renewals: [renewal], purpose: 'rehearsal' } as const;
  const replaced = await performLocked(context, request, { command: 'rehearse', wanted });
  const step = replaced.steps.find((one) => one.key === key);
  const isReplaced = step !== undefined && changed(step.state);
  const said = step?.error == null ? '' : `, ${step.error.message}`;
  const lost =
    step === undefined || step.repairedOptions.length === 0 ? '' : `; repaired: ${step.repairedOptions.join(', ')}`;
  const replace: RehearsedStage = {
    stage: 'replace',
    result: isReplaced ? 'done' : 'failed',
    detail: `run ${replaced.run}: ${replaced.result}${said}${lost}`,
  };
  const verify: RehearsedStage = {
    stage: 'verify',
    result: isReplaced && step.state === 'verified' ? 'done' : 'not-done',
    detail: step === undefined ? 'nothing was replaced' : states[step.state].text,
  };
  if (!isReplaced) return [replace, verify, { stage: 'undo', result: 'not-done', detail: 'nothing was replaced' }];
  const undone = await performLocked(context, request, {
    command: 'undo',
    wanted: { want: 'undo', run: replaced.run, force: false },
  });
  const isBack = undone.steps.some((one) => one.key === key && changed(one.state));
  const detail = `run ${undone.run}: ${undone.result}`;
  return [replace, verify, { stage: 'undo', result: isBack ? 'done' : 'failed', detail }];
}

/** The rehearsal already holds the lock; a second one would wait for itself. */
async function performLocked(
  context: RunContext,
  { configuration }: RehearsalRequest,
  what: Pick<RunRequest, 'command' | 'wanted'>,
): Promise<Outcome> {
  const state = { ...context.state, lock: async () => ({ release: async () => {} }) };
  const { outcome } = await performRun({ ...context, state }, { ...what, configuration, dryRun: false, wait: true });
  return outcome;
}

/** @throws CertRebindError with the server's message */
async function demand(server: Server, change: Change): Promise<void> {
  const error = await changeOne(server, change);
  if (error !== null)
    throw cannot(`${change.do === 'rehearse' ? change.act.act : change.do} was refused: ${error.message}`);
}

function cannot(why: string): CertRebindError {
  return new CertRebindError('server-unreachable', { message: why });
}

/** Differences that a rehearsal must not leave behind. Events and times always differ and are ignored. */
export function differencesBetween(before: Snapshot, after: Snapshot): readonly string[] {
  const stored = (each: { readonly thumbprint: string; readonly store: string }) =>
    `${each.thumbprint} in ${each.store}`;
  return [
    ...compare('site', before.sites, after.sites, ({ name }) => name),
    ...compare('certificate binding', recordsOf(before), recordsOf(after), ({ key }) => key),
    ...compare('certificate', before.certificates, after.certificates, stored),
    ...compare('task', before.tasks.map(definition), after.tasks.map(definition), (each) => `${each.path}${each.name}`),
  ];
}

/** Of a task, not when it last ran. */
function definition({ path, name, xml, enabled }: Snapshot['tasks'][number]) {
  return { path, name, xml, enabled };
}

function compare<T>(
  kind: string,
  before: readonly T[],
  after: readonly T[],
  nameOf: (thing: T) => string,
): readonly string[] {
  const texts = (things: readonly T[]) => new Map(things.map((thing) => [nameOf(thing), canonicalJson(thing)]));
  const [was, is] = [texts(before), texts(after)];
  return [...new Set([...was.keys(), ...is.keys()])].sort().flatMap((name) => {
    if (was.get(name) === is.get(name)) return [];
    const how = was.has(name) ? (is.has(name) ? 'has changed' : 'is gone') : 'has come';
    return [`the ${kind} ${name} ${how}`];
  });
}
