import assert from 'node:assert/strict';
import { makeSite } from '../../../src/commands/rehearse/rehearse.ts';
import { rehearsalAppId } from '../../../src/documents/rehearsal.ts';
import type { RunContext } from '../../../src/engine/run/context.ts';
import { keyOption } from '../../../src/kinds/tls/netsh-options.ts';
import { renewalNotice } from '../../../src/lab/client/change-requests.ts';
import type { LabResult } from '../../../src/lab/kernel/answers.ts';
import { thumbprintOf } from '../../../src/lab/kernel/certificates.ts';
import { lifecycleAccess } from '../../../src/lab/kernel/event-log.ts';
import type { TaskStart } from '../../../src/lab/kernel/lab-state.ts';
import { runNetsh } from '../../../src/lab/kernel/netsh.ts';
import type { LabRequest } from '../../../src/lab/kernel/requests.ts';
import { switchTable } from '../../../src/lab/kernel/switches.ts';
import { prepared, type World } from '../../commands/rehearse/prepared.ts';
import { wideLab } from '../../engine/run/world.ts';
import { assertNone, each } from '../../support/each.ts';
import { type Act, type Bench, type Finding, type Hands, openFacts } from './core/bench.ts';
import { notingTask } from './core/hands.ts';
import type { Start, Starts } from './core/on-event.ts';
import { measureOn } from './core/on-site.ts';
import { facts } from './facts.ts';

/** An invented language is one that is not known. */
const foundAs: ReadonlyMap<string, string> = new Map([['invented', 'other']]);

/** The first Server on which netsh may or may not have update. */
const server2016 = 14393;

const measured: readonly string[] = openFacts.map(({ name }) => name);
/** A key that opens late on a token cannot be made. */
const rehearsed = switchTable
  .filter(({ fact }) => measured.includes(fact))
  .map(({ name, fact, positions }) => ({ name, fact, positions: positions.filter((one) => one !== 'too-slow') }));

