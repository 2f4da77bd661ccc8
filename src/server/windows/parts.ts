import { append } from '../../base/group.ts';
import type { Named, Parts, Row } from '../../model/windows/rows.ts';
import { adapterError } from './session-errors.ts';

export function partsOf(reply: readonly Row[]): Parts {
  const byKind = new Map<string, [Row, ...Row[]]>();
  for (const [kind = '', ...fields] of reply) append<string, Row>(byKind, kind, fields);
  const rows = (kind: string): readonly Row[] => byKind.get(kind) ?? [];
  const read = new Set(rows('read').map(([part]) => part));
  return {
    rows,
    first: (kind) => rows(kind)[0] ?? null,
    records<Text extends string>(named: Text) {
      const [kind = '', ...columns] = named.split(' ');
      const [told = []] = rows(`#${kind}`);
      const field = (row: Row, column: string) => {
        const text = row[told.indexOf(column)];
        if (text !== undefined) return [column, text] as const;
        throw adapterError(kind, ['error', '', `no ${column} is told`]);
      };
      return rows(kind).map((row) => Object.fromEntries(columns.map((column) => field(row, column))) as Named<Text>);
    },
    failure(part) {
      if (read.has(part)) return null;
      const [, ...error] = rows('failed').find(([name]) => name === part) ?? [];
      return adapterError(part, ['error', ...error]);
    },
  };
}

/** @throws CertRebindError when the adapter could not read the part */
export function assertPart(parts: Parts, part: string): void {
  const failure = parts.failure(part);
  if (failure !== null) throw failure;
}
