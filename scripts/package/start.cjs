// The first lines of the binary for Linux: they start the program with what V8 made of it when it was packaged (see
// code-cache.cjs), since reading and compiling what a start needs takes longer than all that it does.

const { getRawAsset } = require('node:sea');
const { Script } = require('node:vm');

const script = new Script(Buffer.from(getRawAsset('program')).toString('latin1'), {
  filename: 'certrebind.cjs',
  cachedData: Buffer.from(getRawAsset('cache')),
});
if (script.cachedDataRejected) process.emitWarning('V8 refuses what was made of the program when it was packaged.');
script.runInThisContext()(exports, require, module, __filename, __dirname);
