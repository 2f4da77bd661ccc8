/** One scheduled task of the folder, ours or another's, as Task Scheduler holds it. */
export interface TaskEntry {
  /** With leading and trailing backslash. */
  readonly path: string;
  readonly name: string;
  readonly enabled: boolean;
  /** `null` when Task Scheduler says nothing, for example in a capture. */
  readonly lastResult: number | null;
  readonly lastRunAt: string | null;
  readonly xml: string;
}
