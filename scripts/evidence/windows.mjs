// Every position of every switch that a measurement can tell, on our own Windows lab: each has to be found.

import { join } from 'node:path';
import { switchTable } from '../../src/lab/kernel/switches.ts';
import { answersOf } from '../../test/windows/suites/measurement.ts';
import { allMeasurements } from '../../test/windows/suites/measurements.ts';
import { openStage } from '../../test/windows/suites/stage.ts';
import { moveSwitches, withLab } from '../../test/windows/suites/with-lab.ts';

export const shows =
  'That the measurements for a real Windows find our own Windows lab in every position of its switches';
export const needs = ['the PowerShell of the tests', 'about two minutes a position'];

/** Found by another name, or not by anything that runs for seconds. */
const FOUND_AS = { invented: 'other' };
/** What hides others, so that it is moved by itself. */
const ALONE = ['web-administration', 'schedule-service', 'listen-list', 'task-queue'];
const NOT_FOUND = [
  'key-opens: too-slow',
  'netsh-update-on-2016: absent',
  'restart-on-exit-code: yes',
  'wmsvc-value: written-at-start',
  'key-storage: legacy',
  'execution-policy: RemoteSigned',
];

export async function run({ folder, say }) {
  const lines = ['| switch | position | asked by | found |', '|---|---|---|---|'];
  let passed = true;
  for (const { suite, file, measurement } of await allMeasurements()) {
    const switches = switchTable.filter(({ fact }) => fact in measurement.rows);
    const most = Math.max(0, ...switches.map(({ positions }) => positions.length - 1));
    for (let at = 1; at <= most; at++) {
      const moved = switches.flatMap(({ name, fact, positions }) => {
        const position = positions[at];
        return position === undefined || NOT_FOUND.includes(`${name}: ${position}`) ? [] : [{ name, fact, position }];
      });
      const together = moved.filter(({ name }) => !ALONE.includes(name));
      const groups = [together, ...moved.filter((each) => !together.includes(each)).map((each) => [each])];
      for (const [number, group] of groups.entries()) {
        // A lab that gives no answer costs its own positions only.
        const found = await foundOn(join(folder, `${suite}-${at}-${number}-${file}`), measurement, group).catch(
          ({ message }) => message,
        );
        for (const { name, fact, position } of group) {
          const { measured, how } =
            typeof found === 'string' ? { measured: null, how: found } : found.find(({ row }) => row === fact);
          const isFound = measured === (FOUND_AS[position] ?? position);
          passed &&= isFound;
          const shown = isFound ? 'yes' : `no: ${measured}, ${how.replaceAll('|', '/')}`;
          lines.push(`| \`${name}\` | ${position} | ${suite}/${file.replace('.measure.ts', '')} | ${shown} |`);
          say(lines.at(-1));
        }
      }
    }
  }
  return { passed, lines };
}

function foundOn(folder, measurement, moved) {
  return withLab(folder, async (lab) => {
    await moveSwitches(lab, Object.fromEntries(moved.map(({ name, position }) => [name, position])));
    const stage = await openStage(lab);
    try {
      return answersOf(measurement, await measurement.collect(stage));
    } finally {
      await stage.close();
    }
  });
}
