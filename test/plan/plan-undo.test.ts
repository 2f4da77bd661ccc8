import assert from 'node:assert/strict';
import { type Configuration, defaultConfiguration } from '../../src/model/documents/configuration.ts';
import type { Snapshot } from '../../src/model/documents/snapshot.ts';
import { onlyCertificateDiffers } from '../../src/model/holders/holder.ts';
import { type TlsRecord, withCertificate } from '../../src/model/holders/tls-record.ts';
import type { JournalLine } from '../../src/model/runs/journal.ts';
import type { Plan, Purpose, Step } from '../../src/model/runs/plan.ts';
import { planDigest, sealPlan } from '../../src/model/runs/plan-document.ts';
import type { RunResult, State } from '../../src/model/runs/step-states.ts';
import type { CertRebindError } from '../../src/model/text/errors.ts';
import { planRebind } from '../../src/plan/plan-rebind.ts';
import { isMeantByUndo, planUndo } from '../../src/plan/plan-undo.ts';
import { certificate, now, record, renewal, site, snapshot, sni, thumbprintOf } from '../builders/snapshot.ts';
import { leaves, removeStep, restoreStep } from '../builders/steps.ts';
import { outcomeOf } from './outcomes.ts';

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
    { schema: 'certrebind/journal/2', at: now, type: 'opened', run: 'run-1', command: 'rebind', plan, baseline: [] },
    { at: now, type: 'changing', steps: plan.steps.map(({ id }) => id) },
  ];
}

function undoOf(
  today: Snapshot,
  { plan = runPlan, results = [], force = false }: { plan?: Plan; results?: readonly State[]; force?: boolean } = {},
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
  steps.map((step) => [step.id, wayOf(step), step.key, leaves(step)?.thumbprint ?? null]);

function wayOf({ before, wanted }: Step): string {
  if (wanted === null) return 'remove';
  return onlyCertificateDiffers(before, wanted) ? 'swap' : 'restore';
}

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
    assert.deepEqual(told(undoOf(server(successors), { results: ['put-back', 'proven'] })), [[1, 'swap', b, old]]);
    assert.deepEqual(told(undoOf(server(successors), { results: ['as-before', 'already'] })), []);
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
      const forced = undoOf(server(records), { force: true }).steps.find((step) => step.key === a);
      assert(forced !== undefined);
      assert.deepEqual(forced.wanted?.value, befores[0]);
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
    const steps: readonly Step[] = [
      restoreStep(1, befores[0] ?? assert.fail()),
      removeStep(2, befores[1] ?? assert.fail()),
    ];
    const { digest: _, ...rest } = runPlan;
    const plan = sealPlan({ ...rest, steps });
    const undo = undoOf(server(befores.slice(0, 1)), { plan });
    assert.deepEqual(told(undo), [
      [1, 'restore', b, old],
      [2, 'remove', a, null],
    ]);
  });

  it('of a repair has the pair of what the repair changed as its renewal, or the renewal of the run that it belongs to', () => {
    const [first = assert.fail()] = befores;
    const changed = record('a.example.com:443', 'another', { flags: 2 });
    const { digest: _, ...rest } = runPlan;
    const pairs = (steps: readonly Step[], today: readonly TlsRecord[], renewals = runPlan.renewals) =>
      undoOf(server(today), { plan: sealPlan({ ...rest, steps, renewals }) }).renewals.map(
        ({ old: one, new: other, source, corroborated, eventRecordId }) => [
          one,
          other,
          source,
          corroborated,
          eventRecordId,
        ],
      );
    const restored = restoreStep(1, first);
    assert.deepEqual(pairs([restored], [first]), [[old, old, 'given', true, null]]);
    const removed = removeStep(1, first);
    assert.deepEqual(pairs([removed], []), [[old, old, 'given', true, null]]);
    const exchanged = restoreStep(1, first, changed);
    const today = server([first], { certificates: [...certificates, certificate('another', { names: hosts })] });
    const told = (renewals: Plan['renewals']) =>
      undoOf(today, { plan: sealPlan({ ...rest, steps: [exchanged], renewals }) }).renewals;
    assert.deepEqual(told([]), [renewal('another', 'old')]);
    assert.deepEqual(told([renewal('old', 'new'), renewal('old', 'another', { source: 'event', eventRecordId: 7 })]), [
      renewal('old', 'another', { source: 'event', eventRecordId: 7 }),
    ]);
    const central = record('(central-store):443', null);
    const emptied = restoreStep(9, central);
    assert.throws(() => pairs([emptied], [central]), /step 9 changes no certificate/);
  });

  it('is refused for a journal that was never begun', () => {
    const outcome = outcomeOf(runPlan, []);
    const snapshotToday = server(successors);
    assert.throws(
      () =>
        planUndo({ snapshot: snapshotToday, run: 'run-1', journal: journalOf(runPlan).slice(1), outcome, force: true }),
      { code: 'no-such-run', message: 'Run run-1 changed nothing that can be undone.' },
    );
  });

  it('says of what others changed what is there now, at most twenty times', () => {
    const messageOf = (records: readonly TlsRecord[], plan = runPlan) => {
      try {
        undoOf(server(records), { plan });
      } catch (error) {
        return error instanceof Error ? error.message : '';
      }
      return '';
    };
    assert.equal(
      messageOf([record('a.example.com:443', 'another')]),
      `Someone else has changed something since run run-1: ${b} is gone; ${a} uses ${thumbprintOf('another')}.`,
    );
    assert.equal(
      messageOf([record('a.example.com:443', null), ...successors.slice(1)]),
      `Someone else has changed something since run run-1: ${a} uses no certificate.`,
    );
    const many = (count: number) => {
      const names = Array.from({ length: count }, (_, index) => `h${index}.example.com`);
      return planRebind({
        snapshot: snapshot({
          sites: [site('Many', names.map(sni))],
          records: names.map((name) => record(`${name}:443`, 'old')),
          certificates: [certificate('old', { names }), certificate('new', { names })],
        }),
        renewals: [renewal('old', 'new')],
        configuration,
      });
    };
    assert.match(messageOf([], many(20)), /^Someone else[^;]*(; h\d+\.example\.com:443 is gone){19}\.$/);
    assert.match(messageOf([], many(22)), /^Someone else[^;]*(; h\d+\.example\.com:443 is gone){19}; and 2 more\.$/);
  });

  it('takes nothing of the plan of the run but its steps and renewals, and says what each entry is about', () => {
    const plan = undoOf(server([befores[0] ?? assert.fail(), successors[1] ?? assert.fail()]));
    assert.equal(plan.schema, 'certrebind/plan/2');
    assert.deepEqual([plan.policy, plan.blocked, plan.notes], [[], [], []]);
    assert.equal(plan.skipped[0]?.detail, 'It is as it was before the run.');
    const gone = undoOf(server(successors, { certificates: certificates.slice(1) }));
    const [blocked] = gone.blocked;
    assert.deepEqual([blocked?.hosts, blocked?.endsAt], [[], '2028-01-01T00:00:00.000Z']);
    assert.equal(
      blocked?.detail,
      `The old certificate ${old} is no longer in My or WebHosting, so it cannot be restored.`,
    );
    assert.equal(undoOf(server(successors, { certificates: [] })).blocked[0]?.endsAt, null);
  });

  it('puts a certificate back from the store it was taken from, while that has it', () => {
    const inBoth = [certificate('old', { names: hosts, store: 'WebHosting', archived: true }), ...certificates];
    const stores = (all: Snapshot['certificates']) =>
      undoOf(server(successors, { certificates: all })).steps.map((step) => [
        leaves(step)?.store,
        step.notes.map(({ text }) => text),
      ]);
    assert.deepEqual(stores(inBoth), [
      ['My', []],
      ['My', []],
    ]);
    const [elsewhere] = stores(inBoth.slice(0, 1));
    assert.match(String(elsewhere?.[1]), new RegExp(`^The old certificate ${old} is archived\\. `));
  });

  it('is the same for the same facts', () => {
    assert.deepEqual(undoOf(server(successors)), undoOf(server(successors.toReversed())));
  });
});

