import type { KeyText } from '../model/record-key.ts';
import { recordOfAct } from '../model/rehearsal.ts';
import type { Change } from './server.ts';

/** The record that a change is about; `null` for changes of other things. */
export function recordOf(change: Change): KeyText | null {
  switch (change.do) {
    case 'swap':
    case 'remove':
      return change.key;
    case 'restore':
      return change.record.key;
    case 'rehearse':
      return recordOfAct(change.act);
    case 'register-task':
    case 'unregister-task':
    case 'set-task-enabled':
    case 'start-task':
    case 'stop-task':
    case 'log':
    case 'enable-lifecycle-log':
    case 'create-folder':
      return null;
  }
}

/** Whether `netsh` does it: then what this host's netsh can do, and for a swap the record itself, have to be known first. */
export function goesPastIis(change: Change): boolean {
  return change.do === 'restore' || change.do === 'remove' || (change.do === 'swap' && change.through === null);
}
