import { readFileSync } from 'node:fs';
import { faultTable } from '../../test/faults/fault-table.ts';
import { guarantees } from '../../test/faults/guarantees.ts';
import { adviceMarkdown } from '../../test/properties/advice-figures.ts';
import { type SoakResult, soakTable } from '../../test/soak/tally.ts';

/** docs/evidence/reliability.md */
export function reliabilityMarkdown(): string {
  const others = guarantees.map(({ title, rows }) => `## ${title}\n\n${rows.filter(saysMore).map(line).join('\n')}\n`);
  return `# What happens when things go wrong

\`npm run docs\` writes this page from the tables that the tests run: \`test/faults/fault-table.ts\` and, with the name of each test, \`test/faults/guarantees.ts\`. In brackets stands the exit code.

## A server that misbehaves

One of four records is struck while its certificate is replaced; the others are replaced unless the run had to stop. Each runs
on three stands, as far as it can happen there: the kernel of the lab in memory, a served lab with real files, pipe and TLS handshakes, and the adapter in a real PowerShell.

${faultTable.map(line).join('\n')}

${others.join('\n')}
${adviceMarkdown()}
${watched}
${soakMarkdown()}`;
}

const watched = `## Histories watched from outside

On 2026-12-03 and 04 the lab with all kinds was played 120 times at random: two renewals at a place, windows, restarts, faults, half undone runs, kills. After each deed an observer
that knows nothing of the product dialled the endpoints, read the registry file, and compared what each view says.

| what | number |
| --- | --- |
| deeds, moments looked at | 1071, 1191 |
| places judged, endpoints dialled by the observer | 25938, 3360 |
| wrong and not named | 1: a gateway that Windows had not stopped was called restarted |

It is the first row of *A service that does not restart*.
`;

function line({
  fault,
  happens,
  exit,
}: {
  readonly fault: string;
  readonly happens: string;
  readonly exit: string | number;
}): string {
  return `- **${fault}**: ${happens}${exit === '' ? '' : ` (${exit})`}.`;
}

function soakMarkdown(): string {
  const file = new URL('../../test/soak/last-run.json', import.meta.url);
  const result: SoakResult = JSON.parse(readFileSync(file, 'utf8'));
  return `## All of it at random, for a while

\`npm run soak -- --minutes 30\` puts a lab of hundreds of records and other holders under everything at once: clients that never stop
connecting, renewals of every kind, the faults from above, commands, a window for changes, and SIGKILL at any moment. Every process is real.

At any time no record is missing, has lost an option or holds another certificate than its own, and no handshake fails, unless a fault at just that record explains it. Every 25 deeds the faults are lifted:
after one \`reconcile\` everything holds its last certificate with all options, or ledger and outcomes say why not; a third one changes nothing.

The last long one: ${result.date}, ${result.machine}.

${briefly(soakTable(result))}
`;
}

/** What ends as the row above did is a test more, and nothing more to know. */
function saysMore({ happens }: { readonly happens: string }): boolean {
  return !/^(?:as above|the same)/.test(happens);
}

/** Without the rows of what grew, and the names of each kind. */
function briefly(table: string): string {
  return table
    .split('\n')
    .filter(
      (row) =>
        !/^\| (?:memory|open handles|certificates|state folder|notifications|renewals|events|runs|times|records that)/.test(
          row,
        ),
    )
    .map((row) => row.replace(/ \([^|]{60,}\)/, ''))
    .join('\n');
}
