import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { makersCommand, reportedKinds, reportedRules } from '../../../src/kinds/reported/reported-kinds.ts';
import { sqlRules } from '../../../src/kinds/sql/sql.ts';
import { thumbprintOf } from '../../builders/snapshot.ts';
import { findEngine } from '../../engine.ts';
import { assertNone, each } from '../../support/each.ts';

type Commands = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;

/** Module, command, parameter. */
const fixture = (name: string): Commands =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../..', 'fixtures', 'commands', `${name}.json`), 'utf8'));
const known = new Map(
  Object.values({ ...fixture('windows-powershell-5.1'), ...fixture('roles') }).flatMap((module) =>
    Object.entries(module).map(([command, parameters]) => [command, Object.keys(parameters)] as const),
  ),
);

/** Every command has these. */
const common = ['ErrorAction'];

const [old, successor] = [thumbprintOf('old'), thumbprintOf('new')];
const service = { name: 'MSSQL$SHOP', state: 'started', dependents: [], sessions: null } as const;
const sql = sqlRules.restarts?.byHand(
  { instance: 'SHOP', id: 'MSSQL16.SHOP', thumbprint: old, store: 'My' },
  service,
  successor,
);
/** A program with windows of its own has no command. */
const inWindows = ['nps'];
const lines = [
  ...reportedKinds
    .filter((kind) => !inWindows.includes(kind))
    .map((kind) => {
      const { command, besides } = makersCommand(reportedRules[kind], { detail: 'one', old, new: successor });
      // What is said besides may hold another command.
      return [kind, command, besides ?? ''] as const;
    }),
  ['sql', sql?.command ?? '', ''] as const,
];

/** Each command with the parameters that follow it; those in brackets are commands of their own. */
function commandsIn(line: string): readonly { readonly name: string; readonly parameters: readonly string[] }[] {
  const inner = Array.from(line.matchAll(/\(([^()]*)\)/g), ([, one = '']) => one);
  if (inner.length > 0) return [line.replaceAll(/\(([^()]*)\)/g, ''), ...inner].flatMap(commandsIn);
  return line.split(/[;|{}=]|: |\. |, /).flatMap((part) => {
    const [, name] = /^\s*([A-Z][a-z]+-[A-Z]\w+)\b/.exec(part) ?? [];
    if (name === undefined) return [];
    return [{ name, parameters: Array.from(part.matchAll(/ -([A-Z]\w+)/g), ([, one = '']) => one) }];
  });
}

describe('the command with which a person changes what is only reported', () => {
  for (const [kind, command, besides] of lines) {
    it(`is of commands and parameters that there are, and whole: ${kind}`, () => {
      const found = [...commandsIn(command), ...commandsIn(besides)];
      assert.ok(found.length > 0 || /^\$root = \[adsi\]/.test(command), command);
      assert.deepEqual(
        found.flatMap(({ name, parameters }) =>
          parameters
            .filter((one) => !common.includes(one) && known.get(name)?.includes(one) !== true)
            .map((one) => `${name} -${one}`),
        ),
        [],
      );
      assertNone(found, ({ name }) => !known.has(name));
      // What Exchange writes before an issuer and a subject is no placeholder.
      assert.doesNotMatch(command.replaceAll(/<[IS]>/g, ''), /<[^>]*>/);
    });

    it(`asks nothing that nobody would answer: ${kind}`, () => {
      const asking = commandsIn(command).filter(
        ({ name, parameters }) =>
          /^(?:Set|Enable|Restart)-/.test(name) &&
          known.get(name)?.includes('Force') === true &&
          !parameters.includes('Force'),
      );
      assert.deepEqual(
        each(asking, 'name'),
        // Its -Force takes a value and is described nowhere; of a path in the registry there is nothing to ask.
        kind === 'adfs' ? ['Set-AdfsSslCertificate'] : kind === 'sql' ? ['Set-ItemProperty'] : [],
      );
    });
  }
});

const engine = findEngine();

(engine === null ? describe.skip : describe)('the command for Reporting Services', () => {
  const { command } = makersCommand(reportedRules.ssrs, { old, new: successor });

  it('changes what has the old certificate, in its file and in HTTP.SYS, and nothing else', async () => {
    const { http, file, error } = await ended(0);
    const now = successor.toLowerCase();
    assert.equal(error, null);
    assert.deepEqual(http, { '0.0.0.0:443': now, ':::443': now, '0.0.0.0:8443': 'other' });
    assert.deepEqual(file.toSorted(), [
      `ReportServerWebApp ${now} 0.0.0.0 443`,
      'ReportServerWebApp other 0.0.0.0 8443',
      `ReportServerWebService ${now} 0.0.0.0 443`,
      `ReportServerWebService ${now} :: 443`,
    ]);
  });

  it('ends with what the server says, and removes nothing more', async () => {
    const { http, error } = await ended(2);
    assert.equal(error, 'RemoveSSLCertificateBindings: it is not there');
    assert.equal(http['0.0.0.0:443'], old.toLowerCase());
  });

  /** @param failAt the call of a method that the server refuses */
  async function ended(failAt: number) {
    const script = [
      `$Old = '${old.toLowerCase()}'; $Other = 'other'; $FailAt = ${failAt}; $said = $null`,
      `. '${join(import.meta.dirname, 'report-server.ps1')}'`,
      `try { ${command} } catch { $said = "$_" }`,
      '@{ http = $script:Http; file = @($script:File | ForEach-Object { "$_" }); error = $said } | ConvertTo-Json',
    ].join('\n');
    const { stdout } = await promisify(execFile)(engine ?? '', ['-NoProfile', '-NonInteractive', '-Command', script]);
    return JSON.parse(stdout);
  }
});
