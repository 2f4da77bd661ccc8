// A bundle whose parts are texts in it, each compiled when something in it is needed first. V8 reads whatever is not a
// text before the first line runs, which took most of a start that needs little.

import { basename } from 'node:path';
import { transformSync } from 'esbuild';

/** Options of esbuild. */
export const asCommonJs = {
  format: 'cjs',
  // Parts of Node that are loaded late need no loader of modules then, which would have to be loaded first.
  supported: { 'dynamic-import': false },
};

/**
 * @param outputFiles what esbuild made of one entry: ES modules beside one another that import each other by `./<name>`
 * @param entry name of the first to run
 * @returns one CommonJS file
 */
export function inOneFile(outputFiles, entry) {
  const options = { ...asCommonJs, platform: 'node', target: 'node20', minify: true };
  const texts = outputFiles.map(({ path, text }) => [`./${basename(path)}`, transformSync(text, options).code]);
  return `(${run})(${JSON.stringify(Object.fromEntries(texts))},'./${entry}',require,__moduleUrl);\n`;
}

/** Stands in the bundle as it is written here. */
function run(texts, entry, requireOfNode, moduleUrl) {
  const { compileFunction } = requireOfNode('node:vm');
  const loaded = new Map();
  function load(name) {
    if (!Object.hasOwn(texts, name)) return requireOfNode(name);
    let module = loaded.get(name);
    if (module === undefined) {
      module = { exports: {} };
      loaded.set(name, module);
      const words = ['exports', 'require', 'module', '__moduleUrl'];
      compileFunction(texts[name], words, { filename: name })(module.exports, load, module, moduleUrl);
    }
    return module.exports;
  }
  load(entry);
}
