import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runHere } from '../cli/run-here.ts';
import { withOptions } from '../cli/run-program.ts';
import { perform } from '../security/program.ts';
import { isSlow } from '../support/slow.ts';
import { temporaryLab } from '../support/temporary-lab.ts';

/** What became of a file once an hourly run has looked: made anew, put beside, or left to a person. */
type Afterwards = 'anew' | 'stays';

/** Whether it tells of renewals: while one that does is damaged, nobody knows that all of them are in use. */
type Subject = 'renewals' | 'program';

/** Every file that is kept, and what its damage is. */
const stored: readonly (readonly [
  name: string,
  schema: string,
  severity: 'error' | 'warning',
  after: Afterwards,
  subject: Subject,
])[] = [
  ['ledger.json', 'ledger', 'error', 'stays', 'renewals'],
  ['adoption.json', 'adoption', 'error', 'stays', 'program'],
  ['setup.json', 'setup', 'error', 'stays', 'program'],
  ['secrets.json', 'secrets', 'error', 'stays', 'renewals'],
  ['triggers/mail.json', 'trigger', 'error', 'stays', 'program'],
  ['triggers/mail.runs.json', 'trigger-runs', 'warning', 'stays', 'program'],
  [`outbox/${'a'.repeat(32)}.json`, 'message', 'warning', 'stays', 'program'],
  ['watched.json', 'watched', 'warning', 'stays', 'renewals'],
  ['refused.json', 'refused', 'warning', 'stays', 'renewals'],
  ['seen.json', 'seen', 'warning', 'anew', 'renewals'],
  ['looked.json', 'looked', 'warning', 'anew', 'renewals'],
  ['told.json', 'told', 'warning', 'anew', 'program'],
  ['last-error.json', 'error', 'warning', 'anew', 'program'],
];

/** What CertRebind replaces as a whole; of a later version it stops every run. */
const replaced: readonly string[] = ['watched', 'refused', 'seen', 'looked', 'told', 'last-error'];
const stopsRuns = (name: string, how: string) =>
  how === 'of a later schema' && replaced.includes(name.replace('.json', ''));
const severityOf = (name: string, severity: 'error' | 'warning', how: string) =>
  stopsRuns(name, how) ? 'error' : severity;

const put = (text: (schema: string) => string) => (path: string, schema: string) =>
  writeFileSync(path, text(schema), { mode: 0o600 });

const damages: Readonly<Record<string, (path: string, schema: string) => void>> = {
  'cut in half': put((schema) => `{"schema": "certrebind/${schema}/1", "fol`),
  empty: put(() => ''),
  'of another type': put((schema) => `["certrebind/${schema}/1"]`),
  'a document of something else': put(() => '{"schema": "certrebind/plan/1"}'),
  'full of NUL': put(() => '\0'.repeat(512)),
  'one with __proto__': put((schema) => `{"__proto__": {"schema": "certrebind/${schema}/1"}}`),
  'of a later schema': put((schema) => `{"schema": "certrebind/${schema}/7"}`),
  huge: (path) => {
    writeFileSync(path, '', { mode: 0o600 });
    truncateSync(path, 3 * 2 ** 30);
  },
  'a folder': (path) => mkdirSync(path, { mode: 0o700 }),
  'a pipe': (path) => assert.equal(spawnSync('mkfifo', ['-m', '600', path]).status, 0),
};

