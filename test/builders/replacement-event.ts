import type { WriteEvent } from '../../src/lab/kernel/requests.ts';

/** Event 1001 as Windows writes it when a certificate was renewed. */
export function replacementEvent(old: string | null, successor: string | null): WriteEvent {
  return {
    kind: 'write-event',
    eventId: 1001,
    writtenBy: 'S-1-5-18',
    processName: 'taskhostw.exe',
    accountName: 'WEB01$',
    action: 'Renew',
    old,
    new: successor,
    certificate: null,
  };
}
