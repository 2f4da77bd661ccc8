// Loaded before a built program (node --require): keeps what V8 has compiled of it for the next start, which saves a third
// of a short command. Tests start thousands of them. What the program does stays the same.

const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { createRequire, Module } = require('node:module');
const { basename, dirname, join } = require('node:path');
const { Script } = require('node:vm');

const folder = join(__dirname, '../../.cache/code');
const compile = Module.prototype._compile;

Module.prototype._compile = function (text, filename) {
  if (this.id !== '.' || !/^certrebind(-lab)?\.cjs$/.test(basename(filename)))
    return compile.call(this, text, filename);
  // V8 itself compares the length of a text only.
  const file = join(folder, createHash('sha256').update(process.version).update(text).digest('hex'));
  const cachedData = readIfThere(file);
  const script = new Script(asFunction(text), { filename, cachedData });
  if (cachedData === undefined) process.once('exit', () => keep(file, script));
  const program = script.runInThisContext();
  program.call(this.exports, this.exports, createRequire(filename), this, filename, dirname(filename));
};

/** What Node gives every such file. */
function asFunction(text) {
  return `(function(exports,require,module,__filename,__dirname){${text.replace(/^#!/, '//')}\n})`;
}

function readIfThere(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/** Last, when V8 has compiled what was called as well. */
function keep(file, script) {
  try {
    mkdirSync(folder, { recursive: true });
    const draft = `${file}-${process.pid}`;
    writeFileSync(draft, script.createCachedData());
    renameSync(draft, file);
  } catch {
    // Somebody who may not write here, or a disk that a test has filled.
  }
}
