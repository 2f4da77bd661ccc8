import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultConfiguration } from '../../src/model/configuration.ts';
import { rehearsalTask } from '../../src/model/rebind-tasks.ts';
import { openFacts, type Rehearsal, type RehearsalStart } from '../../src/model/rehearsal.ts';
import { planRebind } from '../../src/plan/plan-rebind.ts';
import { planUndo } from '../../src/plan/plan-undo.ts';
import { differencesBetween, leftoversIn } from '../../src/plan/rehearse.ts';
import { rehearse } from '../../src/run/rehearse.ts';
import type { RehearsalStarts } from '../../src/run/rehearse-event.ts';
import { type Kernel, kernelServer } from '../../src/server/lab/kernel/kernel-server.ts';
import type { LabCertificate, TaskStart } from '../../src/server/lab/kernel/lab-state.ts';
import { type SwitchName, switchTable } from '../../src/server/lab/kernel/switches.ts';
import { readSnapshot, type Server } from '../../src/server/server.ts';
import { labState } from '../builders/lab.ts';
import { requestOf, type World, wideLab, worldOf } from './world.ts';

/** Switches that a rehearsal can tell; the others it has to leave open, with a reason. */
const measurable: readonly SwitchName[] = [
  'rebind-options',
  'rebind-absent-record',
  'add-on-existing',
  'remove-absent-record',
  'netsh-update-options',
  'netsh-update-on-2016',
  'wire-follows-renewal',
  'removed-certificate',
  'archived-certificate',
  'endpoint-precedence',
  'wildcard-names',
  'sni-layout',
  'key-opens',
  'event-shape',
  'missing-value',
  'queued-values',
  'task-queue',
];

/** The first Server on which netsh may or may not have update. */
const server2016 = 14393;

describe('rehearse', () => {
  for (const { name, positions, fact } of switchTable.filter((each) => measurable.includes(each.name))) {
    for (const position of positions) {
      it(`finds out ${name}: ${position}`, async () => {
        const world = prepared(name === 'netsh-update-on-2016' ? server2016 : null);
        world.kernel.apply({ kind: 'set-switch', name, position });
        const rehearsal = await rehearseIn(world);
        assert.equal(found(rehearsal, fact).measured, position, found(rehearsal, fact).how);
        assert.deepEqual([rehearsal.leftovers, rehearsal.differences, rehearsal.exitCode], [[], [], 0]);
      });
    }
  }

  it('goes from the event to the undo', async () => {
    const { stages } = await rehearseIn(prepared());
    assert.deepEqual(
      stages.map(({ stage, result }) => [stage, result]),
      ['event', 'task', 'swap', 'verify', 'undo', 'clean-up'].map((stage) => [stage, 'done']),
    );
  });

  it('leaves everything that was there as it was, whatever its certificates are', async () => {
    const world = prepared();
    const before = await readSnapshot(world.context.server);
    await rehearseIn(world);
    assert.deepEqual(differencesBetween(before, await readSnapshot(world.context.server)), []);
  });

  it('says what it left behind, and that a person is needed', async () => {
    const world = prepared();
    const { server } = world.context;
    const rehearsal = await rehearseIn(world, keeping(server, 'remove-site'));
    assert.equal(rehearsal.exitCode, 5);
    assert.equal(rehearsal.clean, false);
    assert.deepEqual(rehearsal.leftovers, ['the site CertRebind-Rehearsal-test']);
  });

  it('takes away what a rehearsal that was killed left', async () => {
    const world = prepared();
    const { server } = world.context;
    await rehearseIn(world, keeping(server, 'remove-site'));
    const rehearsal = await rehearseIn(world);
    assert.deepEqual([rehearsal.clean, rehearsal.exitCode], [true, 0]);
    assert.deepEqual(leftoversIn(await readSnapshot(server)), []);
  });

  it('guesses nothing where no task is started: what only a start could tell stays open, with the reason', async () => {
    const rehearsal = await rehearseIn(prepared(), undefined, 'nobody starts tasks here');
    for (const name of ['missing-value', 'task-queue', 'queued-values']) {
      assert.deepEqual(
        [found(rehearsal, name).measured, found(rehearsal, name).how],
        [null, 'nobody starts tasks here'],
      );
    }
    assert.equal(found(rehearsal, 'rebind-options').measured, 'kept');
  });

  it('reports every fact once, and every one that is open with a reason', async () => {
    const { facts } = await rehearseIn(prepared());
    assert.deepEqual(
      facts.map(({ name }) => name),
      openFacts.map(({ name }) => name),
    );
    assert.deepEqual(
      facts.filter(({ how }) => how === '' || how === 'the rehearsal ended before'),
      [],
    );
  });

  it('calls every fact as the ledger does', () => {
    const ledger = readFileSync(join(import.meta.dirname, '../../docs/fidelity.md'), 'utf8');
    assert.deepEqual(
      openFacts.filter(({ name }) => !ledger.includes(`\n| \`${name}\` |`)),
      [],
    );
  });

  it('knows the positions of every switch of the lab that is a choice', () => {
    const positions = new Map<string, readonly string[]>(openFacts.map((each) => [each.name, each.positions]));
    for (const { name, fact, positions: expected } of switchTable) {
      assert.deepEqual(positions.get(fact), expected, name);
    }
  });
});

