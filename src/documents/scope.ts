import type { Snapshot } from '../kinds/snapshot.ts';
import type { UnknownPart } from '../kinds/unknown-parts.ts';
import type { Finding } from './status.ts';

/** What an answer is based on: the absence of a finding means something only for what was looked at. */
export interface Scope {
  readonly lookedAt: readonly { readonly part: string; readonly from: string }[];
  readonly notLookedAt: readonly UnknownPart[];
}

/** What was read of a server, and how many of its endpoints were dialled. */
export function scopeOf({ sources, notLookedAt }: Snapshot, endpoints: readonly { readonly result: string }[]): Scope {
  const dialled = endpoints.filter(({ result }) => result !== 'skipped').length;
  const wire = dialled === 0 ? [] : [{ part: 'wire', from: `${dialled} of ${endpoints.length} endpoints` }];
  return { lookedAt: [...sources, ...wire], notLookedAt };
}

/** Every difference between IIS, HTTP.SYS and the certificates that endpoints serve. */
export interface Doctor extends Scope {
  readonly schema: 'certrebind/doctor/1';
  /** The worst first. */
  readonly findings: readonly Finding[];
}
