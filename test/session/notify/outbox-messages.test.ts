import assert from 'node:assert/strict';
import { type Message, type Notification, notificationKinds } from '../../../src/documents/notification.ts';
import type { Trigger } from '../../../src/documents/trigger.ts';
import { afterRefusal, isDue, messageOf, messagesOf } from '../../../src/session/notify/outbox-messages.ts';
import { newsOf } from '../../builders/notification.ts';
import { each } from '../../support/each.ts';

const news = newsOf();
const mail = { server: 'mail.example.com', from: 'a@example.com', to: ['b@example.com'] };

describe('messages of news', () => {
  it('go to each channel that is set, and wants them', () => {
    const channelsOf = (notify: Parameters<typeof messagesOf>[1]['notify'], kind: Notification['kind'] = 'blocked') =>
      messagesOf({ ...news, kind }, { notify }).map(({ channel }) => channel);
    assert.deepEqual(channelsOf({}), []);
    assert.deepEqual(channelsOf({ mail, webhook: { url: 'secret:x' } }, 'problem'), ['mail', 'webhook']);
    assert.deepEqual(
      notificationKinds.filter((kind) => channelsOf({ mail }, kind).length > 0),
      ['problem', 'solved', 'heartbeat', 'proof-failed'],
      'of results of runs nobody is told who did not ask for it',
    );
    assert.deepEqual(channelsOf({ mail: { ...mail, on: ['rebound'] } }, 'rebound'), ['mail']);
    assert.deepEqual(channelsOf({ mail: { ...mail, on: ['rebound'] } }), []);
  });

  it('start the triggers of this kind whose names are concerned', () => {
    const trigger = (id: string, parts: Partial<Trigger> = {}): Trigger => ({
      schema: 'certrebind/trigger/1',
      id,
      on: 'blocked',
      names: [],
      issuer: null,
      ekus: [],
      action: { program: '/bin/page', args: [], timeLimitSeconds: 60 },
      createdAt: news.at,
      ...parts,
    });
    const triggers = [
      trigger('any'),
      trigger('shop', { names: ['*.example.com'] }),
      trigger('mail', { names: ['mail.example.com'] }),
      trigger('other', { on: 'undone' }),
      trigger('event', { on: 'replaced' }),
    ];
    assert.deepEqual(each(messagesOf(news, { notify: {} }, triggers), 'channel'), ['trigger:any', 'trigger:shop']);
  });

  it('have one id for what is the same: a run, or a day of what has not changed', () => {
    const id = (parts: Partial<Notification>) => messageOf({ ...news, ...parts }, 'mail').id;
    assert.match(id({}), /^[0-9a-f]{32}$/);
    assert.equal(id({ at: '2026-06-01T23:00:00.000Z' }), id({}));
    const run = { run: '20260601-120000000-0001' };
    assert.equal(id({ ...run, at: '2026-06-02T00:00:00.000Z', lines: [] }), id(run), 'recovered a day later');
    for (const other of [{ at: '2026-06-02T00:00:00.000Z' }, { lines: ['two'] }, { kind: 'waiting' as const }, run])
      assert.notEqual(id(other), id({}), JSON.stringify(other));
    assert.notEqual(messageOf(news, 'webhook').id, id({}));
    assert.notEqual(
      id({ ...run, kind: 'problem' }),
      id({ ...run, kind: 'problem', at: '2026-06-02T00:00:00.000Z' }),
      'told again a day later',
    );
    const test = { kind: 'test' } as const;
    assert.notEqual(id({ ...test, at: '2026-06-01T23:00:00.000Z' }), id(test), 'two tests on one day');
  });

  it('wait longer after each refusal, keep their id, and are given up after a week', () => {
    const start = Date.parse(news.at);
    const pauses: number[] = [];
    let [message, now]: [Message | null, number] = [messageOf(news, 'mail'), start];
    while (message !== null) {
      const next: Message | null = afterRefusal(message, 'refused', new Date(now));
      if (next === null) break;
      assert.deepEqual([next.id, next.lastError, next.attempts], [message.id, 'refused', message.attempts + 1]);
      pauses.push((Date.parse(next.notBefore) - now) / 60_000);
      assert.equal(isDue(next, new Date(now)), false);
      assert.equal(isDue(next, new Date(Date.parse(next.notBefore) - 1)), false);
      assert.equal(isDue(next, new Date(next.notBefore)), true);
      [message, now] = [next, Date.parse(next.notBefore)];
    }
    assert.ok(now - start > 7 * 24 * 3600_000);
    assert.deepEqual(pauses.slice(0, 6), [1, 5, 15, 60, 240, 240]);
  });

  it('are not held by a time that a clock had ahead', () => {
    assert.equal(isDue({ ...messageOf(news, 'mail'), notBefore: '2038-01-19T00:00:00.000Z' }, new Date(news.at)), true);
  });
});
