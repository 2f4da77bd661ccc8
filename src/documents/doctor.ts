import type { Scope } from './scope.ts';
import type { Finding } from './status.ts';

/** Every difference between IIS, HTTP.SYS and the certificates that endpoints serve. */
export interface Doctor extends Scope {
  readonly schema: 'certrebind/doctor/1';
  /** The worst first. */
  readonly findings: readonly Finding[];
}
