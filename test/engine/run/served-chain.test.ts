import assert from 'node:assert/strict';
import { changed } from '../../../src/documents/runs/step-states.ts';
import { labState } from '../../builders/lab.ts';
import { https } from '../../builders/snapshot.ts';
import { given, holdings, rebind, stepAt, worldOf } from './world.ts';

const key = '0.0.0.0:443';

function labWith(issuers: { readonly old?: 'issuing'; readonly new?: 'renewing' }, missing: boolean) {
  const lab = labState()
    .certificate('old', issuers.old === undefined ? {} : { issuer: issuers.old })
    .certificate('new', issuers.new === undefined ? {} : { issuer: issuers.new })
    .site('Shop', [https('*:443:')])
    .record(key, 'old');
  return missing ? lab.switched('renewal-issuer', 'missing') : lab;
}

describe('the served chain of a renewal', () => {
  for (const [what, issuers, missing, holds] of [
    [
      'by another intermediate that the store has is sent, and the swap stands',
      { old: 'issuing', new: 'renewing' },
      false,
      'new',
    ],
    [
      'by an intermediate that no store has is lost, and the record is rolled back',
      { old: 'issuing', new: 'renewing' },
      true,
      'old',
    ],
    [
      'by an intermediate that no store has is lost where the root issued before, too',
      { new: 'renewing' },
      true,
      'old',
    ],
    ['by the root itself needs no intermediate', { old: 'issuing' }, true, 'new'],
  ] as const)
    it(what, async () => {
      const lab = labWith(issuers, missing);
      const world = worldOf(lab);
      const outcome = await rebind(world, [given(lab, 'old', 'new')]);
      assert.deepEqual(await holdings(world, lab, ['old', 'new']), { [key]: holds });
      const { state, error } = stepAt(outcome, key);
      assert.equal(changed(state), holds === 'new');
      if (holds === 'new') return;
      assert.equal(outcome.exitCode, 4);
      assert.equal(error?.code, 'chain-not-sent');
      assert.match(error?.message ?? '', /without the certificate of its issuer CN=renewing, which clients need/);
    });

  it('that was not whole before is no reason to put anything back', async () => {
    const lab = labState()
      .certificate('old', { chain: false })
      .certificate('new', { chain: false })
      .site('Shop', [https('*:443:')])
      .record(key, 'old');
    const world = worldOf(lab);
    assert.equal((await rebind(world, [given(lab, 'old', 'new')])).exitCode, 0);
    assert.deepEqual(await holdings(world, lab, ['old', 'new']), { [key]: 'new' });
  });

  it('that was lost is found by whoever recovers the run, and the record is rolled back', async () => {
    const lab = labWith({ old: 'issuing', new: 'renewing' }, true);
    const world = worldOf(lab);
    world.fault({ on: { kind: 'binding-method', key }, effect: { do: 'hang', after: true } });
    assert.equal((await rebind(world, [given(lab, 'old', 'new')])).exitCode, 5);
    assert.deepEqual(await holdings(world, lab, ['old', 'new']), { [key]: 'new' });
    const [run = ''] = await world.state.unfinishedRuns();
    const stay = { ...given(lab, 'old', 'old') };
    await rebind(world, [stay]).catch(() => {});
    const { outcome } = await world.state.readRun(run);
    assert(outcome !== null);
    assert.deepEqual([outcome.exitCode, stepAt(outcome, key).error?.code], [4, 'chain-not-sent']);
    assert.deepEqual(await holdings(world, lab, ['old', 'new']), { [key]: 'old' });
  });

  it('that comes a moment late is waited for', async () => {
    const lab = labWith({ old: 'issuing', new: 'renewing' }, false);
    const world = worldOf(lab);
    const { handshake } = world.context;
    let looks = 0;
    const late: typeof handshake = async (endpoint) => {
      const seen = await handshake(endpoint);
      looks += seen.handshake.thumbprint === lab.thumbprint('new') ? 1 : 0;
      if (looks === 0 || looks > 2) return seen;
      return { ...seen, handshake: { ...seen.handshake, sent: { issuers: [], upTo: 'CN=renewing' } } };
    };
    const outcome = await rebind({ ...world, context: { ...world.context, handshake: late } }, [
      given(lab, 'old', 'new'),
    ]);
    assert.deepEqual([outcome.exitCode, looks], [0, 3]);
  });
});
