import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PowerShell } from 'node-powershell';
import { adapterText } from '../../../src/server/windows/adapter-script.ts';
import { findEngine, findWindowsPowerShell } from '../../engine.ts';
import { newFolder } from '../../support/temporary-lab.ts';

const engine = findEngine();

(engine === null ? describe.skip : describe)('the powershell.exe of a lab', () => {
  const folder = newFolder();
  const adapter = join(folder, 'certrebind-adapter.ps1');
  const script = join(folder, 'script.ps1');
  writeFileSync(adapter, adapterText);
  writeFileSync(script, '[Console]::Out.WriteLine($args -join "|")\n');

  function start(program: string | null, words: readonly string[]) {
    const env = { ...process.env, TERM: 'dumb', NO_COLOR: '1' };
    return spawnSync(program ?? '', words, { input: '', encoding: 'utf8', env });
  }
  const ours = ['-NoLogo', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File'];
  const added = ['-NoExit', '-Command', '-'];

  it('runs a script with nothing behind it', () =>
    assert.equal(start(findWindowsPowerShell(), [...ours, script]).status, 0));

  it('does not run a script with the words behind it that node-powershell adds, which PowerShell 7 passes on', () => {
    assert.equal(start(engine, [...ours, script, ...added]).stdout, '-NoExit|-Command|-\n');
    const { status, stdout, stderr } = start(findWindowsPowerShell(), [...ours, script, ...added]);
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /argument "name" is not valid/);
  });

  it('ends node-powershell as it is, with the adapter as a file', async () => {
    const options = { '-NoProfile': true, '-NonInteractive': true, '-ExecutionPolicy': 'Bypass', '-File': adapter };
    const shell = new PowerShell({ executable: findWindowsPowerShell() ?? '', executableOptions: options });
    const ended = shell.invoke(`Invoke-AdapterCall '${'0'.repeat(32)}' 'Read-Netsh' ''`);
    await assert.rejects(ended);
    if (!shell.streams.stdout.closed) await once(shell.streams.stdout, 'close');
  });

  it('refuses a parameter with an empty name as a real engine does that is handed one', () => {
    const hand = `$command = [Management.Automation.Runspaces.Command]::new('${script}', $false)
$command.Parameters.Add('-')
$shell = [powershell]::Create()
$shell.Commands.AddCommand($command) | Out-Null
try { $shell.Invoke() } catch { [Console]::Error.WriteLine($_.Exception.InnerException.Message); exit 1 }`;
    const { status, stdout, stderr } = start(engine, ['-NoProfile', '-NonInteractive', '-Command', hand]);
    assert.equal(stdout, '');
    assert.match(stderr, /argument "name" is not valid/);
    assert.equal(status, 1);
  });
});
