// What a script was told on its command line. What it does not take ends it before anything is touched: one line, exit 2;
// --help ends it with what it takes.

/**
 * Reads the command line of the script that runs.
 * @param usage the script as in `npm run <script>`, and what it takes
 * @param read parses it: by `parseArgs` of Node, and the functions below
 */
export function readArguments<Read>(usage: string, read: () => Read): Read {
  const [script = '', ...takes] = usage.split(' ');
  const taken = takes.length === 0 ? 'nothing' : takes.join(' ');
  if (process.argv.slice(2).includes('--help')) {
    console.log(`npm run ${script} takes ${taken}`);
    process.exit(0);
  }
  try {
    return read();
  } catch (error) {
    const problem = problemOf(error);
    if (problem === null) throw error;
    console.error(`npm run ${script}: ${problem}; it takes ${taken}`);
    process.exit(2);
  }
}

/** @throws Misunderstood for anything but a number above 0 */
export function aboveZero(option: string, text: string, of: 'any' | 'whole' = 'any'): number {
  const number = Number(text);
  if (number > 0 && number < Number.POSITIVE_INFINITY && (of === 'any' || Number.isInteger(number))) return number;
  throw new Misunderstood(`${option} takes a ${of === 'whole' ? 'whole ' : ''}number above 0, not "${text}"`);
}

/** @throws Misunderstood naming the first that is not among those that there are */
export function among(known: readonly string[], words: readonly string[]): readonly string[] {
  const unknown = words.find((word) => !known.includes(word));
  if (unknown === undefined) return words;
  throw new Misunderstood(`There is no "${unknown}" among ${known.join(', ')}`);
}

class Misunderstood extends Error {}

/** Of Node's own words the first sentence: the others are about something else. */
function problemOf(error: unknown): string | null {
  if (error instanceof Misunderstood) return error.message;
  const isNodes = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
  return isNodes ? (error.message.split(/\.\s|\n/)[0] ?? '').replace(/\.$/, '') : null;
}
