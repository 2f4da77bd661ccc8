import type { CertRebindError } from '../../text/errors.ts';
import { append } from '../../text/group.ts';
import type { Row } from './rows.ts';
import { adapterError } from './session-errors.ts';

/** What the adapter answered in one call, by the first field of its rows, and which parts it could not read. */
export interface Parts {
  /** Rows of this kind, without the kind. */
  rows(kind: string): readonly Row[];
  /** The first of them. */
  first(kind: string): Row | null;
  /** Why a part is missing; `null` when it was read. */
  failure(part: string): CertRebindError | null;
}

export function partsOf(reply: readonly Row[]): Parts {
  const byKind = new Map<string, [Row, ...Row[]]>();
  for (const [kind = '', ...fields] of reply) append<string, Row>(byKind, kind, fields);
  const rows = (kind: string): readonly Row[] => byKind.get(kind) ?? [];
  const read = new Set(rows('read').map(([part]) => part));
  return {
    rows,
    first: (kind) => rows(kind)[0] ?? null,
    failure(part) {
      if (read.has(part)) return null;
      const [, ...error] = rows('failed').find(([name]) => name === part) ?? [];
      return adapterError(part, ['error', ...error]);
    },
  };
}

/** @throws CertRebindError when the adapter could not read the part */
export function demandPart(parts: Parts, part: string): void {
  const failure = parts.failure(part);
  if (failure !== null) throw failure;
}
