import { readdir, readFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { machine } from '../../bench/row.ts';
import { parseOutcome } from '../../src/documents/runs/outcome-document.ts';
import { rebindTaskName, reconcileTaskName } from '../../src/documents/scheduled-tasks.ts';
import { needsPerson } from '../builders/steps.ts';
import { randomFrom } from '../fuzz/mutate.ts';
import { newActor, type Stage } from './act.ts';
import { Broken } from './broken.ts';
import { chooseDeed } from './deeds.ts';
import { newExcuses } from './excuses.ts';
import { toldResults } from './receiver.ts';
import { bringToRest, finish, type Outcomes } from './rest.ts';
import { openSoakedLab, type SoakedLab, type TaskEnd } from './soaked-lab.ts';
import { add, kills, newTally, type SoakResult, type Tally } from './tally.ts';
import { startWatch } from './watch.ts';

export interface SoakOptions {
  readonly seed: number;
  /** Nothing more is begun after this time or this number of deeds, whichever is first. */
  readonly minutes: number;
  readonly deeds: number;
  readonly sites: number;
  /** How many deeds until everything is brought to rest and checked. */
  readonly deedsUntilRest: number;
  /** Aborted: nothing more is begun, and what there is is brought to rest and checked. */
  readonly signal: AbortSignal;
  /** Called every few seconds. */
  readonly progress: (line: string) => void;
}

/**
 * Renewals, faults, kills, commands and clients at random on a served lab, until time is up or an invariant is broken.
 * The seed decides every choice; how processes meet is up to the machine.
 */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { seed } = options;
  const tally = newTally();
  const startedAt = performance.now();
  const loadAtStart = loadavg()[0] ?? 0;
  const date = new Date().toISOString().slice(0, 10);
  const lab = await openSoakedLab(options.sites, (end) => noteTask(tally, end));
  let broken: Broken | null = null;
  try {
    const stage: Stage = { lab, excuses: newExcuses(), tally };
    const start = await lab.usage();
    const certificates = lab.lines.length;
    try {
      await live(stage, options, startedAt);
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      broken = error;
    }
    return {
      schema: 'certrebind/soak/1',
      seed,
      date,
      machine: machine(),
      load: { start: loadAtStart, end: loadavg()[0] ?? 0 },
      seconds: Math.round((performance.now() - startedAt) / 1000),
      records: lab.original.size,
      endpoints: lab.endpoints.length,
      certificates,
      tally,
      start,
      end: await lab.usage(),
      broken: broken === null ? null : { invariant: broken.invariant, detail: broken.message, deed: tally.deeds },
      folder: broken === null ? null : lab.root,
    };
  } finally {
    await lab.close({ keepFolder: broken !== null });
  }
}

async function live(stage: Stage, options: SoakOptions, startedAt: number): Promise<void> {
  const { lab, tally } = stage;
  const { seed, signal } = options;
  const random = randomFrom(seed);
  const actor = newActor(stage);
  const outcomes = listenTo(lab, tally);
  const watch = startWatch({ ...stage, seed });
  const ticker = setInterval(() => options.progress(progressLine(tally, startedAt)), progressEveryMs);
  const isOver = () =>
    signal.aborted ||
    tally.deeds >= options.deeds ||
    performance.now() - startedAt > options.minutes * 60_000 ||
    watch.broken() !== null;
  const check = () => {
    const found = watch.broken();
    if (found !== null) throw found;
  };
  try {
    while (!isOver()) {
      const deed = chooseDeed(random);
      tally.deeds++;
      await actor.act(deed);
      await outcomes.listen();
      await pause(deed.pauseMs);
      check();
      if (tally.deeds % options.deedsUntilRest === 0) await bringToRest(stage, actor, outcomes);
    }
    check();
    await finish(stage, actor, outcomes);
    check();
  } finally {
    clearInterval(ticker);
    await watch.stop();
  }
}

const progressEveryMs = 10_000;

function progressLine(tally: Tally, startedAt: number): string {
  const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
  const { deeds, renewals, swaps, recoveries, rests, handshakes } = tally;
  const renewed = Object.values(renewals).reduce((sum, count) => sum + count, 0);
  return `${minutes} min: ${deeds} deeds, ${renewed} renewals, ${swaps} records swapped, ${kills(tally)} kills, ${recoveries} recoveries, ${rests} rests, ${handshakes.served} handshakes`;
}

/** What Task Scheduler shows for a process that was killed (fidelity: task-results). */
const terminated = 0x41306;
const tasks: Readonly<Record<string, string>> = {
  [rebindTaskName]: 'on-event',
  [reconcileTaskName]: 'reconcile by its task',
};

function noteTask({ exits }: Tally, { task, exitCode }: TaskEnd): void {
  const what = tasks[task] ?? task;
  exits[what] ??= {};
  add(exits[what], exitCode === terminated ? 'killed' : `${exitCode}`);
}

/** Counts what outcomes say, each once, before old runs are tidied away. */
function listenTo({ home }: SoakedLab, tally: Tally): Outcomes {
  const known = new Set<string>();
  const leftToPerson = new Set<string>();
  const told = new Set<string>();
  return {
    leftToPerson,
    told,
    async listen() {
      const folder = join(home, 'runs');
      for (const run of (await readdir(folder).catch(() => [])).sort()) {
        if (known.has(run)) continue;
        const file = join(folder, run, 'outcome.json');
        const text = await readFile(file, 'utf8').catch(() => null);
        if (text === null) continue;
        known.add(run);
        const { result, counts, steps, notes } = parseOutcome(text, file);
        if (toldResults.some((one) => one === result)) told.add(run);
        tally.runs++;
        tally.swaps += counts.changed;
        tally.rollBack += counts.undone;
        tally.repaired += steps.filter(({ repairedOptions }) => repairedOptions.length > 0).length;
        if (notes.some((note) => note.code === 'recovered' && note.text.includes(run))) tally.recoveries++;
        for (const { key, state } of steps) if (needsPerson(state)) leftToPerson.add(key);
      }
    },
    forget: () => leftToPerson.clear(),
  };
}
