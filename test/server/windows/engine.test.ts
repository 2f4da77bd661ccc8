import assert from 'node:assert/strict';
import { CertRebindError } from '../../../src/base/errors.ts';
import {
  assertEngine,
  engineEnvironment,
  windowsFolders,
  windowsPowerShell,
} from '../../../src/server/windows/engine.ts';

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
    if (process.platform !== 'win32')
      assert.throws(() => windowsFolders(), {
        code: 'powershell-missing',
        message: 'The Windows folder was not found.',
      });
    for (const libraries of [['C:\\temp\\ntdll.dll'], ['\\\\host\\System32\\ntdll.dll'], ['/lib/ntdll.dll'], []]) {
      assert.throws(
        () => windowsFolders(libraries, false),
        (error) => error instanceof CertRebindError && error.code === 'powershell-missing',
      );
    }
  });
});

describe('an engine', () => {
  it('is demanded where it has to be, and named where it is not there', () => {
    assert.equal(assertEngine(process.execPath), process.execPath);
    const where = `${process.execPath}.nowhere`;
    const message = `PowerShell was not found at ${where}.`;
    assert.throws(() => assertEngine(where), { code: 'powershell-missing', where, message });
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

  it('has what Windows components look for, from the folder of Windows alone', () => {
    const given = {
      ALLUSERSPROFILE: 'C:\\ProgramData',
      NUMBER_OF_PROCESSORS: '',
      computername: 'WEB01',
      LANG: 'C',
      HOME: '/root',
    };
    assert.deepEqual(engineEnvironment(given, { systemRoot: 'D:\\Win', temporary: 'D:\\T' }), {
      ALLUSERSPROFILE: 'C:\\ProgramData',
      COMPUTERNAME: 'WEB01',
      SystemRoot: 'D:\\Win',
      windir: 'D:\\Win',
      SystemDrive: 'D:',
      PATH: 'D:\\Win\\System32;D:\\Win;D:\\Win\\System32\\Wbem',
      PATHEXT: '.COM;.EXE',
      ProgramData: 'D:\\ProgramData',
      POWERSHELL_TELEMETRY_OPTOUT: '1',
      POWERSHELL_UPDATECHECK: 'Off',
      TEMP: 'D:\\T',
      TMP: 'D:\\T',
      TMPDIR: 'D:\\T',
    });
  });

  it('has what .NET on Linux looks for in a lab, and nothing else', () => {
    const given = {
      HOME: '/root',
      PATH: '/bin',
      DOTNET_ROOT: '/dotnet',
      LANG: 'C',
      LD_PRELOAD: '/x.so',
      USERNAME: 'eve',
    };
    const env = engineEnvironment(
      { ...given, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1' },
      { systemRoot: '/lab', temporary: '/T' },
    );
    assert.deepEqual(env, {
      HOME: '/root',
      PATH: '/bin',
      DOTNET_ROOT: '/dotnet',
      LANG: 'C',
      DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1',
      TERM: 'dumb',
      NO_COLOR: '1',
      SystemRoot: '/lab',
      POWERSHELL_TELEMETRY_OPTOUT: '1',
      POWERSHELL_UPDATECHECK: 'Off',
      TEMP: '/T',
      TMP: '/T',
      TMPDIR: '/T',
    });
  });

  it('is quiet and without PSModulePath elsewhere as well', () => {
    const env = engineEnvironment({ ...hostile, HOME: '/root' }, { systemRoot: '/lab', temporary: '/lab/T' });
    assert.deepEqual(
      [env.TERM, env.NO_COLOR, env.POWERSHELL_TELEMETRY_OPTOUT, env.PSModulePath, env.HOME, env.TMPDIR],
      ['dumb', '1', '1', undefined, '/root', '/lab/T'],
    );
  });
});
