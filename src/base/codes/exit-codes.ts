/** The meaning of each exit code. */
export const exits = {
  0: 'Success: everything is as wanted, or a renewal waits for its time or the change window.',
  1: 'CertRebind has a bug.',
  2: 'The command line, the configuration or an input is not valid, or is for another server. Nothing was changed.',
  3: 'A guard or a person said no. Nothing failed, and everything else was done.',
  4: 'Something failed. Every failed step was rolled back, and the rollback was checked.',
  5: 'A person has to act. The message shows the state of each endpoint.',
  6: 'Another run of CertRebind is active on this server.',
  7: 'CertRebind cannot work on this server. The message names what to install or allow.',
  8: 'The plan no longer fits the server. Nothing was changed.',
  9: 'verify, doctor or status --check found an error or a warning, or usage --renewed an older certificate in use.',
} as const;

export type ExitCode = keyof typeof exits;
