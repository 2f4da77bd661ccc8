import { CertRebindError } from '../../model/errors.ts';
import { installedFolder, isPackaged, placeIn, taskProgram } from '../session/running-program.ts';
import type { ServerSource } from '../session/servers.ts';

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
      throw new CertRebindError('no-server', { message: 'This machine is not a Windows server.' });
    }
    const { openThisServer, stableFolder } = await import('../../server/windows/this-server.ts');
    const folder = stableFolder();
    const place = placeIn(folder, { file: process.execPath, packaged: isPackaged() });
    const { server, home } = await openThisServer({ programFolder: installedFolder(place), env });
    return { server, home, executable: taskProgram(place), place, whenEnabled: async () => {} };
  },
};
