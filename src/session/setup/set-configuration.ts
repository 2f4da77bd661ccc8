import { dirname } from 'node:path';
import { asResult, CertRebindError } from '../../base/errors.ts';
import { type Configuration, defaultConfiguration, parseConfiguration } from '../../documents/configuration.ts';
import { ensureFolder, writeFileAtomically } from '../../engine/state/files.ts';
import type { Invocation } from '../../shell/command.ts';
import { readTextIfThere } from '../../shell/files.ts';
import type { GlobalArguments } from '../../shell/globals.ts';
import { openServer } from '../../shell/servers.ts';
import { prepareState } from '../safe-state.ts';
import { configurationFile, readConfiguration } from '../session.ts';
import { withSettings } from './set-setting.ts';

/** Changes settings, and leaves the rest as it is written. @throws as `putInForce` */
export function putSettings(
  pairs: readonly (readonly [key: string, value: string])[],
  args: GlobalArguments,
  invocation: Invocation,
): Promise<InForce> {
  return putInForce(async (file, written) => withSettings(await written(), pairs, file), args, invocation);
}

export interface InForce {
  readonly configuration: Configuration;
  readonly file: string;
  /** What held until then; the defaults, where there was no file or it could not be read. */
  readonly before: Configuration;
}

/**
 * Writes a configuration where the server looks for it, and returns the file with what it says.
 * @param write makes the text, from the file as it is where it asks for that; there may be none
 * @throws CertRebindError `read-only-server`, `bad-configuration`, `unsafe-folder`, `not-writable`, and what `write` throws
 */
export async function putInForce(
  write: (file: string, written: () => Promise<string | null>) => string | Promise<string>,
  args: GlobalArguments,
  { shell, servers }: Invocation,
): Promise<InForce> {
  // Not opened as in other commands: the configuration in force may be the one that needs repair.
  const { server, home } = await openServer(servers, args, shell.env);
  try {
    const file = configurationFile(args, home);
    if (file === null)
      throw new CertRebindError('read-only-server', { message: 'A captured server has no configuration to set.' });
    const before = await asResult(() => readConfiguration(args, home));
    const text = await write(file, () => readTextIfThere(file, 'configuration'));
    const configuration = parseConfiguration(text, file);
    // A configuration steers what runs as SYSTEM, so its folder has its final rights from the moment it is created.
    if (home !== null && dirname(file) === home) await prepareState({ server, home });
    await ensureFolder(dirname(file));
    await writeFileAtomically(file, text);
    return { file, before: before instanceof CertRebindError ? defaultConfiguration : before, configuration };
  } finally {
    await server.close();
  }
}
