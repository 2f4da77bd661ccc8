import { isAbsolute, normalize } from 'node:path';
import { CertRebindError } from '../../base/errors.ts';

/**
 * Checks how a program is named: by one absolute path of a local file that the system can start itself, because no
 * shell is used that would search for it or interpret it.
 * @throws CertRebindError `usage`
 */
export function parseProgram(program: string): string {
  if (!isAbsolute(program) || normalize(program) !== program || /^[\\/]{2}/.test(program)) {
    throw new CertRebindError('usage', {
      message: `${JSON.stringify(program.slice(0, 200))} is not the absolute path of a local program.`,
      hint: 'Write the full path after --, without .. in it. PATH is not searched.',
    });
  }
  if (process.platform === 'win32' && !/\.(?:exe|com)$/i.test(program)) {
    throw new CertRebindError('usage', {
      message: `${program} is not a program that Windows starts without a shell.`,
      hint: 'Start it with its interpreter: C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe -NoProfile -File C:\\…',
    });
  }
  return program;
}
