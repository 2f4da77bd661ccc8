/** A file in the state folder that cannot be read as what it is. */
export interface DamagedFile {
  /** Which file, and what is wrong with it. */
  readonly message: string;
  /** What can be done about it, in words. */
  readonly hint: string;
  /** The command that repairs it, if there is one. */
  readonly command: string | null;
}
