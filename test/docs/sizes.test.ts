import assert from 'node:assert/strict';
import { pages, textOf } from './pages.ts';

/** What nobody has to read: references of every command and code, the page of facts, and the answers to them. */
const unread = ['docs/commands.md', 'docs/codes.md', 'docs/evidence/fidelity.md', 'docs/evidence/measured.md'];

describe('the size of the pages', () => {
  for (const { whose, of, words, files } of [
    { whose: 'the front page', of: /^README\.md$/, words: 1100, files: 1 },
    { whose: 'pages for users', of: /^docs\/[^/]+$/, words: 22_500, files: 27 },
    { whose: 'pages for developers', of: /^docs\/develop\//, words: 7000, files: 8 },
    { whose: 'pages of evidence', of: /^docs\/evidence\//, words: 9900, files: 8 },
  ])
    it(`${whose}: at most ${words} words`, () => {
      const counted = pages.filter((page) => of.test(page) && !unread.includes(page));
      assert.ok(counted.length > 0 && counted.length <= files, `${counted.length} pages`);
      const count = counted.reduce((sum, page) => sum + (textOf(page).match(/\S+/g) ?? []).length, 0);
      assert.ok(count <= words, `${count} words`);
    });
});
