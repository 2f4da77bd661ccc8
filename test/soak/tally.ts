import type { RenewalKind } from './deeds.ts';
import type { FaultKind } from './faults.ts';
import type { Usage } from './soaked-lab.ts';

/** What a soak has counted. */
export interface Tally {
  readonly renewals: Partial<Record<RenewalKind, number>>;
  readonly faults: Partial<Record<FaultKind, number>>;
  /** By what was started, then by exit code or `killed`. */
  readonly exits: Record<string, Record<string, number>>;
  readonly handshakes: {
    served: number;
    /** Refused, hung or ended because an injected fault says so. */
    failedOnPurpose: number;
    /** Served with another certificate, because an injected fault says so. */
    otherOnPurpose: number;
    failed: number;
    slowestMs: number;
  };
  events: number;
  deeds: number;
  /** Killed or silenced runs that a later start brought to their end. */
  recoveries: number;
  runs: number;
  swaps: number;
  rollBack: number;
  repaired: number;
  /** How often everything was brought to rest and checked. */
  rests: number;
  /** Records that a run had rolled back, or others had changed, and that a person then brought to the new certificate. */
  byPerson: number;
  /** Records of which an outcome said that a run could not restore them. */
  mendedByPerson: number;
  /** What the receiver of notifications was sent, and how much of it under an id that it knew. */
  told: { readonly messages: number; readonly again: number };
}

export function newTally(): Tally {
  return {
    renewals: {},
    faults: {},
    exits: {},
    handshakes: { served: 0, failedOnPurpose: 0, otherOnPurpose: 0, failed: 0, slowestMs: 0 },
    events: 0,
    deeds: 0,
    recoveries: 0,
    runs: 0,
    swaps: 0,
    rollBack: 0,
    repaired: 0,
    rests: 0,
    byPerson: 0,
    mendedByPerson: 0,
    told: { messages: 0, again: 0 },
  };
}

export function add<Key extends string>(counts: Partial<Record<Key, number>>, key: Key): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

/** The document that `--json` prints, and that the repository keeps of the last long one. */
export interface SoakResult {
  readonly schema: 'certrebind/soak/1';
  readonly seed: number;
  readonly date: string;
  readonly machine: string;
  /** Load average of the last minute, at the start and at the end: others work on the machine, too. */
  readonly load: { readonly start: number; readonly end: number };
  readonly seconds: number;
  readonly records: number;
  readonly endpoints: number;
  readonly certificates: number;
  readonly tally: Tally;
  readonly start: Usage;
  readonly end: Usage;
  /** The first invariant that did not hold. */
  readonly broken: { readonly invariant: string; readonly detail: string; readonly deed: number } | null;
  /** Where to look, when something is broken. */
  readonly folder: string | null;
}

export function soakTable(result: SoakResult): string {
  const { tally, start, end } = result;
  const { handshakes } = tally;
  const rows: readonly (readonly [string, string])[] = [
    [
      'records, endpoints dialled, certificates in the beginning',
      list(result.records, result.endpoints, result.certificates),
    ],
    ['minutes, seed', list((result.seconds / 60).toFixed(1), result.seed)],
    ['renewals', `${sum(tally.renewals)} (${counts(tally.renewals)})`],
    ['events 1001', `${tally.events}`],
    ['records replaced, rolled back, options repaired', list(tally.swaps, tally.rollBack, tally.repaired)],
    ['runs of the program that changed or tried to change something', `${tally.runs}`],
    ['exit codes of all processes', counts(exitCodes(tally))],
    ['faults injected', `${sum(tally.faults)} (${counts(tally.faults)})`],
    ['processes killed', `${kills(tally)}`],
    ['runs finished by a later start', `${tally.recoveries}`],
    ['handshakes served', `${handshakes.served}, the slowest after ${(handshakes.slowestMs / 1000).toFixed(1)} s`],
    [
      'handshakes that an injected fault failed, or gave another certificate',
      list(handshakes.failedOnPurpose, handshakes.otherOnPurpose),
    ],
    ['handshakes failed otherwise', `${handshakes.failed}`],
    ['times at rest, with everything checked', `${tally.rests}`],
    ['records that a person replaced after a run had rolled them back', `${tally.byPerson}`],
    ['records that a run had to leave to a person', `${tally.mendedByPerson}`],
    ['notifications sent, of these once more under the same id', list(tally.told.messages, tally.told.again)],
    ['memory of the lab server, start and end', `${start.rssMb ?? '?'} MB, ${end.rssMb ?? '?'} MB`],
    ['open handles of the lab server, start and end', `${start.handles ?? '?'}, ${end.handles ?? '?'}`],
    ['certificates in the stores, start and end', list(start.certificates, end.certificates)],
    ['state folder, start and end', `${start.stateMb} MB, ${end.stateMb} MB with ${end.runsKept} runs`],
    ['invariants broken', result.broken === null ? 'none' : `${result.broken.invariant} (deed ${result.broken.deed})`],
  ];
  const cells = [['what', 'number'], ['---', '---'], ...rows];
  return cells.map(([what, number]) => `| ${what} | ${number} |`).join('\n');
}

function exitCodes({ exits }: Tally): Readonly<Record<string, number>> {
  const all: Record<string, number> = {};
  for (const [code, number] of Object.values(exits).flatMap((codes) => Object.entries(codes)))
    all[code] = (all[code] ?? 0) + number;
  return all;
}

export function kills({ exits }: Tally): number {
  return Object.values(exits).reduce((total, { killed = 0 }) => total + killed, 0);
}

function list(...values: readonly (string | number)[]): string {
  return values.join(', ');
}

function counts(all: Readonly<Partial<Record<string, number>>>): string {
  return Object.entries(all)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([what, number]) => `${what}: ${number}`)
    .join(', ');
}

function sum(all: Readonly<Partial<Record<string, number>>>): number {
  return Object.values(all).reduce<number>((total, number) => total + (number ?? 0), 0);
}
