import { messageFrom } from '../../base/errors.ts';
import { foreignText } from '../../base/safe-text.ts';
import type { Channel, Message, Notification } from '../../documents/notification.ts';
import { nameOfSecret } from '../../documents/secrets.ts';
import { readRegularFile } from '../../engine/state/files.ts';
import { outbox } from '../../engine/state/outbox.ts';
import { secretFile } from '../../engine/state/secrets.ts';
import { firstDanger } from '../../server/server.ts';
import { clock, type Session } from '../session.ts';
import { afterRefusal, type ConversationLimits, isDue, messagesOf, usualLimits } from './outbox-messages.ts';

type Delivering = Pick<Session, 'home' | 'configuration' | 'server' | 'files'>;

/** For all that is sent by one start, programs of triggers apart: Task Scheduler starts the task for the next event after it. */
const usualStartMs = 45_000;

/**
 * Puts news into the outbox of this server, a file for each channel and trigger that wants it, or of these alone.
 * @returns how many of these messages found no place there
 */
export function postInto({ home, configuration, files }: Pick<Session, 'home' | 'configuration' | 'files'>) {
  return async (news: Notification, only?: readonly Channel[]): Promise<number> => {
    if (home === null) return 0;
    const box = outbox(home);
    let dropped = 0;
    const messages = messagesOf(news, configuration, await files.listTriggers());
    for (const message of messages.filter(({ channel }) => only?.includes(channel) ?? true))
      if ((await box.put(message)) === 'full') dropped += 1;
    return dropped;
  };
}

/**
 * Sends what is due, after the lock is released. What is not accepted, or has no time any more, stays in the outbox for a
 * later start.
 */
export async function deliver(session: Delivering, { startMs = usualStartMs, each = usualLimits } = {}): Promise<void> {
  const { home } = session;
  if (home === null) return;
  const box = outbox(home);
  const messages = await box.list();
  const began = performance.now();
  const slow = new Set<Channel>();
  for (const message of messages) {
    const asked = performance.now();
    if (asked - began > startMs - each.timeMs) return;
    const now = clock.now();
    if (!isDue(message, now) || slow.has(message.channel)) continue;
    const error = await whyRefused(session, message, each);
    // One that takes long is asked once in a start, so that it does not take the time of the others.
    if (performance.now() - asked > each.timeMs / 2) slow.add(message.channel);
    const later = error === null ? null : afterRefusal(message, error, now);
    if (later === null) await box.remove(message.id);
    else await box.put(later);
  }
}

/** `null` when the message was accepted. */
export async function whyRefused(session: Delivering, message: Message, limits = usualLimits): Promise<string | null> {
  try {
    await send(session, message, limits);
    return null;
  } catch (error) {
    return foreignText(messageFrom(error));
  }
}

async function send(session: Delivering, message: Message, limits: ConversationLimits): Promise<void> {
  const { notify } = session.configuration;
  if (message.channel !== 'mail' && message.channel !== 'webhook') {
    const { startTrigger } = await import('./start-trigger.ts');
    return startTrigger(session, message);
  }
  const secrets = secretsOf(session);
  switch (message.channel) {
    case 'mail': {
      if (notify.mail === undefined) return;
      const { password, ca } = notify.mail;
      const { sendMail } = await import('./send/mail.ts');
      const found = { password: await secrets.optional(password), ca: await secrets.authority(ca) };
      return sendMail(message, notify.mail, found, limits);
    }
    case 'webhook': {
      if (notify.webhook === undefined) return;
      const { url, signingSecret, ca } = notify.webhook;
      const { postWebhook } = await import('./send/webhook.ts');
      const found = {
        url: await secrets.one(url),
        signingSecret: await secrets.optional(signingSecret),
        ca: await secrets.authority(ca),
      };
      return postWebhook(message, notify.webhook, found, clock.now(), limits);
    }
  }
}

function secretsOf({ home, server }: Delivering) {
  const one = (reference: string) => secretFile(home ?? '', server.protection).read(nameOfSecret(reference));
  return {
    one,
    optional: async (reference: string | undefined) => (reference === undefined ? null : one(reference)),
    /** An administrator decides whom to trust, so the file must be where only administrators can write. */
    async authority(file: string | undefined): Promise<string | null> {
      if (file === undefined) return null;
      const danger = await firstDanger(server, [file]);
      if (danger !== null) throw new Error(`${file} is not trusted: ${danger.where} ${danger.why}`);
      return (await readRegularFile(file)).toString('utf8');
    },
  };
}
