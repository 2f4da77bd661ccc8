import type { Progress } from '../../model/progress.ts';
import { escapeControls } from '../../model/safe-text.ts';
import { displayWidth } from '../../report/look.ts';
import type { Reporter } from '../../run/context.ts';
import { asciiJson } from './output.ts';

const stages: Readonly<Record<string, string>> = {
  wait: 'Waiting for another run',
  late: 'Waiting for a new certificate, its private key or its time',
  recover: 'Recovering an unfinished run',
  read: 'Reading the server',
  plan: 'Planning',
  baseline: 'Looking at the endpoints before anything changes',
  canary: 'Swapping one record and proving it',
  swap: 'Swapping',
  prove: 'Proving by handshakes',
  'put-back': 'Putting back what got worse',
  close: 'Writing the outcome',
  place: 'Putting the program in place',
  'proof-start': 'Waiting for Task Scheduler to start the program as SYSTEM',
  'proof-answer': 'Waiting for the program to read the server',
  register: 'Registering the tasks',
};

/** What a command shows while it works. `clear` takes an unfinished line off the terminal before other text is written. */
export interface Progressing extends Reporter {
  clear(): void;
}

const silent: Progressing = { progress() {}, clear() {} };

export function progressOn(
  stderr: NodeJS.WriteStream,
  options: { readonly json: boolean; readonly progress: string | undefined },
): Progressing {
  if (options.progress === 'json') return jsonLines(stderr);
  return stderr.isTTY && !options.json ? liveLine(stderr) : silent;
}

function jsonLines(stderr: NodeJS.WriteStream): Progressing {
  return {
    progress(at) {
      const line: Progress = { schema: 'certrebind/progress/1', ...at };
      stderr.write(`${asciiJson(line)}\n`);
    },
    clear() {},
  };
}

/** One line that is written over, so that a long run leaves nothing behind. */
function liveLine(stderr: NodeJS.WriteStream): Progressing {
  let shown = false;
  return {
    progress({ stage, done, total, key }) {
      const counter = total > 0 ? ` ${done}/${total}` : '';
      const record = key === null ? '' : ` ${escapeControls(key)}`;
      const text = `${stages[stage] ?? stage}${counter}${record}`;
      const fits = displayWidth(text) < stderr.columns ? text : `${stages[stage] ?? stage}${counter}`;
      stderr.write(`\r\u001B[2K${fits}`);
      shown = true;
    },
    clear() {
      if (shown) stderr.write('\r\u001B[2K');
      shown = false;
    },
  };
}
