// docs/evidence/fidelity.md, from the facts beside it, the switches of the lab, and what real machines answered.

import { switchTable } from '../../src/lab/kernel/switches.ts';
import { type Fact, facts } from '../../test/windows/suites/facts.ts';
import { contradicts, keptMeasurements } from './measured.ts';

const counted = {
  seen: 'seen by others on a real Windows, not by us',
  documented: 'documented by a specification, a vendor or source text',
  runs: 'run here against something that nobody of this project wrote',
  varies: 'different from server to server: the lab has a switch, and every position is tested',
  open: 'open and relied upon',
};

export function fidelityMarkdown(documents = keptMeasurements()): string {
  const of = (known: string) => Object.entries(facts).filter((entry) => entry[1].known === known);
  const answers = (name: string) => {
    const found = documents.flatMap(({ windows: { build }, results }) =>
      results.filter(({ row, measured }) => row === name && measured !== null).map((one) => ({ build, one })),
    );
    const against = found.filter(({ one }) => contradicts(one));
    const listed = (list: typeof found) => list.map(({ build }) => build).join(', ');
    if (against.length > 0) return `; contradicted by ${listed(against)}`;
    return found.length === 0 ? '' : `; measured on ${listed(found)}`;
  };
  const line = (...cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const open = of('open').map(([name, fact]) => {
    const { from, ifFalse = '', safe = '', shown: [file = ''] = [] } = fact;
    return line(`\`${name}\``, `${textOf(name, fact)} *${from}${answers(name)}*`, ifFalse, safe, `\`${file}\``);
  });
  const table = (known: string) =>
    of(known).map(([name, fact]) => line(`\`${name}\``, textOf(name, fact), `${fact.from}${answers(name)}`));
  return `${[
    '# Fidelity: what the code believes about Windows',
    '',
    'Nobody of this project has run it on a real Windows yet. Code, `certrebind explain` and the switches of the lab refer to facts by these names.',
    '[measured.md](measured.md) says how each is asked of a real machine. `npm run docs` writes this page from `fidelity.json`.',
    '',
    `${Object.keys(facts).length} facts: ${Object.entries(counted)
      .map(([known, what]) => `${of(known).length} ${what}`)
      .join('; ')}.`,
    '',
    '## Open, and relied upon',
    '',
    '| fact | not known, and *who says what* | if it is otherwise | what keeps it from harm | shown by |',
    '|---|---|---|---|---|',
    ...open,
    ...[
      ['seen', 'Seen by others'],
      ['varies', 'Different from server to server'],
      ['runs', 'Run here'],
      ['documented', 'Documented'],
    ].flatMap(([known = '', title = '']) => [
      ...['', `## ${title}`, '', '| fact | what | known from |', '|---|---|---|'],
      ...table(known),
    ]),
  ].join('\n')}\n`;
}

/** In the words of its switch where it has none of its own. */
function textOf(name: string, { fact }: Fact): string {
  return fact ?? switchTable.flatMap((one) => (one.fact === name ? one.doc : [])).join(' ');
}
