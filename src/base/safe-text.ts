/**
 * Control characters, marks that change the direction of text, and characters of zero width: names of sites and
 * subjects of certificates are written by others, and must not move the cursor, reorder the text or hide in it.
 */
const unsafe =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this looks for
  /[\u0000-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/gu;

/** The text with every such character written out as `\u001B`. Lines are kept apart before, not by this. */
export function escapeControls(text: string): string {
  return text.replace(unsafe, (character) => {
    const number = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
    return number.length > 4 ? `\\u{${number}}` : `\\u${number.padStart(4, '0')}`;
  });
}

const longestForeign = 500;

/** What another computer says, or what a library says about it, as one line that is safe to store and to show. */
export function foreignText(text: string): string {
  return escapeControls(text.replace(/\s+/g, ' ').trim().slice(0, longestForeign));
}

/** What somebody typed, in quotes; of a long text its beginning. */
export function quoted(text: string, most: number): string {
  return JSON.stringify(text.slice(0, most));
}

/** The beginning of a long name, which is enough to know it by. */
export function shortened(name: string, most = 40): string {
  const characters = [...name];
  return characters.length <= most ? name : `${characters.slice(0, most - 1).join('')}…`;
}

/** Of a trigger or a secret: part of a task's name, a file's name and a command line, so it must be a plain word. */
export function isPlainName(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/.test(text);
}

/** As one argument of a command: in quotes where it needs them. */
export function argumentText(text: string): string {
  return /^[\w.:\\/*-]+$/.test(text) ? text : powerShellText(text);
}

/** As a text of PowerShell, in single quotes; it treats four other characters as a single quote too. */
export function powerShellText(text: string): string {
  return `'${text.replace(/['\u2018-\u201b]/g, '$&$&')}'`;
}
