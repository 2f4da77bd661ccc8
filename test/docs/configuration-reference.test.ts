import assert from 'node:assert/strict';
import { exampleConfiguration, settings } from '../../scripts/docs/configuration.ts';
import { parseConfiguration } from '../../src/model/documents/configuration.ts';

describe('docs/configuration.md', () => {
  it('shows an example of every setting that the program accepts', () => {
    const read = parseConfiguration(JSON.stringify(exampleConfiguration()), 'the example');
    const missing = settings.filter(
      ({ key }) => key.split('.').reduce<unknown>((above, word) => Object(above)[word], read) === undefined,
    );
    assert.deepEqual(missing, []);
  });
});
