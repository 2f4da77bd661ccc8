import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thumbprintOf } from '../builders/snapshot.ts';

/**
 * Holds everything that is said to people in many situations against a text that somebody has read. After a wanted change
 * the tests run with UPDATE_SENTENCES=1 write it anew, and the difference is read before it is committed.
 */
export function holdAgainst(file: string, sections: readonly (readonly [title: string, lines: readonly string[]])[]) {
  const path = join(import.meta.dirname, '..', 'fixtures', 'sentences', file);
  const said = sections
    .map(([title, lines]) => `# ${title}\n${lines.map((line) => `${named(line)}\n`).join('')}`)
    .join('\n');
  if (process.env.UPDATE_SENTENCES === '1') writeFileSync(path, said);
  assert.equal(said, readFileSync(path, 'utf8').replaceAll('\r\n', '\n'));
}

/** Labels of certificates in the situations, which read better than their thumbprints. */
const labels = ['old', 'new', 'other', 'forged', 'shop', 'next', 'proxy', 'gone', 'ftp', 'x', 'y'];
const labelOf = new Map<string, string>(labels.map((label) => [thumbprintOf(label), label]));

function named(line: string): string {
  return line.replace(
    /\b[0-9A-F]{40}\b/g,
    (thumbprint) => labelOf.get(thumbprint)?.replace(/.*/, '<$&>') ?? thumbprint,
  );
}
