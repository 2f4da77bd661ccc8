import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newRunId } from '../../src/session/run/run.ts';
import { assertNone } from '../support/each.ts';
import { run } from './run-program.ts';

/** The help of every command, those below a word among them. */
async function everyHelp(words: readonly string[] = []): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await run([...words, '--help']);
  const prefix = ['certrebind', ...words].join(' ');
  // Of the overview every group, of a word the commands below it.
  const [listed = ''] = /^(?:Every day|Commands):$.*?(?=^(?:Common options|Options|Exit codes):$)/ms.exec(stdout) ?? [];
  const names = [...listed.matchAll(/^ {2}(\S.*?)(?: {2,}|$)/gm)].flatMap(([, line = '']) => {
    const name = line.replace(`${prefix} `, '').split(' ')[0] ?? '';
    return name === '' ? [] : [name];
  });
  const all = new Map([[prefix, stdout]]);
  for (const name of names) for (const [line, help] of await everyHelp([...words, name])) all.set(line, help);
  return all;
}

describe('the examples of --help and of the module', () => {
  let texts: ReadonlyMap<string, string>;
  before(async () => {
    const folder = join(import.meta.dirname, '../..', 'module', 'CertRebind', 'Public');
    const pages = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const);
    texts = new Map([...(await everyHelp()), ...pages]);
  });

  it('are found for every command', () => {
    for (const line of ['certrebind history', 'certrebind trigger add', 'certrebind lab renew', 'Undo-CertRebind.ps1'])
      assert.ok(texts.has(line), `${line} in ${[...texts.keys()].join(', ')}`);
    assert.ok(texts.size > 60, `${texts.size}`);
  });

  it('name one and the same run, in the form that runs have', () => {
    const form = (run: string) => run.replace(/[0-9a-f]/g, '0');
    const runs = [...texts.values()].flatMap((text) => text.match(/\b\d{8}-\d{4,9}(?:-[0-9a-z]+)?\b/g) ?? []);
    assert.ok(runs.length >= 3);
    const whole = '20260131-091500000-1a2b';
    // Or the beginning of it, which commands take too.
    assertNone([...new Set(runs)], (run) => !whole.startsWith(run));
    assert.ok(runs.includes(whole));
    assert.equal(form('20260131-091500000-1a2b'), form(newRunId(new Date('2026-01-31T09:15:00Z'))));
  });

  it('name certificates as <thumbprint>, by host or as auto, and by no hash that would be refused', () => {
    for (const [line, text] of [...texts].filter(([name]) => name.startsWith('certrebind')))
      for (const [, given] of text.matchAll(/^ {2}certrebind .*?--(?:old|new) (\S+)/gm))
        assert.ok(
          given !== undefined && ['<thumbprint>', 'shop.example.com', 'auto'].includes(given),
          `${line}: ${given}`,
        );
    for (const [line, text] of texts)
      for (const [given] of text.matchAll(/(?<=-(?:Old|New)?Thumbprint )[0-9A-F]+/g))
        assert.equal(given.length, 40, line);
  });

  it('are in docs/commands.md with every command and every option', () => {
    const page = readFileSync(join(import.meta.dirname, '../..', 'docs', 'commands.md'), 'utf8');
    const sections = page.split(/^### /m);
    const common = optionsIn(texts.get('certrebind') ?? '');
    const missing = [...texts].flatMap(([line, text]) => {
      if (!/^certrebind .+/.test(line) || line.startsWith('certrebind lab')) return [];
      const section = sections.find((one) => one.startsWith(`${line}\n`));
      if (section === undefined) return [line];
      return optionsIn(text)
        .filter((option) => !common.includes(option) && !section.includes(`\`${option}`))
        .map((option) => `${line} ${option}`);
    });
    assert.deepEqual(missing, []);
  });

  it('let PowerShell add the completion to the profile in the encoding of the profile', () => {
    const help = texts.get('certrebind completion') ?? '';
    assert.match(help, /certrebind completion powershell \| Add-Content \$PROFILE/);
    assert.doesNotMatch(help, /completion powershell >>/);
  });
});

function optionsIn(help: string): readonly string[] {
  return Array.from(help.matchAll(/^ +(?:-\w, )?(--[a-z][\w-]*)/gm), ([, option = '']) => option);
}
