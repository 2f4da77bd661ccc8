// docs/evidence/fidelity.md, from the facts beside it, the switches of the lab, and what real machines answered.

import { switchTable } from '../../src/lab/kernel/switches.ts';
import { endOf } from '../../test/windows/suites/ends.ts';
import { type Fact, facts } from '../../test/windows/suites/facts.ts';
import { keptMeasurements } from './measured.ts';

/** In the order of the page: the heading, and what it counts. */
const kinds = {
  open: ['Open, and relied upon', 'open and relied upon'],
  measured: ['Measured', 'measured on a real Windows by our suites'],
  seen: ['Seen by others', 'seen by others on a real Windows, not by us'],
  varies: [
    'Different from server to server',
    'different from server to server, with every position of a switch tested',
  ],
  runs: ['Run here', 'run here against something that nobody of this project wrote'],
  documented: ['Documented', 'documented by a specification, a vendor or source text'],
};

export function fidelityMarkdown(documents = keptMeasurements()): string {
  const of = (known: string) => Object.entries(facts).filter((entry) => entry[1].known === known);
  const shown = Object.entries(kinds).filter(([known]) => of(known).length > 0);
  const answers = (name: string) => {
    const found = documents.flatMap(({ windows: { build }, results }) =>
      results.filter(({ row, measured }) => row === name && measured !== null).map((one) => ({ build, one })),
    );
    const against = found.filter(({ one }) => endOf(one).is === 'contradicts');
    const listed = (list: typeof found) => list.map(({ build }) => build).join(', ');
    if (against.length > 0) return `; contradicted by ${listed(against)}`;
    return found.length === 0 ? '' : `; measured on ${listed(found)}`;
  };
  const line = (...cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const row = (name: string, fact: Fact) => {
    const { known, from, ifFalse = '', safe = '', shown: [file = ''] = [] } = fact;
    // In the words of its switch where it has none of its own.
    const what = fact.fact ?? switchTable.flatMap((one) => (one.fact === name ? one.doc : [])).join(' ');
    const said = `${from}${answers(name)}`;
    return known === 'open'
      ? line(`\`${name}\``, `${what} *${said}*`, ifFalse, safe, `\`${file}\``)
      : line(`\`${name}\``, what, said);
  };
  const heads = {
    open: [
      '| fact | not known, and *who says what* | if it is otherwise | what keeps it from harm | shown by |',
      '|---|---|---|---|---|',
    ],
    others: ['| fact | what | known from |', '|---|---|---|'],
  };
  return `${[
    '# Fidelity: what the code believes about Windows',
    '',
    `${documents.length === 0 ? 'Nobody of this project has run it on a real Windows yet. ' : ''}Code, \`certrebind explain\` and the switches of the lab refer to facts by these names.`,
    '[measured.md](measured.md) says how each is asked of a real machine. `npm run docs` writes this page from `fidelity.json`.',
    '',
    `${Object.keys(facts).length} facts: ${shown
      .map(([known, [, what]]) => `${of(known).length} ${what}`)
      .join('; ')}.`,
    ...shown.flatMap(([known, [title = '']]) => [
      ...['', `## ${title}`, '', ...(known === 'open' ? heads.open : heads.others)],
      ...of(known).map(([name, fact]) => row(name, fact)),
    ]),
  ].join('\n')}\n`;
}
