import { toThumbprint } from '../../model/certificates/thumbprint.ts';
import type { RunState } from '../iis/binding.ts';
import type { HolderContext, Names } from '../kind-rules.ts';
import { holderKey, type KeyText } from '../record-key.ts';
import type { Connector } from './exchange-connectors.ts';
import { isReportedKind, type ReportedKind, reportedKinds, reportedRules } from './reported-kinds.ts';

/** One place of a reported kind, as it was read. */
export interface PlaceRead {
  readonly kind: string;
  /** Which of several, or a word if there is only one. */
  readonly detail: string;
  /** The stored value; bytes as hexadecimal digits. */
  readonly written: string;
  readonly place: string;
  readonly service: string;
  readonly state: RunState;
}

/** A role that is installed. */
export interface RoleSeen {
  readonly kind: ReportedKind;
  /** Why its certificate could not be read; `null` if nothing cheap tells it. */
  readonly why: string | null;
  /** Of Exchange; absent where they were not read. */
  readonly connectors?: readonly Connector[];
}

/** A place that names a certificate and is only reported. */
export interface ReportedUse extends HolderContext {
  readonly kind: ReportedKind;
  readonly key: KeyText;
  readonly value: ReportedValue;
}

export interface ReportedValue {
  /** Which of several, or a word if there is only one. */
  readonly detail: string;
  /** What it keeps, in upper case: a thumbprint. */
  readonly hash: string;
  /** Where the hash is stored, and how it is written there. */
  readonly stands?: {
    readonly place: string;
    readonly written: string;
    /** Of Windows, which uses it; empty if none is known. */
    readonly service: string;
    readonly state: RunState;
  };
}

/** What was found at a place: a use, or a role whose certificate is not known; nothing if there is no hash. */
export function readPlace({ kind, detail, written, ...stands }: PlaceRead): ReportedUse | RoleSeen | null {
  if (!isReportedKind(kind) || written.trim() === '') return null;
  const hash = reportedRules[kind].isInEap
    ? hashOfEap(written.replace(/\s/g, '').toLowerCase())
    : toThumbprint(written);
  if (hash === null) return { kind, why: `The value in ${stands.place} is not a certificate hash.` };
  return reportedUse(kind, { detail, hash, stands: { written, ...stands } });
}

export function reportedUse(kind: ReportedKind, value: ReportedValue): ReportedUse {
  return { kind, key: holderKey(kind, value.detail), value };
}

export function isReportedUse(one: { readonly kind: string }): one is ReportedUse {
  return isReportedKind(one.kind);
}

/** Where the hash is stored is left out: it is a path, and no plan reads it. */
export function anonymisedUse({ kind, value: { detail, hash } }: ReportedUse, names: Names): ReportedUse {
  return reportedUse(kind, { detail: anonymisedDetail(detail, names), hash: names.hash(hash) });
}

export function anonymisedDetail(detail: string, names: Names): string {
  return detail === '' ? '' : names.text(detail);
}

/** The kind that a key belongs to; `null` for one of a certificate binding, or of what can be moved. */
export function reportedKindOf(key: string): ReportedKind | null {
  return reportedKinds.find((kind) => key.startsWith(`${kind}/`)) ?? null;
}

/** The kind whose certificate bindings have an application id. */
export function reportedKindOfApplication(appId: string): ReportedKind | null {
  return reportedKinds.find((kind) => reportedRules[kind].appId === appId.toLowerCase()) ?? null;
}

/** Digits before the hash, by how the settings of a method begin; its length is written before it (fidelity: reported-nps). */
const eapOffsets: readonly (readonly [method: string, offset: number])[] = [
  ['0d', 80],
  ['19', 72],
];

const lengthOfHash = '14000000';

function hashOfEap(settings: string): string | null {
  const offset = eapOffsets.find(([method]) => settings.startsWith(method.padEnd(32, '0')))?.[1] ?? 0;
  const digits = settings.slice(offset, offset + 40);
  return settings.slice(0, offset).endsWith(lengthOfHash) && /^[0-9a-f]{40}$/.test(digits)
    ? toThumbprint(digits)
    : null;
}
