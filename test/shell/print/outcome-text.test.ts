import assert from 'node:assert/strict';
import { defaultConfiguration } from '../../../src/documents/configuration.ts';
import { stepError } from '../../../src/documents/runs/step-progress.ts';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import type { Handshake } from '../../../src/model/certificates/handshake.ts';
import { outcomeText } from '../../../src/shell/print/outcome-text.ts';
import { plain } from '../../../src/shell/print/terminal-style.ts';
import { obstacle } from '../../builders/met.ts';
import { renewal, snapshot, thumbprintOf } from '../../builders/snapshot.ts';
import { outcomeOf } from '../../engine/plan/outcomes.ts';

const [old, next] = [thumbprintOf('old'), thumbprintOf('new')];

function handshake(served: typeof old | null): Handshake {
  const endpoint = { address: '0.0.0.0', port: 443, serverName: null };
  const seen =
    served === null
      ? { result: 'skipped' as const, thumbprint: null, reason: 'not served' }
      : { result: 'served' as const, thumbprint: served, reason: null };
  return { ...seen, endpoint, notAfter: null, attempts: 1, durationMs: 1 };
}

describe('the outcome of an undo', () => {
  it('names the run, goes from the new certificate to the old one, and counts what is not yet served', () => {
    const plan = planRebind({ snapshot: snapshot(), renewals: [], configuration: defaultConfiguration });
    const outcome = { ...outcomeOf(plan, []), undoes: 'run-0', renewals: [renewal('old', 'new')] };
    const text = outcomeText({ ...outcome, counts: { ...outcome.counts, changed: 0, undone: 2, stillOld: 1 } }, plain);
    assert.match(text, /^Run run-1: rebound \(undo of run run-0\)$/m);
    assert.ok(text.includes(`${old.slice(0, 8)} ← ${next.slice(0, 8)}`), text);
    assert.match(text, /^2 undone, 1 not yet served; /m);
  });
});

it('an outcome says what helps several steps once', () => {
  const plan = planRebind({ snapshot: snapshot(), renewals: [], configuration: defaultConfiguration });
  const steps = ['one', 'two'].map((name, at) => ({
    ...{ id: at + 1, key: `${name}.example.com:443`, state: 'still-old' as const, repairedOptions: [] },
    ...{ now: { state: 'holds' as const, thumbprint: next }, before: [], after: [] },
    error: stepError('still-old', `Said of ${name}.`, null),
  }));
  const text = outcomeText({ ...outcomeOf(plan, []), steps: steps as never }, plain);
  assert.match(text, /Said of one\.\n.*Said of two\.\n {2}Check for TLS inspection/);
  assert.equal(text.split('Check for TLS inspection').length, 2);
});

it('an outcome of nine bindings with one cause begins with result, cause and what to type', () => {
  const plan = planRebind({ snapshot: snapshot(), renewals: [], configuration: defaultConfiguration });
  const steps = Array.from({ length: 9 }, (_, at) => {
    const endpoint = { address: '0.0.0.0', port: 443, serverName: `h${at}.example.com` };
    const served = `0.0.0.0 port 443 as h${at}.example.com served ${old} before the change. Afterwards it was silent.`;
    return {
      ...{ id: at + 1, key: `h${at}.example.com:443`, repairedOptions: [], before: [] },
      ...{ state: at < 4 ? 'rolled-back' : 'not-attempted', now: { state: 'holds', thumbprint: old } },
      after: at < 4 ? [{ ...handshake(null), endpoint }] : [],
      error: at < 4 ? stepError('endpoint-worse', served, null) : stepError('canary-failed', 'It failed first.', null),
    };
  });
  const text = outcomeText(
    { ...outcomeOf(plan, []), result: 'undone', renewals: [renewal('old', 'new')], steps: steps as never },
    plain,
  );
  const [result, , cause, hint, untried, , typed, ...rest] = text.split('\n');
  assert.equal(result, 'Run run-1: rolled back');
  assert.match(
    cause ?? '',
    /^endpoint-worse at h0\.example.*, h3\.example\.com:443: each served C00DBBC9 before the change\./,
  );
  assert.match(hint ?? '', /^ {2}Fix what got worse/);
  assert.equal(typed, `  certrebind rebind --old ${old.slice(0, 8)} --new ${next.slice(0, 8)}`);
  assert.match(untried ?? '', /^Not tried for that reason: h4\.example\.com:443, .*, h8\.example\.com:443$/);
  assert.doesNotMatch(rest.join('\n'), /endpoint-worse|canary-failed/);
});

