import assert from 'node:assert/strict';
import type { FileSettings } from '../../src/documents/configuration.ts';
import { fileKey } from '../../src/holders/file/file.ts';
import { serviceNow } from '../../src/lab/kernel/services.ts';
import {
  another,
  fileLab,
  fileWorld,
  type Machine,
  machineOf,
  machineWith,
  nginx,
  pemOf,
  restarting,
  tomcat,
} from './file-world.ts';
import { given, rebind, undo, type World, worldOf } from './world.ts';

const services = 'SYSTEM\\CurrentControlSet\\Services';
const registry = { [`${services}\\Tomcat10`]: {}, [`${services}\\Jetty`]: {} };
const lab = fileLab.with({ roles: { registry, classes: {} } });
const [old, successor] = [lab.thumbprint('old'), lab.thumbprint('new')];

const two = [tomcat, another(tomcat, 'second', 8444)];
const withJetty = [...two, another(tomcat, 'jetty', 8445, 'Jetty')];

const prepared = (machine: Machine, files: readonly FileSettings[]) => fileWorld(worldOf(lab), machine, files);
const rebinding = (world: World, files: readonly FileSettings[]) =>
  rebind(world, [given(lab, 'old', 'new')], {}, restarting(files));
const served = ({ clients }: Machine) => [...clients.values()];
const running = ({ kernel: { state } }: World, name = 'Tomcat10') => serviceNow(state, name)?.state;

