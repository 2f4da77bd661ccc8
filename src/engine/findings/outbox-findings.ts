import { finding } from '../../documents/finding.ts';
import { type Message, mostMessages } from '../../documents/notification.ts';
import type { Finding } from '../../documents/status.ts';

/** After this many failures a receiver is not merely slow once. */
const triesOfConcern = 3;

/** Reports that nobody receives the messages, which nobody would notice otherwise. */
export function outboxFindings(messages: readonly Message[]): readonly Finding[] {
  const isFull = messages.length >= mostMessages;
  const refused = messages.filter(({ attempts }) => attempts >= triesOfConcern);
  const [worst] = [...(isFull ? messages : refused)].sort((a, b) => b.attempts - a.attempts);
  if (worst === undefined) return [];
  const { channel, attempts, lastError } = worst;
  const what = isFull
    ? `The outbox is full (${messages.length} messages), so new messages are lost.`
    : `${refused.length === 1 ? 'One message was' : `${refused.length} messages were`} not accepted.`;
  const why = lastError === null ? '' : ` The last of ${attempts} tries (${channel}): ${lastError}`;
  const command = channel === 'mail' || channel === 'webhook' ? 'certrebind notify test' : null;
  return [finding('messages-not-accepted', `${what}${why}`, { command })];
}
