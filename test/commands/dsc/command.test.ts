import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { exits } from '../../../src/base/codes/exit-codes.ts';
import { dscManifest, dscManifestText, dscSchema } from '../../../src/documents/dsc-manifest.ts';
import { rebindTaskName, taskFolder } from '../../../src/documents/scheduled-tasks.ts';
import { openLab } from '../../../src/lab/host/channel.ts';
import { type ServingLab, serveLab } from '../../../src/lab/host/serve.ts';
import type { LabRequest } from '../../../src/lab/kernel/requests.ts';
import { runHere } from '../../cli/run-here.ts';
import { type Ended, run, startEnvironment } from '../../cli/run-program.ts';
import { nativeTask } from '../../stories/native-task.ts';
import { each } from '../../support/each.ts';
import { temporaryLab } from '../../support/temporary-lab.ts';

// The verbs as DSC uses them: JSON on stdin, one line on stdout, JSON lines on stderr, an exit code.

const conforms = new Ajv({ strict: true, strictTypes: false }).compile(dscSchema());
const native = { name: 'IIS-AutoCertRebind', enabled: true };

describe('certrebind dsc', () => {
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  let serving: ServingLab;
  beforeEach(async () => {
    lab = await temporaryLab();
    // A set proves what it registers, and somebody has to start that.
    serving = await serveLab(lab.folder, { environment: startEnvironment });
  });
  afterEach(async () => {
    await serving.close();
    await lab.remove();
  });

  async function dsc(verb: string, wanted?: object | string, ...options: readonly string[]) {
    const words = ['dsc', verb, '--lab', lab.folder, ...options];
    if (typeof wanted !== 'object') return told(await run(words, { input: wanted ?? '' }));
    return told(await runHere([...words, '--input', JSON.stringify(wanted)]));
  }

  function told(ended: Pick<Ended, 'exitCode' | 'stdout' | 'stderr'>) {
    const traces = ended.stderr.split('\n').filter((line) => line !== '');
    return {
      exitCode: ended.exitCode,
      state: ended.stdout === '' ? null : JSON.parse(ended.stdout),
      stdout: ended.stdout,
      traces: traces.map((line) => JSON.parse(line)),
    };
  }

  const configurationFile = () => join(lab.folder, 'certrebind', 'config.json');
  const everything = async () => {
    const file = configurationFile();
    return { ...(await dsc('get', {})), file: existsSync(file) ? readFileSync(file, 'utf8') : null };
  };

  async function onLab(request: LabRequest): Promise<void> {
    const opened = await openLab(lab.folder);
    try {
      const { result } = await opened.send(request);
      assert.equal(result.kind, 'done');
    } finally {
      await opened.close();
    }
  }

  it('sets what is wanted, after which a test finds it in the desired state and another set changes nothing', async () => {
    const wanted = { _exist: true, policy: { undo: 'run', guards: { expired: 'warn' } } };
    const [found] = (await everything()).state.findings;
    assert.deepEqual([found.code, found.severity, found.commands], ['task-missing', 'warning', ['certrebind enable']]);
    assert.equal((await dsc('test', wanted)).state._inDesiredState, false);

    const set = await dsc('set', wanted);
    assert.equal(set.exitCode, 0);
    assert.deepEqual(set.traces, []);
    assert.equal(set.state._exist, true);
    assert.equal(set.state.policy.undo, 'run');
    assert.deepEqual(each(set.state.tasks, 'is'), ['ours', 'ours']);
    assert.equal((await dsc('test', wanted)).state._inDesiredState, true);

    const before = await everything();
    assert.deepEqual(before.state.findings, []);
    assert.deepEqual((await dsc('set', wanted)).state, set.state);
    assert.deepEqual(await everything(), before);
  });

  it('test exits with 0 when the state is not the desired one, and says what differs on stderr', async () => {
    const { exitCode, state, traces } = await dsc('test', { _exist: true });
    assert.equal(exitCode, 0);
    assert.equal(state._inDesiredState, false);
    assert.match(traces[0].info, /There is no task .*CertRebind/);
    assert.deepEqual(
      state.differences,
      traces.map(({ info }) => ({ code: 'task-missing', text: info })),
    );
  });

  it('removes the tasks for _exist false, keeps the configuration, and restores the native task only when told to', async () => {
    await nativeTask(lab.folder, native);
    await dsc('set', { policy: { undo: 'run' }, replaceNative: true });
    assert.equal((await dsc('get')).state.nativeTask, 'disabled');

    const off = await dsc('set', { _exist: false });
    assert.equal(off.state._exist, false);
    assert.equal(off.state.policy.undo, 'run');
    assert.equal(off.state.nativeTask, 'disabled');
    assert.equal((await dsc('test', { _exist: false })).state._inDesiredState, true);

    const restoring = { _exist: false, restoreNative: true };
    assert.equal((await dsc('test', restoring)).state._inDesiredState, false);
    assert.equal((await dsc('set', restoring)).state.nativeTask, 'enabled');
    assert.equal((await dsc('test', restoring)).state._inDesiredState, true);
  });

  const previews: readonly { readonly situation: string; readonly before?: object; readonly wanted: object }[] = [
    { situation: 'enabling with a configuration', wanted: { _exist: true, policy: { undo: 'run' } } },
    { situation: 'another configuration', before: { policy: { undo: 'run' } }, wanted: { policy: { keepRuns: 7 } } },
    { situation: 'disabling', before: {}, wanted: { _exist: false } },
  ];
  for (const { situation, before, wanted } of previews)
    it(`what-if foretells the state that set leaves behind, and nothing moved: ${situation}`, async () => {
      if (before !== undefined) assert.equal((await dsc('set', before)).exitCode, 0);
      const found = await everything();
      const { exitCode, state } = await dsc('set', wanted, '--what-if');
      assert.equal(exitCode, 0);
      assert.ok(state._metadata.whatIf.length > 0);
      assert.deepEqual(await everything(), found);
      const { _metadata, ...foretold } = state;
      assert.deepEqual((await dsc('set', wanted)).state, foretold);
    });

  it('what-if of what holds already foretells nothing', async () => {
    await dsc('set', {});
    const { state } = await dsc('set', {}, '--what-if');
    const { findings: _findings, ...now } = (await dsc('get')).state;
    assert.deepEqual(state, now);
  });

  it('is refused beside the active task of IIS Manager until something is said about it, and what-if says so', async () => {
    await nativeTask(lab.folder, native);
    const foretold = await dsc('set', {}, '--what-if');
    assert.match(foretold.state._metadata.whatIf.at(-1), /native-active/);
    assert.equal(foretold.state._exist, false);

    const refused = await dsc('set', {});
    assert.equal(refused.exitCode, 3);
    assert.equal(refused.stdout, '');
    assert.match(refused.traces[0].error, /^native-active: /);
    assert.equal((await dsc('get')).state._exist, false);

    const beside = await dsc('set', { alongside: true });
    assert.equal(beside.exitCode, 0);
    assert.equal(beside.state.nativeTask, 'enabled');
  });

  const own = { path: taskFolder, name: rebindTaskName };
  const disturbances: Readonly<Record<string, LabRequest>> = {
    'a task is disabled': { kind: 'set-task-enabled', ...own, enabled: false },
    'a task is gone': { kind: 'unregister-task', ...own },
    'the log is disabled': { kind: 'enable-log', enabled: false },
  };
  for (const [situation, disturbance] of Object.entries(disturbances))
    it(`is out of the desired state and set mends it: ${situation}`, async () => {
      await dsc('set', {});
      await onLab(disturbance);
      assert.equal((await dsc('test', {})).state._inDesiredState, false);
      assert.equal((await dsc('set', {})).exitCode, 0);
      assert.equal((await dsc('test', {})).state._inDesiredState, true);
    });

  it('tells an invalid configuration in place, and a policy mends it', async () => {
    await mkdir(join(lab.folder, 'certrebind'), { recursive: true, mode: 0o700 });
    writeFileSync(configurationFile(), '{"undo":');
    const { exitCode, state } = await dsc('get');
    assert.equal(exitCode, 0);
    assert.match(state.policyProblem, /is not JSON/);
    assert.equal((await dsc('set', {})).exitCode, 2);
    const mended = await dsc('set', { policy: {} });
    assert.equal(mended.exitCode, 0);
    assert.equal(mended.state.policyProblem, undefined);
  });

  const mistakes: readonly (readonly [string, object | string, RegExp])[] = [
    ['no input', '', /^usage: No state was given/],
    ['no JSON', '{', /^bad-document: stdin is not JSON/],
    ['an unknown property', { exist: true }, /^bad-document: .*additional properties/],
    ['a mistake in the policy', { policy: { undoo: 'run' } }, /^bad-configuration: .*did you mean undo\?/],
    ['two answers about the native task', { replaceNative: true, alongside: true }, /both replaceNative and alongside/],
  ];
  for (const [mistake, input, message] of mistakes)
    it(`refuses input with exit 2 and touches nothing: ${mistake}`, async () => {
      const { exitCode, stdout, traces } = await dsc('set', input);
      assert.equal(exitCode, 2);
      assert.equal(stdout, '');
      assert.match(traces[0].error, message);
      assert.equal((await everything()).file, null);
    });

  it('proves what it registers, and leaves that out where nothing starts tasks only when it is told to', async () => {
    await serving.close();
    const refused = await dsc('set', { _exist: true });
    assert.equal(refused.exitCode, 7);
    assert.match(refused.traces.at(-1)?.error, /^no-task-scheduler: /);
    assert.equal((await dsc('get', {})).state._exist, false);
    const set = await dsc('set', { _exist: true, noProof: true });
    assert.equal(set.exitCode, 0, set.stdout);
    assert.deepEqual(each(set.state.tasks, 'is'), ['ours', 'ours']);
    // Whether it is verified is no part of the state.
    assert.equal((await dsc('test', { _exist: true })).state._inDesiredState, true);
  });

  it('takes nothing away without a proof', async () => {
    const { exitCode, traces } = await dsc('set', { replaceNative: true, noProof: true });
    assert.equal(exitCode, 2);
    assert.match(traces.at(-1)?.error, /sets both replaceNative and noProof/);
  });

  it('prints exactly one line, without a schema field, in the shape that its own schema promises', async () => {
    const answers = [
      await dsc('get'),
      await dsc('set', { policy: { guards: { expired: 'off' } } }, '--what-if'),
      await dsc('set', { policy: { guards: { expired: 'off' } } }),
      await dsc('test', { _exist: false }),
      await dsc('export'),
    ];
    for (const { stdout, state } of answers) {
      assert.match(stdout, /^[^\n]+\n$/);
      assert.ok(!('schema' in state));
      assert.ok(conforms(state), JSON.stringify(conforms.errors));
    }
  });

  it('takes what export printed as a wanted state, which then holds', async () => {
    await dsc('set', { policy: { undo: 'run' } });
    const { state } = await dsc('export');
    assert.equal((await dsc('test', state)).state._inDesiredState, true);
    assert.ok(conforms(state));
  });

  it('stdin is what --input is', async () => {
    const { state } = told(await run(['dsc', 'test', '--lab', lab.folder], { input: '{"_exist":false}' }));
    assert.equal(state._inDesiredState, true);
  });
});

