import { existsSync } from 'node:fs';
import { win32 } from 'node:path';
import type { Server } from '../server.ts';
import type { AdapterScript } from './adapter-script.ts';
import { assertEngine, engineEnvironment, windowsFolders, windowsPowerShell } from './engine.ts';
import { WindowsServer } from './windows-server.ts';

/**
 * The Windows that this process runs on, and its fixed state folder, whether that exists or not. Starts nothing before the
 * first question.
 * @throws CertRebindError `powershell-missing`
 */
export function openThisServer(
  script: AdapterScript,
  env: Readonly<Record<string, string | undefined>>,
): { readonly server: Server; readonly home: string } {
  const folders = windowsFolders();
  const { systemRoot } = folders;
  const home = win32.join(win32.parse(systemRoot).root, 'ProgramData', 'CertRebind');
  // PowerShell writes a file there to find out whether application control is in force, so the folder must exist. Until
  // `enable` has created our own it is the one of Windows, where users may add files and change only their own.
  const own = win32.join(home, 'temp');
  const temporary = existsSync(own) ? own : win32.join(systemRoot, 'Temp');
  const server = new WindowsServer({
    engine: assertEngine(windowsPowerShell(folders)),
    script,
    env: engineEnvironment(env, { systemRoot, temporary }),
    systemRoot,
    systemFolder: folders.system,
    changingFile: win32.join(home, 'changing'),
  });
  return { server, home };
}

/** `%ProgramW6432%\\CertRebind`; derived from the folder of Windows, because environment variables are not trusted. */
export function stableFolder(): string {
  return win32.join(win32.parse(windowsFolders().systemRoot).root, 'Program Files', 'CertRebind');
}
