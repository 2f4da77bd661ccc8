import assert from 'node:assert/strict';
import { generatedPages } from '../../scripts/docs/pages.ts';
import { pages, textOf } from './pages.ts';

/** Turns that a reader stumbles over, each with what to write instead. */
const turns: readonly (readonly [RegExp, string])[] = [
  [/\bwhoever\b/i, 'anyone who, an account that'],
  [/\bwhatever became of\b|\bwhat became of\b/i, 'how it ended'],
  [/\blikewise\b/i, 'in the same way, also'],
  [/\ball the same\b/i, 'nevertheless'],
  [/\bshall\b/i, 'must, or the present tense'],
  [/\bis (?:his|hers|theirs) to\b/i, 'is responsible for'],
  [/\b(?:there|where)of\b/i, 'of it'],
  [/\bto be had\b/i, 'available'],
  [/\bhitherto\b|\bhenceforth\b/i, 'until now, from now on'],
  [/\b(?:here|where)(?:in|by|upon)\b/i, 'in this, by which'],
  [/\banew\b/i, 'again'],
  [/\bbut for\b/i, 'except'],
  [/\bputs? back\b/i, 'roll back'],
  [/\bstands? on\b/i, 'use, need'],
  [/\bof ours\b/i, 'of CertRebind, of this project'],
];

/** Pages that are written from tables as a whole: the words are those of the tables. */
const written = new Set(generatedPages.map(({ file }) => file).filter((file) => !textOf(file).includes('<!-- ')));

describe('the English of the pages', () => {
  it('finds turns in what people wrote, and neither in what is printed nor in titles of tests', () => {
    const page = ['Whoever reads', '```console', 'whoever', '```', '| a | `test/a.ts` › whoever |'].join('\n');
    assert.deepEqual(found('docs/a.md', page), ['docs/a.md:1: "Whoever": write anyone who, an account that']);
  });

  for (const page of pages.filter((name) => !written.has(name)))
    it(`${page} has no stiff turns`, () => assert.deepEqual(found(page, textOf(page)), []));
});

function found(page: string, markdown: string): readonly string[] {
  return prose(markdown)
    .split('\n')
    .flatMap((line, at) =>
      turns.flatMap(([turn, instead]) => {
        const [match] = turn.exec(line) ?? [];
        return match === undefined ? [] : [`${page}:${at + 1}: "${match}": write ${instead}`];
      }),
    );
}

/** A page without what it shows, what is generated, and titles of tests, line by line. */
function prose(markdown: string): string {
  return markdown
    .replace(/^```.*?^```$/gms, (block) => block.replace(/[^\n]/g, ''))
    .replace(/^<!-- generated: (\S+) -->.*?^<!-- end of \1 -->$/gms, (part) => part.replace(/[^\n]/g, ''))
    .replace(/`test\/[^`]+` › [^|\n]*/g, '');
}
