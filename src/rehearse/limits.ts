import type { MeasuredLimit, RehearsalLook } from '../documents/rehearsal.ts';
import type { Server } from '../server/server.ts';
import { CertRebindError } from '../text/errors.ts';

/** Lengths in characters, each twice the one before; more than the last is harmless but useless. */
const sizes = [1, 2, 4, 8, 16, 32, 64].map((times) => times * 64 * 1024);

/** How much this server's PowerShell can carry in one piece. Too much only ends its session at worst. */
export async function measureLimits(server: Server): Promise<readonly MeasuredLimit[]> {
  return [
    await limitOf(server, 'stdin-line', (characters) => ({ look: 'engine-line', characters })),
    await limitOf(server, 'json', (characters) => ({ look: 'engine-json', characters })),
  ];
}

async function limitOf(
  server: Server,
  name: MeasuredLimit['name'],
  lookFor: (characters: number) => RehearsalLook,
): Promise<MeasuredLimit> {
  let carried: number | null = null;
  let carrier = '';
  for (const characters of sizes) {
    try {
      const [engine] = await server.look(lookFor(characters));
      if (engine === undefined) {
        return { name, carried, refused: null, how: 'no PowerShell stands between the program and this server' };
      }
      carrier = engine;
      carried = characters;
    } catch (thrown) {
      if (!(thrown instanceof CertRebindError)) throw thrown;
      return { name, carried, refused: characters, how: thrown.message };
    }
  }
  const how = `PowerShell ${carrier} carried every size from ${sizes[0]} characters on, each twice the one before; more was not tried`;
  return { name, carried, refused: null, how };
}
