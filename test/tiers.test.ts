import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from '../scripts/lib/paths.mjs';
import { pesterFiles, rowsOf } from '../scripts/lib/tiers.mjs';
import { each } from './support/each.ts';
import { newFolder } from './support/temporary-lab.ts';

const root = join(import.meta.dirname, '..');

interface Stage {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

type Tiers = 'fast' | 'rest' | 'all';

function stagesOf(tiers: Tiers, args: readonly string[] = []): readonly Stage[] {
  return rowsOf(tiers, args).flat();
}

/** The test files that the stages run. */
function filesOf(tiers: Tiers): readonly string[] {
  const stages = stagesOf(tiers);
  const pester = stages.filter(({ command }) => command.includes('scripts/pester.mjs'));
  return [
    ...stages.flatMap(({ command }) => command.filter((word) => word.startsWith('test/'))),
    ...pester.flatMap(({ command }) => pesterFiles(command.includes('--slow'))),
  ].sort();
}

describe('the tiers of the tests', () => {
  const tests: readonly string[] = filesBelow('test').filter((file: string) =>
    /\.(?:test|packaged|slow)\.ts$|\.Tests\.ps1$/.test(file),
  );
  const isSlow = (file: string) => /\.slow\.ts$|\.Slow\.Tests\.ps1$/.test(file);

  it('npm test runs every test file that is not slow by name, once', () =>
    assert.deepEqual(filesOf('fast'), tests.filter((file) => !isSlow(file)).sort()));

  it('the rest of test:all runs every one that is, and what has more to do there', () => {
    const more = filesOf('rest').filter((file) => !isSlow(file));
    assert.deepEqual(filesOf('rest'), [...tests.filter(isSlow), ...more].sort());
    assert.ok(
      ['test/cli/completion.test.ts', 'test/stories/odd-listeners.test.ts'].every((file) => more.includes(file)),
    );
    for (const file of more) {
      assert.match(file, /\.test\.ts$/);
      assert.match(readFileSync(join(root, file), 'utf8'), /\b(?:isSlow|itSlowly|itQuickly|servers)\b/, file);
    }
    const asking = tests.filter((file) =>
      /\b(?:isSlow|itSlowly|itQuickly)\b/.test(readFileSync(join(root, file), 'utf8')),
    );
    const left = asking.filter((file) => file !== 'test/tiers.test.ts' && !more.includes(file));
    assert.deepEqual(left, []);
  });

  it('test:all runs one after the other', () =>
    assert.deepEqual(filesOf('all'), [...filesOf('fast'), ...filesOf('rest')].sort()));

  it('and only the slow tier tells its tests to take their time', () => {
    const told = stagesOf('all').filter(({ env }) => env?.CERTREBIND_SLOW === '1');
    assert.deepEqual(each(told, 'name'), ['slow tests']);
  });

  it('a file with tests has a name that a tier takes', () => {
    const nameless = filesBelow('test').filter(
      (file: string) =>
        /^(?!test\/support\/).*\.ts$/.test(file) &&
        !/\.(?:test|packaged|slow|windows)\.ts$/.test(file) &&
        /^\s*it\(/m.test(readFileSync(join(root, file), 'utf8')),
    );
    assert.deepEqual(nameless, []);
  });

  it('with files that are named, mocha runs these and nothing else does', () => {
    const file = 'test/crash/burst.slow.ts';
    for (const tiers of ['fast', 'rest', 'all'] as const) {
      const stages = stagesOf(tiers, [file]).filter(({ command }) => command.some((word) => word.startsWith('test/')));
      assert.deepEqual(
        stages.map(({ command }) => command.filter((word) => word.startsWith('test/'))),
        [[file]],
        tiers,
      );
    }
  });

  it('the rest of test:all alone may leave an executable that is there, never npm test or npm run package', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const leaving = stagesOf('all').filter(({ command }) => command.includes('--if-stale'));
    assert.deepEqual([leaving.map(({ name }) => name), scripts.package.includes('--if-stale')], [['packages'], false]);
  });

  it('npm run test:all is what it is called in package.json', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    assert.deepEqual([scripts.test, scripts['test:all']], ['node scripts/test.mjs', 'node scripts/test.mjs --all']);
  });
});

describe('.ci/run', () => {
  if (process.platform === 'win32') return;
  const rest = 'run test:all -- --rest';

  /** Runs it with programs that only say what they were asked. */
  function runCi(ends: Readonly<Record<string, { readonly printed: string; readonly status: number }>>) {
    const folder = newFolder();
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const program = (name: string, text: string) =>
      writeFileSync(join(bin, name), `#!/bin/bash\n${text}`, { mode: 0o755 });
    program('dotnet', 'echo 10.0.100');
    for (const name of ['apt-get', 'sudo']) program(name, 'exit 0');
    const cases = Object.entries(ends).map(
      ([words, { printed, status }]) => `  '${words}') printf '${printed}'; exit ${status};;\n`,
    );
    program('npm', `echo "$*" >>'${folder}/asked'\ncase "$*" in\n${cases.join('')}esac\n`);
    const { status, stdout } = spawnSync('bash', [join(root, '.ci/run')], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
    });
    const asked = readFileSync(join(folder, 'asked'), 'utf8').trimEnd().split('\n');
    return { status, asked, last: stdout.trimEnd().split('\n').at(-1), stdout };
  }

  const good = { printed: 'noise\\n5 passed, 0 failed\\n', status: 0 };

  it('runs npm test, then only the rest, and sums both', () => {
    const { status, asked, last, stdout } = runCi({
      test: good,
      [rest]: { ...good, printed: '7 passed, 0 failed\\n' },
    });
    assert.deepEqual([status, asked, last], [0, ['test', rest], '12 passed, 0 failed']);
    for (const name of ['npm test', 'the rest of npm run test:all'])
      assert.match(stdout, new RegExp(`^==== ${name}: done in \\d+ s$`, 'm'));
  });

  it('runs the rest after a failure too, counts both, and is not green', () => {
    const bad = { printed: 'failed: a.test.ts: counts\\n4 passed, 2 failed\\n', status: 1 };
    const ran = runCi({ test: bad, [rest]: good });
    assert.deepEqual(pick(ran), [1, 2, '9 passed, 2 failed']);
    assert.match(
      ran.stdout,
      /\nfailed: a\.test\.ts: counts\n9 passed, 2 failed\n$/,
      'what failed stands above the sum',
    );
    assert.deepEqual(pick(runCi({ test: good, [rest]: bad })), [1, 2, '9 passed, 2 failed']);
  });

  it('counts what ends without a sum, or with one that its exit code contradicts, as a failure', () => {
    assert.deepEqual(pick(runCi({ test: { printed: 'crash\\n', status: 3 }, [rest]: good })), [
      1,
      2,
      '5 passed, 1 failed',
    ]);
    assert.deepEqual(pick(runCi({ test: { printed: 'silent\\n', status: 0 }, [rest]: good })), [
      1,
      2,
      '5 passed, 1 failed',
    ]);
    assert.deepEqual(pick(runCi({ test: { ...good, status: 1 }, [rest]: good })), [1, 2, '10 passed, 1 failed']);
  });

  function pick({ status, asked, last }: ReturnType<typeof runCi>) {
    return [status, asked.length, last];
  }
});
