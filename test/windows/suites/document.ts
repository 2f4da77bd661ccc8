/** In place of the image of a hosted machine: what was found there is not true of any Windows. */
export const labImage = 'Windows lab';

/** What one run of a suite found out about one Windows: `certrebind/measured/1`, schema beside it. */
export interface Measured {
  readonly schema: 'certrebind/measured/1';
  readonly windows: {
    /** 0 of a lab at which nobody could look. */
    readonly build: number;
    /** Empty where the program could not look. */
    readonly iis: string;
    /** Of a hosted machine, as it calls itself; `null` for any other. */
    readonly image: string | null;
  };
  readonly program: { readonly version: string; readonly commit: string | null };
  readonly run: { readonly suite: string; readonly at: string; readonly url: string | null };
  readonly results: readonly MeasuredRow[];
  readonly files: readonly MeasuredFile[];
}

export interface MeasuredRow {
  readonly row: string;
  /** `null`: not measured, and `how` says why. */
  readonly measured: string | null;
  readonly how: string;
  readonly evidence: readonly string[];
  /** The file that asked, behind its suite: documents of several are brought together. */
  readonly file: string;
}

export interface MeasuredFile {
  /** Behind its suite. */
  readonly file: string;
  /** `not-asked`: this Windows lacks what it needs. `not-reached`: the run was ended before, or in the middle of it. */
  readonly outcome: 'done' | 'not-asked' | 'failed' | 'timed-out' | 'not-reached';
  readonly why: string | null;
  /** What it left of its own on the server, which was then removed. */
  readonly leftovers: readonly string[];
  readonly ms: number;
}

/** A file that did not come to its end as it should, so that its suite is broken. */
export function isBroken({ outcome }: Pick<MeasuredFile, 'outcome'>): boolean {
  return outcome !== 'done' && outcome !== 'not-asked';
}
