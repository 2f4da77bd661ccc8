import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createServer as createTlsServer } from 'node:tls';
import { mostMessages } from '../../src/documents/notification.ts';
import { messageOf } from '../../src/session/notify/outbox-messages.ts';
import { newsOf } from '../builders/notification.ts';
import { run, runJson } from '../cli/run-program.ts';
import { type Identity, identityFor, openReceiver } from '../session/notify/send/receivers.ts';
import { assertNone } from '../support/each.ts';
import { newFolder } from '../support/temporary-lab.ts';
import { type Deed, killEverywhere } from './kill-everywhere.ts';
import { runToPoint } from './run-to-point.ts';

/** Through the built program, with a receiver of its own: what is told outside when processes die at any moment. */
describe('the outbox', () => {
  const root = newFolder();
  let template: string;
  let identity: Identity;
  let receiver: Awaited<ReturnType<typeof openReceiver>>;
  let answer: number | 'silence' = 202;
  const canary = 'canary-4711';

  before(async () => {
    template = join(root, 'template');
    identity = await identityFor();
    receiver = await openReceiver(identity, () => answer);
    const { document: made } = await runJson(['lab', 'create', template]);
    await runJson(['lab', 'renew', made.certificates[0].thumbprint, '--lab', template]);
    const address = `https://localhost:${receiver.port}/hook?sig=${canary}`;
    for (const [name, value] of [
      ['hook', address],
      ['signing', `whsec_${Buffer.from(canary).toString('base64')}`],
    ] as const) {
      const set = await run(['secret', 'set', name, '--lab', template], { input: `${value}\n` });
      assert.equal(set.exitCode, 0, set.stderr);
      assert.ok(!set.stdout.includes(canary));
    }
    const home = join(template, 'certrebind');
    await mkdir(join(home, 'ca'), { mode: 0o700 });
    await writeFile(join(home, 'ca', 'ca.pem'), identity.ca, { mode: 0o600 });
  });

  beforeEach(() => {
    answer = 202;
    receiver.posted.length = 0;
  });

  after(async () => {
    await receiver.close();
  });

  async function newLab(name: string): Promise<string> {
    const lab = join(root, name);
    await cp(template, lab, { recursive: true });
    const webhook = {
      url: 'secret:hook',
      signingSecret: 'secret:signing',
      ca: join(lab, 'certrebind', 'ca', 'ca.pem'),
      on: ['rebound', 'partly-rebound', 'blocked', 'undone', 'needs-attention'],
    };
    await writeFile(join(lab, 'certrebind', 'config.json'), JSON.stringify({ notify: { webhook } }));
    return lab;
  }

  const idsPosted = () => receiver.posted.map(({ headers }) => String(headers['webhook-id']));
  const waiting = async (lab: string) => readdir(join(lab, 'certrebind', 'outbox')).catch(() => []);

  it('tells of a run once, and is empty then', async () => {
    const lab = await newLab('once');
    const { exitCode, document } = await runJson(['reconcile', '--lab', lab]);
    assert.deepEqual([exitCode, document.result], [0, 'rebound']);
    assert.equal(idsPosted().length, 1);
    const told = JSON.parse(receiver.posted[0]?.body ?? '');
    assert.deepEqual([told.type, told.data.run, told.data.eventId], ['certrebind.rebound', document.run, 100]);
    assert.match(told.data.lines[1], /^shop\.example\.com \(.*\), ends .* → /);
    assert.deepEqual(await waiting(lab), []);
    assert.equal((await runJson(['reconcile', '--lab', lab])).document.result, 'nothing-to-do');
    assert.equal(idsPosted().length, 1, 'nothing to do is no news');
  });

  it('drops what finds no place in a full outbox, and says so with the run and in status', async () => {
    const lab = await newLab('full');
    answer = 500;
    const folder = join(lab, 'certrebind', 'outbox');
    await mkdir(folder, { mode: 0o700 });
    const old = messageOf(newsOf({ at: new Date().toISOString() }), 'webhook');
    const later = new Date(Date.now() + 3600_000).toISOString();
    for (let number = 0; number < mostMessages; number++) {
      const id = number.toString(16).padStart(32, '0');
      const waits = { ...old, id, notBefore: later, attempts: 3, lastError: 'answered 500' };
      await writeFile(join(folder, `${id}.json`), JSON.stringify(waits));
    }
    const { exitCode, document } = await runJson(['reconcile', '--lab', lab]);
    assert.deepEqual([exitCode, document.result], [0, 'rebound']);
    assert.match(
      (await run(['history', 'last', '--lab', lab])).stdout,
      /message-dropped: A message about this run was dropped/,
    );
    assert.equal((await waiting(lab)).length, mostMessages);
    const { findings } = (await runJson(['status', '--lab', lab])).document;
    const found = findings.filter(({ code }: { readonly code: string }) => code === 'messages-not-accepted');
    assert.equal(found.length, 1);
    assert.match(found[0].message, /^The outbox is full \(500 messages\).* answered 500$/);
  });

  it('changes nothing of a run where nobody accepts, keeps the message, and sends it with the same id later', async () => {
    const lab = await newLab('refused');
    answer = 500;
    const { exitCode, document } = await runJson(['reconcile', '--lab', lab]);
    assert.deepEqual([exitCode, document.result], [0, 'rebound']);
    const [file = ''] = await waiting(lab);
    const path = join(lab, 'certrebind', 'outbox', file);
    const message = JSON.parse(await readFile(path, 'utf8'));
    assert.deepEqual([message.attempts, message.lastError], [1, 'the receiver answered 500']);
    assert.ok(!(await readFile(path, 'utf8')).includes(canary));
    await runJson(['reconcile', '--lab', lab]);
    assert.equal(idsPosted().length, 1, 'not before its time');
    await writeFile(path, JSON.stringify({ ...message, notBefore: message.news.at }));
    answer = 202;
    await runJson(['reconcile', '--lab', lab]);
    assert.deepEqual(new Set(idsPosted()).size, 1);
    assert.equal(idsPosted().length, 2);
    assert.deepEqual(await waiting(lab), []);
  });

  it('tells under one id whatever moment of the outbox a process is killed at, and loses nothing', async () => {
    let lab = '';
    const deed: Deed<null> = {
      async prepare() {
        receiver.posted.length = 0;
        await rm(lab, { recursive: true, force: true });
        lab = await newLab(`killed-${randomUUID()}`);
      },
      async start(_, at) {
        const env = { DIE_AT: String(at), DIE_FOLDER: join(lab, 'certrebind', 'outbox') };
        const { killed, exitCode, stderr } = await runToPoint(['reconcile', '--lab', lab, '--json'], env);
        if (!killed) assert.equal(exitCode, 0, stderr);
        return killed;
      },
      async check(_, when) {
        await runJson(['reconcile', '--lab', lab]);
        await runJson(['reconcile', '--lab', lab]);
        const runs = receiver.posted.map(({ body }) => JSON.parse(body).data.run);
        assert.ok(runs.length >= 1, `nothing was told, ${when}`);
        assert.equal(new Set(idsPosted()).size, new Set(runs).size, `a run was told under two ids, ${when}`);
        assert.equal(new Set(runs).size, 1, `${when}: ${runs}`);
        assertNone(await waiting(lab), (name) => name.endsWith('.json'));
      },
    };
    console.log(`    ${await killEverywhere([null], deed, 4)} points of the outbox`);
  });

  it('starts the program of a trigger once the run is closed, with what it did, and never another run', async () => {
    const lab = await newLab('trigger');
    const program = join(lab, 'certrebind', 'page.sh');
    await writeFile(program, '#!/bin/sh\nenv | grep ^CERTREBIND_ | sort >> "$1"\nexit 3\n', { mode: 0o700 });
    const told = join(lab, 'certrebind', 'told.txt');
    const add = ['trigger', 'add', 'page', '--on', 'rebound', '--lab', lab];
    const added = JSON.parse((await run([...add, '--json', '--', program, told])).stdout);
    assert.deepEqual([added.triggers[0].task, added.triggers[0].on], ['none', 'rebound']);
    for (const words of [
      ['--issuer', 'X', '--', program],
      ['--time-limit', '10m', '--', program],
    ])
      assert.equal((await run(['trigger', 'add', 'bad', '--on', 'rebound', '--lab', lab, ...words])).exitCode, 2);
    const { exitCode, document } = await runJson(['reconcile', '--lab', lab]);
    assert.deepEqual([exitCode, document.result], [0, 'rebound'], 'whatever the program ends with');
    const text = await readFile(told, 'utf8');
    assert.match(text, new RegExp(`^CERTREBIND_RUN=${document.run}$`, 'm'));
    assert.match(text, /^CERTREBIND_EVENT=rebound$/m);
    assert.match(text, /^CERTREBIND_MESSAGE_ID=[0-9a-f]{32}$/m);
    assert.ok(!text.includes(canary));
    const { document: after } = await runJson(['trigger', 'list', '--lab', lab]);
    assert.deepEqual([after.triggers[0].runs.length, after.triggers[0].runs[0].exitCode], [1, 3]);
    assert.equal((await runJson(['reconcile', '--lab', lab])).document.result, 'nothing-to-do');
    assert.equal(await readFile(told, 'utf8'), text, 'once');
    assert.deepEqual((await runJson(['trigger', 'remove', 'page', '--lab', lab])).document.triggers, []);
  });

  it('is tested at once by notify test, which says what each channel answered and shows no secret', async () => {
    const lab = await newLab('test');
    const well = await runJson(['notify', 'test', '--lab', lab]);
    assert.deepEqual(well.document.channels, [{ channel: 'webhook', accepted: true, error: null }]);
    assert.equal(well.exitCode, 0);
    answer = 403;
    const { exitCode, stdout, stderr } = await run(['notify', 'test', '--lab', lab]);
    assert.deepEqual([exitCode, stdout], [4, 'webhook: not accepted: the receiver answered 403\n']);
    await runJson(['secret', 'remove', 'hook', '--lab', lab]);
    const without = await run(['notify', 'test', '--lab', lab]);
    assert.equal(without.exitCode, 4);
    assert.match(without.stdout, /There is no secret hook on this server/);
    const names = await runJson(['secret', 'list', '--lab', lab]);
    assert.deepEqual(names.document.names, ['signing']);
    const shown = [stdout, stderr, without.stdout, (await run(['config', 'show', '--lab', lab])).stdout].join();
    assert.ok(!shown.includes(canary) && shown.includes('secret:hook'));
  });

  it('shows and keeps nothing of a password that the mail server repeats, and has it in no command line', async () => {
    const lab = await newLab('repeated');
    const password = `canary-${randomUUID()}`;
    const login = Buffer.from(`\0web01\0${password}`).toString('base64');
    const commandLines: string[] = [];
    const mailServer = createTlsServer({ key: identity.key, cert: identity.cert }, (socket) => {
      socket.write('220 ready\r\n');
      createInterface({ input: socket }).on('line', (line) => {
        if (line.startsWith('AUTH')) commandLines.push(...everyCommandLine());
        const offers = line.startsWith('EHLO') ? '250 AUTH PLAIN' : `535 \u001B[2J\u0007 ${line} ${password}`;
        socket.write(`${offers}\r\n`);
      });
    }).listen(0, '127.0.0.1');
    await once(mailServer, 'listening');
    try {
      const { port } = mailServer.address() as AddressInfo;
      const ca = join(lab, 'certrebind', 'ca', 'ca.pem');
      const parties = { server: 'localhost', from: 'web01@example.com', to: ['ops@example.com'], on: ['rebound'] };
      const mail = { ...parties, port, security: 'tls', user: 'web01', password: 'secret:smtp', ca };
      await run(['secret', 'set', 'smtp', '--lab', lab], { input: password });
      await writeFile(join(lab, 'certrebind', 'config.json'), JSON.stringify({ notify: { mail } }));
      const text = await run(['notify', 'test', '--debug', '--lab', lab]);
      assert.deepEqual(
        [text.exitCode, text.stdout],
        [4, 'mail: not accepted: the mail server answered AUTH PLAIN with 535\n'],
      );
      const rebound = await runJson(['reconcile', '--lab', lab]);
      assert.deepEqual([rebound.exitCode, rebound.document.result], [0, 'rebound']);
      const found = [text.stderr, JSON.stringify(rebound), ...commandLines];
      for (const words of [['notify', 'test', '--json'], ['status'], ['doctor', '--json']])
        found.push((await run([...words, '--lab', lab])).stdout);
      const kept = await readdir(join(lab, 'certrebind'), { recursive: true, withFileTypes: true });
      for (const { name, parentPath } of kept.filter((entry) => entry.isFile() && entry.name !== 'secrets.json'))
        found.push(await readFile(join(parentPath, name), 'utf8'));
      assert.ok(commandLines.length > 0 && found.some((each) => each.includes('AUTH PLAIN with 535')));
      for (const secret of [password, login])
        assert.ok(
          found.every((each) => !each.includes(secret)),
          secret,
        );
    } finally {
      mailServer.close();
    }
  });

  it('trusts no file of authorities that others can write', async () => {
    const lab = await newLab('ca');
    const folder = join(root, 'open');
    await mkdir(folder, { mode: 0o777 });
    const file = join(folder, 'ca.pem');
    await writeFile(file, identity.ca, { mode: 0o666 });
    const { chmod } = await import('node:fs/promises');
    await chmod(folder, 0o777);
    const webhook = { url: 'secret:hook', ca: file };
    await writeFile(join(lab, 'certrebind', 'config.json'), JSON.stringify({ notify: { webhook } }));
    const { document } = await runJson(['notify', 'test', '--lab', lab]);
    assert.match(document.channels[0].error, /ca\.pem is not trusted/);
    assert.equal(receiver.posted.length, 0);
  });
});

/** Of the processes of this machine; one that ends meanwhile has none. */
function everyCommandLine(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [readFileSync(join('/proc', name, 'cmdline'), 'latin1')];
      } catch {
        return [];
      }
    });
}
