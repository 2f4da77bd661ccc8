import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { certrebindScript, run } from '../cli/run-program.ts';
import { findWindowsPowerShell } from '../engine.ts';
import { nativeTask } from '../stories/native-task.ts';
import { ofEach } from '../support/of-each.ts';
import { temporaryLab } from '../support/temporary-lab.ts';

const root = join(import.meta.dirname, '../..');
const installed = 'C:\\Program Files\\CertRebind\\certrebind.exe';

/** The script by which a product is to tell whether CertRebind is there. */
const detection = readFileSync(join(root, 'packaging/intune/Test-CertRebindInstalled.ps1'), 'utf8');

describe('docs/deploy.md', () => {
  it('detects by nothing that has to do with how certificates are', () => {
    for (const name of ['deploy.md', 'fleet.md'])
      assert.doesNotMatch(
        readFileSync(join(root, 'docs', name), 'utf8'),
        /status --check[^.|]*(?:detect|'installed')|detect\w* (?:by|with) `status --check/i,
      );
    assert.doesNotMatch(detection, /--check/);
  });

  (findWindowsPowerShell() === null ? describe.skip : describe)('its detection, in a real PowerShell on a lab', () => {
    const lab = ofEach(() => temporaryLab({ sites: 1 }));
    let program: string;
    let env: Readonly<Record<string, string>>;
    beforeEach(async () => {
      program = join(lab.folder, 'certrebind.exe');
      env = { CERTREBIND_LAB: lab.folder };
      await mkdir(lab.folder, { recursive: true });
      await writeFile(program, certrebindScript, { mode: 0o755 });
    });

    async function detect(wanted = '0.1.0'): Promise<string> {
      const script = detection.replaceAll(installed, program).replace(/(?<=^\$wanted = ')[^']*/m, wanted);
      assert.ok(script.includes(program), 'the script names the installed program');
      const child = spawn(
        findWindowsPowerShell() ?? '',
        ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', script],
        {
          stdio: ['ignore', 'pipe', 'pipe'],
          env: { PATH: process.env.PATH ?? '', HOME: lab.folder, POWERSHELL_TELEMETRY_OPTOUT: '1', ...env },
        },
      );
      const printed: { [stream in 'stdout' | 'stderr']: string } = { stdout: '', stderr: '' };
      for (const stream of ['stdout', 'stderr'] as const)
        child[stream].setEncoding('utf8').on('data', (text) => {
          printed[stream] += text;
        });
      const [exitCode] = await once(child, 'close');
      assert.deepEqual([exitCode, printed.stderr], [0, ''], 'whatever it finds, the script itself succeeds');
      return printed.stdout.trim();
    }

    it('says that it is there beside an active task of IIS Manager, where status --check goes on finding that', async () => {
      await nativeTask(lab.folder, { name: 'IIS-AutoCertRebind', enabled: true });
      assert.equal((await run(['enable', '--alongside', '--no-proof'], { env })).exitCode, 0);
      assert.equal((await run(['status', '--check'], { env })).exitCode, 9);
      assert.equal(await detect(), 'enabled');
    });

    it('goes by the version, so that a product installs a new one and leaves a later one', async () => {
      assert.equal((await run(['enable', '--no-proof'], { env })).exitCode, 0);
      const installedAs = (version: string) =>
        writeFile(program, `#!/bin/sh\n[ "$1" = --version ] && exec echo ${version}\nexec ${real} "$@"\n`, {
          mode: 0o755,
        });
      const real = join(lab.folder, 'real');
      await writeFile(real, certrebindScript, { mode: 0o755 });
      for (const [version, wanted, word] of [
        ['0.0.9', '0.1.0', ''],
        ['0.1.0-beta1', '0.1.0', ''],
        ['0.1.0', '0.1.0', 'enabled'],
        ['0.10.0', '0.1.0', 'enabled'],
        ['0.9.0', '0.10.0-beta1', ''],
        ['0.10.0-beta1', '0.10.0-beta2', ''],
        ['0.10.0-beta2', '0.10.0-beta1', 'enabled'],
        ['0.10.0', '0.10.0-beta1', 'enabled'],
      ] as const) {
        await installedAs(version);
        assert.equal(await detect(wanted), word, `${version} where ${wanted} is wanted`);
      }
    });

    it('says nothing where it is not installed, not enabled, or cannot be asked', async () => {
      assert.equal(await detect(), '', 'not enabled');
      await rm(program);
      assert.equal(await detect(), '', 'not installed');
      await writeFile(program, '#!/bin/sh\necho \'{"schema":"certrebind/error/1"}\'\nexit 7\n', { mode: 0o755 });
      assert.equal(await detect(), '', 'cannot be asked');
    });
  });
});
