import { posix, win32 } from 'node:path';

export interface WordSurroundings {
  readonly system: 'windows' | 'posix';
  /** Absolute; what relative paths start from. */
  readonly folder: string;
  readonly isThere: (path: string) => boolean;
}

/**
 * The files and folders named in a command line, absolute and each once: whole words, values of options
 * (`--require=/a/b.js`, `-I/a`), lists, and the code of an interpreter (`-c ". /a/b.sh"`). Missing files are included,
 * because somebody may create them later. A name without a folder counts if the file exists; a word that is only known
 * at run time, such as a variable, does not.
 */
export function pathsInWords(words: readonly string[], surroundings: WordSurroundings): readonly string[] {
  return [...new Set(words.flatMap((word) => pathsInWord(word, surroundings)))];
}

/** Whether a Windows path leads to another machine or outside the file system, where its rights tell nothing. */
export function leadsElsewhere(path: string, system: WordSurroundings['system']): boolean {
  return system === 'windows' && /^[\\/]{2}/.test(path);
}

function pathsInWord(word: string, surroundings: WordSurroundings): readonly string[] {
  const path = resolved(word, surroundings);
  // A path may contain any of the characters that separate words; one that exists is checked as it is.
  const isAbsolute = surroundings.system === 'windows' ? /^(?:[A-Za-z]:[\\/]|[\\/]{2})/ : /^\//;
  if (isAbsolute.test(word) && surroundings.isThere(path)) return [path];
  const pieces = word.replace(webAddress, ' ').replace(localAddress, ' ').split(separators[surroundings.system]);
  // A blank separates words only if what follows looks like a path or an option: `C:\Program Files` is one word.
  const tokens = pieces.flatMap((piece) => piece.trim().split(blanksBeforePath));
  return tokens.flatMap((token) => pathsInToken(token.trim(), surroundings));
}

function pathsInToken(token: string, surroundings: WordSurroundings): readonly string[] {
  if (token === '') return [];
  // `/c`, `/nologo`, as Windows writes options.
  if (surroundings.system === 'windows' && /^\/[^\\/]*$/.test(token)) return [];
  const relative = resolved(token, surroundings);
  if (!/[\\/]/.test(token) && !/^[A-Za-z]:/.test(token)) return surroundings.isThere(relative) ? [relative] : [];
  return [token, ...behindOption(token), ...atDrives(token, surroundings)].map((each) => resolved(each, surroundings));
}

/** `/world/lib` of `-I/world/lib`. */
function behindOption(token: string): readonly string[] {
  const at = token.search(/[\\/]/);
  return /^[-+@!]/.test(token) && at > 0 ? [token.slice(at)] : [];
}

/** `C:\x` anywhere in a token. */
function atDrives(token: string, { system }: WordSurroundings): readonly string[] {
  if (system === 'posix') return [];
  return [...token.matchAll(/[A-Za-z]:[\\/]/g)].map(({ index }) => token.slice(index));
}

function resolved(path: string, { system, folder }: WordSurroundings): string {
  if (system === 'posix') return posix.resolve(folder, path);
  // The starting process has no current folder on another drive.
  const [, drive, rest] = /^([A-Za-z]:)(?![\\/])(.*)$/s.exec(path) ?? [];
  if (drive === undefined || rest === undefined) return win32.resolve(folder, path);
  const isOwn = folder.toUpperCase().startsWith(drive.toUpperCase());
  return win32.resolve(isOwn ? folder : `${drive}\\`, rest);
}

/** `file:///a/b.js` is a path. */
const localAddress = /\bfile:\/\/(?:localhost)?(?=\/)/gi;

/** Read from the network, with any content. */
const webAddress = /\b(?!file:)[A-Za-z][A-Za-z0-9+.-]+:\/\/[^\s'"`;|<>&,()]*/g;

/** On Windows a colon after a single letter, or before a folder, belongs to a drive. */
const separators = {
  posix: /[\n\r'"`=:;,|&<>(){}[\]]/,
  windows: /[\n\r'"`=;,|&<>(){}[\]]|(?<!(?:^|[^A-Za-z0-9])[A-Za-z]):(?![\\/])/,
} as const;

const blanksBeforePath = /\s+(?=(?:[-+@!][^\s\\/]*)?(?:[A-Za-z]:[\\/]|[\\/]|\.{1,2}[\\/]))/;
