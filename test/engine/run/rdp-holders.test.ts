import assert from 'node:assert/strict';
import { certificates, played, rdpListener } from './kind-worlds.ts';
import { worldOf } from './world.ts';

const { lab, rebinding, standing, named, all } = played('rdp');

describe('Remote Desktop listeners', () => {
  for (const chosenBy of ['policy', 'unknown'] as const) {
    it(`are never changed where no person chose the certificate: ${chosenBy}`, async () => {
      const one = worldOf(rdpListener(certificates, { chosenBy }));
      const { counts, notes } = await rebinding(one);
      assert.equal(counts.changed, 0);
      assert.ok(notes.some(({ code, text }) => code === 'other-consumers' && text.includes('RDP-Tcp')));
      assert.deepEqual(named(one), ['old']);
    });
  }

  it('that cannot use the key of the new certificate get the old one back', async () => {
    const one = worldOf(lab.switched('renewed-key-access', 'lost').switched('key-storage', 'platform'));
    const outcome = await rebinding(one);
    const [step] = outcome.steps;
    assert.deepEqual([outcome.exitCode, step?.state, step?.error?.code], [4, 'rolled-back', 'endpoint-worse']);
    assert.match(step?.error?.message ?? '', /it has no usable certificate/);
    assert.deepEqual(await standing(one), all('old'));
  });
});
