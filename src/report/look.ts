import { eastAsianWidth } from 'get-east-asian-width';

/** How text is to look: decided once, from where it goes. */
export interface Look {
  /** Columns available; `null` when the text does not go to a terminal and nothing needs to be cut or wrapped. */
  readonly width: number | null;
  readonly colour: boolean;
}

export const plain: Look = { width: null, colour: false };

export type Tone = 'good' | 'bad' | 'warn' | 'quiet' | 'strong';

const sgr: Readonly<Record<Tone, readonly [number, number]>> = {
  good: [32, 39],
  bad: [31, 39],
  warn: [33, 39],
  quiet: [2, 22],
  strong: [1, 22],
};

/** Colours a text that has been made safe for a terminal before. */
export function paint(text: string, tone: Tone | null, look: Look): string {
  if (!look.colour || tone === null || text === '') return text;
  const [on, off] = sgr[tone];
  return `\u001B[${on}m${text}\u001B[${off}m`;
}

/**
 * Control characters, and the marks that turn the direction of text: names of sites and subjects of certificates are
 * written by others, and must not move the cursor or reorder what is read.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this looks for
const unsafe = /[\u0000-\u001F\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/g;

/** The text with every control character written out as `\u001B`. Lines are kept apart before, not by this. */
export function escapeControls(text: string): string {
  return text.replace(
    unsafe,
    (character) => `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
}

const combining = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Columns that a text takes on a terminal: East Asian wide characters two, combining marks none. */
export function displayWidth(text: string): number {
  let columns = 0;
  for (const character of text) columns += characterWidth(character);
  return columns;
}

export function characterWidth(character: string): number {
  const codePoint = character.codePointAt(0) ?? 0;
  if (codePoint < 0x300) return 1;
  return combining.test(character) ? 0 : eastAsianWidth(codePoint);
}
