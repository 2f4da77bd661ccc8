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
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts') && !file.startsWith('documents/generated/'));
  for (const file of files) {
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

/** What an event becomes on its way, each file with what it makes of it; one before it imports it, or is called with it. */
export const wayOfAnEvent: readonly (readonly [file: string, makes: string])[] = [
  ['commands/rebind/on-event.ts', 'the number that Task Scheduler hands over: a call to wake up'],
  ['session/run/apply-pending.ts', 'a request: everything that is pending'],
  ['session/run/run.ts', 'a run, and its outcome shown'],
  ['engine/run/perform-run.ts', 'a run, from the lock to the outcome'],
  ['engine/run/make-plan.ts', 'a snapshot, and a plan made of it'],
  ['engine/run/plan-wanted.ts', 'the plan for what the request says'],
  ['engine/plan/plan-pending.ts', 'what is still to be done'],
  ['engine/plan/outstanding-renewals.ts', 'a renewal, where a holder has the old certificate'],
  ['engine/known/succession.ts', 'what follows each certificate'],
  ['engine/plan/plan-rebind.ts', 'a decision for each holder'],
  ['engine/plan/decide-step.ts', 'a step, or a blocked entry'],
  ['engine/run/carry-out.ts', 'canaries, then the rest, each read back'],
  ['engine/run/prove.ts', 'handshakes, compared with those of before'],
  ['engine/run/close-run.ts', 'an outcome, the ledger, an entry in the log'],
  ['shell/print/outcome-text.ts', 'text for people'],
];

/** The part of docs/develop/architecture.md that a test holds against the imports. */
export function wayOfAnEventMarkdown(): string {
  const rows = wayOfAnEvent.map(([file, makes]) => `| \`${file}\` | ${makes} |`);
  return ['| file | what it makes |', '|---|---|', ...rows].join('\n');
}

/** What lies at the top are the two programs. */
function roomOf(file: string): string {
  if (!file.includes('/')) return 'cli';
  const room = levels.flat().find((one) => file.startsWith(`${one}/`));
  if (room === undefined) throw new Error(`${file} is in no room of the list`);
  return room;
}
