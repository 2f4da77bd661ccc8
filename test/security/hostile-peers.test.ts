import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createServer as createTlsServer } from 'node:tls';
import sinon from 'sinon';
import { defaultConfiguration, type WebhookSettings } from '../../src/documents/configuration.ts';
import { outbox } from '../../src/engine/state/outbox.ts';
import { persistentFiles } from '../../src/engine/state/persistent-files.ts';
import { secretFile } from '../../src/engine/state/secrets.ts';
import { deliver } from '../../src/session/notify/deliver.ts';
import { messageOf } from '../../src/session/notify/outbox-messages.ts';
import { labState } from '../builders/lab.ts';
import { newsOf } from '../builders/notification.ts';
import { type Identity, identityFor, openMailbox, openReceiver } from '../session/notify/send/receivers.ts';
import { createKernel, kernelServer } from '../support/kernel-server.ts';
import { newFolder } from '../support/temporary-lab.ts';

const password = 'Canary-7f3e-Passw0rd';
const hookPath = '/hook/Canary-9a1c?sig=Canary-2b4d';
const signing = `whsec_${Buffer.from('Canary-key-of-24-bytes..').toString('base64')}`;
const secrets = { password, hook: hookPath, signing };

/** How something that was told can be told again. */
const forms: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => Buffer.from(text).toString('base64'),
  (text) => Buffer.from(`x${text}`).toString('base64'),
  (text) => Buffer.from(`xx${text}`).toString('base64'),
  (text) => Buffer.from(text).toString('base64url'),
  (text) => Buffer.from(text).toString('hex'),
  (text) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16)}`).join(''),
  (text) => [...text].reverse().join(''),
  (text) => [...text].join(' '),
];

/** The middle of each form, because its ends depend on what stands beside it. */
const traces = Object.values(secrets).flatMap((secret) =>
  forms.map((form) => form(secret).slice(4, -4).toLowerCase()).filter((trace) => trace.length > 5),
);

function search(where: string, text: string): void {
  for (const trace of traces) assert.ok(!text.toLowerCase().includes(trace), `${where} holds ${trace}: ${text}`);
}

const controls =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  /[\u0000-\u001F\u007F-\u009F\u202A-\u202E]/u;
const evil = 'x\u001B]0;owned\u0007\u001B[2J\u009B1A\u202Egnp\0end';

/** What the other side does with a connection. */
type Peer = (socket: Socket) => void;

/** Says it again as soon as it is written, or every few milliseconds. */
function again(piece: string, everyMs: number | null = null) {
  return (socket: Socket): void => {
    const say = () => {
      if (socket.destroyed) return;
      socket.write(piece, 'latin1');
      if (everyMs === null) setImmediate(say);
      else setTimeout(say, everyMs);
    };
    say();
  };
}

const silence: Peer = () => undefined;
const flood = (piece: string) => again(piece.repeat(Math.ceil(1024 / piece.length)));
const drip = (piece: string) => again(piece, 5);

/** What a mail server answers to a line; nothing where it does something else with the connection. */
type Reply = (line: string, socket: Socket) => string | undefined;

/** A mail server that does as it should until a command that it answers in a way of its own. `TEXT` is the end of a mail. */
function mailServer(own: Readonly<Record<string, Reply>>, greeting = '220 ready'): Peer {
  const usual: Readonly<Record<string, string>> = {
    EHLO: '250-ready\r\n250 AUTH PLAIN',
    AUTH: '235 2.7.0 welcome',
    MAIL: '250 ok',
    RCPT: '250 ok',
    DATA: '354 go on',
    TEXT: '250 ok',
  };
  return (socket) => {
    let inText = false;
    socket.write(`${greeting}\r\n`);
    createInterface({ input: socket })
      .on('error', () => undefined)
      .on('line', (line) => {
        if (inText && line !== '.') return;
        const command = inText ? 'TEXT' : (line.split(' ')[0] ?? '');
        const reply = own[command] === undefined ? usual[command] : own[command](line, socket);
        inText = command === 'DATA' && reply?.startsWith('354') === true;
        if (reply !== undefined) socket.write(`${reply}\r\n`);
      });
  };
}

const does =
  (peer: Peer): Reply =>
  (_, socket) => {
    peer(socket);
    return undefined;
  };

/** All that a server can make of what it was told, on lines of one reply. */
function echo(code: string, ...received: readonly string[]): string {
  const told = [...received, ...received.map((line) => Buffer.from(line.split(' ').at(-1) ?? '', 'base64').toString())];
  const lines = told.flatMap((each) => forms.map((form) => form(each)));
  return `${lines.map((line) => `${code}-${line}\r\n`).join('')}${code} ${evil}`;
}

/** An answer of https once the head of the request was read. */
function answers(head: string, then: Peer = () => undefined): Peer {
  return (socket) => {
    socket.once('data', () => {
      socket.write(head, 'latin1');
      then(socket);
    });
  };
}

const patient = 60_000;
const hasty = 200;

interface Row {
  readonly name: string;
  readonly peer: Peer;
  /** What is noted of it; `null` where the message was accepted. */
  readonly noted: RegExp | null;
  /** A small one where only time can end it. */
  readonly timeMs?: number;
}

/** Of both limits, for those of one table. */
const limitsOf = (who: string) => ({
  inTime: { noted: new RegExp(`^the ${who} did not answer in time$`), timeMs: hasty },
  tooMuch: { noted: new RegExp(`^the ${who} sent too much data$`) },
});
const ofMail = limitsOf('mail server');
const ofWebhook = limitsOf('receiver');
const ofProxy = limitsOf('proxy or the receiver');

/** Behind TLS, with a password. */
const mailRows: readonly Row[] = [
  { name: 'says nothing', peer: silence, ...ofMail.inTime },
  { name: 'greets a byte now and then', peer: drip('2'), ...ofMail.inTime },
  { name: 'never ends its greeting', peer: flood('220-ready\r\n'), ...ofMail.tooMuch },
  {
    name: 'never ends a line',
    peer: flood('2'),
    // The limit of the mail library, or ours: by how much Node reads at a time.
    noted: /^(?:the mail server sent too much data|Server response exceeds maximum allowed size)$/,
  },
  { name: 'sends empty lines', peer: flood('\r\n'), ...ofMail.tooMuch },
  { name: 'never ends its offers', peer: mailServer({ EHLO: does(flood('250-SIZE 1\r\n')) }), ...ofMail.tooMuch },
  {
    name: 'answers 334 for ever',
    peer: mailServer({ AUTH: () => '334 more', '': () => '334 more' }),
    ...ofMail.tooMuch,
  },
  {
    name: 'answers 334 unasked',
    peer: mailServer({ AUTH: does(flood('334 \r\n')) }),
    // Whichever notices first: what is asked next, the limit of the mail library, or ours.
    noted: /^(?:the mail server (?:answered [A-Z ]+ with 334$|sent too much)|Server response exceeds maximum)/,
  },
  { name: 'never takes the text', peer: mailServer({ TEXT: does(silence) }), ...ofMail.inTime },
  { name: 'answers the text a byte now and then', peer: mailServer({ TEXT: does(drip('2')) }), ...ofMail.inTime },
  {
    name: 'repeats the password to AUTH',
    peer: mailServer({ AUTH: (line) => echo('535', line) }),
    noted: /^the mail server answered AUTH PLAIN with 535$/,
  },
  {
    name: 'repeats the password where it refuses the sender',
    peer: mailServer({ MAIL: () => `550 5.7.60 ${password}` }),
    noted: /^the mail server answered MAIL FROM with 550 5\.7\.60$/,
  },
  {
    name: 'repeats it where it refuses every recipient',
    peer: mailServer({ RCPT: () => echo('550', password) }),
    noted: /^the mail server answered RCPT TO with 550$/,
  },
  {
    name: 'repeats it instead of an enhanced code',
    peer: mailServer({ TEXT: () => `554 5.7.1.${Buffer.from(password).join('.')}` }),
    noted: /^the mail server answered DATA with 554$/,
  },
  {
    name: 'greets with the password of an earlier try',
    peer: mailServer({}, echo('554', password)),
    noted: /^the mail server answered with 554$/,
  },
  {
    name: 'greets with no code, but with the password',
    peer: mailServer({}, password),
    noted: /^the mail server answered with no reply code$/,
  },
  {
    name: 'says it as it hangs up',
    peer: mailServer({
      AUTH: (line, socket) => {
        socket.end(`421 ${line}`);
        return undefined;
      },
    }),
    noted: /^the mail server answered with 421$/,
  },
  {
    name: 'says it in an answer that nobody asked for',
    peer: mailServer({ AUTH: (line) => `235 welcome\r\n${echo('250', line)}` }),
    noted: /^the mail server answered DATA with 354$/,
  },
  {
    name: 'goes on talking once it has the mail',
    peer: mailServer({ TEXT: does(drip('250 ok\r\n')) }),
    noted: null,
  },
];

/** Before TLS, and where no password was told. */
const plainRows: readonly (Row & { readonly security: 'starttls' | 'none' })[] = [
  { name: 'never ends its greeting', security: 'starttls', peer: flood('220-ready\r\n'), ...ofMail.tooMuch },
  {
    name: 'offers no TLS',
    security: 'starttls',
    peer: mailServer({ STARTTLS: () => '502 what?' }),
    noted: /^the mail server answered STARTTLS with 502 what\?$/,
  },
  {
    name: 'says nothing once TLS begins',
    security: 'starttls',
    peer: mailServer({ EHLO: () => '250 STARTTLS', STARTTLS: () => '220 go on' }),
    ...ofMail.inTime,
  },
  {
    name: 'says more than that TLS may begin',
    security: 'starttls',
    peer: mailServer({ EHLO: () => '250 STARTTLS', STARTTLS: does((socket) => socket.write(`220 go on\r\n${evil}`)) }),
    ...ofMail.inTime,
    // Two clocks run for the handshake, and either may end first.
    noted: /^(?:the mail server did not answer in time|TLS handshake timed out)$/,
  },
  {
    name: 'steers a terminal',
    security: 'none',
    peer: mailServer({ RCPT: () => `550-5.7.1 ${evil}\r\n550 5.7.1 no relay` }),
    noted:
      /^the mail server answered RCPT TO with 550-5\.7\.1 x\\u001B\]0;.*\\u202Egnp\\u0000end 550 5\.7\.1 no relay$/,
  },
  {
    name: 'talks as long as it may',
    security: 'none',
    peer: mailServer({ RCPT: () => `550 ${'no '.repeat(10_000)}` }),
    noted: /^.{500}$/,
  },
];

const webhookRows: readonly Row[] = [
  { name: 'says nothing', peer: silence, ...ofWebhook.inTime },
  { name: 'answers a byte now and then', peer: answers('HTTP/1.1 200 ', drip('k')), ...ofWebhook.inTime },
  { name: 'sends a header now and then', peer: answers('HTTP/1.1 200 ok\r\n', drip('a: b\r\n')), ...ofWebhook.inTime },
  { name: 'continues for ever', peer: answers('', flood('HTTP/1.1 100 go on\r\n\r\n')), ...ofWebhook.tooMuch },
  {
    name: 'has more headers than there is room for',
    peer: answers('HTTP/1.1 200 ok\r\n', flood('a: b\r\n')),
    noted: /^Parse Error: Header overflow$/,
  },
  { name: 'accepts with an endless body', peer: answers('HTTP/1.1 200 ok\r\n\r\n', flood('body')), noted: null },
  { name: 'accepts with a body a byte now and then', peer: answers('HTTP/1.1 200 ok\r\n\r\n', drip('b')), noted: null },
  {
    name: 'repeats the address, and steers a terminal',
    peer: answers(`HTTP/1.1 500 ${hookPath} ${evil.replaceAll('\0', '')}\r\nx: ${hookPath}\r\n\r\n${hookPath}`),
    noted: /^the receiver answered 500$/,
  },
  {
    name: 'answers with a number that is no status',
    peer: answers('HTTP/1.1 099 what\r\n\r\n'),
    noted: /^the receiver answered 99$/,
  },
  {
    name: 'sends it elsewhere',
    peer: answers(`HTTP/1.1 307 go\r\nlocation: https://localhost:1${hookPath}\r\n\r\n`),
    noted: /^the receiver answered 307$/,
  },
  {
    name: 'changes the protocol',
    peer: answers('HTTP/1.1 101 go\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    noted: /^the receiver closed the connection$/,
  },
  { name: 'speaks no HTTP', peer: answers(`${hookPath} ${evil}\r\n\r\n`), noted: /^Parse Error: Expected HTTP\// },
  { name: 'hangs up', peer: answers('HTTP/1.1 200', (socket) => socket.end()), noted: /^socket hang up$/ },
];

const proxyRows: readonly Row[] = [
  { name: 'says nothing', peer: silence, ...ofProxy.inTime },
  { name: 'answers a byte now and then', peer: answers('HTTP/1.1 200 ', drip('k')), ...ofProxy.inTime },
  { name: 'says that it goes on', peer: answers('HTTP/1.1 100 go on\r\n\r\n'), noted: /^the proxy answered 100$/ },
  {
    name: 'refuses, and steers a terminal',
    peer: answers(`HTTP/1.1 407 no\r\nx: ${hookPath}\r\n\r\n`),
    noted: /^the proxy answered 407$/,
  },
  {
    name: 'changes the protocol',
    peer: answers('HTTP/1.1 101 go\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    noted: /^the proxy answered 101$/,
  },
  { name: 'opens a tunnel to nowhere', peer: answers('HTTP/1.1 200 ok\r\n\r\n'), ...ofProxy.inTime },
  {
    name: 'opens a tunnel of rubbish',
    peer: answers(`HTTP/1.1 200 ok\r\n\r\n`, flood(evil)),
    noted: /^write EPROTO .*wrong version number/,
  },
];

describe('a hostile peer', () => {
  const lab = kernelServer(createKernel(labState().build()), { account: 'system' });
  let identity: Identity;
  let server: Server | null = null;
  before(async () => {
    identity = await identityFor();
  });
  // Ends only when no connection is open any more, and no peer here closes one that it has not been told to close.
  afterEach(async () => {
    await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
    server = null;
  });

  async function listen(peer: Peer, { tls, as = identity }: { readonly tls: boolean; readonly as?: Identity }) {
    const met = (socket: Socket) => {
      socket.on('error', () => undefined).resume();
      peer(socket);
    };
    server = tls ? createTlsServer({ key: as.key, cert: as.cert }, met) : createServer(met);
    server.on('tlsClientError', () => undefined).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }
  type Notify = Parameters<typeof deliver>[0]['configuration']['notify'];

  /** One message is sent by a start; the reason that is noted of it then, `null` when it was accepted. */
  async function send(notify: Notify, hook: string, timeMs = patient): Promise<string | null> {
    const home = newFolder();
    const channel = notify.mail === undefined ? 'webhook' : 'mail';
    for (const [name, value] of Object.entries({ smtp: password, hook, signing }))
      await secretFile(home, undefined).write(name, value);
    const box = outbox(home);
    await box.put(messageOf(newsOf({ at: new Date().toISOString() }), channel));
    const configuration = { ...defaultConfiguration, notify };
    const limits = { startMs: 2 * patient, each: { timeMs, bytes: 64 * 1024 } };
    await deliver({ home, configuration, server: lab, files: persistentFiles(home) }, limits);
    for (const name of await readdir(home, { recursive: true }))
      if (name.endsWith('.json') && name !== 'secrets.json') search(name, await readFile(join(home, name), 'utf8'));
    const [left] = await box.list();
    const noted = left?.lastError ?? null;
    assert.equal(left?.attempts ?? 1, 1);
    assert.doesNotMatch(noted ?? '', controls);
    return noted;
  }

  async function authority(ca = identity.ca): Promise<string> {
    const file = join(newFolder(), 'ca.pem');
    await writeFile(file, ca);
    return file;
  }

  const address = { server: 'localhost', from: 'web01@example.com', to: ['ops@example.com'] };

  async function mail(port: number, timeMs?: number) {
    const login = { user: 'web01', password: 'secret:smtp' };
    return send({ mail: { ...address, ...login, port, security: 'tls', ca: await authority() } }, 'unused', timeMs);
  }

  async function hook(port: number, timeMs?: number, more: Partial<WebhookSettings> = {}) {
    const settings = { url: 'secret:hook', signingSecret: 'secret:signing', ca: await authority(), ...more };
    return send({ webhook: settings }, `https://localhost:${port}${hookPath}`, timeMs);
  }

  const meets = (noted: RegExp | null, seen: string | null) =>
    noted === null ? assert.equal(seen, null) : assert.match(seen ?? 'accepted', noted);

  for (const { name, peer, noted, timeMs } of mailRows)
    it(`at mail ${name}`, async () => meets(noted, await mail(await listen(peer, { tls: true }), timeMs)));

  for (const { name, peer, noted, timeMs, security } of plainRows)
    it(`at mail without a password ${name}`, async () => {
      const port = await listen(peer, { tls: false });
      meets(noted, await send({ mail: { ...address, port, security } }, 'unused', timeMs));
    });

  for (const { name, peer, noted, timeMs } of webhookRows)
    it(`at a webhook ${name}`, async () => meets(noted, await hook(await listen(peer, { tls: true }), timeMs)));

  for (const { name, peer, noted, timeMs } of proxyRows)
    it(`as a proxy ${name}`, async () => {
      const port = await listen(peer, { tls: false });
      meets(noted, await hook(1, timeMs, { proxy: `http://127.0.0.1:${port}` }));
    });

  it('that has a certificate for another name is told nothing, and names nothing', async () => {
    const as = await identityFor(`${password.toLowerCase()}.example.com`);
    const ca = await authority(as.ca);
    const port = await listen(silence, { tls: true, as });
    const settings = { ...address, port, security: 'tls', ca, user: 'web01', password: 'secret:smtp' } as const;
    assert.equal(await send({ mail: settings }, 'unused'), 'the certificate of the mail server is not for localhost');
    assert.equal(await hook(port, patient, { ca }), 'the certificate of the receiver is not for its address');
  });

  it('would be found if it came through', () => {
    for (const secret of Object.values(secrets))
      for (const form of forms) assert.throws(() => search('a text', `250 <${form(secret)}> ok`), form(secret));
  });
});

describe('a start', () => {
  const lab = kernelServer(createKernel(labState().build()), { account: 'system' });
  afterEach(() => sinon.restore());

  /**
   * What is left of many messages for a webhook and one mail, when the webhook takes so long for each. The clock of the
   * start is set by the receiver, so nothing waits.
   */
  async function sent(tookMs: number) {
    const clock = sinon.useFakeTimers({ toFake: ['performance'] });
    const identity = await identityFor();
    const receiver = await openReceiver(identity, () => {
      clock.tick(tookMs);
      return 202;
    });
    const mailbox = await openMailbox({ disabledCommands: ['STARTTLS', 'AUTH'] });
    try {
      const home = newFolder();
      const ca = join(newFolder(), 'ca.pem');
      await writeFile(ca, identity.ca);
      await secretFile(home, undefined).write('hook', `https://localhost:${receiver.port}/hook`);
      const box = outbox(home);
      const at = new Date().toISOString();
      for (const headline of ['one', 'two', 'three', 'four', 'five', 'six'])
        await box.put(messageOf(newsOf({ at, headline }), 'webhook'));
      await box.put(messageOf(newsOf({ at }), 'mail'));
      const to = { server: 'localhost', from: 'web01@example.com', to: ['ops@example.com'] };
      const notify = {
        webhook: { url: 'secret:hook', ca },
        mail: { ...to, port: mailbox.port, security: 'none' as const },
      };
      await deliver({
        home,
        configuration: { ...defaultConfiguration, notify },
        server: lab,
        files: persistentFiles(home),
      });
      const left = (await box.list()).filter(({ attempts }) => attempts === 0).length;
      return { posts: receiver.posted.length, mails: mailbox.mails.length, left };
    } finally {
      await receiver.close();
      await mailbox.close();
    }
  }

  it('sends all that is due', async () => assert.deepEqual(await sent(0), { posts: 6, mails: 1, left: 0 }));

  it('begins nothing that it might have to break off, and leaves the rest to the next one', async () => {
    const { posts, mails, left } = await sent(9_000);
    assert.deepEqual([posts, left], [3, 4 - mails]);
  });

  it('asks a receiver that takes long once, so that the others are reached', async () =>
    assert.deepEqual(await sent(11_000), { posts: 1, mails: 1, left: 5 }));
});
