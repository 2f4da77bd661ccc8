import { CertRebindError } from '../../model/text/errors.ts';
import { engineFile } from '../../state/engine-file.ts';
import type { OpenedServer } from './servers.ts';

type Opened = Pick<OpenedServer, 'server' | 'home'>;

/** What hourly starts do before their first question: a script that was refused today is not tried again. */
export async function recallRefusal({ server, home }: Opened, now: Date): Promise<void> {
  if (home === null) return;
  const refusal = await engineFile(home).readRefusal(now);
  if (refusal !== null) server.recall?.(refusal);
}

/**
 * Only once the folder was found safe: what others could have changed is not written into. It is no reason to end a run
 * that this could not be written.
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
