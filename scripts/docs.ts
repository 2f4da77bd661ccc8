// Writes the generated pages of docs/.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generatedPages } from './docs/pages.ts';
import { readArguments } from './lib/arguments.ts';

readArguments('docs');

for (const { file, write } of generatedPages) {
  writeFileSync(fileURLToPath(new URL(`../${file}`, import.meta.url)), await write());
  console.log(file);
}
