import { openFacts, type Rehearsal } from '../../../../src/documents/rehearsal.ts';
import { asBelieved, type Measurement, type Row, type Told } from '../measurement.ts';

/** What a customer's server measures too, without Node: the rehearsal, whose findings are taken as they are. */
const tries = { onWindows: 3, onLab: 1 };

export const measurement: Measurement = {
  safe: 'mark',
  seconds: 300,
  async collect({ certrebind, waits }) {
    const rehearsals: Rehearsal[] = [];
    for (let at = 0; at < (waits ? tries.onWindows : tries.onLab); at++) {
      const { document } = await certrebind(['rehearse', '--yes', ...(at === 0 && waits ? ['--thorough'] : [])]);
      rehearsals.push(document);
    }
    return Object.fromEntries(openFacts.map(({ name }) => [name, found(rehearsals, name)]));
  },
  rows: Object.fromEntries(openFacts.map(({ name, positions }) => [name, rowOf(name, positions)])),
};

/** Every try that measured it, or why none did. */
function found(rehearsals: readonly Rehearsal[], name: string): Told[string] {
  const facts = rehearsals.flatMap(({ facts: all }) => all.filter((fact) => fact.name === name));
  const measured = facts.flatMap((fact) => (fact.measured === null ? [] : [fact.measured, fact.how]));
  return measured.length > 0 ? measured : { refused: facts[0]?.how ?? 'the rehearsal did not come so far' };
}

function rowOf(name: string, positions: readonly string[]): Row {
  const isChoice = positions.length > 0;
  return {
    how: `certrebind rehearse, ${tries.onWindows} times`,
    from: [name],
    decide(said) {
      const answers = said(name).filter((_, at) => at % 2 === 0);
      const [first = 'other'] = answers;
      if (!isChoice) return asBelieved;
      return answers.every((answer) => answer === first) && positions.includes(first) ? first : 'other';
    },
    examples: isChoice
      ? {
          ...Object.fromEntries(
            positions.map((position) => [position, { [name]: [position, 'seen', position, 'seen'] }]),
          ),
          other: { [name]: [positions[0] ?? '', 'seen', 'something else', 'seen'] },
        }
      : { [asBelieved]: { [name]: ['a list', 'seen'] } },
  };
}
