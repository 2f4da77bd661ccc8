import type { Parts, Row } from '../model/windows/rows.ts';
import { serviceAccount } from '../model/windows/service-account.ts';
import { runStateOf } from './iis/binding.ts';
import type { Now, ReadSoFar, ServiceSeen, Standing } from './kind-rules.ts';
import type { KeyText } from './record-key.ts';

/** Finds the holder of a key among those of a snapshot, without what stands around it. */
export function nowAmong<Kind extends string, Value>(
  holders: readonly Standing<Kind, Value>[],
): (key: KeyText) => Now<Kind, Value> {
  const found = new Map(holders.map(({ kind, key, value }) => [key, { kind, key, value }]));
  return (key) => {
    const holder = found.get(key);
    return holder === undefined ? { state: 'absent' } : { state: 'holds', holder };
  };
}

/** From a row `service <name> <state> <account> <dependent that runs>...`; of a service that is not there the state is not known. */
export function serviceIn(
  parts: Parts,
  name: string,
): Omit<ServiceSeen, 'sessions'> & Required<Pick<ServiceSeen, 'runsAs'>> {
  const [, state, account = '', ...dependents] =
    parts.rows('service').find(([each]) => each?.toUpperCase() === name.toUpperCase()) ?? [];
  return { name, state: runStateOf(state), dependents, runsAs: serviceAccount(name, account) };
}

/** How holders of one kind are read and changed by the adapter. */
export interface KindOnWindows<Kind extends string, Value> {
  /** Its part of the adapter, which adds to the tables of `adapter/holders.ps1`. */
  readonly script: string;
  /** The reading of a whole server that tells of them; `null` for what stands in the configuration of IIS, or with the certificates. */
  readonly partOfServer: string | null;
  /** Those of a snapshot, from that reading. */
  standing(parts: Parts, read: ReadSoFar): readonly Standing<Kind, Value>[];
  /** What the adapter is asked to read, as a row `<word of its table of readings>`. */
  readonly reading: string;
  /** What that row names for each holder; absent if one reading returns all holders of its kind. */
  readsByKey?(key: KeyText): string;
  /** Parses the answer, once for all holders. @throws CertRebindError when that cannot be read */
  read(parts: Parts): (key: KeyText) => Now<Kind, Value>;
  /** The row of a change. @param expected the thumbprint that must be held; `null` for any */
  put(wanted: Value, expected: string | null): Row;
}