describe('an undo that names no run', () => {
  const meant = (purpose: Purpose, changed: number, result: RunResult = 'rebound') => {
    const outcome = outcomeOf(runPlan, []);
    const counts = { ...outcome.counts, changed };
    return isMeantByUndo({
      journal: journalOf(sealPlan({ ...runPlan, purpose })),
      outcome: { ...outcome, result, counts },
    });
  };
  for (const [what, purpose, changed, result, expected] of [
    ['a rebind', 'rebind', 2, 'rebound', true],
    ['what a task started', 'rebind', 2, 'rebound', true],
    ['a repair', 'repair', 1, 'repaired', true],
    ['a run that failed in part', 'rebind', 1, 'partly-rebound', true],
    ['one of which a part could not be put back', 'rebind', 1, 'needs-attention', true],
    ['one that put all of it back', 'rebind', 0, 'undone', false],
    ['an undo', 'undo', 2, 'undone', false],
    ['an undo that failed in part', 'undo', 1, 'partly-undone', false],
    ['an undo that needs a person', 'undo', 1, 'needs-attention', false],
    ['a rehearsal', 'rehearsal', 1, 'rebound', false],
  ] as const) {
    it(`${expected ? 'can mean' : 'never means'} ${what}`, () =>
      assert.equal(meant(purpose, changed, result), expected));
  }

  it('never means a run whose journal holds nothing', () => {
    assert.equal(isMeantByUndo({ journal: [], outcome: outcomeOf(runPlan, []) }), false);
  });
});
