import { readFile } from 'node:fs/promises';
import { afterRefusal, isDue } from '../../findings/messages.ts';
import type { Message } from '../../model/documents/news.ts';
import { nameOfSecret } from '../../model/documents/secrets.ts';
import { messageFrom } from '../../model/text/errors.ts';
import { firstDanger } from '../../server/server.ts';
import { outbox } from '../../state/outbox.ts';
import { secretFile } from '../../state/secrets.ts';
import { clock, type Session } from '../session/session.ts';

type Delivering = Pick<Session, 'home' | 'configuration' | 'server' | 'standing'>;

/** A slow server delays a run no longer than this; the rest is sent after the next run. */
const longestMs = 60_000;

/**
 * Sends what is due, after the lock is released. What is not accepted stays in the outbox for a later run.
 */
export async function deliver(session: Delivering): Promise<void> {
  const { home } = session;
  if (home === null) return;
  const began = clock.now().getTime();
  const box = outbox(home);
  for (const message of await box.list()) {
    const now = clock.now();
    if (now.getTime() - began > longestMs) return;
    if (!isDue(message, now)) continue;
    const error = await whyRefused(session, message);
    const later = error === null ? null : afterRefusal(message, error, now);
    if (later === null) await box.remove(message.id);
    else await box.put(later);
  }
}

/** `null` when the message was accepted. */
export async function whyRefused(session: Delivering, message: Message): Promise<string | null> {
  try {
    await send(session, message);
    return null;
  } catch (error) {
    return messageFrom(error);
  }
}

async function send(session: Delivering, message: Message): Promise<void> {
  const { notify } = session.configuration;
  if (message.channel !== 'mail' && message.channel !== 'webhook') {
    const { startTrigger } = await import('../triggers/start-trigger.ts');
    return startTrigger(session, message);
  }
  const secrets = secretsOf(session);
  switch (message.channel) {
    case 'mail': {
      if (notify.mail === undefined) return;
      const { password, ca } = notify.mail;
      const { sendMail } = await import('../../notify/mail.ts');
      return sendMail(message, notify.mail, {
        password: await secrets.optional(password),
        ca: await secrets.authority(ca),
      });
    }
    case 'webhook': {
      if (notify.webhook === undefined) return;
      const { url, signingSecret, ca } = notify.webhook;
      const { postWebhook } = await import('../../notify/webhook.ts');
      const found = {
        url: await secrets.one(url),
        signingSecret: await secrets.optional(signingSecret),
        ca: await secrets.authority(ca),
      };
      return postWebhook(message, notify.webhook, found, clock.now());
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
      return readFile(file, 'utf8');
    },
  };
}
