/**
 * What brings one step of an unfinished run to its end. `none`: it stands as before the run, or the run had not come to it. `prove`: it is new and
 * whole, and the wire has to confirm it. `repair`: options are missing. `put-back`: it has to become as before again.
 * `leave`: somebody else's work, or not to be read; a person has to look.
 */
export interface RecoveryStep {
  readonly step: number;
  readonly action: 'none' | 'prove' | 'repair' | 'put-back' | 'leave';
}
