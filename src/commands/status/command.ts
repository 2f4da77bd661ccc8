import { resolve } from 'node:path';
import { wrongUse } from '../../base/errors.ts';
import { isTrouble } from '../../documents/finding.ts';
import { endpointsToVerify } from '../../engine/known/endpoints-of-server.ts';
import { prometheusText } from '../../engine/views/metrics-text.ts';
import { statusOf } from '../../engine/views/server-status.ts';
import { serverCommand } from '../../session/session.ts';
import { lookDialling, lookNow } from '../../session/status/read-status.ts';
import { writeMetrics } from '../../session/status/write-metrics.ts';
import { argument, flag, parseDays } from '../../shell/options.ts';
import { briefText, statusText } from '../../shell/print/status-text.ts';
import { version } from '../../shell/version.ts';

export const status = serverCommand({
  onlyLooks: true,
  examples: [
    ['status', 'At most five things to do, each with what to type'],
    ['status --brief', 'One line: how it is, the worst thing, and what to type'],
    ['status --full', 'All that is found, with codes and causes; pending renewals and tasks'],
    ['status --check', 'Exit code 9 if there is an error or a warning'],
    ['status --format prometheus --out C:\\Metrics\\certrebind.prom', 'For the textfile collector of Prometheus'],
    ['status --check --days 30', 'Also report certificates without a renewal that expire within 30 days'],
  ],
  build: (yargs) =>
    yargs
      .option('format', { choices: ['prometheus'] as const, requiresArg: true, describe: 'Numbers for monitoring' })
      .option('brief', { type: 'boolean', describe: 'One line', conflicts: 'format' })
      .option('dial', flag('Dial every endpoint now, as verify does. Otherwise: what was seen last'))
      .option('out', argument('With --format: write to this file, ending in .prom'))
      .option('check', flag('Exit with code 9 if there is an error or a warning'))
      .option('days', argument('Report certificates that expire within this many days')),
  configuration: 'if-readable',
  read({ days, out, format }) {
    const withinDays = days === undefined ? null : parseDays(days);
    if (out !== undefined && format === undefined) throw wrongUse('--out', '--out needs --format.');
    return withinDays;
  },
  async run(session, args, withinDays) {
    const snapshot = await session.server.snapshot();
    if (args.out !== undefined) {
      const file = resolve(args.out);
      await writeMetrics(session, file, snapshot);
      session.shell.say(`The metrics were saved to ${file}.`);
      return 0;
    }
    const look = args.dial
      ? await lookDialling(session, snapshot, endpointsToVerify(snapshot), withinDays)
      : await lookNow(session, snapshot, withinDays);
    const document = statusOf(look);
    const text = args.brief === true ? briefText : statusText;
    return session.shell.result(
      document,
      args.format === 'prometheus' ? () => prometheusText(document, version).trimEnd() : text,
      args.check && isTrouble(document.findings) ? 9 : 0,
    );
  },
});
