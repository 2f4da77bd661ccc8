import assert from 'node:assert/strict';
import { commandExits } from '../../src/shell/exits.ts';

/** Every command line that a test runs ends with a code that the table of its command has; 1 and a kill are the test's to judge. */
export function checkExit(args: readonly string[], exitCode: number | null): void {
  const command = commandOf(args);
  if (command === null || exitCode === null || exitCode === 1) return;
  const listed = Object.keys(commandExits[command] ?? {}).map(Number);
  assert.ok(
    listed.includes(exitCode),
    `${args.join(' ')} ended with ${exitCode}, and src/shell/exits.ts lists ${listed.join(', ')}`,
  );
}

/** Its name in the table, wherever options stand; `null` for a lab's commands, for help, and for no command at all. */
export function commandOf(args: readonly string[]): string | null {
  if (args[0] === 'lab' || args.includes('--help') || args.includes('--version')) return null;
  const at = args.findIndex((word) => word in commandExits || groups.has(word));
  const [first = '', second = ''] = args.slice(at);
  if (at < 0) return null;
  const name = groups.has(first) ? `${first} ${second}` : first;
  return name in commandExits ? name : null;
}

const groups = new Set(
  Object.keys(commandExits).flatMap((name) => (name.includes(' ') ? [name.split(' ', 1)[0] ?? ''] : [])),
);
