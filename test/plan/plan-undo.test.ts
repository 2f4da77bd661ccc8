import assert from 'node:assert/strict';
import { type Configuration, defaultConfiguration } from '../../src/model/configuration.ts';
import type { CertRebindError } from '../../src/model/errors.ts';
import type { JournalLine } from '../../src/model/journal.ts';
import type { Outcome, StepOutcome } from '../../src/model/outcome.ts';
import type { Plan, Step } from '../../src/model/plan.ts';
import { planDigest, sealPlan } from '../../src/model/plan-document.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { keyOfStep } from '../../src/model/step-standing.ts';
import { type TlsRecord, withCertificate } from '../../src/model/tls-record.ts';
import { planRebind } from '../../src/plan/plan-rebind.ts';
import { planUndo } from '../../src/plan/plan-undo.ts';
import { certificate, now, record, renewal, site, snapshot, sni, thumbprintOf } from '../builders/snapshot.ts';

const configuration: Configuration = defaultConfiguration;
const hosts = ['a.example.com', 'b.example.com'];
const befores = [record('a.example.com:443', 'old', { flags: 2 }), record('b.example.com:443', 'old')];
const successors = befores.map((before) => withCertificate(before, thumbprintOf('new'), 'My'));
const certificates = [
  certificate('old', { names: hosts }),
  certificate('new', { names: hosts, notAfter: '2028-01-01T00:00:00.000Z' }),
];
const server = (records: readonly TlsRecord[], parts: Partial<Snapshot> = {}) =>
  snapshot({ sites: [site('Shop', hosts.map(sni))], records, certificates, ...parts });
const runPlan = planRebind({ snapshot: server(befores), renewals: [renewal('old', 'new')], configuration });

function journalOf(plan: Plan): readonly JournalLine[] {
  return [
    { schema: 'certrebind/journal/1', at: now, type: 'opened', run: 'run-1', command: 'rebind', plan, baseline: [] },
    { at: now, type: 'changing', steps: plan.steps.map(({ id }) => id) },
  ];
}

function outcomeOf(plan: Plan, results: readonly StepOutcome['result'][]): Outcome {
  return {
    schema: 'certrebind/outcome/1',
    run: 'run-1',
    dryRun: false,
    result: 'rebound',
    exitCode: 0,
    startedAt: now,
    durationMs: 1,
    counts: { changed: 2, already: 0, blocked: 0, skipped: 0, undone: 0, failed: 0 },
    steps: plan.steps.map((step, index) => ({
      id: step.id,
      key: keyOfStep(step),
      result: results[index] ?? 'changed',
      now: { state: 'holds', thumbprint: thumbprintOf('new') },
      repairedOptions: [],
      proof: 'proven',
      before: [],
      after: [],
      error: null,
    })),
    blocked: [],
    skipped: [],
    renewals: plan.renewals,
    notes: [],
    cost: { sessions: 1, roundTrips: 1 },
  };
}

function undoOf(
  today: Snapshot,
  {
    plan = runPlan,
    results = [],
    force = false,
  }: { plan?: Plan; results?: readonly StepOutcome['result'][]; force?: boolean } = {},
): Plan {
  return planUndo({
    snapshot: today,
    run: 'run-1',
    journal: journalOf(plan),
    outcome: outcomeOf(plan, results),
    force,
  });
}

const told = ({ steps }: Plan) =>
  steps.map((step) => {
    const after =
      step.action === 'swap' ? step.after.thumbprint : step.action === 'restore' ? step.record.thumbprint : null;
    return [step.id, step.action, keyOfStep(step), after];
  });
const [a, b] = ['a.example.com:443', 'b.example.com:443'];
const old = thumbprintOf('old');

