import type { ErrorDocument } from '../../../base/errors.ts';
import type { Configuration } from '../../../documents/configuration.ts';
import type { Outcome, StepOutcome } from '../../../documents/runs/outcome.ts';
import { nativeTaskName, rebindTaskName, reconcileTaskName } from '../../../documents/scheduled-tasks.ts';
import type { Setup } from '../../../documents/setup.ts';
import type { Finding, Status } from '../../../documents/status.ts';
import type { VerifiedEndpoint } from '../../../documents/verify.ts';
import type { Snapshot } from '../../../kinds/snapshot.ts';
import { checkModeBits, flagBits } from '../../../kinds/tls/tls-flags.ts';
import type { Handshake } from '../../../model/certificates/handshake.ts';
import type { Thumbprint } from '../../../model/certificates/thumbprint.ts';
import type { EngineStart } from '../../../model/windows/engine-start.ts';
import { anonymise, anonymousKey, type Pseudonyms, pseudonyms } from './anonymise.ts';
import { knownWords } from './known-words.ts';

/**
 * Everything known about a server and about this program on it, with real names. A part that could not be read is
 * `null`.
 */
export interface SupportFacts {
  readonly at: string;
  readonly program: Support['program'];
  readonly missing: readonly { readonly part: SupportPart; readonly error: ErrorDocument['error'] }[];
  readonly snapshot: Snapshot | null;
  readonly engine: EngineStart | null;
  readonly setup: Setup | null;
  /** Whether what was verified is what the tasks start now. */
  readonly proofCounts: boolean;
  readonly tasks: Status['tasks'] | null;
  readonly findings: readonly Finding[] | null;
  readonly wire: readonly VerifiedEndpoint[] | null;
  /** The last ones, oldest first. */
  readonly outcomes: readonly Outcome[];
  readonly openRuns: number;
  readonly lastError: ErrorDocument['error'] | null;
  readonly configuration: Configuration;
}

export type SupportPart = 'server' | 'installation' | 'findings' | 'proof' | 'runs' | 'configuration';

/**
 * One document to send to the developers of this program, without anybody's names: hosts, sites, addresses, thumbprints
 * and accounts have the same pseudonyms throughout, and only known words of sentences are kept.
 */
export interface Support {
  readonly schema: 'certrebind/support/1';
  readonly at: string;
  readonly program: {
    readonly version: string;
    /** Of the installed program; `null` if none is installed, or its files could not be checked. */
    readonly installed: string | null;
    readonly runtime: string;
    /** For example `win32 x64`. */
    readonly system: string;
    readonly packaged: boolean;
  };
  readonly missing: readonly (Failure & { readonly part: SupportPart })[];
  readonly engine: ReturnType<typeof engineOf>;
  readonly proof: ReturnType<typeof proofOf>;
  readonly tasks: readonly ReturnType<typeof taskOf>[] | null;
  readonly findings: readonly ReturnType<typeof findingOf>[] | null;
  readonly wire: readonly ReturnType<typeof endpointOf>[] | null;
  readonly runs: readonly ReturnType<typeof runOf>[];
  readonly openRuns: number;
  readonly lastError: Failure | null;
  readonly configuration: ReturnType<typeof configurationOf>;
  /** `--replay` takes it out of this document. */
  readonly capture: Snapshot | null;
}

interface Failure {
  readonly code: string;
  readonly message: string;
}

/** Of ten thousand records the first ones show as much as all. */
const most = 200;

export function supportBundle(facts: SupportFacts): Support {
  const { at, snapshot } = facts;
  const names = pseudonyms(snapshot ?? { takenAt: at, holders: [] });
  // First, so that its pseudonyms are those of a capture.
  const capture = snapshot === null ? null : anonymise(snapshot, names);
  const { version, installed } = facts.program;
  return {
    schema: 'certrebind/support/1',
    at,
    program: {
      ...facts.program,
      version: plainVersion(version),
      installed: installed === null ? null : plainVersion(installed),
    },
    missing: facts.missing.map(({ part, error }) => ({ part, ...failureOf(error) })),
    engine: engineOf(facts.engine),
    proof: proofOf(facts),
    tasks: facts.tasks?.map(taskOf) ?? null,
    findings: facts.findings?.slice(0, most).map((finding) => findingOf(finding, names)) ?? null,
    wire: facts.wire?.slice(0, most).map((endpoint) => endpointOf(endpoint, names)) ?? null,
    runs: facts.outcomes.map((outcome) => runOf(outcome, names)),
    openRuns: facts.openRuns,
    lastError: facts.lastError === null ? null : failureOf(facts.lastError),
    configuration: configurationOf(facts.configuration),
    capture,
  };
}

function engineOf(engine: EngineStart | null) {
  if (engine === null || engine.way === 'file') return engine;
  const { because } = engine;
  const said = because.cause === 'not-installed' ? null : knownWords(because.said);
  return { way: engine.way, cause: because.cause, said };
}

function proofOf({ setup, proofCounts }: SupportFacts) {
  if (setup === null) return null;
  const { verified, failed, unfinished } = setup;
  return {
    counts: proofCounts,
    verified:
      verified === null
        ? null
        : {
            at: verified.at,
            version: plainVersion(verified.version),
            account: verified.account,
            engine: engineOf(verified.engine),
            read: verified.read,
          },
    failed:
      failed === null ? null : { at: failed.at, version: plainVersion(failed.version), why: knownWords(failed.why) },
    unfinished: unfinished === null ? null : { at: unfinished.at, replaceNative: unfinished.replaceNative },
  };
}

