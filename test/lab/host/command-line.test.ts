import assert from 'node:assert/strict';
import fc from 'fast-check';
import { splitArguments } from '../../../src/lab/host/command-line.ts';

describe('command line of a scheduled task', () => {
  const table: readonly (readonly [line: string, args: readonly string[]])[] = [
    ['', []],
    ['   ', []],
    ['on-event --record 8', ['on-event', '--record', '8']],
    ['on-event\t--record   8 ', ['on-event', '--record', '8']],
    ['"C:\\Program Files\\x" y', ['C:\\Program Files\\x', 'y']],
    ['""', ['']],
    ['a"b c"d', ['ab cd']],
    ['a\\b\\\\c', ['a\\b\\\\c']],
    ['"a\\\\" b', ['a\\', 'b']],
    ['\\"a\\" b', ['"a"', 'b']],
    ['"say ""hi"" now"', ['say "hi" now']],
    ['"never closed', ['never closed']],
  ];
  for (const [line, args] of table) {
    it(`${JSON.stringify(line)} is ${args.length} arguments`, () => assert.deepEqual(splitArguments(line), args));
  }

  it('text pasted in without quoting becomes further arguments', () =>
    assert.deepEqual(splitArguments('on-event --record 8 --force'), ['on-event', '--record', '8', '--force']));

  it('arguments quoted by the rules come back as they were', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', ' ', '"', '\\', '\t') })), (args) => {
        assert.deepEqual(splitArguments(args.map(quoted).join(' ')), args);
      }),
    );
  });
});

/** Backslashes double before a quote and at the end, as `CommandLineToArgvW` wants them. */
function quoted(argument: string): string {
  return `"${argument.replace(/(\\*)("|$)/g, (_, slashes: string, end: string) => slashes + slashes + (end && '\\"'))}"`;
}
