/**
 * Splits a command line's arguments by the rules of Windows' C runtime: blanks part, quotes group, backslashes are
 * literal unless they stand before a quote, and a doubled quote inside quotes is one quote. Task Scheduler hands over one
 * raw line, so text pasted into it can become further arguments (fidelity: raw-value-queries).
 */
export function splitArguments(line: string): string[] {
  const found: string[] = [];
  let current: string | null = null;
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const letter = line[at];
    if (letter === '\\') {
      const slashes = countBackslashes(line, at);
      const beforeQuote = line[at + slashes] === '"';
      current = (current ?? '') + '\\'.repeat(beforeQuote ? Math.floor(slashes / 2) : slashes);
      at += slashes - 1;
      if (beforeQuote && slashes % 2 === 1) {
        current += '"';
        at += 1;
      }
    } else if (letter === '"') {
      current = current ?? '';
      if (quoted && line[at + 1] === '"') {
        current += '"';
        at += 1;
      } else {
        quoted = !quoted;
      }
    } else if (!quoted && (letter === ' ' || letter === '\t')) {
      if (current !== null) found.push(current);
      current = null;
    } else {
      current = (current ?? '') + letter;
    }
  }
  if (current !== null) found.push(current);
  return found;
}

function countBackslashes(line: string, from: number): number {
  let at = from;
  while (line[at] === '\\') at += 1;
  return at - from;
}
