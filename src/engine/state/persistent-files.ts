import { join } from 'node:path';
import { canonicalJson } from '../../base/canonical-json.ts';
import { asResult, CertRebindError, orNull } from '../../base/errors.ts';
import { isPlainName } from '../../base/safe-text.ts';
import {
  type Adoption,
  nothingAdopted,
  nothingSetUp,
  parseAdoption,
  parseSetup,
  type Setup,
} from '../../documents/setup.ts';
import {
  parseTrigger,
  parseTriggerRuns,
  type Trigger,
  type TriggerRun,
  type TriggerRuns,
} from '../../documents/trigger.ts';
import { ensureFolder, listIfThere, readDocument, removeFile, writeFileAtomically, writing } from './files.ts';

const runsKept = 50;

export type PersistentFiles = ReturnType<typeof persistentFiles>;

/**
 * What an administrator has set up besides the configuration: the triggers, and the record of disabled tasks. It is
 * always in the server's own folder, whatever state folder a command names, because tasks must find it without being
 * told. One file per trigger, so that two added at once cannot overwrite each other.
 */
export function persistentFiles(folder: string) {
  const triggersFolder = join(folder, 'triggers');
  const adoptionFile = join(folder, 'adoption.json');
  const setupFile = join(folder, 'setup.json');
  /** The file that says what a trigger does: anybody who can change it decides what runs. */
  const triggerFile = (id: string) => join(triggersFolder, `${checked(id)}.json`);
  const runsFile = (id: string) => join(triggersFolder, `${checked(id)}.runs.json`);

  /** `null` when there is none of this id. */
  async function readTrigger(id: string): Promise<Trigger | null> {
    const hint = `Remove it, and add it again.\nRemove it:\n  certrebind trigger remove ${id}`;
    const trigger = await readDocument(triggerFile(id), parseTrigger, hint);
    if (trigger === null || trigger.id === id) return trigger;
    throw new CertRebindError('damaged-file', {
      message: `${triggerFile(id)} is the file of another trigger, ${trigger.id}.`,
      where: triggerFile(id),
      hint,
    });
  }

  async function triggerIds(): Promise<readonly string[]> {
    const names = (await listIfThere(triggersFolder)).map((name) => name.replace(/\.json$/, ''));
    return names.filter(isPlainName).sort();
  }

  const readRuns = (id: string) =>
    readDocument(runsFile(id), parseTriggerRuns, 'The next run of the trigger starts a new one.');

  /** Oldest first; none if the file is damaged, which the next run of the trigger replaces. */
  async function readTriggerRuns(id: string): Promise<readonly TriggerRun[]> {
    const found = await asResult(() => readRuns(id));
    if (!(found instanceof CertRebindError)) return found?.runs ?? [];
    if (found.code === 'damaged-file') return [];
    throw found;
  }

  async function readAdoption(): Promise<Adoption> {
    return (await readDocument(adoptionFile, parseAdoption, adoptionHint)) ?? nothingAdopted;
  }

  /** @throws CertRebindError `damaged-file` */
  async function readSetup(): Promise<Setup> {
    return (await readDocument(setupFile, parseSetup, setupHint)) ?? nothingSetUp;
  }

  return {
    /** Those that can be read, sorted by id. */
    async listTriggers(): Promise<readonly Trigger[]> {
      const triggers = await Promise.all((await triggerIds()).map((id) => orNull(() => readTrigger(id))));
      return triggers.filter((trigger) => trigger !== null);
    },
    /** Every file that cannot be read as what it should be; with the id of the trigger. */
    async findDamage() {
      const ids = await triggerIds();
      const reads = [
        ...ids.map((id) => ({ of: 'trigger' as const, id, read: () => readTrigger(id) })),
        ...ids.map((id) => ({ of: 'trigger-runs' as const, id, read: () => readRuns(id) })),
        { of: 'adoption' as const, id: null, read: readAdoption },
        { of: 'setup' as const, id: null, read: readSetup },
      ];
      const found = await Promise.all(
        reads.map(async ({ read, ...which }) => ({ ...which, error: await asResult<unknown>(read) })),
      );
      return found.flatMap(({ error, ...which }) => (error instanceof CertRebindError ? [{ ...which, error }] : []));
    },
    /** Whether a file exists for it, even an unreadable one. */
    hasTrigger: async (id: string) => (await triggerIds()).includes(id),
    readTrigger,
    async writeTrigger(trigger: Trigger): Promise<void> {
      await ensureFolder(folder);
      await ensureFolder(triggersFolder);
      await writeFileAtomically(triggerFile(trigger.id), `${JSON.stringify(trigger, null, 1)}\n`);
    },
    /** With its runs; removing a trigger that does not exist is success. */
    removeTrigger: (id: string) =>
      writing(triggersFolder, async () => {
        await removeFile(triggerFile(id));
        await removeFile(runsFile(id));
      }),
    readTriggerRuns,
    async addTriggerRun(id: string, run: TriggerRun): Promise<void> {
      const runs = [...(await readTriggerRuns(id)), run].slice(-runsKept);
      const document: TriggerRuns = { schema: 'certrebind/trigger-runs/1', runs };
      await writeFileAtomically(runsFile(id), `${JSON.stringify(document, null, 1)}\n`);
    },
    readAdoption,
    async writeAdoption(adoption: Adoption): Promise<void> {
      await ensureFolder(folder);
      await writeFileAtomically(adoptionFile, `${JSON.stringify(adoption, null, 1)}\n`);
    },
    readSetup,
    /** `null` removes it. */
    async writeSetup(setup: Setup | null): Promise<void> {
      if (setup === null) return writing(folder, () => removeFile(setupFile));
      await ensureFolder(folder);
      const before = await asResult(() => readDocument(setupFile, readWithWords, setupHint));
      const document = before instanceof CertRebindError ? setup : inEarlierWords(setup, before);
      await writeFileAtomically(setupFile, `${JSON.stringify(document, null, 1)}\n`);
    },
    triggerFile,
    /** Created when needed: where PowerShell and the programs of triggers keep temporary files. */
    async temporaryFolder(): Promise<string> {
      const temporary = join(folder, 'temp');
      await ensureFolder(temporary);
      return temporary;
    },
  };
}

