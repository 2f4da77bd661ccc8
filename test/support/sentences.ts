import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thumbprintOf } from '../builders/snapshot.ts';

/** A situation, and everything that is said to people in it, a line each. */
export type Situation = readonly [situation: string, lines: () => readonly string[] | Promise<readonly string[]>];

/**
 * A test for each situation: what is said must be what somebody has read and found right, which lies in a file. After a
 * wanted change the tests run with UPDATE_SENTENCES=1 write it anew, and the difference is read before it is committed.
 */
export function holdAgainst(file: string, situations: readonly Situation[]): void {
  const path = join(import.meta.dirname, '..', 'fixtures', 'sentences', file);
  const isUpdating = process.env.UPDATE_SENTENCES === '1';
  const known = isUpdating ? new Map() : sectionsOf(readFileSync(path, 'utf8'));
  const said = new Map<string, readonly string[]>();
  for (const [situation, lines] of situations) {
    it(`${situation}: what is said`, async () => {
      said.set(situation, (await lines()).map(named));
      if (!isUpdating) assert.deepEqual(said.get(situation), known.get(situation));
    });
  }
  if (!isUpdating) {
    it('of no other situation anything is kept', () =>
      assert.deepEqual(
        [...known.keys()],
        situations.map(([situation]) => situation),
      ));
  }
  after(() => {
    // After a part of the tests the file would lack the rest.
    if (isUpdating && said.size === situations.length)
      writeFileSync(path, [...said].map(([title, lines]) => [`# ${title}`, ...lines, ''].join('\n')).join('\n'));
  });
}

function sectionsOf(text: string): ReadonlyMap<string, readonly string[]> {
  const sections = text.replaceAll('\r\n', '\n').split(/^# /m).slice(1);
  return new Map(
    sections.map((section) => section.trimEnd().split('\n')).map(([title = '', ...lines]) => [title, lines]),
  );
}

/** Labels of certificates in the situations, which read better than their thumbprints. */
const labels = ['old', 'new', 'other', 'forged', 'shop', 'next', 'proxy', 'gone', 'ftp', 'x', 'y'];
const labelOf = new Map<string, string>(
  labels.flatMap((label) => {
    const thumbprint = thumbprintOf(label);
    return [
      [thumbprint, label],
      [thumbprint.slice(0, 8), label],
    ] as const;
  }),
);

function named(line: string): string {
  return line.replace(
    /\b(?:[0-9A-F]{40}|[0-9A-F]{8})\b/g,
    (thumbprint) => labelOf.get(thumbprint)?.replace(/.*/, '<$&>') ?? thumbprint,
  );
}
