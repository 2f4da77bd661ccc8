import assert from 'node:assert/strict';
import { commandHelp } from '../../scripts/docs/commands.ts';
import { exampleConfiguration } from '../../scripts/docs/configuration.ts';
import { exits } from '../../src/base/codes/exit-codes.ts';
import { parseConfiguration } from '../../src/documents/configuration.ts';
import { settings } from '../../src/session/setup/settings.ts';
import { commandExits, exitsLine } from '../../src/shell/exits.ts';
import { checkExit, commandOf } from '../cli/check-exit.ts';

describe('docs/configuration.md', () => {
  it('shows an example of every setting that the program accepts', () => {
    const read = parseConfiguration(JSON.stringify(exampleConfiguration()), 'the example');
    const missing = settings.filter(
      ({ key }) => key.split('.').reduce<unknown>((above, word) => Object(above)[word], read) === undefined,
    );
    assert.deepEqual(missing, []);
  });
});

describe('exit codes by command', () => {
  it('are told of every command, and of nothing else', async () => {
    const all = (await commandHelp()).flatMap((command) => (command.below.length === 0 ? [command] : command.below));
    assert.deepEqual(Object.keys(commandExits).sort(), all.map(({ usage }) => usage.replace(/ [<[].*/, '')).sort());
  });

  it('are success, bad input and what else a command can do, each with a sentence', () => {
    for (const [command, meanings] of Object.entries(commandExits)) {
      assert.ok('0' in meanings && '2' in meanings && !('1' in meanings), command);
      for (const meaning of Object.values(meanings)) assert.match(meaning, /^[A-Z].*\.$/, command);
    }
    const told = new Set(Object.values(commandExits).flatMap((meanings) => Object.keys(meanings)));
    assert.deepEqual(
      [...told].sort(),
      Object.keys(exits)
        .filter((code) => code !== '1')
        .sort(),
    );
  });

  it('stand in a line of --help', () =>
    assert.equal(exitsLine('explain'), 'Exit codes: 0, 2. For their meaning: certrebind explain <code>'));

  it('are those that the tests see: another one fails the test that runs the command', () => {
    checkExit(['explain', 'held'], 0);
    assert.throws(() => checkExit(['--lab', 'x', 'explain', 'held'], 9), /ended with 9, and .* lists 0, 2$/);
    for (const [line, command] of [
      ['status --lab x', 'status'],
      ['--lab x trigger add y', 'trigger add'],
      ['lab status x', null],
      ['rebind --help', null],
      ['trigger', null],
      ['--version', null],
    ] as const)
      assert.equal(commandOf(line.split(' ')), command, line);
  });
});
