import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultConfiguration } from '../../src/documents/configuration.ts';
import { openFacts, type Rehearsal, type RehearsalStart } from '../../src/documents/rehearsal.ts';
import { rehearsalTask } from '../../src/documents/scheduled-tasks.ts';
import type { LabCertificate, TaskStart } from '../../src/lab/kernel/lab-state.ts';
import { type SwitchName, switchTable } from '../../src/lab/kernel/switches.ts';
import type { RehearsalStarts } from '../../src/rehearse/event.ts';
import { differencesBetween, leftoversIn } from '../../src/rehearse/leftovers.ts';
import { rehearse } from '../../src/rehearse/rehearse.ts';
import type { RunContext } from '../../src/run/context.ts';
import type { Server } from '../../src/server/server.ts';
import { labState } from '../builders/lab.ts';
import { type World, wideLab, worldOf } from '../run/world.ts';
import { type Kernel, kernelServer } from '../support/kernel-server.ts';

/** An invented language is to a rehearsal one that it does not know. */
const foundAs: ReadonlyMap<string, string> = new Map([['invented', 'other']]);

/** The first Server on which netsh may or may not have update. */
const server2016 = 14393;

/** What a rehearsal does not meet: known before it begins, or a matter of reading alone. */
const unmeasured: { readonly [Name in SwitchName]?: readonly string[] | 'all' } = {
  'task-starts': 'all',
  'schedule-service': 'all',
  'execution-policy': 'all',
  'script-control': 'all',
  'powershell-starts': 'all',
  'ftp-site-state': 'all',
  'ftp-certificate-before-host': 'all',
  'renewed-key-access': 'all',
  'wmsvc-value': 'all',
  'key-storage': 'all',
  'key-deletion': 'all',
  'winrm-record': 'all',
  'winrm-hostname': 'all',
  'sql-start-refused': 'all',
  'gateway-system-denied': 'all',
  'gateway-record-is-hash': 'all',
  'gateway-record-blocks': 'all',
  'gateway-rewrites-record': 'all',
  'gateway-self-restart': 'all',
  'gateway-down-status': 'all',
  'sstp-default-mode': 'all',
  'sstp-second-restart': 'all',
  'sstp-init-service': 'all',
  'sstp-deletes-orphans': 'all',
  'sstp-down-status': 'all',
  'sstp-ports-full': 'all',
  'ldaps-ack-only': 'all',
  'ldaps-system-right': 'all',
  'exchange-attribute': 'all',
  'remote-session': 'all',
  'listen-list': 'all',
  http3: 'all',
  'ipv6-any-record': 'all',
  'web-administration': 'all',
  'renewal-issuer': 'all',
  'root-store': 'all',
  'volume-root': 'all',
  'domain-letters': 'all',
  'agent-rights': 'all',
  'key-opens': ['too-slow'],
};

const rehearsed = switchTable.flatMap(({ name, positions, fact }) => {
  const left = unmeasured[name] ?? [];
  return left === 'all' ? [] : [{ name, fact, positions: positions.filter((position) => !left.includes(position)) }];
});