function found({ facts }: Rehearsal, name: string): Rehearsal['facts'][number] {
  const fact = facts.find((each) => each.name === name);
  if (fact === undefined) throw new Error(`the rehearsal says nothing of ${name}`);
  return fact;
}

/** A server with records of its own, on which certificates can be issued. */
function prepared(osBuild: number | null = null): World {
  const spare = labState()
    .certificate('one', { names: ['a.example'] })
    .certificate('two', { names: ['b.example'] });
  const ready = [...spare.build().certificates];
  const issue = async (_: string, friendlyName: string): Promise<LabCertificate> => {
    const next = ready[friendlyName.endsWith('old') ? 0 : 1];
    if (next === undefined) throw new Error('no certificate is left');
    return { ...next, friendlyName, renewedTo: null };
  };
  const lab = wideLab();
  const world = worldOf(osBuild === null ? lab : lab.with({ osBuild }));
  const server = kernelServer(world.kernel, { account: 'system', issue });
  return { ...world, context: { ...world.context, server } };
}

function rehearseIn(
  world: World,
  server: Server = world.context.server,
  whyNoTask: string | null = null,
): Promise<Rehearsal> {
  const context = { ...world.context, server };
  const { state } = world;
  return rehearse(context, {
    id: 'test',
    port: 44321,
    task: whyNoTask === null ? rehearsalTask({ command: 'C:\\CertRebind\\certrebind.exe' }, 'test') : null,
    whyNoTask: whyNoTask ?? '',
    starts: startsOf(world.kernel),
    alsoStarted: [],
    wireMs: 3000,
    startMs: 10_000,
    leftoversIn,
    differencesBetween,
    swap: (renewal) =>
      requestOf({
        command: 'rehearse',
        plan: ({ snapshot }) => planRebind({ snapshot, renewals: [renewal], configuration: defaultConfiguration }),
      }),
    undo: (run) =>
      requestOf({
        command: 'undo',
        async plan({ snapshot }) {
          const { journal, outcome } = await state.readRun(run);
          if (outcome === null) throw new Error(`${run} is unfinished`);
          return planUndo({ snapshot, run, journal, outcome, force: false });
        },
      }),
  });
}

/** Task Scheduler and the program that it starts: the first start waits until it is released. */
function startsOf(kernel: Kernel): RehearsalStarts {
  const seen: RehearsalStart[] = [];
  const running: TaskStart[] = [];
  let released = false;
  const take = () => {
    for (const start of kernel.takeStarts()) {
      const [, , ...words] = start.arguments.split(' ').filter((word) => word !== '');
      seen.push({ at: kernel.now().toISOString(), words });
      running.push(start);
    }
    const ended = released ? running.splice(0) : [];
    for (const { path, name, instance } of ended) {
      kernel.apply({ kind: 'task-finished', path, name, instance, exitCode: 0 });
    }
    return ended.length > 0;
  };
  return {
    async read() {
      while (take());
      return seen;
    },
    async release() {
      released = true;
    },
  };
}

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
