// Which tests are near a file of the project: `npm test -- --near`. What mutants of a file are tried on is near it, for
// TypeScript (mutate/areas.mjs) where a test loads the file, for PowerShell as its table has it. Of anything else the tests near
// it are those in the folder that mirrors its own, those that load it, and those that name it.

import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { AREAS } from '../mutate/areas.mjs';
import { helpersOf, textOf } from '../mutate/loaded.ts';
import { rowOf } from '../mutate/powershell-tests.ts';
import { filesBelow, inRoot, ROOT } from './paths.mjs';

const FOLDERS = ['src', 'module', 'scripts', 'test', 'schemas', 'docs', 'bench'];
const TEST = /\.(?:test|slow|packaged)\.ts$|\.Tests\.ps1$/;

const areas: readonly { readonly code: readonly string[]; readonly tests: readonly string[] }[] = AREAS;

/** Beside what loads or names them. */
const MORE: readonly (readonly [files: RegExp, tests: readonly string[]])[] = [
  [/^schemas\/|\/schema\.json$/, ['frozen', 'documents', 'refused'].map((name) => `test/documents/${name}.test.ts`)],
  [
    /^scripts\/package\/(?:module-)?views\.mjs$/,
    ['test/module/Package.Tests.ps1', 'test/module/Documentation.Tests.ps1'],
  ],
  [/^(?:scripts|bench)\//, ['test/tiers.test.ts', 'test/arguments.test.ts', 'test/scripts.slow.ts']],
];

export interface Near {
  readonly fast: readonly string[];
  /** Slow, or of the executable. */
  readonly slow: readonly string[];
}

/** @throws NoSuchPath for one that the project does not have, or that no test is near */
export function testsNear(paths: readonly string[]): Near {
  const graph = importGraph();
  const found = paths.flatMap((path) => {
    const files = filesOf(path);
    const tests = files.flatMap((file) => nearFile(file, graph));
    if (tests.length === 0) throw new NoSuchPath(`No test is near ${path}`);
    return tests;
  });
  const tests = [...new Set(found)].sort();
  return { fast: tests.filter(isFast), slow: tests.filter((file) => !isFast(file)) };
}

export class NoSuchPath extends Error {}

/** The file, or those below the folder. */
function filesOf(path: string): readonly string[] {
  const file = relative(ROOT, resolve(ROOT, path)).replaceAll('\\', '/');
  if (file.startsWith('..') || !existsSync(inRoot(file))) throw new NoSuchPath(`There is no ${path} in this project`);
  if (!statSync(inRoot(file)).isDirectory()) return [file];
  if (!FOLDERS.includes(file.split('/', 1)[0] ?? ''))
    throw new NoSuchPath(`${path} is none of the folders ${FOLDERS.join(', ')}, or below one`);
  const files = below(file);
  // Those that load what lies beside them are near that, not near the folder.
  return file.startsWith('test') ? files.filter((each) => TEST.test(each)) : files;
}

function nearFile(file: string, graph: Graph): readonly string[] {
  if (TEST.test(file)) return [file];
  const row = rowOf(file);
  if (row !== undefined) return [...row.tests, ...row.built, ...row.texts];
  if (file.startsWith('test/')) {
    const pester = tree.filter((test) => test.endsWith('.Tests.ps1') && helpersOf(test).includes(file));
    return [...graph.loading(file), ...pester, ...naming(file)];
  }
  const measuring = areas.filter(({ code }) => code.includes(file));
  const loading = graph.loading(file);
  const measured = measuring.flatMap(({ tests }) => tests.filter((test) => loading.includes(test)));
  const more = MORE.find(([files]) => files.test(file))?.[1] ?? [];
  return [
    ...(measuring.length > 0 ? measured : [...graph.importing(file), ...naming(file)]),
    ...mirrored(file),
    ...more,
  ];
}

function isFast(file: string): boolean {
  return file.endsWith('.test.ts') || (file.endsWith('.Tests.ps1') && !file.endsWith('.Slow.Tests.ps1'));
}

/** The tests in the folder of `test` that mirrors the file's: of its name, or all where none has it. */
function mirrored(file: string): readonly string[] {
  const folder = join('test', dirname(file).replace(/^src(?:\/|$)/, ''));
  if (folder === 'test' || !existsSync(inRoot(folder))) return [];
  const tests = tree.filter((each) => dirname(each) === folder && TEST.test(each));
  const name = basename(file).replace(/\.\w+$/, '');
  const ofName = tests.filter((test) => basename(test).startsWith(`${name}.`));
  return ofName.length > 0 ? ofName : tests;
}

/** The tests in whose text the file's name stands, which start it, or read it as text. */
function naming(file: string): readonly string[] {
  const name = basename(file);
  const names = new RegExp(`(?<![\\w.-])${name.replaceAll('.', '\\.')}(?![\\w-])`);
  return tree.filter((test) => TEST.test(test) && textOf(test).includes(name) && names.test(textOf(test)));
}

interface Graph {
  /** The tests that load a file in the end. */
  loading(file: string): readonly string[];
  /** The tests that import it; where none does, those that import what imports it, and so on. */
  importing(file: string): readonly string[];
}

/** Which file imports which. */
function importGraph(): Graph {
  const importers = new Map<string, string[]>();
  for (const file of tree.filter((each) => /\.(?:[cm]?js|ts)$/.test(each)))
    for (const [, path = ''] of textOf(file).matchAll(/(?:from|import\(|import|require\() ?'(\.{1,2}\/[^']+)'/g)) {
      const imported = join(dirname(file), path);
      importers.set(imported, [...(importers.get(imported) ?? []), file]);
    }
  const next = (files: readonly string[], seen: Set<string>) => {
    const found = new Set(files.flatMap((file) => importers.get(file) ?? []).filter((file) => !seen.has(file)));
    for (const file of found) seen.add(file);
    return [...found];
  };
  const climb = (file: string, isEnough: (tests: readonly string[]) => boolean): readonly string[] => {
    const seen = new Set([file]);
    const tests: string[] = [];
    for (let files = next([file], seen); files.length > 0; files = next(files, seen)) {
      tests.push(...files.filter((each) => TEST.test(each)));
      if (isEnough(tests)) break;
    }
    return tests;
  };
  return { loading: (file) => climb(file, () => false), importing: (file) => climb(file, (tests) => tests.length > 0) };
}

const tree: readonly string[] = FOLDERS.flatMap(below);

function below(folder: string): string[] {
  return filesBelow(folder).filter((file: string) => statSync(inRoot(file)).isFile());
}
