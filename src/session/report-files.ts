import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type CampaignSeen, parseCampaign } from '../documents/campaign.ts';
import { type Inventory, parseInventory } from '../documents/inventory.ts';
import type { Snapshot } from '../kinds/snapshot.ts';
import { readText, writeText } from '../shell/files.ts';
import type { Shell } from '../shell/shell.ts';
import { assertSafeTarget } from './safe-paths.ts';
import type { Session } from './session.ts';

/** Of the file that `--inventory` names. @throws CertRebindError where it cannot be read or is none (`parseInventory`) */
export async function readInventory(file: string): Promise<Inventory> {
  const from = resolve(file);
  return parseInventory(await readText(from, '--inventory'), from);
}

/** Of the file that `--campaign` names; beside it is another while a console works on it. @throws CertRebindError as above */
export async function readCampaign(file: string): Promise<CampaignSeen> {
  const from = resolve(file);
  const campaign = parseCampaign(await readText(from, '--campaign'), from);
  return { campaign, file, isRunning: existsSync(`${from}.lock`) };
}

/** Writes a page into the file that `--html` names, and says so. */
export async function savePage(shell: Shell, name: string, text: string): Promise<void> {
  const file = resolve(name);
  await writeText(file, text, '--html');
  shell.result(
    { schema: 'certrebind/report-written/1', file, bytes: Buffer.byteLength(text) },
    () => `The page was saved to ${file}.`,
  );
}

/**
 * What SYSTEM writes, others must not be able to redirect. A capture names the account that made it, and a lab shows what
 * SYSTEM would see; neither is the account that writes.
 */
export async function assertOwnFile(session: Session, { server, account }: Snapshot, file: string): Promise<void> {
  if (server.kind === 'windows' && account === 'system') await assertSafeTarget(session.server, resolve(file));
}
