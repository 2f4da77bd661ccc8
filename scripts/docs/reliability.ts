import { readFileSync } from 'node:fs';
import { faultTable, nameOfTest, stands } from '../../test/faults/fault-table.ts';
import { guarantees } from '../../test/faults/guarantees.ts';
import { type SoakResult, soakTable } from '../../test/soak/tally.ts';

/** docs/evidence/reliability.md */
export function reliabilityMarkdown(): string {
  const faults = faultTable.map((row) => {
    const where = stands.filter((stand) => row.notOn?.[stand] === undefined).join(', ');
    return `| ${row.fault} | ${row.happens} | ${row.exit} | ${where} |`;
  });
  const others = guarantees.map(({ title, rows }) => {
    const lines = rows.map(
      ({ fault, happens, exit, file, test }) => `| ${fault} | ${happens} | ${exit} | \`${file}\`: ${test} |`,
    );
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
holds. This page is generated from the tables that the tests run (\`npm run docs\`), so what it says is tried.

## A server that misbehaves

One of four records is struck while its certificate is rebound; the others are swapped unless the run had to stop. Each
row runs on the kernel of the lab in memory, on a served lab with real files, pipe and TLS handshakes, and through the
adapter in a real PowerShell. The name of a test is the row: \`${nameOfTest({ fault: '<fault>', happens: '<what happens>', exit: 4 })}\`, in
\`test/faults/faults.test.ts\`; outcome, exit code and message are pinned there.

| fault | what happens | exit | where |
|---|---|---|---|
${faults.join('\n')}

${missing.join('\n')}

${others.join('\n')}
${soakMarkdown()}
## Measured

Counted in a whole run of the tests on 26 November 2026, 2 cores (Linux, x64), Node 20.20, PowerShell 7.6:

| what | number |
|---|---|
| states after one or two kills in a row that were checked, in memory; all that there are | 5276 |
| points of real processes, each killed at: rebind, undo, recovery, enable, disable | 176 |
| effects of enable, install, uninstall and an upgrade that is not verified, each killed at | 81, 35, 40, 29 |
| points at what is said to PowerShell, each killed at | 6 |
| sessions that fifty starts at once opened | 2 |
| sessions that two hundred starts opened, eight at a time | 30 |

On 24 November 2026, 2500 random cases in memory took 22 s, 30 on a served lab 7 s, and 61 rows of faults on all three stands 50 s.

A random case that fails prints the line that runs it again: its seed and path in \`CERTREBIND_SEED\` and
\`CERTREBIND_PATH\`; \`CERTREBIND_CASES\` says how many are tried.

The program that is shipped has nothing in it for these tests. Processes are killed by a file that Node loads before the
program (\`test/crash/die-at.cjs\`); everything else strikes the lab.
`;
}

function soakMarkdown(): string {
  const file = new URL('../../test/soak/last-run.json', import.meta.url);
  const result: SoakResult = JSON.parse(readFileSync(file, 'utf8'));
  return `## All of it at random, for a while

\`npm run soak -- --minutes 30\` puts a lab of hundreds of records, FTP sites, Remote Desktop, WinRM and the Web Management
Service under everything at once: clients that never stop connecting; renewals alone and in bursts, also without event,
without renewal property, without key, with a name less, or forged; the faults of the first table; commands of persons and
scripts, \`enable\` and \`disable\` among them; a window for changes that closes and goes; a receiver of notifications that
refuses or hangs up; processes of the program killed with SIGKILL at any moment. Everything is a process of its own, and the
program is the built one, started by the lab's Task Scheduler where an event starts it.

All the while:

- no record is missing, has lost an option, or holds anything but a certificate of its own, unless a fault at just that
  record explains it;
- no handshake fails, and none meets another certificate, unless a fault at just that record explains it;
- no process ends with exit 1.

Every 25 deeds, and in the end, all faults are lifted, the window is taken away and the program is enabled. After one
\`reconcile\` then:

- it has ended with 0, or with 3 where a guard blocks what it should, and no run is unfinished;
- everything holds the last certificate of its own, or the ledger says why not, and a \`rebind\` by a person brings it;
- every record has all its options, unless an outcome has said that it could not be restored, and is as it was but for
  its certificate.

After one more:

- \`verify\` ends with 0;
- a further \`reconcile\` changes nothing;
- every run that changed something was told to the receiver or waits to be, and no run under two ids.

The first of these that does not hold ends it with exit 1, its name and the folder of the lab. \`--seed N\` makes the same
choices again, as far as processes meet in the same way; \`--record\` keeps the result for this page. A run of a few
deeds is part of the tests.

The last long one: ${result.date}, ${result.machine}; load average ${result.load.start.toFixed(1)} at the start and
${result.load.end.toFixed(1)} at the end, since others worked on the machine. The certificates of all renewals stay in the lab. Its
open handles in the end were connections at port 990 that it did not let go; it does now.

${soakTable(result)}
`;
}