describe('what is measured on a temporary site', () => {
  for (const { name, positions, fact } of rehearsed) {
    for (const position of positions) {
      it(`finds out ${name}: ${position}`, async () => {
        const world = prepared(name === 'netsh-update-on-2016' ? wideLab().with({ osBuild: server2016 }) : wideLab());
        world.kernel.apply({ kind: 'set-switch', name, position });
        const facts = await measuredIn(world);
        const { measured, how } = found(facts, fact);
        assert.equal(measured, foundAs.get(position) ?? position, how);
      });
    }
  }

  it('says how long the wire followed the renewal property', async () => {
    const told: string[] = [];
    for (const position of ['never', 'at-once', 'address-records'] as const) {
      const world = prepared();
      world.kernel.apply({ kind: 'set-switch', name: 'wire-follows-renewal', position });
      told.push(found(await measuredIn(world), 'wire-follows-renewal').how);
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
    const { measured, how } = found(await measuredIn(followingFor(prepared(), 1000)), 'wire-follows-renewal');
    const old = 'the old certificate for 3000 ms';
    assert.deepEqual(
      [measured, how],
      [null, `record by address: the successor from 0 ms on, seen last at 500 ms; by name: ${old}`],
    );
  });

  it('gives the words of netsh where it takes no record of the central store', async () => {
    const world = prepared();
    const effect = { do: 'fail', hresult: 0x80070057, message: 'Zentrale Speicher gibt es hier nicht.' } as const;
    world.fault({ on: { kind: 'netsh', verb: 'add', key: centralKey }, effect });
    const { measured, how } = found(await measuredIn(world), 'central-store-record');
    assert.equal(measured, null);
    assert.match(how, /could not be made: .*Zentrale Speicher gibt es hier nicht\./);
  });

  it('guesses nothing where no task is started: what only a start could tell stays open, with the reason', async () => {
    const facts = await measuredIn(prepared(), { whyNoTask: 'nobody starts tasks here' });
    for (const name of ['missing-value', 'task-queue', 'queued-values']) {
      assert.deepEqual([found(facts, name).measured, found(facts, name).how], [null, 'nobody starts tasks here']);
    }
    assert.equal(found(facts, 'rebind-options').measured, 'kept');
  });

  it('reports every fact once, and every one that is open with a reason', async () => {
    const facts = await measuredIn(prepared());
    assert.deepEqual(
      each(facts, 'name'),
      openFacts.map(({ name }) => name),
    );
    assertNone(facts, ({ how }) => how === '');
  });

  it('calls every fact as the list does', () => {
    for (const { name } of openFacts) assert.ok(name in facts, name);
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

function found(facts: readonly Finding[], name: string): Finding {
  const fact = facts.find((each) => each.name === name);
  if (fact === undefined) throw new Error(`nothing is said of ${name}`);
  return fact;
}

interface Circumstances {
  /** Absent: the task is started. */
  readonly whyNoTask?: string;
}

async function measuredIn(world: World, { whyNoTask }: Circumstances = {}): Promise<readonly Finding[]> {
  const { context } = world;
  const before = await context.server.snapshot();
  const made = await makeSite(context.server, before, { id: 'test', port });
  const bench: Bench = { ...made, context, hands: handsOf(world), oldMadeAt: context.clock.now().getTime() };
  const task = whyNoTask === undefined ? notingTask('C:\\node.exe', 'note.cjs noted', 'test') : null;
  const waits = { wireMs: 3000, startMs: 10_000 };
  return measureOn(
    bench,
    { task, whyNoTask: whyNoTask ?? '', starts: startsOf(world), ...waits },
    { netsh: before.netsh, lastRecordId: before.lifecycle.lastRecordId },
  );
}

/** As a PowerShell would, on a lab in memory. */
function handsOf({ kernel, follow }: World): Hands {
  const said = (result: LabResult): string | null => {
    if (result.kind === 'failed') return result.message;
    if (result.kind === 'netsh' && result.exitCode !== 0) return result.output.trim().replace(/\s*\r?\n\s*/g, ' ');
    return null;
  };
  return {
    async perform(act) {
      if (act.act === 'announce') follow?.();
      for (const request of requestsFor(act)) {
        const refused = said(kernel.apply(request).result);
        if (refused !== null) return refused;
      }
      return null;
    },
    async look(look) {
      const { state } = kernel;
      switch (look.look) {
        case 'event-xml':
          return state.lifecycle.events.filter(({ recordId }) => recordId === look.recordId).map(({ xml }) => xml);
        case 'netsh-record': {
          const { name, value } = keyOption(look.key);
          return [runNetsh(state, ['http', 'show', 'sslcert', `${name}=${value}`], kernel.now().toISOString()).output];
        }
        case 'log-access':
          return [lifecycleAccess(state.switches)];
        case 'intermediates':
          return state.authorities.map(thumbprintOf);
      }
    },
  };
}

function requestsFor(act: Act): readonly LabRequest[] {
  switch (act.act) {
    case 'announce':
      return [{ kind: 'set-renewal', thumbprint: act.old, renewedTo: act.new }, renewalNotice(act.old, act.new)];
    case 'binding-method': {
      const { site, information, method, thumbprint } = act;
      return [{ kind: 'binding-method', site, information, method, hash: thumbprint, store: 'My' }];
    }
    case 'netsh-update': {
      const { name, value } = keyOption(act.key);
      assert.equal(act.appId, rehearsalAppId);
      const words = [`${name}=${value}`, `certhash=${act.thumbprint}`, `appid=${act.appId}`, 'certstorename=My'];
      return [{ kind: 'netsh', args: ['http', 'update', 'sslcert', ...words] }];
    }
  }
}

/** Task Scheduler and the program that it starts: the first start waits until it is released. */
function startsOf({ kernel }: World): Starts {
  const seen: Start[] = [];
  const running: TaskStart[] = [];
  let waiting: readonly { readonly due: number; readonly start: TaskStart }[] = [];
  let released = false;
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

/** The wire follows the renewal property from its announcement on, and after so many milliseconds does no more. */
function followingFor(world: World, ms: number): World {
  const { clock, handshake } = world.context;
  const follow = (position: string) =>
    world.kernel.apply({ kind: 'set-switch', name: 'wire-follows-renewal', position });
  let until = Number.POSITIVE_INFINITY;
  const context: RunContext = {
    ...world.context,
    async handshake(endpoint) {
      if (clock.now().getTime() >= until) follow('never');
      return handshake(endpoint);
    },
  };
  return {
    ...world,
    context,
    follow: () => {
      until = Math.min(until, clock.now().getTime() + ms);
      follow('at-once');
    },
  };
}
