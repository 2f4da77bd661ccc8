import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PowerShell } from 'node-powershell';
import { spy } from 'sinon';
import { CertRebindError } from '../../../src/base/errors.ts';
import { shortLife } from '../../../src/lab/windows/open.ts';
import call from '../../../src/server/windows/adapter/call.ps1';
import parts from '../../../src/server/windows/adapter/parts.ps1';
import readMachine from '../../../src/server/windows/adapter/read-machine.ps1';
import serve from '../../../src/server/windows/adapter/serve.ps1';
import { engineEnvironment } from '../../../src/server/windows/engine.ts';
import { openSession, type Session, type SessionOptions } from '../../../src/server/windows/session.ts';
import { findWindowsPowerShell } from '../../engine.ts';

/** Functions that do what an adapter must never do. */
const misbehaviour = `
$script:AdapterFunctions += 'Test-Echo', 'Test-Exit', 'Test-Hang', 'Test-Silence', 'Test-Noise', 'Test-Large', 'Test-Error', 'Test-Denied', 'Test-Orphan', 'Test-Leave', 'Test-Random', 'Test-ByName', 'Test-Program', 'Test-Packed'
function Test-Echo { param([string[][]]$Request) foreach ($row in $Request) { Add-Row $row } }
function Test-Exit { param([string[][]]$Request) exit ([int]$Request[0][0]) }
function Test-Hang { param([string[][]]$Request) Start-Sleep -Seconds 60 }
function Test-Silence { param([string[][]]$Request) [Console]::SetOut([IO.TextWriter]::Null) }
function Test-Noise { param([string[][]]$Request) Write-Host 'host'; Write-Warning 'w'; [Console]::Error.WriteLine('noise'); [Console]::Out.WriteLine('0:1:2'); Write-Output 'x'; Add-Row 'through' }
function Test-Large { param([string[][]]$Request) Add-Row ('ab' * [int]$Request[0][0]) }
function Test-Random { param([string[][]]$Request) $b = [byte[]]::new([int]$Request[0][0]); [Random]::new(1).NextBytes($b); Add-Row ([Convert]::ToBase64String($b)) }
function Test-Error { param([string[][]]$Request) Add-Row 'lost'; throw (New-AdapterError $Request[0][0] $Request[0][1]) }
function Test-Denied { param([string[][]]$Request) [IO.File]::ReadAllText($Request[0][0]); throw [UnauthorizedAccessException]::new('no') }
function Test-Orphan { param([string[][]]$Request) $null = Start-Process -FilePath 'sleep' -ArgumentList '61.25' -PassThru; Start-Sleep -Seconds 60 }
function Test-ByName { param([string[][]]$Request) foreach ($row in $Request) { Import-Module -Name $row[0] -Scope Global -ErrorAction Ignore; Add-Row ([string]@(Get-Module -Name $row[0]).Count) } }
function Test-Leave { param([string[][]]$Request) Add-Row ([string](Start-Process -FilePath 'sleep' -ArgumentList '61.25' -PassThru).Id) }
function Test-Program { param([string[][]]$Request) Add-Row (Invoke-SystemProgram 'netsh.exe' 'http').Text }
function Test-Packed { param([string[][]]$Request) $script:packed = $Request[0][0]; function script:ConvertTo-Packed { $script:packed } }
`;

const engine = findWindowsPowerShell();

