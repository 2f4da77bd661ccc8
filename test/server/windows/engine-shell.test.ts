import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startShell } from '../../../src/server/windows/engine-shell.ts';

describe('the command line of the engine', () => {
  let folder: string;
  let engine: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'certrebind-shell-'));
    engine = join(folder, 'engine.sh');
    writeFileSync(engine, `#!/bin/sh\nprintf '%s\\n' "$@" > "${folder}/arguments"\n`);
    chmodSync(engine, 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function argumentsOf(file: string | null): Promise<readonly string[]> {
    const { child } = startShell({ engine, script: { file, text: '' }, env: {} });
    await once(child, 'exit');
    return readFileSync(join(folder, 'arguments'), 'utf8').trimEnd().split('\n');
  }

  const always = ['-NoLogo', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass'];

  it('has nothing behind the script of -File, as a real child sees it', async () => {
    const script = 'C:\\Program Files\\CertRebind\\certrebind-adapter.ps1';
    assert.deepEqual(await argumentsOf(script), [...always, '-File', script]);
  });

  it('ends in the word for standard input where there is no script', async () => {
    assert.deepEqual(await argumentsOf(null), [...always, '-NoExit', '-Command', '-']);
  });

  it('starts the engine that was asked for, whatever NODE_POWERSHELL says', async () => {
    process.env.NODE_POWERSHELL = '/nonexistent/pwsh';
    try {
      assert.equal(startShell({ engine, script: { file: null, text: '' }, env: {} }).child.spawnfile, engine);
    } finally {
      delete process.env.NODE_POWERSHELL;
    }
  });

  it('tells how an engine ended that nobody has spoken to, and ends nothing else', async () => {
    const { child } = startShell({ engine: join(folder, 'none'), script: { file: null, text: '' }, env: {} });
    const [error] = await once(child, 'error');
    assert.equal(error.code, 'ENOENT');
  });
});
