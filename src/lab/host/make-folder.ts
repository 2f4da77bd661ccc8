import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FolderChange } from '../../server/local-file-changes.ts';

/** The mode of a folder stands for its rights on Windows, as in `inspectPaths`; it has them from its first moment. */
export async function makeProtectedFolder({ path, readableBy }: FolderChange): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await mkdir(path, { mode: readableBy === 'everyone' ? 0o755 : 0o700 });
}
