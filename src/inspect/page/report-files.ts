import { resolve } from 'node:path';
import { writeText } from '../../command-line/files.ts';
import type { Shell } from '../../command-line/shell.ts';
import type { Snapshot } from '../../holders/snapshot.ts';
import { demandSafeTarget } from '../../session/safe-paths.ts';
import type { Session } from '../../session/session.ts';

interface Saved {
  /** As it was given. */
  readonly file: string;
  readonly text: string;
  /** The option that named it. */
  readonly where: '--html' | '--csv';
}

/** Writes what a command found into a file, and says so. */
export async function saveReport(shell: Shell, saved: Saved): Promise<void> {
  const file = resolve(saved.file);
  await writeText(file, saved.text, saved.where);
  const what = saved.where === '--html' ? 'page' : 'table';
  shell.result(
    { schema: 'certrebind/report-written/1', file, bytes: Buffer.byteLength(saved.text) },
    () => `The ${what} was saved to ${file}.`,
  );
}

/**
 * What SYSTEM writes, others must not be able to redirect. A capture names the account that made it, and a lab shows what
 * SYSTEM would see; neither is the account that writes.
 */
export async function demandOwnFile(session: Session, { server, account }: Snapshot, file: string): Promise<void> {
  if (server.kind === 'windows' && account === 'system') await demandSafeTarget(session.server, resolve(file));
}
