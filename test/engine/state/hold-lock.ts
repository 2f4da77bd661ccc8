// A process that takes the lock of the folder it is given, says so, and holds it until it is ended.

import { acquireLock } from '../../../src/engine/state/lock.ts';

const [folder = ''] = process.argv.slice(2);
await acquireLock(folder, { wait: false, signal: new AbortController().signal });
process.stdout.write('held\n');
setInterval(() => {}, 60_000);
