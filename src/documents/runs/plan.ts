import { type BlockCode, blockEntry, type NoteCode, type SkipCode } from '../../base/codes/plan-codes.ts';
import type { Positive, Sha256, Time } from '../../base/document.ts';
import type { Consumer } from '../../kinds/consumer.ts';
import { type Holder, sameHolder, thumbprintOf } from '../../kinds/holder.ts';
import type { Restart } from '../../kinds/kind-rules.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { ServerIdentity } from '../../kinds/snapshot.ts';
import type { Endpoint } from '../../model/certificates/handshake.ts';
import type { NamedCertificate } from '../../model/certificates/named-certificate.ts';
import type { Renewal } from '../../model/certificates/renewal.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import type { Decision } from './ledger.ts';

export type GuardSetting = 'block' | 'warn' | 'off';

/** What a plan is made for. */
export type Purpose = 'rebind' | 'undo' | 'repair' | 'recovery' | 'rehearsal' | 'import';

export interface Note {
  /** @anyText */
  readonly code: NoteCode;
  readonly text: string;
  /** The host names that it is about, where a later run has to know them; absent for none. */
  readonly hosts?: readonly string[];
  /** What a person may have to type; absent for nothing. */
  readonly command?: string;
}

/** What would be done and why, and what would not and why. Same snapshot, renewals and policy: same bytes. */
export interface Plan {
  readonly schema: 'certrebind/plan/1';
  /** Of the canonical document without this field. */
  readonly digest: Sha256;
  readonly purpose: Purpose;
  /** The run that an undo rolls back; absent in every other plan. */
  readonly undoes?: string;
  readonly server: ServerIdentity;
  /** `snapshot.takenAt`: the only time that guards use. */
  readonly asOf: Time;
  /** When what waits for its window may be changed; absent if nothing does. */
  readonly notBefore?: Time;
  /** The guards whose setting differs from the default. */
  readonly policy: readonly {
    /** @anyText */
    readonly guard: BlockCode;
    readonly setting: GuardSetting;
  }[];
  /** Values that earlier runs had to put back and could not, as far as that still is so; absent where nobody looked. */
  readonly owed?: readonly Owed[];
  readonly renewals: readonly Renewal[];
  /** The names of the certificates in renewals and steps; those that are not on this server are missing. */
  readonly certificates?: readonly NamedCertificate[];
  /**
   * Older certificates that those of the steps replace, besides the old ones of `renewals`: an endpoint that serves one
   * of them was not renewed. Absent if there is none.
   */
  readonly lineage?: readonly { readonly certificate: Thumbprint; readonly replaces: readonly Thumbprint[] }[];
  readonly steps: readonly Step[];
  readonly blocked: readonly BlockedEntry[];
  readonly skipped: readonly SkippedEntry[];
  readonly notes: readonly Note[];
}

/** Make one holder what is wanted. What to do, and how to undo it, follows from the pair `before` and `wanted`. */
export interface Step {
  /** 1, 2, 3 … in the order of execution. */
  readonly id: Positive;
  readonly key: KeyText;
  /** As it is now; `null` when there is none. */
  readonly before: Holder | null;
  /** As a whole; `null` to take it away. */
  readonly wanted: Holder | null;
  /** The renewal that it applies or puts back; `null` for a step that concerns only one holder. */
  readonly renewal: Renewal | null;
  readonly consumers: readonly Consumer[];
  readonly verify: readonly Endpoint[];
  readonly notes: readonly Note[];
  /**
   * `debt`: it makes a holder what an earlier run had to make it again and could not. `again`: it tries a renewal that
   * was rolled back. Debts come first, then what is tried again, then everything else, which has none.
   */
  readonly turn?: Turn;
  /** Services that are restarted after the change, in the order in which they are stopped; absent for none. */
  readonly restart?: Restart;
}

export type Turn = 'debt' | 'again';

/** Which run owes it, and where. */
export interface Owed {
  readonly run: string;
  readonly key: KeyText;
}

/**
 * What a step does. `apply`: sets the new certificate of its renewal; `reapply`: the one that is set; `put-back`: the old one.
 * `check`, `check-back`: changes nothing and checks the endpoints again, after the renewal was applied or put back. `grant`:
 * gives rights on a private key, or takes them back. `restore`: makes the holder as a whole; `remove`: takes it away.
 */
export type Task = 'apply' | 'reapply' | 'put-back' | 'check' | 'check-back' | 'grant' | 'restore' | 'remove';

export function taskOf({ before, wanted, renewal }: Step): Task {
  if ((wanted ?? before)?.kind === 'keyAccess') return 'grant';
  if (wanted === null) return 'remove';
  if (renewal === null) return 'restore';
  if (renewal.old === renewal.new) return 'reapply';
  const isBack = thumbprintOf(wanted) === renewal.old;
  if (sameHolder(wanted, before)) return isBack ? 'check-back' : 'check';
  return isBack ? 'put-back' : 'apply';
}

/** Whether it sets, or finds set, the old certificate of its renewal. */
export function putsBack(step: Step): boolean {
  const task = taskOf(step);
  return task === 'put-back' || task === 'check-back';
}

