import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { testsNear } from '../scripts/lib/near.ts';
import { filesBelow } from '../scripts/lib/paths.mjs';
import { nearRows } from '../scripts/lib/tiers.mjs';
import { assertNone } from './support/each.ts';

const root = join(import.meta.dirname, '..');

describe('the tests near a file', () => {
  const rows: readonly (readonly [path: string, fast: readonly string[], slow: readonly string[]])[] = [
    // Its own, and what mutants of it are tried on.
    ['src/engine/plan/guards.ts', ['test/engine/plan/decision-table.test.ts', 'test/engine/run/stories.test.ts'], []],
    ['src/commands/usage/text.ts', ['test/commands/usage/text.test.ts'], []],
    ['src/kinds/ftp/schema.json', ['test/documents/frozen.test.ts'], []],
    [
      'module/CertRebind/Public/Undo-CertRebind.ps1',
      ['test/module/Server.Tests.ps1', 'test/module/Style.Tests.ps1'],
      ['test/module/Server.Slow.Tests.ps1'],
    ],
    [
      'module/CertRebind/Public/Invoke-CertRebindFleet.ps1',
      ['test/module/Fleet.Tests.ps1'],
      ['test/module/FleetStates.Slow.Tests.ps1'],
    ],
    [
      'src/server/windows/adapter/change.ps1',
      ['test/powershell/Changes.Tests.ps1', 'test/server/windows/adapter-contract.test.ts'],
      ['test/server/windows/windows-server.slow.ts'],
    ],
    ['src/lab/windows/modules/PKI/PKI.psm1', ['test/powershell/Lab.Tests.ps1'], ['test/lab/windows/open.slow.ts']],
    ['scripts/publish-modules.ps1', [], ['test/packaging/publish-modules.slow.ts']],
    ['scripts/lib/tiers.mjs', ['test/tiers.test.ts'], []],
    // What only tests load, and a test itself.
    ['test/module/Fleet.psm1', ['test/module/Fleet.Tests.ps1'], ['test/module/FleetStory.Slow.Tests.ps1']],
    ['test/support/power-cut.ts', ['test/engine/state/power-cut.test.ts'], []],
    ['test/tiers.test.ts', ['test/tiers.test.ts'], []],
  ];
  for (const [path, fast, slow] of rows)
    it(path, () => {
      const near = testsNear([path]);
      for (const [found, wanted] of [[near.fast, fast] as const, [near.slow, slow] as const])
        assert.deepEqual(
          wanted.filter((file) => !found.includes(file)),
          [],
          found.join('\n'),
        );
    });

  it('of a folder are those of its files; of a folder of tests only these', () => {
    const { fast, slow } = testsNear(['test/crash']);
    assert.ok(fast.length > 0 && slow.length > 0);
    assertNone([...fast, ...slow], (file) => !file.startsWith('test/crash/'));
    const fleet = testsNear(['module/']);
    assert.ok(fleet.fast.includes('test/module/Fleet.Tests.ps1'));
  });

  it('are files that exist, and every file of the product has some', () => {
    const files: readonly string[] = ['src', 'module'].flatMap(filesBelow);
    const products = files.filter((file) => /\.(?:ts|ps1|psm1|mjs|json)$/.test(file) && !file.includes('/generated/'));
    const near = testsNear(products);
    assertNone([...near.fast, ...near.slow], (file) => !existsSync(join(root, file)));
  });

  it('run by mocha and Pester, slow ones with their time', () => {
    const files = { fast: ['a.test.ts', 'B.Tests.ps1'], slow: ['c.slow.ts', 'D.Slow.Tests.ps1', 'e.packaged.ts'] };
    const stages = nearRows(files)
      .flat()
      .map(({ name, command, env }: { name: string; command: readonly string[]; env?: Record<string, string> }) => [
        name,
        command.filter((word) => Object.values(files).flat().includes(word)),
        env?.CERTREBIND_SLOW,
      ]);
    assert.deepEqual(stages, [
      ['prepare', [], undefined],
      ['engine', [], undefined],
      ['tests', ['a.test.ts'], undefined],
      ['slow tests', ['c.slow.ts'], '1'],
      ['pester', ['B.Tests.ps1'], undefined],
      ['slow pester', ['D.Slow.Tests.ps1'], undefined],
    ]);
  });

  const mistakes: readonly (readonly [script: string, words: readonly string[], says: RegExp])[] = [
    ['test', ['--near', 'src/nosuch.ts'], /^npm test: There is no src\/nosuch\.ts in this project\n$/],
    ['test', ['--near'], /^npm test: --near takes files or folders of the project\n$/],
    ['test', ['--near', '..'], /^npm test: There is no \.\. in this project\n$/],
    ['test', ['--near', 'node_modules'], /^npm test: node_modules is none of the folders src, .*\n$/],
    [
      'pester',
      ['Fleet.Tests.ps1'],
      /^There is no Fleet\.Tests\.ps1 in this project; .*test\/module\/Fleet\.Tests\.ps1/,
    ],
  ];
  for (const [script, words, says] of mistakes)
    it(`scripts/${script}.mjs ${words.join(' ')}: one line, exit 2, at once`, () => {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ['--import', './scripts/dev/register.mjs', `scripts/${script}.mjs`, ...words],
        { cwd: root, encoding: 'utf8' },
      );
      assert.deepEqual([status, stdout], [2, ''], stderr);
      assert.match(stderr, says);
    });
});
