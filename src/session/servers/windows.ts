import { CertRebindError } from '../../base/errors.ts';
import { folderInPlace, folderOfVersion, isPackaged, placeIn, taskProgram } from '../../shell/running-program.ts';
import type { ServerSource } from '../../shell/servers.ts';

/** This machine, when it is a Windows one. */
export const windows: ServerSource = {
  kind: 'windows',
  option: null,
  meant({ server }) {
    if (server === 'windows') return 'named';
    return server === undefined && process.platform === 'win32' ? 'default' : 'no';
  },
  async open(_choice, env) {
    if (process.platform !== 'win32') {
      throw new CertRebindError('no-server', { message: 'This computer is not a Windows server.' });
    }
    const { openThisServer, stableFolder } = await import('../../server/windows/this-server.ts');
    const { findAdapterScript } = await import('../../server/windows/adapter-script.ts');
    const folder = stableFolder();
    const place = placeIn(folder, { file: process.execPath, packaged: isPackaged() });
    // The adapter script is taken from the one place that only administrators can change: any user could put another
    // script beside a downloaded program, and replace it after it was checked.
    const script = findAdapterScript(await folderInPlace(place), { placed: folderOfVersion(place) });
    const { server, home } = openThisServer(script, env);
    return { server, home, executable: await taskProgram(place), place, beforeStarts: async () => {} };
  },
};
