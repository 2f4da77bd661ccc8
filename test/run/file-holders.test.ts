import assert from 'node:assert/strict';
import { fileKey } from '../../src/holders/file/file.ts';
import { fileWorld, fileLab as lab, type Machine, machineOf, nginx, pemOf, withFiles } from './file-world.ts';
import { given, rebind, reconcile, undo, type World, worldOf } from './world.ts';

const [old, successor] = [lab.thumbprint('old'), lab.thumbprint('new')];
const configuration = withFiles([nginx]);
const key = fileKey('nginx');
const rebinding = (world: World, policy = configuration) => rebind(world, [given(lab, 'old', 'new')], {}, policy);
const { certificate: certificatePath, key: keyPath = '' } = nginx;

/** Which pair is live, and what lies beside the two files. */
function state({ disk, serves, reloads }: Machine) {
  const live = ['old', 'new'].filter((label) => {
    const pair = pemOf(lab, label);
    return disk.get(certificatePath)?.equals(pair.certificate) && disk.get(keyPath)?.equals(pair.key);
  });
  const beside = [...disk.keys()].filter((path) => path !== certificatePath && path !== keyPath);
  return {
    live: live[0],
    beside: beside.map((path) => path.replace(old, 'OLD').replace(successor, 'NEW')).sort(),
    serves,
    reloads,
  };
}

const moved = {
  live: 'new',
  beside: [`${keyPath}.certrebind-OLD`, `${certificatePath}.certrebind-OLD`],
  serves: successor as string,
  reloads: 1,
};
const untouched = {
  live: 'old',
  beside: [`${keyPath}.certrebind-NEW`, `${certificatePath}.certrebind-NEW`],
  serves: old as string,
  reloads: 0,
};

describe('a certificate file', () => {
  it('gets the pair that lies beside it, its service is told, what it serves is verified, and undo puts the old pair back', async () => {
    const machine = machineOf(lab, 'old', 'new');
    const world = fileWorld(worldOf(lab), machine);
    const outcome = await rebinding(world);
    const [step] = outcome.steps;
    assert.deepEqual([outcome.result, step?.key, step?.state], ['rebound', key, 'verified']);
    assert.deepEqual(state(machine), moved);
    assert.equal((await undo(world, outcome.run)).result, 'undone');
    assert.deepEqual(state(machine), { ...untouched, reloads: 2 });
  });

  it('is only named where the policy reports it, and left alone where it is excluded', async () => {
    const machine = machineOf(lab, 'old', 'new');
    const world = fileWorld(worldOf(lab), machine);
    const reporting = { ...configuration, holders: { ...configuration.holders, file: { policy: 'report' } as const } };
    const { skipped } = await rebinding(world, reporting);
    assert.deepEqual(
      skipped.map((one) => [one.key, one.reason]),
      [[key, 'report-only']],
    );
    const excluded = await rebinding(world, {
      ...configuration,
      exclude: { ...configuration.exclude, holders: [key] },
    });
    assert.deepEqual([excluded.steps, state(machine)], [[], untouched]);
  });

  it('is blocked while the private key of the new certificate does not lie beside it', async () => {
    const machine = machineOf(lab, 'old', null);
    const { blocked, exitCode } = await rebinding(fileWorld(worldOf(lab), machine));
    assert.deepEqual([exitCode, blocked.map(({ reason }) => reason)], [3, ['file-key-missing']]);
  });

  it('with the key of another certificate is blocked, and nothing is put beside or into it', async () => {
    const machine = machineOf(lab, 'old', 'new');
    machine.disk.set(keyPath, pemOf(lab, 'new').key);
    const { blocked } = await rebinding(fileWorld(worldOf(lab), machine));
    assert.deepEqual(
      blocked.map(({ reason }) => reason),
      ['file-unfit'],
    );
  });

  it('never gets a certificate with the key of another one, whatever lies beside it', async () => {
    const machine = machineOf(lab, 'old', 'new');
    machine.disk.set(`${keyPath}.certrebind-${successor}`, pemOf(lab, 'old').key);
    const outcome = await rebinding(fileWorld(worldOf(lab), machine));
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.state], [4, 'as-before']);
    assert.deepEqual([state(machine).live, machine.reloads], ['old', 0]);
  });

  it('keeps both old files where the second cannot be replaced', async () => {
    const machine = machineOf(lab, 'old', 'new');
    machine.refuses = (change) => change.do === 'replace-file' && change.live === keyPath;
    const outcome = await rebinding(fileWorld(worldOf(lab), machine));
    assert.equal(outcome.exitCode, 4);
    assert.deepEqual(state(machine), untouched);
  });

  it('gets its old pair back where the server ends at the reload', async () => {
    const machine = machineOf(lab, 'old', 'new');
    machine.reload = 'ends';
    const outcome = await rebinding(fileWorld(worldOf(lab), machine));
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.error?.code], [4, 'endpoint-worse']);
    assert.equal(state(machine).live, 'old');
  });

  it('whose service cannot be told has its old pair back, and is named until it was told', async () => {
    const machine = machineOf(lab, 'old', 'new');
    machine.reload = 'fails';
    const world = fileWorld(worldOf(lab), machine);
    const outcome = await rebinding(world);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.state, state(machine).live], [5, 'rollback-failed', 'old']);
    machine.reload = 'reads';
    await reconcile(world, {}, configuration);
    const { live, serves, beside } = state(machine);
    assert.deepEqual([live, serves, beside.some((path) => path.endsWith('.due'))], ['old', old, false]);
  });
});
