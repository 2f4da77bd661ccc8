import { characterWidth, displayWidth, type Look } from './look.ts';

/** Breaks lines at blanks where there are any, inside a word otherwise; nothing is cut off. */
export function wrap(lines: readonly string[], width: number): readonly string[] {
  return lines.flatMap((line) => (displayWidth(line) <= width ? [line] : wrapLine(line, width)));
}

function wrapLine(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (displayWidth(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    const pieces = breakWord(word, width);
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1) ?? '';
  }
  if (line !== '') lines.push(line);
  return lines;
}

function breakWord(word: string, width: number): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  let columns = 0;
  for (const character of word) {
    const more = characterWidth(character);
    if (columns + more > width && piece !== '') {
      pieces.push(piece);
      piece = '';
      columns = 0;
    }
    piece += character;
    columns += more;
  }
  return [...pieces, piece];
}

/**
 * The lines of a text, those that are too wide broken at blanks and indented as they began. A line that is a command to be
 * copied stays whole.
 */
export function wrapParagraph(text: string, { width }: Look): string {
  if (width === null) return text;
  return text
    .split('\n')
    .flatMap((line) => {
      const indent = /^ */.exec(line)?.[0] ?? '';
      const words = line.slice(indent.length);
      if (displayWidth(withoutColour(line)) <= width || (command.test(words) && !words.endsWith('.'))) return [line];
      return wrapWords(words, Math.max(20, width - indent.length)).map((piece) => `${indent}${piece}`);
    })
    .join('\n');
}

/** How commands begin: of this program, of Windows, or a cmdlet. */
const command = /^(?:certrebind |msiexec |[A-Z][a-z]+-[A-Z]\w+ )/;

/** As `wrapLine`, of a text that may be coloured, and never inside a word. */
function wrapWords(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (line === '' || displayWidth(withoutColour(joined)) <= width) {
      line = joined;
      continue;
    }
    lines.push(line);
    line = word;
  }
  return [...lines, line];
}

function withoutColour(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what paint writes begins with one
  return text.replace(/\u001B\[\d+m/g, '');
}
