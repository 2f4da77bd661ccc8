import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Notified, nothingNotified } from '../../../src/documents/notified.ts';
import type { ProofAnswer } from '../../../src/documents/proof.ts';
import type { JournalLine } from '../../../src/documents/runs/journal.ts';
import { emptyLedger } from '../../../src/documents/runs/ledger.ts';
import { nothingAdopted, nothingSetUp } from '../../../src/documents/setup.ts';
import type { Trigger, TriggerRun } from '../../../src/documents/trigger.ts';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import { fileState } from '../../../src/engine/state/file-state.ts';
import { isTemporary } from '../../../src/engine/state/files.ts';
import { toldFile } from '../../../src/engine/state/found-files.ts';
import { outbox } from '../../../src/engine/state/outbox.ts';
import { persistentFiles } from '../../../src/engine/state/persistent-files.ts';
import { type ProgramFile, programFiles } from '../../../src/engine/state/program-files.ts';
import { proofFiles } from '../../../src/engine/state/proof-files.ts';
import { secretFile } from '../../../src/engine/state/secrets.ts';
import type { State } from '../../../src/engine/state/state.ts';
import { ledgerEntries } from '../../../src/engine/views/ledger-entries.ts';
import type { Server } from '../../../src/server/server.ts';
import { messageOf } from '../../../src/session/notify/outbox-messages.ts';
import { newsOf } from '../../builders/notification.ts';
import { now, policy, snapshot } from '../../builders/snapshot.ts';
import { recorded } from '../../support/power-cut.ts';
import { newFolder } from '../../support/temporary-lab.ts';
import { given, holdings, rebind, recordsOf, type World, wideKeys, wideLab, worldOf } from '../run/world.ts';
import { outcomeOf } from './planted-runs.ts';

interface Write {
  readonly name: string;
  readonly before?: (home: string) => Promise<unknown>;
  readonly write: (home: string) => Promise<unknown>;
  /** What the next process finds: no error, and the old or the new. */
  readonly read: (home: string) => Promise<unknown>;
  /** Of a write in several steps: whether what is found on the way does no harm. */
  readonly between?: (found: never) => boolean;
}

const ledger = { ...emptyLedger, listing: { listedAt: now, lastRecordId: 7, lastTimeCreated: null } };
const line = (step: number): JournalLine => ({ at: now, type: 'changing', steps: [step] });
const opened: JournalLine = {
  schema: 'certrebind/journal/1',
  at: now,
  type: 'opened',
  run: 'run-1',
  command: 'rebind',
  plan: planRebind({ snapshot: snapshot(), renewals: [], configuration: policy() }),
  baseline: [],
};
const trigger: Trigger = {
  schema: 'certrebind/trigger/1',
  id: 'mail',
  on: 'replaced',
  names: [],
  issuer: null,
  ekus: [],
  action: { program: '/bin/true', args: [], timeLimitSeconds: 60 },
  createdAt: now,
};
const started: TriggerRun = {
  at: now,
  eventId: 1001,
  recordId: 7,
  result: 'ended',
  exitCode: 0,
  durationMs: 1,
  why: null,
};
const nonce = '0123456789abcdef';
const answer: ProofAnswer = {
  schema: 'certrebind/proof-answer/1',
  nonce,
  at: now,
  version: '0.1.0',
  sha256: '0'.repeat(64),
  account: 'system',
  engine: null,
  read: { sites: 1, records: 1, certificates: 1, tasks: 1 },
  error: null,
};
const message = messageOf(newsOf({ at: now }), 'mail');
const told: Notified = { ...nothingNotified, heartbeatAt: now };
const error = {
  schema: 'certrebind/error/1',
  exitCode: 7,
  error: { code: 'no-server', message: 'm', hint: null, where: null },
} as const;

