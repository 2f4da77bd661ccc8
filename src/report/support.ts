import type { SupportPart } from '../model/documents/support.ts';
import { count } from './phrases.ts';

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
  installation: 'how the program is installed',
  findings: 'what doctor finds',
  proof: 'the proof of the installation',
  runs: 'the last runs',
  configuration: 'the configuration',
};

export function supportText({ file, findings, runs, missing }: SupportWritten): string {
  const told = findings === null ? '' : `${count(findings, 'finding')} and `;
  return [
    `${file} is written, with ${told}${count(runs, 'run')}.`,
    ...missing.map(({ part, code }) => `Not in it: ${parts[part]} (${code}). The file says so.`),
    'Hosts, sites, addresses, accounts and thumbprints have other names in it. Read it before you send it.',
  ].join('\n');
}
