import type { BlockCode } from '../base/codes/plan-codes.ts';
import type { Thumbprint } from '../model/certificates/thumbprint.ts';
import type { ExclusionList } from './runs/plan.ts';

/** A line of this program that a person may type. Its text is printed from it, and nothing reads it from a text. */
export type OfferedLine =
  | {
      readonly does: 'rebind';
      readonly old: Thumbprint;
      readonly new: Thumbprint;
      /** Guards that only warn this once; what they keep from clients is lost. */
      readonly allow?: readonly BlockCode[];
      readonly now?: boolean;
    }
  | { readonly does: 'reconcile'; readonly now?: boolean }
  | { readonly does: 'undo'; readonly run: string; readonly now?: boolean }
  | { readonly does: 'end-exclusion'; readonly list: ExclusionList; readonly entry: string }
  | { readonly does: 'exclude'; readonly list: ExclusionList; readonly entry: string }
  | { readonly does: 'replace-of-application'; readonly id: string }
  /** Names of settings with their values, set together. */
  | { readonly does: 'set'; readonly settings: readonly (readonly [name: string, value: string])[] }
  | { readonly does: 'dismiss'; readonly finding: string; readonly place?: string }
  | { readonly does: 'enable' };

/** Its words behind the name of the program. */
export function wordsOf(line: OfferedLine): readonly string[] {
  switch (line.does) {
    case 'rebind': {
      const { old, new: successor, allow = [] } = line;
      const allowed = allow.length === 0 ? [] : ['--allow', allow.join(',')];
      return ['rebind', '--old', old, '--new', successor, ...allowed, ...nowOf(line)];
    }
    case 'reconcile':
      return ['reconcile', ...nowOf(line)];
    case 'undo':
      return ['undo', line.run, ...nowOf(line)];
    case 'end-exclusion':
      return ['config', 'remove', `exclude.${line.list}`, ...asText(line.entry)];
    case 'exclude':
      return ['config', 'add', `exclude.${line.list}`, ...asText(line.entry)];
    case 'replace-of-application':
      return ['config', 'add', 'applicationIds', line.id.replace(/[{}]/g, '')];
    case 'set':
      return ['config', 'set', ...line.settings.flat()];
    case 'dismiss':
      return ['dismiss', line.finding, ...(line.place === undefined ? [] : [line.place])];
    case 'enable':
      return ['enable'];
  }
}

/** What begins with a hyphen would be taken for an option. */
function asText(word: string): readonly string[] {
  return word.startsWith('-') ? ['--', word] : [word];
}

function nowOf({ now = false }: { readonly now?: boolean }): readonly string[] {
  return now ? ['--now'] : [];
}

/**
 * As it is typed, the same at cmd and in PowerShell; `null` if a word in it means something else to one of them, however it
 * is quoted. Sites and files are named by anybody, so a line that would run more than it says must not be printed.
 */
export function lineText(line: OfferedLine): string | null {
  const hasOptions = line.does === 'rebind' || line.does === 'reconcile' || line.does === 'undo';
  const all = wordsOf(line);
  const end = all.indexOf('--');
  const isOwn = (word: string, at: number) => at === end || (hasOptions && word.startsWith('--'));
  const words = all.map((word, at) => (isOwn(word, at) ? word : typed(word, end >= 0 && at > end)));
  return words.includes(null) ? null : ['certrebind', ...words].join(' ');
}

function typed(word: string, afterDashes: boolean): string | null {
  if (/^[\w.:\\/][\w.:\\/*-]*$/.test(word)) return word;
  return isQuotable(word) && (afterDashes || !word.startsWith('-')) ? `"${word}"` : null;
}

/**
 * In double quotes, which both take. PowerShell puts values of `$` and a backtick into them, and ends them at curly ones too;
 * cmd puts variables in for `%` and, where that is switched on, for `!`. A backslash at the end would escape the quote.
 */
function isQuotable(word: string): boolean {
  return word !== '' && !/["\u201c-\u201e$`%!\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|\\$/u.test(word);
}
