import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { met } from '../builders/met.ts';
import { newFolder } from '../support/temporary-lab.ts';
import { checkPrinted } from './check-printed.ts';
import { checkPromised } from './promised-parts.ts';
import { runHere } from './run-here.ts';
import { run } from './run-program.ts';
import { type Serving, serveLab } from './serve-lab.ts';

/** Every document that is promised, as the built program prints it on a served lab. */
describe('printed documents', () => {
  const folder = newFolder();
  let lab: string;
  let serving: Serving;
  let created: string;
  let old: string;
  let next: string;

  before(async () => {
    lab = join(folder, 'lab');
    created = await printed(['lab', 'create', lab], 0);
    serving = await serveLab(lab);
    old = JSON.parse(created).certificates[0].thumbprint;
  });

  after(async () => {
    await serving.stop();
  });

  /** Runs with `--json`: one line of ASCII that is one document of this shape, and the exit code it bears. */
  async function printed(words: readonly string[], exitCode: number): Promise<string> {
    const ended = await runHere([...words, '--json']);
    assert.equal(ended.exitCode, exitCode, `${words.join(' ')}: ${ended.stdout}${ended.stderr}`);
    assert.match(ended.stdout, /^[\u0020-\u007E]+\n$/, words.join(' '));
    const document: { readonly exitCode?: number } = JSON.parse(ended.stdout);
    checkPrinted(document);
    checkPromised(document);
    if (document.exitCode !== undefined) assert.equal(document.exitCode, exitCode);
    return ended.stdout;
  }
  const onLab = (words: readonly string[], exitCode: number) => printed([...words, '--lab', lab], exitCode);

  it('lab serve says that it is ready in one line', () => {
    checkPromised(JSON.parse(serving.ready));
    assert.ok(JSON.parse(serving.ready).endpoints >= 10);
  });

  it('lab create names first the certificate that is bound most widely, with a host of its own', async () => {
    const { certificates } = JSON.parse(created);
    const { endpoints } = JSON.parse(await onLab(['verify'], 0));
    const [first, second] = certificates;
    const serves = (thumbprint: string) =>
      endpoints.filter((seen: { thumbprint: string | null }) => seen.thumbprint === thumbprint);
    assert.ok(serves(first.thumbprint).length >= 6);
    assert.ok(serves(second.thumbprint).length >= 1);
    assert.ok(first.names.length >= 3);
    assert.ok(!first.names[0].startsWith('*'));
    assert.ok(serves(first.thumbprint).some((seen: { key: string }) => seen.key.startsWith(`${first.names[0]}:`)));
  });

  it('of a quiet server: enable, status, doctor, usage, history, disable', async () => {
    await onLab(['history'], 0);
    await onLab(['status'], 0);
    await onLab(['usage'], 0);
    await onLab(['doctor'], 9);
    await onLab(['enable'], 0);
    const off = JSON.parse(await onLab(['disable'], 0));
    assert.equal(off.enabled, false);
  });

  it('of a renewal: lab renew, plan, status, dry run, reconcile, history, undo, rebind', async () => {
    const renewed = await printed(['lab', 'renew', old, '--lab', lab], 0);
    next = JSON.parse(renewed).new;
    const file = join(folder, 'plan.json');
    const plan = JSON.parse(await onLab(['plan', '--out', file], 0));
    assert.ok(plan.steps.length >= 8);
    checkPromised(JSON.parse(await readFile(file, 'utf8')));
    assert.equal(JSON.parse(await onLab(['status'], 0)).pending.length, 1);
    const dry = JSON.parse(await onLab(['reconcile', '--dry-run'], 0));
    assert.equal(dry.dryRun, true);
    const done = JSON.parse(await onLab(['apply', file], 0));
    assert.equal(done.result, 'rebound');
    const { runs } = JSON.parse(await onLab(['history'], 0));
    assert.equal(runs.at(-1).run, done.run);
    assert.deepEqual(JSON.parse(await onLab(['history', done.run], 0)), done);
    assert.equal(JSON.parse(await onLab(['undo'], 0)).result, 'undone');
    const again = ['rebind', '--old', old, '--new', next];
    assert.equal(JSON.parse(await onLab(again, 0)).counts.changed, plan.steps.length);
    assert.equal(JSON.parse(await onLab(again, 0)).result, 'nothing-to-do');
  });

  it('of a renewal that loses a host: blocked with the host named, the rest done, exit 3', async () => {
    const { names } = JSON.parse(created).certificates[0];
    const kept = names.filter((name: string) => name !== names[0]).join(',');
    await printed(['lab', 'renew', next, '--lab', lab, '--names', kept], 0);
    const partly = JSON.parse(await onLab(['reconcile'], 3));
    assert.equal(partly.result, 'partly-rebound');
    assert.ok(partly.blocked.map(met).some(({ hosts }: { hosts: string[] }) => hosts.includes(names[0])));
  });

  it('of progress: one document a line on stderr', async () => {
    const { stderr } = await run(['verify', '--lab', lab, '--json', '--progress', 'json']);
    const lines = stderr.trimEnd().split('\n');
    assert.ok(lines.length >= 2, stderr);
    for (const line of lines) {
      checkPrinted(JSON.parse(line));
      checkPromised(JSON.parse(line));
    }
  });

  for (const [words, exitCode] of [
    [['plna'], 2],
    [['plan', '--old', 'ключ', '--new', 'x'], 7],
    [['plan', '--old', 'A'.repeat(41), '--new', 'x'], 2],
    [['apply', '/nowhere/plan.json'], 2],
    [['status', '--replay', '/nowhere/server.json'], 2],
    [['status', '--lab', '/nowhere'], 2],
    [['on-event', '--record', '1', 'extra'], 2],
    [['plan'], 7],
  ] as const)
    it(`of an error: ${words.join(' ')}`, async () => {
      if (words[0] === 'on-event') {
        // What the task starts takes no option, so there is nobody who could ask for a document.
        const { exitCode: code, stdout, stderr } = await runHere(words);
        assert.deepEqual([code, stdout], [exitCode, '']);
        assert.match(stderr, /^certrebind: usage: /);
      } else await printed(words, exitCode);
    });

  it('of the demo', async () => {
    const demo = JSON.parse(await printed(['lab', 'demo'], 0));
    assert.equal(demo.handshakes.failed, 0);
    assert.ok(demo.handshakes.tried >= 100 && demo.endpoints >= 8, JSON.stringify(demo));
  });
});
