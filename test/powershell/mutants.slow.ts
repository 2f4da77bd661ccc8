import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadedBy } from '../../scripts/mutate/loaded.ts';
import { ROWS, rowOf } from '../../scripts/mutate/powershell-tests.ts';
import { findEngine } from '../engine.ts';
import { assertNone } from '../support/each.ts';
import { newFolder } from '../support/temporary-lab.ts';

const checkout = join(import.meta.dirname, '../..');
const engine = findEngine();

interface Mutant {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly old: string;
  readonly new: string;
}

interface Block {
  readonly start: number;
  readonly end: number;
  readonly first: number;
}

describe('the tests that mutants of PowerShell meet', () => {
  const scripts = ['src/server/windows/adapter', 'src/kinds', 'src/lab/windows/modules', 'module'].flatMap((folder) =>
    readdirSync(join(checkout, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.psm?1$/.test(name))
      .map((name) => join(folder, name)),
  );

  it('are tried again when what they load changes', () => {
    const loads = [
      ['test/stories/import.test.ts', 'test/support/temporary-lab.ts'],
      ['test/powershell/Changes.Tests.ps1', 'test/powershell/StandIns.ps1'],
      ['test/module/Server.Tests.ps1', 'test/module/Lab.psm1'],
      ['test/module/Server.Tests.ps1', 'src/lab/host/serve.ts'],
    ] as const;
    for (const [file, loaded] of loads) assert.ok(loadedBy(file).includes(loaded), `${file} loads ${loaded}`);
    assert.ok(!loadedBy('test/stories/import.test.ts').some((file) => /^src\/(?!lab\/)/.test(file)));
  });

  it('are named for every script of a server', () => {
    assert.ok(scripts.length > 70, `${scripts.length} scripts`);
    assertNone(scripts, (script) => rowOf(script) === undefined);
  });

  it('are files that exist, all of the module, and no row is for nothing', () => {
    const files = ROWS.flatMap(({ tests, built, texts }) => [...tests, ...built, ...texts]);
    assertNone(files, (file) => !existsSync(join(checkout, file)));
    const ofModule = readdirSync(join(checkout, 'test/module')).filter((name) => name.endsWith('.Tests.ps1'));
    assertNone(ofModule, (name) => !files.includes(`test/module/${name}`));
    const used = new Set(scripts.map((script) => rowOf(script)));
    assertNone(ROWS, (row) => !used.has(row));
  });
});

(engine === null ? describe.skip : describe)('mutants of PowerShell', () => {
  const folder = newFolder();
  let mutants: readonly Mutant[];
  let blocks: readonly Block[];
  let text: string;
  before(() => {
    text = readFileSync(join(checkout, 'test/fixtures/mutants.txt'), 'utf8');
    writeFileSync(join(folder, 'script.ps1'), text);
    writeFileSync(join(folder, 'list.txt'), 'script.ps1');
    const args = [
      '-NoProfile',
      '-File',
      join(checkout, 'scripts/mutate/mutants.ps1'),
      folder,
      join(folder, 'list.txt'),
    ];
    const { stdout, stderr } = spawnSync(engine ?? '', args, { encoding: 'utf8' });
    assert.equal(stderr, '');
    ({ mutants, blocks } = JSON.parse(stdout)['script.ps1']);
  });

  const wanted: readonly (readonly [kind: string, old: string, now: string])[] = [
    ['condition', '$Count -gt 3 -and -not $Quiet', '$true'],
    ['condition', '$Count -gt 3 -and -not $Quiet', '$false'],
    ['condition', '-not $Quiet', '$Quiet'],
    ['comparison', '-gt', '-ge'],
    ['comparison', '-and', '-or'],
    ['constant', '3', '4'],
    ['constant', '$true', '$false'],
    ['constant', "'a name'", "''"],
    ['constant', '7', '8'],
    ['parameter', '-Force', ''],
    ['parameter', "-Name 'a name'", ''],
    ['error action', '-ErrorAction Stop', ''],
    ['flag', 'Stop', 'SilentlyContinue'],
    ['flag', "'DWord'", "'String'"],
    ['flag', 'ReparsePoint', 'Compressed'],
    ['flag', ", ConfirmImpact = 'High'", ''],
    ['statement', '$file.Dispose()', ''],
    ['statement', 'exit 7', ''],
    ['order', '$file.Flush()\n        $file.Dispose()', '$file.Dispose()\n        $file.Flush()'],
    ['finally', '{\n        $file.Flush()\n        $file.Dispose()\n    }', '{ }'],
    ['catch', "{ Write-Error -Message 'not done' }", '{ }'],
    ['step', ' | Where-Object { $_ }', ''],
  ];
  for (const [kind, old, now] of wanted) {
    it(`have a ${kind}: ${old.replaceAll(/\s+/g, ' ')} -> ${now.replaceAll(/\s+/g, ' ')}`, () => {
      const found = mutants.filter((mutant) => mutant.kind === kind && mutant.old === old && mutant.new === now);
      assert.equal(found.length, 1);
      assert.equal(text.slice(found[0]?.start, found[0]?.end), old);
    });
  }

  it('leave alone what two lines do that know nothing of one another, and names', () => {
    const swapped = mutants.filter(({ kind, old }) => kind === 'order' && old.includes('$one'));
    assert.deepEqual(swapped, []);
    assertNone(mutants, ({ old }) => old === "'Set-Thing'" || old === 'New-ItemProperty');
  });

  it('lie in blocks whose first statement is where a mark can stand', () => {
    assert.ok(blocks.length >= 5, `${blocks.length} blocks`);
    for (const { start, end, first } of blocks) assert.ok(start <= first && first < end);
    for (const { start, end } of mutants.filter(({ kind }) => kind === 'statement')) {
      assert.ok(
        blocks.some((block) => block.start <= start && end <= block.end),
        text.slice(start, end),
      );
    }
  });
});
