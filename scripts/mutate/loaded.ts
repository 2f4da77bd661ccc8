// What a kept result stands on beside the code that was changed: the test files and what they load from the tests and from the lab.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { buildSync } from 'esbuild';
import { inRoot, ROOT } from '../lib/paths.mjs';

/** Changes whenever one of these files does, or what the tests among them load. */
export function stateOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of new Set(files.flatMap((each) => [each, ...loadedBy(each)]).sort()))
    hash.update(`${file}\0${textOf(file)}\0`);
  return hash.digest('hex');
}

/** Relative to the repository. */
export function loadedBy(file: string): readonly string[] {
  const load = () => {
    if (file.endsWith('.Tests.ps1')) return [...helpersOf(file), ...importedBy('scripts/pester.mjs')];
    return file.endsWith('.ts') ? importedBy(file) : [];
  };
  return once(loaded, file, load);
}

const loaded = new Map<string, readonly string[]>();
const texts = new Map<string, string>();

/** Files may be edited while a measurement runs. */
export function textOf(file: string): string {
  return once(texts, file, () => readFileSync(inRoot(file), 'utf8'));
}

function once<Value>(known: Map<string, Value>, file: string, read: () => Value): Value {
  const value = known.get(file) ?? read();
  known.set(file, value);
  return value;
}

function importedBy(file: string): readonly string[] {
  const { metafile } = buildSync({
    entryPoints: [file],
    absWorkingDir: ROOT,
    outdir: 'dist',
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    loader: { '.ps1': 'text' },
    logLevel: 'error',
  });
  return Object.keys(metafile.inputs).filter((name) => /^(?:test|src\/lab)\//.test(name));
}

const helpers = ['test/module', 'test/powershell'].flatMap((folder) =>
  readdirSync(inRoot(folder))
    .filter((name) => /\.psm?1$/.test(name) && !name.endsWith('.Tests.ps1'))
    .map((name) => `${folder}/${name}`),
);

/** The scripts and modules of the tests that a Pester file names, and those that they name. */
export function helpersOf(file: string, found = new Set<string>()): readonly string[] {
  const names = new Set<string>(textOf(file).match(/[\w.-]+\.psm?1\b/g) ?? []);
  for (const helper of helpers) {
    if (!names.has(basename(helper)) || found.has(helper)) continue;
    found.add(helper);
    helpersOf(helper, found);
  }
  return [...found];
}
