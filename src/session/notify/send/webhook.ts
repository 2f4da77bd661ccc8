import { createHmac } from 'node:crypto';
import { request as plainRequest } from 'node:http';
import { request } from 'node:https';
import type { Socket } from 'node:net';
import { connect } from 'node:tls';
import { messageFrom } from '../../../base/errors.ts';
import type { WebhookSettings } from '../../../documents/configuration.ts';
import type { Message, Notification } from '../../../documents/notification.ts';
import { momentText } from '../../../model/certificates/named-certificate.ts';
import { timesBesideUtc } from '../../../shell/print/times.ts';
import { usualLimits } from '../outbox-messages.ts';
import { type Conversation, withLimits } from './conversation.ts';

export interface WebhookSecrets {
  readonly url: string;
  /** `whsec_` and Base64; `null` if posts are not signed. */
  readonly signingSecret: string | null;
  /** PEM. */
  readonly ca: string | null;
}

/**
 * Posts one message. The certificate of the receiver is checked in any case, and no redirection is followed.
 * @throws Error if it is not answered with 2xx; the error never contains the address, which is a secret
 */
export async function postWebhook(
  message: Message,
  { format = 'standard', proxy }: Pick<WebhookSettings, 'format' | 'proxy'>,
  { url, signingSecret, ca }: WebhookSecrets,
  now: Date,
  limits = usualLimits,
): Promise<void> {
  const target = targetOf(url);
  const { news } = message;
  const standard = { type: `certrebind.${news.kind}`, timestamp: news.at, data: news };
  const body = JSON.stringify(format === 'teams' ? teamsMessage(news) : standard);
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(format === 'teams' ? {} : signedHeaders(message.id, body, signingSecret, now)),
  };
  const trust = { ca: ca ?? undefined };
  const who = proxy === undefined ? 'the receiver' : 'the proxy or the receiver';
  await withLimits(limits, who, async ({ signal, watch }) => {
    const tunnel = proxy === undefined ? null : await openTunnel(new URL(proxy), target, { signal, watch });
    const through =
      tunnel === null
        ? {}
        : { createConnection: () => connect({ socket: tunnel, servername: target.hostname, ...trust }) };
    const status = await new Promise<number>((answered, failed) => {
      // The status is all that is read of the answer: the socket is closed as soon as it is there.
      request(target, { method: 'POST', headers, signal, ...trust, ...through })
        .on('socket', watch)
        .on('response', ({ statusCode = 0 }) => answered(statusCode))
        .on('error', (error) => failed(withoutAddress(error, target)))
        .on('close', () => failed(new Error('the receiver closed the connection')))
        .end(body);
    });
    if (status < 200 || status >= 300) throw new Error(`the receiver answered ${status}`);
  });
}

/** Headers of Standard Webhooks; the id is the same on every try. */
function signedHeaders(
  id: string,
  body: string,
  signingSecret: string | null,
  now: Date,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const plain = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  if (signingSecret === null) return plain;
  const key = Buffer.from(signingSecret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { ...plain, 'webhook-signature': `v1,${signature}` };
}

function targetOf(url: string): URL {
  const target = URL.canParse(url) ? new URL(url) : null;
  if (target?.protocol === 'https:') return target;
  throw new Error('the address of the webhook is not an https address');
}

/** `CONNECT` through a proxy: only the receiver can read what is sent inside. */
function openTunnel(proxy: URL, target: URL, { signal, watch }: Conversation): Promise<Socket> {
  return new Promise((opened, failed) => {
    const host = `${target.hostname}:${target.port === '' ? '443' : target.port}`;
    plainRequest({ host: proxy.hostname, port: proxy.port, method: 'CONNECT', path: host, headers: { host }, signal })
      .on('socket', watch)
      .on('connect', ({ statusCode = 0 }, socket) => {
        if (statusCode === 200) opened(socket as Socket);
        else failed(new Error(`the proxy answered ${statusCode}`));
      })
      .on('error', (error) => failed(withoutAddress(error, target)))
      .end();
  });
}

/** Whoever reads the address can post there; what Node says of a failure names the host. */
function withoutAddress(error: NodeJS.ErrnoException, { hostname }: URL): Error {
  return new Error(
    error.code === 'ERR_TLS_CERT_ALTNAME_INVALID'
      ? 'the certificate of the receiver is not for its address'
      : messageFrom(error).replaceAll(hostname, 'the receiver'),
  );
}

/** What a Teams workflow accepts: a message with one card. Names go into text runs, where no markup is interpreted. */
export function teamsMessage(news: Notification): object {
  const { kind, headline, advice, lines, more, run, at } = news;
  const said = [advice, ...lines, ...(more === 0 ? [] : [`… and ${more} more.`])];
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            paragraph(headline, { weight: 'Bolder', size: 'Medium' }),
            ...said.map((line) => paragraph(line, {})),
            paragraph(`${momentText(at)}${run === null ? '' : `, run ${run}`}, ${kind}`, {
              isSubtle: true,
              size: 'Small',
            }),
          ],
        },
      },
    ],
  };
}

/** Lines of a card are cut at this length, because more text would not help a reader. */
const longestLine = 800;

function paragraph(text: string, style: Readonly<Record<string, string | boolean>>): object {
  const shown = timesBesideUtc(text).slice(0, longestLine);
  return { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: shown, ...style }] };
}
