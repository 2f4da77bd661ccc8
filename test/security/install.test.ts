import assert from 'node:assert/strict';
import { chmod, chown, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dscManifestName, dscManifestText } from '../../src/documents/dsc-manifest.ts';
import { compareVersions, parseInstalled } from '../../src/documents/installation.ts';
import type { Finding } from '../../src/documents/status.ts';
import type { RunningProgram } from '../../src/shell/running-program.ts';
import { version } from '../../src/shell/version.ts';
import { typedError } from '../support/only-typed-errors.ts';
import { startingProofs } from '../support/starting-proofs.ts';
import { temporaryLab } from '../support/temporary-lab.ts';
import { perform } from './program.ts';

const someone = 65534;
const isRoot = process.getuid?.() === 0;
/** Only root can give a file away; whoever else runs the tests sees these skipped. */
const byRoot = 'by root';

describe('install: the program lies where only administrators can change it', () => {
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  let running: RunningProgram;
  let place: string;
  /** The name that stays, and the file that tasks start. */
  let target: string;
  let started: string;
  let moduleRoot: string;

  beforeEach(async () => {
    lab = await temporaryLab({ sites: 1 });
    const downloads = join(lab.folder, 'downloads');
    await mkdir(downloads);
    running = { file: join(downloads, 'certrebind-0.1.0'), packaged: true };
    await writeFile(running.file, 'program 1', { mode: 0o755 });
    place = join(lab.folder, 'Program Files', 'CertRebind');
    target = join(place, 'certrebind');
    started = join(place, version, 'certrebind');
    moduleRoot = join(lab.folder, 'Program Files', 'WindowsPowerShell', 'Modules');
  });
  afterEach(() => lab.remove());

  const call = (...words: string[]) => perform([...words, '--lab', lab.folder, '--json'], running);
  const taskCommands = async () => {
    const tasks = join(lab.folder, 'tasks');
    const names = await readdir(tasks, { recursive: true }).catch(() => []);
    const texts = await Promise.all(
      names.filter((name) => name.endsWith('.xml')).map((name) => readFile(join(tasks, name))),
    );
    return texts.map((bytes) => {
      const text = bytes.includes(0) ? bytes.toString('utf16le') : bytes.toString('utf8');
      return /<Command>(.*?)<\/Command>/.exec(text)?.[1];
    });
  };

  it('enable copies the packaged program, and no task starts it from elsewhere', async () => {
    const { exitCode, document } = await call('enable', '--no-proof');
    assert.equal(exitCode, 0, JSON.stringify(document));
    for (const program of [target, started]) {
      assert.equal(await readFile(program, 'utf8'), 'program 1');
      assert.notEqual((await stat(program)).mode & 0o100, 0, 'it can be started');
    }
    const commands = await taskCommands();
    assert.ok(commands.length >= 2);
    for (const command of commands) assert.equal(command?.replaceAll('"', ''), started);
  });

  it('installing twice writes nothing the second time', async () => {
    const first = await call('install');
    assert.deepEqual(first.document.changed, [
      `${version}/certrebind-adapter.ps1`,
      `${version}/certrebind`,
      'certrebind',
      dscManifestName,
      ...['CertRebind', 'CertRebindDsc'].map((name) => join(moduleRoot, name, version)),
    ]);
    const before = await stat(join(place, 'installed.json'));
    const second = await call('install');
    assert.deepEqual(second.document.changed, []);
    assert.equal((await stat(join(place, 'installed.json'))).mtimeMs, before.mtimeMs);
  });

  for (const command of ['install', 'enable'] as const) {
    it(`${command} brings what DSC finds the program by, and uninstall takes it away`, async () => {
      const { document } = await call(command, '--no-proof');
      const manifest = join(place, dscManifestName);
      if (command === 'install') assert.deepEqual(document.dscManifest, { file: manifest, needsPath: true });
      assert.equal(await readFile(manifest, 'utf8'), dscManifestText(version));
      assert.ok((await call('uninstall')).document.removed.includes(dscManifestName));
      assert.equal(await lstat(place).catch(() => null), null);
    });
  }

  it('says what has to be in the path for DSC, and which file it then finds', async () => {
    const { stdout } = await perform(['install', '--lab', lab.folder], running);
    assert.ok(stdout.includes(join(place, dscManifestName)), stdout);
    assert.ok(stdout.includes(`$env:PATH += ';${place}'`), stdout);
  });

  for (const command of ['install', 'enable'] as const) {
    it(`${command} refuses to go back to an older version without --downgrade`, async () => {
      await call('install');
      const list = join(place, 'installed.json');
      await writeFile(list, (await readFile(list, 'utf8')).replace(/"version": "[^"]*"/, '"version": "99.0.0"'));
      await writeFile(running.file, 'program 0');
      const { exitCode, document } = await call(command, '--no-proof');
      assert.deepEqual([exitCode, document.error.code], [3, 'newer-installed']);
      assert.equal(await readFile(target, 'utf8'), 'program 1');
      assert.equal((await call(command, '--downgrade', '--no-proof')).exitCode, 0);
      assert.equal(await readFile(target, 'utf8'), 'program 0');
    });
  }

  const unsafePlaces: readonly (readonly [string, () => Promise<void>, typeof byRoot?])[] = [
    ['the folder can be written by everybody', () => chmod(place, 0o777)],
    ['the folder can be written by its group', () => chmod(place, 0o775)],
    ['a parent folder can be written by everybody', () => chmod(join(place, '..'), 0o777)],
    ['the server can be written by everybody', () => chmod(lab.folder, 0o777)],
    ['the program can be written by everybody', () => chmod(target, 0o777)],
    ['the program that tasks start can be written by everybody', () => chmod(started, 0o777)],
    ['the folder of the version can be written by everybody', () => chmod(join(started, '..'), 0o777)],
    [
      'the adapter script can be written by everybody',
      () => chmod(join(started, '..', 'certrebind-adapter.ps1'), 0o666),
    ],
    ['the manifest for DSC can be written by everybody', () => chmod(join(place, dscManifestName), 0o666)],
    [
      'the folder is a link into a folder of others',
      async () => {
        const elsewhere = join(lab.folder, 'elsewhere');
        await rename(place, elsewhere);
        await chmod(elsewhere, 0o777);
        await symlink(elsewhere, place);
      },
    ],
    ['the folder belongs to another', () => chown(place, someone, someone), byRoot],
    ['the program belongs to another', () => chown(target, someone, someone), byRoot],
  ];
  for (const [what, make, needs] of unsafePlaces) {
    it(`refuses, and repairs nothing: ${what}`, async function () {
      if (needs === byRoot && !isRoot) this.skip();
      await call('install');
      await make();
      await writeFile(running.file, 'program 2');
      const before = await lstat(place);
      for (const command of ['install', 'enable']) {
        const { exitCode, document } = await call(command);
        assert.deepEqual([exitCode, document.error?.code], [7, 'unsafe-folder'], command);
      }
      assert.deepEqual(await taskCommands(), [], 'a task was registered');
      assert.equal((await lstat(place)).mode, before.mode, 'the rights were changed');
      assert.equal(await readFile(target, 'utf8'), 'program 1');
    });
  }

  describe('what is copied came from where others can write', () => {
    it('enable warns, and so does a set of DSC', async () => {
      await chmod(join(running.file, '..'), 0o777);
      const { stdout } = await perform(['enable', '--no-proof', '--lab', lab.folder], running);
      assert.match(stdout, /could change the files before they were installed: .*downloads can be written by everyone/);
      await call('disable');
      const servers = startingProofs(running);
      const { stderr } = await perform(['dsc', 'set', '--input', '{}', '--lab', lab.folder], running, {}, servers);
      assert.match(
        stderr,
        /^\{"warn":"Accounts other than administrators could change the files .*downloads can be written/m,
      );
    });
  });

  it('status finds a changed program, another version and a task that starts something else', async () => {
    await call('enable', '--no-proof');
    const findings = async () =>
      (await call('status')).document.findings.map(({ code }: { code: string }) => code).sort();
    assert.deepEqual(await findings(), ['proof-missing']);
    await rm(target);
    await writeFile(target, 'malice', { mode: 0o755 });
    assert.deepEqual(await findings(), ['proof-missing', 'unsafe-path']);
    await call('install', '--no-proof');
    const list = join(place, 'installed.json');
    await writeFile(list, (await readFile(list, 'utf8')).replace(/"version": "[^"]*"/, '"version": "99.0.0"'));
    assert.deepEqual(await findings(), ['proof-missing', 'version-drift']);
    const other = join(lab.folder, 'downloads', 'other');
    await writeFile(other, 'program 3');
    await perform(['enable', '--no-proof', '--lab', lab.folder, '--json'], { file: other, packaged: false });
    assert.deepEqual(await findings(), ['proof-missing', 'task-changed', 'version-drift']);
  });

  it('another version is over once the later one is installed, as its finding says, or the earlier one again', async () => {
    await call('enable', '--no-proof');
    const list = join(place, 'installed.json');
    for (const [version, advice, ...options] of [
      ['0.0.1', 'certrebind install'],
      ['99.0.0', `start ${target}.`, '--downgrade'],
    ] as const) {
      await writeFile(list, (await readFile(list, 'utf8')).replace(/"version": "[^"]*"/, `"version": "${version}"`));
      const drift = (await call('status')).document.findings.find((one: Finding) => one.code === 'version-drift');
      assert.ok([drift.hint, ...drift.commands].some((said: string) => said.endsWith(advice)));
      assert.equal((await call('install', '--no-proof', ...options)).exitCode, 0);
      const { findings } = (await call('status')).document;
      assert.equal(
        findings.some((one: Finding) => one.code === 'version-drift'),
        false,
      );
    }
  });

  it('uninstall removes the tasks and its own files, and names what it leaves', async () => {
    await call('enable', '--no-proof');
    await writeFile(join(place, 'notes.txt'), 'of somebody');
    await writeFile(join(lab.folder, 'certrebind', 'config.json'), '{}');
    const { exitCode, document } = await call('uninstall');
    assert.equal(exitCode, 0);
    assert.deepEqual(document.left, ['notes.txt']);
    assert.deepEqual(await readdir(place), ['notes.txt']);
    assert.deepEqual(await taskCommands(), []);
    assert.equal(document.state, join(lab.folder, 'certrebind'));
    await call('uninstall', '--purge');
    assert.equal(await lstat(join(lab.folder, 'certrebind')).catch(() => null), null);
  });

  for (const name of ['../evil', '/etc/passwd', 'a/../../b', 'C:\\x', '.hidden', 'a//b', 'a b']) {
    it(`a list of installed files cannot name ${JSON.stringify(name)}`, () => {
      const list = {
        schema: 'certrebind/installed/1',
        version: '1.0.0',
        at: '2026-06-01T12:00:00.000Z',
        files: [{ name, sha256: '0'.repeat(64) }],
      };
      assert.equal(typedError(() => parseInstalled(JSON.stringify(list), 'list')).code, 'bad-document');
    });
  }

  it('orders versions by number and pre-release', () => {
    const long = [`0.10.0-2${'0'.repeat(20)}`, `0.10.0-1${'0'.repeat(21)}`];
    const ascending = [
      'nonsense',
      '0.9.0',
      '0.10.0-1',
      ...long,
      '0.10.0-rc.2',
      '0.10.0-rc.10',
      '0.10.0',
      '1.0.0',
      '10.0.0',
    ];
    for (const [at, low] of ascending.entries())
      for (const [other, high] of ascending.entries())
        assert.equal(Math.sign(compareVersions(low, high)), Math.sign(at - other), `${low} ${high}`);
  });
});
