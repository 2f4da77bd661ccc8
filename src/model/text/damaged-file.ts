/** A file in the state folder that cannot be read as what it is. */
export interface DamagedFile {
  /** Which, and what is wrong with it. */
  readonly message: string;
  /** What can be done about it, in words. */
  readonly hint: string;
  /** What to type, where a command mends it. */
  readonly command: string | null;
}