describe('a stored file that cannot be read', function () {
  this.timeout(60_000);
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  let home: string;
  let folder: string;

  before(async function () {
    if (process.platform === 'win32') this.skip();
    lab = await temporaryLab({ sites: 2 });
    home = join(lab.folder, 'certrebind');
    folder = join(lab.folder, '..', 'brought');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  });
  after(() => lab?.remove());
  beforeEach(async () => {
    await rm(home, { recursive: true, force: true });
    assert.equal((await call('watch', 'add', folder)).exitCode, 0);
  });

  const call = async (...words: readonly string[]) => {
    const { exitCode, stdout } = await runHere(withOptions(words, '--lab', lab.folder, '--json'));
    return { exitCode, stdout, document: JSON.parse(stdout) };
  };
  const start = (...words: readonly string[]) => perform(words, undefined, { CERTREBIND_LAB: lab.folder });
  async function damage(name: string, schema: string, how: keyof typeof damages): Promise<string> {
    const path = join(home, name);
    if (schema === 'trigger-runs')
      assert.equal((await call('trigger', 'add', 'mail', '--on', 'installed', '--', '/bin/true')).exitCode, 0);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    rmSync(path, { recursive: true, force: true });
    (damages[how] ?? assert.fail(how))(path, schema);
    return path;
  }
  const damaged = async (command: string) =>
    (await call(command)).document.findings.filter(({ code }: { code: string }) => code === 'damaged-file');

  // In `npm test` every file meets a third of them.
  for (const [turn, how] of Object.keys(damages).entries())
    for (const [name, schema, severity] of stored.filter((_, at) => isSlow || (at + turn) % 3 === 0))
      it(`${name}, ${how}: is ${severityOf(name, severity, how) === 'error' ? 'an error' : 'a warning'} that names the file`, async () => {
        const path = await damage(name, schema, how);

        const { exitCode, document } = await call('status', '--check');

        assert.equal(exitCode, 9);
        const [found, ...more] = document.findings.filter(({ code }: { code: string }) => code === 'damaged-file');
        assert.ok(found?.title.includes(path), JSON.stringify(document.findings));
        assert.deepEqual([found.severity, more], [severityOf(name, severity, how), []]);
        assert.ok(found.hint.length > 0);
      });

  for (const [at, [name, schema, severity, , subject]] of stored.entries())
    for (const how of Object.keys(damages).filter((_, index) => (index - at) % (isSlow ? 3 : 10) === 0))
      it(`${name}, ${how}: every view names it or goes on`, async () => {
        const path = await damage(name, schema, how);
        const { document } = await call('usage', '--renewed');
        const isUsed = subject === 'program' && !stopsRuns(name, how);
        assert.equal(document.isUsed, isUsed, JSON.stringify(document.open));
        const [found] = await damaged('doctor');
        const worst = severityOf(name, severity, how);
        assert.equal(found?.severity, worst);

        const brief = await runHere(['status', '--brief', '--lab', lab.folder]);
        assert.equal(brief.exitCode, 0);
        assert.ok(brief.stdout.startsWith(worst === 'error' ? 'ERROR' : 'WARNING'), brief.stdout);
        for (const words of [['usage'], ['usage', '--renewed'], ['doctor'], ['watch', 'list'], ['history']]) {
          const { exitCode, stdout } = await call(...words);
          assert.ok([0, 2, 9].includes(exitCode ?? 1), `${words.join(' ')}: ${exitCode}: ${stdout}`);
          if (exitCode === 2) assert.ok(stdout.includes(path), stdout);
        }
        const { exitCode, stdout, stderr } = await start('on-event');
        assert.ok(exitCode === 0 || (exitCode === 2 && stderr.includes(path)), `${exitCode}: ${stdout}${stderr}`);
      });

  for (const [name, schema, , after] of stored.filter(([file]) => file !== 'ledger.json'))
    it(`${name}: what it said is kept beside the next one, or it stays until a person looks`, async () => {
      const path = await damage(name, schema, 'cut in half');
      const text = await readFile(path, 'utf8');

      await start('reconcile');

      if (after === 'stays') {
        assert.equal(await readFile(path, 'utf8'), text);
        assert.equal((await damaged('status')).length, 1);
        return;
      }
      assert.deepEqual(await damaged('status'), []);
      const aside = (await readdir(home)).find((one) => one.startsWith(`${name}.damaged-`)) ?? assert.fail();
      assert.equal(await readFile(join(home, aside), 'utf8'), text);
    });

  const laterOnes = isSlow ? ['ledger', ...replaced] : ['ledger', 'told'];
  for (const [name, schema] of stored.filter(([file]) => laterOnes.includes(file.replace('.json', ''))))
    it(`${name} of a later version: nothing is written, no run starts, and every view says so`, async () => {
      // Nothing listens on port 1, so what is told stays in the outbox.
      const mail = { 'notify.mail.server': '127.0.0.1', 'notify.mail.port': '1' };
      const addresses = { 'notify.mail.from': 'a@example.com', 'notify.mail.to': '["b@example.com"]' };
      const set = await call('config', 'set', ...Object.entries({ ...mail, ...addresses }).flat());
      assert.equal(set.exitCode, 0, set.stdout);
      assert.equal((await call('reconcile')).exitCode, 0);
      const messages = async () => (await readdir(join(home, 'outbox')).catch(() => [])).length;
      const atFirst = await messages();
      const path = await damage(name, schema, 'of a later schema');
      /** Where it can be noted, people are told that no run starts. */
      const noted = ['told.json', 'last-error.json', 'outbox'].filter((file) => file !== name);
      const contents = async () => {
        const found = (await readdir(home, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
        const paths = found
          .map((one) => join(one.parentPath, one.name))
          .filter((one) => !noted.some((file) => one.startsWith(join(home, file))));
        return Promise.all(paths.sort().map(async (one) => [one, await readFile(one, 'latin1')]));
      };
      const before = await contents();

      const refused = [
        ['reconcile', '--hourly'],
        ['reconcile', '--yes'],
        ['on-event'],
        ['retire', '--yes'],
        ['watch', 'now'],
      ];
      for (const words of [...refused, ['import', join(home, 'nothing.pfx'), '--replace', 'auto', '--yes']]) {
        const { exitCode, stdout, stderr } = await start(...words);
        assert.equal(exitCode, 2, `${words.join(' ')}: ${stdout}${stderr}`);
        if (words[0] !== 'import')
          assert.ok(`${stdout}${stderr}`.includes(`${path} was written by`), `${words}: ${stdout}${stderr}`);
      }
      assert.ok((await call('verify')).document.endpoints.length > 0);
      for (const words of [['doctor'], ['status', '--dial']]) {
        const { exitCode, stdout } = await call(...words);
        assert.ok(exitCode === 0 || exitCode === 9, `${words.join(' ')}: ${stdout}`);
      }

      assert.deepEqual(await contents(), before);
      assert.equal((await messages()) - atFirst, name === 'told.json' ? 0 : 1, 'told once, if that can be noted');
      const found = await damaged('status');
      assert.deepEqual(
        found.map(({ message, severity }: { message: string; severity: string }) => [
          message.startsWith(path),
          severity,
        ]),
        [[true, 'error']],
      );
    });

  it('of refused renewals stays a warning after the next refusal, until a person deletes what was kept', async () => {
    await damage('refused.json', 'refused', 'cut in half');
    await call('import', join(home, 'nothing.pfx'), '--replace', 'auto', '--yes');
    const aside = (await readdir(home)).find((one) => one.startsWith('refused.json.damaged-')) ?? assert.fail();

    const [found, ...more] = await damaged('status');

    assert.ok(found?.message.includes(join(home, aside)), JSON.stringify(found));
    assert.deepEqual([found.severity, more], ['warning', []]);
    await rm(join(home, aside));
    assert.deepEqual(await damaged('status'), []);
  });

  it('of what is remembered is made anew of the history for every view: what was undone does not move by itself', async () => {
    const [old] = (await call('usage')).document.certificates.filter(
      ({ consumers }: { consumers: readonly object[] }) => consumers.length > 0,
    );
    const { new: successor } = (await call('lab', 'renew', old.thumbprint, '--no-event')).document;
    const rebound = await call('rebind', '--old', old.thumbprint, '--new', successor, '--yes');
    assert.equal(rebound.exitCode, 0, rebound.stdout);
    assert.equal((await call('undo', '--yes')).exitCode, 0);
    const answers = async () => {
      const { certificates } = (await call('usage', '--renewed')).document;
      return certificates.flatMap(({ places }: { places: readonly { key: string; is: string; by: string }[] }) =>
        places.map(({ key, is, by }) => `${key} ${is} ${by}`),
      );
    };
    const known = await answers();
    assert.ok(
      known.some((one: string) => one.includes(' kept ')),
      known.join('\n'),
    );

    await damage('ledger.json', 'ledger', 'cut in half');
    assert.deepEqual(await answers(), known);
  });

  it('of what is remembered stops every run, so nothing moves by itself, and the reason is said', async () => {
    const [old] = (await call('usage')).document.certificates.filter(
      ({ consumers }: { consumers: readonly object[] }) => consumers.length > 0,
    );
    assert.equal((await call('enable', '--no-proof')).exitCode, 0);
    await call('lab', 'renew', old.thumbprint, '--no-event');
    const ofOld = async () =>
      (await call('usage', '--renewed')).document.certificates
        .flatMap(({ places }: { places: readonly { is: string; by: string; why: string }[] }) => places)
        .filter(({ is }: { is: string }) => is === 'old');
    assert.ok((await ofOld()).some(({ by }: { by: string }) => by === 'itself'));

    const path = await damage('ledger.json', 'ledger', 'of a later schema');

    const places: readonly { by: string; why: string }[] = await ofOld();
    assert.ok(places.length > 0 && places.every(({ by }) => by !== 'itself'), JSON.stringify(places));
    assert.ok(places.some(({ why }) => why.includes(path)));
    assert.equal((await call('reconcile')).exitCode, 2);
    await rm(path);
    assert.equal((await call('disable')).exitCode, 0);
  });
});
