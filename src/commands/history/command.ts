import { CertRebindError } from '../../base/errors.ts';
import { type History, historyOf } from '../../documents/history.ts';
import type { Counts } from '../../documents/runs/outcome.ts';
import { selectRun, shortRunNames } from '../../documents/runs/select-run.ts';
import { openRunText } from '../../engine/findings/open-runs.ts';
import { type Session, serverCommand } from '../../session/session.ts';
import { openRuns } from '../../session/status/read-open-runs.ts';
import { pastOutcomeText } from '../../shell/print/outcome-text.ts';
import { countedText, resultText, resultTones } from '../../shell/print/phrases.ts';
import { flexible, renderTable } from '../../shell/print/table.ts';
import type { TerminalStyle } from '../../shell/print/terminal-style.ts';
import { when, zoneOf } from '../../shell/print/times.ts';

export const history = serverCommand({
  onlyLooks: true,
  examples: [
    ['history', 'All runs, oldest first'],
    ['history last', 'The outcome of the last run'],
    ['history 20260131-0915', 'The outcome of the run whose name begins with this'],
  ],
  build: (yargs) => yargs.positional('run', { type: 'string', describe: 'Name of a run or its beginning, or: last' }),
  configuration: 'if-readable',
  async run(session, { run }) {
    if (run === undefined) await showAll(session);
    else await showOne(session, run);
    return 0;
  },
});

async function showAll(session: Session): Promise<void> {
  const heads = await session.state.listRuns();
  const history = historyOf(heads.map(({ summary }) => summary));
  session.shell.result(history, historyText);
  for (const { run, unreadable } of heads) {
    if (unreadable !== null)
      session.shell.say(`Run ${run} cannot be shown: ${unreadable.message}\n${unreadable.hint ?? ''}`);
  }
  for (const open of await openRuns(session)) session.shell.say(openRunText(open));
}

/** @param meant its name, the beginning of it, or `last` @throws CertRebindError `no-such-run` or `ambiguous-run` */
async function showOne({ state, shell }: Session, meant: string): Promise<void> {
  const names = (await state.listRuns()).map(({ run }) => run);
  const run = selectRun(meant, names);
  const { outcome } = await state.readRun(run);
  if (outcome === null)
    throw new CertRebindError('no-such-run', {
      message: `Run ${run} is not finished and has no outcome yet.`,
      hint: 'The next command that changes something recovers it first:\n  certrebind reconcile',
    });
  shell.result(outcome, pastOutcomeText);
}

function historyText({ runs }: History, look: TerminalStyle): string {
  if (runs.length === 0) return 'There are no runs yet.';
  const short = look.width === null ? null : shortRunNames(runs.map(({ run }) => run));
  const rows = runs.map(({ run, at, result, counts, certificates, origin }) => [
    short?.get(run) ?? run,
    when(at, look),
    { text: resultText(result, origin?.command === 'undo'), tone: resultTones[result] },
    certificates.length === 0 ? '-' : certificates,
    countsText(counts),
  ]);
  const columns = ['run', `at (${zoneOf(look)})`, 'result', flexible('certificate'), flexible('places')];
  return renderTable(columns, rows, look);
}

function countsText({ changed, blocked, undone, failed, stillOld, waiting }: Counts): string {
  return countedText({ changed, blocked, waiting, undone, failed, 'not yet served': stillOld }) || '-';
}
