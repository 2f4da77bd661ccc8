import assert from 'node:assert/strict';
import { fileKey } from '../../src/holders/file/file.ts';
import { explore } from './explore.ts';
import { fileLab, fileWorld, machineOf, nginx, withFiles } from './file-world.ts';
import { given, rebind, worldOf } from './world.ts';

const successor = fileLab.thumbprint('new');
const key = fileKey('nginx');

describe('a certificate file', () => {
  it('holds one pair or the other after any kill, its service was told of it, and the next start ends the run', async () => {
    const states = await explore(
      {
        prepare: async () => fileWorld(worldOf(fileLab), machineOf(fileLab, 'old', 'new')),
        act: (world) => rebind(world, [given(fileLab, 'old', 'new')], {}, withFiles([nginx])),
        check: async (world, when) => {
          const server = world.around?.(world.context.server, (work) => work());
          const [seen] = [...((await server?.holders([{ kind: 'file', key }])) ?? new Map()).values()];
          const { thumbprint, pair, service } = seen.holder.value;
          assert.deepEqual(
            { thumbprint, pair, service },
            { thumbprint: successor, pair: 'whole', service: 'told' },
            when,
          );
          const { handshake } = await world.context.handshake({
            address: '0.0.0.0',
            port: 8443,
            serverName: 'shop.example.com',
          });
          assert.equal(handshake.thumbprint, successor, when);
          assert.deepEqual(await world.state.unfinishedRuns(), [], when);
        },
      },
      2,
    );
    assert(states >= 15, `only ${states} states`);
  });
});