describe('rehearse', () => {
  for (const { name, positions, fact } of rehearsed) {
    for (const position of positions) {
      it(`finds out ${name}: ${position}`, async () => {
        const world = prepared(name === 'netsh-update-on-2016' ? server2016 : null);
        world.kernel.apply({ kind: 'set-switch', name, position });
        const rehearsal = await rehearseIn(world, { restartMs: name === 'restart-on-exit-code' ? 90_000 : null });
        const { measured, how } = found(rehearsal, fact);
        assert.equal(measured, foundAs.get(position) ?? position, how);
        assert.deepEqual([rehearsal.leftovers, rehearsal.differences, rehearsal.exitCode], [[], [], 0]);
      });
    }
  }

  it('goes from the event to the undo', async () => {
    const { stages } = await rehearseIn(prepared());
    assert.deepEqual(
      stages.map(({ stage, result }) => [stage, result]),
      ['event', 'task', 'replace', 'verify', 'undo', 'clean-up'].map((stage) => [stage, 'done']),
    );
  });

  it('leaves everything that was there as it was, whatever its certificates are', async () => {
    const world = prepared();
    const before = await world.context.server.snapshot();
    await rehearseIn(world);
    assert.deepEqual(differencesBetween(before, await world.context.server.snapshot()), []);
  });

  it('says what it left behind, and that a person is needed', async () => {
    const world = prepared();
    const { server } = world.context;
    const rehearsal = await rehearseIn(world, { server: keeping(server, 'remove-site') });
    assert.equal(rehearsal.exitCode, 5);
    assert.equal(rehearsal.clean, false);
    assert.deepEqual(rehearsal.leftovers, ['the site CertRebind-Rehearsal-test']);
  });

  it('says what has come into the store CA meanwhile', async () => {
    const world = prepared();
    const { server } = world.context;
    const [copy] = labState()
      .certificate('copy', { names: ['c.example'] })
      .build().certificates;
    if (copy === undefined) throw new Error('there is no certificate');
    const copying: Server = {
      ...server,
      async change(changes) {
        world.kernel.apply({ kind: 'add-certificate', certificate: { ...copy, store: 'CA' } });
        return server.change(changes);
      },
    };
    const { differences, exitCode } = await rehearseIn(world, { server: copying });
    assert.deepEqual([differences, exitCode], [[`the certificate ${copy.thumbprint} in CA has come`], 5]);
  });

  it('takes away what a rehearsal that was killed left', async () => {
    const world = prepared();
    const { server } = world.context;
    await rehearseIn(world, { server: keeping(server, 'remove-site') });
    const rehearsal = await rehearseIn(world);
    assert.deepEqual([rehearsal.clean, rehearsal.exitCode], [true, 0]);
    assert.deepEqual(leftoversIn(await server.snapshot()), []);
  });

  it('says of restarts what would take longer than it was given', async () => {
    const { measured, how } = found(await rehearseIn(prepared()), 'restart-on-failure');
    assert.equal(measured, null);
    assert.match(how, /--thorough/);
  });

  it('says how long the wire followed the renewal property', async () => {
    const told: string[] = [];
    for (const position of ['never', 'at-once', 'address-records'] as const) {
      const world = prepared();
      world.kernel.apply({ kind: 'set-switch', name: 'wire-follows-renewal', position });
      told.push(found(await rehearseIn(world), 'wire-follows-renewal').how);
    }
    const [old, followed] = [
      'the old certificate for 3000 ms',
      'the successor from 0 ms to the end of the watch at 3000 ms',
    ];
    assert.deepEqual(told, [
      `record by address: ${old}; by name: ${old}`,
      `record by address: ${followed}; by name: ${followed}`,
      `record by address: ${followed}; by name: ${old}`,
    ]);
  });

  it('says until when the wire followed where it did so for a time only, which is none of the positions', async () => {
    const { measured, how } = found(await rehearseIn(followingFor(prepared(), 1000)), 'wire-follows-renewal');
    const old = 'the old certificate for 3000 ms';
    assert.deepEqual(
      [measured, how],
      [null, `record by address: the successor from 0 ms on, seen last at 500 ms; by name: ${old}`],
    );
  });

  it('says what it left of the central store, and that a person is needed', async () => {
    const world = prepared();
    world.fault({ on: { kind: 'netsh', verb: 'delete', key: centralKey }, times: null, effect: { do: 'no-effect' } });
    const { leftovers, exitCode } = await rehearseIn(world);
    assert.deepEqual([leftovers, exitCode], [[`the certificate binding ${centralKey}`], 5]);
  });

  it('gives the words of netsh where it takes no record of the central store', async () => {
    const world = prepared();
    const effect = { do: 'fail', hresult: 0x80070057, message: 'Zentrale Speicher gibt es hier nicht.' } as const;
    world.fault({ on: { kind: 'netsh', verb: 'add', key: centralKey }, effect });
    const { measured, how } = found(await rehearseIn(world), 'central-store-record');
    assert.equal(measured, null);
    assert.match(how, /could not be made: .*Zentrale Speicher gibt es hier nicht\./);
  });

  it('guesses nothing where no task is started: what only a start could tell stays open, with the reason', async () => {
    const rehearsal = await rehearseIn(prepared(), { whyNoTask: 'nobody starts tasks here' });
    for (const name of ['existing-task-text', 'missing-value', 'task-queue', 'queued-values', 'restart-on-failure']) {
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
    const ledger = readFileSync(join(import.meta.dirname, '../../docs/evidence/fidelity.md'), 'utf8');
    assert.deepEqual(
      openFacts.filter(({ name }) => !ledger.includes(`\n| \`${name}\` |`)),
      [],
    );
  });

  it('knows the positions of every switch of the lab that is a choice', () => {
    const positions = new Map<string, readonly string[]>(openFacts.map((each) => [each.name, each.positions]));
    for (const { name, fact, positions: expected } of rehearsed) {
      assert.deepEqual(
        positions.get(fact),
        expected.map((position) => foundAs.get(position) ?? position),
        name,
      );
    }
  });
});

const port = 44321;
const centralKey = `(central-store):${port}`;

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

interface Circumstances {
  readonly server?: Server;
  /** Absent: the task is started. */
  readonly whyNoTask?: string;
  readonly restartMs?: number | null;
}

function rehearseIn(world: World, circumstances: Circumstances = {}): Promise<Rehearsal> {
  const { server = world.context.server, whyNoTask = null, restartMs = null } = circumstances;
  const context = { ...world.context, server };
  return rehearse(context, {
    id: 'test',
    port,
    task: whyNoTask === null ? rehearsalTask({ command: 'C:\\CertRebind\\certrebind.exe' }, 'test') : null,
    whyNoTask: whyNoTask ?? '',
    starts: startsOf(world.kernel),
    alsoStarted: [],
    wireMs: 3000,
    startMs: 10_000,
    restartMs,
    configuration: defaultConfiguration,
  });
}

/** Task Scheduler and the program that it starts: the first start waits until it is released. */
function startsOf(kernel: Kernel): RehearsalStarts {
  const seen: RehearsalStart[] = [];
  const running: TaskStart[] = [];
  let waiting: readonly { readonly due: number; readonly start: TaskStart }[] = [];
  let released = false;
  let exitCode = 0;
  const take = () => {
    const now = kernel.now();
    const begun = kernel.takeStarts().map((start) => ({ due: now.getTime() + start.delayMs, start }));
    const all = [...waiting, ...begun];
    waiting = all.filter(({ due }) => due > now.getTime());
    for (const { due, start } of all) {
      if (due > now.getTime()) continue;
      const [, , ...words] = start.arguments.split(' ').filter((word) => word !== '');
      seen.push({ at: now.toISOString(), words });
      running.push(start);
    }
    const ended = released ? running.splice(0) : [];
    for (const { path, name, instance } of ended) {
      kernel.apply({ kind: 'task-finished', path, name, instance, exitCode });
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
    async fail() {
      exitCode = 1;
    },
  };
}

/** The wire follows the renewal property from its announcement on, and after so many milliseconds does no more. */
function followingFor(world: World, ms: number): World {
  const { server, clock, handshake } = world.context;
  const follow = (position: string) =>
    world.kernel.apply({ kind: 'set-switch', name: 'wire-follows-renewal', position });
  let until = Number.POSITIVE_INFINITY;
  const context: RunContext = {
    ...world.context,
    server: {
      ...server,
      async change(changes) {
        if (changes.some((change) => change.do === 'rehearse' && change.act.act === 'announce')) {
          until = Math.min(until, clock.now().getTime() + ms);
          follow('at-once');
        }
        return server.change(changes);
      },
    },
    async handshake(endpoint) {
      if (clock.now().getTime() >= until) follow('never');
      return handshake(endpoint);
    },
  };
  return { ...world, context };
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
