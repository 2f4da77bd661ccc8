import assert from 'node:assert/strict';
import { generatedPages } from '../../scripts/docs/pages.ts';
import { pages, textOf } from './pages.ts';
import { figuresOf } from './sentences.ts';
import { spokenTexts } from './spoken.ts';
import { turnsIn } from './turns.ts';

/** Pages that are written from tables as a whole: the words are those of the tables. */
const written = new Set(generatedPages.map(({ file }) => file).filter((file) => !textOf(file).includes('<!-- ')));

/** The most of its sentences, in percent, that a page may glue with ";", and may begin with a clause. */
const most = { glued: 5, clauseFirst: 2 } as const;

describe('the sentences of the pages', () => {
  it('counts sentences of paragraphs, lists and longer cells; neither headings nor code nor short cells', () => {
    const page = `# A; b
One \`a; b\` is. Two [b](c.md) is.

- Three
  is; there
- Four

| a; b | a cell with more words; counted |
|---|---|

\`\`\`sh
a; b
\`\`\`
`;
    assert.deepEqual(figuresOf(page), {
      sentences: 5,
      glued: ['Three is; there', 'a cell with more words; counted'],
      clauseFirst: [],
    });
  });

  for (const [sentence, isFound] of [
    ['What a run left, the next one removes.', true],
    ['That a file cannot be written fails no run.', true],
    ['Where it does not fit, nothing is done.', true],
    ['Whether it fits is shown.', true],
    ['That file is written.', false],
    ['What is sent: mail and webhooks.', false],
    ['What does it do?', false],
    ['What is known about Windows', false],
    ['If it does not fit, nothing is done.', false],
  ] as const)
    it(`${isFound ? 'finds' : 'does not find'} a clause in front of "${sentence}"`, () =>
      assert.deepEqual(figuresOf(sentence).clauseFirst, isFound ? [sentence] : []));

  // Pages of evidence are tables of facts, in the words of their sources.
  for (const page of pages.filter((name) => !name.startsWith('docs/evidence/'))) {
    const { sentences, glued, clauseFirst } = figuresOf(textOf(page));
    const [hasGlued, hasClauses] = [(100 * glued.length) / sentences, (100 * clauseFirst.length) / sentences];
    const figures = `${sentences} sentences, ${hasGlued.toFixed(1)} % with ";", ${hasClauses.toFixed(1)} % begin with a clause`;

    it(`${page}: ${figures}`, () => {
      assert.ok(hasGlued <= most.glued, [`at most ${most.glued} % with ";":`, ...glued].join('\n  '));
      assert.ok(
        hasClauses <= most.clauseFirst,
        [`at most ${most.clauseFirst} % begin with a clause:`, ...clauseFirst].join('\n  '),
      );
    });
  }
});

describe('the English of the pages', () => {
  it('finds turns in what people wrote, and neither in what is printed nor in titles of tests', () => {
    const page = ['Whoever reads', '```console', 'whoever', '```', '| a | `test/a.ts` › whoever |'].join('\n');
    assert.deepEqual(found('docs/a.md', page), ['docs/a.md:1: "Whoever": write anyone who, an account that']);
  });

  for (const page of pages.filter((name) => !written.has(name)))
    it(`${page} has no stiff turns`, () => assert.deepEqual(found(page, textOf(page)), []));
});

describe('the English of the program', () => {
  it('finds a turn in a text of the source, with its line', () =>
    assert.deepEqual(turnsIn('src/a.ts', '\n it goes on with … though'), [
      'src/a.ts:2: "goes on with": write still serves, still uses',
    ]));

  it('finds another word for what has a name', () =>
    assert.deepEqual(turnsIn('src/a.ts', 'The TLS record was proven.'), [
      'src/a.ts:1: "TLS record": write certificate binding',
      'src/a.ts:1: "proven": write verified, not verified',
    ]));

  it('finds a word of the code in a page for users, and leaves it to the pages for developers', () => {
    assert.deepEqual(turnsIn('docs/a.md', 'The ledger is ledger.json.'), [
      'docs/a.md:1: "ledger": write what CertRebind remembers of renewals',
    ]);
    assert.deepEqual(turnsIn('docs/develop/lab.md', 'The ledger is ledger.json.'), []);
  });

  it('looks at codes, help, texts of the source, settings, and the help and messages of the module', async () => {
    const all = new Map(await spokenTexts());
    for (const [where, said] of [
      ['certrebind explain', 'The certificate to be set has no private key on this server.'],
      ['certrebind --help', 'Apply all pending renewals'],
      ['src/engine/known/certificate-faults.ts', 'SYSTEM cannot open the private key of … in ……'],
      ['schemas/configuration.json', 'CertRebind never changes these.'],
      ['module/CertRebind/Public/Sync-CertRebind.ps1', 'Applies all pending renewals.'],
      ['module/CertRebind/en-US/CertRebind.Messages.psd1', 'Reading the server'],
      ['module/CertRebind/en-US/about_CertRebind.help.txt', 'still serves the old certificate'],
    ] as const)
      assert.ok(all.get(where)?.includes(said), `${where}: ${said}`);
  });

  it('has no stiff turns in what is said to people', async () => {
    const all = await spokenTexts();
    assert.deepEqual(
      all.flatMap(([where, text]) => turnsIn(where, text)),
      [],
    );
  });
});

function found(page: string, markdown: string): readonly string[] {
  return turnsIn(page, prose(markdown));
}

/** A page without what it shows, what is generated, and titles of tests, line by line. */
function prose(markdown: string): string {
  return markdown
    .replace(/^```.*?^```$/gms, (block) => block.replace(/[^\n]/g, ''))
    .replace(/^<!-- generated: (\S+) -->.*?^<!-- end of \1 -->$/gms, (part) => part.replace(/[^\n]/g, ''))
    .replace(/`test\/[^`]+` › [^|\n]*/g, '');
}
