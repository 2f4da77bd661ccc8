import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const opening = ['open', 'readFile', 'readdir', 'appendFile', 'writeFile'] as const;

/** Which files and folders are opened while something is done in this process, each as often as it is. */
export async function openedWhile(work: () => Promise<unknown>): Promise<readonly string[]> {
  const opened: string[] = [];
  const originals = opening.map((name) => [name, fs.promises[name]] as const);
  for (const [name, original] of originals) {
    const noting = (path: unknown, ...more: readonly unknown[]) => {
      opened.push(String(path));
      return Reflect.apply(original, fs.promises, [path, ...more]);
    };
    Object.assign(fs.promises, { [name]: noting });
  }
  syncBuiltinESMExports();
  try {
    await work();
    return opened;
  } finally {
    Object.assign(fs.promises, Object.fromEntries(originals));
    syncBuiltinESMExports();
  }
}