const ownTaskNames: readonly string[] = [rebindTaskName, reconcileTaskName, nativeTaskName];

function taskOf({ name, is, enabled, lastResult, lastRunAt }: Status['tasks'][number]) {
  return { name: ownTaskNames.includes(name) ? name : 'another', is, enabled, lastResult, lastRunAt };
}

function findingOf({ code, severity, key, message }: Finding, names: Pseudonyms) {
  return { code, severity, key: key === null ? null : anonymousKey(key, names), message: knownWords(message) };
}

function endpointOf({ key, expected, matches, chain, ...seen }: VerifiedEndpoint, names: Pseudonyms) {
  return {
    key: anonymousKey(key, names),
    expected: expected === '' ? expected : names.thumbprint(expected),
    matches,
    chain,
    ...handshakeOf(seen, names),
  };
}

function handshakeOf(seen: Handshake, names: Pseudonyms) {
  const { endpoint, result, thumbprint, notAfter, reason, attempts, durationMs, sent } = seen;
  const { address, port, serverName, startTls } = endpoint;
  return {
    endpoint: {
      address: names.address(address),
      port,
      serverName: serverName === null ? null : names.host(serverName),
      ...(startTls === undefined ? {} : { startTls }),
    },
    result,
    thumbprint: hashOrNull(thumbprint, names),
    notAfter: notAfter === null ? null : names.validity(notAfter),
    issuersSent: sent?.issuers.length ?? null,
    reason: reason === null ? null : knownWords(reason),
    attempts,
    durationMs,
  };
}

function runOf(outcome: Outcome, names: Pseudonyms) {
  const { run, result, exitCode, startedAt, durationMs, counts, cost } = outcome;
  const { steps, blocked, skipped, renewals, notes } = outcome;
  const codesAt = ({ key, obstacles }: Outcome['skipped'][number]) => ({
    key: anonymousKey(key, names),
    obstacles: obstacles.map(({ code }) => code),
  });
  // Steps that failed are more useful than the others.
  const told = [...steps.filter(({ error }) => error !== null), ...steps.filter(({ error }) => error === null)];
  return {
    run,
    result,
    exitCode,
    startedAt,
    durationMs,
    counts,
    cost: { sessions: cost.sessions, roundTrips: cost.roundTrips, engine: engineOf(cost.engine ?? null) },
    steps: told.slice(0, most).map((step) => stepOf(step, names)),
    blocked: blocked.slice(0, most).map(codesAt),
    skipped: skipped.slice(0, most).map(codesAt),
    renewals: renewals.slice(0, most).map(({ old, new: successor, source, corroborated, eventRecordId }) => ({
      old: names.thumbprint(old),
      new: names.thumbprint(successor),
      source,
      corroborated,
      eventRecordId,
    })),
    notes: notes.map(({ code }) => code),
  };
}

function stepOf({ id, key, state, now, repairedOptions, before, after, error }: StepOutcome, names: Pseudonyms) {
  return {
    id,
    key: anonymousKey(key, names),
    state,
    now:
      now.state === 'holds'
        ? { state: now.state, thumbprint: hashOrNull(now.thumbprint, names) }
        : now.state === 'absent'
          ? now
          : { state: now.state, why: knownWords(now.why) },
    repairedOptions: repairedOptions.map((name) => (ownOption.test(name) ? name : 'another')),
    before: before.map((seen) => handshakeOf(seen, names)),
    after: after.map((seen) => handshakeOf(seen, names)),
    error: error === null ? null : failureOf(error),
  };
}

/** Values of the registry have names that others gave them. */
const ownOption = new RegExp(
  `^(?:store|key|application-id|revocation-freshness-time|url-retrieval-timeout|ctl-identifier|ctl-store-name|(?:flag|check-mode) (?:0x[0-9a-f]{1,8}|${[...flagBits, ...checkModeBits].map(({ name }) => name).join('|')}))$`,
);

function configurationOf({ guards, exclude, applicationIds, issuers, ...rest }: Configuration) {
  const { holders, successors, deadline, undo, handshake, keepRuns } = rest;
  return {
    guards,
    excluded: {
      sites: exclude.sites.length,
      records: exclude.records.length,
      holders: exclude.holders.length,
      thumbprints: exclude.thumbprints.length,
    },
    holders,
    applicationIds: applicationIds.length,
    issuers: issuers.length,
    successors,
    deadline,
    undo,
    handshake,
    keepRuns,
  };
}

function failureOf({ code, message }: Pick<ErrorDocument['error'], 'code' | 'message'>): Failure {
  return { code: knownWords(code), message: knownWords(message) };
}

function hashOrNull(thumbprint: Thumbprint | null, names: Pseudonyms): Thumbprint | null {
  return thumbprint === null ? null : names.thumbprint(thumbprint);
}

/** What follows the numbers may be a name. */
function plainVersion(version: string): string {
  return /^\d+\.\d+\.\d+/.exec(version)?.[0] ?? 'unknown';
}
