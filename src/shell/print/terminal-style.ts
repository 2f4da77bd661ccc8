import { eastAsianWidth } from 'get-east-asian-width';

/** How text is to look: decided once, by where it goes. */
export interface TerminalStyle {
  /** Columns available; `null` when the text does not go to a terminal and nothing needs to be cut or wrapped. */
  readonly width: number | null;
  readonly colour: boolean;
  /** Nothing is shortened: every row and every name is shown. */
  readonly full?: boolean;
  /** The clock of the reader; absent for UTC. */
  readonly clock?: Clock;
}

/** A clock on a wall: it goes by a zone that has summer time or has not. */
export interface Clock {
  /** How many minutes it is ahead of UTC now, as titles of tables say. */
  readonly aheadNow: number;
  aheadAt(moment: Date): number;
}

export const plain: TerminalStyle = { width: null, colour: false };

export type Tone = 'good' | 'bad' | 'warn' | 'quiet' | 'strong';

const sgr: Readonly<Record<Tone, readonly [number, number]>> = {
  good: [32, 39],
  bad: [31, 39],
  warn: [33, 39],
  quiet: [2, 22],
  strong: [1, 22],
};

/** Colours a text that has been made safe for a terminal before. */
export function paint(text: string, tone: Tone | null, look: TerminalStyle): string {
  if (!look.colour || tone === null || text === '') return text;
  const [on, off] = sgr[tone];
  return `\u001B[${on}m${text}\u001B[${off}m`;
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
