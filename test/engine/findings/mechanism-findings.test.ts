import assert from 'node:assert/strict';
import { type Message, mostMessages } from '../../../src/documents/notification.ts';
import { outboxFindings } from '../../../src/engine/findings/mechanism-findings.ts';
import { messageOf } from '../../../src/session/notify/outbox-messages.ts';
import { newsOf } from '../../builders/notification.ts';

const news = newsOf();

describe('messages that nobody accepts', () => {
  const waiting = (attempts: number, parts: Partial<Message> = {}): Message => ({
    ...messageOf(news, 'mail'),
    attempts,
    lastError: attempts === 0 ? null : 'connect ECONNREFUSED 10.0.0.1:25',
    ...parts,
  });
  const full = (attempts: number) => Array.from({ length: mostMessages }, () => waiting(attempts));

  for (const [situation, messages, expected] of [
    ['none', [], null],
    ['one that was refused twice', [waiting(0), waiting(2)], null],
    [
      'one that was refused three times',
      [waiting(0), waiting(3)],
      'One message was not accepted. The last of 3 tries (mail): connect ECONNREFUSED 10.0.0.1:25',
    ],
    [
      'several',
      [waiting(3), waiting(9, { channel: 'trigger:page', lastError: 'ended with 1' })],
      '2 messages were not accepted. The last of 9 tries (trigger:page): ended with 1',
    ],
    ['one less than the outbox takes', full(0).slice(1), null],
    ['a full outbox, before any was tried', full(0), 'The outbox is full (500 messages), so new messages are lost.'],
    [
      'a full outbox',
      full(4),
      'The outbox is full (500 messages), so new messages are lost. The last of 4 tries (mail): connect ECONNREFUSED 10.0.0.1:25',
    ],
  ] as const)
    it(`are a finding from the third refusal on, or where nothing more is kept: ${situation}`, () =>
      assert.deepEqual(
        outboxFindings(messages).map(({ code, message }) => `${code}: ${message}`),
        expected === null ? [] : [`messages-not-accepted: ${expected}`],
      ));

  it('are tried at once by notify test, which starts no trigger', () => {
    const command = (message: Message) => outboxFindings([message]).map((each) => each.commands[0] ?? null);
    assert.deepEqual(command(waiting(3)), ['certrebind notify test']);
    assert.deepEqual(command(waiting(3, { channel: 'trigger:page' })), [null]);
  });
});
