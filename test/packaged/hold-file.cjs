// A Windows process that holds a file open for itself alone and says so. `forever`, or `until-contended`: it lets go
// when another has written what shall come in the file's place, and has had a moment to run into it.
const { readdirSync } = require('node:fs');
const { open } = require('node:fs/promises');
const { dirname } = require('node:path');

const alone = 0x1000_0000; // libuv's UV_FS_O_EXLOCK
const [, , path, how] = process.argv;

async function hold() {
  const file = await open(path, 2 | alone);
  process.stdout.write('held\n');
  const looking = setInterval(() => {
    if (how === 'forever' || !readdirSync(dirname(path)).some((name) => name.endsWith('.tmp'))) return;
    clearInterval(looking);
    setTimeout(() => file.close(), 50);
  }, 5);
}

hold();
