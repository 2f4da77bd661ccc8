import { groupBy } from '../../src/base/group.ts';
import { compareText } from '../../src/base/order.ts';
import { allCodes, type ExplainedCode, kindsText, linesOf, saidAlike } from '../../src/commands/explain/command.ts';

/** Codes that screens and documents have as words; counts and results stand in a sentence of their own. */
const words: readonly ExplainedCode['kind'][] = ['exit', 'count', 'log-event', 'lifecycle-event'];

/** docs/codes.md: what `certrebind explain` prints, a heading for each code. */
export function codesMarkdown(): string {
  const codes = groupBy(
    allCodes().filter(({ kind }) => !words.includes(kind)),
    ({ code }) => code,
  );
  return [
    '# Codes',
    '',
    'A reference to search, written from the program. Each code stands once, in the order of the alphabet. `certrebind explain <code>` prints the same.',
    'What you see and what to type then: [troubleshooting](troubleshooting.md).',
    ...[...codes]
      .sort(([a], [b]) => compareText(a, b))
      .flatMap(([code, entries]) => ['', `## ${code}`, ...section(entries)]),
    '',
  ].join('\n');
}

function section(entries: readonly ExplainedCode[]): readonly string[] {
  return saidAlike(entries).flatMap((alike) => {
    const [{ text, hint }] = alike;
    const kinds = kindsText(alike);
    const exits = [...new Set(alike.flatMap(({ exit }) => exit ?? []))];
    return [
      '',
      `*${kinds.charAt(0).toUpperCase()}${kinds.slice(1)}.* ${escaped(text)}`,
      ...(hint === null ? [] : ['', `What to do: ${escaped(hint)}`]),
      ...linesOf(alike).flatMap(({ what, line }) => ['', `${what}: \`${line}\``]),
      ...(exits.length === 0 ? [] : ['', `Exit code: ${exits.join(' or ')}`]),
    ];
  });
}

/** Placeholders are no tags of HTML. */
function escaped(text: string): string {
  return text.replaceAll('<', '\\<');
}
