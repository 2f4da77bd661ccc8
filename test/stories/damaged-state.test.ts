import assert from 'node:assert/strict';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openLabServer } from '../../src/lab/client/lab-server.ts';
import { shakeHands } from '../support/temporary-lab.ts';
import { openWorld, type World } from './lab-world.ts';

describe('a damaged file in the state folder', () => {
  let world: World;
  let home: string;
  /** Of the rebind, and of the undo after it. */
  let runs: readonly string[];
  const file = (...names: readonly string[]) => join(home, ...names);

  before(async () => {
    world = await openWorld();
    home = join(world.folder, 'certrebind');
    const old = world.certificates[0]?.thumbprint ?? assert.fail('no certificate');
    const { new: successor } = await world.lab(['renew', old, '--no-event']);
    const rebound = await world.json(['rebind', '--old', old, '--new', successor]);
    const undone = await world.json(['undo']);
    runs = [rebound.document.run, undone.document.run];
    await world.json(['enable', '--no-proof']);
    await world.json(['trigger', 'add', 'mail', '--on', 'installed', '--', '/bin/true']);
    await world.json(['trigger', 'add', 'shop', '--on', 'installed', '--', '/bin/true']);
    await cp(home, `${home}-kept`, { recursive: true });
  });
  after(() => world.close());
  beforeEach(async () => {
    await rm(home, { recursive: true });
    await cp(`${home}-kept`, home, { recursive: true });
  });

  /** `status` and `doctor` work, and say what is damaged, why, and what to type. */
  async function isReported(path: string, command: string | null, severity = 'error'): Promise<void> {
    for (const words of [['status'], ['doctor']]) {
      const { exitCode, document } = await world.json(words);
      assert.equal(exitCode, words[0] === 'doctor' ? 9 : 0);
      const [finding, ...more] = document.findings.filter((one: { code: string }) => one.code === 'damaged-file');
      assert(finding.message.startsWith(`${path} is not JSON: `), finding.message);
      assert.deepEqual([finding.severity, finding.commands, more], [severity, [command ?? []].flat(), []], words[0]);
    }
  }

  const remembered = async () => {
    const { renewals, decisions } = JSON.parse(await readFile(file('ledger.json'), 'utf8'));
    return [...renewals, ...decisions].map((one: object) => ({ ...one, at: '' }));
  };

  it('is no reason to bring in again what was undone: the ledger is kept aside and made anew of the history', async () => {
    const before = await remembered();
    const records = await world.records();
    await writeFile(file('ledger.json'), '{"schema": "certrebind/le');
    await isReported(file('ledger.json'), 'certrebind reconcile');

    const { exitCode, document } = await world.json(['reconcile']);

    assert.deepEqual([exitCode, document.result], [0, 'nothing-to-do']);
    assert.deepEqual(await world.records(), records);
    const [note] = document.notes.filter((one: { code: string }) => one.code === 'ledger-mended');
    const aside = (await readdir(home)).find((name) => name.startsWith('ledger.json.damaged-')) ?? assert.fail();
    assert(note.text.includes(file(aside)), note.text);
    assert.equal(await readFile(file(aside), 'utf8'), '{"schema": "certrebind/le');
    assert.deepEqual(await remembered(), before);
    assert.match(JSON.stringify(before), /"what":"keeps-old"/);
    const { findings } = (await world.json(['status'])).document;
    // The story enables without a proof, and undid a renewal, which still is one elsewhere; all is said.
    assert.deepEqual(
      findings.map(({ code, severity }: { code: string; severity: string }) => `${severity} ${code}`),
      ['warning proof-missing', 'info renewal-rolled-back'],
    );
  });

  it('lets a dry run and a plan look without a ledger, and leaves it where it is', async () => {
    await writeFile(file('ledger.json'), '');
    assert.equal((await world.json(['reconcile', '--dry-run'])).exitCode, 0);
    assert.equal((await world.json(['plan'])).exitCode, 0);
    assert.equal(await readFile(file('ledger.json'), 'utf8'), '');
  });

  it('hides no other run in the history, and is not passed over by an undo of the last one', async () => {
    const [rebound = '', undone = ''] = runs;
    await writeFile(file('runs', rebound, 'outcome.json'), '');
    await isReported(file('runs', rebound, 'outcome.json'), null);

    const history = await world.certrebind(['history']);
    assert.equal(history.exitCode, 0);
    assert.match(history.stdout, new RegExp(undone));
    assert.match(history.stdout, new RegExp(`Run ${rebound} cannot be shown: .*outcome\\.json is not JSON`));
    for (const words of [['undo'], ['undo', rebound], ['history', rebound]]) {
      const { exitCode, document } = await world.json(words);
      assert.deepEqual([exitCode, document.error.code], [2, 'damaged-file'], words.join(' '));
      assert.match(document.error.hint, /delete the folder of the run/);
    }
    assert.equal((await world.json(['undo', undone, '--dry-run'])).exitCode, 0);
  });

  for (const [what, text] of [
    ['is none', ''],
    ['is of another one', null],
  ] as const)
    it(`lets triggers be listed and removed when the definition of one ${what}`, async () => {
      const mail = file('triggers', 'mail.json');
      await writeFile(mail, text ?? (await readFile(file('triggers', 'shop.json'))));
      if (text === '') await isReported(mail, 'certrebind trigger remove mail');

      const list = await world.certrebind(['trigger', 'list']);
      assert.equal(list.exitCode, 0);
      assert.match(list.stdout, /^shop /m);
      assert(list.stdout.includes(mail), list.stdout);
      assert.match(list.stdout, /Remove it, and add it again\.\nRemove it:\n {2}certrebind trigger remove mail\n/);
      const started = await world.json(['trigger', 'add', 'mail', '--on', 'installed', '--', '/bin/true']);
      assert.deepEqual([started.exitCode, started.document.error.code], [2, 'damaged-file']);

      const removed = await world.json(['trigger', 'remove', 'mail']);
      assert.equal(removed.exitCode, 0);
      const { document } = await world.json(['trigger', 'add', 'mail', '--on', 'installed', '--', '/bin/true']);
      assert.deepEqual(
        document.triggers.map(({ id, task }: { id: string; task: string }) => [id, task]),
        [
          ['mail', 'ours'],
          ['shop', 'ours'],
        ],
      );
    });

  it('with the runs of a trigger costs nothing but these', async () => {
    await writeFile(file('triggers', 'mail.runs.json'), '');
    await isReported(file('triggers', 'mail.runs.json'), null, 'warning');
    const { exitCode, document } = await world.json(['trigger', 'list']);
    assert.deepEqual([exitCode, document.triggers[0].runs], [0, []]);
  });

  it('keeps nobody from disabling; only what was to be given back to IIS Manager is not known', async () => {
    await writeFile(file('adoption.json'), '');
    await writeFile(file('ledger.json'), '');
    await writeFile(file('triggers', 'mail.json'), '');
    const restoring = await world.json(['disable', '--restore-native']);
    assert.deepEqual([restoring.exitCode, restoring.document.error.code], [2, 'damaged-file']);
    assert.match(restoring.document.error.hint, /^Delete it\./);

    const { exitCode, document } = await world.json(['disable']);

    assert.deepEqual([exitCode, document.enabled], [0, false]);
    assert.equal((await world.json(['enable', '--no-proof'])).document.enabled, true);
  });

  it('keeps nobody from uninstalling, with the tasks of every trigger', async () => {
    await writeFile(file('ledger.json'), '');
    await writeFile(file('triggers', 'mail.json'), '');

    assert.equal((await world.json(['uninstall'])).exitCode, 0);

    await rm(home, { recursive: true });
    const { document } = await world.json(['status']);
    // Without their triggers, tasks that were left would be findings.
    const codes: readonly string[] = document.findings.map(({ code }: { code: string }) => code);
    assert.deepEqual([codes.includes('task-missing'), codes.includes('orphaned-trigger')], [true, false]);
  });
});

