import { isTrouble } from '../../documents/finding.ts';
import { endpointsToVerify, type ServerEndpoint } from '../../plan/endpoints-of-server.ts';
import { serverCommand } from '../../session/session.ts';
import { doctorFacts } from '../status/read-status.ts';
import type { VerifiedEndpoint } from './document.ts';
import { observeWire } from './observe-wire.ts';
import { verifyOf } from './server-verify.ts';
import { verifyText } from './text.ts';

export const verify = serverCommand({
  examples: [
    ['verify', 'Exit code 0 if every endpoint serves what it should, 9 if not'],
    ['verify --full', 'Every endpoint, not only those with a problem'],
    ['verify --json', 'The same as a JSON document'],
  ],
  build: (yargs) => yargs,
  async run(session, _args, invocation) {
    const { shell } = invocation;
    shell.progress.progress({ stage: 'read', done: 0, total: 0, key: null });
    const snapshot = await session.server.snapshot();
    const expected = endpointsToVerify(snapshot);
    const seen = await observeWire(session, invocation, expected, snapshot.certificates);
    const document = verifyOf(await doctorFacts(session, snapshot, { wire: seen, days: null }));
    const { endpoints, findings } = document;
    shell.result(document, (look) => verifyText(document, look));
    return somethingWasSeen(expected, endpoints) && !isTrouble(findings) && endpoints.every(isFine) ? 0 : 9;
  },
});

/** An endpoint that cannot be dialled from here is not a finding, but if none can, nothing was verified. */
function somethingWasSeen(expected: readonly ServerEndpoint[], endpoints: readonly VerifiedEndpoint[]): boolean {
  return expected.every(({ skipped }) => skipped !== null) || endpoints.some(({ result }) => result !== 'skipped');
}

function isFine({ matches, result }: VerifiedEndpoint): boolean {
  return matches === true || result === 'skipped' || (result === 'served' && matches === null);
}
