import assert from 'node:assert/strict';
import { allCodes, codesText } from '../../src/commands/explain/command.ts';
import { logEvents } from '../../src/documents/log-events.ts';
import { countTexts, resultTexts, states } from '../../src/documents/runs/step-states.ts';
import { assertNone, each } from '../support/each.ts';
import { run, runJson } from './run-program.ts';

describe('explain', () => {
  it('explains one code with what to do', async () => {
    const { exitCode, stdout } = await run(['explain', 'names-lost']);
    assert.equal(exitCode, 0);
    const [before, after, ...more] = stdout.split('\n\n');
    assert.deepEqual(more, [], 'before a change and after it, other things are to be done');
    assert.match(before ?? '', /^names-lost \(why something is not changed\)\n.*\n {2}What to do: Issue one /);
    assert.match(after ?? '', /^names-lost \(a finding .*, of severity warning\)\n.*\n {2}What to do: The new /);
  });

  it('tells apart what a person undid, which is not tried again by itself, and what a run rolled back', async () => {
    const { document } = await runJson(['explain', 'renewal-rolled-back']);
    const [{ text, hint }, ...more] = document.codes;
    assert.deepEqual(more, []);
    assert.match(text, /^A run or a person /);
    assert.match(
      hint,
      /If you undid the renewal, CertRebind does not apply it again by itself\. If a run rolled it back, CertRebind tries/,
    );
  });

  it('gives one answer for a code of several kinds, and an entry for each kind to programs', async () => {
    const { stdout } = await run(['explain', 'still-old']);
    assert.equal(stdout.split('\n\n').length, 1);
    assert.match(
      stdout,
      /^still-old \(an error of one step in a run; a finding of .*; the state of one step of a run\)\n/,
    );
    assert.equal(stdout.match(/What to do/g)?.length, 1);
    const { document } = await runJson(['explain', 'shorter-life']);
    assert.deepEqual(each(document.codes, 'kind'), ['block', 'note']);
  });

  it('lists every code of every kind when none is named', async () => {
    const { exitCode, document } = await runJson(['explain']);
    assert.equal(exitCode, 0);
    assert.deepEqual(document.codes, allCodes());
    for (const { code, text } of document.codes) assert.ok(code !== '' && text !== '');
  });

  it('takes a line for each of many codes on a terminal, and all of it with --full', () => {
    const codes = allCodes();
    const lines = codesText({ codes }, { width: 80, colour: false }).split('\n');
    const answers = new Set(codes.map(({ code, text }) => `${code} ${text}`));
    assert.equal(lines.length, answers.size + 1);
    assertNone(lines, (line) => line.length > 80);
    const [first] = codes;
    assert.ok(lines[1]?.endsWith('…') && !lines[1].includes(first?.text ?? ''));
    assert.ok(codesText({ codes }, { width: 80, colour: false, full: true }).includes(first?.text ?? ''));
  });

  it('knows every event of the Application log, and every state, result and count of a run', () => {
    const known = new Set(allCodes().map(({ code }) => code));
    const codes = [logEvents, states, resultTexts, countTexts].flatMap((table) => Object.keys(table));
    assert.ok(codes.length > 40, `${codes.length}`);
    assertNone(codes, (code) => !known.has(code));
  });

  for (const [words, code] of [
    ['not tested', 'untested'],
    ['not yet served', 'still-old'],
    ['not verified', 'not-verified'],
  ] as const)
    it(`finds ${words}, as screens print it`, async () => {
      const { exitCode, stdout } = await run(['explain', words, '--json']);
      const found = new Set(JSON.parse(stdout).codes.map((one: { code: string }) => one.code));
      assert.deepEqual([exitCode, [...found]], [0, [code]]);
    });
});
