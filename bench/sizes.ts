import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { artefacts, bundles } from './artefacts.ts';
import { markdownTable } from './row.ts';

const files = [
  { path: artefacts.exe, what: 'the executable for Windows', goal: 'under 95 MB' },
  { path: artefacts.zip, what: 'the zip with the module and that executable', goal: 'under 36 MB' },
  { path: artefacts.linux, what: 'the binary for Linux, with the lab', goal: '' },
  { path: bundles.server, what: 'the program for Windows as one file', goal: '' },
  { path: bundles.lab, what: 'the one with the lab as one file', goal: '' },
];

/** How large what is handed out is, in millions of bytes; a file that was not made has no line. */
export function sizes(): string {
  const made = files.filter(({ path }) => existsSync(path));
  return markdownTable([
    ['file', 'what', 'size', 'goal'],
    ...made.map(({ path, what, goal }) => [
      `\`${basename(path)}\``,
      what,
      `${(statSync(path).size / 1e6).toFixed(2)} MB`,
      goal,
    ]),
  ]);
}
