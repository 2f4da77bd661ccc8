// netsh.mjs <system root> [arguments]: netsh.exe of a lab. The lab answers; this passes on text and exit code.

import { askLab } from './ask-lab.mjs';

const [systemRoot, ...args] = process.argv.slice(2);

askLab('netsh.exe', systemRoot, { kind: 'netsh', args }, (result, fail) => {
  if (result.kind !== 'netsh') fail(`the lab answered with ${result.kind}: ${result.message ?? ''}`);
  process.stdout.write(result.output, () => process.exit(result.exitCode));
});
