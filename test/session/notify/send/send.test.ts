import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { type AddressInfo, connect, Socket } from 'node:net';
import sinon from 'sinon';
import { Webhook } from 'standardwebhooks';
import type { MailSettings } from '../../../../src/documents/configuration.ts';
import { messageOf } from '../../../../src/session/notify/outbox-messages.ts';
import { sendMail } from '../../../../src/session/notify/send/mail.ts';
import { postWebhook, teamsMessage } from '../../../../src/session/notify/send/webhook.ts';
import { newsOf } from '../../../builders/notification.ts';
import { each } from '../../../support/each.ts';
import { type Identity, identityFor, openMailbox, openReceiver } from './receivers.ts';

const planted = '<img src=x onerror=alert(1)> **bold** [link](https://evil.example)\\u000D\\u000ABcc: eve@example.com';

const news = newsOf({
  headline: 'WEB01: renewal blocked',
  lines: [planted, 'shop.example.com:443: names-lost.'],
  more: 3,
});

describe('mail', () => {
  let identity: Identity;
  before(async () => {
    identity = await identityFor();
  });

  const settings = (port: number, more: Partial<MailSettings> = {}): MailSettings => ({
    server: 'localhost',
    port,
    from: 'certrebind@example.com',
    to: ['ops@example.com', 'second@example.com'],
    ...more,
  });

  it('goes through STARTTLS, to everybody, with its id and as one that nobody answers', async () => {
    const { key, cert, ca } = identity;
    const mailbox = await openMailbox({ key, cert });
    try {
      const message = messageOf(news, 'mail');
      await sendMail(message, settings(mailbox.port), { password: null, ca });
      const [mail, ...others] = mailbox.mails;
      assert.equal(others.length, 0);
      assert.deepEqual(
        [mail?.secure, mail?.from, mail?.to],
        [true, 'certrebind@example.com', ['ops@example.com', 'second@example.com']],
      );
      const [head = '', ...body] = mail?.raw.split('\r\n\r\n') ?? [];
      assert.match(head, /^Subject: WEB01: renewal blocked$/m);
      assert.match(head, /^X-CertRebind-Kind: blocked$/im);
      assert.match(head, /^Auto-Submitted: auto-generated$/m);
      assert.match(head, new RegExp(`^Message-ID: <${message.id}@`, 'm'));
      assert.match(head, /^Content-Type: multipart\/alternative/m);
      assert.doesNotMatch(head, /^Bcc/m);
      assert.match(body.join(''), /and 3 more\./);
    } finally {
      await mailbox.close();
    }
  });

  it('says in a header that it is a test, and names no run and no event then', async () => {
    const { key, cert, ca } = identity;
    const mailbox = await openMailbox({ key, cert });
    try {
      for (const parts of [{ kind: 'test', eventId: null } as const, {}])
        await sendMail(messageOf({ ...news, ...parts }, 'mail'), settings(mailbox.port), { password: null, ca });
      const [test = '', real = ''] = mailbox.mails.map(({ raw }) => raw.replaceAll('=\r\n', ''));
      assert.match(test, /^X-CertRebind-Kind: test$/im);
      assert.doesNotMatch(test, /event 110|certrebind status/);
      assert.match(real, /event 110/);
      assert.match(real, /^2026-06-01 12:00 UTC\.\r$/m);
    } finally {
      await mailbox.close();
    }
  });

  it('takes a password to the server through TLS only', async () => {
    const { key, cert, ca } = identity;
    const seen: string[] = [];
    const mailbox = await openMailbox({
      key,
      cert,
      authOptional: false,
      onAuth({ username = '', password = '' }, session, done) {
        seen.push(`${session.secure} ${username} ${password}`);
        done(null, { user: username });
      },
    });
    try {
      await sendMail(messageOf(news, 'mail'), settings(mailbox.port, { user: 'web01', password: 'secret:smtp' }), {
        password: 'canary-4711',
        ca,
      });
      assert.deepEqual([seen, mailbox.mails.length], [['true web01 canary-4711'], 1]);
    } finally {
      await mailbox.close();
    }
  });

  it('is not sent to a server whose certificate nobody trusts, or that is another one', async () => {
    const other = await identityFor('other.example.com');
    for (const [{ key, cert }, ca] of [
      [identity, null],
      [other, other.ca],
    ] as const) {
      const mailbox = await openMailbox({ key, cert });
      try {
        await assert.rejects(
          sendMail(messageOf(news, 'mail'), settings(mailbox.port), { password: null, ca }),
          /certificate/i,
        );
        assert.equal(mailbox.mails.length, 0);
      } finally {
        await mailbox.close();
      }
    }
  });

  it('goes through TLS from the start where the configuration says so, and is in the clear where it says that', async () => {
    const { key, cert, ca } = identity;
    for (const [security, trusted] of [
      ['tls', ca],
      ['none', null],
    ] as const) {
      const mailbox = await openMailbox({ key, cert, secure: security === 'tls' });
      try {
        await sendMail(messageOf(news, 'mail'), settings(mailbox.port, { security }), { password: null, ca: trusted });
        assert.deepEqual(each(mailbox.mails, 'secure'), [security === 'tls']);
      } finally {
        await mailbox.close();
      }
    }
  });

  it('greets with the name of the server, or with another where it is no name for a greeting', async () => {
    const { key, cert, ca } = identity;
    const mailbox = await openMailbox({ key, cert });
    try {
      for (const name of ['WEB-01.example.com', '_web', 'web_', 'web 01', ''])
        await sendMail(messageOf({ ...news, server: { id: 'server-1', name } }, 'mail'), settings(mailbox.port), {
          password: null,
          ca,
        });
      assert.deepEqual(
        mailbox.mails.map(({ greeted }) => greeted),
        ['web-01.example.com', 'localhost', 'localhost', 'localhost', 'localhost'],
      );
    } finally {
      await mailbox.close();
    }
  });

  it('goes to the usual port of its kind of TLS', async () => {
    const connect = sinon.stub(Socket.prototype, 'connect').throws(new Error('stopped'));
    try {
      for (const security of [undefined, 'starttls', 'tls', 'none'] as const) {
        const { port: _, ...usual } = settings(0, security === undefined ? {} : { security });
        const server = '127.0.0.1';
        await assert.rejects(
          sendMail(messageOf(news, 'mail'), { ...usual, server }, { password: null, ca: null }),
          /^Error: stopped$/,
        );
      }
      assert.deepEqual(
        connect.args.map(([port]) => Number(port)),
        [587, 587, 465, 25],
      );
    } finally {
      connect.restore();
    }
  });

  it('is not sent in the clear unless the configuration says so', async () => {
    const mailbox = await openMailbox({ disabledCommands: ['STARTTLS', 'AUTH'] });
    try {
      const none = { password: null, ca: null };
      await assert.rejects(sendMail(messageOf(news, 'mail'), settings(mailbox.port), none), /STARTTLS|TLS/i);
      assert.equal(mailbox.mails.length, 0);
      await sendMail(messageOf(news, 'mail'), settings(mailbox.port, { security: 'none' }), none);
      assert.deepEqual(each(mailbox.mails, 'secure'), [false]);
    } finally {
      await mailbox.close();
    }
  });
});

