import assert from 'node:assert/strict';
import type { Notification } from '../../../src/documents/notification.ts';
import type { Outcome } from '../../../src/documents/runs/outcome.ts';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import { notificationOfFailedProof, notificationOfOutcome } from '../../../src/engine/run/notification-of-run.ts';
import { certificate, policy, record, renewal, site, snapshot, sni, thumbprintOf } from '../../builders/snapshot.ts';
import { noCounts, outcomeOf } from '../plan/outcomes.ts';

const hosts = ['a.example.com', 'b.example.com'];
const facts = snapshot({
  sites: [site('Shop', hosts.map(sni))],
  records: hosts.map((host) => record(`${host}:443`, 'old')),
  certificates: [
    certificate('old', { names: hosts, notAfter: '2026-06-13T13:00:00.000Z' }),
    certificate('new', { names: hosts }),
  ],
});
const plan = planRebind({ snapshot: facts, renewals: [renewal('old', 'new')], configuration: policy() });
const server = { ...facts.server, name: 'WEB01' };

function told(parts: Partial<Outcome>, ends: Parameters<typeof outcomeOf>[1] = ['verified', 'verified']): Notification {
  const news = notificationOfOutcome(
    { ...outcomeOf(plan, ends), certificates: plan.certificates ?? [], ...parts },
    server,
  );
  assert.ok(news !== null);
  return news;
}

describe('what a run tells', () => {
  const [first] = outcomeOf(plan, ['verified', 'absent']).steps;
  assert.ok(first !== undefined);
  const steps = [first, { ...first, id: 2, state: 'absent' as const, now: { state: 'absent' as const } }];
  for (const [parts, headline, advice] of [
    [{}, '2 bindings renewed', 'Nothing to do.'],
    [{ counts: { ...noCounts, changed: 1 } }, '1 binding renewed', 'Nothing to do.'],
    [{ result: 'partly-rebound' }, '2 bindings renewed, others not', 'To see what happened: certrebind history run-1'],
    [{ result: 'repaired' }, '2 bindings repaired', 'Nothing to do.'],
    [
      { result: 'partly-repaired' },
      '2 bindings repaired, others not',
      'To see what happened: certrebind history run-1',
    ],
    [{ result: 'imported' }, 'certificate imported', 'Nothing to do.'],
    [
      { result: 'blocked', kept: false },
      'renewal blocked, old certificate ends in 12 days',
      'To see why, and what helps: certrebind plan',
    ],
    [
      { result: 'waiting' },
      'renewal waits, old certificate ends in 12 days',
      'Nothing to do: CertRebind makes the change during the change window.',
    ],
    [
      { result: 'waiting', notes: [{ code: 'not-enabled', text: 'Nothing makes it.' }] },
      'renewal waits, old certificate ends in 12 days',
      'Enable CertRebind, or apply the renewal yourself during the change window.',
    ],
    [
      { result: 'undone' },
      'new certificate rolled back, old certificate ends in 12 days',
      'To see what happened: certrebind history run-1',
    ],
    [{ result: 'undone', undoes: 'run-0' }, 'run run-0 undone', 'To see what happened: certrebind history run-1'],
    [
      { result: 'partly-undone' },
      'new certificate rolled back in part, old certificate ends in 12 days',
      'To see what happened: certrebind history run-1',
    ],
    [
      { result: 'partly-undone', undoes: 'run-0' },
      'run run-0 undone in part',
      'To see what happened: certrebind history run-1',
    ],
    [{ result: 'needs-attention' }, 'a person has to act', 'To see what happened: certrebind history run-1'],
    [
      { result: 'needs-attention', steps },
      'a.example.com is DOWN: no certificate',
      'To see what happened: certrebind history run-1',
    ],
    [
      { result: 'needs-attention', kept: false, steps: [{ ...first, state: 'still-old' }] },
      'a.example.com: still-old',
      'To see what happened: certrebind status',
    ],
  ] as const)
    it(`${headline}`, () => {
      const news = told(parts as Partial<Outcome>);
      assert.deepEqual([news.headline, news.advice], [`WEB01: ${headline}`, advice]);
    });

  it('asks for what a person has to change, where the rest was renewed', () => {
    const other = '{11111111-2222-3333-4444-555555555555}';
    const [entry] = planRebind({
      snapshot: snapshot({
        ...facts,
        sites: [],
        holders: [],
        records: [record('0.0.0.0:8443', 'old', { appId: other })],
      }),
      renewals: [renewal('old', 'new')],
      configuration: policy(),
    }).skipped;
    assert.ok(entry !== undefined);
    const { headline, advice, lines } = told({ skipped: [entry] });
    assert.deepEqual(
      [headline, advice],
      ['WEB01: 2 bindings renewed', `To be changed by you, as below: ${entry.key}.`],
    );
    assert.ok(
      lines.some((line) => line.startsWith(`${entry.key}: still uses the old certificate.`)),
      lines.join(),
    );
  });

  it('is nothing for one that had nothing to do', () =>
    assert.equal(notificationOfOutcome({ ...outcomeOf(plan, []), result: 'nothing-to-do', steps: [] }, server), null));

  it('has a paragraph for each cause, however many places it concerns', () => {
    const error = { code: 'canary-failed', message: 'The first one failed.', hint: null, where: null };
    const failed = Array.from({ length: 120 }, (_, index) => {
      return { ...first, key: record(`s${index}.example.com:443`, 'old').key, state: 'not-attempted' as const, error };
    });
    const { lines } = told({ result: 'undone', steps: failed });
    const causes = lines.filter((line) => line.includes('not-attempted'));
    assert.equal(causes.length, 1);
    assert.match(causes[0] ?? '', /^s0\.example\.com:443, .* and 115 more: not-attempted\. The first one failed\.$/);
  });

  it('names the certificate in words, and its hosts', () => {
    const { lines, names } = told({});
    assert.ok(lines.some((line) => line.includes(thumbprintOf('old').slice(0, 8))));
    assert.deepEqual(names, hosts);
  });
});

describe('what an installation that was not verified tells', () => {
  it('is why, what became of it, and what to do', () => {
    const failed = { at: facts.takenAt, version: '1.2.3', why: 'The task did not start.' };
    const { headline, advice, lines } = notificationOfFailedProof(failed, server, ['The old one stays.']);
    assert.deepEqual(
      [headline, advice],
      ['WEB01: version 1.2.3 of CertRebind is not verified to work', 'Mend the cause below, then: certrebind enable'],
    );
    for (const line of ['Nothing was removed.', failed.why, 'The old one stays.'])
      assert.ok(lines.includes(line), line);
  });
});
