import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type CampaignSeen, parseCampaign } from '../../documents/campaign.ts';
import { historyOf } from '../../documents/history.ts';
import { parseInventory } from '../../documents/inventory.ts';
import { scopeOf } from '../../documents/scope.ts';
import { endpointsToVerify } from '../../engine/known/endpoints-of-server.ts';
import { wallTime } from '../../engine/plan/change-window.ts';
import { statusOf } from '../../engine/views/server-status.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { assertSafeTarget } from '../../session/safe-paths.ts';
import { searchWritten, withReplaced } from '../../session/search-written.ts';
import { type Session, withServer } from '../../session/session.ts';
import { lookDialling } from '../../session/status/read-status.ts';
import { defineCommand } from '../../shell/command.ts';
import { readDocument, writeText } from '../../shell/files.ts';
import { argument, withSearch } from '../../shell/options.ts';
import type { Clock } from '../../shell/print/terminal-style.ts';
import { localClock } from '../../shell/print/times.ts';
import { version } from '../../shell/version.ts';
import { fleetPage } from './fleet-page.ts';
import { serverPage } from './server-page.ts';

export const report = defineCommand({
  onlyLooks: true,
  examples: [
    ['report --html server.html', 'A page about this server'],
    ['report --html server.html --replay server.json', 'A page about a capture, on any computer'],
    ['report --html fleet.html --inventory fleet.json', 'A page about many servers, from Get-CertRebindInventory'],
  ],
  build: (yargs) =>
    withSearch(yargs)
      .option('html', { ...argument('Save the page to this file'), demandOption: true })
      .option('inventory', argument('Make the page about the servers in this file. No server is read'))
      .option('campaign', argument('Show on it how far the campaign in this file is'))
      .conflicts('inventory', 'replay')
      .implies('campaign', 'inventory'),
  async run(args, invocation) {
    const { shell } = invocation;
    const write = async (text: string) => {
      const file = resolve(args.html);
      await writeText(file, text, '--html');
      const bytes = Buffer.byteLength(text);
      const written = { schema: 'certrebind/report-written/1', file, bytes };
      return shell.result(written, () => `The page was saved to ${file}.`);
    };
    if (args.inventory !== undefined) {
      const campaign = args.campaign === undefined ? null : await readCampaign(args.campaign);
      const inventory = await readDocument(args.inventory, '--inventory', parseInventory);
      return write(fleetPage({ inventory, campaign, version, clock: localClock }));
    }
    return withServer(
      args,
      invocation,
      async (session) => {
        shell.progress.progress({ stage: 'read', done: 0, total: 0, key: null });
        const snapshot = await session.server.snapshot();
        await assertOwnFile(session, snapshot, args.html);
        const seen = await lookDialling(session, snapshot, endpointsToVerify(snapshot));
        const heads = await session.state.listRuns();
        const history = historyOf(heads.map(({ summary }) => summary));
        const [status, scope] = [statusOf(seen), scopeOf(snapshot, seen.facts.wire)];
        const { succession } = seen.renewals;
        const used = status.certificates.map(({ thumbprint }) => thumbprint);
        const searched = await searchWritten(session, args, withReplaced(succession, used, true));
        const clock = clockOf(status.server.timeZone, status.at);
        return write(serverPage({ version, status, scope, history, ...searched, clock }));
      },
      { configuration: 'if-readable' },
    );
  },
});

/** Of the file that `--campaign` names; beside it is another while a console works on it. */
async function readCampaign(file: string): Promise<CampaignSeen> {
  const campaign = await readDocument(file, '--campaign', parseCampaign);
  return { campaign, file, isRunning: existsSync(`${resolve(file)}.lock`) };
}

/**
 * What SYSTEM writes, others must not be able to redirect. A capture names the account that made it, and a lab shows what
 * SYSTEM would see; neither is the account that writes.
 */
async function assertOwnFile(session: Session, { server, account }: Snapshot, file: string): Promise<void> {
  if (server.kind === 'windows' && account === 'system') await assertSafeTarget(session.server, resolve(file));
}

/** The clock on the wall of a server. */
export function clockOf(zone: string | null, at: string): Clock | undefined {
  if (zone === null) return undefined;
  const aheadAt = (moment: Date) => Math.round((wallTime(moment.getTime(), zone) - moment.getTime()) / 60_000);
  try {
    return { aheadNow: aheadAt(new Date(at)), aheadAt };
  } catch {
    // A name that this computer does not know.
    return undefined;
  }
}
