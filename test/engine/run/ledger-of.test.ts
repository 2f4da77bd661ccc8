import assert from 'node:assert/strict';
import { spy } from 'sinon';
import type { BlockCode } from '../../../src/base/codes/plan-codes.ts';
import { type Dismissal, emptyLedger, keepsOld, type Ledger } from '../../../src/documents/runs/ledger.ts';
import type { Outcome, StepOutcome } from '../../../src/documents/runs/outcome.ts';
import type { BlockedEntry, Plan, Step } from '../../../src/documents/runs/plan.ts';
import { sealPlan } from '../../../src/documents/runs/seal-plan.ts';
import { stepError } from '../../../src/documents/runs/step-progress.ts';
import type { State } from '../../../src/documents/runs/step-states.ts';
import type { LedgerEntry } from '../../../src/documents/status.ts';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import { ledgerAfterRun } from '../../../src/engine/run/ledger-of.ts';
import { failureEntry, logEntry, notificationEntry } from '../../../src/engine/run/log-entry.ts';
import { ledgerEntries } from '../../../src/engine/views/ledger-entries.ts';
import type { Handshake } from '../../../src/model/certificates/handshake.ts';
import { type EntryParts, ledgerOf } from '../../builders/ledger.ts';
import { obstacle } from '../../builders/met.ts';
import { newsOf } from '../../builders/notification.ts';
import { certificate, now, policy, record, renewal, snapshot, thumbprintOf } from '../../builders/snapshot.ts';
import { swapStep } from '../../builders/steps.ts';
import { each } from '../../support/each.ts';
import { watched } from '../../support/watched.ts';
import { noCounts, outcomeOf } from '../plan/outcomes.ts';

const pair = renewal('old', 'new');
const other = renewal('a', 'b');
const swapOf = (id: number, from: string, to: string, of = pair): Step =>
  swapStep(id, record(`h${id}.example.com:443`, from), of, thumbprintOf(to));
const swap = swapOf(1, 'old', 'new');
const second = swapOf(2, 'old', 'new');
const back = swapOf(1, 'new', 'old');
const goingBack: Step = { ...swapOf(1, 'new', 'old', renewal('new', 'old')), notes: [{ code: 'goes-back', text: '' }] };
const empty = planRebind({ snapshot: snapshot(), renewals: [], configuration: policy() });

function planOf(steps: readonly Step[], reasons: readonly BlockCode[] = [], of = pair): Plan {
  const { digest: _, ...rest } = empty;
  const blocked = reasons.map((reason, index): BlockedEntry => {
    return {
      key: record(`b${index}.example.com:443`, 'old').key,
      consumers: [],
      renewal: of,
      obstacles: [obstacle(reason, 'Why.')],
    };
  });
  return sealPlan({ ...rest, renewals: [pair], steps, blocked });
}

type Result = State | readonly [State, StepOutcome['error']];
const failed = (code: 'changed-meanwhile' | 'server-silent' | 'endpoint-worse') =>
  stepError(code, 'Bad.', 'h1.example.com:443');

const leftOut: Plan['skipped'][number] = {
  key: record('h9.example.com:443', 'old').key,
  consumers: [],
  renewal: null,
  obstacles: [obstacle('not-in-plan', 'Why.')],
};

function leavingOut({ digest: _, ...plan }: Plan): Plan {
  return sealPlan({ ...plan, skipped: [leftOut] });
}

function entriesOf(made: Plan, results: readonly Result[], isUndo = false): readonly LedgerEntry[] {
  const plan: Plan = isUndo ? { ...made, purpose: 'undo' } : made;
  return entriesAfter(emptyLedger, plan, toldOf(plan, results));
}

function entriesAfter(before: Ledger, plan: Plan, outcomes: readonly StepOutcome[]): readonly LedgerEntry[] {
  return ledgerEntries(ledgerAfterRun(before, plan, outcomes, thisRun, null).ledger);
}

const thisRun = { run: 'run-1', at: now };
const notListening: Handshake = {
  endpoint: { address: '0.0.0.0', port: 443, serverName: null },
  result: 'not-listening',
  thumbprint: null,
  notAfter: null,
  reason: null,
  attempts: 1,
  durationMs: 1,
};

function toldOf(plan: Plan, results: readonly Result[]): readonly StepOutcome[] {
  const { steps } = outcomeOf(plan, []);
  return results.map((result, index) => {
    const [what, error] = typeof result === 'string' ? [result, null] : result;
    const step = steps[index];
    assert(step !== undefined);
    return { ...step, state: what, error };
  });
}

