import type { Thumbprint } from '../model/certificates/thumbprint.ts';

/** Where on a server thumbprints of its certificates stand in texts, of which nothing else is taken. */
export interface WrittenElsewhere {
  /** No renewal reaches them. Files first, in the order of their paths. */
  readonly found: readonly WrittenText[];
  /** How many were looked through. */
  readonly files: number;
  readonly others: number;
  /** What was not, as clauses. */
  readonly notRead: readonly string[];
}

export interface WrittenText {
  readonly kind: 'file' | 'task' | 'service' | 'policy';
  /** The path of a file or a task, the name of a service, a registry value. */
  readonly where: string;
  /** Of a file. */
  readonly line: number | null;
  readonly thumbprint: Thumbprint;
  /** The certificate that replaced it here. */
  readonly replacedBy: Thumbprint | null;
  /** What reads it, where that is known. */
  readonly program: string | null;
}

export type FoundText = Omit<WrittenText, 'replacedBy'>;
