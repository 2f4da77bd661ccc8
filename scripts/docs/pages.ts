import { codesMarkdown } from './codes.ts';
import { decisionTableMarkdown } from './decision-table.ts';
import { fidelityMarkdown } from './fidelity.ts';
import { withGeneratedParts, withShownFiles } from './generated-parts.ts';
import { reliabilityMarkdown } from './reliability.ts';

/**
 * The pages of docs/ that are written from the program's own tables, or have parts that are, or show files: `npm run docs`
 * writes them, a test compares them.
 */
export const generatedPages: readonly { readonly file: string; readonly write: () => string | Promise<string> }[] = [
  { file: 'docs/codes.md', write: codesMarkdown },
  { file: 'docs/evidence/decision-table.md', write: decisionTableMarkdown },
  { file: 'docs/evidence/fidelity.md', write: () => fidelityMarkdown() },
  { file: 'docs/evidence/reliability.md', write: reliabilityMarkdown },
  ...['docs/dsc.md', 'docs/fleet.md'].map((file) => ({ file, write: () => withShownFiles(file) })),
  ...[
    'README.md',
    'docs/commands.md',
    'docs/develop/architecture.md',
    'docs/configuration.md',
    'docs/evidence/measured.md',
    'docs/holders.md',
    'docs/scripts-of-win-acme.md',
    'docs/troubleshooting.md',
  ].map((file) => ({
    file,
    write: () => withGeneratedParts(file),
  })),
];
