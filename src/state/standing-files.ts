import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Adoption, nothingAdopted, parseAdoption } from '../model/adoption.ts';
import { CertRebindError } from '../model/errors.ts';
import {
  isTriggerId,
  parseTrigger,
  parseTriggerRuns,
  type Trigger,
  type TriggerRun,
  type TriggerRuns,
} from '../model/trigger.ts';
import { writeFileAtomically } from './atomic-file.ts';
import { ensureFolder } from './folder.ts';
import { listIfThere, readIfThere } from './reading.ts';
import { writing } from './writing.ts';

/**
 * What an administrator has set up beside the configuration: the triggers, and whose tasks were disabled. It always lies
 * in the server's own folder, whatever state folder a command names, since tasks find it without being told.
 */
export interface StandingFiles {
  /** Sorted by id. */
  listTriggers(): Promise<readonly Trigger[]>;
  /** `null` when there is none of this id. */
  readTrigger(id: string): Promise<Trigger | null>;
  writeTrigger(trigger: Trigger): Promise<void>;
  /** With its runs; removing what is not there is success. */
  removeTrigger(id: string): Promise<void>;
  /** Oldest first. */
  readTriggerRuns(id: string): Promise<readonly TriggerRun[]>;
  addTriggerRun(id: string, run: TriggerRun): Promise<void>;
  readAdoption(): Promise<Adoption>;
  writeAdoption(adoption: Adoption): Promise<void>;
  /** The file that says what a trigger does: whoever can change it decides what runs. */
  triggerFile(id: string): string;
  /** Made when it is asked for: where PowerShell and the programs of triggers keep temporary files. */
  temporaryFolder(): Promise<string>;
}

const runsKept = 50;

/** One file a trigger, so that two that are added at once cannot lose each other. */
export function standingFiles(folder: string): StandingFiles {
  const triggersFolder = join(folder, 'triggers');
  const adoptionFile = join(folder, 'adoption.json');
  const triggerFile = (id: string) => join(triggersFolder, `${checked(id)}.json`);
  const runsFile = (id: string) => join(triggersFolder, `${checked(id)}.runs.json`);

  async function readTrigger(id: string): Promise<Trigger | null> {
    const text = await readIfThere(triggerFile(id));
    if (text === null) return null;
    const trigger = parseTrigger(text, triggerFile(id));
    if (trigger.id === id) return trigger;
    throw new CertRebindError('bad-document', {
      message: `${triggerFile(id)} is the file of another trigger, ${trigger.id}.`,
      where: triggerFile(id),
    });
  }

  async function readTriggerRuns(id: string): Promise<readonly TriggerRun[]> {
    const text = await readIfThere(runsFile(id));
    return text === null ? [] : parseTriggerRuns(text, runsFile(id)).runs;
  }

  return {
    async listTriggers() {
      const names = (await listIfThere(triggersFolder)).map((name) => name.replace(/\.json$/, ''));
      const triggers = await Promise.all(names.filter(isTriggerId).sort().map(readTrigger));
      return triggers.filter((trigger) => trigger !== null);
    },
    readTrigger,
    async writeTrigger(trigger) {
      await ensureFolder(folder);
      await ensureFolder(triggersFolder);
      await writeFileAtomically(triggerFile(trigger.id), `${JSON.stringify(trigger, null, 1)}\n`);
    },
    removeTrigger: (id) =>
      writing(triggersFolder, async () => {
        await rm(triggerFile(id), { force: true });
        await rm(runsFile(id), { force: true });
      }),
    readTriggerRuns,
    async addTriggerRun(id, run) {
      const runs = [...(await readTriggerRuns(id)), run].slice(-runsKept);
      const document: TriggerRuns = { schema: 'certrebind/trigger-runs/1', runs };
      await writeFileAtomically(runsFile(id), `${JSON.stringify(document, null, 1)}\n`);
    },
    async readAdoption() {
      const text = await readIfThere(adoptionFile);
      return text === null ? nothingAdopted : parseAdoption(text, adoptionFile);
    },
    async writeAdoption(adoption) {
      await ensureFolder(folder);
      await writeFileAtomically(adoptionFile, `${JSON.stringify(adoption, null, 1)}\n`);
    },
    triggerFile,
    async temporaryFolder() {
      const temporary = join(folder, 'temp');
      await ensureFolder(temporary);
      return temporary;
    },
  };
}

/** Where nothing is remembered. */
export function noStandingFiles(): StandingFiles {
  const refuse = async (): Promise<never> => {
    throw new CertRebindError('read-only-server', { message: 'A captured server cannot be set up.' });
  };
  return {
    listTriggers: async () => [],
    readTrigger: async () => null,
    writeTrigger: refuse,
    removeTrigger: refuse,
    readTriggerRuns: async () => [],
    addTriggerRun: refuse,
    readAdoption: async () => nothingAdopted,
    writeAdoption: refuse,
    triggerFile: () => '',
    temporaryFolder: refuse,
  };
}

/** An id is part of a path. */
function checked(id: string): string {
  if (isTriggerId(id)) return id;
  throw new TypeError(`${JSON.stringify(id)} is no id of a trigger`);
}
