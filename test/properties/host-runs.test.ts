import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CertRebindError } from '../../src/base/errors.ts';
import type { Outcome } from '../../src/documents/runs/outcome.ts';
import { changed } from '../../src/documents/runs/step-states.ts';
import { needsPerson } from '../builders/steps.ts';
import { keys } from '../crash/served-lab.ts';
import { execute } from '../engine/run/world.ts';
import { type FaultyServer, heldBy, openStand, renewalOn } from '../faults/stands.ts';
import { ofAll } from '../support/of-each.ts';
import { isSlow } from '../support/slow.ts';
import { storedRuns } from '../support/stored-runs.ts';
import { checkProperty } from './check.ts';
import { faultsAt, faultsOf, meddledKeys, type Scenario } from './scenario.ts';

type Faults = Pick<Scenario, 'faults' | 'undo'>;

const title =
  'whatever goes wrong on a served lab: an outcome says how records are, and exit 0 means that they are as wanted';
const faults: fc.Arbitrary<Faults> = fc.record({
  faults: fc.array(faultsAt(keys), { minLength: 1, maxLength: 3 }),
  undo: fc.constantFrom('step', 'run'),
});

describe('a run with real files, pipe and handshakes', () => {
  const stand = ofAll(() => openStand('lab host', null));

  it(title, () => checkProperty(title, isSlow ? 12 : 3, faults, async (one) => holds(await stand.fresh(), one)));
});

async function holds(server: FaultyServer, one: Faults): Promise<void> {
  const { certificates, perform, state } = server;
  const byPlace = [certificates.old, certificates.new, certificates.other];
  for (const fault of faultsOf(one, (at) => byPlace[at] ?? certificates.other))
    await perform({ kind: 'arm-fault', fault });
  for (let start = 1; start <= 2; start++) {
    const outcome = await rebind(server, one);
    await perform({ kind: 'disarm-faults' });
    if (outcome !== null) await checkHonest(server, outcome);
  }
  for (let start = 1; start <= 3; start++) await rebind(server, one);
  assert.deepEqual(await state.unfinishedRuns(), []);
  const others = meddledKeys(one);
  const forPeople = new Set<string>();
  for (const { outcome } of await storedRuns(state)) {
    for (const { key, state: is } of outcome?.steps ?? []) if (needsPerson(is)) forPeople.add(key);
  }
  for (const [key, thumbprint] of await heldBy(server)) {
    if (!others.has(key) && !forPeople.has(key)) assert.equal(thumbprint, certificates.new, `${key} in the end`);
  }
}

async function checkHonest(server: FaultyServer, outcome: Outcome): Promise<void> {
  const held = await heldBy(server);
  const { certificates } = server;
  for (const { key, state: is, now } of outcome.steps) {
    if (now.state === 'holds') assert.equal(now.thumbprint, held.get(key), `${key} now`);
    if (now.state === 'absent') assert.equal(held.get(key), 'absent', `${key} now`);
    if (changed(is)) assert.equal(held.get(key), certificates.new, `${key} is changed`);
    if (is === 'rolled-back') assert.equal(held.get(key), certificates.old, `${key} is undone`);
  }
  if (outcome.exitCode === 0) {
    for (const [key, thumbprint] of held) assert.notEqual(thumbprint, certificates.old, `exit 0, and ${key} is old`);
  }
}

/** `null` when the server could not be worked on. */
async function rebind(server: FaultyServer, { undo }: Faults): Promise<Outcome | null> {
  // Pauses are for servers that need time; this one does at once what it does.
  const { context } = server;
  const clock = { ...context.clock, sleep: (ms: number) => context.clock.sleep(Math.min(ms, 20)) };
  try {
    return await execute(
      { context: { ...context, clock } },
      { wanted: { want: 'pairs', renewals: [renewalOn(server)] }, undo },
    );
  } catch (error) {
    if (error instanceof CertRebindError && error.exitCode === 7) return null;
    throw error;
  }
}
