import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ProofPatience } from '../../engine/run/prove-task.ts';
import {
  isPackaged,
  type ProgramPlace,
  placeIn,
  type RunningProgram,
  taskProgram,
} from '../../shell/running-program.ts';
import type { ServerSource } from '../../shell/servers.ts';
import { labFolderOf } from '../commands/folder.ts';

/** A lab server in a folder; the environment names it for what the lab's own scheduler starts. */
export const lab: ServerSource = labAround();

/** @param running the program that tasks and installations are about; this one when absent */
export function labAround(running?: RunningProgram): ServerSource {
  return {
    kind: 'lab',
    option: '--lab <dir>',
    meant({ server, lab: folder }, env) {
      if (server === 'lab' || (folder !== undefined && server === undefined)) return 'named';
      return server === undefined && (env.CERTREBIND_LAB ?? '') !== '' ? 'default' : 'no';
    },
    async open({ lab: folder }, env) {
      const { openLabServer } = await import('../client/lab-server.ts');
      const { server, rememberServer, folder: opened } = await openLabServer(labFolderOf(folder, env));
      const place = labPlace(opened, running);
      return { server, ...(await inLab(opened, place)), beforeStarts: () => rememberServer('lab') };
    },
  };
}

/** What a lab has for the program, whichever side of it is opened. */
export async function inLab(folder: string, place: ProgramPlace) {
  return { home: join(folder, 'certrebind'), executable: await taskProgram(place), place, proofPatience: labPatience };
}

/** A lab is as fast as this machine, and its Task Scheduler starts a task within two seconds or never. */
const labPatience: ProofPatience = { startMs: 10_000, answerMs: 120_000 };

/** A lab's own `C:\\Program Files`. */
export function labPlace(lab: string, running?: RunningProgram): ProgramPlace {
  const here = running ?? { file: executableHere(), packaged: isPackaged() };
  return placeIn(join(lab, 'Program Files', 'CertRebind'), here);
}

/** This program as a file that can be started: the binary itself, the bundle, or the bundle of the source that runs. */
function executableHere(): string {
  if (isPackaged()) return process.execPath;
  const script = process.argv[1] ?? '';
  if (script.endsWith('.cjs')) return resolve(script);
  const bundle = resolve(script, '../../dist/certrebind-lab.cjs');
  return existsSync(bundle) ? bundle : process.execPath;
}
