import assert from 'node:assert/strict';
import { spy, stub } from 'sinon';
import type { Configuration } from '../../src/documents/configuration.ts';
import { fileKey } from '../../src/holders/file/file.ts';
import { tcpConnection } from '../../src/lab/host/sample-roles.ts';
import type { LabRoles } from '../../src/lab/kernel/lab-state.ts';
import { serviceNow } from '../../src/lab/kernel/services.ts';
import type { Handshaker } from '../../src/run/context.ts';
import { CertRebindError } from '../../src/text/errors.ts';
import { explore } from './explore.ts';
import { fileLab, fileWorld, type Machine, machineOf, port, restarting, tomcat, withFiles } from './file-world.ts';
import { failingAt, given, rebind, reconcile, undo, type World, withState, worldOf } from './world.ts';

const service = tomcat.service.name;
const services = 'SYSTEM\\CurrentControlSet\\Services';
const classes = {
  'root/StandardCimv2:MSFT_NetTCPConnection': [tcpConnection(port), tcpConnection(port), tcpConnection(1)],
};
const registry: LabRoles['registry'] = { [`${services}\\${service}`]: {} };
const lab = fileLab.with({ roles: { registry, classes } });
const [old, successor] = [lab.thumbprint('old'), lab.thumbprint('new')];
const key = fileKey(tomcat.name);

const listed = withFiles([tomcat]);
const open = restarting([tomcat]);
const closed: Configuration = { ...open, window: { from: '01:00', to: '04:00', timeZone: 'UTC' } };

const prepared = (machine: Machine, of = lab) => fileWorld(worldOf(of), machine, [tomcat]);
const rebinding = (world: World, configuration = open) => rebind(world, [given(lab, 'old', 'new')], {}, configuration);
const running = ({ kernel: { state } }: World) => serviceNow(state, service)?.state;

