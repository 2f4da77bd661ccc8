import assert from 'node:assert/strict';
import sinon from 'sinon';
import { readArguments } from '../scripts/lib/arguments.ts';

/** What a script of these options says on stderr before it ends with 2; `null` where it goes on. */
function saidOf(args: readonly string[]): string | null {
  const sandbox = sinon.createSandbox();
  const ended = new Error('it ended');
  const exit = sandbox.stub(process, 'exit').throws(ended);
  const said = sandbox.stub(console, 'error');
  try {
    const { among, number, whole, words } = readArguments('soak [--minutes N] [--sites N] [--json] [name...]', [
      ...args,
    ]);
    number('--minutes', 1);
    whole('--sites', 1);
    among(['a', 'b'], words);
    return null;
  } catch (error) {
    assert.equal(error, ended);
    assert.deepEqual(exit.args, [[2]]);
    return said.args.flat().join('\n');
  } finally {
    sandbox.restore();
  }
}

describe('the command line of a script', () => {
  for (const [line, problem] of [
    ['--minutes x', '--minutes takes a number above 0, not "x"'],
    ['--minutes 0', '--minutes takes a number above 0, not "0"'],
    ['--minutes 1e999', '--minutes takes a number above 0, not "1e999"'],
    ['--minutes=-1', '--minutes takes a number above 0, not "-1"'],
    ['--minutes -1', "Option '--minutes' argument is ambiguous"],
    ['--minutes', "Option '--minutes <value>' argument missing"],
    ['--sites 1.5', '--sites takes a whole number above 0, not "1.5"'],
    ['--json=yes', "Option '--json' does not take an argument"],
    ['--minuts 1', "Unknown option '--minuts'"],
    ['a c', 'There is no "c" among a, b'],
  ] as const)
    it(`${line} ends it with 2 and one line`, () =>
      assert.equal(
        saidOf(line.split(' ')),
        `npm run soak: ${problem}; it takes [--minutes N] [--sites N] [--json] [name...]`,
      ));

  it('is not asked for an option that the script does not take', () => {
    const { has, number, texts } = readArguments('soak [--minutes N] [--json]', []);
    for (const ask of [() => has('--jsn'), () => number('--minute', 1), () => texts('--json-file')])
      assert.throws(ask, { name: 'TypeError', message: /^npm run soak takes no --/ });
    assert.equal(has('--json'), false);
  });

  it('of --help ends it with 0 and what it takes', () => {
    const sandbox = sinon.createSandbox();
    const ended = new Error('it ended');
    sandbox.stub(process, 'argv').value(['node', 'soak.ts', '--help']);
    const exit = sandbox.stub(process, 'exit').throws(ended);
    const said = sandbox.stub(console, 'log');
    try {
      assert.throws(() => readArguments('soak [--minutes N]'), ended);
      assert.deepEqual([exit.args, said.args], [[[0]], [['npm run soak takes [--minutes N]']]]);
    } finally {
      sandbox.restore();
    }
  });

  it('that is understood is no more than that', () => assert.equal(saidOf(['--minutes', '0.5', 'a', 'b']), null));
});
