import type { Scope } from '../../documents/scope.ts';
import type { Finding } from '../../documents/status.ts';

/** Every difference between IIS, HTTP.SYS and the certificates that endpoints serve. */
export interface Doctor extends Scope {
  readonly schema: 'certrebind/doctor/1';
  /** The worst first. */
  readonly findings: readonly Finding[];
}
