import { count } from '../../command-line/print/phrases.ts';
import type { SupportPart } from './document.ts';

/** What `support` prints of the file that it has written. */
export interface SupportWritten {
  readonly schema: 'certrebind/support-written/1';
  readonly file: string;
  /** Whether the server could be read. */
  readonly server: boolean;
  readonly findings: number | null;
  readonly runs: number;
  readonly missing: readonly { readonly part: SupportPart; readonly code: string }[];
}

const parts: Readonly<Record<SupportPart, string>> = {
  server: 'the server',
  installation: 'the installation',
  findings: 'the findings of doctor',
  proof: 'the proof of the installation',
  runs: 'the last runs',
  configuration: 'the configuration',
};

export function supportText({ file, findings, runs, missing }: SupportWritten): string {
  const told = findings === null ? '' : `${count(findings, 'finding')} and `;
  return [
    `${file} was written, with ${told}${count(runs, 'run')}.`,
    ...missing.map(({ part, code }) => `It does not contain: ${parts[part]} (${code}).`),
    'Host names, sites, addresses, accounts and thumbprints were replaced. Read the file before you send it.',
  ].join('\n');
}
