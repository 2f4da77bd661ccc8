import { wrongUse } from '../../base/errors.ts';
import { quoted } from '../../base/safe-text.ts';
import { parseInventory } from '../../documents/inventory.ts';
import { forecastOf } from '../../engine/views/forecast-of-server.ts';
import { withServer } from '../../session/session.ts';
import { lookNow } from '../../session/status/read-status.ts';
import { defineCommand } from '../../shell/command.ts';
import { readDocument } from '../../shell/files.ts';
import { argument } from '../../shell/options.ts';
import { forecastText } from '../../shell/print/forecast-text.ts';
import { forecastOfInventory } from './of-inventory.ts';

export const forecast = defineCommand({
  examples: [
    ['forecast', 'Every renewal until the end of 2029'],
    ['forecast --inventory fleet.json', 'Of many servers, from Get-CertRebindInventory'],
  ],
  build: (yargs) =>
    yargs
      .option('until', { ...argument('The last month, yyyy-mm'), default: '2029-12' })
      .option('inventory', argument('Count for the servers in this file, by rules. No server is read'))
      .conflicts('inventory', 'replay'),
  async run(args, invocation) {
    const { shell } = invocation;
    if (args.inventory !== undefined) {
      const inventory = await readDocument(args.inventory, '--inventory', parseInventory);
      const until = parseMonth(args.until, inventory.takenAt);
      return shell.result(forecastOfInventory(inventory, until), forecastText);
    }
    return withServer(args, invocation, async (session) => {
      const snapshot = await session.server.snapshot();
      const until = parseMonth(args.until, snapshot.takenAt);
      return shell.result(forecastOf(await lookNow(session, snapshot), until), forecastText);
    });
  },
});

/** The first moment after the month. @throws CertRebindError `usage` */
export function parseMonth(text: string, takenAt: string): Date {
  const [, year = '', month = ''] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text) ?? [];
  const [until, now] = [new Date(Date.UTC(Number(year), Number(month), 1)), new Date(takenAt)];
  if (year !== '' && until > now && until.getUTCFullYear() <= now.getUTCFullYear() + 20) return until;
  const takes = 'takes a month from now on such as 2029-12, at most 20 years ahead';
  throw wrongUse('--until', `--until ${takes}, not ${quoted(text, 40)}.`);
}
