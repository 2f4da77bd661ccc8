import { type ErrorDocument, errorDocument } from '../../base/errors.ts';
import { type Refusal, refusalOf, withoutRefusals, withRefusal } from '../../documents/refused.ts';
import { refusedFile } from '../../engine/state/found-files.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { deliver } from '../notify/deliver.ts';
import { prepareState } from '../safe-state.ts';
import { clock, type FailedStart, type Session } from '../session.ts';
import { notifyFindings } from './notify-findings.ts';

/** What a hook wants, as far as it is known when it is refused. */
export interface Attempt extends Pick<Refusal, 'command' | 'what'> {
  certificate: Certificate | Thumbprint | null;
}

/**
 * Remembers that nothing came of it and tells people, where nobody was there to see it: clients call a hook once a
 * renewal, and log what it says at most.
 */
export async function rememberRefusal(
  session: Session,
  { certificate, command, what }: Attempt,
  { exitCode, error }: Pick<ErrorDocument, 'exitCode'> & { readonly error: Parameters<typeof refusalOf>[2] },
): Promise<void> {
  const { home, server } = session;
  if (home === null || session.shell.isAtTerminal) return;
  await session.state.assertSafe();
  await prepareState(session);
  // A server that cannot be worked on is not asked again.
  const snapshot = exitCode === 7 ? null : await server.snapshot().catch(() => null);
  const meant =
    typeof certificate === 'string'
      ? snapshot?.certificates.find((one) => one.thumbprint === certificate)
      : certificate;
  const file = refusedFile(home);
  const at = clock.now().toISOString();
  await file.write(withRefusal(await file.read(), refusalOf({ at, command, what }, meant ?? null, error)));
  if (snapshot !== null) await notifyFindings(session, snapshot);
  await deliver(session);
}

/** For `withServer`. */
export function refused(attempt: Attempt) {
  return async (thrown: unknown, { session }: FailedStart): Promise<void> => {
    if (session !== null) await rememberRefusal(session, attempt, errorDocument(thrown));
  };
}

/** A later success ends what was refused before it; not to remember that changes no success. */
export async function forgetRefusals(
  { home }: Session,
  done: Pick<Attempt, 'command' | 'what'> & { readonly certificate: Certificate | null },
): Promise<void> {
  if (home === null) return;
  const file = refusedFile(home);
  const before = await file.read();
  const left = withoutRefusals(before, done);
  if (left.refusals.length < before.refusals.length) await file.write(left).catch(() => {});
}
