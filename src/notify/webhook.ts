import { createHmac } from 'node:crypto';
import { request as plainRequest } from 'node:http';
import { request } from 'node:https';
import type { Socket } from 'node:net';
import { connect } from 'node:tls';
import type { WebhookSettings } from '../model/documents/configuration.ts';
import { type Message, wordOfNews } from '../model/documents/news.ts';
import { teamsMessage } from './card.ts';

const patienceMs = 15_000;

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
): Promise<void> {
  const target = targetOf(url);
  const body = JSON.stringify(format === 'teams' ? teamsMessage(message.news) : standardBody(message));
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(format === 'teams' ? {} : signedHeaders(message.id, body, signingSecret, now)),
  };
  const tunnel = proxy === undefined ? null : await openTunnel(new URL(proxy), target);
  await new Promise<void>((accepted, refused) => {
    const asked = request(
      target,
      {
        method: 'POST',
        headers,
        timeout: patienceMs,
        ...(ca === null ? {} : { ca }),
        ...(tunnel === null
          ? {}
          : {
              createConnection: () =>
                connect({ socket: tunnel, servername: target.hostname, ...(ca === null ? {} : { ca }) }),
            }),
      },
      (answer) => {
        answer.resume();
        const status = answer.statusCode ?? 0;
        if (status >= 200 && status < 300) accepted();
        else refused(new Error(`the receiver answered ${status}`));
      },
    );
    asked.on('timeout', () => asked.destroy(new Error('the receiver did not answer in time')));
    asked.on('error', (error) => refused(withoutAddress(error, target)));
    asked.end(body);
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

function standardBody({ news }: Message): object {
  return { type: `certrebind.${wordOfNews(news)}`, timestamp: news.at, data: news };
}

function targetOf(url: string): URL {
  const target = URL.canParse(url) ? new URL(url) : null;
  if (target?.protocol === 'https:') return target;
  throw new Error('the address of the webhook is not an https address');
}

/** `CONNECT` through a proxy: only the receiver can read what is sent inside. */
function openTunnel(proxy: URL, target: URL): Promise<Socket> {
  return new Promise((opened, refused) => {
    const host = `${target.hostname}:${target.port === '' ? '443' : target.port}`;
    const asked = plainRequest({
      host: proxy.hostname,
      port: proxy.port,
      method: 'CONNECT',
      path: host,
      headers: { host },
      timeout: patienceMs,
    });
    asked.on('connect', (answer, socket) => {
      if (answer.statusCode === 200) return opened(socket as Socket);
      socket.destroy();
      refused(new Error(`the proxy answered ${answer.statusCode ?? 'nothing'}`));
    });
    asked.on('timeout', () => asked.destroy(new Error('the proxy did not answer in time')));
    asked.on('error', (error) => refused(withoutAddress(error, target)));
    asked.end();
  });
}

/** An address with a signature in it lets anybody who reads it post to the receiver. */
function withoutAddress(error: Error, target: URL): Error {
  const safe = error.message
    .replaceAll(target.href, 'the receiver')
    .replaceAll(`${target.pathname}${target.search}`, '/…');
  return new Error(safe);
}
