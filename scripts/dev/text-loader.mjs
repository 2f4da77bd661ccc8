// The module hook behind register.mjs; Node runs it in a thread of its own.

import { readFile } from 'node:fs/promises';

export async function load(url, context, nextLoad) {
  const { protocol, pathname } = new URL(url);
  if (protocol !== 'file:' || !pathname.endsWith('.ps1')) return nextLoad(url, context);
  const text = await readFile(new URL(url.split('?')[0]), 'utf8');
  return { format: 'module', source: `export default ${JSON.stringify(text)};`, shortCircuit: true };
}
