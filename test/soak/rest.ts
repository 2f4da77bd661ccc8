import { setTimeout as pause } from 'node:timers/promises';
import type { Outcome } from '../../src/documents/runs/outcome.ts';
import { isApplied } from '../../src/documents/runs/step-states.ts';
import { ledgerEntries } from '../../src/engine/views/ledger-entries.ts';
import { recordsOf } from '../../src/kinds/holder.ts';
import { placesOf } from '../../src/kinds/place.ts';
import type { KeyText } from '../../src/kinds/record-key.ts';
import { type CertificateBinding, withCertificate } from '../../src/kinds/tls/certificate-binding.ts';
import type { Renewal } from '../../src/model/certificates/renewal.ts';
import { parseThumbprint, type Thumbprint } from '../../src/model/certificates/thumbprint.ts';
import { restoreOf } from '../builders/changes.ts';
import { met } from '../builders/met.ts';
import { sameRecord } from '../support/same-record.ts';
import { type Actor, headOf, noteExit, type Stage, tryToKill } from './act.ts';
import { Broken } from './broken.ts';
import { keysOf, type Line, lineOf } from './soaked-lab.ts';
import { add } from './tally.ts';
import { complaints } from './watch.ts';

type Records = ReadonlyMap<KeyText, CertificateBinding>;

/** What outcomes said so far that a check has to know of. */
export interface Outcomes {
  /** Records that a run could not restore, and said so. */
  readonly leftToPerson: ReadonlySet<string>;
  /** Runs whose result is told outside. */
  readonly told: ReadonlySet<string>;
  /** Reads the outcomes of runs that have ended since. */
  listen(): Promise<void>;
  forget(): void;
}

/**
 * Lifts every fault, lets everything come to its end, reconciles once and checks all invariants. What a run has left to a
 * person is then done by the soak as that person.
 */
export async function bringToRest(stage: Stage, actor: Actor, outcomes: Outcomes): Promise<void> {
  const { lab, excuses, tally } = stage;
  await lab.perform({ kind: 'disarm-faults' });
  await lab.perform({ kind: 'set-switch', name: 'rebind-options', position: 'kept' });
  excuses.lift('handshake-fails', 'other-certificate-served');
  await allEnded(stage, actor);
  lab.receiver.answer(202);
  for (const words of [lab.windowWords('none'), ['enable', '--no-proof']]) await succeed(stage, words);

  const first = await outcomeOf(stage, ['reconcile']);
  await outcomes.listen();
  checkExit(stage, first);
  await checkClosed(stage);
  checkRecords(stage, await records(stage), outcomes);

  await actAsPerson(stage, outcomes);
  // Records that hold another certificate now may be what an old forged event is about, which then is news once.
  checkExit(stage, await outcomeOf(stage, ['reconcile']));
  checkWhole(stage, await records(stage));
  excuses.lift('absent', 'options', 'other-certificate-held');
  outcomes.forget();
  const { ended } = lab.start(['verify']);
  const verified = await ended;
  // Other findings are right here, such as a renewal that a person undid; what an endpoint serves must be what is set.
  const different = notMatching(verified.stdout);
  if (verified.exitCode !== 0 && different !== '[]')
    throw new Broken('at rest every endpoint serves what is set', `exit ${verified.exitCode}: ${different}`);
  await checkIdle(stage);
  await outcomes.listen();
  await lab.receiver.check(outcomes.told);
  tally.told = lab.receiver.received();
  tally.rests++;
}

/** In the end every record holds the last certificate of its line, also where the last one so far was blocked. */
export async function finish(stage: Stage, actor: Actor, outcomes: Outcomes): Promise<void> {
  const { lab, tally } = stage;
  await bringToRest(stage, actor, outcomes);
  const now = await held(stage);
  const behind = lab.lines.filter((line) => keysOf(line).some((key) => now.get(key) !== headOf(line)));
  for (const line of behind) {
    const { new: successor } = await lab.renew({ thumbprint: headOf(line), names: line.names });
    line.chain.push(parseThumbprint(successor, 'lab'));
    tally.events++;
    add(tally.renewals, 'usual');
  }
  if (behind.length > 0) await bringToRest(stage, actor, outcomes);
  for (const [key, thumbprint] of await held(stage)) {
    const line = lineOf(lab.lines, key);
    if (line !== undefined && thumbprint !== headOf(line))
      throw new Broken('in the end everything holds its last certificate', `${key} holds ${thumbprint}`);
  }
}

