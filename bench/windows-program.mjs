// windows-program.mjs <Node for Linux> <file>: the program for Windows in an executable for Linux, without a code cache, like
// the one for Windows. A process of its own, since making it takes memory that would count with every start measured
// afterwards.

import '../scripts/dev/register.mjs';
import packageJson from '../package.json' with { type: 'json' };
import { partsForServers } from '../scripts/build.mjs';
import { makeExecutable } from '../scripts/package/executable.mjs';
import { moduleFiles } from '../scripts/package/module-files.mjs';

const [base, outfile] = process.argv.slice(2);
const parts = await partsForServers({ adapterSignature: '', files: moduleFiles(packageJson.version) });
makeExecutable({ program: { parts }, platform: 'linux', bases: { linux: base, win: base }, outfile });