(engine === null ? describe.skip : describe)('session with a real PowerShell', () => {
  const folder = mkdtempSync(join(tmpdir(), 'certrebind-session-'));
  const scriptFile = join(folder, 'adapter.ps1');
  const text = [call, parts, readMachine, misbehaviour, serve].join('\n');
  writeFileSync(scriptFile, text);
  after(() => rmSync(folder, { recursive: true, force: true }));

  const base: SessionOptions = {
    engine: engine ?? '',
    script: { file: scriptFile, text },
    env: { ...engineEnvironment(process.env, { systemRoot: folder, temporary: folder }), ...shortLife },
    systemFolder: folder,
    setUp: [['system-root', folder]],
    startTimeoutMs: 60_000,
    callTimeoutMs: 60_000,
    maxReplyBytes: 16_000_000,
    maxRequestBytes: 16_000_000,
  };
  const opened: Session[] = [];
  async function open(options: Partial<SessionOptions> = {}): Promise<Session> {
    const session = await openSession({ ...base, ...options });
    opened.push(session);
    return session;
  }
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((session) => session.close()));
    await eventually(() => enginesOf(folder).length === 0, 'no engine is left running');
  });

  for (const script of [base.script, { file: null, text }]) {
    describe(`adapter loaded as ${script.file === null ? 'text' : 'file'}`, () => {
      it('carries any text both ways unharmed and evaluates none of it', async () => {
        const session = await open({ script });
        const canary = join(folder, 'evaluated');
        const rows = [
          [`Shop "A" 'B' $(New-Item ${canary}) \`n %PATH% \\ \\t`, '', 'tab\there', 'line\nbreak\r\n'],
          ['日本語のサイト', '😀👩‍👩‍👧', 'e\u0301', '\u200e', "'; exit 3; '", '\u0000\u001b[31m'],
          [''],
          ['\ufeffmark', '-1', '--%', '@{a=1}'],
        ];
        assert.deepEqual(await session.call('Test-Echo', rows), rows);
        assert.equal(existsSync(canary), false);
      });

      it('finds no module of the user by name, as the drive Cert: of Windows looks for one', async () => {
        const [named, ofUser] = [join(folder, 'named'), join(folder, '.local', 'share', 'powershell', 'Modules')];
        for (const modules of [named, ofUser]) plantModule(modules, 'pki');
        const session = await open({ script, env: { ...base.env, HOME: folder, PSModulePath: named } });
        const found = await session.call('Test-ByName', [['pki'], ['PSReadLine']]);
        assert.deepEqual(found, [['0'], ['1']], 'none that is planted, and those of the system');
      });

      it('takes noise on either stream for nothing', async () => {
        const session = await open({ script });
        assert.deepEqual(await session.call('Test-Noise', []), [['through']]);
        assert.deepEqual(await session.call('Test-Echo', [['again']]), [['again']]);
      });

      for (const code of ['0', '3']) {
        it(`takes exit ${code} for no answer, and is not spoken to again`, async () => {
          const session = await open({ script });
          await assert.rejects(
            session.call('Test-Exit', [[code]]),
            failure('powershell-failed', /ended with exit code/),
          );
          const { roundTrips } = session.cost();
          await assert.rejects(session.call('Test-Echo', [['x']]), failure('powershell-failed', /Test-Exit/));
          assert.equal(session.cost().roundTrips, roundTrips);
        });
      }

      it('takes silence for no answer', async () => {
        const session = await open({ script });
        await assert.rejects(
          session.call('Test-Silence', [], { timeoutMs: 1000 }),
          failure('powershell-failed', /did not answer within 1 seconds/),
        );
      });
    });
  }

  it('kills what hangs, in time', async () => {
    const session = await open();
    const started = Date.now();
    await assert.rejects(session.call('Test-Hang', [], { timeoutMs: 500 }), failure('powershell-failed', /within 0.5/));
    assert.ok(Date.now() - started < 5000);
  });

  it('kills what the engine started as well', async () => {
    const session = await open();
    const hanging = session.call('Test-Orphan', [], { timeoutMs: 3000 });
    await assert.rejects(hanging, failure('powershell-failed'));
    await eventually(() => !commandLines().some((line) => line.includes('61.25')), 'no child is left running');
  });

  it('lets go of the streams of an engine that ended, also when something it left behind has them open', async () => {
    const pipes = () => process.getActiveResourcesInfo().filter((kind) => kind === 'PipeWrap').length;
    const before = pipes();
    const session = await open();
    const [row] = await session.call('Test-Leave', []);
    try {
      await session.close();
      await eventually(() => pipes() === before, 'no pipe keeps this process alive');
    } finally {
      process.kill(Number(row?.[0]), 'SIGKILL');
    }
  });

  it('notices at once that the engine was killed', async () => {
    const session = await open();
    const hanging = session.call('Test-Hang', []);
    for (const pid of enginesOf(folder)) process.kill(pid, 'SIGKILL');
    await assert.rejects(hanging, failure('powershell-failed', /ended by SIGKILL/));
  });

  it('gives programs an input that is at its end, so that none reads the next request', async () => {
    mkdirSync(join(folder, 'System32'));
    writeFileSync(join(folder, 'System32', 'netsh.exe'), '#!/bin/sh\necho "$@" "$(cat)"\n', { mode: 0o755 });
    const session = await open();
    assert.deepEqual(await session.call('Test-Program', []), [['http ']]);
    const help = ['add', 'update'].map((verb) => ['netsh', verb, `http ${verb} sslcert help \n`]);
    assert.deepEqual(await session.call('Read-Netsh', []), help);
    assert.deepEqual(await session.call('Test-Echo', [['next']]), [['next']]);
  });

  it('keeps no text of a request or reply, whose secrets would stay in memory', async () => {
    const invoke = spy(PowerShell.prototype, 'invoke');
    try {
      const session = await open();
      await session.call('Test-Echo', [['word']], { secret: true });
      const [shell] = invoke.thisValues;
      assert.ok(shell !== undefined && invoke.callCount >= 2);
      assert.deepEqual(shell.history, []);
    } finally {
      invoke.restore();
    }
  });

  it('reads a reply of 3 MB', async () => {
    const session = await open();
    const [[reply = ''] = []] = await session.call('Test-Random', [['3000000']]);
    assert.equal(reply.length, 4_000_000);
  });

  it('refuses a reply over the limit, as sent and as unpacked', async () => {
    const asSent = await open({ maxReplyBytes: 100_000 });
    await assert.rejects(asSent.call('Test-Random', [['300000']]), failure('powershell-failed', /over the limit/));
    const unpacked = await open({ maxReplyBytes: 100_000 });
    await assert.rejects(unpacked.call('Test-Large', [['300000']]), failure('powershell-failed', /too large/));
  });

  it('takes a damaged reply for no answer', async () => {
    for (const packed of [
      gzipSync(Buffer.from([...Buffer.from('ok\nna'), 0xef, 0x76, 0x65])),
      Buffer.from('ok\nname'),
    ]) {
      const session = await open();
      const damaged = session.call('Test-Packed', [[packed.toString('base64')]]);
      await assert.rejects(damaged, failure('powershell-failed', /its reply is damaged/));
    }
  });

  it('carries a request of 3 MB, and sends none over the limit', async () => {
    const session = await open({ maxRequestBytes: 5_000_000 });
    const rows = [['x'.repeat(3_000_000)]];
    assert.deepEqual(await session.call('Test-Echo', rows), rows);
    await assert.rejects(session.call('Test-Echo', [['x'.repeat(5_000_000)]]), failure('powershell-failed', /limit/));
    assert.deepEqual(await session.call('Test-Echo', [['still there']]), [['still there']]);
  });

  it('gives the errors of the adapter their codes, and goes on', async () => {
    const session = await open();
    await assert.rejects(session.call('Test-Error', [['module-missing', 'WebAdministration']]), (error) => {
      assert.ok(error instanceof CertRebindError);
      assert.equal(error.code, 'module-missing');
      assert.match(error.hint ?? '', /Install-WindowsFeature Web-Scripting-Tools/);
      return true;
    });
    await assert.rejects(session.call('Test-Denied', [[scriptFile]]), failure('not-elevated'));
    await assert.rejects(session.call('Test-Nothing', []), failure('powershell-failed', /no function Test-Nothing/));
    assert.deepEqual(await session.call('Test-Echo', [['on']]), [['on']]);
  });

  it('answers calls in their order, and counts them', async () => {
    const session = await open();
    const replies = await Promise.all(['1', '2', '3'].map((n) => session.call('Test-Echo', [[n]])));
    assert.deepEqual(replies.flat(2), ['1', '2', '3']);
    assert.deepEqual(session.cost(), { sessions: 1, roundTrips: 4 });
  });

  it('sends a secret to an adapter that is a file, and none to one that is text', async () => {
    const asFile = await open();
    assert.deepEqual(await asFile.call('Test-Echo', [['word']], { secret: true }), [['word']]);
    const asText = await open({ script: { file: null, text } });
    const { roundTrips } = asText.cost();
    await assert.rejects(asText.call('Test-Echo', [['word']], { secret: true }), failure('secret-withheld'));
    assert.equal(asText.cost().roundTrips, roundTrips, 'nothing was sent');
    assert.deepEqual(await asText.call('Test-Echo', [['plain']]), [['plain']]);
  });

  it('does not honour NODE_POWERSHELL or DEBUG', async () => {
    process.env.NODE_POWERSHELL = '/nonexistent/pwsh';
    process.env.DEBUG = '*';
    const session = await open();
    assert.deepEqual(await session.call('Test-Echo', [['x']]), [['x']]);
  });

  describe('an engine that does not work', () => {
    it('is missing', async () => {
      await assert.rejects(
        open({ engine: join(folder, 'none') }),
        failure('powershell-missing', /PowerShell was not found at/),
      );
    });

    it('may not be started', async () => {
      await assert.rejects(open({ engine: scriptFile }), failure('engine-refused', /Windows refused to start/));
    });

    const engines: readonly [name: string, shell: string, code: string, message: RegExp][] = [
      ['ends at once', 'exit 0', 'powershell-failed', /ended with exit code 0/],
      ['says nothing', 'exec sleep 60', 'powershell-failed', /did not answer within 2 seconds/],
      ['is no PowerShell', 'exec cat', 'powershell-failed', /did not answer within 2 seconds/],
      [
        'is blocked by the execution policy',
        'echo "adapter.ps1 cannot be loaded. + FullyQualifiedErrorId : UnauthorizedAccess" >&2; exit 1',
        'execution-policy',
        /execution policy/,
      ],
      [
        'is kept from the script by an antivirus program',
        'echo "malicious content. + FullyQualifiedErrorId : ScriptContainedMaliciousContent" >&2; exit 1',
        'script-control',
        /antivirus/,
      ],
    ];
    for (const [name, shell, code, message] of engines) {
      it(name, async () => {
        const options = { engine: wrapper(folder, name, shell), startTimeoutMs: 2000 };
        await assert.rejects(open(options), failure(code, message));
      });
    }

    it('is in constrained language', async () => {
      const locked = `{ echo '$ExecutionContext.SessionState.LanguageMode="ConstrainedLanguage"'; cat; } | "${engine}" "$@"`;
      const options = { engine: wrapper(folder, 'constrained', locked), script: { file: null, text } };
      await assert.rejects(open(options), (error) => {
        assert.ok(error instanceof CertRebindError);
        assert.equal(error.exitCode, 7);
        assert.equal(error.code, 'script-control');
        assert.match(error.message, /constrained language/);
        assert.match(error.hint ?? '', /certrebind-adapter\.ps1/);
        return true;
      });
    });

    it('is older than 5.1', async () => {
      const old = text.replace("[version]'5.1'", "[version]'99.0'");
      await assert.rejects(open({ script: { file: null, text: old } }), failure('powershell-missing', /5\.1/));
    });

    it('lacks a module, which is named', async () => {
      const without = text.replaceAll("'Microsoft.PowerShell.Management'", "'WebAdministration'");
      await assert.rejects(
        open({ script: { file: null, text: without } }),
        failure('module-missing', /WebAdministration/),
      );
    });
  });
});

function failure(code: string, message: RegExp = /./): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof CertRebindError, String(error));
    assert.equal(error.code, code);
    assert.ok([6, 7].includes(error.exitCode));
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /\n\s+at /);
    return true;
  };
}

function plantModule(modules: string, name: string): void {
  mkdirSync(join(modules, name), { recursive: true });
  writeFileSync(join(modules, name, `${name}.psm1`), '');
}

/** The system needs a moment to bury what was killed. */
async function eventually(holds: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!holds()) {
    assert.ok(Date.now() < deadline, what);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function wrapper(folder: string, name: string, shell: string): string {
  const path = join(folder, `${name.replaceAll(' ', '-')}.sh`);
  writeFileSync(path, `#!/bin/sh\n${shell}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Engines whose environment names the folder as their place for temporary files. */
function enginesOf(folder: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`TMPDIR=${folder}`);
      } catch {
        return false;
      }
    });
}

function commandLines(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    });
}
