import { CertRebindError, messageFrom } from '../../base/errors.ts';
import { writeFileAtomically } from '../../engine/state/files.ts';
import { prometheusText } from '../../engine/views/metrics-text.ts';
import { statusOf } from '../../engine/views/server-status.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { version } from '../../shell/version.ts';
import { assertSafeTarget } from '../safe-paths.ts';
import type { Session } from '../session.ts';
import { lookNow } from './read-status.ts';

/** Readable for the exporter, which is not an administrator. */
const readableByAll = 0o644;

/**
 * Writes the numbers to a file that a textfile collector reads: under another name, then renamed, so that nobody reads
 * half a file.
 * @throws CertRebindError `unsafe-folder` where others could put something in its place, `not-writable`
 */
export async function writeMetrics(session: Session, file: string, snapshot: Snapshot): Promise<void> {
  await assertSafeTarget(session.server, file, ', so it could redirect what SYSTEM writes');
  const text = prometheusText(statusOf(await lookNow(session, snapshot)), version);
  await writeFileAtomically(file, text, readableByAll).catch((cause: unknown) => {
    const message = `${file} cannot be written: ${messageFrom(cause)}`;
    throw new CertRebindError('not-writable', { message, where: file, cause });
  });
}
