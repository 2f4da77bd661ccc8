import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import configurationSchema from '../../../schemas/configuration.json' with { type: 'json' };
import { parseConfiguration } from '../../../src/documents/configuration.ts';
import { labAround } from '../../../src/lab/servers/lab.ts';
import { type Performed, perform } from '../../security/program.ts';
import { temporaryLab } from '../../support/temporary-lab.ts';

describe('config', () => {
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  let inForce: string;
  let given: string;
  beforeEach(async () => {
    lab = await temporaryLab({ sites: 1 });
    inForce = join(lab.folder, 'certrebind', 'config.json');
    given = join(lab.folder, 'given.json');
  });
  afterEach(() => lab.remove());

  const call = (...words: string[]) => perform(['config', ...words, '--lab', lab.folder, '--json'], undefined);
  const text = async (...words: string[]) =>
    (await perform(['config', ...words, '--lab', lab.folder], undefined)).stdout;
  const written = async () => JSON.parse(await readFile(inForce, 'utf8'));
  const refused = ({ exitCode, document }: Performed) => [exitCode, document.error?.code];

  it('show has the defaults where there is no file, and what is written where there is one', async () => {
    assert.deepEqual((await call('show')).document, parseConfiguration('{}', 'nothing'));
    assert.match(await text('show'), /^From .*config\.json, where it exists:\n\{\n {2}"/);
    await call('set', 'undo', 'run');
    assert.equal((await call('show')).document.undo, 'run');
  });

  it('unset takes one setting out, and refuses what is none', async () => {
    await call('set', 'undo', 'run');
    assert.deepEqual(refused(await call('unset', 'holders.ftp')), [2, 'usage']);
    assert.deepEqual(refused(await call('unset', '../undo')), [2, 'usage']);
    assert.equal((await call('unset', 'undo')).document.undo, 'step');
  });

  it('set says which certificates are expected to be renewed after the days that it sets', async () => {
    const said = async (...words: string[]) =>
      (await perform(['config', 'set', ...words, '--lab', lab.folder], undefined)).stderr;
    const warned =
      /^certrebind: You are warned 90 days before the end of .*, expected to be renewed 73 days before it\. If the warning is too early/;
    assert.match(await said('deadline.days', '90'), warned);
    assert.equal(await said('keepRuns', '40'), '');
    await writeFile(given, '{"deadline":{"days":90}}');
    assert.match(await said(given), warned);
    assert.equal(await said('deadline.days', '30'), '');
  });

  it('says which other sites an exclusion holds as well', async () => {
    const full = await temporaryLab();
    try {
      const said = async (...words: string[]) =>
        (await perform(['config', ...words, '--lab', full.folder], undefined)).stderr;
      assert.match(
        await said('add', 'exclude.sites', 'Intranet'),
        /^certrebind: exclude\.sites Intranet holds Default Web Site, Wiki as well, which share 0\.0\.0\.0:443 with it\. /,
      );
      assert.equal(await said('add', 'exclude.sites', 'Default Web Site', 'Wiki'), '');
    } finally {
      await full.remove();
    }
  });

  it('set puts one setting or a whole file in force, for the owner alone, and says so', async () => {
    assert.equal((await call('set', 'undo', 'run')).document.undo, 'run');
    assert.deepEqual(await written(), { schema: 'certrebind/configuration/1', undo: 'run' });
    assert.equal((await stat(inForce)).mode & 0o077, 0);
    await writeFile(given, '{"exclude":{"sites":["Shop"]}}');
    const said = await text('set', given);
    assert.equal(
      said,
      `${inForce} was changed:
  exclude.sites: [] → ["Shop"]
  undo: "run" → "step"
All settings: certrebind config show
`,
    );
    assert.match(await text('set', given), /config\.json: nothing was to be changed\.\n/);
    assert.equal(await readFile(inForce, 'utf8'), '{"exclude":{"sites":["Shop"]}}');
  });

  it('set takes several settings that are valid only together, and nothing where one has no value', async () => {
    assert.deepEqual(refused(await call('set', 'window.from', '22:00')), [2, 'usage']);
    assert.deepEqual(refused(await call('set', 'window.from', '22:00', 'window.to')), [2, 'usage']);
    assert.equal(existsSync(inForce), false);
    await call('set', 'window.from', '22:00', 'window.to', '04:00', 'undo', 'run');
    assert.deepEqual(await written(), {
      schema: 'certrebind/configuration/1',
      window: { from: '22:00', to: '04:00' },
      undo: 'run',
    });
  });

  it('notify mail sets up mail without JSON, and leaves the rest as it is', async () => {
    const mailing = (to: string) =>
      performed(['notify', 'mail', 'mail.example.com', '--from', 'a@example.com', '--to', to]);
    const performed = (words: readonly string[]) => perform([...words, '--lab', lab.folder, '--json'], undefined);
    await call('set', 'undo', 'run');
    assert.equal((await mailing('b@example.com, c@example.com')).exitCode, 0);
    await call('set', 'notify.mail.security', 'none');
    await mailing('b@example.com');
    const { undo, notify } = await written();
    const mail = { server: 'mail.example.com', from: 'a@example.com', to: ['b@example.com'], security: 'none' };
    assert.deepEqual([undo, notify], ['run', { mail }]);
    assert.deepEqual(refused(await mailing('nobody')), [2, 'bad-configuration']);
    assert.deepEqual((await written()).notify, { mail });
  });

  it('set says of a kind that is switched on, by itself or in a file, that nobody has seen it on a real Windows', async () => {
    const said = async (...words: string[]) =>
      (await perform(['config', 'set', ...words, '--lab', lab.folder], undefined)).stderr;
    assert.match(await said('holders.sql.policy', 'replace'), /Nobody has seen .* SQL Server on a real Windows yet\./);
    assert.equal(await said('holders.sql.policy', 'report'), '');
    assert.equal(await said('undo', 'run'), '');
    await writeFile(given, '{"holders":{"ftp":{"policy":"replace"}}}');
    assert.match(await said(given), /FTP sites.* on a real Windows/);
  });

  it('set says what is still missing for a service that is restarted, until nothing is', async () => {
    const said = async (...words: string[]) =>
      (await perform(['config', 'set', ...words, '--lab', lab.folder], undefined)).stderr.replace(
        /.*real Windows.*\n/,
        '',
      );
    const missing = (settings: string) =>
      `certrebind: CertRebind does not change SQL Server yet, because a setting is missing. To complete the settings:\n  certrebind config set ${settings}\n`;
    assert.equal(await said('holders.sql', 'replace'), missing('holders.sql.restart window window 22:00-04:00'));
    assert.equal(await said('undo', 'run'), '');
    assert.equal(await said('holders.sql.restart', 'window'), missing('window 22:00-04:00'));
    assert.equal(await said('holders.sql', 'report'), missing('holders.sql replace window 22:00-04:00'));
    assert.equal(await said('window', '22:00-04:00'), missing('holders.sql replace'));
    assert.equal(await said('holders.sql', 'replace', 'holders.sql.restart', 'window', 'window', '23:00-04:00'), '');
    const { holders, window } = await written();
    assert.deepEqual([holders.sql, window.from], [{ policy: 'replace', restart: 'window' }, '23:00']);
    assert.equal(await said('holders.ftp', 'replace'), '');
  });

  it('remove takes texts out of a list, and refuses what is not there', async () => {
    await call('add', 'exclude.sites', 'Shop', 'Blog', 'Intranet');
    await call('remove', 'exclude.sites', 'shop', 'Blog');
    assert.deepEqual((await call('show')).document.exclude.sites, ['Intranet']);
    assert.deepEqual(refused(await call('remove', 'exclude.sites', 'Intranat')), [2, 'usage']);
    assert.deepEqual((await call('show')).document.exclude.sites, ['Intranet']);
  });

  it('set makes no state folder for a file that lies elsewhere', async () => {
    assert.equal((await call('set', 'undo', 'run', '--config', given)).exitCode, 0);
    assert.equal(JSON.parse(await readFile(given, 'utf8')).undo, 'run');
    assert.equal(existsSync(join(lab.folder, 'certrebind')), false);
  });

  it('set leaves what is in force where the file is not valid, and names that file', async () => {
    await call('set', 'undo', 'run');
    await writeFile(given, '{"undo":"perhaps"}');
    assert.deepEqual(refused(await call('set', given)), [2, 'bad-configuration']);
    assert.match((await call('set', given)).document.error.message, /given\.json/);
    assert.equal((await written()).undo, 'run');
  });

  it('add adds to a list, and refuses where it adds to none', async () => {
    for (const site of ['Shop', 'Blog']) await call('add', 'exclude.sites', site);
    assert.deepEqual((await call('show')).document.exclude.sites, ['Shop', 'Blog']);
    assert.equal((await call('add', 'undo', 'run')).exitCode, 2);
  });

  it('add and remove take texts that begin with a hyphen after --, and want one text at least', async () => {
    const withRest = (command: string, ...words: string[]) =>
      perform(['config', command, 'exclude.sites', '--lab', lab.folder, '--json', ...words], undefined);
    await withRest('add', 'Shop', '--', '--all', '-x');
    assert.deepEqual((await written()).exclude.sites, ['Shop', '--all', '-x']);
    await withRest('remove', '--', '-x');
    assert.deepEqual((await written()).exclude.sites, ['Shop', '--all']);
    for (const words of [[], ['--all'], ['--']])
      assert.deepEqual(refused(await withRest('add', ...words)), [2, 'usage']);
    assert.deepEqual((await written()).exclude.sites, ['Shop', '--all']);
  });

  it('add and set take what is given as a text, whatever it looks like', async () => {
    await call('add', 'exclude.sites', '007');
    assert.deepEqual((await written()).exclude.sites, ['007']);
    const { exitCode, document } = await call('set', 'exclude.sites', '0x10');
    assert.equal(exitCode, 2);
    assert.match(document.error.message, /"0x10" is not a JSON list/);
  });

  it('set says that there is no such file, and nothing to set where nothing is remembered', async () => {
    const { document } = await call('set', join(lab.folder, 'nowhere.json'));
    assert.match(document.error.message, /nowhere\.json cannot be read: there is no such file or folder\.$/);
    const source = labAround();
    const ended = await perform(
      ['config', 'set', 'undo', 'run', '--lab', lab.folder, '--json'],
      undefined,
      {},
      {
        ...source,
        open: async (choice, env) => ({ ...(await source.open(choice, env)), home: null }),
      },
    );
    assert.deepEqual(refused(ended), [7, 'read-only-server']);
    assert.equal(ended.document.error.message, 'A captured server has no configuration to set.');
  });

  it('check says whether a file is valid, and puts nothing in force', async () => {
    await writeFile(given, '{"undo":"run"}');
    const said = await text('check', given);
    assert.ok(said.startsWith(`${given} is valid. With the defaults:\n{`), said);
    await writeFile(given, '{');
    assert.deepEqual(refused(await call('check', given)), [2, 'bad-configuration']);
    assert.equal(existsSync(inForce), false);
  });

  it('schema prints the schema, for people as for programs', async () => {
    assert.deepEqual((await call('schema')).document, configurationSchema);
    assert.deepEqual(JSON.parse(await text('schema')), configurationSchema);
  });

  for (const words of [['set'], ['add', 'exclude.sites'], ['check']])
    it(`${words.join(' ')} asks for what is missing`, async () => {
      const { exitCode, document } = await call(...words);
      assert.deepEqual([exitCode, document.error.code], [2, 'usage']);
    });
});
