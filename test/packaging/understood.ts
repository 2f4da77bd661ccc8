import assert from 'node:assert/strict';
import { join } from 'node:path';
import { jsonHere } from '../cli/run-here.ts';

const nowhere = join(import.meta.dirname, 'no-such-lab');

/** Fails where the program does not take these words: on a lab that is not there it gets as far as saying just that. */
export async function assertUnderstood(line: string): Promise<void> {
  const { document } = await jsonHere([
    ...line
      .trim()
      .split(' ')
      .filter((word) => word !== '--json'),
    '--lab',
    nowhere,
  ]);
  assert.equal(document.error.code, 'not-a-lab', `${line}: ${document.error.message}`);
}
