import { CertRebindError, errorDocument } from '../../base/errors.ts';
import { isNonce, type ProofAnswer } from '../../documents/proof.ts';
import { hashOfFile } from '../../engine/state/program-files.ts';
import { type ProofFiles, proofFiles } from '../../engine/state/proof-files.ts';
import { recordsOf } from '../../kinds/holder.ts';
import { assertSafeState } from '../../session/safe-state.ts';
import { clock } from '../../session/session.ts';
import type { Invocation } from '../../shell/command.ts';
import { defaults } from '../../shell/globals.ts';
import { type OpenedServer, openServer } from '../../shell/servers.ts';
import { systemError } from '../../shell/shell.ts';
import { version } from '../../shell/version.ts';

/**
 * What the task of a proof starts: reads the server and writes the result down. Takes no lock, needs no configuration,
 * and changes nothing on the server. It answers only if a proof is waiting, in a state folder that was checked; if the
 * folder cannot be checked because the server does not answer, that is the answer.
 */
export async function prove([nonce = '', ...more]: readonly string[], { shell, servers }: Invocation): Promise<number> {
  const opened = await openServer(servers, defaults, shell.env);
  try {
    const { home } = opened;
    if (home === null || !isNonce(nonce) || more.length > 0) throw notAsked();
    const files = proofFiles(home);
    try {
      await assertSafeState(opened);
      if (!(await files.isAsked(nonce))) throw notAsked();
      await files.answer(await answerFor(nonce, opened));
      return 0;
    } catch (thrown) {
      await tell(thrown, nonce, opened, files);
      throw thrown;
    }
  } finally {
    await opened.server.close();
  }
}

async function answerFor(nonce: string, opened: OpenedServer): Promise<ProofAnswer> {
  const { account, sites, holders, certificates, tasks } = await opened.server.snapshot();
  return {
    ...(await unread(nonce, opened)),
    account,
    read: {
      sites: sites.length,
      records: recordsOf({ holders }).length,
      certificates: certificates.length,
      tasks: tasks.length,
    },
  };
}

/** Nobody sees what the task prints, so the waiting proof is told why it cannot work. */
async function tell(thrown: unknown, nonce: string, opened: OpenedServer, files: ProofFiles): Promise<void> {
  const { error } = errorDocument(systemError(thrown));
  // A folder that others could change is not written to; the exit code of the task tells the reason.
  if (error.code === 'unsafe-folder' || !(await files.isAsked(nonce))) return;
  const { code, message, hint } = error;
  await files.answer({ ...(await unread(nonce, opened)), error: { code, message, hint } });
}

async function unread(nonce: string, { place, server }: OpenedServer): Promise<ProofAnswer> {
  return {
    schema: 'certrebind/proof-answer/1',
    nonce,
    at: clock.now().toISOString(),
    version,
    sha256: await hashOfFile(place?.running.file ?? process.execPath),
    account: 'unknown',
    engine: server.cost().engine ?? null,
    read: null,
    error: null,
  };
}

function notAsked(): CertRebindError {
  return new CertRebindError('usage', {
    message: 'Only a test task of CertRebind uses prove, and no such test is active.',
    hint: 'To test the installation:\n  certrebind enable',
  });
}
