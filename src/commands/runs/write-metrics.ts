import { statusOf } from '../../findings/server-status.ts';
import type { Snapshot } from '../../model/documents/snapshot.ts';
import { CertRebindError, messageFrom } from '../../model/text/errors.ts';
import { prometheusText } from '../../report/prometheus.ts';
import { writeFileAtomically } from '../../state/atomic-file.ts';
import { factsOfNow } from '../session/read-status.ts';
import { demandSafeTarget } from '../session/safe-paths.ts';
import type { Session } from '../session/session.ts';
import { version } from '../shell/version.ts';

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