/** A run over hundreds of records on a busy machine; none takes so long that is still at work. */
const longestMs = 300_000;
/** A process that waits for an answer which never comes. */
const hungAfterMs = 10_000;

async function allEnded(stage: Stage, actor: Actor): Promise<void> {
  const { lab } = stage;
  const from = performance.now();
  const hangs = actor.hangs();
  const commands = actor.settled().then(() => 'ended' as const);
  // Caught where it is waited for.
  commands.catch(() => {});
  for (;;) {
    const { tasks } = await lab.whole();
    const idle = tasks.every(({ running, queued }) => running.length + queued.length === 0);
    if (idle && (await Promise.race([commands, pause(100, 'going on' as const)])) === 'ended') return;
    const waited = performance.now() - from;
    if (hangs && waited > hungAfterMs) {
      for (const pid of [...lab.commandProcesses(), ...(await lab.taskProcesses())]) tryToKill(pid);
      await pause(500);
    }
    if (waited > longestMs)
      throw new Broken('every process ends', `after ${Math.round(waited / 1000)} s some still run`);
    await pause(100);
  }
}

async function outcomeOf(stage: Stage, words: readonly string[]): Promise<Outcome> {
  const end = await stage.lab.start(words).ended;
  noteExit(stage, words[0] ?? '', end);
  const document = JSON.parse(end.stdout);
  if (document.schema !== 'certrebind/outcome/1')
    throw new Broken(
      'with all faults lifted the program works',
      `${words.join(' ')}: exit ${end.exitCode}: ${end.stdout}`,
    );
  return document;
}

/** Guards may block what they should; everything else has to succeed at once. */
function checkExit({ lab }: Stage, { exitCode, result, blocked, steps, notes }: Outcome): void {
  const expected = blocked.filter(({ obstacles, renewal }) => {
    const [{ code: reason }] = obstacles;
    if (reason === 'uncorroborated') return lab.lines.some(({ forged }) => forged.includes(renewal.new));
    return reason === 'names-lost';
  });
  const wrong = blocked.filter((entry) => !expected.includes(entry));
  if (wrong.length > 0) throw new Broken('only what should be is blocked', JSON.stringify(wrong.slice(0, 3)));
  if (exitCode === (blocked.length > 0 ? 3 : 0)) return;
  const failed = steps.filter(({ state }) => !isApplied(state)).slice(0, 3);
  const detail = `exit ${exitCode}, ${result}: ${JSON.stringify({ failed, notes })}`;
  throw new Broken('with all faults lifted one reconcile brings everything in', detail);
}

async function checkClosed({ lab }: Stage): Promise<void> {
  const open = await lab.state.unfinishedRuns();
  if (open.length > 0) throw new Broken('after a reconcile no run is unfinished', open.join(', '));
}

/** After one reconcile, and before any person. */
function checkRecords({ lab, excuses }: Stage, now: Records, { leftToPerson }: Outcomes): void {
  for (const { key, oddity, invariant, detail } of complaints(lab, now)) {
    const isExplained =
      oddity === 'other-certificate-held' ? excuses.covers(key, oddity, performance.now()) : leftToPerson.has(key);
    if (!isExplained) throw new Broken(invariant, `at rest ${detail}`);
  }
}

function checkWhole({ lab }: Stage, now: Records): void {
  const [complaint] = complaints(lab, now);
  if (complaint !== undefined) throw new Broken(complaint.invariant, `after all is done ${complaint.detail}`);
  for (const [key, before] of lab.original) {
    const record = now.get(key);
    if (record === undefined || before.thumbprint === null || record.thumbprint === null) continue;
    if (!sameRecord(record, withCertificate(before, record.thumbprint, record.store)))
      throw new Broken('every record is as before but for its certificate', `${key}: ${JSON.stringify(record)}`);
  }
}

