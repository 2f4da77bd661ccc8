import assert from 'node:assert/strict';
import { spy } from 'sinon';
import { rdpKey } from '../../../src/kinds/rdp/rdp.ts';
import { winrmKey } from '../../../src/kinds/winrm/winrm.ts';
import { heldBy } from '../../../src/lab/kernel/holders/kinds.ts';
import { met } from '../../builders/met.ts';
import { https } from '../../builders/snapshot.ts';
import { certificates, certificatesWith, played, rdpListener, replacing, winrmListener } from './kind-worlds.ts';
import { Killed, mortal } from './mortal.ts';
import { given, keysChanged, rebind, undo, type World, worldOf } from './world.ts';

const { lab, allowing, rebinding } = played('winrm');
const key = winrmKey('*+HTTPS');
const record = '0.0.0.0:5986';
const [old, successor] = ['old', 'new'].map((label) => certificates.thumbprint(label));
/** What the listener names, and what its certificate binding does. */
const held = ({ kernel: { state } }: World) => [key, record].map((at) => heldBy(state, at));
const switchTo = ({ kernel }: World, position: 'winrm' | 'unknown' | 'none') =>
  kernel.apply({ kind: 'set-switch', name: 'remote-session', position });

describe('WinRM listeners', () => {
  for (const hostname of ['web01.example.com', null]) {
    it(`keep their host name, and have their certificate binding rewritten by WinRM: ${hostname}`, async () => {
      const one = worldOf(winrmListener(certificates, { hostname }));
      const outcome = await rebinding(one);
      const [step] = outcome.steps;
      assert.deepEqual([step?.state, step?.after[0]?.endpoint.serverName], ['verified', hostname]);
      assert.equal(one.kernel.state.others[0]?.remoting?.hostname, hostname);
      assert.deepEqual(held(one), [successor, successor]);
      await undo(one, outcome.run);
      assert.deepEqual(held(one), [old, old]);
    });
  }

  for (const position of ['winrm', 'unknown'] as const) {
    it(`are not changed by a run that came in through WinRM, or may have: ${position}`, async () => {
      const one = worldOf(lab.switched('remote-session', position));
      const outcome = await rebinding(one);
      assert.deepEqual(
        [outcome.exitCode, outcome.blocked.map(met).map(({ reason }) => reason)],
        [3, ['remote-session']],
      );
      assert.deepEqual(held(one), [old, old]);
    });

    it(`are not rolled back by an undo that came in through WinRM, or may have: ${position}`, async () => {
      const one = worldOf(lab);
      const { run } = await rebinding(one);
      switchTo(one, position);
      const outcome = await undo(one, run);
      assert.deepEqual(
        [outcome.exitCode, outcome.blocked.map(met).map(({ reason }) => reason)],
        [3, ['remote-session']],
      );
      assert.deepEqual(held(one), [successor, successor]);
    });
  }

  it('are blocked where the new certificate is not for their host name', async () => {
    const fewer = certificatesWith({ names: ['web01.example.com'] });
    const one = worldOf(winrmListener(fewer, { hostname: 'shop.example.com' }));
    const outcome = await rebind(one, [given(fewer, 'old', 'new')], {}, allowing);
    assert.deepEqual([outcome.exitCode, outcome.blocked.map(met).map(({ reason }) => reason)], [3, ['names-lost']]);
    assert.deepEqual(held(one), [old, old]);
  });

  it('without a certificate of their own follow the record of another product, and are no holders', async () => {
    const { others } = lab.build();
    const blank = lab.with({ others: others.map((one) => ({ ...one, thumbprint: '' })) });
    const { steps, blocked, skipped } = await rebinding(worldOf(blank));
    assert.deepEqual([steps, blocked, skipped.map((one) => one.key)], [[], [], [record]]);
  });

  it('whose certificate binding WinRM does not rewrite are told to serve the old certificate, until somebody looks again', async () => {
    const one = worldOf(lab.switched('winrm-record', 'not-rewritten'));
    const outcome = await rebinding(one);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.state], [5, 'still-old']);
    assert.deepEqual(held(one), [successor, old]);
  });

  it('that take the common name only are left as they were where the host name is another', async () => {
    const second = winrmListener(certificates, { hostname: 'shop.example.com' });
    const one = worldOf(second.switched('winrm-hostname', 'common-name-only'));
    const { exitCode, steps } = await rebinding(one);
    assert.deepEqual([exitCode, steps[0]?.state, steps[0]?.error?.code], [4, 'as-before', 'replace-failed']);
    assert.deepEqual(held(one), [old, old]);
  });

  it('of a service that is stopped are refused by WinRM, and stay', async () => {
    const one = worldOf(winrmListener(certificates, { state: 'stopped' }));
    const outcome = await rebinding(one);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.error?.code], [4, 'replace-failed']);
    assert.deepEqual(held(one), [old, old]);
  });

  it('of a run that was killed are left by one that came in through WinRM, and finished by the next from elsewhere', async () => {
    const refused = { do: 'refuse' } as const;
    const failing = lab.fault({ on: { kind: 'connect', key: record }, nth: 2, times: null, effect: refused });
    let left = 0;
    for (const [start, end] of [
      [lab, successor],
      [failing, old],
    ] as const) {
      for (let pieces = 1; ; pieces++) {
        const one = worldOf(start);
        const { context } = mortal(one, pieces);
        const isKilled = await rebinding({ ...one, context }).then(
          () => false,
          (error: unknown) => error instanceof Killed,
        );
        if (!isKilled) break;
        const [before, unfinished] = [held(one), await one.state.unfinishedRuns()];
        switchTo(one, 'winrm');
        const remote = await rebinding(one);
        assert.deepEqual(held(one), before, `killed after ${pieces}`);
        const open = await one.state.unfinishedRuns();
        if (open.length > 0) {
          left++;
          assert.deepEqual(open, unfinished);
          assert.deepEqual(
            [remote.exitCode, remote.steps[0]?.state, remote.steps[0]?.error?.code],
            [5, 'changing', 'left-for-local-run'],
          );
          assert.ok(remote.notes.some(({ code, text }) => code === 'left-open' && text.includes(key)));
        }
        switchTo(one, 'none');
        await rebinding(one);
        assert.deepEqual(await one.state.unfinishedRuns(), [], `killed after ${pieces}`);
        if (end === old || open.length === 0) continue;
        assert.deepEqual(held(one), [end, end], `killed after ${pieces}`);
      }
    }
    assert(left > 3, `only ${left} were left`);
  });
});

