import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import below from '../lib/rooms.json' with { type: 'json' };

const source = fileURLToPath(new URL('../../src', import.meta.url));

/** The rooms of src, the lowest level first: each imports from rooms below it, and from none beside or above it. */
export const levels: readonly (readonly string[])[] = [...below, ['cli']];

/** Which room imports from which, by the files of src. */
export function arrows(): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const file of filesBelow(source)) {
    const text = readFileSync(join(source, file), 'utf8');
    const room = roomOf(file);
    for (const [, path = ''] of text.matchAll(/(?:from|import)\s*\(?'(\.[^']+)'/g)) {
      const imported = posix.join(dirname(file), path);
      if (imported.startsWith('..')) continue;
      const target = roomOf(imported);
      if (target !== room) found.set(room, (found.get(room) ?? new Set()).add(target));
    }
  }
  return found;
}

/** What an event becomes on its way, each file with what it makes of it; each imports the next one, or is called with it. */
export const wayOfAnEvent: readonly (readonly [file: string, makes: string, imports: readonly string[]])[] = [
  ['rebind/on-event.ts', 'the number that Task Scheduler hands over: a call to wake up', ['rebind/take-pending.ts']],
  ['rebind/take-pending.ts', 'a request: everything that is pending', ['rebind/run.ts']],
  ['rebind/run.ts', 'a run, and its outcome shown', ['run/perform-run.ts']],
  [
    'run/perform-run.ts',
    'a run, from the lock to the outcome',
    ['run/make-plan.ts', 'run/carry-out.ts', 'run/close-run.ts'],
  ],
  ['run/make-plan.ts', 'a snapshot, and a plan made of it', ['run/plan-wanted.ts']],
  ['run/plan-wanted.ts', 'the plan for what the request says', ['plan/plan-pending.ts']],
  ['plan/plan-pending.ts', 'what is still to be done', ['plan/outstanding-renewals.ts', 'plan/plan-rebind.ts']],
  ['plan/outstanding-renewals.ts', 'a renewal, where a holder has the old certificate', ['plan/succession.ts']],
  ['plan/succession.ts', 'what follows each certificate', ['plan/renewals.ts', 'plan/close-renewals.ts']],
  ['plan/plan-rebind.ts', 'a decision for each holder', ['plan/decide-holder.ts', 'plan/weigh.ts']],
  ['plan/weigh.ts', 'a step, or a blocked entry', ['plan/guards.ts']],
  [
    'run/carry-out.ts',
    'canaries, then the rest, each read back',
    ['run/ask-server.ts', 'run/prove.ts', 'run/roll-back.ts'],
  ],
  ['run/prove.ts', 'handshakes, compared with those of before', ['run/baseline.ts']],
  ['run/close-run.ts', 'an outcome, the ledger, an entry in the log', ['run/ledger-of.ts', 'run/log-entry.ts']],
  ['inspect/history/outcome-text.ts', 'text for people', []],
];

/** The part of docs/develop/architecture.md that a test holds against the imports. */
export function wayOfAnEventMarkdown(): string {
  const rows = wayOfAnEvent.map(([file, makes]) => `| \`${file}\` | ${makes} |`);
  return ['| file | what it makes |', '|---|---|', ...rows].join('\n');
}

/** What lies at the top are the two programs. */
function roomOf(file: string): string {
  const [room = ''] = file.split('/');
  if (room === file) return 'cli';
  if (!levels.flat().includes(room)) throw new Error(`${file} is in no room of the list`);
  return room;
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts') && !file.startsWith('documents/generated/'));
}
