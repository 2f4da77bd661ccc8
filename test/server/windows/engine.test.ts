import assert from 'node:assert/strict';
import { engineEnvironment, windowsFolders, windowsPowerShell } from '../../../src/server/windows/engine.ts';
import { CertRebindError } from '../../../src/text/errors.ts';

describe('the place of Windows PowerShell', () => {
  const loaded = [
    'C:\\Program Files\\CertRebind\\certrebind.exe',
    'D:\\Win\\SYSTEM32\\ntdll.dll',
    'D:\\Win\\System32\\KERNEL32.DLL',
  ];

  it('is told by the library that the kernel maps, not by the environment', () => {
    const folders = windowsFolders(loaded, false);
    assert.deepEqual(folders, { systemRoot: 'D:\\Win', system: 'D:\\Win\\System32' });
    assert.equal(windowsPowerShell(folders), 'D:\\Win\\System32\\WindowsPowerShell\\v1.0\\powershell.exe');
  });

  it('is the 64-bit one for a 32-bit process too', () => {
    const folders = windowsFolders(['C:\\Windows\\SysWOW64\\ntdll.dll'], true);
    assert.equal(windowsPowerShell(folders), 'C:\\Windows\\Sysnative\\WindowsPowerShell\\v1.0\\powershell.exe');
  });

  it('is not found among look-alikes, and not elsewhere than on Windows', () => {
    for (const libraries of [['C:\\temp\\ntdll.dll'], ['\\\\host\\System32\\ntdll.dll'], ['/lib/ntdll.dll'], []]) {
      assert.throws(
        () => windowsFolders(libraries, false),
        (error) => error instanceof CertRebindError && error.code === 'powershell-missing',
      );
    }
  });
});

describe("the engine's environment", () => {
  const hostile = {
    PSModulePath: 'C:\\Users\\eve\\Modules',
    psmodulepath: 'x',
    SystemRoot: 'C:\\Users\\eve',
    windir: 'C:\\Users\\eve',
    Path: 'C:\\Users\\eve',
    PATHEXT: '.EVE',
    TEMP: 'C:\\Users\\eve',
    ComSpec: 'C:\\Users\\eve\\cmd.exe',
    COR_ENABLE_PROFILING: '1',
    COR_PROFILER_PATH: 'C:\\Users\\eve\\x.dll',
    COMPlus_Version: 'v9',
    DOTNET_STARTUP_HOOKS: 'C:\\Users\\eve\\x.dll',
    __PSLockdownPolicy: '4',
    NODE_OPTIONS: '--require x',
    OPENSSL_CONF: 'x',
    USERNAME: 'eve',
  };
  const place = { systemRoot: 'C:\\Windows', temporary: 'C:\\ProgramData\\CertRebind\\temp' };

  it('takes names of machine and account, and nothing that brings in code', () => {
    const env = engineEnvironment(hostile, place);
    assert.doesNotMatch(JSON.stringify({ ...env, USERNAME: '' }), /eve|profil|hook|lockdown|openssl|NODE_|module/i);
    assert.equal(env.USERNAME, 'eve');
    assert.equal(env.SystemRoot, 'C:\\Windows');
    assert.equal(env.TEMP, place.temporary);
    assert.equal(env.TMP, place.temporary);
  });

  it('is quiet and without PSModulePath elsewhere as well', () => {
    const env = engineEnvironment({ ...hostile, HOME: '/root' }, { systemRoot: '/lab', temporary: '/lab/T' });
    assert.deepEqual(
      [env.TERM, env.NO_COLOR, env.POWERSHELL_TELEMETRY_OPTOUT, env.PSModulePath, env.HOME, env.TMPDIR],
      ['dumb', '1', '1', undefined, '/root', '/lab/T'],
    );
  });
});
