import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { newFolder } from '../support/temporary-lab.ts';
import { readPlainYaml } from './plain-yaml.ts';
import { assertUnderstood } from './understood.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, '.github', 'workflows');
const { scripts, version } = packageJson;

interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly uses?: string;
  readonly if?: string;
  readonly 'timeout-minutes'?: string;
  readonly 'continue-on-error'?: unknown;
  readonly run?: string;
  readonly shell?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly uses?: string;
  readonly name?: string;
  readonly needs?: string | readonly string[];
  readonly with?: Readonly<Record<string, unknown>>;
  readonly environment?: string;
  readonly 'timeout-minutes'?: string;
  readonly if?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly 'fail-fast': boolean; readonly matrix: Readonly<Record<string, string>> };
  readonly steps?: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly concurrency?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

function workflow(name: string): Workflow {
  const text = readFileSync(join(folder, name), 'utf8').replaceAll(/ # v[\d.]+$/gm, '');
  return readPlainYaml(text) as Workflow;
}

const called = 'uses: ./.github/workflows/windows.yml';
/** The image has it; an action of somebody else is the commit that was looked at. */
const pinned = /^ +(?:- )?uses: ([\w-]+\/[\w-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)$/;
const pins = new Map<string, string>();

describe('workflows for a public host', () => {
  let given = 0;
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), 'utf8');

    describe(name, () => {
      it('starts only scripts of this project that there are', () => {
        const started = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, script = '']) => script);
        for (const script of started) assert.ok(script in scripts, script);
      });

      it('gives npm no words below PowerShell, which keeps the -- before them', () => {
        for (const { run = '', shell } of stepsOf(name))
          if (shell === 'pwsh' || shell === 'powershell') assert.doesNotMatch(run, /npm .* -- /);
      });

      it('names only files that there are', () => {
        const named = [
          ...text.matchAll(/(?<![\w./$])(?:\.ci|test|module|scripts|src|packaging|dist\/packaging)\/[\w./-]+/g),
        ];
        for (const [file] of named)
          assert.ok(existsSync(join(root, file.replace(/^dist\/packaging/, 'packaging'))), file);
      });

      it('uses actions of others at one commit each, and says which version that is', () => {
        for (const line of text.split('\n').filter((each) => /^\s*(?:- )?uses:/.test(each))) {
          if (line.trim() === called) continue;
          const [, action = '', commit, tag] = pinned.exec(line) ?? assert.fail(`not pinned: ${line}`);
          assert.equal(pins.get(action) ?? `${commit} ${tag}`, `${commit} ${tag}`, action);
          pins.set(action, `${commit} ${tag}`);
        }
      });

      it('keeps what every job made, whatever became of it', () => {
        for (const [id, { uses, steps = [] }] of Object.entries(workflow(name).jobs)) {
          // That of the version makes nothing.
          if (uses !== undefined || id === 'version') continue;
          const last = steps.at(-1);
          assert.match(last?.uses ?? '', /^actions\/upload-artifact@/, id);
          assert.equal(last?.if, 'always()', id);
        }
      });

      it('keeps over what an earlier try of the same job kept', () => {
        for (const step of stepsOf(name).filter(({ uses = '' }) => uses.startsWith('actions/upload-artifact@')))
          assert.equal(step.with?.overwrite, true, JSON.stringify(step.with));
      });

      it('ends a step of more than one line with the first command that fails', () => {
        for (const { run = '', shell } of stepsOf(name)) {
          if (!run.includes('\n') && !run.includes(' | ')) continue;
          // Bash by its name is started with -e and pipefail. Windows PowerShell has nothing of the kind for programs.
          if (shell === 'bash') continue;
          assert.equal(shell, 'pwsh', run);
          assert.match(run, /^\$PSNativeCommandUseErrorActionPreference = \$true$/m, run);
        }
      });

      it('asks whether there is a secret before it needs one', () => {
        for (const { env = {}, run = '' } of stepsOf(name)) {
          const secrets = Object.entries(env).filter(([, value]) => value.includes('secrets.'));
          if (secrets.length === 0) continue;
          assert.ok(
            secrets.some(([key]) => run.includes(`if [ -n "$${key}" ]`) || run.includes(`if (-not $env:${key})`)),
            run,
          );
        }
      });

      it('waits for jobs that there are, and gives a called workflow the rights that its jobs ask for', () => {
        const { jobs } = workflow(name);
        for (const { needs = [], uses, permissions = {} } of Object.values(jobs)) {
          for (const id of [needs].flat()) assert.ok(id in jobs, id);
          if (uses === undefined) continue;
          for (const job of Object.values(workflow('windows.yml').jobs))
            for (const [right, level] of Object.entries(job.permissions ?? {})) assert.equal(permissions[right], level);
        }
      });

      const commands = [...text.matchAll(/certrebind\.exe ((?:[a-z-]+ ?)+)$/gm)];
      given += commands.length;
      for (const [, words = ''] of commands)
        it(`gives the executable a command that it has: ${words}`, () => assertUnderstood(words));
    });
  }

  it('give the executable commands, or nothing above holds them', () => assert.ok(given > 0));

  it('try every suite on every Windows to its end, beside the gate on Linux', () => {
    const { jobs } = workflow('windows.yml');
    const { 'fail-fast': failFast, matrix } = jobs.windows?.strategy ?? assert.fail('no matrix');
    assert.equal(failFast, false);
    const named = /\|\| '(\[.*\])'/.exec(matrix.suite ?? '')?.[1] ?? '[]';
    const suites = readdirSync(join(root, 'test/windows/suites'), { withFileTypes: true }).filter((each) =>
      each.isDirectory(),
    );
    assert.deepEqual(
      JSON.parse(named).sort(),
      suites.map((each) => each.name),
    );
    const prepare = readFileSync(join(root, 'test/windows/suites/prepare.ps1'), 'utf8');
    for (const suite of JSON.parse(named)) assert.match(prepare, new RegExp(`^    ${suite} +=`, 'm'));
    assert.deepEqual(jobs.windows?.needs, 'build');
    assert.equal(jobs.collect?.if, 'always()');
    for (const { needs } of Object.values(workflow('ci.yml').jobs)) assert.equal(needs, undefined);
  });

  it('end a suite by its own limit, behind the time that its files may take, so that its rows are kept', () => {
    const { windows } = workflow('windows.yml').jobs;
    const limitOf = (step: string) => Number(windows?.steps?.find(({ name }) => name === step)?.['timeout-minutes']);
    const limits = (windows?.steps ?? []).filter(({ run }) => run !== undefined);
    const after = limits.slice(limits.findIndex(({ name }) => name === 'Roles'));
    assert.ok(
      after.every((step) => Number(step['timeout-minutes']) > 0),
      'what hangs would keep the rows from being uploaded',
    );
    const all = after.reduce((sum, step) => sum + Number(step['timeout-minutes']), 0);
    assert.ok(all < Number(windows?.['timeout-minutes']));
    const suites = join(root, 'test/windows/suites');
    for (const { name } of readdirSync(suites, { withFileTypes: true }).filter((each) => each.isDirectory())) {
      const files = readdirSync(join(suites, name)).filter((file) => /\.(?:measure|story)\.ts$/.test(file));
      const seconds = files.map((file) => {
        const [, limit] = /^ {2}seconds: (\d+),$/m.exec(readFileSync(join(suites, name, file), 'utf8')) ?? [];
        return Number(limit);
      });
      const minutes = seconds.reduce((sum, each) => sum + each, 0) / 60;
      assert.ok(minutes <= limitOf('Suite'), `${name}: ${minutes}`);
    }
  });

  it('keep the rows of a suite at once, and go on behind what hangs or fails', () => {
    const { windows } = workflow('windows.yml').jobs;
    const steps = windows?.steps ?? assert.fail('no steps');
    const at = (step: string) => steps.findIndex(({ name }) => name === step);
    const rows = steps[at('Rows')];
    assert.equal(at('Rows'), at('Suite') + 2);
    assert.match(rows?.uses ?? '', /^actions\/upload-artifact@/);
    assert.equal(rows?.if, 'always()');
    // An artifact of an earlier try is replaced only where there is something to upload.
    const [, said = ''] = /> (\S+)$/.exec(steps[at('Rows') - 1]?.run ?? '') ?? [];
    assert.equal(steps[at('Rows') - 1]?.if, 'always()');
    assert.ok(said !== '' && String(rows?.with?.path).split('\n').includes(said), said);
    // Those alone are collected: the evidence is large.
    const collected = workflow('windows.yml').jobs.collect?.steps?.find(({ uses = '' }) => uses.includes('/download-'));
    const isCollected = (name: unknown) => String(name).startsWith(String(collected?.with?.pattern).replace('*', ''));
    const image = (step: Step | undefined) =>
      String(step?.with?.name).replace(/\$\{\{ matrix\.os \}\}/, 'windows-2022');
    assert.deepEqual([image(rows), image(steps.at(-1))].map(isCollected), [true, false]);
    for (const name of ['Roles', 'Evidence']) assert.equal(steps[at(name)]?.['continue-on-error'], true, name);
    for (const step of steps.slice(at('Suite')).filter(({ name, run }) => run !== undefined && name !== 'Try'))
      assert.match(step.if ?? '', /^!cancelled\(\)/, step.name);
    assert.match(windows?.if ?? '', /inputs\.packed \|\| needs\.build\.result == 'success'/);
  });

  it('collect in every case, and hold only a release to what was answered before', () => {
    const { collect } = workflow('windows.yml').jobs;
    const [table, after] = ['Table', 'For whoever started it'].map((step) =>
      collect?.steps?.find(({ name }) => name === step),
    );
    assert.equal(table?.if, '!cancelled()');
    assert.ok(Number(table?.['timeout-minutes']) < Number(collect?.['timeout-minutes']));
    const fetch = collect?.steps?.find(({ uses = '' }) => uses.includes('/download-'));
    assert.equal(table?.env?.FETCHED, `\${{ steps.${fetch?.id}.outcome }}`);
    assert.match(table?.env?.FLOOR ?? '', /^\S+ inputs\.packed && '--floor' \|\| '' \S+$/);
    assert.equal(after?.if, 'always()');
    const { publish } = workflow('release.yml').jobs;
    assert.match(publish?.name ?? '', /needs\.windows\.outputs\.answered/);
    assert.ok([publish?.needs ?? []].flat().includes('windows'));
  });

  /** The last step of collecting, with these files: what it tells, and what accepts the table. */
  function collected(files: Readonly<Record<string, string>>) {
    const work = newFolder();
    const step = workflow('windows.yml').jobs.collect?.steps?.find(({ name }) => name === 'For whoever started it');
    const write = (name: string, text: string) => {
      mkdirSync(dirname(join(work, name)), { recursive: true });
      writeFileSync(join(work, name), text);
    };
    const env = {
      ...process.env,
      PATH: `${work}/bin:${process.env.PATH}`,
      GITHUB_STEP_SUMMARY: join(work, 'summary'),
      GITHUB_OUTPUT: join(work, 'output'),
    };
    const bash = (script: string) => {
      const { status, stderr } = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', script], {
        cwd: work,
        env,
        encoding: 'utf8',
      });
      assert.equal(status, 0, stderr);
    };
    write('README.md', 'before\n');
    write('jobs.json', '{"jobs":[]}');
    write('bin/gh', '#!/usr/bin/env bash\nfor filter; do :; done\njq -r "$filter" jobs.json\n');
    chmodSync(join(work, 'bin/gh'), 0o755);
    bash('git init -q . && git add README.md');
    write('docs/a.md', 'before\n');
    bash('git add docs');
    for (const [name, text] of Object.entries(files)) write(name, text);
    bash(step?.run ?? 'false');
    const read = (name: string) => readFileSync(join(work, name), 'utf8');
    assert.equal(read('table.md'), read('summary'));
    const patch = existsSync(join(work, 'accept.patch')) ? read('accept.patch') : null;
    return { output: read('output'), table: read('table.md'), patch };
  }

  it('tell whoever approves how many rows were answered, and keep what accepts the table', () => {
    const seen = '# Seen\n\n**9 and 8 of 10 rows answered** on both; today.\n';
    const changed = { 'README.md': 'after\n', 'docs/20348.json': '{}\n' };
    const { output, table, patch } = collected({ ...changed, 'table.md': seen });
    assert.equal(output, 'answered=9 and 8 of 10 rows answered\n');
    assert.equal(table, seen);
    assert.match(patch ?? '', /^\+after$/m);
    assert.match(patch ?? '', /^\+\+\+ b\/docs\/20348\.json$/m);
    assert.equal(collected({ 'table.md': seen }).patch, null, 'git refuses to apply an empty file');
  });

  it('name the jobs that are red, and the steps that made them so', () => {
    const job = (name: string, conclusion: string | null, steps: Readonly<Record<string, string | null>>) => ({
      ...{ name, conclusion },
      steps: Object.entries(steps).map(([step, end]) => ({ name: step, conclusion: end })),
    });
    const jobs = [
      job('windows-2022 core', 'success', { Suite: 'success', Roles: 'failure' }),
      job('windows-2025 setup', 'failure', { Suite: 'success', 'DSC 1.1': 'success', 'DSC 3': 'failure' }),
      job('collect', null, { Table: 'success', 'For whoever started it': null }),
    ];
    const { table } = collected({ 'jobs.json': JSON.stringify({ jobs }) });
    assert.equal(
      /^## Red jobs\n\n(.*)/ms.exec(table)?.[1],
      '| job | end | steps |\n|---|---|---|\n| windows-2025 setup | failure | DSC 3 |\n',
    );
    assert.match(collected({ 'bin/gh': 'exit 1\n' }).table, /^\| GitHub does not say which \| \| \|$/m);
    assert.doesNotMatch(collected({}).table, /Red jobs/);
  });

  it('keep what each push makes, and is large, for some days alone', () => {
    const large = stepsOf('windows.yml').filter(({ with: given }) => /packages|evidence-/.test(String(given?.name)));
    const kept = large
      .filter(({ uses = '' }) => uses.includes('/upload-'))
      .map((step) => step.with?.['retention-days']);
    assert.equal(kept.length, 2);
    for (const days of kept) assert.ok(Number(days) <= 14, String(days));
    const { on, concurrency } = workflow('ci.yml');
    assert.deepEqual(on.push, { branches: ['main'] }, 'a pull request is tried for itself');
    assert.match(concurrency?.['cancel-in-progress'] ?? '', /^\S+ github\.event_name == 'pull_request' \S+$/);
    assert.match(concurrency?.group ?? '', /github\.ref/);
  });

  it('say that there is no table where none could be made, and show the rows of each job', () => {
    const rows = [
      { row: 'ssl-flags', measured: 'as-believed', how: 'asked\nof | both' },
      { row: 'late-keys', measured: null, how: 'no such role' },
    ];
    for (const table of [{}, { 'table.md': '' }, { 'table.md': 'npm error code E503\n' }]) {
      const told = collected({
        'parts/windows-2022-core/core/measured.json': JSON.stringify({ results: rows }),
        'parts/windows-2025-ca/ca/measured.json': '{"results":',
        ...table,
      });
      assert.equal(told.output, 'answered=no table\n');
      assert.match(told.table, /^# No table$/m);
      const named = 'parts/windows-2022-core/core/measured.json';
      assert.ok(told.table.includes(`| ${named} | ssl-flags | as-believed | asked of \\| both |`), told.table);
      assert.ok(told.table.includes(`| ${named} | late-keys | not answered | no such role |`), told.table);
      assert.match(told.table, /^\| parts\/windows-2025-ca\/ca\/measured\.json \| \| could not be read \| \|$/m);
    }
    assert.match(collected({}).table, /^# No table$/m);
  });

  it('run each week and by hand, and only a release signs and is attested', () => {
    const { on } = workflow('windows.yml');
    assert.deepEqual(Object.keys(on), ['workflow_call', 'workflow_dispatch', 'schedule']);
    for (const name of ['ci.yml', 'windows.yml'])
      assert.doesNotMatch(readFileSync(join(folder, name), 'utf8'), /secrets|SIGN_|id-token|attest@/, name);
    assert.equal(workflow('release.yml').jobs.windows?.with?.packed, true);
  });

  it('give what signs to no step that runs something of this project, and a service to no job that does', () => {
    const { jobs } = workflow('release.yml');
    for (const step of stepsOf('release.yml').filter(({ env = {} }) => /SIGN_(?!FOLDER)/.test(Object.keys(env).join())))
      assert.doesNotMatch(step.run ?? assert.fail('no step'), /npm|node /);
    const asking = Object.entries(jobs).filter(([, { permissions = {} }]) => permissions['id-token'] === 'write');
    assert.deepEqual(
      asking.map(([id]) => id),
      ['sign-scripts', 'sign-executable', 'attest'],
    );
    for (const [id, { steps = [] }] of asking)
      for (const { run = '', uses = '' } of steps) assert.doesNotMatch(`${run}${uses}`, /npm|node |checkout/, id);
  });

  it('sign by a service first the scripts and then the executable alone, which holds them', () => {
    const { jobs } = workflow('release.yml');
    const order = ['scripts', 'sign-scripts', 'executable', 'sign-executable', 'package', 'windows'];
    for (const [at, id] of order.entries())
      assert.deepEqual([jobs[id]?.needs].flat()[0], at === 0 ? 'version' : order[at - 1], id);
    // A tag that names another version is signed by nobody.
    for (const id of ['gate', 'package']) assert.ok([jobs[id]?.needs].flat().includes('version'), id);
    assert.match(jobs.package?.if ?? '', /needs\.version\.result == 'success'/);
    const filters = ['sign-scripts', 'sign-executable'].map(
      (id) => jobs[id]?.steps?.find(({ uses = '' }) => uses.includes('signing'))?.with?.['files-folder-filter'],
    );
    assert.deepEqual(filters, ['ps1,psm1,psd1,ps1xml', 'exe']);
  });

  for (const [what, set, refused] of [
    ['nothing', {}, null],
    ['a file', { SIGN_PFX: 'AAAA', SIGN_PASSWORD: 'x' }, null],
    ['a file without its password', { SIGN_PFX: 'AAAA' }, 'SIGN_PASSWORD is not'],
    ['a password alone', { SIGN_PASSWORD: 'x' }, 'SIGN_PFX is not'],
    ['credentials alone', { SIGN_CREDENTIALS: 'x' }, 'SIGN_COMMAND is not'],
    ['a service and a command', { SIGN_ACCOUNT: 'a', SIGN_COMMAND: '/bin/true' }, 'Two of'],
  ] as const)
    it(`${refused === null ? 'take' : 'refuse'} as a way to sign: ${what}`, () => {
      const work = newFolder();
      const { run = '' } = workflow('release.yml').jobs.package?.steps?.find(({ id }) => id === 'signer') ?? {};
      const [ways = ''] = run.split('if [ -n "$SIGN_ACCOUNT$SIGN_COMMAND$SIGN_PFX" ]');
      const all = ['ACCOUNT', 'COMMAND', 'CREDENTIALS', 'PFX', 'PASSWORD', 'TIMESTAMP_URL'];
      const env = Object.fromEntries(all.map((name) => [`SIGN_${name}`, '']));
      const { status, stdout } = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', ways], {
        cwd: work,
        env: { ...process.env, ...env, ...set },
        encoding: 'utf8',
      });
      assert.equal(status, refused === null ? 0 : 1, stdout);
      assert.ok(stdout.includes(refused ?? ''));
    });

  it('ask a person before anything is shown, and can be tried again from the gallery on', () => {
    const { jobs } = workflow('release.yml');
    for (const id of ['publish', 'gallery']) assert.equal(jobs[id]?.environment, 'release', id);
    assert.equal(jobs.gallery?.needs, 'publish');
    const ofGallery = (jobs.gallery?.steps ?? []).map(({ run = '' }) => run).join('\n');
    assert.match(ofGallery, /publish-modules\.ps1/);
    assert.doesNotMatch(ofGallery, /gh release/);
  });

  it('show a release only when every file of it is there and is what was packed', () => {
    const steps = stepsOf('release.yml').map(({ run = '' }) => run);
    const order = [
      'gh release view',
      'gh release create .* --draft',
      '--jq .isDraft',
      'gh release upload',
      'gh release download',
      'cmp ',
      'gh release edit .* --draft=false',
    ];
    const text = steps.join('\n');
    const places = order.map((command) => text.search(new RegExp(command)));
    assert.ok(!places.includes(-1), JSON.stringify(places));
    assert.deepEqual(
      places.toSorted((a, b) => a - b),
      places,
    );
  });

  for (const [tag, prerelease, signed] of [
    ['v1.2.3', 'false', 'true'],
    ['v1.2.3-beta1', 'true', ''],
  ] as const)
    it(`upload what SHA256SUMS names, whatever lies beside it, and say what ${tag} is`, () => {
      const work = newFolder();
      for (const name of ['dist', 'host', 'bin']) mkdirSync(join(work, name));
      for (const name of ['certrebind.exe', 'README.md', 'certrebind.cjs'])
        writeFileSync(join(work, 'dist', name), name);
      const bash = (script: string) => {
        const env = { ...process.env, PATH: `${work}/bin:${process.env.PATH}`, HOST: `${work}/host` };
        const { status, stderr } = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', script], {
          cwd: work,
          env: { ...env, GITHUB_REF_NAME: tag, GH_REPO: 'of/this', SIGNED: signed },
          encoding: 'utf8',
        });
        assert.equal(status, 0, stderr);
      };
      bash('cd dist && sha256sum certrebind.exe > SHA256SUMS');
      writeFileSync(join(work, 'bin', 'gh'), host, { mode: 0o755 });
      const steps = workflow('release.yml').jobs.publish?.steps ?? [];
      const scripts = steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
      for (const script of scripts) bash(script.replaceAll(/\$\{\{ github\.event\.repository\.private \}\}/g, 'false'));
      assert.deepEqual(readdirSync(join(work, 'host')).sort(), ['SHA256SUMS', 'certrebind.exe', 'log']);
      const told = readFileSync(join(work, 'host', 'log'), 'utf8').split('\n');
      assert.equal(
        told[0],
        `release create ${tag} --draft --prerelease=${prerelease} --verify-tag --notes ${signed === 'true' ? '' : 'The files of this release are not signed.'} --generate-notes`,
      );
      assert.equal(told.at(-2), `release edit ${tag} --draft=false`);
    });

  it('hand out what is packaged, and nothing that is only built', () => {
    const text = ['windows.yml', 'release.yml'].map((name) => readFileSync(join(folder, name), 'utf8')).join('');
    const patterns = [...text.matchAll(/^ {12}dist\/(\S+)$/gm)].map(
      ([, glob = '']) => new RegExp(`^${glob.replaceAll('.', '[.]').replaceAll('*', '.*')}$`),
    );
    const isHandedOut = (name: string) => patterns.some((pattern) => pattern.test(name));
    const packaged = [
      'certrebind.exe',
      ...['-win-x64.zip', '-packaging.zip'].map((end) => `certrebind-${version}${end}`),
    ];
    for (const name of [...packaged, `certrebind-${version}.sbom.cdx.json`, 'SHA256SUMS'])
      assert.ok(isHandedOut(name), name);
    const forUs = ['README.md', 'certrebind.cjs', 'certrebind-lab.cjs', 'meta', `certrebind-${version}-linux-x64`];
    for (const name of forUs) assert.ok(!isHandedOut(name), name);
  });
});

/** What stands for the host of releases: a folder, and a log of what it was told to make. */
const host = `#!/usr/bin/env bash
case "$1 $2" in
  'release view') [ "$#" -gt 3 ] && echo true && exit 0; [ -e "$HOST/log" ] ;;
  'release upload') shift 4; cp -- "$@" "$HOST" ;;
  'release download') cp "$HOST"/* "$5" ;;
  'release create' | 'release edit') echo "$*" >> "$HOST/log" ;;
esac
`;

function stepsOf(name: string): readonly Step[] {
  return Object.values(workflow(name).jobs).flatMap(({ steps = [] }) => steps);
}
