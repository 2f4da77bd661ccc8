import type { Ended } from './server.ts';

/**
 * Runs a command file as `cmd` does, as far as ours go: remarks, a quoted program with its words, and leaving with
 * its exit code, at once or when that is not 0. A test runs the same files in the `cmd` of Wine.
 * @param start what starts a program: its path as written, with the folder of the file for `%~dp0`
 * @throws Error at any other line
 */
export function runCommandFile(
  text: string,
  folder: string,
  start: (program: string, words: readonly string[]) => Ended,
): Ended {
  const printed: string[] = [];
  let exitCode = 0;
  for (const line of text.split(/\r?\n/)) {
    if (line === '' || line === '@echo off' || line.startsWith('rem ')) continue;
    if (line === 'exit /b %ERRORLEVEL%') return { exitCode, printed };
    if (line === 'if not %ERRORLEVEL%==0 exit /b %ERRORLEVEL%') {
      if (exitCode !== 0) return { exitCode, printed };
      continue;
    }
    const [, program, words = ''] = /^"([^"]+)" ([-\w ]+)$/.exec(line) ?? [];
    if (program === undefined) throw new Error(`a line of a command file is not understood: ${line}`);
    const ended = start(program.replace('%~dp0', `${folder}\\`), words.split(' '));
    printed.push(...ended.printed);
    ({ exitCode } = ended);
  }
  return { exitCode, printed };
}
