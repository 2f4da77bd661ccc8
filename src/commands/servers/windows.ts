import { dirname } from 'node:path';
import { CertRebindError } from '../../model/errors.ts';
import type { ServerSource } from '../shell/servers.ts';

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
    const { openThisServer } = await import('../../server/windows/this-server.ts');
    // Packaged, the program is the executable itself, and the adapter script lies beside it once installed.
    const programFolder = 'pkg' in process ? dirname(process.execPath) : null;
    const { server, home } = await openThisServer({ programFolder, env });
    return { server, home, executable: process.execPath, whenEnabled: async () => {} };
  },
};
