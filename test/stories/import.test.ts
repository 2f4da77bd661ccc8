import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCertificate } from '../../src/model/certificates/certificate-with-key.ts';
import { run, runJson } from '../cli/run-program.ts';
import { each } from '../support/each.ts';
import { needProgram } from '../support/needed-program.ts';
import { ofAll, ofEach } from '../support/of-each.ts';
import { itQuickly, itSlowly } from '../support/slow.ts';
import { newFolder, temporaryLab } from '../support/temporary-lab.ts';
import { onLab, openWorld, servers } from './lab-world.ts';

const fixtures = join(import.meta.dirname, '../fixtures/pfx');
const successor = 'A6C20B3EAC08A78E420388A5FB4998993EE38887';
const password = 'secret';

/** Found nowhere afterwards. */
const canary = 'kanarienvogel-93c1';

for (const { kind, words } of servers)
  describe(`a certificate in hand: ${kind}`, () => {
    const world = ofEach(() => openWorld(words));
    let old: string;
    beforeEach(() => {
      old = world.certificates[0]?.thumbprint ?? '';
    });

    const bring = async (file: string, line: readonly string[] = [], input = password) => {
      // Their root is nowhere.
      const allowed = line.includes('--replace') ? ['--allow', 'trust-lost'] : [];
      const ended = await world.certrebind(['import', join(fixtures, `${file}.pfx`), ...line, ...allowed, '--json'], {
        input: `${input}\n`,
      });
      return { exitCode: ended.exitCode, document: JSON.parse(ended.stdout) };
    };
    const inStores = async () =>
      (await world.snapshot()).certificates.map(({ thumbprint }: { thumbprint: string }) => thumbprint);

    it('replaces the one that it renews, is served, and is undone', async () => {
      const holding = async (wanted: string) =>
        [...(await world.records()).values()].filter((one) => one === wanted).length;
      const before = await holding(old);
      const { exitCode, document } = await bring('rsa-aes', ['--replace', 'auto']);
      assert.deepEqual(
        [exitCode, document.result, document.counts.changed],
        [0, 'imported', before - 1],
        JSON.stringify(document),
      );
      assert.equal(await holding(successor), before - 1);
      const verified = document.steps.filter(({ state }: { state: string }) => state === 'verified');
      assert.ok(verified.length > 3, JSON.stringify(document.steps.map(({ state }: { state: string }) => state)));

      const again = await bring('rsa-aes', ['--replace', old]);
      assert.deepEqual([again.exitCode, again.document.result], [0, 'nothing-to-do']);
      assert.equal((await world.json(['undo'])).exitCode, 0);
      assert.equal(await holding(old), before);
    });

    itQuickly('finds by itself what it renews', async function () {
      needProgram(this, { program: 'openssl', asked: 'version', untested: 'importing what renews a certificate' });
      const file = join(world.folder, '..', 'renewed.pfx');
      const renewed = await renewedElsewhere(file);
      const { stdout } = await world.certrebind(['import', file, '--replace', 'auto', '--dry-run', '--json'], {
        input: 'x\n',
      });
      const { result, renewals } = JSON.parse(stdout);
      assert.equal(result, 'would-rebind', stdout);
      assert.deepEqual(
        renewals.map((renewal: { old: string; new: string }) => [renewal.old, renewal.new]),
        [[old, renewed]],
      );
    });

    itSlowly('is only put into a store where nothing is to be replaced', async () => {
      const { exitCode, document } = await bring('rsa-3des', ['--store', 'WebHosting']);
      assert.deepEqual([exitCode, document.schema, document.store], [0, 'certrebind/imported/1', 'WebHosting']);
      const { certificates } = await world.snapshot();
      const found = certificates.filter(({ thumbprint }: { thumbprint: string }) => thumbprint === successor);
      assert.deepEqual(each(found, 'store', 'key'), [['WebHosting', 'usable']]);
    });

    itSlowly('that is there with its key is not imported a second time', async () => {
      await bring('rsa-3des');
      const key = join(world.folder, 'keys', `${successor}.key`);
      const { ino, mtimeMs } = await stat(key);
      assert.equal((await bring('rsa-aes')).exitCode, 0);
      const again = await stat(key);
      assert.deepEqual([again.ino, again.mtimeMs], [ino, mtimeMs]);
    });

    itQuickly('comes in PEM files too, whose key needs no password', async () => {
      const bytes = await readFile(join(fixtures, 'rsa-3des.pfx'));
      const { leaf, key, intermediates } = await openCertificate([{ where: 'pfx', bytes }], async () => password);
      const [file, keyFile] = ['pem', 'key'].map((end) => join(world.folder, '..', `shop.${end}`)) as [string, string];
      const pem = (der: Buffer) =>
        `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
      await writeFile(file, [leaf, ...intermediates].map(pem).join(''));
      await writeFile(keyFile, key.export({ format: 'pem', type: 'pkcs1' }));
      const line = ['import', file, '--key', keyFile, '--replace', old, '--allow', 'trust-lost'];
      const { exitCode, document } = await world.json(line);
      assert.deepEqual([exitCode, document.result], [0, 'imported']);
      const alone = await world.json(['import', file]);
      assert.deepEqual([alone.exitCode, alone.document.error.code], [2, 'bad-input']);
    });

    itQuickly('that would replace nothing at all, for its guards, is not brought in', async () => {
      const other = world.certificates[1]?.thumbprint ?? '';
      const { exitCode, document } = await bring('client', ['--replace', other]);
      assert.deepEqual(
        [exitCode, document.result, document.counts.changed, document.dryRun, document.kept],
        [3, 'blocked', 0, false, false],
        JSON.stringify(document),
      );
      assert.ok(!(await inStores()).includes('B3689954459DF56E0A6A794CEC5FE1C08872DEB8'));
    });

    itQuickly('with --dry-run shows what would change, and nothing is written', async () => {
      const { exitCode, document } = await bring('rsa-aes', ['--replace', old, '--dry-run']);
      assert.deepEqual([exitCode, document.result], [0, 'would-rebind']);
      assert.ok(!(await inStores()).includes(successor));
    });

    it('with --notify tells other tools, once it is in its place', async () => {
      const { exitCode } = await bring('rsa-aes', ['--replace', old, '--notify']);
      assert.equal(exitCode, 0);
      const { lifecycle } = await world.snapshot();
      const { old: from, new: to } = lifecycle.events.at(-1);
      assert.deepEqual([from.thumbprint, to.thumbprint], [old, successor]);
    });

    it('leaves its password nowhere, wrong or right', async () => {
      const wrong = await bring('rsa-aes', [], canary);
      assert.deepEqual([wrong.exitCode, wrong.document.error.code], [2, 'bad-input']);
      const right = await bring('canary', [], canary);
      assert.equal(right.exitCode, 0, JSON.stringify(right.document));
      assert.doesNotMatch(JSON.stringify([wrong, right]), new RegExp(canary));
      const found = spawnSync('grep', [
        '-rlaF',
        '-e',
        canary,
        '-e',
        btoa(canary).slice(0, 20),
        join(world.folder, '..'),
      ]);
      assert.equal(found.status, 1, found.stdout.toString());
    });

    itQuickly('replaces none whose key is of another kind, and says why and what to type', async () => {
      const { new: rsa } = await world.lab(['renew', old, '--no-event']);
      assert.equal((await world.json(['reconcile'])).document.result, 'rebound');
      const file = join(world.folder, '..', 'ec.pem');
      const names = (world.certificates[0]?.names ?? []).map((name) => `DNS:${name}`).join();
      const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${file}.key`];
      const of = ['-subj', '/CN=shop.example.com', '-addext', `subjectAltName=${names}`, '-out', file];
      execFileSync('openssl', ['req', '-x509', ...key, ...of], { stdio: 'ignore' });
      const words = ['import', file, '--key', `${file}.key`, '--replace', 'auto', '--yes'];
      const { exitCode, document } = await world.json(words);
      assert.equal(exitCode, 0);
      assert.match(
        document.why,
        /in use for the same names with a key of another kind \(RSA 2048, and this one has EC/,
      );
      const line = `certrebind rebind --old ${rsa} --new ${document.thumbprint}`;
      assert.deepEqual(document.commands, [line]);
      const typed = await world.json(['rebind', '--old', 'auto', '--new', document.thumbprint, '--yes']);
      const [note] = typed.document.notes.filter(({ code }: { code: string }) => code === 'renews-nothing');
      assert.deepEqual([typed.exitCode, typed.document.result, note?.command], [0, 'nothing-to-do', line]);
      assert.match(note?.text, /in use for the same names with a key of another kind/);
      const { stdout } = await world.certrebind([...words, '--dry-run']);
      assert.ok(stdout.includes(`nothing was replaced.\nTo use it instead of that one:\n  ${line}`), stdout);
    });

    itQuickly('has to be named by what it replaces before others are told', async () => {
      const { exitCode, document } = await bring('rsa-aes', ['--notify']);
      assert.deepEqual([exitCode, document.error.where], [2, '--notify']);
    });
  });

