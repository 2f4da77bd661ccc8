import assert from 'node:assert/strict';
import { chmod, lstat, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { dscManifestName } from '../../../src/documents/dsc-manifest.ts';
import { openLab } from '../../../src/lab/host/channel.ts';
import type { LabState } from '../../../src/lab/kernel/lab-state.ts';
import type { RunningProgram } from '../../../src/shell/running-program.ts';
import { version } from '../../../src/shell/version.ts';
import { perform } from '../../security/program.ts';
import { temporaryLab } from '../../support/temporary-lab.ts';

const productKey = 'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\CertRebind';

describe('where install puts things besides the program', () => {
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  let running: RunningProgram;
  let programs: string;
  let place: string;
  let windows: string;
  let seven: string;

  beforeEach(async () => {
    lab = await temporaryLab({ sites: 1 });
    await mkdir(join(lab.folder, 'downloads'));
    running = { file: join(lab.folder, 'downloads', 'certrebind'), packaged: true };
    await writeFile(running.file, 'program 1'.padEnd(2049), { mode: 0o755 });
    programs = join(lab.folder, 'Program Files');
    place = join(programs, 'CertRebind');
    windows = join(programs, 'WindowsPowerShell', 'Modules');
    seven = join(programs, 'PowerShell', 'Modules');
  });
  afterEach(() => lab.remove());

  const call = async (...words: string[]) => {
    const { exitCode, document } = await perform([...words, '--lab', lab.folder, '--json'], running);
    assert.equal(exitCode, 0, JSON.stringify(document));
    return document;
  };
  const filesBelow = async (folder: string) =>
    (await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []))
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort();
  const labState = async (): Promise<LabState> => {
    const channel = await openLab(lab.folder);
    try {
      const { result } = await channel.send({ kind: 'read' });
      assert.ok(result.kind === 'state');
      return result.state;
    } finally {
      await channel.close();
    }
  };
  /** What status finds of the one path that others can change. */
  const unsafePath = async (): Promise<string> => {
    const { findings } = await call('status');
    const [found, ...more] = findings.filter(({ code }: { code: string }) => code === 'unsafe-path');
    assert.deepEqual(more, []);
    return found?.message ?? '';
  };
  const isThere = (path: string) =>
    lstat(path).then(
      () => true,
      () => false,
    );

  for (const command of [['install'], ['enable', '--no-proof']])
    it(`${command[0]} puts the modules where Windows PowerShell looks, without the program, and twice changes nothing`, async () => {
      await call(...command);
      const files = await filesBelow(windows);
      const names = Object.keys(JSON.parse(MODULE_FILES)).map((name) => name.replace('/', `/${version}/`));
      assert.deepEqual(
        files.filter((file) => !file.endsWith('installed.json')),
        names.map((name) => join(windows, name)).sort(),
      );
      for (const file of files) assert.ok((await lstat(file)).size < 1_000_000, file);
      const times = await Promise.all(files.map(async (file) => (await lstat(file)).mtimeMs));
      const { writes } = (await labState()).counters;
      await call(...command);
      assert.deepEqual(await Promise.all(files.map(async (file) => (await lstat(file)).mtimeMs)), times);
      assert.equal(await isThere(seven), false, 'there is no PowerShell 7');
      assert.ok((await labState()).counters.writes >= writes);
    });

  it('the same for PowerShell 7 where that is, with a manifest by which DSC finds the installed program', async () => {
    await mkdir(join(programs, 'PowerShell', '7'), { recursive: true });
    const { modules, dscManifest, warnings } = await call('install');
    assert.deepEqual(warnings, []);
    assert.deepEqual(dscManifest, { file: join(seven, 'CertRebind', version, dscManifestName), needsPath: false });
    assert.deepEqual(
      modules,
      [windows, seven].flatMap((root) => ['CertRebind', 'CertRebindDsc'].map((name) => join(root, name, version))),
    );
    const manifest = JSON.parse(await readFile(join(seven, 'CertRebind', version, dscManifestName), 'utf8'));
    assert.equal(manifest.get.executable, join(place, 'certrebind'));
    assert.equal(manifest.set.executable, join(place, 'certrebind'));
    assert.equal(
      await isThere(join(windows, 'CertRebind', version, dscManifestName)),
      false,
      'DSC does not look there',
    );
  });

  it('an upgrade removes the version before, and nothing that somebody else put there', async () => {
    await call('install');
    const before = join(windows, 'CertRebind', '0.0.9');
    const list = join(windows, 'CertRebind', 'installed.json');
    const installed = JSON.parse(await readFile(list, 'utf8'));
    await mkdir(join(before, 'en-US'), { recursive: true });
    await writeFile(join(before, 'en-US', 'old.ps1'), '#');
    await writeFile(join(windows, 'CertRebind', version, 'old.ps1'), '#');
    for (const name of ['0.0.9/en-US/old.ps1', `${version}/old.ps1`])
      installed.files.push({ name, sha256: '0'.repeat(64) });
    await writeFile(list, JSON.stringify(installed));
    const others = join(windows, 'CertRebind', '0.0.8', 'CertRebind.psd1');
    await mkdir(dirname(others));
    await writeFile(others, '# from a gallery');

    assert.deepEqual((await call('install')).removed, [before]);
    assert.equal(await isThere(before), false);
    assert.equal(await isThere(others), true);
    await call('uninstall');
    assert.deepEqual(await filesBelow(windows), [others]);
  });

  it('leaves a package of a gallery alone that has this version already', async () => {
    const theirs = join(windows, 'CertRebind', version, 'CertRebind.psd1');
    await mkdir(dirname(theirs), { recursive: true });
    await writeFile(theirs, '# from a gallery');
    const { modules } = await call('install');
    assert.deepEqual(
      modules,
      ['CertRebind', 'CertRebindDsc'].map((name) => join(windows, name, version)),
    );
    assert.equal(await readFile(theirs, 'utf8'), '# from a gallery');
    await call('uninstall');
    assert.deepEqual(await filesBelow(windows), [theirs]);
  });

  it('leaves a module alone whose list of files cannot be read', async () => {
    await call('install');
    const file = join(windows, 'CertRebind', version, 'CertRebind.psm1');
    await writeFile(file, '# changed');
    await writeFile(join(windows, 'CertRebind', 'installed.json'), '{');
    assert.deepEqual((await call('install')).changed, []);
    assert.equal(await readFile(file, 'utf8'), '# changed');
  });

  it('puts no module where others can write, says so, and installs the program', async () => {
    await mkdir(windows, { recursive: true });
    await chmod(windows, 0o777);
    const { modules, warnings } = await call('install');
    assert.deepEqual(modules, []);
    assert.match(
      warnings[0],
      /The PowerShell module was not installed in .*CertRebind: .*Modules can be written by everyone/,
    );
    assert.deepEqual(await filesBelow(windows), []);
    assert.ok(await isThere(join(place, 'certrebind')));
  });

  it('puts no module into a folder of this version that others can write', async () => {
    await call('install');
    const own = join(windows, 'CertRebind', version);
    const changed = join(own, 'CertRebind.psm1');
    await writeFile(changed, '# not ours');
    await chmod(own, 0o777);
    const { modules, warnings } = await call('install');
    assert.ok(!modules.includes(own), modules.join());
    assert.match(warnings[0], new RegExp(`^The PowerShell module was not installed in .*: ${own} can be written by`));
    assert.equal(await readFile(changed, 'utf8'), '# not ours');
  });

  it('a module folder that others can write is found', async () => {
    await call('install');
    const own = join(windows, 'CertRebind', version);
    await chmod(own, 0o777);
    assert.match(await unsafePath(), new RegExp(own));
  });

  it('a file of the state folder that others can write is found', async () => {
    await call('enable', '--no-proof');
    const file = join(lab.folder, 'certrebind', 'setup.json');
    await chmod(file, 0o666);
    assert.match(await unsafePath(), new RegExp(file));
  });

  it('a module that somebody changed is found', async () => {
    await call('install');
    const changed = join(windows, 'CertRebind', version, 'CertRebind.psm1');
    await writeFile(changed, `${await readFile(changed, 'utf8')}Remove-Item C:\\ -Recurse\n`);
    assert.match(await unsafePath(), new RegExp(`${changed}: it is not the file that was installed`));
    await call('install');
    assert.equal(await unsafePath(), '');
  });

  it('is listed among the installed programs, and no longer after uninstall', async () => {
    await call('install');
    const program = join(place, 'certrebind');
    assert.deepEqual((await labState()).registry, {
      [productKey]: {
        DisplayName: 'CertRebind',
        DisplayVersion: version,
        Publisher: 'CertRebind contributors',
        DisplayIcon: program,
        InstallLocation: place,
        EstimatedSize: 3,
        UninstallString: `"${program}" uninstall`,
        QuietUninstallString: `"${program}" uninstall --yes --wait`,
        NoModify: 1,
        NoRepair: 1,
      },
    });
    await call('uninstall');
    assert.deepEqual((await labState()).registry, {});
  });

  it('keeps the source of its entries in the Application log, and --purge removes it', async () => {
    await call('install');
    assert.deepEqual((await labState()).applicationLog.sources, ['CertRebind']);
    await call('uninstall');
    assert.deepEqual((await labState()).applicationLog.sources, ['CertRebind']);
    await call('uninstall', '--purge');
    const { sources, entries } = (await labState()).applicationLog;
    assert.deepEqual([sources, entries.length], [[], 1]);
    await call('uninstall', '--purge');
  });

  it('a signature that somebody adds is no change, and stays when the same version is installed again', async () => {
    await call('install');
    const signature = '\r\n# SIG # Begin signature block\r\n# MIIFabc=\r\n# SIG # End signature block\r\n';
    const xmlSignature = signature.replaceAll(/^# (.*)\r$/gm, '<!-- $1 -->\r');
    const scripts = (await filesBelow(programs)).filter((file) => /\.ps(?:1|m1|d1|1xml)$/.test(file));
    assert.ok(scripts.length >= 7);
    const signed = new Map<string, string>();
    for (const file of scripts) {
      signed.set(file, `${await readFile(file, 'utf8')}${file.endsWith('xml') ? xmlSignature : signature}`);
      await writeFile(file, signed.get(file) ?? '');
    }
    const unsafe = async () =>
      (await call('status')).findings.filter(({ code }: { code: string }) => code === 'unsafe-path');
    assert.deepEqual(await unsafe(), []);
    assert.deepEqual((await call('install')).changed, []);
    for (const [file, text] of signed) assert.equal(await readFile(file, 'utf8'), text, file);

    // What runs behind a signature is none.
    const [first = ''] = scripts;
    await writeFile(first, `${signed.get(first)}Get-Date\r\n`);
    assert.equal((await unsafe()).length, 1);
    await call('install');
    assert.doesNotMatch(await readFile(first, 'utf8'), /Get-Date|SIG/);
  });

  it('an installation that was cut off is brought to its end by the next', async () => {
    await call('install');
    await rm(join(windows, 'CertRebind', version, 'CertRebind.psm1'));
    assert.deepEqual((await call('install')).changed, [join(windows, 'CertRebind', version)]);
  });
});