describe('a webhook', () => {
  let identity: Identity;
  const signingSecret = `whsec_${Buffer.from('twenty-four bytes of key').toString('base64')}`;
  before(async () => {
    identity = await identityFor();
  });

  const secretsFor = (port: number, path = '/hook?sig=canary') => ({
    url: `https://localhost:${port}${path}`,
    signingSecret,
    ca: identity.ca,
  });

  it('is signed so that the library of Standard Webhooks accepts it, and nothing changed of it', async () => {
    const receiver = await openReceiver(identity);
    try {
      const message = messageOf(news, 'webhook');
      await postWebhook(message, {}, secretsFor(receiver.port), new Date());
      const [one] = receiver.posted;
      assert.ok(one !== undefined);
      assert.deepEqual(
        [one.method, one.path, one.headers['content-type']],
        ['POST', '/hook?sig=canary', 'application/json'],
      );
      const headers = Object.fromEntries(Object.entries(one.headers).map(([name, value]) => [name, String(value)]));
      assert.deepEqual(new Webhook(signingSecret).verify(one.body, headers), {
        type: 'certrebind.blocked',
        timestamp: news.at,
        data: news,
      });
      assert.equal(headers['webhook-id'], message.id);
      assert.throws(() => new Webhook(signingSecret).verify(`${one.body} `, headers));
    } finally {
      await receiver.close();
    }
  });

  it('has no signature where there is no key, and no id either where it is a card', async () => {
    const receiver = await openReceiver(identity);
    try {
      const secrets = { ...secretsFor(receiver.port), signingSecret: null };
      for (const format of ['standard', 'teams'] as const)
        await postWebhook(messageOf(news, 'webhook'), { format }, secrets, new Date());
      assert.deepEqual(
        receiver.posted.map(({ headers }) => Object.keys(headers).filter((name) => name.startsWith('webhook-'))),
        [['webhook-id', 'webhook-timestamp'], []],
      );
    } finally {
      await receiver.close();
    }
  });

  it('is a card for Teams that adaptivecards reads, in which names are no markup', async () => {
    // Its types are no module, and its main entry needs a browser.
    const { AdaptiveCard, SerializationContext, Versions } = createRequire(import.meta.url)(
      'adaptivecards/dist/adaptivecards.js',
    );
    const receiver = await openReceiver(identity);
    try {
      await postWebhook(messageOf(news, 'webhook'), { format: 'teams' }, secretsFor(receiver.port), new Date());
      const sent = JSON.parse(receiver.posted[0]?.body ?? '');
      assert.deepEqual(sent, JSON.parse(JSON.stringify(teamsMessage(news))));
      assert.equal(sent.type, 'message');
      assert.equal(sent.attachments[0].contentType, 'application/vnd.microsoft.card.adaptive');
      const card = new AdaptiveCard();
      const context = new SerializationContext(Versions.v1_4);
      card.parse(sent.attachments[0].content, context);
      assert.equal(context.eventCount, 0, JSON.stringify(context.eventCount > 0 ? context.getEventAt(0) : null));
      assert.equal(card.getItemCount(), 6);
      assert.doesNotMatch(JSON.stringify(sent), /"TextBlock"/);
      assert.ok(JSON.stringify(sent).length < 28_000);
    } finally {
      await receiver.close();
    }
  });

  for (const [what, answer, says] of [
    ['an error', 500, /answered 500/],
    ['the first that is no success', 300, /answered 300/],
    ['a redirection, which is not followed', 302, /answered 302/],
    ['too many', 429, /answered 429/],
  ] as const)
    it(`is not accepted: ${what}; the address is in no message`, async () => {
      const receiver = await openReceiver(identity, () => answer);
      try {
        await assert.rejects(
          postWebhook(messageOf(news, 'webhook'), {}, secretsFor(receiver.port), new Date()),
          (error: Error) => says.test(error.message) && !error.message.includes('canary'),
        );
      } finally {
        await receiver.close();
      }
    });

  it('is accepted by any answer that is a success', async () => {
    let answer = 200;
    const receiver = await openReceiver(identity, () => answer);
    try {
      for (answer of [200, 204, 299])
        await postWebhook(messageOf(news, 'webhook'), {}, secretsFor(receiver.port), new Date());
      assert.equal(receiver.posted.length, 3);
    } finally {
      await receiver.close();
    }
  });

  it('names no part of its address where there is no such host, and the proxy where that is not there', async () => {
    // No label of a name is this long, so nobody is asked for it.
    const url = `https://${'canary'.repeat(12)}.invalid/hook?sig=canary`;
    const to = { url, signingSecret, ca: null };
    await assert.rejects(postWebhook(messageOf(news, 'webhook'), {}, to, new Date()), {
      message: 'getaddrinfo ENOTFOUND the receiver',
    });
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address() as AddressInfo;
    gone.close();
    await assert.rejects(
      postWebhook(messageOf(news, 'webhook'), { proxy: `http://127.0.0.1:${port}` }, to, new Date()),
      { message: `connect ECONNREFUSED 127.0.0.1:${port}` },
    );
  });

  it('asks a proxy for the usual port of https, and takes nothing but 200 for a tunnel', async () => {
    const asked: unknown[] = [];
    const proxy = createServer().on('connect', ({ method, url, headers }, client: Socket) => {
      asked.push([method, url, headers.host]);
      client.end(asked.length === 1 ? 'HTTP/1.1 201 no\r\n\r\n' : '');
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    try {
      const settings = { proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
      const to = { url: 'https://hook.invalid/hook', signingSecret, ca: null };
      const post = () => postWebhook(messageOf(news, 'webhook'), settings, to, new Date());
      await assert.rejects(post(), { message: 'the proxy answered 201' });
      await assert.rejects(post(), { message: 'socket hang up' });
      assert.deepEqual(asked[0], ['CONNECT', 'hook.invalid:443', 'hook.invalid:443']);
    } finally {
      proxy.close();
    }
  });

  it('goes nowhere but to https, and to whom is trusted', async () => {
    const message = messageOf(news, 'webhook');
    const receiver = await openReceiver(identity);
    try {
      for (const url of ['http://localhost:1/x', 'ftp://x', 'nonsense'])
        await assert.rejects(
          postWebhook(message, {}, { url, signingSecret, ca: null }, new Date()),
          /is not an https address/,
        );
      const untrusting = { ...secretsFor(receiver.port), ca: null };
      await assert.rejects(postWebhook(message, {}, untrusting, new Date()), /certificate/);
      assert.equal(receiver.posted.length, 0);
    } finally {
      await receiver.close();
    }
  });

  it('goes through a proxy by CONNECT, which sees nothing of it', async () => {
    const receiver = await openReceiver(identity);
    const asked: string[] = [];
    let seen = '';
    const sockets: Socket[] = [];
    const proxy = createServer().on('connect', ({ url = '' }, client: Socket, head) => {
      asked.push(url);
      const [, port = '0'] = url.split(':');
      const upstream = connect(Number(port), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.write(head);
        client.pipe(upstream).pipe(client);
      });
      sockets.push(client, upstream);
      client.on('data', (bytes) => {
        seen += bytes.toString('latin1');
      });
      for (const socket of [client, upstream]) socket.on('error', () => {});
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    try {
      const { port } = proxy.address() as AddressInfo;
      await postWebhook(
        messageOf(news, 'webhook'),
        { proxy: `http://127.0.0.1:${port}` },
        secretsFor(receiver.port),
        new Date(),
      );
      assert.deepEqual([asked, receiver.posted.length], [[`localhost:${receiver.port}`], 1]);
      assert.ok(seen.length > 0 && !seen.includes('canary') && !seen.includes('WEB01'));
    } finally {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await receiver.close();
    }
  });
});
