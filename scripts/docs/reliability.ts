import { readFileSync } from 'node:fs';
import { faultTable } from '../../test/faults/fault-table.ts';
import { guarantees } from '../../test/faults/guarantees.ts';
import { type SoakResult, soakTable } from '../../test/soak/tally.ts';

/** docs/evidence/reliability.md */
export function reliabilityMarkdown(): string {
  const faults = faultTable.map(({ fault, happens, exit }) => `| ${fault} | ${happens} | ${exit} |`);
  const others = guarantees.map(({ title, rows }) => {
    const lines = rows.map(({ fault, happens, exit, file }) => `| ${fault} | ${happens} | ${exit} | \`${file}\` |`);
    return `## ${title}

| fault | what happens | exit | test |
|---|---|---|---|
${lines.join('\n')}
`;
  });
  const missing = faultTable.flatMap(({ fault, notOn }) =>
    Object.entries(notOn ?? {}).map(([stand, why]) => `- ${fault}: not on the ${stand}; ${why}.`),
  );
  return `# What happens when things go wrong

Every endpoint is verified, rolled back, or listed with its state and with what to do. Exit 0 means that the wanted state
holds. \`npm run docs\` writes this page from the tables that the tests run.

## A server that misbehaves

One of four records is struck while its certificate is replaced; the others are replaced unless the run had to stop. Each row runs
on three stands: the kernel of the lab in memory, a served lab with real files, pipe and TLS handshakes, and the adapter in a real PowerShell. It is
the name of a test in \`test/faults/faults.test.ts\`, which holds outcome, exit code and message.

| fault | what happens | exit |
|---|---|---|
${faults.join('\n')}

${missing.join('\n')}

${others.join('\n')}The names of these tests stand in \`test/faults/guarantees.ts\`.

${soakMarkdown()}
## How much was tried

Counted in a whole run of the tests on 26 November 2026, 2 cores (Linux, x64), Node 20.20, PowerShell 7.6:

| what | number |
|---|---|
| states after one or two kills in a row, in memory; all that there are | 5276 |
| points of real processes, each killed at: rebind, undo, recovery, enable, disable | 176 |
| effects of enable, install, uninstall and an upgrade that is not verified, each killed at | 81, 35, 40, 29 |
| points at what is said to PowerShell, each killed at | 6 |
| sessions that fifty starts at once opened | 2 |
| sessions that two hundred starts opened, eight at a time | 30 |

A random case that fails prints the line that runs it again (\`CERTREBIND_SEED\`, \`CERTREBIND_PATH\`); \`CERTREBIND_CASES\` says
how many are tried. The program that is shipped has nothing in it for these tests: a file that Node loads before the program kills
processes (\`test/crash/die-at.cjs\`), and everything else strikes the lab.
`;
}

function soakMarkdown(): string {
  const file = new URL('../../test/soak/last-run.json', import.meta.url);
  const result: SoakResult = JSON.parse(readFileSync(file, 'utf8'));
  return `## All of it at random, for a while

\`npm run soak -- --minutes 30\` puts a lab of hundreds of records and other holders under everything at once: clients that never stop
connecting, renewals of every kind, the faults of the first table, commands of persons and scripts, a window for changes, a receiver of
notifications that fails, and SIGKILL at any moment. Every process is real, and the program is the built one.

At any time no record is missing, has lost an option or holds another certificate than its own, no handshake fails or meets another
certificate, unless a fault at just that record explains it, and no process ends with exit 1. Every 25 deeds the faults are lifted. After one
\`reconcile\` it has ended with 0, or with 3 for a guard, no run is unfinished, and everything holds its last certificate with all
options, or ledger and outcomes say why not. After a second one \`verify\` ends with 0, a third changes nothing, and every run was told
once. The first of these that does not hold ends the soak with exit 1, its name and the folder of the lab. \`--seed N\` makes the same
choices again; \`--record\` keeps the result for this page. A short soak is part of the tests.

The last long one: ${result.date}, ${result.machine}; load average ${result.load.start.toFixed(1)} at the start and
${result.load.end.toFixed(1)} at the end. Its open handles in the end were connections at port 990 that the lab did not let go; it does now.

${soakTable(result)}
`;
}
