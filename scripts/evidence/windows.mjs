// Every position of every switch that a measurement can tell, on our own Windows lab: each has to be found.

import { join } from 'node:path';
import { sweep } from '../../src/engine/run/rehearsal-leftovers.ts';
import { switchTable } from '../../src/lab/kernel/switches.ts';
import { facts } from '../../test/windows/suites/facts.ts';
import { answersOf } from '../../test/windows/suites/measurement.ts';
import { allMeasurements } from '../../test/windows/suites/measurements.ts';
import { openStage } from '../../test/windows/suites/stage.ts';
import { moveSwitches, withLab } from '../../test/windows/suites/with-lab.ts';

export const shows =
  'That the measurements for a real Windows find our own Windows lab in every position of its switches';
export const needs = ['the PowerShell of the tests', 'about a quarter of an hour on an idle machine'];

/** Found by another name. */
const FOUND_AS = { invented: 'other' };
/** Under which other measurements cannot ask: moved by themselves from the beginning. */
const ALONE =
  'web-administration schedule-service listen-list task-queue execution-policy script-control powershell-starts agent-rights key-opens';
const NOT_FOUND = {
  'key-opens: too-slow': 'nothing waits so long',
  'wmsvc-value: written-at-start': 'no PowerShell starts a service of the lab',
  'execution-policy: RemoteSigned': 'scripts run as if nothing were set',
  'volume-root: modify': 'a lab has no system drive',
  'renewal-issuer: missing': 'the suite brings an issuer of its own; the lab means that of its renewals',
};

export async function run({ folder, say }) {
  const measurements = await allMeasurements();
  const passed = [];
  const failed = [];
  const left = [];
  const all = switchTable.flatMap(({ name, fact, positions }) => {
    const asked = measurements.find(({ measurement }) => fact in measurement.rows);
    return positions.slice(1).map((position, at) => ({ name, fact, position, asked, at }));
  });
  const wanted = all.filter(({ name, fact, position, asked }) => {
    const why = asked === undefined ? facts[fact]?.notHosted : NOT_FOUND[`${name}: ${position}`];
    if (why !== undefined) left.push(`- \`${name}\` ${position}: ${why}`);
    return why === undefined;
  });
  const isAlone = ({ name }) => ALONE.split(' ').includes(name);
  const together = [0, 1, 2].map((at) => wanted.filter((each) => each.at === at && !isAlone(each)));
  const rounds = [...together, ...wanted.filter(isAlone).map((each) => [each])];
  // What another switch hides is asked again behind the others: without those that were found, then by itself.
  for (const [number, moved] of rounds.entries()) {
    const found = await foundOn(join(folder, `${number}`), moved);
    const again = [];
    for (const one of moved) {
      const { name, fact, position, asked } = one;
      const { measured, how } = found.get(fact);
      const line = `\`${name}\` ${position}`;
      if (measured === (FOUND_AS[position] ?? position)) passed.push(line);
      else if (moved.length > 1) again.push(one);
      else failed.push(`- NOT FOUND: ${line} (${measured}, ${how})`);
      say(`${number}: ${line} by ${asked.suite}/${asked.file.replace('.measure.ts', '')}: ${measured}`);
    }
    if (again.length === moved.length) rounds.push(...again.map((one) => [one]));
    else if (again.length > 0) rounds.push(again);
  }
  return {
    passed: failed.length === 0,
    lines: [
      `${passed.length} positions of ${new Set(passed.map((line) => line.split(' ')[0])).size} switches were found.`,
      ...['', ...failed, 'Not asked for:', '', ...left],
    ],
  };
}

/** What each measurement that is about one of them says of a new lab whose switches were moved; one that ends costs its own answers. */
function foundOn(folder, moved) {
  return withLab(folder, async (lab) => {
    await moveSwitches(lab, Object.fromEntries(moved.map(({ name, position }) => [name, position])));
    const answers = new Map();
    for (const { measurement } of new Set(moved.map(({ asked }) => asked))) {
      const stage = await openStage({ lab, kind: 'system', env: process.env });
      try {
        for (const answer of answersOf(measurement, await measurement.collect(stage))) answers.set(answer.row, answer);
        await sweep(stage.server, await stage.server.snapshot());
      } catch ({ message }) {
        for (const row of Object.keys(measurement.rows))
          if (!answers.has(row)) answers.set(row, { measured: null, how: message });
      } finally {
        await stage.close();
      }
    }
    return answers;
  });
}