describe('what a run has made of a renewal', () => {
  it('goes through the steps of the plan as often for many renewals as for one', () => {
    const times = [1, 20].map((size) => {
      const asked = spy();
      const renewals = Array.from({ length: size }, (_, at) => renewal(`old ${at}`, `new ${at}`));
      const plan = watched({ ...planOf([swap]), renewals }, 'steps', asked);
      ledgerAfterRun(emptyLedger, plan, [], thisRun, null);
      return asked.callCount;
    });
    assert.equal(times[0], times[1]);
    assert.ok(times[0] !== undefined && times[0] > 0, `${times}`);
  });

  for (const [what, plan, results, isUndo, is] of [
    ['nothing was to be done', planOf([]), [], false, ['settled', [], null]],
    ['every record was changed', planOf([swap, second]), ['verified', 'verified'], false, ['settled', [], 'run-1']],
    ['a plan file left a record out', leavingOut(planOf([swap])), ['verified'], false, ['pending', [], 'run-1']],
    ['others had done it', planOf([swap, second]), ['already', 'verified'], false, ['settled', [], 'run-1']],
    ['one was rolled back', planOf([swap, second]), ['verified', 'rolled-back'], false, ['undone', [], 'run-1']],
    ['one failed', planOf([swap, second]), ['verified', 'as-before'], false, ['failed', [], 'run-1']],
    ['one was not tried', planOf([swap, second]), ['verified', 'not-attempted'], false, ['failed', [], 'run-1']],
    ['nothing is known of one', planOf([swap, second]), ['verified'], false, ['failed', [], 'run-1']],
    [
      'one could not be rolled back',
      planOf([swap]),
      [['rollback-failed', failed('endpoint-worse')]],
      false,
      ['undone', [], 'run-1'],
    ],
    [
      'others changed one',
      planOf([swap]),
      [['rollback-failed', failed('changed-meanwhile')]],
      false,
      ['failed', [], 'run-1'],
    ],
    [
      'nobody knows how one stands',
      planOf([swap]),
      [['rollback-failed', failed('server-silent')]],
      false,
      ['failed', [], 'run-1'],
    ],
    ['one stands elsewhere without a reason', planOf([swap]), ['rollback-failed'], false, ['failed', [], 'run-1']],
    ['a guard blocked', planOf([], ['names-lost']), [], false, ['blocked', ['names-lost'], null]],
    [
      'a guard blocked one, the other was changed',
      planOf([swap], ['names-lost']),
      ['verified'],
      false,
      ['blocked', ['names-lost'], 'run-1'],
    ],
    [
      'the key is late',
      planOf([], ['key-missing', 'certificate-missing', 'key-missing']),
      [],
      false,
      ['pending', ['certificate-missing', 'key-missing'], null],
    ],
    [
      'the key is late, and a guard blocked',
      planOf([], ['not-yet-valid', 'key-unusable', 'expired']),
      [],
      false,
      ['blocked', ['expired', 'key-unusable', 'not-yet-valid'], null],
    ],
    ['a guard blocked another renewal', planOf([], ['names-lost'], other), [], false, ['settled', [], null]],
    ['an undo put it back', planOf([back]), ['verified'], true, ['undone', [], 'run-1']],
    [
      'an undo put one of two back',
      planOf([back, { ...back, id: 2 }]),
      ['as-before', 'verified'],
      true,
      ['undone', [], 'run-1'],
    ],
    ['an undo failed', planOf([back]), ['as-before'], true, null],
    ['an undo of an undo brought it in again', planOf([swap]), ['verified'], true, ['settled', [], 'run-1']],
  ] as const)
    it(`${what}: ${is === null ? 'as it was' : is[0]}`, () => {
      assert.deepEqual(
        entriesOf(plan, results, isUndo).map((entry) => [
          entry.renewal,
          entry.state,
          entry.reasons,
          entry.run,
          entry.at,
        ]),
        is === null ? [] : [[pair, is[0], is[1], is[2], now]],
      );
    });

  it('counts no step of another renewal', () => {
    for (const to of ['b', 'new']) {
      const [entry] = entriesOf(planOf([swapOf(1, 'a', to, renewal('a', to))]), ['as-before']);
      assert.deepEqual([entry?.state, entry?.run], ['settled', null]);
    }
  });

  it('keeps what is known of one that is undone in part', () => {
    const known = ledgerOf([{ renewal: pair, state: 'settled', run: 'run-0' }]);
    const plan: Plan = { ...planOf([back], ['remote-session']), purpose: 'undo' };
    const { ledger } = ledgerAfterRun(known, plan, toldOf(plan, ['verified']), thisRun, null);
    assert.deepEqual(ledger.renewals, known.renewals);
    assert.deepEqual(each(ledger.decisions, 'place', 'what', 'by'), [
      [back.key, 'keeps-old', 'person'],
      ['b0.example.com:443', 'not-undone', 'person'],
    ]);
  });

  for (const [what, made, run] of [
    ['an undo', { ...planOf([back]), purpose: 'undo', undoes: 'run-0' }, 'run-0'],
    ['going back', { ...planOf([goingBack]), renewals: [renewal('new', 'old')] }, null],
  ] as const)
    it(`leaves open where ${what} did not take the new one away, until a run has done it`, () => {
      const failed = ledgerAfterRun(emptyLedger, made, toldOf(made, ['as-before']), thisRun, null).ledger;
      assert.deepEqual(each(failed.decisions, 'what', 'old', 'new', 'run'), [
        ['not-undone', thumbprintOf('old'), thumbprintOf('new'), run],
      ]);
      const done = ledgerAfterRun(failed, made, toldOf(made, ['verified']), thisRun, null).ledger;
      assert.deepEqual(each(done.decisions, 'what'), ['keeps-old']);
    });

  it('ends what an undo left open once a person asks for the same again, whose place has it already, and by no other run', () => {
    const undo: Plan = { ...planOf([back]), purpose: 'undo' };
    const open = ledgerAfterRun(emptyLedger, undo, toldOf(undo, ['as-before']), thisRun, null).ledger;
    for (const [plan, command, left] of [
      [planOf([]), 'rebind', []],
      [planOf([]), 'reconcile', ['not-undone']],
      [{ ...planOf([]), renewals: [other] }, 'rebind', ['not-undone']],
    ] as const) {
      const { ledger } = ledgerAfterRun(open, plan, [], thisRun, null, command);
      assert.deepEqual(each(ledger.decisions, 'what'), left);
    }
  });

  for (const [what, made, results] of [
    ['an undo', { ...planOf([back]), purpose: 'undo' }, ['verified']],
    ['an undo that finds all as before', { ...planOf([]), purpose: 'undo' }, []],
    ['going back', { ...planOf([goingBack]), renewals: [renewal('new', 'old')] }, ['verified']],
  ] as const)
    it(`is none any more where a person gave it and took it all back: ${what}`, () => {
      const known = ledgerOf([{ renewal: pair, state: 'settled', run: 'run-0' }]);
      assert.deepEqual(ledgerAfterRun(known, made, toldOf(made, results), thisRun, null).ledger.renewals, []);
      const announced = ledgerOf([{ renewal: { ...pair, source: 'event' }, state: 'settled', run: 'run-0' }]);
      const { ledger } = ledgerAfterRun(announced, made, toldOf(made, results), thisRun, null);
      assert.deepEqual(ledger.renewals, announced.renewals);
    });

  it('ends what a person hid where it sets another certificate, and nowhere else', () => {
    const hidden = (place: string | null, certificate: string): Dismissal => ({
      code: 'old-certificate-back',
      place: place === null ? null : record(place, certificate).key,
      certificate: thumbprintOf(certificate),
      facts: '0',
      by: 'somebody',
      at: now,
    });
    const kept = [hidden('other.example.com:443', 'old'), hidden(null, 'old'), hidden(swap.key, 'new')];
    const known = { ...emptyLedger, dismissed: [...kept, hidden(swap.key, 'old')] };
    const hiddenAfter = (state: Result) =>
      ledgerAfterRun(known, planOf([swap]), toldOf(planOf([swap]), [state]), thisRun, null).ledger.dismissed;
    assert.deepEqual(hiddenAfter('verified'), kept);
    assert.deepEqual(hiddenAfter('rolled-back'), known.dismissed);
  });

  it('gives way with all that was given for the same certificate', () => {
    const pairs = [renewal('old', 'other'), pair, renewal('new', 'newer'), renewal('a', 'b')];
    const known = ledgerOf(pairs.map((one) => ({ renewal: one, state: 'settled', run: 'run-0' })));
    const made = { ...planOf([goingBack]), renewals: [renewal('new', 'old')] };
    const leftAfter = (plan: Plan) =>
      ledgerAfterRun(known, plan, toldOf(plan, ['verified']), thisRun, null).ledger.renewals.map((one) => one.renewal);
    assert.deepEqual(leftAfter(made), [renewal('a', 'b')]);
    assert.deepEqual(leftAfter(leavingOut(made)), [renewal('old', 'other'), pair, renewal('a', 'b')]);
  });

  it('is none where going back finds nothing to do', () => {
    const notes = [{ code: 'goes-back', text: '' } as const];
    const plan: Plan = { ...planOf([]), renewals: [renewal('new', 'old')], notes };
    assert.deepEqual(ledgerAfterRun(emptyLedger, plan, [], thisRun, null).ledger, emptyLedger);
  });

  it('keeps a place against every certificate that an undo of an older run replaced there', () => {
    const plan: Plan = { ...planOf([{ ...swapOf(1, 'newest', 'old'), renewal: pair }]), purpose: 'undo' };
    const { ledger } = ledgerAfterRun(emptyLedger, plan, toldOf(plan, ['verified']), thisRun, null);
    assert.deepEqual(
      each(ledger.decisions, 'old', 'new'),
      ['newest', 'new'].map((label) => [thumbprintOf('old'), thumbprintOf(label)]),
    );
  });

  it('that was rolled back names the holders that this was about, and no other that failed', () => {
    const results = ['endpoint-worse', 'canary-failed', 'replace-failed'] as const;
    const [entry] = entriesOf(planOf([1, 2, 3].map((id) => swapOf(id, 'old', 'new'))), [
      ['rolled-back', stepError(results[0], 'Bad.', null)],
      ['not-attempted', stepError(results[1], 'Bad.', 'h1.example.com:443')],
      ['as-before', stepError(results[2], 'Bad.', null)],
    ]);
    assert.deepEqual(entry?.rolledBack?.keys, ['h1.example.com:443', 'h2.example.com:443']);
  });

  it('that a person took back has nothing that is served still, unless it is', () => {
    const keysOf = (state: State) => entriesOf(planOf([back]), [state], true).map(({ stillOld }) => stillOld);
    assert.deepEqual(keysOf('verified'), [undefined]);
    assert.deepEqual(keysOf('still-served'), [[back.key]]);
  });

  it('is held where one of a kind was rolled back, with those spared for it, and failed where another of the kind did', () => {
    const steps = ['ftp/A', 'ftp/B', 'h3.example.com:443'].map((key, at) => {
      return { ...swapOf(at + 1, 'old', 'new'), key } as Step;
    });
    const endsWith = (code: 'canary-failed' | 'replace-failed') => {
      const [entry] = entriesOf(planOf(steps), [
        ['rolled-back', failed('endpoint-worse')],
        ['not-attempted', stepError(code, 'Bad.', 'ftp/A')],
        'verified',
      ]);
      return [entry?.state, entry?.heldAt];
    };
    assert.deepEqual(endsWith('canary-failed'), ['settled', ['ftp/A', 'ftp/B']]);
    assert.deepEqual(endsWith('replace-failed'), ['failed', ['ftp/A']]);
  });

  it('is none when a certificate is set again', () => {
    const again = renewal('old', 'old');
    const { digest: _, ...rest } = planOf([swapOf(1, 'old', 'old', again)]);
    for (const state of ['verified', 'rolled-back'] as const)
      assert.deepEqual(entriesOf(sealPlan({ ...rest, renewals: [again] }), [state]), []);
  });
});

