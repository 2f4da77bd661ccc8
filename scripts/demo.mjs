// demo.mjs [--json] [--keep]: shows a renewal from event to handshakes on a lab of its own. Everything is in the built
// program (`certrebind lab demo`); this only starts it with what npm hands over.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { DIST, ROOT } from './lib/paths.mjs';

const child = spawn(process.execPath, [join(DIST, 'certrebind-lab.cjs'), 'lab', 'demo', ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: 'inherit',
});
// Ctrl-C reaches the child too; this one has to live until the child has cleaned up.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('close', (code) => {
  process.exitCode = code ?? 1;
});
