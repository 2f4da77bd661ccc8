import { removeLeftovers } from '../../../../src/engine/run/rehearsal-leftovers.ts';
import { newRunId } from '../../../../src/session/run/run.ts';
import { clock } from '../../../../src/session/session.ts';
import { asBelieved, type Measurement, type Row, type Told } from '../measurement.ts';
import type { Stage } from '../stage.ts';
import { type Finding, openFacts } from './bench.ts';
import { openStarts } from './hands.ts';
import { measureOn } from './on-site.ts';

const tries = { onWindows: 3, onLab: 1 };
/** How long to watch whether the endpoint follows the renewal property; a lab does so at once or never. */
const wireMs = { onWindows: 5000, onLab: 600 };
/** How long to wait for a start. */
const startMs = 20_000;

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
    const request = { task, whyNoTask: '', starts, wireMs: stage.waits ? wireMs.onWindows : wireMs.onLab, startMs };
    return await measureOn(await stage.bench(), request, { netsh, lastRecordId: lifecycle.lastRecordId });
  } finally {
    await removeLeftovers(stage.server, await stage.server.snapshot());
    await close();
  }
}

/** Every try that measured it, where they agree; else why not. */
function said(found: readonly Finding[], name: string): Told[string] {
  const facts = found.filter((fact) => fact.name === name);
  const measured = facts.flatMap((fact) => (fact.measured === null ? [] : [fact.measured, fact.how]));
  if (measured.length === 0) return { refused: facts[0]?.how ?? 'it did not come so far' };
  const answers = [...new Set(facts.flatMap((fact) => fact.measured ?? []))];
  return answers.length === 1 ? measured : { refused: `the tries differ: ${answers.join(', ')}` };
}

function rowOf(name: string, positions: readonly string[]): Row {
  const isChoice = positions.length > 0;
  return {
    how: `on a temporary site, ${tries.onWindows} times`,
    from: [name],
    decide(said) {
      const [answer = 'other'] = said(name);
      if (!isChoice) return asBelieved;
      return positions.includes(answer) ? answer : 'other';
    },
    examples: isChoice
      ? {
          ...Object.fromEntries(
            positions.map((position) => [position, { [name]: [position, 'seen', position, 'seen'] }]),
          ),
          other: { [name]: ['something else', 'seen'] },
        }
      : { [asBelieved]: { [name]: ['a list', 'seen'] } },
  };
}
