import { type FileHandle, open, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asResult, CertRebindError } from '../../base/errors.ts';
import { fileErrorCode } from '../../base/file-error.ts';
import type { JournalLine, KilledRun } from '../../documents/runs/journal.ts';
import type { Outcome } from '../../documents/runs/outcome.ts';
import { isTemporary, readBytesIfThere, writeFileAtomically, writing } from './files.ts';
import type { RunJournal } from './state.ts';

const journalName = 'journal.ndjson';
const reserveName = 'reserve';
export const outcomeName = 'outcome.json';

/**
 * Opens the journal in the folder of a run for appending. A torn last line is cut off first, because otherwise the next
 * line would be lost with it. Nothing else is removed, not even what cannot be read.
 */
export async function openJournal(folder: string, run: string): Promise<RunJournal> {
  const path = join(folder, journalName);
  const reserve = join(folder, reserveName);
  const whole = (await readJournal(folder)).bytes;
  const file = await writing(folder, () => open(path, 'a+', 0o600));
  await writing(folder, () => file.truncate(whole));
  let size = whole;
  let hasRoom = false;

  return {
    run,
    async append(...lines) {
      await writing(folder, async () => {
        // Each record comes back once or twice in the lines that follow, and once more in the outcome.
        if (!hasRoom) await takeRoom(reserve, lengthOf(lines) * 3 + 65_536);
        hasRoom = true;
        try {
          size += await writeAt(file, lines, size);
        } catch (error) {
          // The space that was reserved for the closing lines.
          await rm(reserve, { force: true });
          if (!['ENOSPC', 'EDQUOT'].includes(fileErrorCode(error) ?? '')) throw error;
          size += await writeAt(file, lines, size);
        }
      });
    },
    async close(outcome: Outcome) {
      await file.close();
      await rm(reserve, { force: true });
      // Left by an earlier attempt that was killed here; only the process that holds the lock writes into the folder of
      // a run.
      for (const name of await readdir(folder)) if (isTemporary(name)) await rm(join(folder, name), { force: true });
      await writeFileAtomically(join(folder, outcomeName), `${JSON.stringify(outcome, null, 1)}\n`);
    },
    abandon: () => file.close(),
  };
}

/**
 * After a failed write half a line may be at the end; it is removed, so that the next line is not lost with it.
 * @returns how many bytes were written
 */
async function writeAt(file: FileHandle, lines: readonly JournalLine[], size: number): Promise<number> {
  let bytes = 0;
  try {
    for (const piece of jsonPieces(lines)) {
      await file.appendFile(piece);
      bytes += Buffer.byteLength(piece);
    }
    await file.datasync();
    return bytes;
  } catch (error) {
    await file.truncate(size).catch(() => {});
    throw error;
  }
}

function lengthOf(lines: readonly JournalLine[]): number {
  let length = 0;
  for (const piece of jsonPieces(lines)) length += piece.length;
  return length;
}

const pieceLength = 2 ** 17;

/** The text of a large plan as a whole would be much of what a run has in memory. */
function* jsonPieces(lines: readonly JournalLine[]): Generator<string> {
  let piece = '';
  for (const line of lines) {
    for (const part of jsonParts(line, line.type === 'opened' ? 3 : 0)) {
      piece += part;
      if (piece.length < pieceLength) continue;
      yield piece;
      piece = '';
    }
    piece += '\n';
  }
  yield piece;
}

/** The JSON of a document, in parts that are at most so many levels below it. */
function* jsonParts(value: unknown, levels: number): Generator<string> {
  if (levels === 0 || typeof value !== 'object' || value === null) {
    yield JSON.stringify(value);
    return;
  }
  const isList = Array.isArray(value);
  let before = '';
  yield isList ? '[' : '{';
  for (const [name, one] of Object.entries(value)) {
    if (one === undefined) continue;
    yield isList ? before : `${before}${JSON.stringify(name)}:`;
    yield* jsonParts(one, levels - 1);
    before = ',';
  }
  yield isList ? ']' : '}';
}

/** Real bytes, not a hole, so that the space is there when the disk has filled up. */
async function takeRoom(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'a', 0o600);
  try {
    const { size } = await file.stat();
    // Piece by piece: for a large plan, all of it would be most of what a run has in memory.
    const piece = Buffer.alloc(Math.min(bytes, 2 ** 20), 0x20);
    for (let left = bytes - size; left > 0; left -= piece.length) await file.appendFile(piece.subarray(0, left));
    await file.datasync();
  } finally {
    await file.close();
  }
}

/**
 * The whole lines of a journal that can be read, and the numbers of those that cannot.
 * @returns `bytes`: how many there are up to the end of the last whole line
 * @throws CertRebindError `other-version`
 */
export async function readJournal(folder: string): Promise<KilledRun & { readonly bytes: number }> {
  const path = join(folder, journalName);
  const text = (await readBytes(path)) ?? Buffer.alloc(0);
  const journal: JournalLine[] = [];
  const damagedLines: number[] = [];
  let bytes = 0;
  if (text.length === 0) return { journal, damagedLines, bytes };
  // Loaded late because it is large, and most starts have no journal to read.
  const { parseJournalLine } = await import('../../documents/runs/journal-document.ts');
  for (let number = 1, end = text.indexOf(10); end >= 0; number++, end = text.indexOf(10, bytes)) {
    const line = readLine(parseJournalLine, text.toString('utf8', bytes, end), `${path}:${number}`);
    if (line === null) damagedLines.push(number);
    else journal.push(line);
    bytes = end + 1;
  }
  return { journal, damagedLines, bytes };
}

/** Without its journal nobody knows what a run changed, so only a person can decide to forget it. */
async function readBytes(path: string): Promise<Buffer | null> {
  const bytes = await asResult(() => readBytesIfThere(path));
  if (!(bytes instanceof CertRebindError)) return bytes;
  throw new CertRebindError('damaged-file', {
    message: `${bytes.message} It is the journal of a run: the only record of what this run changed.`,
    where: path,
    hint:
      `Restore it from a backup. If you cannot, check the server, and move the folder ${dirname(path)} away. ` +
      'The run is then forgotten, and it cannot be rolled back.\nCheck the server:\n  certrebind doctor',
    cause: bytes,
  });
}

function readLine(
  parse: (text: string, where: string) => JournalLine,
  text: string,
  where: string,
): JournalLine | null {
  try {
    return parse(text, where);
  } catch (error) {
    if (error instanceof CertRebindError && error.code === 'bad-document') return null;
    throw error;
  }
}
