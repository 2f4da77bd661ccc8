import { resolve } from 'node:path';
import { statusOf } from '../findings/server-status.ts';
import { verifyOf } from '../findings/server-verify.ts';
import { parseInventory } from '../model/documents/inventory.ts';
import type { Snapshot } from '../model/documents/snapshot.ts';
import { historyOf } from '../model/runs/history.ts';
import { endpointsOfServer } from '../plan/endpoints-of-server.ts';
import { fleetPage } from '../report/fleet-page.ts';
import { serverPage } from '../report/server-page.ts';
import { readSnapshot } from '../server/server.ts';
import { observeWire } from './session/observe-wire.ts';
import { doctorFacts } from './session/read-status.ts';
import { demandSafeTarget } from './session/safe-paths.ts';
import { withServer } from './session/session.ts';
import { defineCommand } from './shell/command.ts';
import { readText, writeText } from './shell/files.ts';
import { version } from './shell/version.ts';

export const report = defineCommand({
  examples: [
    ['report --html server.html', 'A page about this server'],
    ['report --html server.html --replay server.json', 'A page about a capture, on any computer'],
    ['report --html fleet.html --inventory fleet.json', 'A page about many servers, from Get-CertRebindInventory'],
  ],
  build: (yargs) =>
    yargs
      .option('html', {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: 'Save the page to this file',
      })
      .option('inventory', {
        type: 'string',
        requiresArg: true,
        conflicts: 'replay',
        describe: 'Make the page about the servers in this file. No server is read',
      }),
  async run(args, invocation) {
    const file = resolve(args.html);
    const { shell } = invocation;
    const write = async (text: string) => {
      await writeText(file, text, '--html');
      shell.result(
        { schema: 'certrebind/report-written/1', file, bytes: Buffer.byteLength(text) },
        () => `The page was saved to ${file}.`,
      );
      return 0;
    };
    if (args.inventory !== undefined) {
      const from = resolve(args.inventory);
      const inventory = parseInventory(await readText(from, '--inventory'), from);
      return write(fleetPage({ inventory, version }));
    }
    return withServer(
      args,
      invocation,
      async (session) => {
        shell.progress.progress({ stage: 'read', done: 0, total: 0, key: null });
        const snapshot = await readSnapshot(session.server);
        if (isRunAsSystem(snapshot)) await demandSafeTarget(session.server, file);
        const endpoints = await observeWire(session, invocation, endpointsOfServer(snapshot), snapshot.certificates);
        const facts = await doctorFacts(session, snapshot, { wire: endpoints, days: null });
        const heads = await session.state.listRuns();
        const text = serverPage({
          takenAt: snapshot.takenAt,
          version,
          status: statusOf(facts),
          verify: verifyOf(facts),
          history: historyOf(heads.map(({ summary }) => summary)),
        });
        return write(text);
      },
      { configuration: 'if-readable' },
    );
  },
});

/**
 * A capture names the account that made it, and a lab shows what SYSTEM would see; neither is the account that writes.
 */
function isRunAsSystem({ server, account }: Snapshot): boolean {
  return server.kind === 'windows' && account === 'system';
}
