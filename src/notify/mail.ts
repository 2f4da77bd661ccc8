import type { MailSettings } from '../model/documents/configuration.ts';
import { type Message, wordOfNews } from '../model/documents/news.ts';
import { newsText } from './text.ts';

const patience = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };

export interface MailSecrets {
  readonly password: string | null;
  /** PEM. */
  readonly ca: string | null;
}

/**
 * Hands one message to the mail server.
 * @throws Error in the words of the server or of TLS when it is not accepted
 */
export async function sendMail(message: Message, settings: MailSettings, secrets: MailSecrets): Promise<void> {
  const { createTransport } = await import('nodemailer');
  const { security = 'starttls', server, user, from, to } = settings;
  const { news, id } = message;
  const transport = createTransport({
    host: server,
    port: settings.port ?? (security === 'tls' ? 465 : security === 'starttls' ? 587 : 25),
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(user === undefined || secrets.password === null ? {} : { auth: { user, pass: secrets.password } }),
    ...(secrets.ca === null ? {} : { tls: { ca: secrets.ca } }),
    name: hostOf(news.server.name),
    disableFileAccess: true,
    disableUrlAccess: true,
    ...patience,
  });
  try {
    await transport.sendMail({
      from,
      to: [...to],
      subject: `[CertRebind] ${news.server.name}: ${wordOfNews(news)}`,
      text: newsText(news),
      messageId: `<${id}@certrebind.invalid>`,
      date: new Date(news.at),
      headers: { 'Auto-Submitted': 'auto-generated', 'X-CertRebind-Id': id },
    });
  } finally {
    transport.close();
  }
}

/** The name the client gives in the greeting; an invalid name would be refused. */
function hostOf(name: string): string {
  return /^[A-Za-z0-9.-]+$/.test(name) ? name : 'localhost';
}
