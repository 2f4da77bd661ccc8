import type { RehearsalAct } from '../../documents/rehearsal.ts';
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