describe('a renewal that an earlier run rolled back', () => {
  const again: Step = { ...swap, turn: 'again' };
  const worse: Result = ['rolled-back', failed('endpoint-worse')];
  const cause = { kind: 'name', said: 'Bad.', at: swap.key } as const;
  const rolledBack = { cause, heldAt: [swap.key], attempts: 2 };
  const blocked = planOf([], ['names-lost']);
  for (const [what, made, result, is, run = 'run-0'] of [
    ['is tried again and rolled back once more', planOf([again]), worse, 3],
    ['is recovered by the run that rolled it back: it counts once', planOf([again]), worse, 2, 'run-1'],
    ['is tried by a person and rolled back: the count begins anew', planOf([swap]), worse, 1],
    ['is tried again and fails before any change: the count stays', planOf([again]), 'as-before', 2],
    ['is tried by a person and fails before any change: nothing counts', planOf([swap]), 'as-before', null],
    ['is applied', planOf([again]), 'verified', null],
    ['is blocked: the count stays', blocked, null, 2],
    ['is taken back by a person', { ...planOf([back]), purpose: 'undo' }, 'verified', 0],
  ] as const)
    it(what, () => {
      const before: EntryParts = { renewal: pair, state: 'undone', run, ...rolledBack };
      const told = toldOf(made, result === null ? [] : [result]);
      const [entry] = entriesAfter(ledgerOf([before]), made, told);
      assert.equal(entry?.rolledBack?.attempts ?? null, is);
    });

  const entryBefore: EntryParts = { renewal: pair, state: 'undone', run: 'run-0', ...rolledBack };
  const countAfter = (plan: Plan, results: readonly Result[]) => {
    const entries = entriesAfter(ledgerOf([entryBefore]), plan, toldOf(plan, results));
    return entries.find((one) => one.renewal.old === pair.old)?.rolledBack?.attempts ?? null;
  };

  it('counts anew where only another renewal was tried again by itself', () => {
    const { digest: _, ...rest } = planOf([swap, { ...swapOf(2, 'a', 'b', other), turn: 'again' }]);
    assert.equal(countAfter(sealPlan({ ...rest, renewals: [pair, other] }), [worse, 'verified']), 1);
  });

  for (const [what, code, seen, is] of [
    ['another certificate answered', 'endpoint-worse', { result: 'served' }, 'name'],
    ['nothing answered', 'endpoint-worse', { result: 'unreachable', reason: 'ECONNRESET' }, 'handshake'],
    ['nothing listened', 'endpoint-worse', { result: 'not-listening' }, 'handshake'],
    ['TLS was refused', 'endpoint-worse', { result: 'unreachable', reason: 'alert handshake failure' }, 'protocol'],
    ['an intermediate was not sent', 'chain-not-sent', { sent: { issuers: [], upTo: 'CN=Root' } }, 'chain'],
    ['a chain ended, nobody knows where', 'chain-not-sent', {}, 'handshake'],
    ['Windows did not do it', 'replace-without-effect', {}, 'server'],
  ] as const)
    it(`${what}: ${is}`, () => {
      const plan = planOf([swap, second]);
      const [first, next] = toldOf(plan, [
        ['not-attempted', stepError('canary-failed', 'The first.', second.key)],
        ['rolled-back', stepError(code, 'Bad.', null)],
      ]);
      assert(first !== undefined && next !== undefined);
      const after = [{ ...notListening, ...seen }];
      const { decisions } = ledgerAfterRun(emptyLedger, plan, [first, { ...next, after }], thisRun, null).ledger;
      assert.deepEqual(
        decisions.map((one) => [one.place, one.cause?.kind, one.cause?.at]),
        [swap, second].map(({ key }) => [key, is, second.key]),
      );
    });

  it('is on hold for the cause of the first where the policy rolled it back with that', () => {
    const { digest: _, ...rest } = planOf([swap, swapOf(2, 'a', 'b', other)]);
    const plan = sealPlan({ ...rest, renewals: [pair, other] });
    const undone: Result = ['rolled-back', stepError('run-undone', 'Another failed.', swap.key)];
    const [first, its] = entriesAfter(emptyLedger, plan, toldOf(plan, [worse, undone]));
    assert.deepEqual([first?.rolledBack?.cause, its?.rolledBack?.cause], [cause, cause]);
  });

  it('was interrupted: it is counted, and only the third in a row keeps the place', () => {
    const killed: Result = ['rolled-back', stepError('interrupted', 'Killed.', swap.key)];
    const plan = planOf([swap]);
    let ledger: Ledger = emptyLedger;
    const keeps: boolean[] = [];
    for (const run of ['run-1', 'run-2', 'run-2', 'run-3']) {
      ({ ledger } = ledgerAfterRun(ledger, plan, toldOf(plan, [killed]), { run, at: now }, null));
      keeps.push(ledger.decisions.some(keepsOld));
    }
    assert.deepEqual(keeps, [false, false, false, true]);
    for (const result of ['as-before', 'not-attempted'] as const) {
      const { ledger: tried } = ledgerAfterRun(ledger, plan, toldOf(plan, [result]), thisRun, null);
      assert.deepEqual(tried.decisions, ledger.decisions);
    }
    const { ledger: applied } = ledgerAfterRun(ledger, plan, toldOf(plan, ['verified']), thisRun, null);
    assert.deepEqual(applied.decisions, []);
  });
});