/** What is not at the last certificate although all is lifted has to be explained by the ledger; a person brings it there. */
async function actAsPerson(stage: Stage, outcomes: Outcomes): Promise<void> {
  const { lab, tally } = stage;
  await mend(stage, outcomes, await records(stage));
  const entries = ledgerEntries(await lab.state.readLedger());
  const wanted = new Map<string, { readonly pair: Pick<Renewal, 'old' | 'new'>; keys: number }>();
  for (const [key, thumbprint] of await held(stage)) {
    const line = lineOf(lab.lines, key);
    if (line === undefined || thumbprint === headOf(line) || thumbprint === null) continue;
    const pair = { old: thumbprint, new: headOf(line) };
    if (isOfLine(thumbprint, line)) {
      const entry = entries.find(({ renewal }) => renewal.old === pair.old && renewal.new === pair.new);
      if (entry?.state === 'blocked' && entry.reasons.includes('names-lost')) continue;
      const isTakenBack = entry?.state === 'undone' || entry?.heldAt?.includes(key);
      if (!isTakenBack && !outcomes.leftToPerson.has(key)) {
        const detail = `${key} holds ${pair.old}, not ${pair.new}; the ledger says ${JSON.stringify(entry ?? null)}`;
        throw new Broken('what is wanted and not there is in the ledger, with the reason', detail);
      }
    }
    const id = `${pair.old} ${pair.new}`;
    const known = wanted.get(id) ?? { pair, keys: 0 };
    known.keys++;
    wanted.set(id, known);
  }
  for (const { pair, keys } of wanted.values()) {
    const outcome = await outcomeOf(stage, ['rebind', '--old', pair.old, '--new', pair.new]);
    if (outcome.exitCode !== 0) {
      const blocked = outcome.blocked.map(met).every(({ reason }) => reason === 'names-lost');
      if (!blocked || outcome.exitCode !== 3)
        throw new Broken(
          'a person brings in what was rolled back',
          `${JSON.stringify(pair)}: ${JSON.stringify(outcome).slice(0, 2000)}`,
        );
    }
    tally.byPerson += keys;
  }
}

function isOfLine(thumbprint: Thumbprint, { chain }: Line): boolean {
  return chain.includes(thumbprint);
}

/** A record that a run could not bring back, and said so, is written by hand. */
async function mend({ lab, tally }: Stage, outcomes: Outcomes, now: Records): Promise<void> {
  for (const { key, oddity } of complaints(lab, now)) {
    const before = lab.original.get(key);
    if (before === undefined || oddity === 'other-certificate-held' || !outcomes.leftToPerson.has(key)) continue;
    const line = lineOf(lab.lines, key);
    const thumbprint = now.get(key)?.thumbprint ?? (line === undefined ? before.thumbprint : headOf(line));
    if (thumbprint === null) continue;
    const record = withCertificate(before, thumbprint, before.store);
    const [report] = await lab.server.change([restoreOf(record)]);
    if (report === undefined || report.error !== null) throw new Error(`${key}: ${JSON.stringify(report)}`);
    tally.mendedByPerson++;
  }
}

/** A further run changes nothing, neither on the server nor in what is remembered. */
async function checkIdle(stage: Stage): Promise<void> {
  const { lab } = stage;
  const before = [await records(stage), (await lab.whole()).counters.writes] as const;
  const outcome = await outcomeOf(stage, ['reconcile']);
  const after = [await records(stage), (await lab.whole()).counters.writes] as const;
  if (outcome.counts.changed > 0 || outcome.steps.length > 0 || before[1] !== after[1]) {
    const detail = `${JSON.stringify(outcome.counts)}, ${after[1] - before[1]} writes, ${JSON.stringify(outcome.steps.slice(0, 2))}`;
    throw new Broken('a further run changes nothing', detail);
  }
  for (const [key, record] of before[0]) {
    const now = after[0].get(key);
    if (now === undefined || !sameRecord(record, now))
      throw new Broken('a further run changes nothing', `${key}: ${JSON.stringify(now)}`);
  }
}

async function succeed(stage: Stage, words: readonly string[]): Promise<void> {
  const end = await stage.lab.start(words).ended;
  noteExit(stage, words[0] ?? '', end);
  if (end.exitCode !== 0)
    throw new Broken(
      'with all faults lifted the program works',
      `${words.join(' ')}: exit ${end.exitCode}: ${end.stdout}${end.stderr}`,
    );
}

/** The certificate of every holder. */
async function held({ lab }: Stage): Promise<ReadonlyMap<KeyText, Thumbprint | null>> {
  return new Map(
    placesOf(await lab.snapshot()).flatMap(({ key, thumbprint, holder }) =>
      holder === null ? [] : [[key, thumbprint]],
    ),
  );
}

async function records({ lab }: Stage): Promise<Records> {
  return new Map(recordsOf(await lab.snapshot()).map((record) => [record.key, record]));
}

function notMatching(stdout: string): string {
  try {
    const { endpoints } = JSON.parse(stdout);
    return JSON.stringify(
      endpoints
        .filter(
          ({ expected, matches, result }: Readonly<Record<'expected' | 'matches' | 'result', unknown>>) =>
            expected !== '' && matches !== true && result !== 'skipped',
        )
        .slice(0, 3),
    );
  } catch {
    return stdout.slice(0, 2000);
  }
}
