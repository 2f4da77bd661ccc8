import type { RehearsalAct } from '../../documents/rehearsal.ts';
import { keyOption } from '../../holders/tls/netsh-options.ts';
import type { ChangeErrorCode } from '../../server/server.ts';
import type { LabCertificate } from '../kernel/lab-state.ts';
import type { LabRequest, WriteEvent } from '../kernel/requests.ts';

/**
 * What a lab does for an act of a rehearsal; or why it does not.
 * @param issued by friendly name: certificates whose keys the host keeps
 */
export function stepsForAct(
  act: RehearsalAct,
  issued: ReadonlyMap<string, LabCertificate>,
): readonly LabRequest[] | { readonly code: ChangeErrorCode; readonly message: string } {
  switch (act.act) {
    case 'add-site':
      return [{ kind: 'add-site', name: act.name, bindings: act.bindings }];
    case 'remove-site':
      return [{ kind: 'remove-site', name: act.name }];
    case 'add-certificate': {
      const certificate = issued.get(act.friendlyName);
      if (certificate === undefined) return { code: 'refused', message: 'nobody here issues certificates' };
      const { thumbprint } = certificate;
      return [
        { kind: 'add-certificate', certificate },
        { ...writer, eventId: 1006, action: 'Enroll', old: null, new: null, certificate: thumbprint },
      ];
    }
    case 'remove-certificate':
      return [{ kind: 'remove-certificate', thumbprint: act.thumbprint, store: act.store }];
    case 'register-again':
      return [{ kind: 'register-task', path: act.path, name: act.name, xml: act.xml, force: false }];
    case 'announce':
      return [{ kind: 'set-renewal', thumbprint: act.old, renewedTo: act.new }, renewalNotice(act.old, act.new)];
    case 'binding-method': {
      const { site, information, method, thumbprint } = act;
      return method === 'RemoveSslCertificate'
        ? [{ kind: 'binding-method', site, information, method }]
        : [{ kind: 'binding-method', site, information, method, hash: thumbprint, store: 'My' }];
    }
    case 'netsh-update': {
      const { name, value } = keyOption(act.key);
      const words = [`${name}=${value}`, `certhash=${act.thumbprint}`, `appid=${act.appId}`, 'certstorename=My'];
      return [{ kind: 'netsh', args: ['http', 'update', 'sslcert', ...words] }];
    }
  }
}

/** What tells that one certificate follows another. */
export function renewalNotice(old: string, successor: string): WriteEvent {
  return { ...writer, eventId: 1001, action: 'Replace', old, new: successor, certificate: null };
}

const writer = {
  kind: 'write-event',
  writtenBy: 'S-1-5-18',
  processName: 'powershell.exe',
  accountName: 'NT AUTHORITY\\SYSTEM',
} as const satisfies Partial<WriteEvent>;