const ledgerOf = async (home: string) => {
  const state = fileState(home);
  return [await state.readLedger(), (await state.ledgerDamage())?.code ?? null];
};
const history = async (home: string) => {
  const state = fileState(home);
  const unfinished = await state.unfinishedRuns();
  const runs = (await state.listRuns()).map(({ run, unreadable }) => [run, unreadable?.code ?? null]);
  const open = await Promise.all(unfinished.map(async (run) => (await state.readRun(run)).journal));
  return { unfinished, runs, open };
};
const openRun = async (home: string, run: string, ...lines: readonly JournalLine[]) => {
  const journal = await fileState(home).openRun(run);
  if (lines.length > 0) await journal.append(...lines);
  return journal;
};
const program = (version: string): readonly ProgramFile[] => [
  { name: `${version}/adapter.ps1`, text: `# of ${version}` },
  { name: `${version}/certrebind`, text: `program ${version}`, executable: true },
  { name: 'certrebind', text: `program ${version}`, executable: true },
];
const put = (home: string, version: string) => programFiles(home).put(version, program(version), now);
interface Programs {
  readonly version: string | null;
  readonly files: readonly (readonly [name: string, text: string, listed: boolean])[];
}
const programs = async (home: string): Promise<Programs> => {
  const installed = await programFiles(home).readInstalled();
  const entries = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const names = entries.map(({ parentPath, name }) => relative(home, join(parentPath, name)));
  const own = names.filter((name) => name !== 'installed.json' && !isTemporary(name)).sort();
  const isListed = (name: string) => installed?.files.some((file) => file.name === name) ?? false;
  return {
    version: installed?.version ?? null,
    files: own.map((name) => [name, readFileSync(join(home, name), 'utf8'), isListed(name)]),
  };
};
/** What is there is whole, and would be removed by an uninstallation. */
const isWhole = ({ files }: Programs) =>
  files.every(([, text, listed]) => listed && /^(?:# of|program) \d\.0$/.test(text));

const writes: readonly Write[] = [
  { name: 'the first ledger', write: (home) => fileState(home).writeLedger(ledger), read: ledgerOf },
  {
    name: 'another ledger',
    before: (home) => fileState(home).writeLedger(emptyLedger),
    write: (home) => fileState(home).writeLedger(ledger),
    read: ledgerOf,
  },
  {
    name: 'a ledger in place of a damaged one, which is kept',
    before: async (home) => {
      mkdirSync(home);
      writeFileSync(join(home, 'ledger.json'), 'damaged');
    },
    write: (home) => fileState(home).replaceLedger(ledger, new Date(now)),
    read: async (home) => {
      const texts = readdirSync(home).map((name) => readFileSync(join(home, name), 'utf8'));
      return [...(await ledgerOf(home)), texts.includes('damaged')];
    },
  },
  {
    name: 'the last error',
    write: (home) => fileState(home).writeLastError(error),
    read: (home) => fileState(home).readLastError(),
  },
  {
    name: 'that there is no last error',
    before: (home) => fileState(home).writeLastError(error),
    write: (home) => fileState(home).writeLastError(null),
    read: (home) => fileState(home).readLastError(),
  },
  { name: 'that a run begins', write: async (home) => (await openRun(home, 'run-1')).abandon(), read: history },
  {
    name: 'that a run begins after another one, whatever its clock says',
    before: async (home) => (await openRun(home, 'run-9')).close(outcomeOf('run-9')),
    write: async (home) => (await openRun(home, 'run-1')).abandon(),
    read: history,
  },
  {
    name: 'the next lines of a journal',
    before: async (home) => (await openRun(home, 'run-1', opened)).abandon(),
    write: async (home) => {
      const journal = await fileState(home).reopenRun('run-1');
      await journal.append(line(1));
      await journal.abandon();
    },
    read: history,
  },
  {
    name: 'that a run has ended',
    before: async (home) => (await openRun(home, 'run-1', opened)).abandon(),
    write: async (home) => (await fileState(home).reopenRun('run-1')).close(outcomeOf('run-1')),
    read: history,
  },
  {
    name: 'that an unfinished run never was',
    before: async (home) => (await openRun(home, 'run-1')).abandon(),
    write: (home) => fileState(home).discardRun('run-1'),
    read: history,
  },
  {
    name: 'that the oldest run is forgotten',
    before: async (home) => {
      for (const run of ['run-1', 'run-2']) await (await openRun(home, run)).close(outcomeOf(run));
    },
    write: (home) => fileState(home).pruneRuns(1),
    read: history,
    // The next run goes on with it.
    between: ({ unfinished, runs }: Awaited<ReturnType<typeof history>>) =>
      unfinished.length === 0 && isDeepStrictEqual(runs.at(-1), ['run-2', null]),
  },
  {
    name: 'that the oldest run is forgotten, of which no index tells',
    before: async (home) => {
      for (const run of ['run-1', 'run-2']) await (await openRun(home, run, opened)).close(outcomeOf(run));
      rmSync(join(home, 'runs', 'index.ndjson'));
    },
    write: (home) => fileState(home).pruneRuns(1),
    read: history,
    // An empty folder is a run that changed nothing.
    between: ({ runs, open }: Awaited<ReturnType<typeof history>>) =>
      open.every((journal) => journal.length === 0) && isDeepStrictEqual(runs.at(-1), ['run-2', null]),
  },
  {
    name: 'which tasks were disabled',
    write: (home) =>
      persistentFiles(home).writeAdoption({ ...nothingAdopted, disabled: [{ path: '\\', name: 'native', at: now }] }),
    read: (home) => persistentFiles(home).readAdoption(),
  },
  {
    name: 'how far a set-up is',
    write: (home) =>
      persistentFiles(home).writeSetup({
        ...nothingSetUp,
        unfinished: { command: 'enable', at: now, replaceNative: true },
      }),
    read: (home) => persistentFiles(home).readSetup(),
  },
  {
    name: 'that nothing is set up',
    before: (home) =>
      persistentFiles(home).writeSetup({ ...nothingSetUp, failed: { at: now, version: '1', why: 'w' } }),
    write: (home) => persistentFiles(home).writeSetup(null),
    read: (home) => persistentFiles(home).readSetup(),
  },
  {
    name: 'a trigger',
    write: (home) => persistentFiles(home).writeTrigger(trigger),
    read: (home) => persistentFiles(home).listTriggers(),
  },
  {
    name: 'that a trigger is gone',
    before: (home) => persistentFiles(home).writeTrigger(trigger),
    write: (home) => persistentFiles(home).removeTrigger('mail'),
    read: (home) => persistentFiles(home).listTriggers(),
  },
  {
    name: 'a run of a trigger',
    before: (home) => persistentFiles(home).writeTrigger(trigger),
    write: (home) => persistentFiles(home).addTriggerRun('mail', started),
    read: async (home) => [
      await persistentFiles(home).readTriggerRuns('mail'),
      await persistentFiles(home).findDamage(),
    ],
  },
  {
    name: 'a secret',
    before: (home) => secretFile(home, undefined).write('one', 'value 1'),
    write: (home) => secretFile(home, undefined).write('two', 'value 2'),
    read: (home) => secretFile(home, undefined).known(),
  },
  { name: 'what was told', write: (home) => toldFile(home).write(told), read: (home) => toldFile(home).read() },
  { name: 'a message', write: (home) => outbox(home).put(message), read: (home) => outbox(home).list() },
  {
    name: 'that a message was tried',
    before: (home) => outbox(home).put(message),
    write: (home) => outbox(home).put({ ...message, attempts: 3 }),
    read: (home) => outbox(home).list(),
  },
  {
    name: 'that a message was accepted',
    before: (home) => outbox(home).put(message),
    write: (home) => outbox(home).remove(message.id),
    read: (home) => outbox(home).list(),
  },
  {
    name: 'the answer of a proof',
    before: (home) => proofFiles(home).ask(nonce),
    write: (home) => proofFiles(home).answer(answer),
    read: (home) => proofFiles(home).readAnswer(nonce),
  },
  {
    name: 'the first program',
    before: async (home) => mkdirSync(home),
    write: (home) => put(home, '1.0'),
    read: programs,
    between: isWhole,
  },
  {
    name: 'a program beside the one in use',
    before: async (home) => {
      mkdirSync(home);
      await put(home, '1.0');
    },
    write: (home) => programFiles(home).add('2.0', program('2.0').slice(0, 2), now),
    read: programs,
    between: (found: Programs) => isWhole(found) && found.files.filter(([, text]) => text.endsWith('1.0')).length === 3,
  },
  {
    name: 'the next program',
    before: async (home) => {
      mkdirSync(home);
      await put(home, '1.0');
    },
    write: (home) => put(home, '2.0'),
    read: programs,
    between: (found: Programs) => isWhole(found) && found.files.some(([name]) => name === 'certrebind'),
  },
];

/** Of a state folder nothing is; programs are for everyone. */
const openToOthers = (home: string) =>
  readdirSync(home, { recursive: true, encoding: 'utf8' }).filter(
    (name) => (statSync(join(home, name)).mode & 0o077) !== 0,
  );

describe('when the power fails', () => {
  let disks = 0;

  for (const { name, before, write, read, between = () => false } of writes)
    it(`${name} is there once it was said to be, and until then the old is`, async () => {
      const root = newFolder();
      const home = join(root, 'state');
      await before?.(home);
      const old = await read(home);
      const recording = await recorded(root, () => write(home));
      const made = await read(home);
      assert.notDeepEqual(made, old, 'the write can be seen');
      if (read !== programs) assert.deepEqual(openToOthers(home), []);
      for (const { calls, survivor, restore } of recording.cuts()) {
        const found = await read(join(restore(newFolder()), 'state'));
        disks += 1;
        const isOver = calls === recording.calls;
        if (!isOver && (isDeepStrictEqual(found, old) || between(found as never))) continue;
        assert.deepEqual(found, made, `after call ${calls} of ${recording.calls}, where ${survivor} survived`);
      }
    });

  it('at any moment of a run, the next one finds what was changed, and brings it to its end', async () => {
    const lab = wideLab();
    const root = newFolder();
    const world = worldOf(lab, { state: fileState(join(root, 'state')) });
    const moments: { readonly from: number; readonly world: World }[] = [{ from: 0, world: world.fork() }];
    const recording = await recorded(root, async (soFar) => {
      const { server } = world.context;
      const change: Server['change'] = async (changes) => {
        const reports = await server.change(changes);
        moments.push({ from: soFar(), world: world.fork() });
        return reports;
      };
      await rebind({ ...world, context: { ...world.context, server: { ...server, change } } }, [
        given(lab, 'old', 'new'),
      ]);
    });
    assert.ok(moments.length > 3, `${moments.length} moments`);
    for (const [at, moment] of moments.entries()) {
      const until = moments[at + 1]?.from ?? recording.calls;
      for (const { calls, survivor, restore } of recording.cuts(moment.from, until)) {
        const home = join(restore(newFolder()), 'state');
        // Of another boot.
        for (const lock of ['lock', 'seen.lock']) rmSync(join(home, lock), { force: true });
        const state = fileState(home);
        const when = `after ${at} changes and call ${calls}, where ${survivor} survived`;
        const begun = await keysBegun(state);
        for (const [key, { thumbprint }] of await recordsOf(moment.world))
          if (thumbprint === lab.thumbprint('new')) assert.ok(begun.has(key), `${when}: ${key} was changed by nobody`);
        const next = moment.world.fork({ state });
        // The name of the run that was interrupted.
        next.context.newRunId();
        await rebind(next, [given(lab, 'old', 'new')]);
        disks += 1;
        const held = await holdings(next, lab, ['old', 'new']);
        for (const key of wideKeys) assert.equal(held[key], 'new', `${when}: ${key}`);
        assert.deepEqual(await state.unfinishedRuns(), [], when);
        const entries = ledgerEntries(await state.readLedger());
        assert.deepEqual(
          entries.map((entry) => entry.state),
          ['settled'],
          when,
        );
      }
    }
  });

  after(() => console.log(`    ${disks} disks were read`));
});

/** The records that some run says it was about to change. */
async function keysBegun(state: State): Promise<ReadonlySet<string>> {
  const heads = await state.listRuns();
  const runs = await Promise.all(heads.map(({ run }) => state.readRun(run)));
  const keys = runs.flatMap(({ journal }) => {
    const steps = journal.flatMap((line) => (line.type === 'opened' ? line.plan.steps : []));
    const begun = journal.flatMap((line) => (line.type === 'changing' ? line.steps : []));
    return steps.filter(({ id }) => begun.includes(id)).map(({ key }) => key);
  });
  return new Set(keys);
}
