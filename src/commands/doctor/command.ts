import { type FindingCode, findingCodes, findingEntry } from '../../base/codes/finding-codes.ts';
import { CertRebindError } from '../../base/errors.ts';
import { isTrouble } from '../../documents/finding.ts';
import type { Finding } from '../../documents/status.ts';
import { doctorOf, noSuchFinding } from '../../engine/findings/diagnose.ts';
import { endpointsOfServer } from '../../engine/known/endpoints-of-server.ts';
import type { RunRequest } from '../../engine/run/request.ts';
import { askAndRun } from '../../session/run/run.ts';
import { type Session, withServer } from '../../session/session.ts';
import { changeTasks } from '../../session/setup/registration.ts';
import { setUp } from '../../session/setup/set-up.ts';
import { lookDialling, readStatus } from '../../session/status/read-status.ts';
import { defineCommand } from '../../shell/command.ts';
import { argument, flag, parseDays } from '../../shell/options.ts';
import { statusText } from '../../shell/print/status-text.ts';
import { doctorText } from './text.ts';

export const doctor = defineCommand({
  examples: [
    ['doctor', 'Changes nothing; exit 9 when there are errors or warnings'],
    ['doctor --days 30', 'Also report certificates that expire within 30 days'],
    ['doctor --fix orphaned-record --dry-run', 'Show what the repair would change'],
    ['doctor --fix orphaned-record', 'Plan, ask, repair and test. certrebind undo <run> rolls it back'],
  ],
  build: (yargs) =>
    yargs
      .option('fix', argument('Repair every finding of this code'))
      .option('days', argument('Report certificates that expire within this many days'))
      .option('dry-run', flag('With --fix: change nothing')),
  async run(args, invocation) {
    const code = args.fix === undefined ? null : parseCode(args.fix);
    const days = args.days === undefined ? null : parseDays(args.days);
    if (code !== null) return withServer(args, invocation, (session) => repair(session, code, args));
    const examine = async (session: Session) => {
      session.shell.progress.progress({ stage: 'read', done: 0, total: 0, key: null });
      const snapshot = await session.server.snapshot();
      const document = doctorOf(await lookDialling(session, snapshot, endpointsOfServer(snapshot), days));
      return session.shell.result(document, doctorText, isTrouble(document.findings) ? 9 : 0);
    };
    return withServer(args, invocation, examine, { configuration: 'if-readable' });
  },
});

async function repair(session: Session, code: FindingCode, args: Pick<RunRequest, 'dryRun' | 'wait'>): Promise<number> {
  switch (code) {
    case 'binding-without-record':
    case 'binding-falls-back':
    case 'orphaned-record':
    case 'certificate-elsewhere':
    case 'not-restored': {
      // Records are changed as by every other command: planned, agreed to, journaled, verified, and undone by `undo`.
      const byHand = (await findingsNow(session)).filter((found) => found.code === code && found.repair !== 'plan');
      return askAndRun(session, args, { command: 'doctor', wanted: { want: 'repair', repair: code, byHand } });
    }
    case 'task-missing':
    case 'task-changed':
    case 'task-disabled':
      return repairSettings(session, args.dryRun, async () => {
        const { warnings } = await setUp(session, { command: 'enable', wait: args.wait });
        for (const warning of warnings) session.shell.say(warning);
      });
    case 'log-disabled':
      return repairSettings(session, args.dryRun, () => changeTasks(session.server, [{ do: 'enable-lifecycle-log' }]));
    default:
      throw await noRepair(session, code);
  }
}

async function findingsNow(session: Session): Promise<readonly Finding[]> {
  return (await lookDialling(session, await session.server.snapshot(), [])).findings;
}

/** Tasks and their log, as `enable` would set them. */
async function repairSettings(session: Session, dryRun: boolean, change: () => Promise<void>): Promise<number> {
  if (dryRun) session.shell.say('Nothing was changed.');
  else await change();
  return session.shell.result(await readStatus(session), statusText);
}

async function noRepair(session: Session, code: FindingCode): Promise<CertRebindError> {
  const [command] = (await findingsNow(session)).find((finding) => finding.code === code)?.commands ?? [];
  const hint = findingEntry(code)?.hint ?? '';
  return new CertRebindError('no-repair', {
    message: `CertRebind cannot repair ${code} by itself.`,
    hint: command === undefined ? hint : `Type: ${command}`,
    where: '--fix',
  });
}

/** @throws CertRebindError `no-such-finding` with the nearest code */
function parseCode(text: string): FindingCode {
  const entry = findingCodes.find(({ code }) => code === text);
  if (entry === undefined) throw noSuchFinding(text, '--fix');
  return entry.code;
}
