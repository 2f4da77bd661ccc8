import assert from 'node:assert/strict';
import { stub } from 'sinon';
import { CertRebindError } from '../../../src/base/errors.ts';
import { remoteAccess, sstpAppId, sstpKey, sstpService } from '../../../src/kinds/sstp/sstp.ts';
import type { LabBuilder } from '../../builders/lab.ts';
import { met } from '../../builders/met.ts';
import { certificates, kindWorlds, played, rasman } from './kind-worlds.ts';
import { holdings, undo, type World, withState, worldOf } from './world.ts';

const world = kindWorlds.sstp;
const { lab, allowing, rebinding, named, standing, all } = played('sstp');
const [old, successor] = ['old', 'new'].map((label) => certificates.thumbprint(label));

/** Stops and starts of its services are met here first. */
function atRestarts({ context: { server } }: World, meet: (order: 'stop' | 'start') => void): void {
  const { change } = server;
  stub(server, 'change').callsFake((changes) => {
    for (const one of changes) if (one.do === 'control-service') meet(one.order);
    return change(changes);
  });
}

describe('SSTP', () => {
  for (const [mode, of] of Object.entries({ default: (server: LabBuilder) => server, ...world.also }).slice(0, 2)) {
    it(`that answers only after a second restart gets one, and in an undo too: ${mode}`, async () => {
      const server = of(lab).switched('sstp-second-restart', 'needed');
      const one = worldOf(server);
      const outcome = await rebinding(one);
      const [step] = outcome.steps;
      assert.deepEqual([outcome.result, step?.restarted?.length, step?.error ?? null], ['rebound', 2, null]);
      assert.match(step?.restarted?.[0]?.error ?? '', /does not answer: SSTP answers HTTP\/1\.1 404/);
      assert.equal((await undo(one, outcome.run, { configuration: allowing })).result, 'undone');
      assert.deepEqual(await standing(one), all('old', server));
    });
  }

  it('whose settings cannot be read after its start is restarted once more', async () => {
    const one = worldOf(lab);
    const { holders } = one.context.server;
    let stops = 0;
    atRestarts(one, (order) => void (order === 'stop' && stops++));
    stub(one.context.server, 'holders').callsFake(async (places) => {
      if (stops === world.restart?.services.length)
        throw new CertRebindError('powershell-failed', { message: 'Access is denied.' });
      return holders(places);
    });
    const outcome = await rebinding(one);
    const why = 'SstpSvc answers, and its settings cannot be read.';
    assert.deepEqual(
      [outcome.result, outcome.steps[0]?.restarted?.map(({ error }) => error)],
      ['rebound', [why, null]],
    );
  });

  it('is not restarted where that cannot be written down', async () => {
    const one = worldOf(lab);
    const openRun: World['state']['openRun'] = async (run) => {
      const journal = await one.state.openRun(run);
      const append: typeof journal.append = async (...lines) => {
        if (lines.some(({ type }) => type === 'restarting'))
          throw new CertRebindError('not-writable', { message: 'The disk is full.' });
        return journal.append(...lines);
      };
      return { ...journal, append };
    };
    let orders = 0;
    atRestarts(one, () => void orders++);
    const outcome = await rebinding(withState(one, { openRun }));
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.state, orders], [4, 'rolled-back', 0]);
    assert.deepEqual(await standing(one), all('old'));
  });

  it('is told nothing more once the server fell silent while its old certificate was set again', async () => {
    const one = worldOf(lab);
    one.fault({ on: { kind: 'connect', key: sstpKey }, nth: 2, times: null, effect: { do: 'refuse' } });
    const { change } = one.context.server;
    let [puts, later] = [0, 0];
    stub(one.context.server, 'change').callsFake(async (changes) => {
      if (puts > 1) later += 1;
      const reports = await change(changes);
      if (!changes.some((each) => each.do === 'put') || ++puts < 2) return reports;
      return reports.map((each) => ({ ...each, error: { code: 'silent', message: 'No answer in time.' } }));
    });
    const outcome = await rebinding(one);
    assert.deepEqual([outcome.exitCode, puts, later], [5, 2, 0]);
    assert.deepEqual(await one.state.unfinishedRuns(), [outcome.run]);
  });

  it('that does not store the hash of its certificate bindings gets its old certificate again', async () => {
    const one = worldOf(lab.switched('sstp-default-mode', 'keeps-hash'));
    const outcome = await rebinding(one);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.state], [4, 'rolled-back']);
    assert.match(outcome.steps[0]?.error?.message ?? '', new RegExp(`It stored the hash of ${old} when it started`));
    assert.deepEqual(await standing(one), all('old'));
  });

  it('whose start takes options of a binding away gets its old certificate again, with these', async () => {
    const one = worldOf(lab);
    const { change } = one.context.server;
    stub(one.context.server, 'change').callsFake(async (changes) => {
      const isNew = named(one)[0] === 'new';
      const reports = await change(changes);
      const words = `ipport=0.0.0.0:443 certhash=${successor} appid=${sstpAppId} certstorename=My verifyclientcertrevocation=enable`;
      if (isNew && changes.some((each) => each.do === 'control-service'))
        one.kernel.apply({ kind: 'netsh', args: ['http', 'update', 'sslcert', ...words.split(' ')] });
      return reports;
    });
    const outcome = await rebinding(one);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.state], [4, 'rolled-back']);
    assert.match(outcome.steps[0]?.error?.message ?? '', /Its settings are not what was set before it started/);
    assert.deepEqual(await standing(one), all('old'));
  });

  const orphaned = (key: string) => world.on(certificates.certificate('gone', { store: 'Gone' }).record(key, 'gone'));

  for (const position of ['deleted', 'kept'] as const) {
    it(`is not restarted where that may delete a binding whose certificate is gone (${position})`, async () => {
      const one = worldOf(orphaned('192.0.2.1:443').switched('sstp-deletes-orphans', position));
      const { blocked, steps } = await rebinding(one);
      assert.deepEqual(steps, []);
      assert.match(met(blocked[0]).detail, /The certificate of 192\.0\.2\.1:443 is not in My/);
      for (const service of [remoteAccess, rasman, sstpService])
        one.kernel.apply({ kind: 'control-service', service, order: 'stop' });
      for (const service of [sstpService, rasman, remoteAccess])
        one.kernel.apply({ kind: 'control-service', service, order: 'start' });
      assert.equal('192.0.2.1:443' in (await holdings(one, certificates, [])), position === 'kept');
    });
  }

  it('is restarted where the certificate of a binding at another port is gone: it deletes none of those', async () => {
    const one = worldOf(orphaned('192.0.2.1:8443').switched('sstp-deletes-orphans', 'deleted'));
    assert.equal((await rebinding(one)).result, 'rebound');
    assert('192.0.2.1:8443' in (await holdings(one, certificates, [])));
  });

  it('is waited for while it runs, whatever another of its services does', async () => {
    const one = worldOf(lab);
    one.fault({ on: { kind: 'connect', key: sstpKey }, nth: 2, times: 30, effect: { do: 'refuse' } });
    const { services: asked } = one.context.server;
    stub(one.context.server, 'services').callsFake(async (of) =>
      (await asked(of)).map((state, at) => (of[at] === sstpService ? state : 'stopped')),
    );
    const [step] = (await rebinding(one)).steps;
    assert.deepEqual([step?.state, step?.restarted?.length, step?.restarted?.[0]?.seconds], ['verified', 1, 60]);
  });
});
