import type { KeyText } from './record-key.ts';

/** One line on stderr for each step of progress, with `--progress json`. */
export interface Progress {
  readonly schema: 'certrebind/progress/1';
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly key: KeyText | null;
}
