import { endpointsToVerify } from '../../engine/known/endpoints-of-server.ts';
import { isAllRight, verifyOf } from '../../engine/views/server-verify.ts';
import { serverCommand } from '../../session/session.ts';
import { lookDialling } from '../../session/status/read-status.ts';
import { verifyText } from './text.ts';

export const verify = serverCommand({
  onlyLooks: true,
  examples: [
    ['verify', 'Exit code 9 if clients do not get what they should'],
    ['verify --full', 'Every endpoint, not only those with a problem'],
    ['verify --json', 'The same as a JSON document'],
  ],
  async run(session) {
    const { shell } = session;
    shell.progress.progress({ stage: 'read', done: 0, total: 0, key: null });
    const snapshot = await session.server.snapshot();
    const expected = endpointsToVerify(snapshot);
    const document = verifyOf(await lookDialling(session, snapshot, expected), expected);
    return shell.result(document, verifyText, isAllRight(document) ? 0 : 9);
  },
});
