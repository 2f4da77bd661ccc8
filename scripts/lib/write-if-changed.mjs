import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a generated file in one step, and not at all when it would be the same: tests or programs that are reading the
 * file right now never see half of it, and watchers are not woken for nothing.
 */
export function writeIfChanged(path, content, { mode = 0o644 } = {}) {
  const bytes = Buffer.from(content);
  if (existsSync(path) && readFileSync(path).equals(bytes)) return;
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, bytes, { mode });
  renameSync(temporary, path);
}
