import type { Sight } from '../../documents/sight.ts';
import type { Finding } from '../../documents/status.ts';

/** Every difference between IIS, HTTP.SYS and the certificates that endpoints serve. */
export interface Doctor extends Sight {
  readonly schema: 'certrebind/doctor/1';
  /** The worst first. */
  readonly findings: readonly Finding[];
}