describe('the manifest for DSC', () => {
  const manifest = JSON.parse(dscManifestText('1.2.3'));

  it('is the same in the package and from the program, but for the version', async () => {
    const { stdout } = await run(['dsc', 'manifest']);
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'));
    assert.deepEqual(JSON.parse(stdout), dscManifest(version));
    assert.deepEqual({ ...manifest, version }, dscManifest(version));
  });

  it('explains every exit code as the program does', () => {
    assert.deepEqual(manifest.exitCodes, JSON.parse(JSON.stringify(exits)));
  });

  it('names only commands that the program has', async () => {
    for (const verb of ['get', 'set', 'whatIf', 'test', 'export']) {
      const { exitCode, stdout } = await run([...manifest[verb].args, '--help']);
      assert.equal(exitCode, 0, verb);
      for (const word of manifest[verb].args) if (word.startsWith('--')) assert.ok(stdout.includes(word), word);
    }
    assert.deepEqual(manifest.whatIf.args, [...manifest.set.args, '--what-if']);
  });

  it('names the command that prints its schema, which refers to nothing outside of itself', async () => {
    const { stdout } = await run(manifest.schema.command.args);
    assert.deepEqual(JSON.parse(stdout), JSON.parse(JSON.stringify(dscSchema())));
    const references = [...stdout.matchAll(/"\$ref":"([^"]*)"/g)];
    assert.ok(references.length > 0);
    for (const [, target] of references) assert.match(target ?? '', /^#\/definitions\//);
  });
});
