import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { openLab } from '../../src/server/lab/host/channel.ts';
import { type Serving, serveLab } from '../cli/serve-lab.ts';
import { findWindowsPowerShell } from '../engine.ts';
import { checkout, linuxBinary, version } from './artefacts.ts';

const windowsSide = { CERTREBIND_CHECKOUT: checkout, CERTREBIND_LAB_SERVER: 'windows' };

/** What a new user does, from the download to the day on which it is removed; each session is a new process. */
describe('from install to uninstall, as a new user does it', () => {
  let folder: string;
  let lab: string;
  let download: string;
  let engine: string;
  let serving: Serving | undefined;

  before(async function () {
    this.timeout(120_000);
    const found = findWindowsPowerShell();
    if (found === null) {
      if (process.env.CI !== undefined) throw new Error('no PowerShell was found');
      return this.skip();
    }
    engine = found;
    folder = mkdtempSync(join(tmpdir(), 'certrebind-lifecycle-'));
    lab = join(folder, 'lab');
    download = join(folder, 'certrebind');
    copyFileSync(linuxBinary, download);
    chmodSync(download, 0o755);
    execFileSync(download, ['lab', 'create', lab], { stdio: 'ignore' });
    mkdirSync(join(lab, 'Program Files', 'WindowsPowerShell', 'Modules'), { recursive: true });
    mkdirSync(join(lab, 'Program Files', 'PowerShell', 'Modules'), { recursive: true });
    serving = await serveLab(lab, { command: [download], env: { ...process.env, ...windowsSide } });
  });
  after(async () => {
    await serving?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  it('installs, imports by name, enables, renews, is served, upgrades, uninstalls, and leaves nothing', async () => {
    const before = await whole();

    const installed = ask(download, 'install');
    assert.equal(installed.version, version);
    assert.deepEqual(installed.warnings, []);

    // A fresh session that knows nothing but the module path of Windows.
    const session = powershell(`
      $module = Import-Module CertRebind -PassThru
      $status = Enable-CertRebind
      $resource = & (Import-Module CertRebindDsc -PassThru) { [CertRebind]::new() }
      @{ base = $module.ModuleBase; enabled = $status.enabled; findings = @($status.findings | ForEach-Object code)
         asWanted = $resource.Test() } | ConvertTo-Json -Compress`);
    const modules = join(lab, 'Program Files', 'WindowsPowerShell', 'Modules');
    assert.deepEqual(session, {
      base: join(modules, 'CertRebind', version),
      enabled: true,
      findings: [],
      asWanted: true,
    });
    const program = join(lab, 'Program Files', 'CertRebind', 'certrebind');

    await expectServed(program);

    // The next version: another program under the same version number here, which installs beside the first.
    const next = join(folder, 'next');
    mkdirSync(next);
    copyFileSync(download, join(next, 'certrebind'));
    appendFileSync(join(next, 'certrebind'), '\n');
    const upgraded = ask(join(next, 'certrebind'), 'install');
    assert.ok(upgraded.changed.length > 0);
    assert.deepEqual(
      ask(program, 'status').findings.map(({ code }: { code: string }) => code),
      [],
    );
    await expectServed(program);

    const { registry } = await labState();
    const entry = Object.values(registry ?? {})[0];
    assert.equal(entry?.DisplayVersion, version);
    assert.ok(String(entry?.QuietUninstallString).startsWith(`"${program}" uninstall`));

    ask(program, 'uninstall', '--purge', '--yes');
    assert.deepEqual(await whole(), before);
  }).timeout(300_000);

  /** A renewal reaches every endpoint, without anybody doing anything. */
  async function expectServed(program: string): Promise<void> {
    const used = ask(program, 'usage').certificates.find((one: { consumers: unknown[] }) => one.consumers.length > 5);
    const renewed = ask(program, 'lab', 'renew', used.thumbprint, '--wait');
    const { endpoints } = ask(program, 'verify');
    const served = endpoints.filter((one: { thumbprint: string | null }) => one.thumbprint === renewed.new);
    assert.ok(served.length >= 6, `${served.length} endpoints serve it`);
  }

  function ask(program: string, ...words: readonly string[]) {
    return JSON.parse(execFileSync(program, [...words, '--lab', lab, '--json'], { encoding: 'utf8' }));
  }

  function powershell(script: string) {
    const file = join(folder, 'session.ps1');
    writeFileSync(file, `$ErrorActionPreference = 'Stop'\n$ProgressPreference = 'SilentlyContinue'\n${script}\n`);
    const roots = ['WindowsPowerShell', 'PowerShell'].map((name) => join(lab, 'Program Files', name, 'Modules'));
    const printed = execFileSync(engine, ['-NoProfile', '-NonInteractive', '-File', file], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, ...windowsSide, PSModulePath: roots.join(':'), CERTREBIND_LAB: lab, TERM: 'dumb' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return JSON.parse(printed);
  }

  async function labState() {
    const channel = await openLab(lab);
    try {
      const { result } = await channel.send({ kind: 'read' });
      assert.ok(result.kind === 'state');
      return result.state;
    } finally {
      await channel.close();
    }
  }

  /** What an installation could leave: files and folders, tasks, entries among the programs, sources of the log. */
  async function whole() {
    const files = readdirSync(join(lab, 'Program Files'), { recursive: true, withFileTypes: true }).map(
      ({ parentPath, name }) => relative(lab, join(parentPath, name)),
    );
    const { tasks, registry = {}, applicationLog } = await labState();
    return {
      files: files.sort(),
      state: readdirSync(lab).includes('certrebind'),
      tasks: tasks.map(({ path, name }) => path + name),
      registry,
      sources: applicationLog.sources ?? [],
    };
  }
});
