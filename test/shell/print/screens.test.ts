import assert from 'node:assert/strict';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import { statusOf } from '../../../src/engine/views/server-status.ts';
import { briefText, statusText } from '../../../src/shell/print/status-text.ts';
import { displayWidth, plain } from '../../../src/shell/print/terminal-style.ts';
import { pageSituations } from '../../commands/report/pages.ts';
import { factsIn, situations } from '../../engine/findings/situations.ts';

/** Lines that are too wide, but for what has to be copied, and for a word without a place to break it. */
function overflowing(text: string, width: number, commands: ReadonlySet<string>): readonly string[] {
  return text
    .split('\n')
    .filter((line) => displayWidth(line) > width && /\S \S/.test(line) && !commands.has(line.trim()));
}

const shown = [
  ...pageSituations.flatMap(({ name, facts }) => (facts === undefined ? [] : { name, facts })),
  ...situations.map((one) => ({ name: one.situation, facts: factsIn(one) })),
].map(({ name, facts }) => ({ name, status: statusOf(lookAt(facts)) }));

describe('the status on a terminal', () => {
  for (const { name, facts, headline, command } of pageSituations)
    if (facts !== undefined)
      it(`says first what the page says first, and what to type on the next line: ${name}`, () => {
        const status = statusOf(lookAt(facts));
        const [first = '', second = '', third = ''] = statusText(status, plain).split('\n');
        if (status.actions.length === 0) return assert.match(first, /^OK: /);
        const [, said = ''] = /^(?:ERROR|WARNING): (.*)$/.exec(first) ?? [];
        if (name !== 'hostile') assert.match(said, headline);
        const typed = (/^ {4}First .*\.$/.test(second) ? third : second).trim();
        if (typeof command === 'string') assert.equal(typed, command);
        else assert.match(typed, command ?? assert.fail());
      });

  it('has at most five things to do, in the order of the page, each with one command on one line', () => {
    for (const { name, status } of shown) {
      const lines = statusText(status, { ...plain, width: 80 }).split('\n');
      const unwrapped = statusText(status, plain).split('\n');
      const titles = status.actions.slice(0, 5).map(({ title }) => title.slice(0, 30).replace(/[0-9A-F]{8,}.*/, ''));
      const at = titles.map((title) => unwrapped.findIndex((line) => line.includes(title)));
      assert.ok(!at.includes(-1), `${name}: ${unwrapped.join('\n')}`);
      assert.deepEqual(
        at,
        at.toSorted((a, b) => a - b),
        name,
      );
      assert.ok(unwrapped.length <= 30, `${name}: ${unwrapped.length} lines`);
      for (const { commands } of status.actions.slice(0, 5))
        if (commands[0] !== undefined && !/[0-9A-F]{40}/.test(commands[0]))
          assert.ok(
            lines.some((line) => line.trim() === commands[0]),
            `${name}: ${commands[0]} in\n${lines.join('\n')}`,
          );
    }
  });

  for (const width of [80, 120])
    it(`fits ${width} columns, but for commands to be copied`, () => {
      for (const { name, status } of shown)
        for (const full of [false, true]) {
          const commands = new Set(status.findings.flatMap(({ commands }) => commands));
          const text = statusText(status, { ...plain, width, full });
          assert.deepEqual(overflowing(text, width, commands), [], `${name}${full ? ' --full' : ''}`);
        }
    });

  it('is one line where one line is asked for', () => {
    for (const { name, status } of shown) assert.doesNotMatch(briefText(status, plain), /\n/, name);
  });
});
