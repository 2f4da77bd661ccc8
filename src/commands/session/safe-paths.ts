import { CertRebindError } from '../../model/errors.ts';
import { howToMend } from '../../plan/installation.ts';
import { readPaths, type Server } from '../../server/server.ts';

/**
 * Refuses files that would run or steer code as SYSTEM while others could change them or a folder they lie in. Nothing is
 * repaired: rights that somebody set by mistake may have been used already.
 * @throws CertRebindError `unsafe-folder` naming the first danger, `bad-input` for a file that is not there
 */
export async function requireSafe(server: Server, paths: readonly string[]): Promise<void> {
  for (const { path, is, dangers } of await readPaths(server, paths)) {
    if (is === 'missing') throw new CertRebindError('bad-input', { message: `There is no file ${path}.`, where: path });
    const [danger] = dangers;
    if (danger === undefined) continue;
    throw new CertRebindError('unsafe-folder', {
      message: `${path} is not started: ${danger.where} ${danger.why}, so what runs as SYSTEM would not be an administrator's choice.`,
      where: danger.where,
      hint: howToMend(dangers),
    });
  }
}
