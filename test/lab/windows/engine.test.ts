import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { compiledEngine, findLabEngine, findPublishedEngine } from '../../../src/lab/windows/engine.ts';
import { newFolder } from '../../support/temporary-lab.ts';

describe('the PowerShell of a lab', () => {
  let root: string;
  let tool: string;
  const name = process.platform === 'win32' ? 'pwsh.exe' : 'pwsh';
  const flavour = process.platform === 'win32' ? 'win' : 'unix';

  beforeEach(async () => {
    root = newFolder();
    tool = join(root, 'packages', 'powershell', '7.0.1', 'tools', 'net10.0', 'any', flavour, name);
    await program(join(root, '.config', 'dotnet-tools.json'), '{ "tools": { "powershell": { "version": "7.0.1" } } }');
  });

  async function program(path: string, text = ''): Promise<string> {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { mode: 0o755 });
    return path;
  }
  const env = (more: NodeJS.ProcessEnv = {}) => ({ NUGET_PACKAGES: join(root, 'packages'), PATH: '', ...more });

  it('is the .NET tool, or the copy of it that starts faster once that is there', async () => {
    await program(tool);
    assert.equal(findLabEngine(root, env()), tool);
    await program(compiledEngine(root));
    assert.equal(findLabEngine(root, env()), compiledEngine(root));
    assert.equal(findPublishedEngine(root, env()), tool, 'nothing was done to this one');
  });

  it('is what the environment or the path names, whatever else there is', async () => {
    await program(tool);
    await program(compiledEngine(root));
    const named = await program(join(root, 'bin', name));
    assert.equal(findLabEngine(root, env({ PATH: join(root, 'bin') })), named);
    assert.equal(findLabEngine(root, env({ CERTREBIND_TEST_PWSH: 'elsewhere' })), 'elsewhere');
  });
});