describe('two certificate files of one service', () => {
  it('are replaced, their service restarted once, and both verified; an undo restarts it once as well', async () => {
    const machine = machineOf(lab, 'old', 'new', ...two);
    const world = prepared(machine, two);
    const outcome = await rebinding(world, two);
    assert.deepEqual(
      outcome.steps.map(({ state, restarted }) => [state, restarted?.length]),
      [
        ['verified', 1],
        ['verified', 1],
      ],
    );
    assert.deepEqual([served(machine), machine.stops, running(world)], [[successor, successor], 1, 'started']);
    const back = await undo(world, outcome.run, { configuration: restarting(two) });
    assert.equal(back.result, 'undone');
    assert.deepEqual([served(machine), machine.stops, running(world)], [[old, old], 2, 'started']);
  });

  it('that was restarted is restarted back where the whole run is undone, and where its proof fails afterwards', async () => {
    const files = [tomcat, another(tomcat, 'jetty', 8445, 'Jetty')];
    const machine = machineWith({ ...machineOf(lab, 'old', 'new', ...files), dead: [8445] });
    const outcome = await rebind(
      prepared(machine, files),
      [given(lab, 'old', 'new')],
      { undo: 'run' },
      restarting(files),
    );
    assert.deepEqual(
      outcome.steps.map(({ state }) => state),
      ['rolled-back', 'rolled-back'],
    );
    assert.equal(machine.clients.get(8443), old);

    const alone = machineOf(lab, 'old', 'new', tomcat);
    const world = prepared(alone, [tomcat]);
    const { handshake } = world.context;
    let news = 0;
    const failing: typeof handshake = async (endpoint) => {
      const seen = await handshake(endpoint);
      if (seen.handshake.thumbprint !== successor || ++news < 2) return seen;
      return { ...seen, handshake: { ...seen.handshake, result: 'unreachable', thumbprint: null } };
    };
    const { steps } = await rebinding({ ...world, context: { ...world.context, handshake: failing } }, [tomcat]);
    assert.deepEqual(
      steps.map(({ state, restarted }) => [state, restarted?.length]),
      [['rolled-back', 2]],
    );
    assert.deepEqual(served(alone), [old]);
  });

  it('do not make others be reloaded one by one, and are spared what fails at one of those', async () => {
    const told = [nginx, another(nginx, 'second', 8444), another(nginx, 'third', 8446)];
    const files = [another(tomcat, 'tomcat', 8447), ...told];
    const machine = machineOf(lab, 'old', 'new', ...files);
    const outcome = await rebinding(prepared(machine, files), files);
    assert.deepEqual([outcome.result, machine.reloads, machine.stops], ['rebound', 2, 1]);

    const failing = machineWith({
      ...machineOf(lab, 'old', 'new', ...files),
      dead: told.map(({ dial }) => dial?.port ?? 0),
    });
    const { steps } = await rebinding(prepared(failing, files), files);
    const ofTomcat = steps.find(({ key }) => key === fileKey('tomcat'));
    assert.deepEqual([ofTomcat?.state, ofTomcat?.error?.code], ['not-attempted', 'canary-failed']);
    assert.equal(failing.stops, 0);
  });

  it('spare the next service also where one fails and others changed another meanwhile', async () => {
    const machine = machineWith({ ...machineOf(lab, 'old', 'new', ...withJetty), dead: [8443, 8445] });
    const world = prepared(machine, withJetty);
    const { handshake } = world.context;
    const third = pemOf(lab.certificate('third', { names: ['shop.example.com'] }), 'third');
    const [, second] = two;
    const meddling: typeof handshake = async (endpoint) => {
      machine.disk.set(second?.certificate ?? '', third.certificate).set(second?.key ?? '', third.key);
      return handshake(endpoint);
    };
    const { steps } = await rebinding({ ...world, context: { ...world.context, handshake: meddling } }, withJetty);
    assert.deepEqual(
      steps.map(({ error }) => error?.code),
      ['restart-failed', 'changed-meanwhile', 'canary-failed'],
    );
    assert.equal(running(world, 'Jetty'), 'started');
    assert.equal(machine.clients.get(8445), old);
  });

  it('both get the old certificate back, with one restart more, where their service does not start; the next service is spared', async () => {
    const machine = machineOf(lab, 'old', 'new', ...withJetty);
    machine.reload = 'ends';
    const world = prepared(machine, withJetty);
    const { steps } = await rebinding(world, withJetty);
    assert.deepEqual(
      steps.map(({ key, state, error }) => [key, state, error?.code]),
      [
        [fileKey('tomcat'), 'rolled-back', 'restart-failed'],
        [fileKey('second'), 'rolled-back', 'restart-failed'],
        [fileKey('jetty'), 'not-attempted', 'canary-failed'],
      ],
    );
    assert.deepEqual([served(machine), machine.stops], [[old, old, old], 2]);
    assert.deepEqual([running(world), running(world, 'Jetty')], ['started', 'started']);
  });

  it('are judged apart: the one that is not served gets its old certificate back, the other one stays', async () => {
    const machine = machineWith({ ...machineOf(lab, 'old', 'new', ...two), dead: [8444] });
    const world = prepared(machine, two);
    const { exitCode, steps } = await rebinding(world, two);
    assert.deepEqual([exitCode, ...steps.map(({ state }) => state)], [4, 'verified', 'rolled-back']);
    assert.deepEqual([served(machine), machine.stops, running(world)], [[successor, old], 2, 'started']);
  });

  it('of two services: the second is not begun where the server fell silent at the restart of the first', async () => {
    const files = [tomcat, another(tomcat, 'jetty', 8445, 'Jetty')];
    const machine = machineOf(lab, 'old', 'new', ...files);
    const world = prepared(machine, files);
    world.fault({ on: { kind: 'control-service' }, effect: { do: 'hang', after: true } });
    const { exitCode, steps } = await rebinding(world, files);
    const [, second] = steps;
    assert.deepEqual(
      [exitCode, second?.state, second?.error?.code, second?.error?.message],
      [5, 'not-attempted', 'server-silent', 'The server stopped answering during a restart.'],
    );
    assert.equal(machine.clients.get(8445), old);
  });

  it('of two services: the second is replaced where the first was changed meanwhile', async () => {
    const files = [tomcat, another(tomcat, 'jetty', 8445, 'Jetty')];
    const machine = machineOf(lab, 'old', 'new', ...files);
    const world = prepared(machine, files);
    const { handshake } = world.context;
    const withThird = lab.certificate('third', { names: ['shop.example.com'] });
    const meddling: World['context']['handshake'] = async (endpoint) => {
      const { certificate, key } = pemOf(withThird, 'third');
      machine.disk.set(tomcat.certificate, certificate).set(tomcat.key ?? '', key);
      return handshake(endpoint);
    };
    const { steps } = await rebinding({ ...world, context: { ...world.context, handshake: meddling } }, files);
    assert.deepEqual(
      steps.map(({ key, state }) => [key, state]),
      [
        [fileKey('tomcat'), 'changed-by-others'],
        [fileKey('jetty'), 'verified'],
      ],
    );
  });

  it('are reloaded twice at most: with the first one alone, and with all the others', async () => {
    const files = [nginx, another(nginx, 'second', 8444), another(nginx, 'third', 8445)];
    const machine = machineOf(lab, 'old', 'new', ...files);
    const world = prepared(machine, files);
    const outcome = await rebinding(world, files);
    assert.deepEqual([outcome.result, served(machine), machine.reloads], ['rebound', files.map(() => successor), 2]);
    assert.equal((await undo(world, outcome.run, { configuration: restarting(files) })).result, 'undone');
    assert.deepEqual([served(machine), machine.reloads], [files.map(() => old), 4]);
    assert.ok(![...machine.disk.keys()].some((path) => path.endsWith('.due')));
  });
});
