import assert from 'node:assert/strict';
import type { StepErrorCode } from '../../../src/base/codes/error-codes.ts';
import type { CertRebindError } from '../../../src/base/errors.ts';
import { type Configuration, defaultConfiguration } from '../../../src/documents/configuration.ts';
import type { JournalLine } from '../../../src/documents/runs/journal.ts';
import { emptyLedger, type Ledger } from '../../../src/documents/runs/ledger.ts';
import type { Plan, Purpose, Step } from '../../../src/documents/runs/plan.ts';
import { planDigest, sealPlan } from '../../../src/documents/runs/seal-plan.ts';
import { stepError } from '../../../src/documents/runs/step-progress.ts';
import type { RunResult, State } from '../../../src/documents/runs/step-states.ts';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import { isUndoCandidate, planUndo, type UndoRequest } from '../../../src/engine/plan/plan-undo.ts';
import { onlyCertificateDiffers, tlsHolder } from '../../../src/kinds/holder.ts';
import { parseBinding } from '../../../src/kinds/iis/binding.ts';
import type { Snapshot } from '../../../src/kinds/snapshot.ts';
import { type CertificateBinding, withCertificate } from '../../../src/kinds/tls/certificate-binding.ts';
import type { Certificate } from '../../../src/model/certificates/certificate.ts';
import { met } from '../../builders/met.ts';
import {
  certificate,
  now,
  record,
  renewal,
  type SnapshotParts,
  site,
  snapshot,
  sni,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { leaves, removeStep, restoreStep } from '../../builders/steps.ts';
import { each } from '../../support/each.ts';
import { outcomeOf } from './outcomes.ts';

const configuration: Configuration = defaultConfiguration;
const hosts = ['a.example.com', 'b.example.com'];
const befores = [record('a.example.com:443', 'old', { flags: 2 }), record('b.example.com:443', 'old')];
const successors = befores.map((before) => withCertificate(before, thumbprintOf('new'), 'My'));
const certificates = [
  certificate('old', { names: hosts }),
  certificate('new', { names: hosts, notAfter: '2028-01-01T00:00:00.000Z' }),
];
const server = (records: readonly CertificateBinding[], parts: SnapshotParts = {}) =>
  snapshot({ sites: [site('Shop', hosts.map(sni))], records, certificates, ...parts });
const runPlan = planRebind({ snapshot: server(befores), renewals: [renewal('old', 'new')], configuration });

function journalOf(plan: Plan): readonly JournalLine[] {
  return [
    { schema: 'certrebind/journal/1', at: now, type: 'opened', run: 'run-1', command: 'rebind', plan, baseline: [] },
    { at: now, type: 'changing', steps: plan.steps.map(({ id }) => id) },
  ];
}

function undoOf(
  today: Snapshot,
  {
    plan = runPlan,
    results = [],
    force = false,
    retired = [],
    later = new Map(),
  }: { plan?: Plan; results?: readonly State[] } & Partial<Pick<UndoRequest, 'force' | 'later'> & Ledger> = {},
): Plan {
  return planUndo({
    snapshot: today,
    ledger: { retired },
    run: 'run-1',
    journal: journalOf(plan),
    outcome: outcomeOf(plan, results),
    force,
    configuration,
    later,
  });
}

const told = ({ steps }: Plan) =>
  steps.map((step) => [step.id, wayOf(step), step.key, leaves(step)?.thumbprint ?? null]);

function wayOf({ before, wanted }: Step): string {
  if (wanted === null) return 'remove';
  return onlyCertificateDiffers(before, wanted) ? 'replace' : 'restore';
}

const [a, b] = ['a.example.com:443', 'b.example.com:443'];
const old = thumbprintOf('old');

describe('the plan of an undo', () => {
  it('puts back the certificate of every record of the run, the last one first, as a sealed plan', () => {
    const plan = undoOf(server(successors));
    assert.deepEqual(told(plan), [
      [1, 'replace', b, old],
      [2, 'replace', a, old],
    ]);
    assert.deepEqual(plan.renewals, runPlan.renewals);
    assert.equal(plan.digest, planDigest(plan));
    assert.deepEqual(each(plan.steps, 'verify'), runPlan.steps.map(({ verify }) => verify).toReversed());
  });

  it('leaves out what the run did not change', () => {
    assert.deepEqual(told(undoOf(server(successors), { results: ['rolled-back', 'verified'] })), [
      [1, 'replace', b, old],
    ]);
    assert.deepEqual(told(undoOf(server(successors), { results: ['as-before', 'already'] })), []);
  });

  it('skips a record that is as it was already', () => {
    const plan = undoOf(server([befores[0] ?? assert.fail(), successors[1] ?? assert.fail()]));
    assert.deepEqual(told(plan), [[1, 'replace', b, old]]);
    assert.deepEqual(each(plan.skipped.map(met), 'key', 'reason'), [[a, 'already']]);
  });

  const strangers: Readonly<Record<string, readonly CertificateBinding[]>> = {
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

  it('blocks what cannot be rolled back because the old certificate is gone, and says so', () => {
    const plan = undoOf(server(successors, { certificates: certificates.slice(1) }));
    assert.deepEqual(plan.steps, []);
    assert.deepEqual(
      plan.blocked.map(met).map(({ key, reason }) => [key, reason]),
      [
        [b, 'certificate-missing'],
        [a, 'certificate-missing'],
      ],
    );
    assert.match(met(plan.blocked[0]).detail, new RegExp(old));
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
    assert.deepEqual(told(undo), [[1, 'replace', a, old]]);
    assert.deepEqual(each(undo.steps[0]?.notes, 'code'), ['undo-limited']);
  });

  it('says what a run left with its old certificate and netsh cannot write', () => {
    const special = record('a.example.com:443', 'old', { flags: 0x4000_0000 });
    const plan = planRebind({ snapshot: server([special]), renewals: [renewal('old', 'new')], configuration });
    const left = record('a.example.com:443', 'old');
    const rollBack: JournalLine = {
      at: now,
      type: 'rolled-back',
      step: 1,
      now: { state: 'holds', holder: tlsHolder(left) },
      words: null,
    };
    const { steps, notes } = planUndo({
      snapshot: server([left]),
      ledger: emptyLedger,
      run: 'run-1',
      journal: [...journalOf(plan), rollBack],
      outcome: outcomeOf(plan, ['rollback-failed']),
      force: false,
      configuration,
      later: new Map(),
    });
    assert.deepEqual(steps, []);
    assert.deepEqual(
      notes.map(({ code, text }) => `${code}: ${text}`),
      [
        `not-restored: ${a} has its old certificate, but netsh on this server cannot write flag 0x40000000. Set that yourself.`,
      ],
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
    assert.deepEqual(each(orphan?.consumers, 'kind'), ['http-sys']);
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
    const pairs = (steps: readonly Step[], today: readonly CertificateBinding[], renewals = runPlan.renewals) =>
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
        planUndo({
          snapshot: snapshotToday,
          ledger: emptyLedger,
          run: 'run-1',
          journal: journalOf(runPlan).slice(1),
          outcome,
          force: true,
          configuration,
          later: new Map(),
        }),
      { code: 'no-such-run', message: 'Run run-1 changed nothing that can be undone.' },
    );
  });

  it('says of what others changed what is there now, at most twenty times', () => {
    const messageOf = (records: readonly CertificateBinding[], plan = runPlan) => {
      try {
        undoOf(server(records), { plan });
      } catch (error) {
        return error instanceof Error ? error.message : '';
      }
      return '';
    };
    assert.equal(
      messageOf([record('a.example.com:443', 'another')]),
      `Someone else has changed these since run run-1: ${b} is gone; ${a} uses ${thumbprintOf('another')}.`,
    );
    assert.equal(
      messageOf([record('a.example.com:443', null), ...successors.slice(1)]),
      `Someone else has changed these since run run-1: ${a} uses no certificate.`,
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

  describe('after a later run', () => {
    const third = befores.map((before) => withCertificate(before, thumbprintOf('third'), 'My'));
    const setBy = (run: string, records: readonly CertificateBinding[]) =>
      records.map((one) => [one.key, { run, wanted: tlsHolder(one) }] as const);
    const refusal = (records: readonly CertificateBinding[], later: UndoRequest['later']) => {
      let thrown: unknown;
      assert.throws(
        () => undoOf(server(records), { later }),
        (error) => {
          thrown = error;
          return true;
        },
      );
      return thrown as CertRebindError;
    };

    it('is refused, and names that run and what to undo first', () => {
      const { code, message, hint } = refusal(third, new Map(setBy('run-2', third)));
      assert.equal(code, 'plan-stale');
      assert.equal(
        message,
        `Run run-2 has changed these since run run-1: ${b} uses ${thumbprintOf('third')}; ${a} uses ${thumbprintOf('third')}.`,
      );
      assert.equal(
        hint,
        'Undo that run first:\n  certrebind undo run-2\nTo restore what run run-1 found, whatever changed since:\n  certrebind undo run-1 --force',
      );
    });

    it('names the newest of several to be undone first, and apart from them what others changed', () => {
      const [first = assert.fail(), second = assert.fail()] = third;
      const both = refusal(third, new Map([...setBy('run-2', [first]), ...setBy('run-3', [second])]));
      assert.match(both.message, /^Run run-3 has .*b\.example\.com.* Run run-2 has .*a\.example\.com/);
      assert.match(both.hint ?? '', /^Undo that run first:\n {2}certrebind undo run-3\n/);
      const mixed = refusal(third, new Map([...setBy('run-2', [first]), ...setBy('run-2', successors.slice(1))]));
      assert.match(
        mixed.message,
        /^Someone else has .*: b\.example\.com:443 uses \w+\. Run run-2 has .*: a\.example\.com/,
      );
    });

    it('with force puts back what that run brought, and otherwise what its own run did', () => {
      const forced = undoOf(server(third), { later: new Map(setBy('run-2', third)), force: true });
      assert.deepEqual(forced.renewals, [renewal('old', 'third')]);
      assert.deepEqual(
        forced.steps.map((step) => [step.wanted?.value.thumbprint, step.renewal]),
        befores.map(() => [old, renewal('old', 'third')]),
      );
      assert.deepEqual(undoOf(server(third), { force: true }).renewals, runPlan.renewals);
      const again = new Map(setBy('run-3', successors));
      assert.deepEqual(undoOf(server(successors), { later: again }).renewals, runPlan.renewals);
      const back = new Map(setBy('run-2', befores));
      assert.deepEqual(undoOf(server(befores), { later: back }).renewals, runPlan.renewals);
    });
  });

  it('blocks a certificate that has expired or has no key, and with force sets it and says so', () => {
    const cases = [
      [{ notAfter: now }, 'expired', `The old certificate ${old} expired at 2026-06-01 12:00 UTC.`],
      [{ key: 'missing' }, 'key-missing', `The old certificate ${old} in My has no private key.`],
      [{ key: 'unusable' }, 'key-unusable', `SYSTEM cannot open the private key of ${old} in My.`],
    ] as const;
    for (const [parts, code, text] of cases) {
      const today = server(successors, {
        certificates: [certificate('old', { names: hosts, ...parts }), ...certificates.slice(1)],
      });
      const { steps, blocked } = undoOf(today);
      assert.deepEqual(steps, []);
      const way = `${text} To restore it anyway: certrebind undo run-1 --force`;
      assert.deepEqual(
        each(blocked.map(met), 'reason', 'detail'),
        befores.map(() => [code, way]),
      );
      assert.deepEqual(
        undoOf(today, { force: true }).steps.map((step) => step.notes),
        befores.map(() => [{ code: 'undo-forced', text }]),
      );
    }
  });

  it('blocks a record that cannot be read instead of calling it gone', () => {
    const unreadable = [{ part: 'records', where: 'HTTP.SYS', text: a, why: 'damaged' }] as const;
    const plan = undoOf(server(successors.slice(1), { unreadable }));
    assert.deepEqual(told(plan), [[1, 'replace', b, old]]);
    assert.deepEqual(each(plan.blocked.map(met), 'key', 'reason'), [[a, 'not-read']]);
  });

  it('is refused where retire has deleted the old certificate, also where only its key is gone', () => {
    const [store, at] = ['My', now];
    const deleting = { what: 'key', at } as const;
    const retired = [{ thumbprint: old, store, successor: thumbprintOf('new'), at, deleting }];
    const detailsOf = (today: readonly Certificate[]) =>
      undoOf(server(successors, { certificates: today }), { retired })
        .blocked.map(met)
        .map(({ detail }) => detail);
    const text = `The old certificate ${old} was deleted by certrebind retire at 2026-06-01 12:00 UTC, which is final.`;
    assert.deepEqual(detailsOf(certificates.slice(1)), [text, text]);
    const keyless = certificate('old', { names: hosts, key: 'unusable' });
    assert.deepEqual(detailsOf([keyless, ...certificates.slice(1)]), [text, text]);
    assert.deepEqual(detailsOf(certificates), [], 'it was begun, and not done');
  });

  it('takes nothing of the plan of the run but its steps and renewals, and says what each entry is about', () => {
    const plan = undoOf(server([befores[0] ?? assert.fail(), successors[1] ?? assert.fail()]));
    assert.equal(plan.schema, 'certrebind/plan/1');
    assert.deepEqual([plan.policy, plan.blocked, plan.notes.map(({ code }) => code)], [[], [], ['keeps-old']]);
    assert.equal(met(plan.skipped[0]).detail, 'It is as it was before the run.');
    const gone = undoOf(server(successors, { certificates: certificates.slice(1) }));
    const [blocked] = gone.blocked;
    assert.equal(met(blocked).detail, `The old certificate ${old} is not in My or WebHosting.`);
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
    const elsewhere = undoOf(server(successors, { certificates: inBoth.slice(0, 1) }));
    assert.deepEqual(
      elsewhere.blocked.map(met).map(({ reason, detail }) => [reason, detail]),
      befores.map(() => ['wrong-store', `The old certificate ${old} is in WebHosting, and has to be in My.`]),
    );
  });

  it('puts a record back in place where the store alone differs beside the certificate', () => {
    const hosting = [record('a.example.com:443', 'old', { store: 'WebHosting', flags: 2 })];
    const plan = planRebind({ snapshot: server(hosting), renewals: [renewal('old', 'new')], configuration });
    const both = [certificate('old', { names: hosts, store: 'WebHosting' }), ...certificates];
    const [step] = undoOf(server(successors.slice(0, 1), { certificates: both }), { plan }).steps;
    assert.deepEqual(leaves(step), { thumbprint: old, store: 'WebHosting' });
    assert.deepEqual([step?.renewal, step?.notes], [renewal('old', 'new'), []]);
  });

  it('says what netsh cannot write only where more than the certificate has to be written', () => {
    const special = record('a.example.com:443', 'old', { flags: 0xc000_0000 });
    const changed = withCertificate(special, thumbprintOf('new'), 'My');
    const plan = planRebind({ snapshot: server([special]), renewals: [renewal('old', 'new')], configuration });
    const notesOf = (records: readonly CertificateBinding[]) =>
      undoOf(server(records), { plan, force: true }).steps.map(({ notes }) => notes.map(({ text }) => text));
    assert.deepEqual(notesOf([changed]), [[]]);
    const limited =
      'Only the certificate is restored, because netsh on this server cannot write flag 0x40000000, flag 0x80000000.';
    assert.deepEqual(notesOf([record('a.example.com:443', 'new')]), [[limited]]);
    assert.deepEqual(notesOf([]), [[limited]]);
  });

  it('takes away what a repair had made, without a test, and names who uses it today', () => {
    const { digest: _, ...rest } = runPlan;
    const [first = assert.fail()] = befores;
    const plan = sealPlan({ ...rest, steps: [{ ...restoreStep(1, first), verify: runPlan.steps[0]?.verify ?? [] }] });
    const [step] = undoOf(server([first]), { plan }).steps;
    assert.deepEqual([step?.before?.value, step?.wanted, step?.renewal], [first, null, null]);
    assert.deepEqual([step?.verify, step?.notes], [[], []]);
    assert.deepEqual(
      step?.consumers.map((consumer) => consumer.kind === 'iis-binding' && consumer.site),
      ['Shop'],
    );
  });

  it('restores a record without a certificate as it was', () => {
    const central = record('(central-store):443', null);
    const { digest: _, ...rest } = runPlan;
    const plan = sealPlan({ ...rest, steps: [{ ...removeStep(1, central), renewal: renewal('old', 'new') }] });
    const [step] = undoOf(server([]), { plan }).steps;
    assert.deepEqual([step?.before, step?.wanted?.value, step?.renewal, step?.notes], [null, central, null, []]);
  });

  it('does not force a certificate that is not here onto a record that is gone', () => {
    const plan = undoOf(server([], { certificates: certificates.slice(1) }), { force: true });
    assert.deepEqual(each(plan.blocked.map(met), 'reason'), ['certificate-missing', 'certificate-missing']);
  });

  it('judges the old certificate by the store that the record names', () => {
    const twice = [
      certificate('old', { names: hosts, archived: true }),
      certificate('old', { names: hosts, store: 'WebHosting' }),
      ...certificates.slice(1),
    ];
    assert.deepEqual(
      undoOf(server(successors, { certificates: twice })).steps.map(({ notes }) => notes.map(({ code }) => code)),
      [['old-archived'], ['old-archived']],
    );
  });

  it('has as its renewals those that the steps of the run brought in, as they were learnt', () => {
    const learnt = renewal('old', 'new', { source: 'event', eventRecordId: 7 });
    const { digest: _, ...rest } = planRebind({ snapshot: server(befores), renewals: [learnt], configuration });
    const undo = undoOf(server(successors), { plan: sealPlan({ ...rest, renewals: [] }) });
    assert.deepEqual(undo.renewals, [learnt]);
    assert.equal(undo.purpose, 'undo');
  });

  it('of a repair that changed options alone has no renewal of other certificates', () => {
    const [first = assert.fail()] = befores;
    const { digest: _, ...rest } = runPlan;
    const repaired = restoreStep(1, first, record('a.example.com:443', 'old', { flags: 4 }));
    const undo = undoOf(server([first]), { plan: sealPlan({ ...rest, steps: [repaired] }) });
    assert.deepEqual(undo.renewals, [renewal('old', 'old')]);
  });

  describe('of what is no certificate binding', () => {
    const holders = {
      ...configuration.holders,
      ftp: { policy: 'replace' },
      winrm: { policy: 'replace' },
    } as const;
    const moved = (label: string, carriesRun: 'yes' | 'no' | 'unknown' = 'no') =>
      server([], {
        sites: [site('Files', [parseBinding('ftp', '*:21:', 0)])],
        ftps: [{ site: 'Files', thumbprint: thumbprintOf(label), store: 'My' }],
        others: [
          {
            thumbprint: thumbprintOf(label),
            consumer: { kind: 'winrm', detail: '*+HTTPS' },
            remoting: { hostname: null, port: 5986, state: 'started', carriesRun },
          },
        ],
      });
    const plan = planRebind({
      snapshot: moved('old'),
      renewals: [renewal('old', 'new')],
      configuration: { ...configuration, holders },
    });

    it('puts back FTP sites, and listeners last, for those who use them', () => {
      const undo = undoOf(moved('new'), { plan });
      assert.deepEqual(told(undo), [
        [1, 'replace', 'ftp/Files', old],
        [2, 'replace', 'winrm/*+HTTPS', old],
      ]);
      assert.deepEqual(
        undo.steps.map(({ consumers }) => consumers),
        [[{ kind: 'ftps', site: 'Files' }], [{ kind: 'winrm', detail: '*+HTTPS' }]],
      );
    });

    it('pays what it owes to them after the rest too', () => {
      const steps = plan.steps.toReversed().map((step): Step => ({ ...step, turn: 'debt' }));
      const { steps: paid } = planRebind({
        snapshot: moved('new'),
        renewals: [],
        configuration,
        debts: { steps, owed: [] },
      });
      assert.deepEqual(
        paid.map(({ id, key }) => [id, key]),
        [
          [1, 'ftp/Files'],
          [2, 'winrm/*+HTTPS'],
        ],
      );
    });

    for (const [carries, detail] of [
      ['yes', 'This run was started through WinRM. Changing the WinRM listener could end the session.'],
      ['unknown', 'This run may have been started through WinRM. Changing the WinRM listener could end the session.'],
    ] as const) {
      it(`leaves the WinRM listener alone where this run came in through it: ${carries}`, () => {
        const undo = undoOf(moved('new', carries), { plan });
        assert.deepEqual(told(undo), [[1, 'replace', 'ftp/Files', old]]);
        assert.deepEqual(
          undo.blocked.map((entry) => [entry.key, met(entry).reason, met(entry).detail]),
          [['winrm/*+HTTPS', 'remote-session', detail]],
        );
      });
    }
  });

  it('is the same for the same facts', () => {
    assert.deepEqual(undoOf(server(successors)), undoOf(server(successors.toReversed())));
  });
});

describe('an undo that names no run', () => {
  const meant = (purpose: Purpose, changed: number, result: RunResult = 'rebound') => {
    const outcome = outcomeOf(runPlan, []);
    const counts = { ...outcome.counts, changed };
    return isUndoCandidate({
      journal: journalOf(sealPlan({ ...runPlan, purpose })),
      outcome: { ...outcome, result, counts },
    });
  };
  for (const [what, purpose, changed, result, expected] of [
    ['a rebind', 'rebind', 2, 'rebound', true],
    ['what a task started', 'rebind', 2, 'rebound', true],
    ['a repair', 'repair', 1, 'repaired', true],
    ['a run that failed in part', 'rebind', 1, 'partly-rebound', true],
    ['one of which a part could not be rolled back', 'rebind', 1, 'needs-attention', true],
    ['one that put all of it back', 'rebind', 0, 'undone', false],
    ['an undo', 'undo', 2, 'undone', false],
    ['an undo that failed in part', 'undo', 1, 'partly-undone', false],
    ['an undo that needs a person', 'undo', 1, 'needs-attention', false],
    ['a rehearsal', 'rehearsal', 1, 'rebound', false],
  ] as const) {
    it(`${expected ? 'can mean' : 'never means'} ${what}`, () =>
      assert.equal(meant(purpose, changed, result), expected));
  }

  it('can mean a run after which endpoints only went on with the old certificate, unless it only looked at them', () => {
    const outcome = outcomeOf(runPlan, []);
    const isMeant = (plan: Plan) =>
      isUndoCandidate({
        journal: journalOf(plan),
        outcome: { ...outcome, counts: { ...outcome.counts, changed: 0, stillOld: 1 } },
      });
    const [first = assert.fail(), ...others] = runPlan.steps;
    const look: Step = { ...first, before: first.wanted };
    const { digest: _, ...rest } = runPlan;
    assert.equal(isMeant(runPlan), true);
    assert.equal(isMeant(sealPlan({ ...rest, steps: [look, ...others] })), true);
    assert.equal(isMeant(sealPlan({ ...rest, steps: [look] })), false);
  });

  it('can mean a run that left something broken, and none that others kept from its change', () => {
    const outcome = outcomeOf(runPlan, ['rollback-failed', 'not-attempted']);
    const counts = { ...outcome.counts, changed: 0, failed: 1 };
    const isMeant = (code: StepErrorCode) => {
      const steps = outcome.steps.map((step) => ({ ...step, error: stepError(code, 'Bad.', step.key) }));
      return isUndoCandidate({ journal: journalOf(runPlan), outcome: { ...outcome, counts, steps } });
    };
    assert.deepEqual([isMeant('record-lost'), isMeant('changed-meanwhile')], [true, false]);
  });

  it('never means a run whose journal holds nothing', () => {
    assert.equal(isUndoCandidate({ journal: [], outcome: outcomeOf(runPlan, []) }), false);
  });
});
