import { constants, copyFile, open, rename, stat } from 'node:fs/promises';
import type { LabFiles } from '../client/server-over-channel.ts';

/** Files of the lab's machine; the mode of a file stands for its rights on Windows, as in `inspectPaths`. */
export const labFiles: LabFiles = {
  async writeBeside({ path, like, content }) {
    const { mode } = await stat(like);
    const file = await open(path, 'wx', mode & 0o777);
    try {
      await file.writeFile(Buffer.from(content, 'base64'));
      await file.sync();
    } finally {
      await file.close();
    }
  },
  async replace({ from, live, kept }) {
    const isThere = await stat(live).catch(() => null);
    if (isThere !== null) await copyFile(live, kept, constants.COPYFILE_FICLONE);
    await rename(from, live);
  },
};