/** `written`: as the program that wrote it did. */
function readWithWords(text: string, where: string) {
  return { setup: parseSetup(text, where), written: Object(JSON.parse(text)) };
}

/** While the proof of an earlier program is in force, that one has to read the file again if the upgrade fails. */
function inEarlierWords(setup: Setup, before: ReturnType<typeof readWithWords> | null): object {
  const { verified, ...others } = setup;
  if (before === null || canonicalJson(before.setup.verified) !== canonicalJson(verified)) return setup;
  return { ...before.written, ...others };
}

const adoptionHint =
  'Delete it. CertRebind then no longer knows which task of IIS Manager it disabled. If you want that task back, enable it in Task Scheduler.';

const setupHint = 'Delete it, then test the installation again.\nTest it:\n  certrebind enable';

/** For servers where nothing is remembered. */
export function noPersistentFiles(): PersistentFiles {
  const refuse = async (): Promise<never> => {
    throw new CertRebindError('read-only-server', { message: 'A captured server cannot be set up.' });
  };
  return {
    listTriggers: async () => [],
    findDamage: async () => [],
    hasTrigger: async () => false,
    readTrigger: async () => null,
    writeTrigger: refuse,
    removeTrigger: refuse,
    readTriggerRuns: async () => [],
    addTriggerRun: refuse,
    readAdoption: async () => nothingAdopted,
    writeAdoption: refuse,
    readSetup: async () => nothingSetUp,
    writeSetup: refuse,
    triggerFile: () => '',
    temporaryFolder: refuse,
  };
}

/** An id is part of a path. */
function checked(id: string): string {
  if (isPlainName(id)) return id;
  throw new TypeError(`${JSON.stringify(id)} is not an id of a trigger`);
}
