// run-file.ts <file> <result> <machine> [lab]: one file of a suite, in a process of its own, so that whatever it does costs only itself.

import { pathToFileURL } from 'node:url';
import { removeLeftovers } from '../../../src/engine/run/rehearsal-leftovers.ts';
import { writeFileAtomically } from '../../../src/engine/state/files.ts';
import { type Answer, type Asked, answersOf, NotMeasured, unanswered } from './measurement.ts';
import { install, type Machine, machineKinds } from './programs.ts';
import { openStage, type Stage } from './stage.ts';

/** What it leaves for the suite. */
export interface FileResult {
  readonly answers: readonly Answer[];
  /** Why nothing could be asked. */
  readonly notAsked: string | null;
}

const [file = '', result = '', played, lab = null] = process.argv.slice(2);
const { measurement, story }: Asked = await import(pathToFileURL(file).href);
const kind = machineKinds.find((one) => one === played) ?? 'runner';
const machine: Machine = { lab, kind, env: process.env };
const { safe = 'yes', program } = measurement ?? story ?? {};
const uninstall = program === 'installed' ? await install(machine) : async () => undefined;
try {
  const stage = await openStage(machine);
  try {
    const told: FileResult = await tell(stage).catch((error) => {
      if (!(error instanceof NotMeasured)) throw error;
      return { answers: unanswered(Object.keys(measurement?.rows ?? {}), error.message), notAsked: error.message };
    });
    await writeFileAtomically(result, JSON.stringify(told));
    if (safe !== 'yes') await removeLeftovers(stage.server, await stage.server.snapshot());
  } finally {
    await stage.close();
  }
} finally {
  await uninstall();
}

async function tell(stage: Stage): Promise<FileResult> {
  await story?.tell(stage);
  const answers = measurement === undefined ? [] : answersOf(measurement, await measurement.collect(stage));
  return { answers, notAsked: null };
}

// What a file forgot to end must not keep the runner.
process.exit();