/** The file of a certificate that another lab, of the same names, renewed just now; OpenSSL makes it. */
async function renewedElsewhere(file: string): Promise<string> {
  const root = newFolder();
  const lab = join(root, 'lab');
  const created = await runJson(['lab', 'create', lab]);
  const { document } = await runJson(['lab', 'renew', created.document.certificates[0].thumbprint, '--lab', lab]);
  const [leaf, key] = [`${lab}/stores/My/${document.new}.crt`, `${lab}/keys/${document.new}.key`];
  execFileSync('openssl', ['pkcs12', '-export', '-in', leaf, '-inkey', key, '-passout', 'pass:x', '-out', file]);
  return document.new;
}

onLab(servers, 'what a certificate in hand replaces', () => {
  const lab = ofAll(() => temporaryLab({ sites: 1 }));
  const bring = async (file: string, replaced: string) => {
    const words = ['import', join(fixtures, `${file}.pfx`), '--replace', replaced, '--lab', lab.folder, '--json'];
    const { exitCode, stdout } = await run(words, { input: `${password}\n` });
    return { exitCode, document: JSON.parse(stdout) };
  };

  it('names the option whose certificate is not found, or is the same', async () => {
    const errorAt = async (text: string) => {
      const { exitCode, document } = await bring('rsa-aes', text);
      return [exitCode, document.error.code, document.error.where];
    };
    assert.deepEqual(await errorAt('nowhere.example.com'), [2, 'no-such-certificate', '--replace']);
    assert.deepEqual(await errorAt('F'.repeat(40)), [2, 'no-such-certificate', '--replace']);
    assert.deepEqual(await errorAt(successor), [2, 'same-certificate', '--replace']);
    const auto = await bring('client', 'auto');
    assert.deepEqual([auto.exitCode, auto.document.error.where], [2, '--replace']);
  });

  it('imports a first certificate, none of whose names is served here, and replaces nothing', async () => {
    const file = join(lab.folder, 'first.pem');
    const made = ['-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=first.example.edu', '-keyout', `${file}.key`];
    execFileSync('openssl', ['req', '-x509', ...made, '-out', file], { stdio: 'ignore' });
    const words = ['import', file, '--key', `${file}.key`, '--replace', 'auto', '--yes', '--lab', lab.folder, '--json'];
    const { exitCode, stdout } = await run(words, { input: '' });
    const { schema, subject, why, commands, thumbprint } = JSON.parse(stdout);
    assert.deepEqual([exitCode, schema, subject], [0, 'certrebind/imported/1', 'CN=first.example.edu']);
    assert.match(why, /nothing was replaced/);
    assert.deepEqual(commands, [`certrebind rebind --old <certificate> --new ${thumbprint}`]);
    const alone = await run(['import', file, '--key', `${file}.key`, '--yes', '--lab', lab.folder], { input: '' });
    assert.match(alone.stdout, /imported into My .*\nTo use it, .*\n {2}certrebind rebind --old <certificate> --new /);
  });
});
