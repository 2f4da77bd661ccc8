import assert from 'node:assert/strict';
import { adapterError } from '../../../src/server/windows/session-errors.ts';

describe('an error of the adapter', () => {
  it('about an older PowerShell names the version that is there and what to install', () => {
    const { code, exitCode, message, hint } = adapterError('Read-Server', ['error', 'engine-too-old', '4.0']);
    assert.deepEqual([code, exitCode], ['powershell-missing', 7]);
    assert.match(message, /PowerShell 4\.0/);
    assert.match(hint ?? '', /Windows Management Framework 5\.1 \(KB3191564 on Server 2012 R2\)/);
  });

  it('about the missing module WebAdministration gives the line that installs it', () => {
    const { code, hint } = adapterError('Read-Bindings', ['error', 'module-missing', 'WebAdministration']);
    assert.equal(code, 'module-missing');
    assert.equal(hint, 'Run: Install-WindowsFeature Web-Scripting-Tools');
  });
});
