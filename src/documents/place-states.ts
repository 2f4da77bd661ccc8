import type { FindingCode } from '../codes/finding-codes.ts';
import { compareText } from '../text/order.ts';
import { ranks } from './finding.ts';
import type { Action, PlaceState } from './status.ts';

/** Which findings make a place what. Those that are in none of them say nothing about what clients get there. */
const codesOf: Readonly<Partial<Record<PlaceState, readonly FindingCode[]>>> = {
  down: [
    'binding-without-record',
    'central-store-record-missing',
    'certificate-gone',
    'private-key-missing',
    'private-key-unusable',
    'service-stopped',
  ],
  'no-answer': ['endpoint-unreachable'],
  wrong: [
    'certificate-expired',
    'certificate-revoked',
    'ftps-certificate-expired',
    'ftps-certificate-gone',
    'intermediate-not-sent',
    'listener-certificate-expired',
    'listener-certificate-gone',
    'name-not-covered',
    'names-lost',
    'shadowed-names',
    'still-served',
    'wire-differs',
  ],
  'rolled-back': ['not-restored', 'renewal-rolled-back'],
  blocked: ['renewal-blocked', 'renewal-unclear'],
  old: ['change-by-hand', 'old-certificate-back', 'renewal-pending', 'still-old'],
  'ends-soon': ['certificate-elsewhere', 'certificate-ends-soon', 'service-key', 'will-die-on-restart'],
  waiting: ['renewal-waiting', 'replaced-earlier'],
};

const states: ReadonlyMap<string, PlaceState> = new Map(
  Object.entries(codesOf).flatMap(([state, codes]) => codes.map((code) => [code, state as PlaceState])),
);

/** What a finding makes of its places; `null` for nothing. */
export function stateOf(code: string): PlaceState | null {
  return states.get(code) ?? null;
}

/** Whether clients notice it already. */
export function isNoticed(code: string): boolean {
  const state = stateOf(code);
  return state === 'down' || state === 'wrong';
}

/** The worst first. */
export const placeStates: readonly PlaceState[] = [
  ...(Object.keys(codesOf) as PlaceState[]),
  'left-alone',
  'not-tested',
  'verified',
];

type Urgent = Pick<Action, 'severity' | 'isNow' | 'dueAt'>;

/** What has no date can wait for what has one. */
export function byUrgency(a: Urgent, b: Urgent): number {
  return (
    ranks[a.severity] - ranks[b.severity] ||
    Number(b.isNow) - Number(a.isNow) ||
    compareText(a.dueAt ?? '9', b.dueAt ?? '9')
  );
}