describe('the plan of an undo', () => {
  it('puts back the certificate of every record of the run, the last one first, as a sealed plan', () => {
    const plan = undoOf(server(successors));
    assert.deepEqual(told(plan), [
      [1, 'swap', b, old],
      [2, 'swap', a, old],
    ]);
    assert.deepEqual(plan.renewals, runPlan.renewals);
    assert.equal(plan.digest, planDigest(plan));
    assert.deepEqual(
      plan.steps.map(({ verify }) => verify),
      runPlan.steps.map(({ verify }) => verify).toReversed(),
    );
  });

  it('leaves out what the run did not change', () => {
    assert.deepEqual(told(undoOf(server(successors), { results: ['undone', 'changed'] })), [[1, 'swap', b, old]]);
    assert.deepEqual(told(undoOf(server(successors), { results: ['failed', 'already'] })), []);
  });

  it('skips a record that is as it was already', () => {
    const plan = undoOf(server([befores[0] ?? assert.fail(), successors[1] ?? assert.fail()]));
    assert.deepEqual(told(plan), [[1, 'swap', b, old]]);
    assert.deepEqual(
      plan.skipped.map(({ key, reason }) => [key, reason]),
      [[a, 'already']],
    );
  });

  const strangers: Readonly<Record<string, readonly TlsRecord[]>> = {
    'holds another certificate': [record('a.example.com:443', 'another', { flags: 2 }), ...successors.slice(1)],
    'has other options': [record('a.example.com:443', 'new', { flags: 4 }), ...successors.slice(1)],
    'is gone': successors.slice(1),
  };
  for (const [what, records] of Object.entries(strangers)) {
    it(`is refused when a record ${what} since, naming it; with force it becomes exactly what it was`, () => {
      assert.throws(
        () => undoOf(server(records)),
        (error: CertRebindError) =>
          error.code === 'plan-stale' && error.message.includes(a) && !error.message.includes(b),
      );
      const forced = undoOf(server(records), { force: true }).steps.find((step) => keyOfStep(step) === a);
      assert(forced !== undefined);
      assert.deepEqual(
        forced.action === 'restore' ? forced.record : withCertificate(forced.before, old, 'My'),
        befores[0],
      );
    });
  }

  it('blocks what cannot be put back because the old certificate is gone, and says so', () => {
    const plan = undoOf(server(successors, { certificates: certificates.slice(1) }));
    assert.deepEqual(plan.steps, []);
    assert.deepEqual(
      plan.blocked.map(({ key, reason }) => [key, reason]),
      [
        [b, 'certificate-missing'],
        [a, 'certificate-missing'],
      ],
    );
    assert.match(plan.blocked[0]?.detail ?? '', new RegExp(old));
  });

  it('notes that the old certificate is archived', () => {
    const archived = [certificate('old', { names: hosts, archived: true }), ...certificates.slice(1)];
    const plan = undoOf(server(successors, { certificates: archived }));
    assert.deepEqual(
      plan.steps.map(({ notes }) => notes.map(({ code }) => code)),
      [['old-archived'], ['old-archived']],
    );
  });

  it('is limited to the certificate, and says so, where netsh cannot write the options that differ', () => {
    const special = record('a.example.com:443', 'old', { flags: 0x4000_0000 });
    const plan = planRebind({ snapshot: server([special]), renewals: [renewal('old', 'new')], configuration });
    const undo = undoOf(server([record('a.example.com:443', 'new')]), { plan, force: true });
    assert.deepEqual(told(undo), [[1, 'swap', a, old]]);
    assert.deepEqual(
      undo.steps[0]?.notes.map(({ code }) => code),
      ['undo-limited'],
    );
  });

  it('goes through the bindings that stand on the record today', () => {
    const moved = server(successors, { sites: [site('Renamed', hosts.map(sni))] });
    const consumers = undoOf(moved).steps.flatMap((step) => step.consumers);
    assert.deepEqual(
      consumers.map((consumer) => consumer.kind === 'iis-binding' && consumer.site),
      ['Renamed', 'Renamed'],
    );
    const [orphan] = undoOf(server(successors, { sites: [] })).steps;
    assert.deepEqual(
      orphan?.consumers.map(({ kind }) => kind),
      ['http-sys'],
    );
  });

  it('turns a repair around: what was restored from nothing is removed, what was removed is restored', () => {
    const parts = { consumers: [], verify: [], notes: [] };
    const steps: readonly Step[] = [
      { id: 1, action: 'restore', before: null, record: befores[0] ?? assert.fail(), ...parts },
      { id: 2, action: 'remove', before: befores[1] ?? assert.fail(), ...parts },
    ];
    const { digest: _, ...rest } = runPlan;
    const plan = sealPlan({ ...rest, steps });
    const undo = undoOf(server(befores.slice(0, 1)), { plan });
    assert.deepEqual(told(undo), [
      [1, 'restore', b, old],
      [2, 'remove', a, null],
    ]);
  });

  it('is the same for the same facts', () => {
    assert.deepEqual(undoOf(server(successors)), undoOf(server(successors.toReversed())));
  });
});
