import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findWindowsPowerShell } from '../engine.ts';
import { itSlowly } from '../support/slow.ts';
import { certrebindScript, run, runJson } from './run-program.ts';

/** What a shell offers for a line that ends where the cursor stands. */
const lines: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['certrebind pl', ['plan'], ['apply']],
  ['certrebind plan --ol', ['--old'], ['--new']],
  ['certrebind lab cr', ['create'], ['serve']],
  ['certrebind lab ', ['create', 'serve'], ['plan']],
];

describe('completion', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'crb-completion-'));
    writeFileSync(join(folder, 'certrebind'), certrebindScript, {
      mode: 0o755,
    });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** The words that a shell prints when its script is asked for a line. */
  function ask(program: string, args: readonly string[]): readonly string[] {
    const { stdout, stderr, status } = spawnSync(program, args, {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${folder}:${process.env.PATH ?? ''}` },
    });
    assert.equal(status, 0, stderr);
    return stdout.split('\n').filter((word) => word !== '');
  }

  function offers(line: string, words: readonly string[], wanted: readonly string[], unwanted: readonly string[]) {
    for (const word of wanted) assert.ok(words.includes(word), `${line}: no ${word} in ${words.join(' ')}`);
    for (const word of unwanted) assert.ok(!words.includes(word), `${line}: ${word} in ${words.join(' ')}`);
  }

  itSlowly('completes commands and options in PowerShell', async function () {
    const engine = findWindowsPowerShell();
    if (engine === null) return this.skip();
    const { stdout: script } = await run(['completion', 'powershell']);
    for (const [line, wanted, unwanted] of lines) {
      const asked = `${script}\n(TabExpansion2 '${line}' ${line.length}).CompletionMatches.CompletionText`;
      offers(line, ask(engine, ['-NoProfile', '-NonInteractive', '-Command', asked]), wanted, unwanted);
    }
  });

  it('completes commands and options in bash', async () => {
    const { stdout: script } = await run(['completion', 'bash']);
    for (const [line, wanted, unwanted] of lines) {
      const words = line.split(' ');
      const asked = `${script}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_certrebind; printf '%s\\n' "\${COMPREPLY[@]}"`;
      offers(line, ask('bash', ['-c', asked]), wanted, unwanted);
    }
  });

  itSlowly('completes certificates and runs of the server, in bash and in PowerShell', async function () {
    const lab = join(folder, 'lab');
    const { document: made } = await runJson(['lab', 'create', lab]);
    const [{ thumbprint }] = made.certificates;
    const { document: renewed } = await runJson(['lab', 'renew', thumbprint, '--lab', lab]);
    const { document: outcome } = await runJson(['reconcile', '--lab', lab]);
    const ours: typeof lines = [
      [`certrebind rebind --lab ${lab} --old sh`, ['shop.example.com'], ['auto', thumbprint.slice(0, 8)]],
      [`certrebind rebind --lab ${lab} --new au`, ['auto'], ['shop.example.com']],
      [`certrebind plan --lab ${lab} --new ${renewed.new.slice(0, 5)}`, [renewed.new.slice(0, 8)], ['auto']],
      [`certrebind usage --lab ${lab} api`, ['api.example.org'], ['auto', 'shop.example.com']],
      [`certrebind history --lab ${lab} 2`, [outcome.run.slice(0, 15)], ['last']],
      [`certrebind undo --lab ${lab} la`, ['last'], [outcome.run.slice(0, 15)]],
      [`certrebind history --lab ${join(lab, 'nowhere')} la`, [], ['last']],
    ];
    const { stdout: script } = await run(['completion', 'bash']);
    for (const [line, wanted, unwanted] of ours) {
      const words = line.split(' ');
      const asked = `${script}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_certrebind; printf '%s\\n' "\${COMPREPLY[@]}"`;
      offers(line, ask('bash', ['-c', asked]), wanted, unwanted);
    }
    const engine = findWindowsPowerShell();
    if (engine === null) return this.skip();
    const { stdout: profile } = await run(['completion', 'powershell']);
    for (const [line, wanted, unwanted] of ours.slice(0, 5)) {
      const asked = `${profile}\n(TabExpansion2 '${line}' ${line.length}).CompletionMatches.CompletionText`;
      offers(line, ask(engine, ['-NoProfile', '-NonInteractive', '-Command', asked]), wanted, unwanted);
    }
  });

  itSlowly('completes settings, their words, and what of the server a list may name', async function () {
    const lab = join(folder, 'holders');
    await runJson(['lab', 'create', lab, '--holders']);
    assert.equal((await run(['secret', 'set', 'smtp', '--lab', lab], { input: 'x\n' })).exitCode, 0);
    const at = `certrebind config --lab ${lab}`;
    const ours: typeof lines = [
      [`${at} set ho`, ['holders.rdp.policy', 'holders.ftp.policy'], ['keyAccess']],
      [`${at} add ex`, ['exclude.holders', 'exclude.sites'], ['exclude', 'holders.rdp.policy']],
      [`${at} add holders.`, [], ['holders.rdp.policy']],
      [`${at} set holders.rdp.policy `, ['report', 'replace'], ['copy']],
      [`${at} set keyAccess c`, ['copy'], ['report', 'replace']],
      [`${at} add notify.mail.on bl`, ['blocked'], ['rebound']],
      [`${at} set notify.mail.password se`, ['secret:smtp'], []],
      [`${at} add exclude.holders sq`, ['sql/MSSQLSERVER'], ['rdp/RDP-Tcp']],
      [`${at} add exclude.holders r`, ['rdp/RDP-Tcp'], ['sql/MSSQLSERVER']],
      [`${at} add exclude.records 0.0.0.0`, ['0.0.0.0:443', '0.0.0.0:10443'], ['shop.example.com:443']],
      [`${at} add exclude.sites Sh`, ['Shop'], ['Intranet']],
      [`${at} add exclude.sites Shop `, [], ['Shop']],
      [`${at} set exclude.sites `, [], ['Shop']],
    ];
    const { stdout: inBash } = await run(['completion', 'bash']);
    const bash = (line: string) => {
      const words = line.split(' ');
      const asked = `${inBash}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_certrebind; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return ask('bash', ['-c', asked]);
    };
    for (const [line, wanted, unwanted] of ours) offers(line, bash(line), wanted, unwanted);
    // As it has to be typed.
    const odd = `${at} add exclude.holders ftp/`;
    offers(odd, bash(odd), ['ftp/Partner\\ Files', 'ftp/\\*'], ['ftp/Partner Files']);

    const engine = findWindowsPowerShell();
    if (engine === null) return this.skip();
    const { stdout: profile } = await run(['completion', 'powershell']);
    const all: typeof lines = [
      ...ours.filter(([line]) => / (?:ho|r|swap )$|policy $/.test(line)),
      [odd, ["'ftp/Partner Files'", 'ftp/*'], ['ftp/Partner Files']],
    ];
    const asked = all.map(
      ([line]) => `"=$((TabExpansion2 '${line}' ${line.length}).CompletionMatches.CompletionText -join '|')"`,
    );
    const told = ask(engine, ['-NoProfile', '-NonInteractive', '-Command', `${profile}\n${asked.join('\n')}`]);
    assert.equal(told.length, all.length, told.join('\n'));
    for (const [at, [line, wanted, unwanted]] of all.entries())
      offers(line, told[at]?.slice(1).split('|') ?? [], wanted, unwanted);
  });

  it('takes the shell from the environment, and asks for it where none of ours is named', async () => {
    const { document } = await runJson(['completion'], { env: { SHELL: '/usr/bin/bash' } });
    assert.equal(document.schema, 'certrebind/completion/1');
    assert.equal(document.shell, 'bash');
    assert.match(document.script, /^# certrebind: completion for bash/);
    const { exitCode, stderr } = await run(['completion']);
    assert.equal(exitCode, 2);
    assert.match(stderr, /powershell, bash/);
  });
});
