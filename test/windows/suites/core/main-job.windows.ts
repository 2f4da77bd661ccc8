import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Only for a real Windows with IIS (npm run test:windows); no other run of the tests picks it up. Everything is made and
 * taken away by the program itself, and the program proves that; a comparison of its own is made here all the same.
 */
const dist = join(import.meta.dirname, '..', '..', '..', '..', 'dist');
const packaged = join(dist, 'certrebind.exe');
const installed = join(process.env.ProgramW6432 ?? 'C:\\Program Files', 'CertRebind', 'certrebind.exe');
const stateFolder = join(process.env.ProgramData ?? 'C:\\ProgramData', 'CertRebind');

/** A task starts an installed program only, so with the bundle alone that stage is left out, and is said to be. */
const hasExecutable = existsSync(packaged) || existsSync(installed);

// biome-ignore lint/suspicious/noExplicitAny: a story reads whatever the contract says is there
type Document = any;

describe('the main job on this Windows', function () {
  this.timeout(300_000);
  let folder: string;
  const wasInstalled = existsSync(installed);
  const hadState = existsSync(stateFolder);
  before(async () => {
    if (!hasExecutable) console.log('There is no dist/certrebind.exe: the bundle is tested, without the task.');
    if (hasExecutable && !wasInstalled) expectSuccess(spawnSync(packaged, ['install'], { encoding: 'utf8' }));
    folder = await mkdtemp(join(tmpdir(), 'certrebind-windows-'));
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
    if (wasInstalled || !existsSync(installed)) return;
    expectSuccess(spawnSync(packaged, ['uninstall', ...(hadState ? [] : ['--purge'])], { encoding: 'utf8' }));
    assert.equal(existsSync(installed), false, `${installed} is still there`);
  });

  it('is proven by Task Scheduler as SYSTEM, enabled beside whatever is there, and switched off again', function () {
    if (!hasExecutable) this.skip();
    const wasEnabled = json(['status']).document.enabled === true;
    const enabled = json(['enable', '--alongside']);
    assert.equal(enabled.status, 0, JSON.stringify(enabled.document));
    const { document } = json(['status']);
    console.log(JSON.stringify({ proof: document.proof, engine: document.engine }, null, 1));
    assert.equal(document.enabled, true);
    assert.notEqual(document.proof, null);
    const tasks: readonly { readonly name: string }[] = capture('enabled.json').tasks;
    assert.deepEqual(
      tasks.filter(({ name }) => name.startsWith('CertRebind-Proof-')),
      [],
    );
    if (!wasEnabled) assert.equal(json(['disable', '--yes']).status, 0);
  });

  it('goes from the event to the undo on a throw-away site, and leaves everything as it was', () => {
    const before = capture('before.json');
    const { status, document } = json(['rehearse', '--yes']);
    console.log(JSON.stringify(document, null, 1));
    assert.ok(status === 0, 'the document above says what failed');
    const stages: readonly { readonly stage: string; readonly result: string }[] = document.stages;
    for (const stage of ['event', ...(hasExecutable ? ['task'] : []), 'swap', 'undo', 'clean-up']) {
      assert.equal(stages.find((each) => each.stage === stage)?.result, 'done', stage);
    }
    const after = capture('after.json');
    for (const part of ['sites', 'records', 'certificates']) assert.deepEqual(after[part], before[part], part);
  });

  it('measures what a rehearsal needs nothing but Windows for', () => {
    const { document } = json(['rehearse', '--yes']);
    const facts: readonly { readonly name: string; readonly measured: string | null; readonly how: string }[] =
      document.facts;
    const needed = [
      ...['rebind-options', 'netsh-options', 'sni-table-layout', 'archived-bindable', 'late-keys'],
      ...['certificate-hash-case', 'netsh-localised', 'event-writers'],
    ];
    for (const name of needed) {
      const fact = facts.find((each) => each.name === name);
      assert.notEqual(fact?.measured ?? null, null, `${name}: ${fact?.how}`);
    }
  });

  function capture(name: string): Document {
    const file = join(folder, name);
    const { status, stderr } = start(['capture', file]);
    assert.equal(status, 0, stderr);
    return JSON.parse(readFileSync(file, 'utf8'));
  }
});

function json(words: readonly string[]): { readonly status: number | null; readonly document: Document } {
  const { status, stdout, stderr } = start([...words, '--json']);
  assert.notEqual(stdout, '', stderr);
  return { status, document: JSON.parse(stdout) };
}

function expectSuccess({ status, stderr }: { readonly status: number | null; readonly stderr: string }): void {
  assert.equal(status, 0, stderr);
}

function start(words: readonly string[]) {
  const [program, ...first] = hasExecutable ? [installed] : [process.execPath, join(dist, 'certrebind.cjs')];
  return spawnSync(program ?? '', [...first, ...words], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
}