describe('the ways by which people administer a server', () => {
  it('are changed after everything else, one at a time', async () => {
    const sites = certificates
      .site('Shop', [https('*:443:')])
      .record('0.0.0.0:443', 'old')
      .site('Extra', [https('*:8443:')])
      .record('0.0.0.0:8443', 'old');
    const one = worldOf(winrmListener(rdpListener(sites)));
    const change = spy(one.context.server, 'change');
    const outcome = await rebinding(one, replacing('rdp', 'winrm'));
    assert.equal(outcome.counts.changed, 4);
    const before = [['0.0.0.0:443'], ['0.0.0.0:8443']];
    assert.deepEqual(keysChanged(change), [...before, [rdpKey('RDP-Tcp')], [key]]);
  });

  it('are not touched by a certificate that failed on one of their kind', async () => {
    const listeners = ['192.0.2.7', '192.0.2.8'].reduce(
      (server, address) => winrmListener(server, {}, address),
      certificates,
    );
    const three = winrmListener(listeners);
    const one = worldOf(three);
    const change = spy(one.context.server, 'change');
    assert.equal((await rebinding(one)).counts.changed, 3);
    assert.deepEqual(keysChanged(change), [[winrmKey('IP:192.0.2.7+HTTPS')], [winrmKey('IP:192.0.2.8+HTTPS')], [key]]);

    const refusing = worldOf(three.fault({ on: { kind: 'set-winrm' }, effect: { do: 'no-effect' } }));
    const outcome = await rebinding(refusing);
    assert.deepEqual(
      outcome.steps.map(({ error }) => error?.code),
      ['replace-without-effect', 'canary-failed', 'canary-failed'],
    );
    assert.deepEqual(held(refusing), [old, old]);
  });
});
