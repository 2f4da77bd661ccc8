import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { holderKey } from '../../../src/kinds/record-key.ts';
import { startClients, summaryOf, type Tried } from '../../../src/lab/commands/demo-clients.ts';

const old = 'A'.repeat(40);
const renewed = 'B'.repeat(40);
const other = 'C'.repeat(40);
const renewal = { old, renewed, taskEndedAt: 100_000 };
const silent = 'no answer within 60000 ms';

/** One handshake after the other, a second apart: a certificate, or why there was none. */
function client(
  ...met: readonly (string | { readonly why: string } | { readonly late: string; readonly ms: number })[]
) {
  return met.map((one, index): Tried => {
    const begunAt = index * 1000;
    if (typeof one === 'string') return { begunAt, endedAt: begunAt + 5, thumbprint: one, reason: null };
    if ('why' in one) return { begunAt, endedAt: begunAt + 60_000, thumbprint: null, reason: one.why };
    return { begunAt, endedAt: begunAt + one.ms, thumbprint: one.late, reason: null };
  });
}

const atOld = { expected: old };
const atOther = { expected: other };
const late = (thumbprint: string, ms: number) => ({ late: thumbprint, ms });
const why = (reason: string) => ({ why: reason });

describe('what a client of the demo has met', () => {
  for (const { says, tried, at = atOld, taskEndedAt = renewal.taskEndedAt, fails = [], endsWell = true, slow = 0 } of [
    { says: 'the old certificate, then the renewed one', tried: client(old, old, renewed, renewed) },
    { says: 'the old one while the task runs', tried: client(old, old) },
    { says: 'another one all the time, where another was', at: atOther, tried: client(other, other) },
    { says: 'one from a file, of which nothing was known', at: { expected: null }, tried: client(other, other) },
    { says: 'an answer in a second', tried: client(late(old, 1000), renewed) },
    { says: 'an answer after more than a second', tried: client(late(old, 1001), renewed), slow: 1 },
    { says: 'an answer after nearly a minute', tried: client(late(old, 59_999), late(renewed, 7000)), slow: 2 },
    {
      says: 'no answer in a minute',
      tried: client(old, why(silent), renewed, why(silent), renewed),
      fails: [{ reason: silent, times: 2 }],
    },
    {
      says: 'a refusal and a reset',
      tried: client(old, why('nothing listens there'), why('read ECONNRESET'), renewed),
      fails: [
        { reason: 'nothing listens there', times: 1 },
        { reason: 'read ECONNRESET', times: 1 },
      ],
    },
    {
      says: 'no answer at last',
      tried: client(old, renewed, why(silent)),
      fails: [{ reason: silent, times: 1 }],
      endsWell: false,
    },
    {
      says: 'a third certificate',
      tried: client(old, other, renewed),
      fails: [{ reason: `served ${other} instead of ${old}`, times: 1 }],
    },
    {
      says: 'a third certificate late, which is wrong and not slow',
      tried: client(old, late(other, 7000), renewed),
      fails: [{ reason: `served ${other} instead of ${old}`, times: 1 }],
    },
    {
      says: 'the renewed one where another was',
      at: atOther,
      tried: client(other, renewed),
      fails: [{ reason: `served ${renewed} instead of ${other}`, times: 1 }],
      endsWell: false,
    },
    {
      says: 'the old one after the renewed one',
      tried: client(old, renewed, old, renewed),
      fails: [{ reason: `served ${old} instead of ${renewed}`, times: 1 }],
    },
    {
      says: 'the old one in a handshake that began before the task ended',
      tried: client(old, late(old, 1500), renewed),
      taskEndedAt: 2000,
      slow: 1,
    },
    {
      says: 'the old one after the task has ended',
      tried: client(old, old, old),
      taskEndedAt: 1000,
      fails: [{ reason: `served ${old} instead of ${renewed}`, times: 2 }],
      endsWell: false,
    },
    {
      says: 'nothing at all of a file',
      at: { expected: null },
      tried: client(why(silent)),
      fails: [{ reason: silent, times: 1 }],
      endsWell: false,
    },
  ])
    it(`${fails.length === 0 ? 'is right' : 'failed'}: ${says}`, () => {
      const summary = summaryOf(tried, { ...renewal, ...at, taskEndedAt });
      assert.deepEqual(summary.failures, fails);
      assert.deepEqual([summary.endsWell, summary.slow], [endsWell, slow]);
    });

  it('is told with the first and the last certificate, the longest answer, and when it changed', () => {
    const { before, after, tried, longestMs, changedAt } = summaryOf(
      client(old, late(old, 40), renewed, late(other, 900), renewed),
      { ...renewal, ...atOld },
    );
    assert.deepEqual([before, after, tried, longestMs, changedAt], [old, renewed, 5, 40, 2005]);
  });
});

describe('the clients of the demo', () => {
  it('do not wait for an answer once they are interrupted', async () => {
    const interrupt = new AbortController();
    const silentOne = {
      key: holderKey('any', 'one'),
      expected: null,
      endpoint: { address: '0.0.0.0', port: 443, serverName: null },
      sites: [],
      skipped: null,
    };
    const clients = startClients([silentOne], () => new Promise(() => {}), interrupt.signal);
    const ended = clients.until(() => false);
    await setImmediate();
    interrupt.abort();
    await Promise.all([ended, clients.stop()]);
    assert.deepEqual(
      clients.views.map(({ tried }) => tried),
      [[]],
    );
  });
});
