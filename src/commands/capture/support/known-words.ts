import { errorCodes, stepErrorCodes } from '../../../base/codes/error-codes.ts';
import { exits } from '../../../base/codes/exit-codes.ts';
import { findingCodes } from '../../../base/codes/finding-codes.ts';
import { blockCodes, noteCodes, skipCodes } from '../../../base/codes/plan-codes.ts';
import { taskResultTexts } from '../../../model/windows/task-results.ts';

/**
 * A sentence that keeps only words of the tables of codes and of Task Scheduler's results, short numbers, and error
 * codes of Windows. Anything else may be a name and becomes `…`.
 */
export function knownWords(sentence: string): string {
  return sentence
    .split(/\s+/)
    .map(knownPart)
    .filter((part, at, parts) => part !== '…' || parts[at - 1] !== '…')
    .join(' ')
    .trim();
}

const edges = /^[("'[]*(.*?)[.,:;!?)"'\]]*$/;
const number = /^(?:0x[0-9a-f]{1,8}|\d{1,6})$/i;

function knownPart(part: string): string {
  const [, core = ''] = edges.exec(part) ?? [];
  return part === '' || number.test(core) || words.has(core.toLowerCase()) ? part : '…';
}

const tables = [blockCodes, skipCodes, noteCodes, errorCodes, stepErrorCodes, findingCodes];

const texts = [
  ...tables.flatMap((table) => table.flatMap(({ code, text, hint }) => [code, text, hint])),
  ...Object.values(exits),
  ...taskResultTexts,
  'the program was started but did not answer within s',
  'the test task is no longer registered and ended without an answer',
  'access is denied cannot be loaded because running scripts is disabled on this system',
  'file text as SYSTEM read',
  'connection refused reset closed during handshake timed out',
];

const words: ReadonlySet<string> = new Set(
  texts
    .flatMap((text) => text.toLowerCase().split(/\s+/))
    .map((word) => edges.exec(word)?.[1] ?? '')
    .filter((word) => /^[a-z]+(?:[-'][a-z]+)*$/.test(word)),
);
