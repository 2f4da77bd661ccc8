import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findWindowsPowerShell } from '../engine.ts';
import { itSlowly } from '../support/slow.ts';
import { newFolder } from '../support/temporary-lab.ts';
import { certrebindScript, run, runJson } from './run-program.ts';

/** What is offered for a line that ends where the cursor stands, and what not. */
const lines: readonly (readonly [line: string, wanted: readonly string[], unwanted: readonly string[]])[] = [
  ['certrebind pl', ['plan'], ['apply']],
  ['certrebind plan --ol', ['--old'], ['--new']],
  ['certrebind lab cr', ['create'], ['serve']],
  ['certrebind lab ', ['create', 'serve'], ['plan']],
  ['certrebind config set ho', ['holders.rdp.policy', 'holders.ftp.policy'], ['keyAccess']],
  ['certrebind config --lab my-lab add ex', ['exclude.holders', 'exclude.sites'], ['exclude', 'holders.rdp.policy']],
  ['certrebind config add holders.', [], ['holders.rdp.policy']],
  ['certrebind config set holders.rdp.policy ', ['report', 'replace'], ['copy']],
  ['certrebind config set keyAccess C', ['copy'], ['report', 'replace']],
  ['certrebind config add notify.mail.on bl', ['blocked'], ['rebound']],
  ['certrebind config set exclude.sites ', [], ['Shop']],
  ['certrebind undo la', [], ['last']],
  ['certrebind rebind --old au', [], ['auto']],
];

function assertOffered(line: string, words: readonly string[], wanted: readonly string[], unwanted: readonly string[]) {
  for (const word of wanted) assert.ok(words.includes(word), `${line}: no ${word} in ${words.join(' ')}`);
  for (const word of unwanted) assert.ok(!words.includes(word), `${line}: ${word} in ${words.join(' ')}`);
}

describe('completion', () => {
  for (const [line, wanted, unwanted] of lines)
    it(`offers ${wanted.join(', ') || 'nothing of the server'} for: ${line}`, async () => {
      const { exitCode, stdout } = await run(['--get-yargs-completions', ...line.split(' ')]);
      assert.equal(exitCode, 0);
      // The script of a shell leaves out what begins otherwise.
      const begun = line.split(' ').at(-1) ?? '';
      const offered = stdout.split('\n').filter((word) => word.toLowerCase().startsWith(begun.toLowerCase()));
      assertOffered(line, offered, wanted, unwanted);
    });

  it('has one shell', async () => {
    for (const words of [['completion'], ['completion', 'powershell']]) {
      const { document } = await runJson(words);
      assert.deepEqual([document.schema, document.shell], ['certrebind/completion/1', 'powershell']);
      assert.match(document.script, /^# certrebind: completion for PowerShell/);
    }
  });

  itSlowly('completes in PowerShell', async function () {
    const engine = findWindowsPowerShell();
    if (engine === null) return this.skip();
    const folder = newFolder();
    writeFileSync(join(folder, 'certrebind'), certrebindScript, { mode: 0o755 });
    const { stdout: script } = await run(['completion', 'powershell']);
    const asked = lines.map(
      ([line]) => `"=$((TabExpansion2 '${line}' ${line.length}).CompletionMatches.CompletionText -join '|')"`,
    );
    const { stdout, stderr, status } = spawnSync(
      engine,
      ['-NoProfile', '-NonInteractive', '-Command', `${script}\n${asked.join('\n')}`],
      { encoding: 'utf8', env: { ...process.env, PATH: `${folder}:${process.env.PATH ?? ''}` } },
    );
    assert.equal(status, 0, stderr);
    const told = stdout.split('\n').filter((line) => line.startsWith('='));
    assert.equal(told.length, lines.length, stdout);
    for (const [at, [line, wanted, unwanted]] of lines.entries())
      assertOffered(line, told[at]?.slice(1).split('|') ?? [], wanted, unwanted);
  });
});