it('an outcome of many blocked bindings says in ten lines its result, each reason once, and what to type', () => {
  const plan = planRebind({ snapshot: snapshot(), renewals: [], configuration: defaultConfiguration });
  const blocked = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({
    ...{ key: `${name}.example.com:443`, consumers: [], renewal: renewal('old', 'new') },
    obstacles: [obstacle('names-lost', `The new certificate does not cover: ${name}.example.com.`)],
  }));
  const outcome = { ...outcomeOf(plan, []), result: 'blocked' as const, blocked: blocked as never };
  const lines = outcomeText(outcome, { ...plain, width: 120 }).split('\n');
  assert.equal(lines[0], 'Run run-1: blocked');
  assert.match(lines.slice(2, 5).join(' '), /^names-lost at a\.example\.com:443, .* and 1 more: The new certificate/);
  assert.match(lines.join(' '), /does not cover: a\.example\.com; b\.example\.com; c\.example\.com; and 3 more\./);
  const typed = `    certrebind rebind --old ${old} --new ${next} --allow names-lost`;
  assert.ok(lines.indexOf(typed) > 0 && lines.indexOf(typed) < 10, lines.join('\n'));
  assert.equal(lines.filter((line) => line.includes('--allow names-lost')).length, 1);
  assert.ok(outcomeText(outcome, { ...plain, full: true }).includes('\n    f.example.com:443\n'));
});

it('an outcome says once how long each service was down, and why one was restarted again', () => {
  const plan = planRebind({ snapshot: snapshot(), renewals: [], configuration: defaultConfiguration });
  const services = ['RasMan', 'SstpSvc'];
  const restarted = [
    { services, seconds: 12.34, error: 'SstpSvc does not answer.' },
    { services: ['SQL'], seconds: null, error: null },
  ];
  const steps = [1, 2].map((id) => ({
    ...{ id, key: `sstp/${id}`, state: 'verified' as const, repairedOptions: [], error: null, restarted },
    ...{ now: { state: 'holds' as const, thumbprint: next }, before: [], after: [] },
  }));
  const text = outcomeText({ ...outcomeOf(plan, []), steps: steps as never }, plain);
  const lines = text.split('\n').filter((line) => line.includes('restarted'));
  assert.deepEqual(lines, [
    'RasMan, SstpSvc were restarted: down for 12.3 s. SstpSvc does not answer.',
    'SQL was restarted: the run was interrupted then.',
  ]);
});

describe('what an outcome says of the wire', () => {
  for (const [situation, before, after, said] of [
    ['an endpoint that follows', [old], [next], `${old.slice(0, 8)} → ${next.slice(0, 8)}`],
    ['three alike', [old, old, old], [next, next, next], `${old.slice(0, 8)} → ${next.slice(0, 8)} (3 endpoints)`],
    ['one that was dialled neither before nor after', [null], [null], 'not tested'],
    ['one that was dialled only afterwards', [null], [next], `skipped → ${next.slice(0, 8)}`],
    ['a holder without an endpoint to dial', [], [], '-'],
  ] as const)
    it(`is short and says no more than was seen: ${situation}`, () => {
      const outcome = outcomeOf(
        planRebind({ snapshot: snapshot(), renewals: [], configuration: defaultConfiguration }),
        [],
      );
      const step = {
        ...{ id: 1, key: '0.0.0.0:443' as const, state: 'verified' as const, repairedOptions: [], error: null },
        ...{ now: { state: 'holds' as const, thumbprint: next } },
        before: before.map(handshake),
        after: after.map(handshake),
      };
      const text = outcomeText({ ...outcome, steps: [step as never] }, plain);
      const row = text.split('\n').find((line) => line.startsWith('0.0.0.0:443 '));
      assert.ok(row?.endsWith(`  ${said}`), row);
    });
});
