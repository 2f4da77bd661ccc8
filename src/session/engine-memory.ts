import type { OpenedServer } from '../command-line/servers.ts';
import { engineFile } from '../state/engine-file.ts';
import { CertRebindError } from '../text/errors.ts';

type Opened = Pick<OpenedServer, 'server' | 'home'>;

/** Only for hourly starts, before their first question: a script that was refused today is not tried again. */
export async function recallRefusal({ server, home }: Opened, now: Date): Promise<void> {
  if (home === null) return;
  const refusal = await engineFile(home).readRefusal(now);
  if (refusal !== null) server.recall?.(refusal);
}

/**
 * Only after the folder was found safe, because a folder that others could change is not written to. A failure to write
 * this does not end a run.
 */
export async function rememberRefusal({ server, home }: Opened, now: Date): Promise<void> {
  const { engine } = server.cost();
  if (home === null || engine === undefined) return;
  const file = engineFile(home);
  const known = await file.readRefusal(now);
  try {
    if (engine.way === 'file') {
      if (known !== null) await file.forgetRefusal();
    } else if (engine.because.cause === 'execution-policy' && engine.because.at !== known?.at) {
      await file.writeRefusal(engine.because);
    }
  } catch (error) {
    if (!(error instanceof CertRebindError)) throw error;
  }
}