describe('what a run did at a place, and did not', () => {
  const ledgerAfter = (plan: Plan, results: readonly Result[], before: Ledger = emptyLedger) =>
    ledgerAfterRun(before, plan, toldOf(plan, results), thisRun, null).ledger;
  const undoing = (...steps: readonly Step[]): Plan => ({ ...planOf(steps), purpose: 'undo' });

  it('is not set there where it only looked', () => {
    assert.equal(ledgerAfter(planOf([swapOf(1, 'new', 'new')]), ['verified']).applied, undefined);
    assert.deepEqual(each(ledgerAfter(planOf([swap]), ['verified']).applied ?? [], 'certificate', 'places'), [
      [thumbprintOf('new'), [swap.key]],
    ]);
  });

  it('is not settled where the old certificate is served still', () =>
    assert.deepEqual(each(ledgerAfter(planOf([swap]), ['still-old']).renewals, 'left'), [['failed']]));

  it('puts no renewal on hold where an undo was rolled back', () => {
    const worse: Result = ['rolled-back', failed('endpoint-worse')];
    const held = ({ decisions }: Ledger) => decisions.some(({ what }) => what === 'on-hold');
    assert.deepEqual(
      [held(ledgerAfter(planOf([swap]), [worse])), held(ledgerAfter(undoing(swap), [worse]))],
      [true, false],
    );
  });

  it('ends what a person decided there, unless it was killed', () => {
    const known = ledgerOf([{ renewal: pair, state: 'undone', run: 'run-0', heldAt: [swap.key] }]);
    const isKept = (code: 'interrupted' | 'endpoint-worse') =>
      ledgerAfter(planOf([swap]), [['rolled-back', stepError(code, 'Bad.', swap.key)]], known).decisions.some(
        ({ what, by }) => what === 'keeps-old' && by === 'person',
      );
    assert.deepEqual([isKept('interrupted'), isKept('endpoint-worse')], [true, false]);
  });

  it('is taken back as the pairs that there were, by an undo of several renewals', () => {
    const plan: Plan = { ...undoing(back, swapOf(2, 'b', 'a', other)), renewals: [pair, other] };
    const { decisions } = ledgerAfter(plan, ['verified', 'verified']);
    assert.deepEqual(
      decisions.map(({ old, new: by }) => `${old} ${by}`).sort(),
      [pair, other].map(({ old, new: by }) => `${old} ${by}`).sort(),
    );
  });

  it('is taken back together with what had followed the new certificate by then, and with nothing else', () => {
    const followed = [renewal('new', 'third'), renewal('third', 'fourth'), renewal('new', 'old'), other];
    const known = ledgerOf(followed.map((one) => ({ renewal: one, state: 'settled', run: 'run-0' })));
    const newOnes = (plan: Plan) => ledgerAfter(plan, ['verified'], known).decisions.map((one) => [one.old, one.new]);
    const against = ['new', 'third', 'fourth'].map((one) => [thumbprintOf('old'), thumbprintOf(one)]);
    assert.deepEqual(newOnes(undoing(back)), against);
    const given: Plan = { ...planOf([goingBack]), renewals: [renewal('new', 'old')] };
    assert.deepEqual(newOnes(given), against, 'also by a person who gives the old one');
    assert.deepEqual(newOnes(undoing(swapOf(1, 'third', 'old'))).length, 3, 'each once');
  });

  it('keeps the file of the old key, also once the old certificate is gone', () => {
    const known = ledgerOf([{ renewal: pair, state: 'failed', run: 'run-0', keyFile: 'C:\\Keys\\1' }]);
    const gone = snapshot({ certificates: [certificate('new')] });
    const { renewals } = ledgerAfterRun(
      known,
      planOf([swap]),
      toldOf(planOf([swap]), ['verified']),
      thisRun,
      gone,
    ).ledger;
    assert.deepEqual(each(renewals, 'keyFile'), ['C:\\Keys\\1']);
  });
});

