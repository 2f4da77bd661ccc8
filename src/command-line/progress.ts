import { type Progress, stageTexts } from '../documents/runs/progress.ts';
import type { Reporter } from '../run/context.ts';
import { escapeControls } from '../text/safe-text.ts';
import { asciiJson } from './output.ts';
import { displayWidth } from './print/look.ts';

/** What a command shows while it works. `clear` takes an unfinished line off the terminal before other text is written. */
export interface Progressing extends Reporter {
  clear(): void;
}

export function progressOn(
  stderr: NodeJS.WriteStream,
  options: { readonly json: boolean; readonly progress: string | undefined },
): Progressing {
  if (options.progress === 'json') return jsonLines(stderr);
  return stderr.isTTY && !options.json ? liveLine(stderr) : waitsOnly(stderr);
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

/** In a file or a pipe progress is only noise, but many seconds of silence need one line. */
function waitsOnly(stderr: NodeJS.WriteStream): Progressing {
  let said = false;
  return {
    progress({ stage, key }) {
      if (stage !== 'late' || said) return;
      said = true;
      const record = key === null ? '' : `, for ${escapeControls(key)}`;
      stderr.write(`certrebind: ${stageTexts[stage]}${record}.\n`);
    },
    clear() {},
  };
}

/** One line that is overwritten, so that a long run leaves nothing on the screen. */
function liveLine(stderr: NodeJS.WriteStream): Progressing {
  let shown = false;
  return {
    progress({ stage, done, total, key }) {
      const counter = total > 0 ? ` ${done}/${total}` : '';
      const record = key === null ? '' : ` ${escapeControls(key)}`;
      const text = `${stageTexts[stage]}${counter}${record}`;
      const fits = displayWidth(text) < stderr.columns ? text : `${stageTexts[stage]}${counter}`;
      stderr.write(`\r\u001B[2K${fits}`);
      shown = true;
    },
    clear() {
      if (shown) stderr.write('\r\u001B[2K');
      shown = false;
    },
  };
}
