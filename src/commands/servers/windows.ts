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
  async open() {
    throw new CertRebindError('no-server', {
      message: 'This version does not work on a Windows server yet.',
    });
  },
};
