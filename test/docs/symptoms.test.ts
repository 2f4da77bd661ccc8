import assert from 'node:assert/strict';
import { commandHelp } from '../../scripts/docs/commands.ts';
import { symptoms, symptomsMarkdown } from '../../scripts/docs/symptoms.ts';
import { blockCodes, findingCodes, skipCodes, stepErrorCodes } from '../../src/model/text/codes.ts';

describe('docs/troubleshooting.md', () => {
  it('names every code of a finding, of a step that failed, and of what is blocked or skipped', () => {
    const page = symptomsMarkdown();
    const missing = [...findingCodes, ...stepErrorCodes, ...blockCodes, ...skipCodes].filter(
      ({ code }) => !page.includes(`| \`${code}\` |`),
    );
    assert.deepEqual(missing, []);
  });

  it('tells people to type commands and options that there are', async () => {
    const known = (await commandHelp()).flatMap((command) => [command, ...command.below]);
    for (const { run } of symptoms)
      for (const line of run) {
        const words = line.split(' ');
        const command = known.findLast(({ usage }) => line.startsWith(usage.replace(/ [<[].*/, '')));
        assert.ok(command, line);
        const options = words.filter((word) => word.startsWith('--')).map((word) => word.slice(2));
        const unknown = options.filter((option) => !command.options.some(([name]) => name === option));
        assert.deepEqual(unknown, [], line);
      }
  });
});
