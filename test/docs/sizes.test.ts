import assert from 'node:assert/strict';
import { generatedPages } from '../../scripts/docs/pages.ts';
import { pages, textOf } from './pages.ts';

/** Tables are as long as what they list. */
const tables = generatedPages.map(({ file }) => file);

describe('the size of the pages', () => {
  for (const { whose, of, words, files } of [
    { whose: 'the front page', of: /^README\.md$/, words: 900, files: 1 },
    { whose: 'pages for users', of: /^docs\/[^/]+$/, words: 27_000, files: 18 },
    { whose: 'pages for developers', of: /^docs\/develop\//, words: 7000, files: 7 },
    { whose: 'pages of evidence without tables', of: /^docs\/evidence\//, words: 9000, files: 7 },
  ])
    it(`${whose}: at most ${words} words`, () => {
      const counted = pages.filter((page) => of.test(page) && !tables.includes(page));
      assert.ok(counted.length > 0 && counted.length <= files, `${counted.length} pages`);
      const count = counted.reduce((sum, page) => sum + (textOf(page).match(/\S+/g) ?? []).length, 0);
      assert.ok(count <= words, `${count} words`);
    });
});
