import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { serverPage } from '../../../src/inspect/page/server-page.ts';
import { statusOf } from '../../../src/inspect/status/server-status.ts';
import { parseXml, type XmlElement } from '../../../src/text/xml.ts';
import { certificate, now, record, type SnapshotParts, site, snapshot, sni } from '../../builders/snapshot.ts';
import { factsOf } from '../findings/facts.ts';

const planted = `"><script>alert('1')</script><img src=x onerror=alert(2)>&amp;\u202E`;

function pageOf(server: SnapshotParts): string {
  const counts = {
    planned: 0,
    changed: 2,
    already: 0,
    blocked: 1,
    skipped: 0,
    undone: 0,
    failed: 0,
    unproven: 0,
    stillOld: 0,
    waiting: 0,
  };
  return serverPage({
    takenAt: now,
    version: '1.2.3',
    status: statusOf(factsOf(server)),
    verify: {
      schema: 'certrebind/verify/1',
      lookedAt: [{ part: 'sites', from: planted }],
      notLookedAt: [],
      endpoints: [],
      findings: [],
    },
    history: {
      schema: 'certrebind/history/1',
      runs: [{ run: '20260601-100000000-0001', at: now, result: 'partly-rebound', counts, certificates: [planted] }],
    },
  });
}

/** Void elements are closed and entities are those of XML, so any parser of XML holds the page to be well-formed. */
function read(page: string): XmlElement {
  assert.ok(page.startsWith('<!DOCTYPE html>\n'));
  return parseXml(page.slice('<!DOCTYPE html>\n'.length), 'page');
}

function* all(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of element.children) if (typeof child !== 'string') yield* all(child);
}

function textOf(element: XmlElement): string {
  return element.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
}

const server: SnapshotParts = {
  sites: [site(planted, [sni('shop.example.com')])],
  records: [record('shop.example.com:443', 'old')],
  certificates: [
    certificate('old', { notAfter: '2026-06-06T12:00:00.000Z', issuer: `CN=${planted}`, friendlyName: planted }),
    certificate('new', { names: [], commonName: null, friendlyName: planted, subject: planted }),
  ],
};

describe('the page about a server', () => {
  const page = pageOf(server);
  const root = read(page);
  const elements = [...all(root)];
  const named = (name: string) => elements.filter((element) => element.name === name);

  it('is one document, with a heading for each section and titles in each table', () => {
    assert.equal(root.attributes.lang, 'en');
    assert.equal(textOf(named('title')[0] as XmlElement), 'Certificates of WEB01');
    assert.equal(named('h1').length, 1);
    for (const section of named('section')) {
      const heading = [...all(section)].find(({ name }) => name === 'h2');
      assert.equal(heading?.attributes.id, section.attributes['aria-labelledby']);
    }
    const ids = elements.flatMap(({ attributes }) => attributes.id ?? []);
    assert.equal(new Set(ids).size, ids.length);
    for (const title of named('th')) assert.equal(title.attributes.scope, 'col');
    for (const table of named('table')) {
      const rows = [...all(table)].filter(({ name }) => name === 'tr');
      const widths = rows.map((row) => row.children.filter((child) => typeof child !== 'string').length);
      assert.equal(new Set(widths).size, 1, `${widths}`);
    }
  });

  it('lets nothing in but its own style, which it names by its hash', () => {
    const policy = named('meta').find(({ attributes }) => attributes['http-equiv'] === 'Content-Security-Policy');
    const style = textOf(named('style')[0] as XmlElement);
    const hash = createHash('sha256').update(style).digest('base64');
    assert.equal(
      policy?.attributes.content,
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
    );
    assert.deepEqual(
      elements.filter(({ name }) => ['script', 'img', 'link', 'iframe', 'object', 'form', 'a', 'base'].includes(name)),
      [],
    );
    const attributes = new Set(elements.flatMap((element) => Object.keys(element.attributes)));
    assert.deepEqual(
      [...attributes].filter((name) => /^(style|on|src|href|xlink)/.test(name)),
      [],
    );
  });

  it('shows names that others wrote as text, and turns nothing', () => {
    assert.ok(textOf(root).includes(`"><script>alert('1')</script><img src=x onerror=alert(2)>&amp;\\u202E`));
    assert.ok(!page.includes('<script') && !page.includes('\u202E'));
  });

  it('says first what is wrong, by a word and a mark beside the colour', () => {
    const verdict = elements.find(({ attributes }) => attributes.class?.startsWith('verdict'));
    assert.match(textOf(verdict as XmlElement), /^[✕▲] (ERROR|WARNING): /);
    const days = elements.find(({ attributes }) => attributes.class === 'number warning');
    assert.equal(textOf(days as XmlElement), '▲ 5');
    assert.match(textOf(root), /partly-rebound/);
  });

  it('follows light and dark, and prints whole', () => {
    const style = textOf(named('style')[0] as XmlElement);
    assert.match(style, /@media \(prefers-color-scheme: dark\)/);
    assert.match(style, /@media print \{[^@]*\.wide \{ overflow: visible; \}/);
  });

  /** WCAG 2.2: the relative luminance of a colour, and the contrast of two. */
  const luminance = (colour: string) => {
    const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
    const [r = 0, g = 0, b = 0] = parts.map((part) =>
      part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a: string, b: string) => {
    const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (light + 0.05) / (dark + 0.05);
  };

  it('has enough contrast for text in both', () => {
    const style = textOf(named('style')[0] as XmlElement);
    const roots = [...style.matchAll(/:root \{([^}]*)\}/g)].slice(0, 2);
    assert.equal(roots.length, 2);
    for (const [, declarations = ''] of roots) {
      const colours = new Map(
        [...declarations.matchAll(/--([a-z]+): (#[0-9a-f]{6})/g)].map(([, name = '', value = '']) => [name, value]),
      );
      for (const text of ['text', 'bad', 'warn', 'good'])
        for (const ground of ['ground', 'soft'])
          assert.ok(
            contrast(colours.get(text) ?? '', colours.get(ground) ?? '') >= 4.5,
            `${text} on ${ground}: ${declarations}`,
          );
    }
  });

  it('takes a thousand certificates in less than a second', () => {
    const hosts = Array.from({ length: 1000 }, (_, at) => `h${at}.example.com`);
    const many = {
      sites: hosts.map((host) => site(host, [sni(host)])),
      records: hosts.map((host) => record(`${host}:443`, host)),
      certificates: hosts.map((host) => certificate(host, { names: [host] })),
    };
    const status = statusOf(factsOf(many));
    const began = performance.now();
    const text = serverPage({
      takenAt: now,
      version: '1.2.3',
      status,
      verify: { schema: 'certrebind/verify/1', lookedAt: [], notLookedAt: [], endpoints: [], findings: [] },
      history: { schema: 'certrebind/history/1', runs: [] },
    });
    assert.ok(performance.now() - began < 1000);
    assert.equal(text.split('<svg').length - 1, 1000);
    read(text);
  });

  it('says of a server of which nothing is known that it is not known', () => {
    const text = textOf(read(pageOf(snapshot())));
    assert.match(text, /No TLS endpoint of an IIS binding is known/);
  });
});
