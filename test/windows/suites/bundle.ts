import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

/**
 * Writes TypeScript files into a folder as modules that Node runs as they are, with what they share beside them: a process
 * for each would take ten times as long to load the hundreds of modules behind it from source.
 */
export async function bundleInto(folder: string, files: readonly string[]): Promise<void> {
  await build({
    entryPoints: [...files],
    outdir: folder,
    entryNames: '[name]',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    keepNames: true,
    sourcemap: true,
    logLevel: 'warning',
    loader: { '.ps1': 'text' },
    define: { APP_VERSION: JSON.stringify(APP_VERSION), MODULE_FILES: JSON.stringify(MODULE_FILES) },
    // For packages that are CommonJS.
    banner: { js: `import { createRequire as _of } from 'node:module'; const require = _of(import.meta.url);` },
    plugins: [whereItWas],
  });
}

export function bundledIn(folder: string, file: string): string {
  return join(folder, `${basename(file, '.ts')}.mjs`);
}

/** A file of the tests or scripts finds others from where it is in the checkout. */
const whereItWas: Plugin = {
  name: 'where it was',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/](?:test|scripts)[\\/].*\.(?:ts|mjs)$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8'))
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
      loader: path.endsWith('.ts') ? 'ts' : 'js',
    }));
  },
};