describe('a renewal whose old certificate was served still', () => {
  it('is that only where nobody has seen the new one since', () => {
    const unseen = record('h9.example.com:443', 'old').key;
    const stillOld = [swap.key, unseen];
    const ledger = ledgerOf([{ renewal: other, state: 'failed', run: 'run-0', stillOld }]);
    const leftAfter = (state: State) => {
      const plan = planOf([swap]);
      return ledgerAfterRun(ledger, plan, toldOf(plan, [state]), thisRun, null).ledger.decisions.map(
        ({ place }) => place,
      );
    };
    assert.deepEqual(leftAfter('verified'), [unseen]);
    assert.deepEqual(leftAfter('not-verified'), stillOld);
  });
});

describe('what each renewal left', () => {
  const at = { run: 'r1', at: now };
  const old = certificate('old', { notBefore: '2026-01-01T00:00:00.000Z', notAfter: '2026-04-10T23:59:59.000Z' });
  const successor = certificate('new', { notBefore: '2026-04-01T00:00:00.000Z' });
  const ledgerAfter = (ledger: Ledger, seen: Parameters<typeof snapshot>[0] | null) =>
    ledgerAfterRun(ledger, planOf([]), [], at, seen === null ? null : snapshot(seen)).ledger;
  const tenth = { old: pair.old, new: pair.new, leftShare: 863999 / 8640000 };

  it('is remembered of what the run worked on, and of what this server tells', () => {
    assert.deepEqual(ledgerAfter(emptyLedger, { certificates: [old, successor] }).pastRenewals, [tenth]);
    const told = { certificates: [{ ...old, renewedTo: pair.new }, successor] };
    const { pastRenewals } = ledgerAfterRun(emptyLedger, empty, [], at, snapshot(told)).ledger;
    assert.deepEqual(pastRenewals, [tenth]);
  });

  it('stays when the old certificate is deleted, or nothing is read', () => {
    const known = { ...emptyLedger, pastRenewals: [tenth] };
    assert.deepEqual(ledgerAfter(known, { certificates: [successor] }).pastRenewals, [tenth]);
    assert.deepEqual(ledgerAfter(known, null).pastRenewals, [tenth]);
    assert.deepEqual(ledgerAfter(known, { certificates: [old, successor] }).pastRenewals, [tenth], 'once');
  });

  it('is not written for none', () =>
    assert.ok(!('pastRenewals' in ledgerAfter(emptyLedger, { certificates: [old] }))));

  it('is kept of the last thousand', () => {
    const many = Array.from({ length: 1000 }, (_, index) => ({ ...tenth, old: thumbprintOf(`${index}`) }));
    const kept =
      ledgerAfter({ ...emptyLedger, pastRenewals: many }, { certificates: [old, successor] }).pastRenewals ?? [];
    assert.deepEqual([kept.length, kept[0], kept.at(-1)], [1000, many[1], tenth]);
  });
});

