import assert from 'node:assert/strict';
import { exampleConfiguration } from '../../scripts/docs/configuration.ts';
import { printedBy } from '../../scripts/docs/documents.ts';
import { parseConfiguration } from '../../src/model/documents/configuration.ts';
import { settings } from '../../src/model/documents/settings.ts';
import { mistakesIn } from './typed-commands.ts';

describe('docs/configuration.md', () => {
  it('shows an example of every setting that the program accepts', () => {
    const read = parseConfiguration(JSON.stringify(exampleConfiguration()), 'the example');
    const missing = settings.filter(
      ({ key }) => key.split('.').reduce<unknown>((above, word) => Object(above)[word], read) === undefined,
    );
    assert.deepEqual(missing, []);
  });
});

describe('docs/documents.md', () => {
  it('names commands that there are', async () => {
    for (const line of Object.values(printedBy).flat())
      if (!line.startsWith('every command')) assert.deepEqual(await mistakesIn(line), [], line);
  });
});
