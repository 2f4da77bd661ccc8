import type { Finding } from './status.ts';

/** Every difference between IIS, HTTP.SYS and the wire. */
export interface Doctor {
  readonly schema: 'certrebind/doctor/1';
  /** The worst first. */
  readonly findings: readonly Finding[];
}
