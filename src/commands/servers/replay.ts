import { CertRebindError } from '../../model/errors.ts';
import { parseSnapshot } from '../../model/snapshot-document.ts';
import { replayServer } from '../../server/replay/replay-server.ts';
import type { ServerSource } from '../session/servers.ts';
import { readText } from '../shell/files.ts';

/** A server as `capture` wrote it down. */
export const replay: ServerSource = {
  kind: 'replay',
  option: '--replay <file>',
  meant: ({ server, replay: file }) => (file !== undefined || server === 'replay' ? 'named' : 'no'),
  async open({ replay: file }) {
    if (file === undefined)
      throw new CertRebindError('usage', { message: '--server replay needs --replay <file>.', where: '--replay' });
    const captured = parseSnapshot(await readText(file, '--replay'), file);
    return { server: replayServer(captured), home: null, executable: null, place: null, whenEnabled: async () => {} };
  },
};
