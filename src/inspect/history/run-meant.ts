import { selectRun } from '../../documents/runs/select-run.ts';
import type { State } from '../../state/state.ts';

/**
 * The run that the command line means: its name, the beginning of it, or `last`.
 * @throws CertRebindError `no-such-run` or `ambiguous-run`
 */
export async function runMeant(text: string, state: Pick<State, 'listRuns'>): Promise<string> {
  return selectRun(
    text,
    (await state.listRuns()).map(({ run }) => run),
  );
}
