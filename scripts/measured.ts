// npm run measured -- <file or folder>...: brings what suites measured on a Windows into docs/evidence: a document a
// build, measured.md, and what fidelity.md says of it. Ends with 1 where the code has to change because of it.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fidelityMarkdown } from './docs/fidelity.ts';
import { withGeneratedParts } from './docs/generated-parts.ts';
import {
  contradicted,
  documentsAt,
  keptMeasurements,
  measuredFolder,
  merged,
  readMeasured,
  unsettled,
} from './docs/measured.ts';
import { readArguments } from './lib/arguments.ts';

const { words } = readArguments('measured <file or folder>...');
const found = words.flatMap(documentsAt).map((file) => readMeasured(readFileSync(file, 'utf8'), file));
if (found.length === 0) {
  console.error(`npm run measured: no measured.json below ${words.join(', ') || 'nothing'}`);
  process.exit(2);
}
const documents = merged([...keptMeasurements(), ...found]);
mkdirSync(measuredFolder, { recursive: true });
for (const document of documents)
  writeFileSync(join(measuredFolder, `${document.windows.build}.json`), `${JSON.stringify(document, null, 1)}\n`);
writeFileSync('docs/evidence/fidelity.md', fidelityMarkdown(documents));
const table = await withGeneratedParts('docs/evidence/measured.md');
writeFileSync('docs/evidence/measured.md', table);
console.log(table);
const failed = documents.flatMap(({ windows, files }) =>
  files.filter(({ outcome }) => outcome !== 'done').map(({ file, why }) => `${file} on ${windows.build}: ${why}`),
);
const problems = contradicted(documents);
for (const [title, lines] of [
  ['Files that gave no answer', failed],
  ['What has to change', problems],
  ['What fidelity.json has to say when this is kept', unsettled(documents)],
] as const)
  if (lines.length > 0) console.log(`\n## ${title}\n\n${lines.map((line) => `- ${line}`).join('\n')}`);
process.exitCode = problems.length > 0 ? 1 : 0;
