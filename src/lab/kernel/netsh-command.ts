import { formatRecordKey, type KeyText, toRecordKey } from '../../kinds/record-key.ts';
import type { LabState } from './lab-state.ts';

export interface NetshAnswer {
  readonly state: LabState;
  readonly exitCode: number;
  readonly output: string;
}

/** The command that the arguments name, and the words after it. */
export function netshCommand(args: readonly string[]): {
  readonly verb: 'show' | 'add' | 'update' | 'delete' | null;
  readonly words: readonly string[];
} {
  const [context, verb, object, ...words] = args;
  const known = (['show', 'add', 'update', 'delete'] as const).find((name) => name === verb?.toLowerCase());
  const named = context?.toLowerCase() === 'http' && object?.toLowerCase() === 'sslcert';
  return { verb: named ? (known ?? null) : null, words };
}

/** The record that the words after a command name; `null` when they name none. */
export function netshKey(words: readonly string[]): KeyText | null {
  for (const word of words) {
    const [name, value] = splitWord(word);
    const key = name === 'ccs' ? toRecordKey(`(central-store):${value}`) : isKeyName(name) ? toRecordKey(value) : null;
    if (key === null) continue;
    if (name === 'ipport' && key.table !== 'ip') return null;
    return formatRecordKey(key);
  }
  return null;
}

export function isKeyName(name: string): boolean {
  return name === 'ipport' || name === 'hostnameport' || name === 'ccs';
}

export function splitWord(word: string): readonly [name: string, value: string] {
  const at = word.indexOf('=');
  return at < 0 ? [word.toLowerCase(), ''] : [word.slice(0, at).toLowerCase(), word.slice(at + 1)];
}

/** The state after the command, its exit code, and its lines as netsh prints them. */
export function answer(state: LabState, exitCode: number, lines: readonly string[]): NetshAnswer {
  return { state, exitCode, output: `\r\n${lines.join('\r\n')}\r\n` };
}
