import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { exits } from '../../src/base/codes/exit-codes.ts';
import { findWindowsPowerShell } from '../engine.ts';
import { newFolder } from '../support/temporary-lab.ts';
import { jsonHere, runHere } from './run-here.ts';
import { labProgram, run, serverProgram } from './run-program.ts';

describe('command line', () => {
  it('prints the version', async () => {
    const { exitCode, stdout } = await runHere(['--version']);
    assert.equal(exitCode, 0);
    assert.match(stdout, /^\d+\.\d+\.\d+\S*\n$/);
  });

  it('reads no package.json of the working folder or above it', async function () {
    // Whoever opens such a pipe waits for a writer that never comes; Windows has none that are files.
    if (process.platform === 'win32') this.skip();
    const folder = newFolder();
    const below = join(folder, 'below');
    await mkdir(below);
    for (const place of [folder, below]) execFileSync('mkfifo', [join(place, 'package.json')]);
    for (const program of [labProgram, serverProgram])
      for (const words of [['--version'], ['plan', '--replay', 'missing']]) {
        // Node itself looks for one when it is told to load something before the program.
        const ended = await run(words, { program, nodeOptions: [], cwd: below, timeoutMs: 60_000 });
        assert.equal(ended.exitCode, words.length === 1 ? 0 : 2, ended.stderr);
      }
  });

  it('ends --help with every exit code, as the table of codes has them', async () => {
    const { exitCode, stdout } = await runHere(['--help']);
    assert.equal(exitCode, 0);
    for (const [code, text] of Object.entries(exits)) assert.ok(stdout.includes(`${code}  ${text}`), text);
  });

  for (const [mistake, suggestion] of [
    [['plna'], 'Did you mean plan?'],
    [['plan', '--jsn'], 'Did you mean --json?'],
    [['capture', 'x.json', '--anonymise'], 'There is no --anonymise any more. Use --for-support: --replay takes'],
    [['rehearse', '--thorough'], 'There is no --thorough any more. A rehearsal measures'],
    [['history', 'last', '--timeline'], 'There is no --timeline any more. certrebind history <run> says'],
    [['lab', 'crate', 'x'], 'Did you mean create?'],
    [['explain', 'names-lots'], 'Did you mean names-lost?'],
    [['trigger', 'add', 'x', '--on', 'rebund'], '"rebund" is not valid for --on. Valid values: replaced, '],
    [['foo'], 'There is no command "foo".\n'],
    [['lab', 'foo'], 'There is no command "foo".\n'],
    [['plan', '--jsn=1'], 'There is no option --jsn. Did you mean --json?'],
    [['plan', '-x'], 'There is no option -x.\n'],
    [['reconcile', '--DRY-RUN=False'], 'There is no option --DRY-RUN. Did you mean --dry-run?'],
    [['reconcile', '--dryRun'], 'There is no option --dryRun. Did you mean --dry-run?'],
    [['reconcile', '--help=True'], '--help takes no value.'],
    [['reconcile', '--yes', '-y'], '-y was given more than once.'],
    [['plan', 'x'], 'Unexpected argument: "x".\n'],
    [['completion', 'bash'], '"bash" is not valid for shell. Valid values: powershell.'],
  ] as const)
    it(`suggests the word that was meant: ${mistake.join(' ')}`, async () => {
      const { exitCode, stdout, stderr } = await runHere(mistake);
      assert.equal(exitCode, 2);
      assert.equal(stdout, '');
      assert.ok(stderr.includes(suggestion), stderr);
    });

  for (const [mistake, says] of [
    [['rebind', '--old', 'A', '--new'], '--new needs a value.'],
    [['rebind', '--new', '--old', 'B'], '--new needs a value.'],
    [['plan', '--record'], '--record needs a value.'],
    [['lab', 'renew'], 'Missing argument: certrebind lab renew <thumbprint> [dir]'],
    [['capture'], 'Missing argument: certrebind capture <file>'],
    [['lab', 'create', 'c', '--from-registry', 'r'], '--from-registry needs --from.'],
    [['plan', '--record', '1', '--old', 'A'], 'Use --record or --old, not both.'],
  ] as const)
    it(`says what is missing: ${mistake.join(' ')}`, async () => {
      const { exitCode, stdout, stderr } = await run(mistake);
      assert.deepEqual([exitCode, stdout], [2, '']);
      assert.ok(stderr.includes(says), stderr);
    });

  it('shows the options of a command before those that all have, and its arguments before both', async () => {
    const { stdout } = await run(['trigger', 'add', '--help']);
    const headings = [...stdout.matchAll(/^([A-Z][a-z ]+):$/gm)].map(([, heading]) => heading);
    assert.deepEqual(headings, ['Positionals', 'Options', 'Common options', 'Examples']);
    assert.ok(stdout.indexOf('--help ') > stdout.indexOf('Common options:'));
  });

  for (const [mistake, hint] of [
    [['plna'], 'See certrebind --help.'],
    [['plan', 'extra'], 'See certrebind plan --help.'],
    [['usage', 'a', 'b'], 'See certrebind usage --help.'],
    [['trigger'], 'See certrebind trigger --help.'],
    [['dismiss'], 'See certrebind dismiss --help.'],
    [['apply'], 'See certrebind apply --help.'],
  ] as const)
    it(`names the help of the command that was meant: ${mistake.join(' ')}`, async () => {
      const { exitCode, document } = await jsonHere(mistake);
      assert.deepEqual([exitCode, document.error.hint], [2, hint]);
      assert.equal((await runHere(hint.slice('See certrebind '.length, -1).split(' '))).exitCode, 0);
    });

  for (const [words, option] of [
    [['plan'], 'lab'],
    [['plan'], 'replay'],
    [['plan'], 'config'],
    [['plan'], 'state'],
    [['lab', 'create', 'x'], 'from'],
    [['lab', 'create', 'x', '--from', 'x'], 'from-registry'],
  ] as const)
    it(`takes --${option} once: ${words[0]}`, async () => {
      const { exitCode, document } = await jsonHere([...words, `--${option}`, 'a', `--${option}`, 'a']);
      assert.deepEqual([exitCode, document.error.code], [2, 'usage']);
      assert.equal(document.error.message, `--${option} was given more than once.`);
    });

  for (const words of [
    ['--what'],
    ['plan', 'extra'],
    ['plan', '--old', 'a', '--old', 'b', '--new', 'c'],
    ['explain', '--progress', 'xml'],
    ['plan', '--record', 'ten'],
    ['plan', '--record', '5', '--old', 'A'],
    ['plan', '--reapply'],
    ['status', '--days', '9999'],
    ['doctor', '--days', '9999'],
    ['completion-script'],
    [],
  ])
    it(`exits 2 with one error document: ${words.join(' ') || '(nothing)'}`, async () => {
      const { exitCode, document } = await jsonHere(words);
      assert.equal(exitCode, 2);
      assert.equal(document.schema, 'certrebind/error/1');
      assert.deepEqual([document.exitCode, document.error.code], [2, 'usage']);
    });

  for (const words of [['on-event'], ['trigger-run', 'mail-us']])
    it(`explains what tasks start, and does not take options for it: ${words.join(' ')}`, async () => {
      const help = await run([words[0] ?? '', '--help']);
      assert.equal(help.exitCode, 0);
      assert.match(help.stdout, /For the .*task.*--record/s);
      const { exitCode, stderr } = await runHere(['--lab', 'x', ...words, '--record', '5']);
      assert.equal(exitCode, 2);
      assert.match(stderr, /must be the first word/);
    });

  it('prints ASCII only with --json, whatever a message quotes', async () => {
    const { stdout } = await runHere(['explain', 'ключ', '--json']);
    assert.match(stdout, /^[\u0020-\u007E]+\n$/);
    assert.ok(JSON.parse(stdout).error.message.includes('ключ'));
  });

  for (const words of [[], ['help'], ['--help'], ['-h'], ['-?'], ['/?']])
    it(`prints the help: ${words.join(' ') || '(nothing)'}`, async () => {
      const { exitCode, stdout, stderr } = await runHere(words);
      assert.deepEqual([exitCode, stderr], [0, '']);
      assert.match(stdout, /^certrebind <command> \[options\]\n/);
    });

  for (const words of [
    ['help', 'trigger', 'add'],
    ['trigger', 'add', '-?'],
    ['trigger', 'add', '-h'],
  ])
    it(`prints the help of a command: ${words.join(' ')}`, async () => {
      const { exitCode, stdout } = await run(words);
      assert.equal(exitCode, 0);
      assert.match(stdout, /^certrebind trigger add \[id\]\n/);
    });

  for (const [words, isShown] of [
    [['status'], false],
    [['explain'], false],
    [['reconcile'], true],
  ] as const)
    it(`${isShown ? 'names' : 'does not name'} --yes and --wait in the help of ${words.join(' ')}`, async () => {
      const { stdout } = await run([...words, '--help']);
      assert.deepEqual([/--yes\b/.test(stdout), /--wait\b/.test(stdout)], [isShown, isShown]);
      assert.match(stdout, /--json\b/);
    });

  it('leaves what stands after -- to the program of a trigger', async () => {
    const { exitCode, stderr } = await runHere(['trigger', 'add', '--on', 'deleted', '--', 'relative', '-h', '/?']);
    assert.notEqual(exitCode, 0);
    assert.match(stderr, /no-server|absolute|relative/);
  });

  it('prints its version, however it is asked', async () => {
    const versions = [await run(['version']), await runHere(['--version'])];
    assert.match(versions[0]?.stdout ?? '', /^\d+\.\d+\.\d+/);
    assert.deepEqual(versions[0], versions[1]);
  });

  it('says what to type where an older PowerShell took the quotes out of a list', async function () {
    const engine = findWindowsPowerShell();
    if (engine === null) return this.skip();
    // As every PowerShell before 7.3 hands over arguments, Windows PowerShell among them.
    const legacy = "$PSNativeCommandArgumentPassing = 'Legacy'";
    const folder = newFolder();
    const lab = join(folder, 'lab');
    await jsonHere(['lab', 'create', lab]);
    const line = `${legacy}; & '${process.execPath}' '${labProgram}' config set exclude.sites '["Shop"]' --lab '${lab}'; exit $LASTEXITCODE`;
    const { status, stderr } = spawnSync(engine, ['-NoProfile', '-NonInteractive', '-Command', line], {
      encoding: 'utf8',
    });
    assert.equal(status, 2);
    assert.match(
      stderr,
      /usage: exclude\.sites is a list, and "\[Shop\]" is not a JSON list\..*\n.*Add each text for itself:\n {4}certrebind config add exclude\.sites Shop\n/,
    );
  });

  it('needs a server: elsewhere than on Windows it names the ways to one', async () => {
    const { exitCode, stderr } = await runHere(['plan']);
    assert.equal(exitCode, 7);
    assert.match(stderr, /--replay <file> or --lab <dir>/);
    const bare = await run(['plan'], { program: serverProgram });
    assert.equal(bare.exitCode, 7);
    assert.match(bare.stderr, /--replay <file>/);
    assert.doesNotMatch(bare.stderr, /--lab/);
  });

  it('knows nothing of labs in the program for servers', async () => {
    for (const words of [
      ['lab', 'create', 'x'],
      ['plan', '--lab', 'x'],
    ]) {
      const { exitCode } = await run(words, { program: serverProgram });
      assert.equal(exitCode, 2, words.join(' '));
    }
    const { exitCode, stderr } = await run(['plan'], { program: serverProgram, env: { CERTREBIND_LAB: '/nowhere' } });
    assert.equal(exitCode, 7);
    assert.match(stderr, /no-server/);
  });
});
