import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

describe('docs/develop/dependencies.md', () => {
  const documented = rowsOf(readFileSync('docs/develop/dependencies.md', 'utf8'));
  const declared = declaredIn(JSON.parse(readFileSync('package.json', 'utf8')));

  it('lists every package of package.json at its version, and no other', () =>
    assert.deepEqual(sorted(documented), sorted(declared)));

  it('finds exact versions only in package.json', () => {
    const ranges = [...declared].filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
    assert.deepEqual(ranges, []);
  });
});

function sorted(versions: ReadonlyMap<string, string>): readonly string[] {
  return Array.from(versions, ([name, version]) => `${name} ${version}`).sort();
}

interface PackageFile {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

function declaredIn({ dependencies, devDependencies }: PackageFile): ReadonlyMap<string, string> {
  // A package by another name is written `npm:name@version`.
  const version = (written: string) => written.replace(/^npm:.+@/, '');
  return new Map(Object.entries({ ...dependencies, ...devDependencies }).map(([name, is]) => [name, version(is)]));
}

/** Name and version of each table row that also says what the package is for. */
function rowsOf(markdown: string): ReadonlyMap<string, string> {
  const rows = markdown.matchAll(/^\| `(?<name>[^`]+)` \| (?<version>\d\S+) \| [^|]{5,} \|$/gm);
  return new Map(Array.from(rows, ({ groups }) => [groups?.name ?? '', groups?.version ?? '']));
}