describe('a certificate file whose program reads it only when it starts', () => {
  it('is replaced in the window, the program restarted, what it serves verified, and undone with a restart', async () => {
    const machine = machineOf(lab, 'old', 'new', tomcat);
    const world = prepared(machine);
    const { change } = world.context.server;
    const faked = stub(world.context.server, 'change').callsFake((changes) => {
      if (changes.some((one) => one.do === 'control-service')) world.later(3500);
      return change(changes);
    });
    const outcome = await rebinding(world);
    faked.restore();
    const [step] = outcome.steps;
    assert.deepEqual([outcome.result, step?.key, step?.state], ['rebound', key, 'verified']);
    assert.deepEqual(step?.restarted, [{ services: [service], seconds: 3.5, error: null }]);
    assert.deepEqual([machine.serves, running(world), machine.reloads], [successor, 'started', 0]);
    assert.equal((await undo(world, outcome.run, { configuration: open })).result, 'undone');
    assert.deepEqual([machine.serves, running(world)], [old, 'started']);
  });

  for (const [what, configuration, command] of [
    [
      'no policy allows the restart',
      { ...listed, window: open.window },
      'certrebind config set holders.file.restart window',
    ],
    ['there is no window', { ...listed, holders: open.holders }, undefined],
  ] as const)
    it(`is left to a person where ${what}`, async () => {
      const machine = machineOf(lab, 'old', 'new', tomcat);
      const { skipped } = await rebinding(prepared(machine), configuration as Configuration);
      assert.deepEqual(
        skipped.map((one) => [one.key, one.reason, one.command]),
        [[key, 'report-only', command]],
      );
      assert.equal(machine.serves, old);
    });

  it('waits for the window and says what the restart costs, unless a person says --now', async () => {
    const machine = machineOf(lab, 'old', 'new', tomcat);
    const world = prepared(machine);
    const { blocked } = await rebinding(world, closed);
    assert.deepEqual(
      blocked.map(({ reason }) => reason),
      ['outside-window'],
    );
    assert.match(blocked[0]?.detail ?? '', /Restarts Tomcat10: 2 connections end\.$/);
    assert.equal(machine.serves, old);
    const outcome = await rebinding(world, { ...closed, now: true });
    assert.deepEqual([outcome.result, machine.serves], ['rebound', successor]);
  });

  for (const [what, roles, dial] of [
    ['there is no such service', { registry: {}, classes }, tomcat.dial],
    ['it is stopped', { registry, classes, stopped: [service] }, tomcat.dial],
    ['nobody says where clients meet it', { registry, classes }, undefined],
  ] as const)
    it(`is not replaced where ${what}`, async () => {
      const machine = machineOf(lab, 'old', 'new', tomcat);
      const { dial: _, ...rest } = tomcat;
      const settings = dial === undefined ? rest : tomcat;
      const world = fileWorld(worldOf(lab.with({ roles })), machine, [settings]);
      const { blocked } = await rebinding(world, { ...open, files: [settings] });
      assert.deepEqual(
        blocked.map(({ reason }) => reason),
        ['service-not-restarted'],
      );
    });

  it('is not replaced where its service cannot be read, and everything else is', async () => {
    const world = worldOf(lab);
    const services = async () => {
      throw new CertRebindError('powershell-failed', { message: 'Access is denied.' });
    };
    const unread = { ...world, context: { ...world.context, server: { ...world.context.server, services } } };
    const { blocked } = await rebinding(fileWorld(unread, machineOf(lab, 'old', 'new', tomcat), [tomcat]));
    assert.deepEqual(
      blocked.map(({ reason, detail }) => [reason, /Access is denied\./.test(detail ?? '')]),
      [['service-not-restarted', true]],
    );
  });

  it('gets its old pair back, and its program runs with that, where it does not start with the new one', async () => {
    const machine = machineOf(lab, 'old', 'new', tomcat);
    machine.reload = 'ends';
    const world = prepared(machine);
    const outcome = await rebinding(world);
    const [step] = outcome.steps;
    assert.deepEqual([outcome.exitCode, step?.state, step?.error?.code], [4, 'rolled-back', 'restart-failed']);
    assert.deepEqual(
      step?.restarted?.map(({ error }) => error),
      ['Tomcat10 has stopped again.', null],
    );
    assert.deepEqual([machine.serves, running(world)], [old, 'started']);
  });

  it('gets its old pair back where its program, told to stop and start, serves that still', async () => {
    const machine = machineOf(lab, 'old', 'new', tomcat);
    const on = { kind: 'control-service' } as const;
    const world = prepared(machine, lab.fault({ on, times: null, effect: { do: 'no-effect' } }));
    const [step] = (await rebinding(world)).steps;
    assert.deepEqual([step?.state, step?.error?.message], ['rolled-back', `Tomcat10 serves ${old}.`]);
    assert.deepEqual(world.slept, Array(5).fill(2000));
    const refused = new CertRebindError('powershell-failed', { message: 'It broke off.' });
    const [broken] = (await rebinding(failingAt(world, 'control-service', refused))).steps;
    assert.equal(broken?.error?.message, `Tomcat10 serves ${old}. The server said: It broke off.`);
    assert.deepEqual([machine.serves, running(world)], [old, 'started']);
  });

  const full = 'The journal can no longer be written: The disk is full.';
  for (const [type, reload, stops, error] of [
    ['restarting', 'reads', 0, `Tomcat10 serves ${old}. The server said: ${full}`],
    ['rolling-back', 'ends', 2, 'Tomcat10 has stopped again.'],
  ] as const)
    it(`is restarted only where a recovery would know of it: not where ${type} cannot be written down, unless it is stopped`, async () => {
      const machine = machineOf(lab, 'old', 'new', tomcat);
      machine.reload = reload;
      const world = prepared(machine);
      const openRun: World['state']['openRun'] = async (run) => {
        const journal = await world.state.openRun(run);
        const append: typeof journal.append = async (...lines) => {
          if (lines.some((line) => line.type === type))
            throw new CertRebindError('not-writable', { message: 'The disk is full.' });
          return journal.append(...lines);
        };
        return { ...journal, append };
      };
      const [step] = (await rebinding(withState(world, { openRun }))).steps;
      assert.deepEqual([step?.state, step?.error?.message, machine.stops], ['rolled-back', error, stops]);
      assert.deepEqual([machine.serves, running(world)], [old, 'started']);
    });

  for (const at of [1, 2]) {
    it(`has its program started first of all by the next run, if the server fell silent at order ${at} of the restart`, async () => {
      const die = { on: { kind: 'control-service' }, nth: at, effect: { do: 'die', after: true } } as const;
      const machine = machineOf(lab, 'old', 'new', tomcat);
      const world = prepared(machine, lab.fault(die));
      assert.equal((await rebinding(world)).exitCode, 5);
      await reconcile(world, {}, closed);
      assert.deepEqual([running(world), machine.serves], ['started', successor]);
      assert.deepEqual(await world.state.unfinishedRuns(), []);
    });
  }

  // The program ends with the new pair, so that orders 4 and 5 bring it back with the old one.
  for (const [at, again] of [
    [4, 0],
    [5, 0],
    [5, 1],
    [2, 1],
  ] as const)
    it(`has its old pair and runs, if the server fell silent at order ${at} and ${again === 0 ? 'not again' : 'again as it was started'}`, async () => {
      const machine = machineOf(lab, 'old', 'new', tomcat);
      machine.reload = 'ends';
      const die = { on: { kind: 'control-service' }, effect: { do: 'die', after: false } } as const;
      const world = prepared(machine, lab.fault({ ...die, nth: at }));
      const { run, exitCode, steps } = await rebinding(world);
      assert.deepEqual([exitCode, steps[0]?.state], [5, at === 2 ? 'changing' : 'rolling-back']);
      if (again === 1) {
        world.fault(die);
        assert.equal((await reconcile(world, {}, closed)).exitCode, 5);
        assert.deepEqual(await world.state.unfinishedRuns(), [run]);
      }
      await reconcile(world, {}, closed);
      const { outcome } = await world.state.readRun(run);
      assert.deepEqual([outcome?.exitCode, outcome?.steps[0]?.state], [4, 'rolled-back']);
      assert.deepEqual([machine.serves, running(world)], [old, 'started']);
      assert.equal((await reconcile(world)).result, 'nothing-to-do');
    });

  it('is not stopped again by the run that starts it after such a silence, however long it takes to answer', async () => {
    const machine = machineOf(lab, 'old', 'new', tomcat);
    machine.reload = 'ends';
    const die = { on: { kind: 'control-service' }, nth: 4, effect: { do: 'die', after: false } } as const;
    const world = prepared(machine, lab.fault(die));
    const { run } = await rebinding(world);
    const { handshake } = world.context;
    let silent = 3;
    const slow: Handshaker = async (endpoint) => {
      const seen = await handshake(endpoint);
      return silent-- > 0
        ? { ...seen, handshake: { ...seen.handshake, result: 'unreachable', thumbprint: null } }
        : seen;
    };
    const change = spy(world.context.server, 'change');
    await reconcile({ ...world, context: { ...world.context, handshake: slow } }, {}, closed);
    const orders = change.args.flat(2).flatMap((one) => (one.do === 'control-service' ? one.order : []));
    assert.deepEqual([orders, silent < 0], [['start'], true]);
    const { outcome } = await world.state.readRun(run);
    assert.deepEqual([outcome?.steps[0]?.state, machine.serves, running(world)], ['rolled-back', old, 'started']);
  });

  it('serves one pair or the other after any kill and the next start, and its program is never left stopped', async () => {
    const states = await explore(
      {
        prepare: async () => prepared(machineOf(lab, 'old', 'new', tomcat)),
        act: (world) => rebinding(world),
        check: async (world, when) => {
          assert.equal(running(world), 'started', when);
          const { handshake } = await world.context.handshake({
            address: '0.0.0.0',
            port,
            serverName: 'shop.example.com',
          });
          assert.equal(handshake.thumbprint, successor, when);
          assert.deepEqual(await world.state.unfinishedRuns(), [], when);
        },
        starts: 2,
      },
      1,
    );
    assert.ok(states >= 10, `only ${states} states`);
  });
});
