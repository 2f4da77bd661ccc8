import { resolve } from 'node:path';
import { CertRebindError, wrongUse } from '../../base/errors.ts';
import type { OpenLab } from '../host/channel.ts';

/** The parts of a command line that can name a lab: an existing folder, or the option. */
export interface LabArguments {
  readonly dir?: string | undefined;
  readonly lab?: string | undefined;
}

/**
 * The folder that is named, either way; `undefined` if none is.
 * @throws CertRebindError `usage` when both ways name different ones
 */
export function labNamed({ dir, lab }: LabArguments): string | undefined {
  if (dir === undefined || lab === undefined || resolve(dir) === resolve(lab)) return dir ?? lab;
  throw wrongUse('--lab', `Which lab is meant, ${dir} or ${lab}?`);
}

/** The folder that a command is to work on: named last wins over the environment of the lab's own scheduler. */
export function labFolderOf(lab: string | undefined, env: NodeJS.ProcessEnv): string {
  const folder = lab ?? env.CERTREBIND_LAB;
  if (folder !== undefined && folder !== '') return resolve(folder);
  throw wrongUse('--lab', 'Which lab? Add --lab <dir>.');
}

/** Works with a lab, served or not, and releases it in any case. */
export async function withLab(
  lab: string | undefined,
  env: NodeJS.ProcessEnv,
  work: (lab: OpenLab) => Promise<number>,
): Promise<number> {
  const [{ openLab }, { ChannelSilent }] = await Promise.all([
    import('../host/channel.ts'),
    import('../client/server-over-channel.ts'),
  ]);
  const opened = await openLab(labFolderOf(lab, env));
  try {
    return await work(opened);
  } catch (thrown) {
    if (!(thrown instanceof ChannelSilent)) throw thrown;
    throw new CertRebindError('server-unreachable', {
      message: `The lab did not answer: ${thrown.message}.`,
      hint: 'A fault may be armed in it; see certrebind lab fault, and disarm it with --clear.',
    });
  } finally {
    await opened.close();
  }
}
