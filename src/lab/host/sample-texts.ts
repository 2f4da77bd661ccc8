import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatTask, schemaDefaults } from '../../model/windows/task.ts';
import type { LabTask } from '../kernel/lab-state.ts';

/** Files of two sites that name a certificate, as Kestrel and WCF have them. */
export async function writeSiteFiles(lab: string, thumbprint: string): Promise<void> {
  const put = async (site: number, name: string, lines: readonly string[]) => {
    const folder = join(lab, 'SystemDrive', 'inetpub', 'sites', `${site}`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, name), `${lines.join('\r\n')}\r\n`);
  };
  const settings = {
    Kestrel: { Endpoints: { Https: { Url: 'https://*:5001' } } },
    Signing: { Thumbprint: thumbprint },
  };
  await put(4, 'appsettings.json', JSON.stringify(settings, null, 2).split('\n'));
  const spaced = thumbprint.toLowerCase().replace(/(..)(?=.)/g, '$1 ');
  await put(6, 'web.config', [
    '<configuration>',
    '  <system.serviceModel>',
    '    <behaviors><serviceBehaviors><behavior><serviceCredentials>',
    `      <serviceCertificate storeName="My" x509FindType="FindByThumbprint" findValue="${spaced}" />`,
    '    </serviceCredentials></behavior></serviceBehaviors></behaviors>',
    '  </system.serviceModel>',
    '</configuration>',
  ]);
}

/** Started by nobody but a person, with a certificate in its arguments. */
export function sampleTask(thumbprint: string): LabTask {
  const xml = formatTask({
    uri: '\\Example\\Sign reports',
    description: null,
    user: 'S-1-5-18',
    runLevel: 'HighestAvailable',
    triggers: [],
    actions: [
      {
        kind: 'Exec',
        command: 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe',
        arguments: `-File C:\\Scripts\\sign.ps1 -Thumbprint ${thumbprint}`,
        workingDirectory: null,
      },
    ],
    settings: schemaDefaults,
  });
  const idle = { enabled: true, lastRunAt: null, lastResult: null, nextInstance: 1, running: [], queued: [] };
  return { path: '\\Example\\', name: 'Sign reports', xml, ...idle };
}
