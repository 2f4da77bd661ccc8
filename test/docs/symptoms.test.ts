import assert from 'node:assert/strict';
import { codesMarkdown } from '../../scripts/docs/codes.ts';
import { symptoms } from '../../scripts/docs/symptoms.ts';
import { stepErrorCodes } from '../../src/base/codes/error-codes.ts';
import { findingCodes } from '../../src/base/codes/finding-codes.ts';
import { blockCodes, skipCodes } from '../../src/base/codes/plan-codes.ts';
import { mistakesIn } from './typed-commands.ts';

describe('docs/codes.md', () => {
  it('has a heading for every code of a finding, of a step that failed, and of what is blocked or skipped', () => {
    const page = codesMarkdown().split('\n');
    const missing = [...findingCodes, ...stepErrorCodes, ...blockCodes, ...skipCodes].filter(
      ({ code }) => !page.includes(`## ${code}`),
    );
    assert.deepEqual(missing, []);
  });
});

describe('docs/troubleshooting.md', () => {
  it('tells people to type commands and options that there are', async () => {
    for (const line of symptoms.flatMap(({ run }) => run)) assert.deepEqual(await mistakesIn(line), [], line);
    assert.deepEqual(await mistakesIn('status --chekc'), ['--chekc']);
    assert.deepEqual(await mistakesIn('statuss'), ['there is no command statuss']);
  });
});
