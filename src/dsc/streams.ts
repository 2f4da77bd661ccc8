import type { Invocation } from '../command-line/command.ts';
import { asciiJson } from '../command-line/output.ts';
import { systemError } from '../command-line/system-error.ts';
import { errorDocument } from '../text/errors.ts';

/** DSC reads one compact line, with or without `--json`. */
export function answer({ shell }: Invocation, document: object): void {
  shell.result(document, () => asciiJson(document));
}

/** Runs a verb; what ends it early is said on stderr in the form that DSC shows its user. */
export async function traced({ shell }: Invocation, verb: () => Promise<void>): Promise<number> {
  try {
    await verb();
    return 0;
  } catch (thrown) {
    const { exitCode, error } = errorDocument(systemError(thrown));
    shell.trace({ error: [`${error.code}: ${error.message}`, ...(error.hint === null ? [] : [error.hint])].join(' ') });
    return exitCode;
  }
}
