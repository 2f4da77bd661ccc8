import { CertRebindError } from '../../model/text/errors.ts';
import type { ServerSource } from '../session/servers.ts';

/** A server as `capture` wrote it down. */
export const replay: ServerSource = {
  kind: 'replay',
  option: '--replay <file>',
  meant: ({ server, replay: file }) => (file !== undefined || server === 'replay' ? 'named' : 'no'),
  async open({ replay: file }) {
    if (file === undefined)
      throw new CertRebindError('usage', { message: '--server replay needs --replay <file>.', where: '--replay' });
    const [{ readText }, { parseSnapshot }, { replayServer }] = await Promise.all([
      import('../shell/files.ts'),
      import('../../model/documents/snapshot-document.ts'),
      import('../../server/replay/replay-server.ts'),
    ]);
    const captured = parseSnapshot(await readText(file, '--replay'), file);
    return { server: replayServer(captured), home: null, executable: null, place: null, beforeStarts: async () => {} };
  },
};
