import { sweep } from '../../../../src/engine/run/rehearsal-leftovers.ts';
import { newRunId } from '../../../../src/session/run/run.ts';
import { clock } from '../../../../src/session/session.ts';
import { asBelieved, type Measurement, type Row, type Told } from '../measurement.ts';
import type { Stage } from '../stage.ts';
import { type Finding, openFacts } from './bench.ts';
import { openStarts } from './hands.ts';
import { measureOn } from './on-site.ts';

const tries = { onWindows: 3, onLab: 1 };
/** How long to watch whether the endpoint follows the renewal property, and to wait for a start. */
const [wireMs, startMs] = [5000, 20_000];

/** What a temporary site with two certificates and a task shows of this Windows. */
export const measurement: Measurement = {
  safe: 'mark',
  program: 'installed',
  seconds: 600,
  async collect(stage) {
    const found: Finding[] = [];
    for (let at = 0; at < (stage.waits ? tries.onWindows : tries.onLab); at++)
      found.push(...(await measureOnce(stage)));
    return Object.fromEntries(openFacts.map(({ name }) => [name, said(found, name)]));
  },
  rows: Object.fromEntries(openFacts.map(({ name, positions }) => [name, rowOf(name, positions)])),
};

async function measureOnce(stage: Stage): Promise<readonly Finding[]> {
  const { netsh, lifecycle } = await stage.server.snapshot('brief');
  const { starts, task, close } = await openStarts(newRunId(clock.now()));
  try {
    const request = { task, whyNoTask: '', starts, wireMs, startMs };
    return await measureOn(await stage.bench(), request, { netsh, lastRecordId: lifecycle.lastRecordId });
  } finally {
    await sweep(stage.server, await stage.server.snapshot());
    await close();
  }
}

/** Every try that measured it, or why none did. */
function said(found: readonly Finding[], name: string): Told[string] {
  const facts = found.filter((fact) => fact.name === name);
  const measured = facts.flatMap((fact) => (fact.measured === null ? [] : [fact.measured, fact.how]));
  return measured.length > 0 ? measured : { refused: facts[0]?.how ?? 'it did not come so far' };
}

function rowOf(name: string, positions: readonly string[]): Row {
  const isChoice = positions.length > 0;
  return {
    how: `on a temporary site, ${tries.onWindows} times`,
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
