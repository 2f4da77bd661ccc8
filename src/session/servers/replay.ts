import { wrongUse } from '../../base/errors.ts';
import type { ServerSource } from '../../shell/servers.ts';

/** A server as `capture` wrote it down, also in a file for the developers. */
export const replay: ServerSource = {
  kind: 'replay',
  option: '--replay <file>',
  meant: ({ server, replay: file }) => (file !== undefined || server === 'replay' ? 'named' : 'no'),
  async open({ replay: file }) {
    if (file === undefined) throw wrongUse('--replay', '--server replay needs --replay <file>.');
    const [{ readText }, { parseCapture }, { replayServer }] = await Promise.all([
      import('../../shell/files.ts'),
      import('../../documents/snapshot-document.ts'),
      import('../../server/replay/replay-server.ts'),
    ]);
    const captured = parseCapture(await readText(file, '--replay'), file);
    return { server: replayServer(captured), home: null, executable: null, place: null, beforeStarts: async () => {} };
  },
};
