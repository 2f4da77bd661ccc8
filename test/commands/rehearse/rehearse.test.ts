import assert from 'node:assert/strict';
import { differencesBetween, rehearse } from '../../../src/commands/rehearse/rehearse.ts';
import { defaultConfiguration } from '../../../src/documents/configuration.ts';
import { type Rehearsal, rehearsalMark } from '../../../src/documents/rehearsal.ts';
import { rebindTask, taskFolder } from '../../../src/documents/scheduled-tasks.ts';
import type { RunContext } from '../../../src/engine/run/context.ts';
import { leftoversIn, removeLeftovers } from '../../../src/engine/run/rehearsal-leftovers.ts';
import { recordsOf } from '../../../src/kinds/holder.ts';
import type { Server } from '../../../src/server/server.ts';
import {
  certificate,
  https,
  record,
  type SnapshotParts,
  site,
  snapshot,
  sni,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { taskEntry } from '../../engine/findings/facts.ts';
import { Killed, mortal } from '../../engine/run/mortal.ts';
import { prepared, type World } from './prepared.ts';

const port = 44321;
const request = { id: 'test', port, configuration: defaultConfiguration };
const rehearseIn = ({ context }: World, parts: Partial<RunContext> = {}) => rehearse({ ...context, ...parts }, request);
const outcomeOf = ({ stages }: Rehearsal) => stages.map(({ stage, result }) => `${stage} ${result}`);
const allDone = ['set-up', 'replace', 'verify', 'undo', 'clean-up'].map((stage) => `${stage} done`);

/** Everything of a lab but what only ever grows, what its wire remembers, and faults. */
function serverOf({ kernel }: Pick<World, 'kernel'>): string {
  const { lifecycle, applicationLog, counters, faults, wire, ...rest } = kernel.state;
  return JSON.stringify(rest);
}

describe('rehearse', () => {
  it('replaces, verifies and undoes in ordinary runs, and leaves the whole server as it was', async () => {
    const world = prepared();
    const before = serverOf(world);
    const rehearsal = await rehearseIn(world);
    assert.deepEqual([outcomeOf(rehearsal), rehearsal.exitCode, rehearsal.clean], [allDone, 0, true]);
    assert.equal(serverOf(world), before);
    const runs = await world.state.listRuns();
    assert.deepEqual(
      runs.map(({ summary }) => summary?.result),
      ['rebound', 'undone'],
    );
    assert.deepEqual(
      runs.map(({ run }) => run).map((run, at) => rehearsal.stages[at === 0 ? 1 : 3]?.detail.includes(run)),
      [true, true],
    );
  });

  it('says which options a replacement lost and got back', async () => {
    const world = prepared();
    world.kernel.apply({ kind: 'set-switch', name: 'rebind-options', position: 'all-lost' });
    const { stages, exitCode } = await rehearseIn(world);
    assert.equal(exitCode, 0);
    assert.match(stages.find(({ stage }) => stage === 'replace')?.detail ?? '', /; repaired: .*flag/);
  });

  it('rolls back what clients do not get, says so with 4, and cleans up', async () => {
    const world = prepared();
    const before = serverOf(world);
    world.fault({
      on: { kind: 'binding-method' },
      times: null,
      effect: { do: 'fail', hresult: 0x80070520, message: 'No.' },
    });
    const rehearsal = await rehearseIn(world);
    assert.deepEqual(
      [rehearsal.exitCode, outcomeOf(rehearsal).slice(0, 2), rehearsal.clean],
      [4, ['set-up done', 'replace failed'], true],
    );
    assert.equal(serverOf(world), before);
  });

  it('leaves nothing after a kill at any effect: neither the next rehearsal nor uninstall does', async () => {
    let kills = 0;
    for (let pieces = 0; ; pieces++) {
      const world = prepared();
      const before = serverOf(world);
      const { context } = mortal(world, pieces, world.issue);
      try {
        await rehearse(context, request);
        break;
      } catch (thrown) {
        if (!(thrown instanceof Killed)) throw thrown;
        kills += 1;
      }
      const { server } = world.context;
      const uninstalled = world.fork();
      await removeLeftovers(uninstalled.context.server, await uninstalled.context.server.snapshot());
      assert.equal(serverOf(uninstalled), before, `swept after ${pieces} pieces`);
      const next = await rehearse({ ...world.context, server }, { ...request, id: 'next' });
      assert.deepEqual([next.exitCode, next.clean], [0, true], `after ${pieces} pieces: ${JSON.stringify(next)}`);
      assert.equal(serverOf(world), before, `rehearsed after ${pieces} pieces`);
      assert.deepEqual(await world.state.unfinishedRuns(), []);
    }
    assert.ok(kills > 20, `${kills}`);
  });

  it('says what it left behind, and that a person is needed; the next takes it away', async () => {
    const world = prepared();
    const { server } = world.context;
    const rehearsal = await rehearseIn(world, { server: keeping(server, 'remove-site') });
    assert.deepEqual(
      [rehearsal.exitCode, rehearsal.clean, rehearsal.leftovers],
      [5, false, ['the site CertRebind-Rehearsal-test']],
    );
    assert.deepEqual([(await rehearseIn(world)).exitCode, leftoversIn(await server.snapshot())], [0, []]);
  });

  const refusals: readonly (readonly [string, Parameters<typeof snapshot>[0], RegExp])[] = [
    ['IIS has no scripting tools', { webAdministration: 'missing' }, /scripting tools/],
    ['HTTP.SYS does not listen on 127.0.0.1', { listenOnly: ['10.0.0.5'] }, /listens on 10\.0\.0\.5 alone/],
    ['a site has the port', { sites: [site('Shop', [https(`127.0.0.1:${port}:`)])] }, /port 44321 is in use/],
    ['a certificate binding has the port', { records: [record(`0.0.0.0:${port}`, 'x')] }, /port 44321 is in use/],
  ];
  for (const [why, parts, says] of refusals)
    it(`makes nothing where ${why}, and says so`, async () => {
      const world = prepared();
      const before = serverOf(world);
      const seen = snapshot(parts);
      const server = { ...world.context.server, snapshot: async () => seen };
      const { stages, exitCode, clean } = await rehearseIn(world, { server });
      assert.deepEqual([stages[0]?.stage, stages[0]?.result, exitCode, clean], ['set-up', 'failed', 4, true]);
      assert.match(stages[0]?.detail ?? '', says);
      assert.equal(serverOf(world), before);
    });
});

const task = (name: string, xml = rebindTask({ command: 'C:\\certrebind.exe' })) =>
  taskEntry({ path: taskFolder, name, xml });
const ordinary: SnapshotParts = {
  tasks: [task('CertRebind'), task('Backup', '<Task/>')],
  sites: [site('Shop', [sni('shop.example.com')])],
  records: [record('shop.example.com:443', 'shop'), record('0.0.0.0:8443', null)],
  certificates: [certificate('shop'), certificate('named', { friendlyName: `My ${rehearsalMark}` })],
};

describe('a server after a rehearsal', () => {
  const before = snapshot(ordinary);

  it('is as it was, whatever the order, the events, and when tasks ran', () => {
    const after = snapshot({
      ...ordinary,
      takenAt: '2026-06-02T12:00:00.000Z',
      records: recordsOf(before).toReversed(),
      tasks: before.tasks.map((each) => ({ ...each, lastResult: 0, lastRunAt: '2026-06-02T12:00:00.000Z' })),
    });
    assert.deepEqual(differencesBetween(before, after), []);
  });

  it('differs by each thing that came, went, or is different now', () => {
    const [first] = before.tasks;
    const after = snapshot({
      tasks: [...before.tasks.slice(1), task('New'), { ...task('CertRebind'), enabled: false }],
      sites: [site('Shop', []), site('Extra', [])],
      records: [record('0.0.0.0:8443', 'x')],
      certificates: [certificate('shop'), certificate('shop', { store: 'WebHosting' })],
    });
    assert.equal(first?.name, 'CertRebind');
    assert.deepEqual(differencesBetween(before, after), [
      'the site Extra has come',
      'the site Shop has changed',
      'the certificate binding 0.0.0.0:8443 has changed',
      'the certificate binding shop.example.com:443 is gone',
      ...[
        `the certificate ${thumbprintOf('named')} in My is gone`,
        `the certificate ${thumbprintOf('shop')} in WebHosting has come`,
      ].sort(),
      `the task ${taskFolder}CertRebind has changed`,
      `the task ${taskFolder}New has come`,
    ]);
  });
});

/** A server that accepts one kind of act and does not carry it out. */
function keeping(server: Server, act: string): Server {
  return {
    ...server,
    async change(changes) {
      const [change] = changes;
      if (change?.do === 'rehearse' && change.act.act === act) return [{ do: 'rehearse', error: null, now: null }];
      return server.change(changes);
    },
  };
}