describe('a damaged order of runs', () => {
  let world: World;
  /** The renewal of the healthy site, and two of the site beside it. */
  let runs: readonly [string, string, string];
  /** Of the healthy site. */
  let renewed: string;
  const order = () => join(world.folder, 'certrebind', 'runs', 'order.txt');
  const damaged = (...lines: readonly string[]) => writeFile(order(), lines.map((line) => `${line}\n`).join(''));

  before(async () => {
    world = await openWorld();
    const [healthy, beside] = world.certificates.map(({ thumbprint }) => thumbprint);
    const first = await rebound(healthy ?? assert.fail());
    const second = await rebound(beside ?? assert.fail());
    const third = await rebound(second.successor);
    runs = [first.run, second.run, third.run];
    renewed = first.successor;
    assert.deepEqual((await readFile(order(), 'utf8')).split('\n').filter(Boolean), runs);
  });
  after(() => world.close());

  async function rebound(old: string): Promise<{ readonly run: string; readonly successor: string }> {
    const { new: successor } = await world.lab(['renew', old, '--no-event']);
    const { exitCode, document } = await world.json(['rebind', '--old', old, '--new', successor]);
    assert.equal(exitCode, 0);
    return { run: document.run, successor };
  }

  /** What a client is shown there: the lab, and not the program, is asked where to dial. */
  async function served(): Promise<string> {
    const { server } = await openLabServer(world.folder);
    try {
      const serverName = 'shop.example.com';
      return await shakeHands(server.dial({ address: '0.0.0.0', port: 443, serverName }), serverName);
    } finally {
      await server.close();
    }
  }

  const told = async () => {
    const { exitCode, document } = await world.json(['status']);
    assert.equal(exitCode, 0);
    return document.findings.filter(({ code }: { code: string }) => code === 'damaged-file');
  };

  it('that contradicts the times is said once, and undo then takes no run that is not named', async () => {
    const [first, second, third] = runs;
    await damaged(second, first);
    const records = await world.records();
    const [finding, ...more] = await told();
    assert.ok(finding.message.startsWith(`${order()} is damaged, so it is not known which run is the newest.`));
    assert.deepEqual([finding.severity, finding.key, more], ['error', null, []]);

    for (const words of [
      ['undo', '--yes'],
      ['undo', 'last', '--yes'],
      ['undo', '--dry-run'],
    ]) {
      const { exitCode, document } = await world.json(words);
      assert.deepEqual([exitCode, document.error.code], [2, 'run-order-unknown'], words.join(' '));
      const lines = document.error.hint.split('\n').filter((line: string) => line.startsWith('  '));
      assert.deepEqual(lines.toSorted(), runs.map((run) => `  certrebind undo ${run}`).toSorted());
    }
    assert.deepEqual(await world.records(), records);
    assert.equal(await served(), renewed);

    const { exitCode, document } = await world.json(['undo', third, '--dry-run']);
    assert.deepEqual([exitCode, document.run === third, document.counts.planned > 0], [0, false, true]);
  });

  it('that was cut in half takes back the newest run, and not that of the healthy site', async () => {
    await damaged(runs[0]);
    assert.deepEqual(await told(), []);
    const before = await world.records();

    const { exitCode, document } = await world.json(['undo', '--yes']);

    assert.deepEqual([exitCode, document.result], [0, 'undone']);
    assert.notDeepEqual(await world.records(), before);
    assert.equal(await served(), renewed);
  });
});
