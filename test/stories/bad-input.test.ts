import assert from 'node:assert/strict';
import { chmod, chown, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { planDigest } from '../../src/documents/runs/seal-plan.ts';
import { jsonHere, runHere } from '../cli/run-here.ts';
import { run, runJson } from '../cli/run-program.ts';
import { findEngine } from '../engine.ts';
import { newFolder } from '../support/temporary-lab.ts';

const nobody = 65534;
const someThumbprint = 'A'.repeat(40);

describe('bad input: a clear error, exit 2, nothing touched', () => {
  const root = newFolder();
  let lab: string;
  let old: string;
  let successor: string;

  before(async () => {
    lab = join(root, 'lab');
    const created = await runJson(['lab', 'create', lab]);
    old = created.document.certificates[0].thumbprint;
    successor = (await runJson(['lab', 'renew', old, '--lab', lab])).document.new;
  });

  /** Changes that the lab was asked for, read where nobody else is asked. */
  async function counters(): Promise<number> {
    return JSON.parse(await readFile(join(lab, 'lab.json'), 'utf8')).server.counters.writes;
  }

  /** Every case ends like this; the message must say what `says` says. */
  async function refused(words: readonly string[], code: string, says: RegExp): Promise<void> {
    const before = await counters();
    const { exitCode, document } = await jsonHere([...words, '--lab', lab]);
    assert.equal(exitCode, 2, JSON.stringify(document));
    assert.equal(document.schema, 'certrebind/error/1');
    assert.equal(document.exitCode, 2);
    assert.equal(document.error.code, code);
    assert.match(document.error.message, says);
    assert.equal(await counters(), before, 'the server was changed');
    assert.ok(!(await readdir(lab)).includes('certrebind'), 'the state folder was made');
    const forPeople = await runHere([...words, '--lab', lab]);
    assert.equal(forPeople.exitCode, 2);
    assert.equal(forPeople.stdout, '');
    assert.match(forPeople.stderr, new RegExp(`^certrebind: ${code}: `));
    assert.doesNotMatch(forPeople.stderr, /\n {4}at /, 'a stack trace');
  }

  for (const [what, written, code, says] of [
    ['too short', 'ABCDEF', 'no-such-certificate', /begins with ABCDEF/],
    ['too long', 'A'.repeat(41), 'bad-thumbprint', /41 hexadecimal digits/],
    ['with a strange letter', `${'A'.repeat(39)}G`, 'no-such-certificate', /covers "A+G"/],
  ] as const)
    it(`a thumbprint ${what}`, () => refused(['rebind', '--old', written, '--new', someThumbprint], code, says));

  it('a thumbprint empty', () =>
    refused(['rebind', '--old', someThumbprint, '--new', ' '], 'bad-thumbprint', /is not a certificate thumbprint/));

  it('old and new the same without --reapply', () =>
    refused(['rebind', '--old', old, '--new', old.toLowerCase()], 'same-certificate', /both/));

  it('a certificate to replace that is not on this server', () =>
    refused(['plan', '--old', '0'.repeat(40), '--new', successor], 'no-such-certificate', /no certificate 0{40}/));

  it('--old without --new', () => refused(['plan', '--old', old], 'usage', /--new is missing/));

  it('a code that is none', async () => {
    await refused(['explain', 'name-lost'], 'no-such-code', /"name-lost"\. Did you mean names-lost\?$/);
    await refused(['dismiss', 'name-lost'], 'no-such-finding', /, and no certificate of that name\. Did you mean /);
    await refused(['dismiss', 'name-lost', '--all'], 'no-such-finding', /Only a finding has a place, --all and --undo/);
  });

  it('an event that the log does not have', () => refused(['plan', '--record', '4711'], 'no-such-event', /4711/));

  describe('a plan', () => {
    let text: string;
    const file = () => join(root, 'plan.json');
    before(async () => {
      await runHere(['plan', '--old', old, '--new', successor, '--out', file(), '--lab', lab]);
      text = await readFile(file(), 'utf8');
    });
    const applying = async (changed: string, code: string, says: RegExp) => {
      await writeFile(file(), changed);
      await refused(['apply', file()], code, says);
    };

    it('truncated', () => applying(text.slice(0, text.length / 2), 'bad-document', /is not JSON/));
    it('that is no plan', () => applying('{"schema":"certrebind/ledger/1"}', 'bad-document', /not a plan/));
    it('of a later schema', () =>
      applying(text.replace('certrebind/plan/1', 'certrebind/plan/3'), 'other-version', /3/));
    it('edited', () => applying(text.replaceAll('shop.example.com', 'evil.example.com'), 'plan-edited', /digest/));
    it('for another server', () => {
      const plan = JSON.parse(text);
      const other = { ...plan, server: { ...plan.server, id: 'another' } };
      return applying(JSON.stringify({ ...other, digest: planDigest(other) }), 'other-server', /another identity/);
    });
    it('that is not there', () => refused(['apply', join(root, 'no.json')], 'no-such-file', /no such file/));
  });

  describe('XML', () => {
    const creating = async (xml: string | Buffer, says: RegExp) => {
      const file = join(root, 'applicationHost.config');
      await writeFile(file, xml);
      const { exitCode, document } = await jsonHere(['lab', 'create', join(root, 'other'), '--from', file]);
      assert.equal(exitCode, 2, JSON.stringify(document));
      assert.equal(document.error.code, 'bad-xml');
      assert.match(document.error.message, says);
      await assert.rejects(readdir(join(root, 'other')), 'a folder was made');
    };
    it('malformed', () => creating('<configuration><system.applicationHost></configuration>', /./));
    it('with a DTD', () =>
      creating('<!DOCTYPE a [<!ENTITY b "c">]><configuration>&b;</configuration>', /DTD|document type/i));
    it('huge', () => creating(Buffer.alloc(51 * 1024 * 1024, ' '), /larger than 20 MB/));
  });

  for (const [what, configuration, says] of [
    ['with an unknown key', '{ "gaurds": {} }', /guards/],
    ['with an unknown guard', '{ "guards": { "names-lots": "off" } }', /names-lost/],
    ['with a wrong type', '{ "keepRuns": "many" }', /keepRuns/],
    ['that is no JSON', '{ keepRuns', /is not JSON/],
  ] as const)
    it(`a configuration ${what}`, async () => {
      const file = join(root, 'config.json');
      await writeFile(file, configuration);
      for (const words of [
        ['config', 'check', file],
        ['plan', '--config', file],
      ])
        await refused(words, 'bad-configuration', says);
    });

  it('a configuration that was named and is not there', () =>
    refused(['plan', '--config', join(root, 'no-config.json')], 'no-such-file', /no such file/));

  it('a folder that is no lab', async () => {
    for (const folder of [root, join(root, 'nowhere')]) {
      const { exitCode, document } = await jsonHere(['status', '--lab', folder]);
      assert.deepEqual([exitCode, document.error.code], [2, 'not-a-lab']);
    }
  });

  it('a capture that is none', async () => {
    const file = join(root, 'capture.json');
    await writeFile(file, '{"schema":"certrebind/snapshot/1"}');
    const { exitCode, document } = await jsonHere(['plan', '--replay', file]);
    assert.deepEqual([exitCode, document.error.code], [2, 'bad-document']);
  });

  describe('words after on-event', () => {
    const refuse = (words: readonly string[]) => run(['on-event', ...words], { env: { CERTREBIND_LAB: lab } });
    const forget = () => rm(join(lab, 'certrebind'), { recursive: true, force: true });
    before(async () => {
      // The first entry of the Application log registers its source, which is a change of its own.
      await refuse(['now']);
      await forget();
    });

    for (const words of [
      ['--record', '5', 'more'],
      ['--record', '5', '--json'],
      ['--record', '-1'],
      ['--record', '5; rm -rf /'],
      ['--record=5'],
      ['--lab', '/elsewhere'],
      ['now'],
    ])
      it(words.join(' '), async () => {
        const before = await counters();
        const { exitCode, stdout, stderr } = await refuse(words);
        assert.equal(exitCode, 2);
        assert.equal(stdout, '');
        assert.match(stderr, /on-event accepts only --record <number>/);
        assert.equal(await counters(), before + 1, 'more was changed than the Application log');
        // What nobody sees happen is left for status and the Application log to tell.
        const { document } = await jsonHere(['status', '--lab', lab]);
        assert.equal(document.lastError.error.code, 'usage');
        await forget();
      });
  });

  describe('a folder that cannot be written', () => {
    // Only root can become somebody else, and to root no folder is read-only.
    const rootOnly = process.getuid?.() === 0 ? it : it.skip;
    let readOnly: string;
    before(async () => {
      await chmod(root, 0o755);
      readOnly = join(root, 'read-only');
      await mkdir(readOnly, { mode: 0o755 });
    });

    rootOnly('as the target of capture', async () => {
      const file = join(root, 'server.json');
      await runJson(['capture', file, '--lab', lab]);
      await chmod(file, 0o644);
      const line = ['capture', join(readOnly, 'x.json'), '--replay', file];
      const { exitCode, document } = await runJson(line, { uid: nobody });
      assert.equal(exitCode, 2, JSON.stringify(document));
      assert.equal(document.error.code, 'not-writable');
    });

    rootOnly('as the place of a lab', async () => {
      const { exitCode, document } = await runJson(['lab', 'create', join(readOnly, 'lab')], { uid: nobody });
      assert.equal(exitCode, 2, JSON.stringify(document));
      assert.equal(document.error.code, 'not-writable');
      assert.deepEqual(await readdir(readOnly), []);
    });

    rootOnly('as the state folder: refused before anything is changed', async () => {
      const theirs = join(root, 'theirs');
      const created = await runJson(['lab', 'create', theirs]);
      const [{ thumbprint }] = created.document.certificates;
      const renewed = await runJson(['lab', 'renew', thumbprint, '--lab', theirs]);
      await give(theirs);
      const line = ['rebind', '--old', thumbprint, '--new', renewed.document.new, '--lab', theirs];
      const { exitCode, document } = await runJson([...line, '--state', join(readOnly, 'state')], {
        uid: nobody,
        // Nobody may look into the home of root.
        env: { HOME: theirs, CERTREBIND_TEST_PWSH: findEngine() ?? '' },
      });
      assert.equal(exitCode, 2, JSON.stringify(document));
      assert.equal(document.error.code, 'not-writable');
      const { document: plan } = await runJson(['plan', '--lab', theirs]);
      assert.ok(plan.steps.length > 0, 'something was swapped although nothing could be journaled');
    });
  });

  async function give(folder: string): Promise<void> {
    await chown(folder, nobody, nobody);
    for (const entry of await readdir(folder, { recursive: true })) await chown(join(folder, entry), nobody, nobody);
  }
});
