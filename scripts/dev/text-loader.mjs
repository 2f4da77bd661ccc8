// The module hook behind register.mjs; Node runs it in a thread of its own.

import { readFile } from 'node:fs/promises';

const sources = new URL('../../src/', import.meta.url).href;

export async function load(url, context, nextLoad) {
  if (url.startsWith(sources) && url.endsWith('.ts')) return importingOnce(url, await nextLoad(url, context));
  const { protocol, pathname } = new URL(url);
  if (protocol !== 'file:' || !pathname.endsWith('.ps1')) return nextLoad(url, context);
  const text = await readFile(new URL(url.split('?')[0]), 'utf8');
  return { format: 'module', source: `export default ${JSON.stringify(text)};`, shortCircuit: true };
}

/** Node asks this thread at every `import()`, also of what is loaded: in some tests, a fifth of their time. */
function importingOnce(url, { source, ...loaded }) {
  const kept = (whole, file) =>
    `((globalThis.imported ??= {})[${JSON.stringify(new URL(file, url).href)}] ??= ${whole})`;
  return { ...loaded, source: String(source).replace(/\bimport\("(\.[^"]+)"\)/g, kept) };
}
