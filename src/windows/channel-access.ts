import { type AccessEntry, accessListOf } from './access-list.ts';

/**
 * Whether service accounts may write to an event log, by its access descriptor (SDDL); `null` if the text does not
 * tell. A service's token contains one of the accounts below and the groups; the first entry for any of them decides,
 * as in Windows (fidelity: event-writers).
 */
export function servicesMayWrite(sddl: string): boolean | null {
  const list = accessListOf(sddl);
  if (sddl === '' || list.is === 'unreadable') return null;
  if (list.is === 'open') return true;
  const writers = list.entries.filter(({ inheritedOnly, rights }) => !inheritedOnly && (rights & writing) !== 0);
  const answers = serviceAccounts.map((account) => decided(writers, account));
  return answers.includes(true) ? true : answers.includes(null) ? null : false;
}

/** LocalService, NetworkService, the services with SIDs of their own, and the pools of IIS. */
const serviceAccounts: readonly RegExp[] = [
  /^(?:LS|S-1-5-19)$/,
  /^(?:NS|S-1-5-20)$/,
  /^S-1-5-80-/,
  /^(?:IS|S-1-5-32-568|S-1-5-82-.*)$/,
];

/** SERVICE, authenticated users, everyone. */
const groups = /^(?:SU|S-1-5-6|AU|S-1-5-11|WD|S-1-1-0)$/;

/** Of an event log 1 is reading, 2 writing, 4 clearing; besides, everything and writing of any object. */
const writing = 0x5000_0002;

function decided(writers: readonly AccessEntry[], account: RegExp): boolean | null {
  const first = writers.find(({ who }) => groups.test(who) || account.test(who));
  if (first === undefined) return false;
  return first.certain ? first.effect === 'allow' : null;
}
