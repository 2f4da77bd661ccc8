import { version } from '../../command-line/version.ts';
import type { Snapshot } from '../../holders/snapshot.ts';
import { demandSafeTarget } from '../../session/safe-paths.ts';
import type { Session } from '../../session/session.ts';
import { writeFileAtomically } from '../../state/atomic-file.ts';
import { CertRebindError, messageFrom } from '../../text/errors.ts';
import { prometheusText } from './metrics-text.ts';
import { factsOfNow } from './read-status.ts';
import { statusOf } from './server-status.ts';

/** Readable for the exporter, which is not an administrator. */
const readableByAll = 0o644;

/**
 * Writes the numbers to a file that a textfile collector reads: under another name, then renamed, so that nobody reads
 * half a file.
 * @throws CertRebindError `unsafe-folder` where others could put something in its place, `not-writable`
 */
export async function writeMetrics(session: Session, file: string, snapshot: Snapshot): Promise<void> {
  await demandSafeTarget(session.server, file, ', so it could redirect what SYSTEM writes');
  const text = prometheusText(statusOf(await factsOfNow(session, snapshot)), version);
  await writeFileAtomically(file, text, readableByAll).catch((cause: unknown) => {
    const message = `${file} cannot be written: ${messageFrom(cause)}`;
    throw new CertRebindError('not-writable', { message, where: file, cause });
  });
}
