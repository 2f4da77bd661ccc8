// Loaded before the program (node --require): when it sends its first change to the server, the disk of its state folder
// fills up to the last byte.
//   FILL_FOLDER  a folder on that disk

const { openSync, writeSync } = require('node:fs');
const { Socket } = require('node:net');
const { join } = require('node:path');

let filled = false;
const { write } = Socket.prototype;
Socket.prototype.write = function (chunk, ...rest) {
  if (!filled && typeof chunk === 'string' && chunk.includes('"kind":"binding-method"')) fill();
  return write.call(this, chunk, ...rest);
};

function fill() {
  filled = true;
  const file = openSync(join(process.env.FILL_FOLDER, 'filler'), 'w');
  for (let size = 65_536; size >= 1; size = Math.floor(size / 2)) {
    try {
      while (writeSync(file, Buffer.alloc(size)) > 0);
    } catch (error) {
      if (error.code !== 'ENOSPC') throw error;
    }
  }
}
