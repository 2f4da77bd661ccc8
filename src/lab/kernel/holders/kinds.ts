import {
  type Holder,
  type HolderNow,
  kindOf,
  movableKinds,
  type NonTlsKind,
  type SnapshotHolder,
  toKey,
  type Valued,
} from '../../../kinds/holder.ts';
import type { ReadSoFar } from '../../../kinds/kind-rules.ts';
import type { KeyText } from '../../../kinds/record-key.ts';
import type { Connection, LabResult, Outcome } from '../answers.ts';
import { fieldsOf, findEntry, recordNow } from '../http-sys.ts';
import type { LabState } from '../lab-state.ts';
import { isSameName } from '../services.ts';
import { ftpInLab } from './ftp.ts';
import { keyAccessInLab } from './key-access.ts';
import type { Connecting, InTurn, KindInLab, ListeningAt, OwnRequest, SetRoleValue } from './kind-in-lab.ts';
import { ldapsInLab } from './ldaps.ts';
import { gatewayInLab } from './rd-gateway.ts';
import { rdpInLab } from './rdp.ts';
import { sqlInLab } from './sql.ts';
import { sstpInLab } from './sstp.ts';
import { winrmInLab } from './winrm.ts';
import { wmsvcInLab } from './wmsvc.ts';

/** Who answers a connection is asked in this order: first the kinds with a protocol of their own. */
const kinds = {
  sql: sqlInLab,
  ldaps: ldapsInLab,
  sstp: sstpInLab,
  'rd-gateway': gatewayInLab,
  ftp: ftpInLab,
  wmsvc: wmsvcInLab,
  rdp: rdpInLab,
  winrm: winrmInLab,
  keyAccess: keyAccessInLab,
};

type RequestOf<Entry> = Entry extends { readonly own?: OwnRequest<infer Own> } ? Own : never;
/** The requests that one kind knows, and nothing else. */
export type RequestOfKind = RequestOf<(typeof kinds)[keyof typeof kinds]>;
/** What changes a holder. */
type RequestToPut = RequestOfKind | SetRoleValue | InTurn<RequestOfKind>;

/** The same, for a function that has a kind and a value of it. */
const movable: { readonly [K in NonTlsKind]: Omit<KindInLab<K, RequestOfKind>, 'own'> } = kinds;
const every = Object.values(movable);
/** Each kind's, in the order in which people read of kinds. */
const own: readonly OwnRequest<RequestOfKind>[] = [...movableKinds, 'keyAccess' as const].flatMap(
  (kind) => kinds[kind].own ?? [],
);
const ownRequests: ReadonlyMap<string, OwnRequest<RequestOfKind>> = new Map(own.map((one) => [one.kind, one]));
export const ownKinds = own.map(({ kind }) => kind);

export function isOwn(request: { readonly kind: string }): request is RequestOfKind {
  return ownRequests.has(request.kind);
}

/** Carries out a request that one kind knows. */
export function applyOwn(state: LabState, request: RequestOfKind): Outcome {
  const known = ownRequests.get(request.kind);
  if (known === undefined) throw new TypeError(`${request.kind} is not a request to a lab`);
  return known.apply(state, request);
}

/** The holder that such a request changes; `null` if there is none. */
export function changedBy(state: LabState, request: RequestOfKind): KeyText | null {
  return ownRequests.get(request.kind)?.about(state, request) ?? null;
}

/** As if somebody else had changed it in another way than by that request; `null` where there is no other. */
export function changedByOthers(state: LabState, kind: string, thumbprint: string): LabState | null {
  return ownRequests.get(kind)?.byOthers?.(state, thumbprint) ?? null;
}

/** What services go on using, by their names, once what is stored changes. */
export function usesNow(state: LabState): Readonly<Record<string, string>> {
  return Object.assign({}, ...every.map(({ services }) => services?.uses?.(state)));
}

/** What a service reads and makes when it starts; `null` if it does not start. */
export function afterStart(state: LabState, service: string): LabState | null {
  return every.reduce<LabState | null>(
    (after, { services }) =>
      after === null || services?.started === undefined ? after : services.started(after, service),
    state,
  );
}

/** The same of all services when the server starts. */
export function afterBoot(state: LabState): LabState {
  return every.reduce((after, { services }) => services?.booted?.(after) ?? after, state);
}

/** The thumbprint that a holder names, `null` if it names none, or `nothing` where it is not there. */
export function heldBy(state: LabState, text: string): string | null | 'nothing' {
  const key = toKey(text);
  if (key === null) return 'nothing';
  const kind = kindOf(key);
  const entry = kind === 'tls' ? findEntry(state.httpSys, key) : null;
  const held = kind !== 'tls' ? movable[kind].value(state, key) : entry && fieldsOf(entry);
  return held === null ? 'nothing' : held.thumbprint;
}

/** A holder that is no certificate binding. */
export function holderNow(state: LabState, key: KeyText): HolderNow {
  const kind = kindOf(key);
  if (kind === 'tls') return { state: 'unknown', why: 'it is a certificate binding' };
  const value = movable[kind].value(state, key);
  return value === null ? { state: 'absent' } : { state: 'holds', holder: { kind, key, value } as Holder };
}

/** The holders of a snapshot that are not certificate bindings. */
export function standingInLab(state: LabState, read: ReadSoFar): readonly SnapshotHolder[] {
  return movableKinds.flatMap((kind): readonly SnapshotHolder[] => movable[kind].standing?.(state, read) ?? []);
}

/** The request that reads a holder. */
export function readingOf(key: KeyText) {
  return kindOf(key) === 'tls'
    ? ({ kind: 'read-records', keys: [key] } as const)
    : ({ kind: 'read-holder', key } as const);
}

/** What such a request was answered with. */
export function nowFrom(key: KeyText, result: LabResult): HolderNow {
  if (result.kind === 'holder') return result.now;
  if (result.kind === 'records') return recordNow(key, result.records[0]?.entry ?? null);
  return { state: 'unknown', why: 'the lab did not tell' };
}

/** What makes a holder what is wanted, beside its certificate binding. */
export function requestsToPut<K extends NonTlsKind>(
  { kind, value }: Valued<K>,
  expected: string | null,
): readonly RequestToPut[] {
  return movable[kind].put(value, expected);
}

/** The holders whose change writes a value of this key of the registry. */
export function holdersWritingTo(state: LabState, path: string): readonly KeyText[] {
  return movableKinds.flatMap((kind) => writingTo(kind, state, path));
}

function writingTo<K extends NonTlsKind>(kind: K, state: LabState, path: string): readonly KeyText[] {
  const { standing, put }: Pick<KindInLab<K, RequestOfKind>, 'standing' | 'put'> = movable[kind];
  const isThere = (one: RequestToPut) => one.kind === 'set-role-value' && isSameName(one.key, path);
  const standingNow = standing?.(state, { sites: [], records: [], certificates: [] }) ?? [];
  return standingNow.flatMap(({ key, value }) => (put(value, null).some(isThere) ? key : []));
}

/** What a client is answered that reaches none of the certificate bindings; `null` where it reaches one. */
export function connectToHolder(state: LabState, request: Connecting, now: string): Connection | null {
  for (const { connect } of Object.values(movable)) {
    const connection = connect?.(state, request, now) ?? null;
    if (connection !== null) return connection;
  }
  return null;
}

/** Where a served lab listens for holders that are not certificate bindings. */
export function listensForHolders(state: LabState): readonly ListeningAt[] {
  return every.flatMap(({ listens }) => listens?.(state) ?? []);
}
