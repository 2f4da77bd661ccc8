import { resolve } from 'node:path';
import { windows } from '../../session/servers/windows.ts';
import { folderInPlace, folderOfVersion, type RunningProgram } from '../../shell/running-program.ts';
import type { ServerSource } from '../../shell/servers.ts';
import { labFolderOf } from '../commands/folder.ts';
import { labAccounts } from '../windows/system-root.ts';
import { inLab, labPlace } from './lab.ts';

/**
 * The Windows server of the program with the lab: with a lab named as well, the Windows side on a real PowerShell in
 * front of that lab; without one this machine.
 */
export const windowsOrLab: ServerSource = windowsOrLabAround();

/** @param running as of `labAround` */
export function windowsOrLabAround(running?: RunningProgram): ServerSource {
  return {
    ...windows,
    meant(choice, env) {
      const isStartedByLab = choice.server === undefined && choice.lab === undefined && choice.replay === undefined;
      if (isStartedByLab && hasLab(choice.lab, env) && env.CERTREBIND_LAB_SERVER === 'windows') return 'default';
      return windows.meant(choice, env);
    },
    async open(choice, env) {
      if (!hasLab(choice.lab, env)) return windows.open(choice, env);
      const { openWindowsLabServer } = await import('../windows/open.ts');
      const folder = resolve(labFolderOf(choice.lab, env));
      const place = labPlace(folder, running);
      const programFolder = await folderInPlace(place);
      const account = labAccounts.find((one) => one === env.CERTREBIND_LAB_ACCOUNT) ?? 'system';
      const options = { env, programFolder, placed: folderOfVersion(place), account };
      const { server, rememberServer } = await openWindowsLabServer(folder, options);
      return { server, ...(await inLab(folder, place)), beforeStarts: () => rememberServer('windows') };
    },
  };
}

function hasLab(lab: string | undefined, env: NodeJS.ProcessEnv): boolean {
  return (lab ?? env.CERTREBIND_LAB ?? '') !== '';
}
