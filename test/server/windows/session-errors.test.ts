import assert from 'node:assert/strict';
import { adapterError, noAnswer, noStart, secretWithheld } from '../../../src/server/windows/session-errors.ts';

describe('an error of the adapter', () => {
  it('about an older PowerShell names the version that is there and what to install', () => {
    const { code, exitCode, message, hint } = adapterError('Read-Server', ['error', 'engine-too-old', '4.0']);
    assert.deepEqual([code, exitCode], ['powershell-missing', 7]);
    assert.match(message, /PowerShell 4\.0/);
    assert.match(hint ?? '', /Windows Management Framework 5\.1 \(KB3191564 on Windows Server 2012 R2\)/);
  });

  it('about the missing module WebAdministration gives the line that installs it', () => {
    const { code, hint } = adapterError('Read-Bindings', ['error', 'module-missing', 'WebAdministration']);
    assert.equal(code, 'module-missing');
    assert.equal(hint, 'Install the module.\nInstall it:\n  Install-WindowsFeature Web-Scripting-Tools');
  });
});

describe('an answer of the adapter that is an error', () => {
  for (const [row, code, message, hint, where] of [
    [['engine-constrained', 'x'], 'script-control', /constrained language mode/, /./, 'Read-Server'],
    [
      ['module-missing', 'PKI', 'denied'],
      'module-missing',
      /module PKI is missing .*: denied\.$/,
      /contains PKI/,
      null,
    ],
    [['module-missing', 'PKI'], 'module-missing', /module PKI is missing on this server\.$/, /contains PKI/, null],
    [
      ['secret-unreadable', 'No.  ', 'smtp'],
      'secret-unreadable',
      /secret smtp .*: No\. It was set on another server, or is damaged\.$/,
      null,
      null,
    ],
    [['access-denied', 'No'], 'not-elevated', /^Windows denied access: No$/, null, null],
    [['busy', 'C:\\changing', 'in use'], 'locked', /still changing this server: in use$/, /Wait until/, 'C:\\changing'],
    [['', 'No', 'at line 1'], 'powershell-failed', /^PowerShell could not run Read-Server: No$/, null, 'at line 1'],
    [['', 'No', ''], 'powershell-failed', /^PowerShell could not run Read-Server: No$/, null, null],
    [[], 'powershell-failed', /^PowerShell could not run Read-Server: $/, null, null],
  ] as const)
    it(`${JSON.stringify(row)} is ${code}`, () => {
      const error = adapterError('Read-Server', ['error', ...row]);
      assert.deepEqual([error.code, error.where ?? null], [code, where]);
      assert.match(error.message, message);
      if (hint !== null) assert.match(error.hint ?? '', hint);
    });
});

describe('an engine that did not start', () => {
  const end = { spawnError: null, exitCode: null, signal: null, errorText: '' };
  const spawned = (code: string) => Object.assign(new Error('spawn failed'), { code });
  for (const [what, how, code, message, said] of [
    ['is not there', { spawnError: spawned('ENOENT') }, 'powershell-missing', /not found at ps\.exe\.$/, null],
    ['may not run', { spawnError: spawned('EACCES') }, 'engine-refused', /refused to start .* \(EACCES\)\.$/, null],
    ['fails without a number', { spawnError: new Error('No') }, 'engine-refused', /\(No\)\.$/, null],
    ['is constrained', { errorText: 'ConstrainedLanguage' }, 'script-control', /constrained/, null],
    [
      'is constrained, in the words of a newer one',
      { errorText: 'only on core types in this language mode' },
      ...(['script-control', /constrained/, null] as const),
    ],
    [
      'is kept from the script by an antivirus program',
      { errorText: '\r\n0123456789abcdef\n  Blocked  \nScriptContainedMaliciousContent' },
      ...(['script-control', /blocks the PowerShell script of CertRebind: Blocked$/, null] as const),
    ],
    [
      'is kept from it by policy',
      { errorText: 'cannot be loaded\nPSSecurityException' },
      ...([
        'execution-policy',
        /blocks the PowerShell script of CertRebind: cannot be loaded$/,
        'cannot be loaded',
      ] as const),
    ],
    ['says something else', { errorText: 'Hm' }, 'powershell-failed', /: why; it said: Hm\.$/, 'why; it said: Hm'],
    ['says nothing', {}, 'powershell-failed', /could not be used: why\.$/, 'why'],
    ['says much', { errorText: 'x'.repeat(999) }, 'powershell-failed', /said: x{300}\.$/, null],
  ] as const)
    it(`because it ${what}`, () => {
      const error = noStart('ps.exe', { ...end, ...how }, 'why');
      assert.deepEqual([error.code, error.where], [code, 'ps.exe']);
      assert.match(error.message, message);
      if (said !== null) assert.equal(error.said, said);
    });

  it('may have been stopped by another program where it said nothing, before or after it worked', () => {
    const silent = { ...end, exitCode: 1, errorText: '\r\n' };
    for (const error of [noStart('ps.exe', silent, 'why'), noAnswer('Read-Server', silent, 'it ended with 1')])
      assert.match(error.hint ?? '', /Another program, such as antivirus or EDR, may have stopped powershell\.exe/);
    for (const error of [
      noStart('ps.exe', { ...silent, errorText: 'Hm' }, 'why'),
      noAnswer('Read-Server', { ...silent, errorText: 'Hm' }, 'it ended with 1'),
    ])
      assert.doesNotMatch(error.hint ?? '', /Another program/);
  });

  it('is told from one that worked and gave no answer, or was not told a secret', () => {
    const error = noAnswer('Read-Server', { ...end, errorText: 'Hm' }, 'it ended');
    assert.deepEqual(
      [error.code, error.message],
      ['powershell-failed', 'PowerShell did not answer Read-Server: it ended; it said: Hm.'],
    );
    assert.equal(secretWithheld('Import-PfxFile').code, 'secret-withheld');
  });
});
