import { existsSync } from 'node:fs';
import { win32 } from 'node:path';
import { isObject } from '../../base/document.ts';
import { CertRebindError } from '../../base/errors.ts';

/** Where this Windows is installed, from a source that an environment variable cannot change. */
export interface WindowsFolders {
  /** For example `C:\Windows`. */
  readonly systemRoot: string;
  /** 64-bit `System32`, by the name under which this process reaches it. */
  readonly system: string;
}

/**
 * The folders of the running Windows. `SystemRoot` can be overridden for a user's processes (fidelity: system-root),
 * so the place is taken from ntdll.dll, which the kernel itself maps into every process from its own System32.
 * Only administrators and TrustedInstaller can write there; the rights of System32 are the system's own promise.
 * @throws CertRebindError `powershell-missing` when the process has no ntdll.dll, that is, does not run on Windows
 */
export function windowsFolders(
  loaded: readonly string[] = loadedLibraries(),
  is32Bit: boolean = process.arch === 'ia32',
): WindowsFolders {
  const ntdll = loaded.find((path) => /^[A-Z]:\\.+\\(?:System32|SysWOW64)\\ntdll\.dll$/i.test(path));
  if (ntdll === undefined) {
    throw new CertRebindError('powershell-missing', { message: 'The Windows folder was not found.' });
  }
  const systemRoot = win32.dirname(win32.dirname(ntdll));
  return { systemRoot, system: win32.join(systemRoot, is32Bit ? 'Sysnative' : 'System32') };
}

/**
 * The 64-bit Windows PowerShell, because PowerShell 7 cannot call the methods of IIS bindings (fidelity:
 * powershell-7-iis).
 */
export function windowsPowerShell(folders: WindowsFolders): string {
  return win32.join(folders.system, 'WindowsPowerShell', 'v1.0', 'powershell.exe');
}

/**
 * The whole environment of the engine. Everything that could load code, modules or profilers is left out, including
 * `PSModulePath`, which a parent PowerShell 7 would pass on (fidelity: psmodulepath-inherited); the adapter sets it.
 * @param temporary a folder in which nobody but administrators and SYSTEM can change a file of theirs
 */
export function engineEnvironment(
  source: Readonly<Record<string, string | undefined>>,
  { systemRoot, temporary }: { readonly systemRoot: string; readonly temporary: string },
): Record<string, string> {
  const isWindows = /^[A-Z]:\\/i.test(systemRoot);
  const kept = isWindows ? keptOnWindows : keptElsewhere;
  const byName = new Map(Object.entries(source).map(([name, value]) => [name.toUpperCase(), value]));
  const inherited = kept.flatMap((name) => {
    const value = byName.get(name.toUpperCase());
    return value === undefined || value === '' ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(inherited),
    ...(isWindows ? windowsBasics(systemRoot) : { TERM: 'dumb', NO_COLOR: '1', SystemRoot: systemRoot }),
    POWERSHELL_TELEMETRY_OPTOUT: '1',
    POWERSHELL_UPDATECHECK: 'Off',
    TEMP: temporary,
    TMP: temporary,
    TMPDIR: temporary,
  };
}

/** Facts about machine and account that Windows components look for; none of them names code to load. */
const keptOnWindows = [
  'ALLUSERSPROFILE',
  'COMPUTERNAME',
  'NUMBER_OF_PROCESSORS',
  'OS',
  'PROCESSOR_ARCHITECTURE',
  'USERDOMAIN',
  'USERNAME',
  'USERPROFILE',
];

/** What a .NET on Linux needs to find itself; only the lab runs there. */
const keptElsewhere = ['HOME', 'PATH', 'DOTNET_ROOT', 'LANG', 'DOTNET_SYSTEM_GLOBALIZATION_INVARIANT'];

function windowsBasics(systemRoot: string): Record<string, string> {
  const drive = win32.parse(systemRoot).root.slice(0, 2);
  const system = win32.join(systemRoot, 'System32');
  return {
    SystemRoot: systemRoot,
    windir: systemRoot,
    SystemDrive: drive,
    PATH: `${system};${systemRoot};${win32.join(system, 'Wbem')}`,
    PATHEXT: '.COM;.EXE',
    ProgramData: `${drive}\\ProgramData`,
  };
}

/** @throws CertRebindError `powershell-missing` */
export function assertEngine(path: string): string {
  if (existsSync(path)) return path;
  throw new CertRebindError('powershell-missing', { message: `PowerShell was not found at ${path}.`, where: path });
}

/**
 * Determined once: it walks the stacks of the process, which under Wine takes longer than everything else at a start.
 */
let known: readonly string[] | undefined;

function loadedLibraries(): readonly string[] {
  if (known !== undefined) return known;
  const report: unknown = process.report.getReport();
  const libraries: unknown = isObject(report) ? report.sharedObjects : [];
  known = Array.isArray(libraries) ? libraries.filter((path) => typeof path === 'string') : [];
  return known;
}