/** Whether it changes nothing. */
export function isVerifyOnly(step: Step): boolean {
  const task = taskOf(step);
  return task === 'check' || task === 'check-back';
}

interface Told<Code extends BlockCode | SkipCode> {
  /** @anyText */
  readonly code: Code;
  /** One or more sentences. */
  readonly text: string;
}

export const exclusionLists = ['holders', 'records', 'sites', 'thumbprints'] as const;

export type ExclusionList = (typeof exclusionLists)[number];

/** Named in a list of `exclude` of the configuration, by this entry. */
export interface Excluded extends Told<'excluded'> {
  readonly list: ExclusionList;
  /** As the list has it. */
  readonly entry: string;
}

/** A run rolled the renewal back here, or a person took it back: what that was. */
export interface OnHold extends Told<'held'>, Pick<Decision, 'by' | 'run' | 'at'> {}

export interface LeftToPerson extends Told<'other-program' | 'report-only'> {
  /** The command that changes it; absent if there is none. */
  readonly command?: string;
  /** The line of settings after which CertRebind changes it, where `command` is what a person does; absent for none. */
  readonly settings?: string;
}

export interface Unclear extends Told<'ambiguous'> {
  readonly candidates: readonly Thumbprint[];
}

type NameCode = 'names-lost' | 'names-fewer';

export interface NamesMissing extends Told<NameCode> {
  /** Those that the new certificate does not cover. */
  readonly hosts: readonly string[];
}

type TimeCode = 'not-yet-valid' | 'outside-window' | 'set-back';

export interface NotYet extends Told<TimeCode> {
  /** When it ends by itself; `null` for never, or where nobody can tell. */
  readonly until: string | null;
}

interface NothingToSay extends Told<'already' | 'not-in-plan'> {}

/** A guard, of which the text says all. */
interface Guarded extends Told<Exclude<BlockCode, NameCode | TimeCode | 'ambiguous'>> {}

/** One thing that keeps a place from being changed. */
export type Obstacle = Excluded | OnHold | LeftToPerson | Unclear | NamesMissing | NotYet | NothingToSay | Guarded;

/** What a guard, or the time, has against a change. */
export type Objection = Extract<Obstacle, { readonly code: BlockCode }>;

/** What there is against a change of a place, in the order in which a run meets it: the next only once the one before is gone. */
export type Obstacles = readonly [Obstacle, ...Obstacle[]];

/** A place that is left as it is because of what it is, or because a person or an earlier run said so. */
export interface SkippedEntry {
  readonly key: KeyText;
  readonly consumers: readonly Consumer[];
  /** What would be applied; `null` where that is not known. */
  readonly renewal: Renewal | null;
  readonly obstacles: Obstacles;
}

/** A place that would be changed, if a guard or its time did not keep that. */
export interface BlockedEntry extends SkippedEntry {
  readonly renewal: Renewal;
}

/** In one text. */
export function obstaclesText([first, ...others]: Obstacles): string {
  return first.text + others.map(({ code, text }) => ` Besides, ${code}: ${text}`).join('');
}

/** What one certificate has to cover, so that no client loses a name: those of the new one, and those that it lacks. */
export function namesToOrder(entries: readonly Pick<SkippedEntry, 'obstacles'>[], names: readonly string[]) {
  const lost = [...new Set(entries.flatMap(lostNames))].sort();
  return { lost, all: lost.length === 0 ? [] : [...new Set([...names, ...lost])].sort() };
}

/** The host names that would be lost. */
export function lostNames({ obstacles }: Pick<SkippedEntry, 'obstacles'>): readonly string[] {
  return obstacles.flatMap((one) => (one.code === 'names-lost' ? one.hosts : []));
}

/** What there is against it first. */
export function meetsFirst(code: Obstacle['code'], { obstacles }: Pick<SkippedEntry, 'obstacles'>): boolean {
  return obstacles[0].code === code;
}

/** Whether nothing follows from it, not even when its time or its window comes. */
export function isRefused({ steps, blocked }: Pick<Plan, 'steps' | 'blocked'>): boolean {
  return steps.length === 0 && blocked.length > 0 && !blocked.some(isWaiting);
}

/** Whether neither a guard nor a person said no: it waits for its time or its window. */
export function isWaiting({ obstacles }: Pick<BlockedEntry, 'obstacles'>): boolean {
  return obstacles.every(({ code }) => blockEntry(code)?.waits === 'its-time');
}

/** Whether it keeps using an old certificate until a person acts, whose command it may name. */
export function isByHand({ obstacles: [first] }: Pick<SkippedEntry, 'obstacles'>): boolean {
  return first.code === 'report-only' || commandOf(first) !== null;
}

/** The line of settings that lets CertRebind change what is left to a person, below what it is for; no lines if there is none. */
export function settingsLines(obstacle: Obstacle): readonly string[] {
  return 'settings' in obstacle && obstacle.settings !== undefined
    ? ['Or CertRebind does it, in the change window, after:', `  ${obstacle.settings}`]
    : [];
}

export function commandOf(obstacle: Obstacle): string | null {
  return 'command' in obstacle ? (obstacle.command ?? null) : null;
}
