import { taskFolder } from '../../src/documents/scheduled-tasks.ts';
import { tellLab } from '../support/tell-lab.ts';

/**
 * Registers a task as IIS Manager makes it for its own certificate rebind, under a name. With another name and action it
 * stands for a task that has nothing to do with certificates.
 */
export async function nativeTask(
  folder: string,
  { name, enabled }: { readonly name: string; readonly enabled: boolean },
): Promise<void> {
  const xml = name === 'IIS-AutoCertRebind' ? nativeXml : unrelatedXml;
  await tellLab(folder, { kind: 'register-task', path: taskFolder, name, xml, force: true });
  await tellLab(folder, { kind: 'set-task-enabled', path: taskFolder, name, enabled });
}

const task = (trigger: string, action: string) => `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <Triggers>${trigger}</Triggers>
  <Principals><Principal id="System"><UserId>S-1-5-18</UserId></Principal></Principals>
  <Actions Context="System"><Exec>${action}</Exec></Actions>
</Task>`;

const nativeXml = task(
  `<EventTrigger><Enabled>true</Enabled><Subscription>&lt;QueryList&gt;&lt;Query Id='0'&gt;&lt;Select Path='Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational'&gt;*[System[EventID=1001]]&lt;/Select&gt;&lt;/Query&gt;&lt;/QueryList&gt;</Subscription><ValueQueries><Value name="OldCertHash">Event/UserData/CertNotificationData/OldCertificateDetails/@Thumbprint</Value></ValueQueries></EventTrigger>`,
  '<Command>%SystemRoot%\\System32\\inetsrv\\appcmd.exe</Command><Arguments>renew binding /oldcert:$(OldCertHash)</Arguments>',
);

const unrelatedXml = task(
  '<TimeTrigger><StartBoundary>2099-01-01T00:00:00</StartBoundary></TimeTrigger>',
  '<Command>%SystemRoot%\\System32\\cmd.exe</Command><Arguments>/c rem</Arguments>',
);
