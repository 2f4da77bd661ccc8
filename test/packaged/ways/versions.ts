import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import packageJson from '../../../package.json' with { type: 'json' };

/** Not that of artefacts.ts, which has to find the program for Linux: the suites for Windows upgrade too. */
const { version } = packageJson;

/** The version after the one that was packaged; of the same length. Of a prerelease it is the next one of the same number. */
export const nextVersion = version.replace(/\d(?=\D*$)/, (digit) => `${(Number(digit) + 1) % 10}`);
const places = version.includes('-') ? ["Prerelease   = '@'"] : ["ModuleVersion        = '@'", "RequiredVersion = '@'"];

/**
 * The packaged program under the next version: what it says of itself and of its modules, and nothing else, so that one
 * build serves for an upgrade too.
 */
export function writeNextVersion(program: string, file: string): void {
  const bytes = readFileSync(program);
  for (const place of ['="@"}', ...places]) {
    const inManifest = (each: string) => (place.startsWith('=') ? each : each.replace(/^.*-/, ''));
    const [found = '', made = ''] = [version, nextVersion].map((each) => place.replace('@', inManifest(each)));
    let at = bytes.indexOf(found, 0, 'latin1');
    if (at === -1) throw new Error(`${program} does not say its version as ${found}`);
    for (; at !== -1; at = bytes.indexOf(found, at, 'latin1')) bytes.write(made, at, 'latin1');
  }
  writeFileSync(file, bytes, { mode: 0o755 });
}

export function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
