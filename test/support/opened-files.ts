import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** The calls that open files and folders, by the part of Node that has them. */
const opening: readonly (readonly [object, readonly string[]])[] = [
  [fs.promises, ['open', 'readFile', 'readdir', 'appendFile', 'writeFile']],
  [fs, ['openSync', 'readFileSync', 'readdirSync', 'appendFileSync', 'writeFileSync']],
];

/** Which files and folders are opened while something is done in this process, each as often as it is. */
export async function openedWhile(work: () => Promise<unknown>): Promise<readonly string[]> {
  const opened: string[] = [];
  const originals = opening.flatMap(([part, names]) =>
    names.map((name) => ({ part, name, original: Reflect.get(part, name) })),
  );
  for (const { part, name, original } of originals) {
    const noting = (path: unknown, ...more: readonly unknown[]) => {
      // What is read from an open file was opened before.
      if (typeof path !== 'number') opened.push(String(path));
      return Reflect.apply(original, part, [path, ...more]);
    };
    Reflect.set(part, name, noting);
  }
  syncBuiltinESMExports();
  try {
    await work();
    return opened;
  } finally {
    for (const { part, name, original } of originals) Reflect.set(part, name, original);
    syncBuiltinESMExports();
  }
}
