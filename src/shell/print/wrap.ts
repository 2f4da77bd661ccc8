import { characterWidth, displayWidth, type TerminalStyle } from './terminal-style.ts';

/** Breaks lines at blanks where there are any, inside a word otherwise, best where a part of it ends; nothing is cut off. */
export function wrap(lines: readonly string[], width: number): readonly string[] {
  return lines.flatMap((line) =>
    displayWidth(line) <= width ? [line] : wrapLine(line, width, (word) => breakWord(word, width)),
  );
}

/** @param broken a word that is wider than a line, in pieces */
function wrapLine(text: string, width: number, broken: (word: string) => readonly string[]): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (shownWidth(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    const pieces = broken(word);
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1) ?? '';
  }
  if (line !== '') lines.push(line);
  return lines;
}

/** Endpoints and paths fall apart where their parts do: `192.0.2.10:443:` and `shop.example.com`. */
function breakWord(word: string, width: number): readonly string[] {
  const pieces: string[] = [];
  let rest = word;
  while (displayWidth(rest) > width) {
    const most = fitting(rest, width);
    const [parts = most] = /^.+[:\\/]/su.exec(most) ?? /^.+\./su.exec(most) ?? [];
    pieces.push(parts);
    rest = rest.slice(parts.length);
  }
  return [...pieces, rest];
}

/** The most of a word that is no wider, and one character at least. */
function fitting(word: string, width: number): string {
  let piece = '';
  let columns = 0;
  for (const character of word) {
    columns += characterWidth(character);
    if (columns > width && piece !== '') break;
    piece += character;
  }
  return piece;
}

/**
 * The lines of a text, those that are too wide broken at blanks and indented as they began. A line that is a command to be
 * copied stays whole.
 */
export function wrapParagraph(text: string, { width }: TerminalStyle): string {
  if (width === null) return text;
  return text
    .split('\n')
    .flatMap((line) => {
      const indent = /^ */.exec(line)?.[0] ?? '';
      const words = line.slice(indent.length);
      if (shownWidth(line) <= width || (command.test(words) && !words.endsWith('.'))) return [line];
      return wrapLine(words, Math.max(20, width - indent.length), (word) => [word]).map((piece) => indent + piece);
    })
    .join('\n');
}

/** How commands begin: of this program, of Windows, or a cmdlet. */
const command =
  /^(?:(?:Type|Repair): )?(?:certrebind |(?:msiexec|netsh|certutil|certreq|wevtutil) |\$\w+[ ,]|[A-Z][a-z]+-[A-Z]\w+ )/;

/** Of a text that may be coloured. */
function shownWidth(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what paint writes begins with one
  return displayWidth(text.replace(/\u001B\[\d+m/g, ''));
}
