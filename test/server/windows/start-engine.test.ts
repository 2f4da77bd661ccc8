import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CertRebindError } from '../../../src/base/errors.ts';
import { shortLife } from '../../../src/lab/windows/open.ts';
import type { FileWayFailure } from '../../../src/model/windows/engine-start.ts';
import call from '../../../src/server/windows/adapter/call.ps1';
import parts from '../../../src/server/windows/adapter/parts.ps1';
import serve from '../../../src/server/windows/adapter/serve.ps1';
import { engineEnvironment } from '../../../src/server/windows/engine.ts';
import { type EngineStartOptions, type StartedEngine, startEngine } from '../../../src/server/windows/start-engine.ts';
import { findWindowsPowerShell } from '../../engine.ts';
import { newFolder } from '../../support/temporary-lab.ts';

const engine = findWindowsPowerShell();

(engine === null ? describe.skip : describe)('starting the engine', () => {
  const folder = newFolder();
  const file = join(folder, 'adapter.ps1');
  const starts = join(folder, 'starts');
  const text = [call, parts, serve].join('\n');
  writeFileSync(file, text);

  const opened: StartedEngine[] = [];
  beforeEach(() => writeFileSync(starts, ''));
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(({ session }) => session.close()));
  });

  async function start(options: Partial<EngineStartOptions> = {}): Promise<StartedEngine> {
    const started = await startEngine({
      engine: engineThat('works', 'exec "$PWSH" "$@"'),
      script: { file, text },
      now: () => new Date('2030-01-01T00:00:00Z'),
      known: null,
      env: {
        ...engineEnvironment(process.env, { systemRoot: folder, temporary: folder }),
        ...shortLife,
        PWSH: engine ?? '',
      },
      systemFolder: folder,
      setUp: [['system-root', folder]],
      startTimeoutMs: 60_000,
      callTimeoutMs: 60_000,
      maxReplyBytes: 1_000_000,
      maxRequestBytes: 1_000_000,
      ...options,
    });
    opened.push(started);
    return started;
  }

  /** An engine that notes each of its starts first. */
  function engineThat(name: string, shell: string): string {
    const path = join(folder, `${name.replaceAll(' ', '-')}.sh`);
    writeFileSync(
      path,
      `#!/bin/sh\ncase "$*" in *-File*) way=file;; *) way=text;; esac\necho $way >> "${starts}"\n${shell}\n`,
    );
    chmodSync(path, 0o755);
    return path;
  }
  const waysTried = () => readFileSync(starts, 'utf8').trim().split('\n').join(' ');
  const asFile = (shell: string) => `if [ $way = file ]; then ${shell}; fi; exec "$PWSH" "$@"`;
  const refuses = 'echo "not signed. + FullyQualifiedErrorId : UnauthorizedAccess" >&2; exit 1';
  const constrains = 'echo "+ FullyQualifiedErrorId : MethodInvocationNotSupportedInConstrainedLanguage" >&2; cat';

  it('runs the adapter as a file where that works', async () => {
    const started = await start();
    assert.deepEqual(started.start, { way: 'file' });
    assert.equal(waysTried(), 'file');
  });

  it('sends the text of a program that is not installed, readable and evaluated by nothing but the host', async () => {
    const received = join(folder, 'received');
    const listening = engineThat('is listened to', `tee "${received}" | "$PWSH" "$@"`);
    const started = await start({ engine: listening, script: { file: null, text } });
    assert.deepEqual(started.start, { way: 'text', because: { cause: 'not-installed' } });
    const lines = (code: string) => code.split('\n').filter((line) => line.trim() !== '');
    const [before = '', after = ''] = readFileSync(received, 'utf8').split(lines(text).join('\n'));
    const own = [...lines(before), ...lines(after)].filter((line) => !line.startsWith('[Console]::'));
    assert.match(
      own.join('\n'),
      /^\. \{\n\}\nInvoke-AdapterCall '[0-9a-f]{32}' 'Initialize-Adapter' '[A-Za-z0-9+/=]*'$/,
    );
  });

  it('sends the text where the execution policy refuses the file, and says so', async () => {
    const started = await start({ engine: engineThat('has a policy', asFile(refuses)) });
    assert.deepEqual(started.start, {
      way: 'text',
      because: {
        cause: 'execution-policy',
        said: 'not signed. + FullyQualifiedErrorId : UnauthorizedAccess',
        at: '2030-01-01T00:00:00.000Z',
      },
    });
    assert.equal(waysTried(), 'file text');
  });

  it('sends the text where the file gives no answer, whatever the reason', async () => {
    const started = await start({ engine: engineThat('takes no file', asFile('exit 64')) });
    assert(started.start.way === 'text' && started.start.because.cause === 'no-answer');
    assert.match(started.start.because.said, /exit code 64/);
  });

  it('does not try the file again that was refused before', async () => {
    const known: FileWayFailure = { cause: 'execution-policy', said: 'not signed', at: '2029-12-31T23:00:00.000Z' };
    const started = await start({ engine: engineThat('has a policy', asFile(refuses)), known });
    assert.deepEqual(started.start, { way: 'text', because: known });
    assert.equal(waysTried(), 'text');
  });

  const refusals: readonly [name: string, shell: string, code: string, ways: string][] = [
    ['application control constrains the file', constrains, 'script-control', 'file'],
    [
      'an antivirus program blocks the file',
      'echo "+ FullyQualifiedErrorId : ScriptContainedMaliciousContent" >&2; exit 1',
      'script-control',
      'file',
    ],
    [
      'the policy refuses the file and application control the text',
      `[ $way = text ] && { ${constrains}; exit 0; }; ${refuses}`,
      'script-control',
      'file text',
    ],
    [
      'the policy refuses the file and the text gets no answer',
      `[ $way = text ] && exit 3; ${refuses}`,
      'execution-policy',
      'file text',
    ],
    ['neither way gets an answer', 'exit 3', 'powershell-failed', 'file text'],
  ];
  for (const [name, shell, code, ways] of refusals) {
    it(`gives exit 7 and ${code} where ${name}`, async () => {
      await assert.rejects(start({ engine: engineThat(name, shell) }), failsWith(code));
      assert.equal(waysTried(), ways);
    });
  }

  it('makes one attempt with an engine that the system does not start', async () => {
    await assert.rejects(start({ engine: file }), failsWith('engine-refused'));
    await assert.rejects(start({ engine: join(folder, 'none') }), failsWith('powershell-missing'));
  });
});

function failsWith(code: string): (error: unknown) => boolean {
  return (error) => {
    assert(error instanceof CertRebindError, String(error));
    assert.equal(error.code, code);
    assert.equal(error.exitCode, 7);
    return true;
  };
}
