import { defineCommand } from '../../command-line/command.ts';
import { withServer } from '../../session/session.ts';
import { CertRebindError } from '../../text/errors.ts';
import { factsOfNow } from '../status/read-status.ts';
import type { CostMinutes } from './document.ts';
import { forecastOf } from './forecast.ts';
import { forecastText } from './text.ts';

export const forecast = defineCommand({
  examples: [
    ['forecast', 'Every renewal until the end of 2029'],
    ['forecast --until 2027-12 --minutes blocked=90,person=20', 'A shorter time, with estimates of your own'],
    ['forecast --replay server.json', 'Of a capture, on any computer'],
  ],
  build: (yargs) =>
    yargs
      .option('until', { type: 'string', default: '2029-12', requiresArg: true, describe: 'The last month, yyyy-mm' })
      .option('minutes', {
        type: 'string',
        requiresArg: true,
        describe: 'Minutes of a person for a place: blocked=60,person=25,restart=15',
      }),
  run(args, invocation) {
    const minutes = parseMinutes(args.minutes ?? '');
    const until = parseMonth(args.until);
    return withServer(args, invocation, async (session) => {
      const snapshot = await session.server.snapshot();
      const now = new Date(snapshot.takenAt);
      if (until <= now || until.getUTCFullYear() > now.getUTCFullYear() + mostYears)
        throw bad('--until', `takes a month from now on, at most ${mostYears} years ahead`, args.until);
      const document = forecastOf(await factsOfNow(session, snapshot), until, minutes);
      invocation.shell.result(document, (look) => forecastText(document, look));
      return 0;
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
  return new CertRebindError('usage', {
    message: `${where} ${takes}, not ${JSON.stringify(given.slice(0, 40))}.`,
    where,
  });
}
