import assert from 'node:assert/strict';
import { measureLimits } from '../../src/rehearse/limits.ts';
import type { Server } from '../../src/server/server.ts';
import { CertRebindError } from '../../src/text/errors.ts';
import { labState } from '../builders/lab.ts';
import { worldOf } from '../run/world.ts';

const kibi = 1024;

/** A server whose PowerShell carries so much of each, and the sizes that were tried. */
function serverThatCarries(most: { readonly line: number; readonly json: number }) {
  const tried: number[] = [];
  const server: Server = {
    ...worldOf(labState()).context.server,
    async look(asked) {
      if (!('characters' in asked)) throw new Error('nothing else is asked');
      const { look, characters } = asked;
      tried.push(characters);
      if (characters > (look === 'engine-line' ? most.line : most.json)) {
        throw new CertRebindError('powershell-failed', { message: `${characters} are too many` });
      }
      return ['5.1.20348.1'];
    },
  };
  return { server, tried };
}

describe('what a PowerShell carries', () => {
  it('is tried in doubled sizes until something fails, each kind by itself', async () => {
    const { server, tried } = serverThatCarries({ line: 300 * kibi, json: Number.POSITIVE_INFINITY });
    const [line, json] = await measureLimits(server);
    assert.deepEqual(line, {
      name: 'stdin-line',
      carried: 256 * kibi,
      refused: 512 * kibi,
      how: `${512 * kibi} are too many`,
    });
    assert.deepEqual([json?.name, json?.carried, json?.refused], ['json', 4096 * kibi, null]);
    assert.match(json?.how ?? '', /^PowerShell 5\.1\.20348\.1 carried every size from 65536 /);
    assert.deepEqual(
      tried,
      [64, 128, 256, 512, 64, 128, 256, 512, 1024, 2048, 4096].map((each) => each * kibi),
    );
  });

  it('may be less than the least that is tried', async () => {
    const [line] = await measureLimits(serverThatCarries({ line: 0, json: 0 }).server);
    assert.deepEqual([line?.carried, line?.refused], [null, 64 * kibi]);
  });

  it('is not measured where there is none', async () => {
    const limits = await measureLimits(worldOf(labState()).context.server);
    assert.deepEqual(
      limits.map(({ name, carried, refused, how }) => [name, carried, refused, how]),
      ['stdin-line', 'json'].map((name) => [
        name,
        null,
        null,
        'no PowerShell stands between the program and this server',
      ]),
    );
  });
});
