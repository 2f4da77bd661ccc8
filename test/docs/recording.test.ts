import assert from 'node:assert/strict';
import { recording } from '../../scripts/lib/recording.mjs';
import { textOf } from './pages.ts';

describe('a recording of a terminal', () => {
  const picture: string = recording('A & B', [
    { text: '$ run <a> & b', at: 0 },
    { text: 'first', at: 900 },
    { text: 'second', at: 900 },
  ]);

  it('shows each line as it was, and what was typed apart', () => {
    assert.match(picture, /<title>A &amp; B<\/title>/);
    assert.match(picture, /<text [^>]*class="typed"[^>]*>\$ run &lt;a&gt; &amp; b<\/text>/);
    assert.equal(picture.match(/<text /g)?.length, 3);
    assert.equal(picture.match(/class="typed"/g)?.length, 1);
  });

  it('lets each line come when it came, and one after the other', () =>
    assert.deepEqual(
      Array.from(picture.matchAll(/animation-delay: (\d+)ms/g), ([, delay]) => Number(delay)),
      [40, 900, 940],
    ));

  it('hides lines by the animation alone, so that all are there without one', () =>
    assert.doesNotMatch(picture.replace(/@media[\s\S]*?^}/m, ''), /opacity|animation: /));
});

describe('the recording of the demo', () => {
  const picture = textOf('docs/evidence/demo.svg');

  it('is small, and asks for nothing', () => {
    assert.ok(picture.length <= 200_000, `${picture.length} characters`);
    assert.doesNotMatch(picture, /<script|href|url\(|@import/);
  });

  it('ends with what the clients saw', () =>
    assert.match(
      picture,
      /\d+ handshakes at \d+ endpoints, 0 failed; every endpoint serves what it should\.<\/text>\n<\/svg>/,
    ));
});
