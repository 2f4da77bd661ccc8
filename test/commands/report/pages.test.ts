import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { XmlElement } from '../../../src/base/xml.ts';
import { pageSituations, planted } from './pages.ts';
import { elementsOf, everyElement, readPage, textOf } from './read-page.ts';

/** WCAG 2.2: the relative luminance of a colour, and the contrast of two. */
function luminance(colour: string): number {
  const whole = colour.length === 4 ? colour.replace(/[0-9a-f]/g, '$&$&') : colour;
  const parts = [1, 3, 5].map((at) => Number.parseInt(whole.slice(at, at + 2), 16) / 255);
  const [r = 0, g = 0, b = 0] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const styleOf = (page: string) => textOf(elementsOf(page, 'style')[0] as XmlElement);

/** The text that is seen before anything is opened. */
function unfolded({ name, children }: XmlElement): string {
  if (name === 'details') return '';
  return children.map((child) => (typeof child === 'string' ? child : unfolded(child))).join('');
}

describe('a page', () => {
  for (const { name, page, headline, command } of pageSituations)
    it(`says first what is wrong and what to type: ${name}`, () => {
      const header = elementsOf(page, 'header')[0] as XmlElement;
      const inHeader = [...everyElement(header)];
      const [h1, ...others] = inHeader.filter((element) => element.name === 'h1');
      assert.ok(h1 !== undefined && others.length === 0);
      assert.match(textOf(h1), headline);
      const typed = inHeader.filter(({ attributes }) => attributes.class === 'command').map(textOf);
      if (command === null) assert.deepEqual(typed, []);
      else if (typeof command === 'string') assert.deepEqual(typed, [command]);
      else assert.match(typed.join('\n'), command);
      const words = unfolded(header).split(/\s+/).length;
      assert.ok(words <= 110, `${words} words before anything else`);
      // What a sentence says to type stands alone in a box too.
      const said = unfolded(header).match(/certrebind (?!report)[a-z]+/g) ?? [];
      assert.deepEqual(
        said.filter((one) => !typed.some((boxed) => boxed.startsWith(one))),
        [],
      );
    });

  for (const [name, says] of [
    [
      'rolled-back',
      /rolled back to the old certificate, which ends in 36 days\s+Clients get the old certificate as before, and the first command shows why the new one failed\.\s+Type:certrebind history/,
    ],
    ['rolled-back', /Act before 2026-07-08/],
    ['ends-soon', /Act before 2026-06-06/],
    ['site-down', /Act now/],
    ['site-down', /The repair binds the one that it had before: .* No other site is touched\./],
    ['never-run', /All well/],
    [
      'old-at-sql',
      /MSSQLSERVER uses the new certificate only after a restart, and the command allows that restart in the change window\.\s+Type:certrebind config set holders\.sql replace/,
    ],
    [
      'waiting',
      /CertRebind applies it by itself at 2026-06-01 2[23]:\d\d UTC\+2; until then clients get the old one\./,
    ],
    [
      'blocked',
      /Order one certificate for all of portal\.example\.net, .*its thumbprint into the command\.\s*Type:certrebind rebind/,
    ],
    ['ends-soon', /Have it renewed at Example Issuing CA, .*\(Personal\)\.\s*Type:certrebind rebind/],
    [
      'hostile',
      /Step 1 of 2 · Act now .*\s*Order a certificate for www\.example\.com, as a \.pfx file: .*\s*Type:certrebind import/s,
    ],
    ['well', /5 sites on 1 certificate; shop\.example\.com expires in 187 days\./],
    ['not-enabled', /It restarts nothing, and changes nothing until a renewal is there\./],
    ['never-run', /CertRebind is enabled: it starts by itself/],
    [
      'fleet',
      /Portal: no certificate is bound\. The repair binds .*\s+Type on LAB-WEB01:.*Campaign Sync stopped: LAB-WEB07 failed; 3 of its 8 servers done, 4 not asked: see step 6 below\./s,
    ],
  ] as const)
    it(`says why, what happens by itself, and what is asked of a person: ${name}`, () => {
      const page = pageSituations.find((one) => one.name === name)?.page ?? '';
      assert.match(elementsOf(page, 'header').map(textOf).join(''), says);
    });

  it('folds away what the test of the new certificate said, which is no outage, and when it is tried again', () => {
    const page = pageSituations.find(({ name }) => name === 'rolled-back')?.page ?? '';
    const [header] = elementsOf(page, 'header');
    for (const says of [
      /no longer answered: the connection was reset/,
      /tries again within the hour, at most 3 times\. The second command tries at once/,
    ]) {
      assert.doesNotMatch(unfolded(header as XmlElement), says);
      assert.match(textOf(header as XmlElement), says);
    }
  });

  for (const [name, tone, sign] of [
    ['site-down', 'bad', 'bad'],
    ['rolled-back', 'warn', 'back'],
    ['blocked', 'warn', 'blocked'],
    ['old-at-sql', 'warn', 'warn'],
    ['ends-soon', 'warn', 'waiting'],
    ['not-enabled', 'warn', 'warn'],
    ['waiting', 'good', 'good'],
  ] as const)
    it(`is red only where clients notice it, with the sign of the place: ${name}`, () => {
      const page = pageSituations.find((one) => one.name === name)?.page ?? '';
      const [verdict] = elementsOf(page, 'div').filter(({ attributes }) => attributes.class?.startsWith('verdict '));
      const [use] = [...everyElement(verdict as XmlElement)].filter((element) => element.name === 'use');
      assert.deepEqual([verdict?.attributes.class, use?.attributes.href], [`verdict ${tone}`, `#i-${sign}`]);
      const [mark] = elementsOf(page, 'title').map(textOf);
      assert.ok(mark?.startsWith({ bad: '✕', warn: '▲', good: '✓' }[tone]), mark);
    });

  it('numbers the first of several things to do, and asks for one alone without a number', () => {
    const linked = (situation: string) => {
      const page = pageSituations.find(({ name }) => name === situation)?.page ?? '';
      const links = elementsOf(page, 'a').filter(({ attributes }) => attributes.href === '#action-1');
      return [textOf(elementsOf(page, 'header')[0] as XmlElement).match(/Step 1 of \d/)?.[0], ...links.map(textOf)];
    };
    assert.deepEqual(linked('fleet'), ['Step 1 of 6', 'step 1']);
    assert.deepEqual(linked('rolled-back'), [undefined, 'what to do']);
  });

  it('has in each further step what to do and a command in a box, and the rest folded away', () => {
    const page = pageSituations.find(({ name }) => name === 'fleet')?.page ?? '';
    const steps = elementsOf(page, 'li').filter(({ attributes }) => attributes.id?.startsWith('action-'));
    assert.equal(steps.length, 5);
    for (const step of steps) {
      const parts = [...everyElement(step)];
      const folded = new Set(parts.filter(({ name }) => name === 'details').flatMap((one) => [...everyElement(one)]));
      const shown = parts.filter((one) => one.attributes.class === 'command' && !folded.has(one));
      assert.equal(shown.length, 1, textOf(step));
      const words = unfolded(step);
      assert.ok(words.split(/\s+/).length <= 60, words);
      assert.match(words, /[Tt]ype on (?:LAB-|your console)/);
      assert.doesNotMatch(textOf(step), /[0-9A-F]{40}/);
    }
  });

  it('says by which hour something is due, by the clock of the server', () => {
    const said = (situation: string, wanted: string) => {
      const page = pageSituations.find(({ name }) => name === situation)?.page ?? '';
      return elementsOf(page, 'p').flatMap((one) => (one.attributes.class === wanted ? textOf(one) : []));
    };
    assert.deepEqual(said('blocked', 'word'), ['Act before 2026-07-08 02:00 · WEB01']);
    assert.deepEqual(said('fleet', 'due warn').slice(0, 1), ['before 2026-06-06 18:00 UTC 5 days left']);
  });

  for (const { name, page } of pageSituations.filter((one) => one.name !== 'hostile'))
    it(`says what to do before all else, and no cause twice: ${name}`, () => {
      const main = elementsOf(page, 'main')[0] as XmlElement;
      const [first] = main.children.filter((child) => typeof child !== 'string');
      const todo = elementsOf(page, 'section').find(({ attributes }) => attributes['aria-labelledby'] === 'do');
      if (todo !== undefined) assert.deepEqual(first, todo);
      const sentences = elementsOf(page, 'body')
        .flatMap((body) => [...everyElement(body)])
        .filter((element) => ['h1', 'h3', 'p'].includes(element.name))
        .map(unfolded)
        .filter((text) => text.length > 40);
      assert.deepEqual(
        sentences.filter((text, at) => sentences.indexOf(text) !== at),
        [],
      );
    });

  for (const { name, page } of pageSituations)
    it(`is one whole document that lets nothing in: ${name}`, () => {
      const elements = [...everyElement(readPage(page))];
      const named = (tag: string) => elements.filter((element) => element.name === tag);
      const policy = named('meta').find(({ attributes }) => attributes['http-equiv'] === 'Content-Security-Policy');
      const hash = createHash('sha256').update(styleOf(page)).digest('base64');
      assert.equal(
        policy?.attributes.content,
        `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
      );
      assert.deepEqual(
        elements.filter((one) => ['script', 'img', 'link', 'iframe', 'object', 'form', 'base'].includes(one.name)),
        [],
      );
      const attributes = new Set(elements.flatMap((element) => Object.keys(element.attributes)));
      assert.deepEqual(
        [...attributes].filter((one) => /^(style|on|src|xlink)/.test(one)),
        [],
      );
      const ids = elements.flatMap((element) => element.attributes.id ?? []);
      assert.equal(new Set(ids).size, ids.length);
      const refers = elements.flatMap((element) => element.attributes.href ?? []);
      assert.deepEqual(
        refers.filter((one) => !one.startsWith('#') || !ids.includes(one.slice(1))),
        [],
      );
    });

  for (const { name, page } of pageSituations)
    it(`is a table to those who hear it: ${name}`, () => {
      for (const section of elementsOf(page, 'section')) {
        const heading = [...everyElement(section)].find((element) => element.name === 'h2');
        assert.equal(heading?.attributes.id, section.attributes['aria-labelledby']);
      }
      for (const table of elementsOf(page, 'table')) {
        const inTable = [...everyElement(table)];
        assert.equal(inTable.filter((element) => element.name === 'caption').length, 1);
        const roles = { table: 'table', thead: 'rowgroup', tbody: 'rowgroup', tr: 'row', td: 'cell' };
        for (const [tag, role] of Object.entries(roles))
          for (const element of inTable.filter((one) => one.name === tag)) assert.equal(element.attributes.role, role);
        const widths = inTable
          .filter((element) => element.name === 'tr')
          .map(({ children }) => children.filter((child) => typeof child !== 'string'))
          .map((cells) => cells.reduce((sum, { attributes }) => sum + Number(attributes.colspan ?? 1), 0));
        assert.equal(new Set(widths).size, 1, `${widths}`);
      }
    });

  it('shows what others wrote as text, and turns nothing', () => {
    const page = pageSituations.find(({ name }) => name === 'hostile')?.page ?? '';
    const shown = planted.replace('\u202E', '\\u202E').replace('\u0007', '\\u0007');
    const text = textOf(readPage(page));
    for (const before of ['· ', 'Names', 'Used by', 'IIS ']) assert.ok(text.includes(before), before);
    assert.ok(text.split(shown).length > 10);
    assert.ok(
      !page.includes('<script') && !page.includes('<img') && !page.includes('\u202E') && !page.includes('\u0007'),
    );
  });

  it('is small: a server with five sites, one with 500 bindings, a fleet of 48', () => {
    const size = (wanted: string) => Buffer.byteLength(pageSituations.find(({ name }) => name === wanted)?.page ?? '');
    assert.ok(size('site-down') > 10_000 && size('site-down') <= 30_000);
    assert.ok(size('five-hundred') <= 200_000);
    assert.ok(size('fleet') <= 100_000);
  });

  it('keeps to what lets it be as narrow as a phone: words break, columns shrink, and only short ones are kept whole', () => {
    for (const { name, page } of pageSituations) {
      const style = styleOf(page);
      assert.match(style, /body \{[^}]*overflow-wrap: anywhere/);
      assert.match(style, /\.rows \{[^}]*table-layout: fixed/);
      const columns = [...style.matchAll(/grid-template-columns: ([^;}]+)/g)].map(([, said = '']) => said);
      assert.ok(columns.length > 10);
      // A share without a least width of 0 is as wide as its longest word.
      for (const said of columns)
        assert.doesNotMatch(said.replace(/minmax\((?:0|min\(100%, 17rem\)), [^)]+\)/g, ''), /fr/, said);
      const kept = elementsOf(page, 'span').filter(({ attributes }) =>
        ['whole', 'print'].includes(attributes.class ?? ''),
      );
      for (const one of kept) assert.ok(textOf(one).length < 40, `${name}: ${textOf(one)}`);
    }
  });

  it('has enough contrast for text, light, dark and on paper', () => {
    const roots = [...styleOf(pageSituations[0]?.page ?? '').matchAll(/:root \{([^}]*)\}/g)];
    assert.equal(roots.length, 3);
    for (const [, declarations = ''] of roots) {
      const colours = new Map(
        [...declarations.matchAll(/--([a-z-]+): (#[0-9a-f]{3,6})/g)].map(([, name = '', value = '']) => [name, value]),
      );
      const readable = [
        ...['text', 'quiet', 'bad', 'warn', 'good', 'info'].map((text) => [text, 'ground']),
        ...['bad', 'warn', 'good'].flatMap((tone) => [
          [tone, `${tone}-ground`],
          ['text', `${tone}-ground`],
        ]),
      ] as const;
      for (const [text = '', ground = ''] of readable)
        assert.ok(
          contrast(colours.get(text) ?? '', colours.get(ground) ?? '') >= 4.5,
          `${text} on ${ground}: ${declarations}`,
        );
      assert.ok(contrast(colours.get('edge') ?? '', colours.get('ground') ?? '') >= 3);
    }
  });
});
