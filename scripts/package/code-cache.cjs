// code-cache.cjs <program> <cache> <words of a command line>: runs the program as the packaged one would run, and writes
// what V8 has compiled of it by its end. What was compiled comes from what was called, so that a start finds ready what
// a like start needed, and does not have to load the rest.

const { readFileSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const sea = require('node:sea');
const { Script } = require('node:vm');

const [program, cache, ...words] = process.argv.slice(2);
const script = new Script(readFileSync(program, 'latin1'), {
  filename: 'certrebind.cjs',
});
process.on('exit', () => writeFileSync(cache, script.createCachedData()));
process.argv = [process.execPath, program, ...words];
sea.isSea = () => true;
script.runInThisContext()(exports, createRequire(program), module, program, '');
