import { Socket } from 'node:net';
import { messageFrom } from '../../../base/errors.ts';
import { escapeXml } from '../../../base/xml-text.ts';
import type { MailSettings } from '../../../documents/configuration.ts';
import type { Message, Notification } from '../../../documents/notification.ts';
import { momentText } from '../../../model/certificates/named-certificate.ts';
import { timesBesideUtc } from '../../../shell/print/times.ts';
import { usualLimits } from '../outbox-messages.ts';
import { withLimits } from './conversation.ts';

export interface MailSecrets {
  readonly password: string | null;
  /** PEM. */
  readonly ca: string | null;
}

/**
 * Hands one message to the mail server.
 * @throws Error when it is not accepted: in the words of the server only where no password is set, because whoever has
 * been told a password can repeat it, in any form
 */
export async function sendMail(
  message: Message,
  settings: MailSettings,
  secrets: MailSecrets,
  limits = usualLimits,
): Promise<void> {
  const { createTransport } = await import('nodemailer');
  const { security = 'starttls', server, user, from, to } = settings;
  const { news, id } = message;
  await withLimits(limits, 'the mail server', async ({ signal, watch }) => {
    const socket = new Socket();
    watch(socket);
    const transport = createTransport({
      host: server,
      port: settings.port ?? (security === 'tls' ? 465 : security === 'starttls' ? 587 : 25),
      socket,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      ...(secrets.password === null ? {} : { auth: { user, pass: secrets.password } }),
      tls: { ca: secrets.ca ?? undefined },
      // In the greeting; an invalid name would be refused.
      name: /^[A-Za-z0-9.-]+$/.test(news.server.name) ? news.server.name : 'localhost',
      disableFileAccess: true,
      disableUrlAccess: true,
      // The conversation has a limit of its own, which comes before those.
      connectionTimeout: 2 * limits.timeMs,
      greetingTimeout: 2 * limits.timeMs,
    });
    try {
      await transport.sendMail({
        from,
        to: [...to],
        subject: news.headline,
        text: notificationText(news),
        html: notificationHtml(news),
        messageId: `<${id}@certrebind.invalid>`,
        date: new Date(news.at),
        headers: { 'Auto-Submitted': 'auto-generated', 'X-CertRebind-Id': id, 'X-CertRebind-Kind': news.kind },
        signal,
      });
    } catch (error) {
      throw new Error(whyRefused(error as Refusal, server, secrets.password === null));
    }
  });
}

/** What nodemailer throws. */
interface Refusal extends Error {
  /** What the server said. */
  readonly response?: string;
  /** What it was an answer to. */
  readonly command?: string;
  /** Of Node, where `code` is nodemailer's. */
  readonly originalCode?: string;
}

function whyRefused(error: Refusal, server: string, showsWords: boolean): string {
  const { response, command = 'CONN', originalCode } = error;
  if (originalCode === 'ERR_TLS_CERT_ALTNAME_INVALID') return `the certificate of the mail server is not for ${server}`;
  if (response === undefined) return messageFrom(error);
  // A reply code, and the enhanced status code that may follow it (RFC 5321 4.2, RFC 3463).
  const [, code, enhanced = ''] = /^([2-5]\d\d)(?:[ -]([245]\.\d{1,3}\.\d{1,3})(?![\d.]))?/.exec(response) ?? [];
  const said = code === undefined ? 'no reply code' : `${code} ${enhanced}`.trim();
  const to = command === 'CONN' ? '' : ` ${command}`;
  return `the mail server answered${to} with ${showsWords ? response : said}`;
}

/** For a person who reads plain text: what to type, then what happened, a paragraph for each cause. */
export function notificationText({ headline, advice, lines, more, run, at, eventId, kind }: Notification): string {
  const text = [
    advice,
    `${headline}.`,
    ...lines,
    ...(more === 0 ? [] : [`… and ${more} more.`]),
    [
      `${momentText(at)}.`,
      ...(kind === 'test' || run === null ? [] : [`For details: certrebind history ${run}.`]),
      ...(eventId === null ? [] : [`In the Application log: event ${eventId} of CertRebind.`]),
      '',
    ].join('\n'),
  ].join('\n\n');
  return timesBesideUtc(text);
}

/** The same, with its heading and with commands as such; every text of others is escaped. */
export function notificationHtml(news: Notification): string {
  const [advice = '', headline = '', ...others] = notificationText(news).trim().split('\n\n').map(escapeXml);
  const body = others.map(
    (text) =>
      `<${text.startsWith('  ') ? 'pre' : 'p'}>${text.trim().replaceAll('\n', '<br>')}</${text.startsWith('  ') ? 'pre' : 'p'}>`,
  );
  return `<h1 style="font-size:1.25em">${headline}</h1>\n<p><b>${advice}</b></p>\n${body.join('\n')}\n`;
}
