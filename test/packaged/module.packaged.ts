import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { unzipSync } from 'fflate';
import { findEngine } from '../engine.ts';
import { checkout, linuxBinary, windowsZip } from './artefacts.ts';

const windowsSide = { CERTREBIND_CHECKOUT: checkout, CERTREBIND_LAB_SERVER: 'windows' };

describe('the zip, unpacked in an empty folder', () => {
  let folder: string;
  let lab: string;
  let program: string;
  let serving: ChildProcess;
  let engine: string;

  before(async function () {
    this.timeout(60_000);
    const found = findEngine();
    if (found === null) {
      if (process.env.CI !== undefined) throw new Error('no PowerShell was found');
      console.error('NOT RUN: the delivered module, because no PowerShell was found');
      this.skip();
    }
    engine = found;
    folder = mkdtempSync(join(tmpdir(), 'certrebind-zip-'));
    unpack(windowsZip, folder);
    // The binary for Linux stands where the one for Windows lies.
    program = join(folder, 'CertRebind', 'bin', 'certrebind');
    copyFileSync(linuxBinary, program);
    chmodSync(program, 0o755);
    lab = join(folder, 'lab');
    execFileSync(program, ['lab', 'create', lab], { stdio: 'ignore' });
    serving = spawn(program, ['lab', 'serve', lab, '--json'], {
      env: { ...process.env, ...windowsSide },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    if (serving.stdout === null) throw new Error('lab serve has no output');
    await once(createInterface(serving.stdout), 'line');
  });
  after(async () => {
    if (serving?.exitCode === null) {
      serving.kill('SIGTERM');
      await once(serving, 'exit');
    }
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  it('names every file of it with its hash', () => {
    const sums = readFileSync(join(folder, 'CertRebind', 'SHA256SUMS'), 'utf8')
      .trim()
      .split('\n');
    const named = sums.map((line) => `CertRebind/${line.slice(66)}`);
    const zipped = Object.keys(unzipSync(readFileSync(windowsZip)));
    assert.deepEqual(named.sort(), zipped.filter((name) => !name.endsWith('/SHA256SUMS')).sort());
  });

  it('does the whole job: Import-Module, Enable-CertRebind, a renewal, and its certificate is served', () => {
    powershell('Import-Module ./CertRebind; Enable-CertRebind');
    const before = ask('usage');
    const old: string = before.certificates.find(
      (one: { consumers: unknown[] }) => one.consumers.length > 5,
    ).thumbprint;
    const renewed = ask('lab', 'renew', old, '--wait');
    const { runs } = ask('history');
    assert.equal(runs.length, 1);
    const outcome = ask('history', runs[0].run);
    assert.equal(outcome.result, 'rebound');
    assert.equal(outcome.cost.sessions, 1, 'it went through one PowerShell');
    const { endpoints } = ask('verify');
    const served = endpoints.filter((one: { thumbprint: string | null }) => one.thumbprint === renewed.new);
    assert.ok(served.length >= 6, `${served.length} endpoints serve it`);
    assert.equal(endpoints.filter((one: { matches: boolean | null }) => one.matches === false).length, 0);
  }).timeout(120_000);

  function powershell(script: string): void {
    const file = join(folder, 'script.ps1');
    writeFileSync(file, `$ErrorActionPreference = 'Stop'\n${script}\n`);
    const { PSModulePath: _inherited, ...env } = process.env;
    execFileSync(engine, ['-NoProfile', '-NonInteractive', '-File', file], {
      cwd: folder,
      env: { ...env, ...windowsSide, CERTREBIND_LAB: lab, TERM: 'dumb' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }

  function ask(...words: readonly string[]) {
    return JSON.parse(execFileSync(program, [...words, '--lab', lab, '--json'], { encoding: 'utf8' }));
  }
});

function unpack(zip: string, folder: string): void {
  for (const [name, bytes] of Object.entries(unzipSync(readFileSync(zip)))) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
}
