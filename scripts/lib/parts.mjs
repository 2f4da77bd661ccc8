// A program as parts, each compiled when something in it is needed first: V8 reads all of a script before its first line
// runs, which took most of a start that needs little.

import { basename } from 'node:path';
import { transformSync } from 'esbuild';

/** Options of esbuild. */
export const asCommonJs = {
  format: 'cjs',
  // Parts of Node that are loaded late need no loader of modules then, which would have to be loaded first.
  supported: { 'dynamic-import': false },
};

// yargs asks import.meta.url where it is, which does not exist in CommonJS; without this it dies at start, and the
// bundler says nothing because the place is in a package.
export const BANNER = `#!/usr/bin/env node
const __moduleUrl = require('node:url').pathToFileURL(__filename).href;
`;

/**
 * @param outputFiles what esbuild made of one entry: ES modules beside one another that import each other by `./<name>`
 * @param entry name of the first to run
 * @returns `{ entry, texts }`: by name, scripts whose value is the function that is the part
 */
export function partsFrom(outputFiles, entry) {
  const options = { ...asCommonJs, platform: 'node', target: 'node20', minify: true };
  const texts = outputFiles.map(({ path, text }) => {
    const name = `./${basename(path)}`;
    const { code } = transformSync(text, options);
    return [name, demandAscii(name, `(function(exports,require,module,__moduleUrl){"use strict";${code}})`)];
  });
  return { entry: `./${entry}`, texts: Object.fromEntries(texts) };
}

/** In an executable a character is one byte. esbuild escapes others where it can, which is not everywhere. */
export function demandAscii(name, text) {
  const found = /\P{ASCII}/u.exec(text);
  if (found === null) return text;
  throw new Error(`${name} has ${JSON.stringify(found[0])} at ${found.index}; write it as an escape sequence`);
}

/** A CommonJS file that holds the parts as texts. */
export function inOneFile({ entry, texts }) {
  return begin(entry, `(${ofTexts})(${JSON.stringify(texts)},require('node:vm'))`);
}

/** A CommonJS file for an executable that holds each part as an asset of its name. */
export function fromAssets({ entry }) {
  return begin(entry, `(${ofAssets})(require('node:sea'),require('node:vm'))`);
}

function begin(entry, find) {
  return `${BANNER}(${run})(${find},'${entry}',require,__moduleUrl);\n`;
}

// What follows stands in the programs as it is written here.

function ofTexts(texts, { Script }) {
  return (name) =>
    Object.hasOwn(texts, name) ? new Script(texts[name], { filename: name }).runInThisContext() : undefined;
}

function ofAssets({ getAssetKeys, getRawAsset }, { Script }) {
  const names = new Set(getAssetKeys());
  return (name) => {
    if (!names.has(name)) return undefined;
    const text = Buffer.from(getRawAsset(name)).latin1Slice();
    return new Script(text, { filename: name }).runInThisContext();
  };
}

function run(find, entry, requireOfNode, moduleUrl) {
  const loaded = new Map();
  function load(name) {
    const before = loaded.get(name);
    if (before !== undefined) return before.exports;
    const part = find(name);
    if (part === undefined) return requireOfNode(name);
    const module = { exports: {} };
    loaded.set(name, module);
    try {
      part(module.exports, load, module, moduleUrl);
    } catch (error) {
      loaded.delete(name);
      throw error;
    }
    return module.exports;
  }
  load(entry);
}