describe('what is owed after a run', () => {
  const debt = { run: 'run-0', step: 1, key: swap.key, at: now };
  const lost: Result = ['rollback-failed', failed('endpoint-worse')];
  const own = { ...debt, run: 'run-1' };
  for (const [what, before, result, owed, is] of [
    ['is paid where the step did what was wanted', [debt], 'verified', undefined, []],
    ['stays where nothing could be done', [debt], 'as-before', undefined, [debt]],
    ['is replaced by what this run owes there', [debt], lost, undefined, [own]],
    ['is not there twice where the same run is recovered', [own], 'as-before', undefined, []],
    ['is dropped where the plan looked and found nothing owed', [debt], 'as-before', [], []],
    ['stays where the plan found it', [debt], 'as-before', [debt], [debt]],
  ] as const)
    it(what, () => {
      const plan: Plan = { ...planOf([swap]), ...(owed && { owed }) };
      const ledger = { ...emptyLedger, pendingRollbacks: before };
      const after = ledgerAfterRun(ledger, plan, toldOf(plan, [result]), thisRun, null).ledger;
      assert.deepEqual(after.pendingRollbacks, is);
    });
});

describe('the entry in the Application log', () => {
  const outcome = (changes: Partial<Outcome>): Outcome => ({
    ...outcomeOf(planOf([swap], ['names-lost']), []),
    ...changes,
  });
  const counts = noCounts;

  for (const [result, exitCode, eventId, level] of [
    ['rebound', 0, 100, 'information'],
    ['partly-rebound', 3, 101, 'warning'],
    ['blocked', 3, 110, 'warning'],
    ['undone', 4, 120, 'warning'],
    ['undone', 0, 120, 'information'],
    ['partly-undone', 4, 120, 'warning'],
    ['repaired', 0, 100, 'information'],
    ['waiting', 0, 110, 'information'],
    ['needs-attention', 5, 130, 'error'],
  ] as const)
    it(`has for ${result} with exit ${exitCode} the number ${eventId}, as ${level}`, () => {
      const entry = logEntry(outcome({ result, exitCode }));
      assert(entry?.do === 'log');
      assert.deepEqual(
        [entry.eventId, entry.level, entry.data],
        [eventId, level, { run: 'run-1', exitCode: String(exitCode) }],
      );
    });

  it('is none for a run that had nothing to do', () => {
    for (const result of ['nothing-to-do', 'would-rebind'] as const) assert.equal(logEntry(outcome({ result })), null);
  });

  it('tells each step and what was blocked in a line, as far as there is room', () => {
    const { blocked } = planOf([], ['names-lost']);
    const [step] = outcome({}).steps;
    assert(step !== undefined);
    const steps = [
      step,
      { ...step, now: { state: 'holds', thumbprint: null } as const },
      { ...step, state: 'absent' as const, now: { state: 'absent' } as const, error: failed('endpoint-worse') },
    ];
    const textOf = (told: Outcome) => {
      const entry = logEntry(told);
      return entry?.do === 'log' ? entry.text : '';
    };
    assert.deepEqual(textOf(outcome({ steps, blocked, counts: { ...counts, changed: 2, failed: 1 } })).split('\r\n'), [
      'CertRebind run run-1: rebound (2 changed, 1 failed).',
      `${thumbprintOf('old').slice(0, 8)} → ${thumbprintOf('new').slice(0, 8)}.`,
      `h1.example.com:443: verified, uses ${thumbprintOf('new')}`,
      'h1.example.com:443: verified, uses no certificate',
      'h1.example.com:443: absent, uses no certificate. Bad.',
      'b0.example.com:443: blocked (names-lost). Why.',
    ]);
    assert.equal(textOf(outcome({ steps: Array(1000).fill(step) })).length, 30_000);
  });

  it('has no line, and no turn of the text, that a name brings along', () => {
    const evil = 'Shop\r\nCertRebind run run-2: rebound.\u202E\u00AD';
    const written = 'Shop\\u000D\\u000ACertRebind run run-2: rebound.\\u202E\\u00AD';
    const [block] = planOf([], ['names-lost']).blocked;
    assert(block !== undefined);
    for (const [entry, lines] of [
      [logEntry(outcome({ blocked: [{ ...block, obstacles: [obstacle('names-lost', evil)] }] })), 4],
      [notificationEntry(newsOf({ lines: [evil] }))[0], 3],
      [
        failureEntry({
          schema: 'certrebind/error/1',
          exitCode: 7,
          error: { code: 'unsafe-folder', message: evil, hint: 'Type:\n  icacls', where: null },
        }),
        3,
      ],
    ] as const) {
      assert(entry?.do === 'log');
      assert.ok(entry.text.includes(written), entry.text);
      assert.equal(entry.text.split('\r\n').length, lines);
    }
  });

  it('about a start that could not work has what was wrong, and what to do where that is known', () => {
    const textOf = (hint: string | null) => {
      const error = { code: 'bad-input', message: 'Bad.', hint, where: null };
      const entry = failureEntry({ schema: 'certrebind/error/1', exitCode: 2, error });
      return entry.do === 'log' && entry.text;
    };
    const said = 'CertRebind could not work, so renewals are not applied: Bad.';
    assert.deepEqual([textOf(null), textOf('Mend it.')], [said, `${said}\r\nMend it.`]);
  });

  it('about what is wrong has what to type and a line for each cause, as far as there is room', () => {
    const entry = { do: 'log', eventId: 140, data: {} } as const;
    const text = 'WEB01: renewal blocked.\r\nTo see why: certrebind plan\r\none';
    const problem = newsOf({ kind: 'problem', eventId: 140 });
    assert.deepEqual(notificationEntry(problem), [{ ...entry, level: 'warning', text }]);
    assert.deepEqual(notificationEntry({ ...problem, kind: 'solved' }), [{ ...entry, level: 'information', text }]);
    assert.deepEqual(notificationEntry({ ...problem, kind: 'proof-failed' }), [{ ...entry, level: 'error', text }]);
    assert.deepEqual(notificationEntry({ ...problem, kind: 'heartbeat', eventId: null }), []);
    const [long] = notificationEntry({ ...problem, lines: ['x'.repeat(40_000)] });
    assert.equal(long?.do === 'log' && long.text.length, 30_000);
  });
});
