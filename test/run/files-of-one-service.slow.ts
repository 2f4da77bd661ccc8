import assert from 'node:assert/strict';
import { serviceNow } from '../../src/lab/kernel/services.ts';
import { explore } from './explore.ts';
import { another, fileLab, fileWorld, machineOf, restarting, tomcat } from './file-world.ts';
import { given, rebind, worldOf } from './world.ts';

const registry = { 'SYSTEM\\CurrentControlSet\\Services\\Tomcat10': {} };
const lab = fileLab.with({ roles: { registry, classes: {} } });
const successor = lab.thumbprint('new');
const two = [tomcat, another(tomcat, 'second', 8444)];

describe('two certificate files of one service', () => {
  it('leave their service running, with one certificate or the other, after any kill and the next start', async () => {
    const states = await explore(
      {
        prepare: async () => fileWorld(worldOf(lab), machineOf(lab, 'old', 'new', ...two), two),
        act: (world) => rebind(world, [given(lab, 'old', 'new')], {}, restarting(two)),
        check: async (world, when) => {
          assert.equal(serviceNow(world.kernel.state, 'Tomcat10')?.state, 'started', when);
          for (const { dial: { port = 0 } = {} } of two) {
            const { handshake } = await world.context.handshake({
              address: '0.0.0.0',
              port,
              serverName: 'shop.example.com',
            });
            assert.equal(handshake.thumbprint, successor, when);
          }
          assert.deepEqual(await world.state.unfinishedRuns(), [], when);
        },
        starts: 2,
      },
      1,
    );
    assert.ok(states >= 12, `only ${states} states`);
  });
});
