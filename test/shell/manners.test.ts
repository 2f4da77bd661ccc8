import assert from 'node:assert/strict';
import { met } from '../builders/met.ts';
import { jsonHere } from '../cli/run-here.ts';
import { openWorld } from '../stories/lab-world.ts';
import { each } from '../support/each.ts';
import { ofEach } from '../support/of-each.ts';

describe('what a person says once', () => {
  const world = ofEach(openWorld);
  let old: string;
  beforeEach(() => {
    old = world.certificates[0]?.thumbprint ?? '';
  });

  async function renewedWithout(name: string): Promise<string> {
    const names = world.certificates[0]?.names.filter((one) => one !== name).join(',') ?? '';
    return (await world.lab(['renew', old, '--names', names])).new;
  }

  it('--allow lets lost names through for this once, and the plan and the run say so', async () => {
    await renewedWithout('pay.example.net');
    const pair = ['--old', 'shop.example.com', '--new', 'auto'];
    const blocked = await world.json(['plan', ...pair]);
    assert.deepEqual(each(blocked.document.blocked.map(met), 'reason'), ['names-lost']);
    const { document: plan } = await world.json(['plan', ...pair, '--allow', 'names-lost']);
    assert.deepEqual([plan.blocked, plan.policy], [[], [{ guard: 'names-lost', setting: 'warn' }]]);
    const done = await world.json(['rebind', ...pair, '--allow', 'names-lost']);
    assert.deepEqual([done.exitCode, done.document.result, done.document.counts.changed], [0, 'rebound', 9]);
    assert.equal((await world.json(['config', 'show'])).document.guards['names-lost'], undefined);
  });

  for (const [word, says] of [
    ['names-lots', /Did you mean names-lost\?/],
    ['key-missing', /key-missing cannot be ignored/],
    ['', /There is no guard ""/],
  ] as const)
    it(`--allow ${word || '(nothing)'} is refused, and nothing is touched`, async () => {
      const { exitCode, document } = await world.json(['rebind', '--old', old, '--new', 'auto', '--allow', word]);
      assert.deepEqual([exitCode, document.error.code], [2, 'usage']);
      assert.match(document.error.message, says);
    });

  it('a new certificate that no store has is said at once', async () => {
    const started = performance.now();
    const { exitCode, document } = await world.json(['rebind', '--old', old, '--new', '0'.repeat(40)]);
    assert.deepEqual(
      [exitCode, document.result, document.blocked[0].obstacles[0].code],
      [3, 'blocked', 'certificate-missing'],
    );
    // Late certificates of events are waited for 15.5 s.
    assert.ok(performance.now() - started < 15_500);
  });

  for (const words of [['--old', ''], ['--old', ' '], ['--old']])
    it(`nothing is replaced where a client has no old certificate to write: ${JSON.stringify(words)}`, async () => {
      const before = await world.records();
      const { exitCode, document } = await world.json(['rebind', ...words, '--new', old]);
      assert.deepEqual([exitCode, document.result], [0, 'nothing-to-do']);
      assert.deepEqual(await world.records(), before);
    });

  it('dismiss gives up a renewal, whose finding is then for information, and rebind applies it', async () => {
    const successor = (await world.lab(['renew', old])).new;
    await world.json(['reconcile']);
    await world.json(['undo']);
    for (const [text, code] of [
      ['nobody.example.com', 'no-such-certificate'],
      ['api.example.org', 'no-such-renewal'],
      ['ABCD0123', 'no-such-certificate'],
      ['names-lost', 'no-such-finding'],
    ] as const) {
      const refused = await world.json(['dismiss', text]);
      assert.deepEqual([refused.exitCode, refused.document.error.code], [2, code], text);
    }
    const { exitCode, document } = await world.json(['dismiss', old.slice(0, 6)]);
    assert.equal(exitCode, 0, JSON.stringify(document));
    assert.deepEqual([document.renewal.old, document.renewal.new], [old, successor]);
    const { findings } = (await world.json(['status'])).document;
    const rolledBack = findings.find(({ code }: { code: string }) => code === 'renewal-rolled-back');
    assert.equal(rolledBack.severity, 'info');
    assert.equal((await world.json(['reconcile'])).document.result, 'nothing-to-do');
    assert.equal((await world.json(['rebind', '--old', old, '--new', successor])).document.result, 'rebound');
  });

  it('dismiss hides a warning from every view until it is shown again, and no error', async () => {
    const codesOf = async (command: string) =>
      (await world.json([command])).document.findings.flatMap(
        ({ code, severity }: { code: string; severity: string }) => (severity === 'info' ? [] : code),
      );
    assert.deepEqual(await codesOf('status'), ['task-missing']);
    const { exitCode, document } = await world.json(['dismiss', 'task-missing']);
    assert.deepEqual([exitCode, document.findings.length], [0, 1]);
    for (const command of ['status', 'doctor', 'verify']) assert.deepEqual(await codesOf(command), [], command);
    assert.equal((await world.json(['status', '--check'])).exitCode, 0);
    assert.equal((await world.json(['dismiss', 'task-missing', '--undo'])).exitCode, 0);
    assert.deepEqual(await codesOf('status'), ['task-missing']);
  });

  it('dismiss wants a place or --all where several have it, and no dismissal hides an end', async () => {
    await world.lab(['renew', old]);
    const pendingIn = async () =>
      (await world.json(['status'])).document.findings.filter(
        ({ code }: { code: string }) => code === 'renewal-pending',
      );
    for (const words of [
      ['dismiss', 'renewal-pending'],
      ['dismiss', 'renewal-pending', '0.0.0.0:443'],
    ]) {
      const { exitCode, document } = await world.json(words);
      assert.deepEqual([exitCode, document.error.code], [2, 'usage'], words.join(' '));
      assert.match(document.error.message, /--all/);
    }
    assert.equal((await pendingIn()).length, 1);
    assert.equal((await world.json(['dismiss', 'renewal-pending', '--all'])).exitCode, 0);
    assert.deepEqual(await pendingIn(), []);
    await world.json(['config', 'set', 'deadline.names', JSON.stringify({ 'shop.example.com': 90 })]);
    assert.equal((await pendingIn()).length, 1);
    const { exitCode, document } = await world.json(['dismiss', 'renewal-pending', '--all']);
    assert.deepEqual([exitCode, document.error.code], [2, 'not-dismissible']);
  });

  it('a lab is named by its folder or by --lab, and not by two different ones', async () => {
    for (const words of [
      ['status', world.folder],
      ['status', '--lab', world.folder],
      ['status', world.folder, '--lab', world.folder],
    ])
      assert.equal((await jsonHere(['lab', ...words])).document.folder, world.folder);
    const { exitCode, document } = await jsonHere(['lab', 'status', world.folder, '--lab', '/elsewhere']);
    assert.deepEqual([exitCode, document.error.message], [2, `Which lab is meant, ${world.folder} or /elsewhere?`]);
  });
});
