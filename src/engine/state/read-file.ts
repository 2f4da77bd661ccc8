import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { FileRefusal } from '../../base/file-error.ts';

/** Far more than this program writes or anybody exports; a text twice as long would not fit into one string. */
const mostBytes = 256 * 2 ** 20;

/**
 * The bytes of a file. Anything else with a path (a pipe, a device, a socket) is refused before it is read: it might
 * have no end, or block its reader. It is read at once: four calls that go to other threads take longer than a file.
 * @throws FileRefusal, or the error of the system
 */
export async function readRegularFile(path: string, limit: number = mostBytes): Promise<Buffer> {
  // Without this flag opening a pipe waits until somebody writes into it. Windows has no such flag and no such pipes.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = fstatSync(file);
    // Reading a folder is refused by the system itself.
    if (!found.isFile() && !found.isDirectory()) throw new FileRefusal('not-a-file', path);
    if (found.size > limit) throw new FileRefusal('too-large', path);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}
