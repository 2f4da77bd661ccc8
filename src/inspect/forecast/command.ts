import { defineCommand } from '../../command-line/command.ts';
import { argument } from '../../command-line/options.ts';
import { version } from '../../command-line/version.ts';
import { withServer } from '../../session/session.ts';
import { type CertRebindError, wrongUse } from '../../text/errors.ts';
import { demandOwnFile, readInventory, saveReport } from '../page/report-files.ts';
import { factsOfNow } from '../status/read-status.ts';
import { forecastCsv } from './csv.ts';
import type { CostMinutes, Forecast } from './document.ts';
import { forecastOfInventory } from './of-inventory.ts';
import { forecastOf } from './of-server.ts';
import { forecastPage } from './page.ts';
import { forecastText } from './text.ts';

export const forecast = defineCommand({
  examples: [
    ['forecast', 'Every renewal until the end of 2029'],
    ['forecast --until 2027-12 --minutes blocked=90,person=20', 'A shorter time, with estimates of your own'],
    ['forecast --html forecast.html --inventory fleet.json', 'A page about many servers, from Get-CertRebindInventory'],
  ],
  build: (yargs) =>
    yargs
      .option('until', { type: 'string', default: '2029-12', requiresArg: true, describe: 'The last month, yyyy-mm' })
      .option('minutes', argument('Minutes of a person for a place: blocked=60,person=25,restart=15'))
      .option('html', { type: 'string', requiresArg: true, conflicts: 'csv', describe: 'Save a page to this file' })
      .option('csv', argument('Save a table of all renewals to this file'))
      .option('inventory', {
        type: 'string',
        requiresArg: true,
        conflicts: 'replay',
        describe: 'Count for the servers in this file, by rules. No server is read',
      }),
  async run(args, invocation) {
    const { shell } = invocation;
    const minutes = parseMinutes(args.minutes ?? '');
    const until = parseMonth(args.until);
    const demandAhead = (takenAt: string) => {
      const now = new Date(takenAt);
      if (until <= now || until.getUTCFullYear() > now.getUTCFullYear() + mostYears)
        throw bad('--until', `takes a month from now on, at most ${mostYears} years ahead`, args.until);
    };
    const show = async (forecast: Forecast) => {
      if (args.html !== undefined)
        await saveReport(shell, { file: args.html, text: forecastPage(forecast, version), where: '--html' });
      else if (args.csv !== undefined)
        await saveReport(shell, { file: args.csv, text: forecastCsv(forecast), where: '--csv' });
      else shell.result(forecast, (look) => forecastText(forecast, look));
      return 0;
    };
    if (args.inventory !== undefined) {
      const inventory = await readInventory(args.inventory);
      demandAhead(inventory.takenAt);
      return show(forecastOfInventory(inventory, until, minutes));
    }
    return withServer(args, invocation, async (session) => {
      const snapshot = await session.server.snapshot();
      demandAhead(snapshot.takenAt);
      const file = args.html ?? args.csv;
      if (file !== undefined) await demandOwnFile(session, snapshot, file);
      return show(forecastOf(await factsOfNow(session, snapshot), until, minutes));
    });
  },
});

const mostYears = 20;

/** The first moment after the month. @throws CertRebindError `usage` */
export function parseMonth(text: string): Date {
  const [, year, month] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text) ?? [];
  if (year === undefined) throw bad('--until', 'takes a month such as 2029-12', text);
  return new Date(Date.UTC(Number(year), Number(month), 1));
}

/** The estimates that hold, with those that are given. @throws CertRebindError `usage` */
export function parseMinutes(text: string): CostMinutes {
  const estimates = { blocked: 60, person: 25, restart: 15 };
  for (const word of text === '' ? [] : text.split(',')) {
    const [, cost, minutes] = /^(blocked|person|restart)=(\d{1,4})$/.exec(word.trim()) ?? [];
    if (cost === undefined) throw bad('--minutes', 'takes minutes such as blocked=60,person=25,restart=15', word);
    Object.assign(estimates, { [cost]: Number(minutes) });
  }
  return estimates;
}

function bad(where: string, takes: string, given: string): CertRebindError {
  return wrongUse(where, `${where} ${takes}, not ${JSON.stringify(given.slice(0, 40))}.`);
}
