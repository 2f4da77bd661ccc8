import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Message, Notification } from '../../src/documents/notification.ts';
import { openWorld, type World } from '../stories/lab-world.ts';

/** Nobody answers there, so everything stays in the outbox. */
const mail = { server: '127.0.0.1', port: 1, security: 'none', from: 'a@example.com', to: ['b@example.com'] };

describe('what people are told', () => {
  let world: World;
  let old: string;
  beforeEach(async () => {
    world = await openWorld();
    old = world.certificates[0]?.thumbprint ?? '';
    await configure({ mail });
  });
  afterEach(() => world.close());

  const home = () => join(world.folder, 'certrebind');
  async function configure(notify: object): Promise<void> {
    const file = join(world.folder, '..', 'config.json');
    writeFileSync(file, JSON.stringify({ notify }));
    assert.equal((await world.json(['config', 'set', file])).exitCode, 0);
  }
  /** What came since the last call. */
  function messages(): readonly Message[] {
    const folder = join(home(), 'outbox');
    if (!existsSync(folder)) return [];
    return readdirSync(folder).map((name): Message => {
      const message = JSON.parse(readFileSync(join(folder, name), 'utf8'));
      rmSync(join(folder, name));
      return message;
    });
  }
  /** In the order of its time. */
  const news = (): readonly Notification[] =>
    messages()
      .map((message) => message.news)
      .sort((a, b) => (a.at < b.at ? -1 : 1));
  const headlines = () => news().map(({ headline }) => headline.replace(/^[^:]+: /, ''));

  it('is a renewal that is refused, once, and that it is over when a later run has applied it', async () => {
    await world.json(['reconcile']);
    assert.deepEqual(headlines(), ['CertRebind is not enabled']);
    await world.lab(['switch', 'renewal-issuer', 'missing']);
    await world.lab(['renew', old]);
    assert.equal((await world.json(['reconcile'])).document.result, 'undone');
    const [refused, ...others] = news();
    assert.deepEqual([refused?.kind, others], ['problem', []]);
    assert.match(
      refused?.headline ?? '',
      /: rolled back to the old certificate, which ends in \d+ days \(and 1 more\)$/,
    );
    assert.equal(refused?.advice, 'Type: certutil -addstore CA <file>');
    await world.json(['reconcile']);
    assert.deepEqual(news(), [], 'an hour later');
    await world.lab(['switch', 'renewal-issuer', 'stored']);
    assert.equal((await world.json(['reconcile'])).document.result, 'rebound');
    const over = news().find(({ kind }) => kind === 'solved');
    assert.match(over?.headline ?? '', /: solved: .*rolled back to the old certificate/);
    assert.match(over?.advice ?? '', /^2 still open/);
  });

  it('is all that is open, once, to whom was added since', async () => {
    await world.json(['reconcile']);
    news();
    const webhook = { url: 'secret:alerts' };
    for (const [to, notify] of [
      ['webhook', { mail, webhook }],
      ['mail', { mail: { ...mail, to: ['b@example.com', 'c@example.com'] }, webhook }],
    ] as const) {
      await configure(notify);
      await world.json(['reconcile']);
      assert.deepEqual(
        messages().map(({ channel, news }) => [channel, news.kind, news.headline.replace(/^[^:]+: /, '')]),
        [[to, 'problem', 'CertRebind is not enabled']],
      );
      await world.json(['reconcile']);
      assert.deepEqual(news(), [], 'an hour later');
    }
    await configure({ mail: { ...mail, to: ['d@example.com'], on: ['rebound'] } });
    await world.json(['reconcile']);
    assert.deepEqual(news(), [], 'who asked for no problems');
  });

  it('is a start that could not work, where the folder is safe, and that it works again', async () => {
    await world.json(['reconcile']);
    news();
    const ledger = readFileSync(join(home(), 'ledger.json'), 'utf8');
    writeFileSync(join(home(), 'ledger.json'), ledger.replace('certrebind/ledger/1', 'certrebind/ledger/9'));
    for (const _ of [1, 2]) assert.notEqual((await world.json(['reconcile'])).exitCode, 0);
    assert.deepEqual(headlines(), ['CertRebind cannot work']);
    writeFileSync(join(home(), 'ledger.json'), ledger);
    await world.json(['reconcile']);
    assert.deepEqual(headlines(), ['solved: CertRebind cannot work']);
  });

  it('is nothing of a folder that others can write: its addresses are not believed', async function () {
    // Windows has no such modes.
    if (process.platform === 'win32') this.skip();
    await world.json(['reconcile']);
    news();
    chmodSync(home(), 0o777);
    assert.equal((await world.json(['reconcile'])).exitCode, 7);
    assert.deepEqual(news(), []);
  });

  it('does not change how a run ends where it cannot be told', async () => {
    await world.lab(['renew', old]);
    writeFileSync(join(home(), 'outbox'), '', { mode: 0o600 });
    const { exitCode, document } = await world.json(['reconcile']);
    assert.deepEqual([exitCode, document.result], [0, 'rebound']);
  });

  it('is the heartbeat where it is wanted, and bindings that were renewed', async () => {
    await configure({ heartbeat: 'daily', mail: { ...mail, on: ['rebound'] } });
    await world.lab(['renew', old]);
    assert.equal((await world.json(['reconcile'])).exitCode, 0);
    assert.deepEqual(headlines().toSorted(), ['9 bindings renewed', 'CertRebind works, 2 problems are open']);
    await world.json(['reconcile']);
    assert.deepEqual(headlines(), []);
  });
});
