import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { fleetPage } from '../../../src/inspect/page/fleet-page.ts';
import type { Inventory, InventoryEntry } from '../../../src/inspect/page/inventory.ts';
import { parseInventory } from '../../../src/inspect/page/inventory.ts';
import { CertRebindError } from '../../../src/text/errors.ts';
import { parseXml, type XmlElement } from '../../../src/text/xml.ts';

const planted = `"><script>alert('1')</script><img src=x onerror=alert(2)>&amp;\u202E`;
const takenAt = '2026-06-01T12:00:00.000Z';

const of = (server: string, entry: Omit<InventoryEntry, 'server'>): InventoryEntry => ({ server, ...entry });
const certificate = (server: string, thumbprint: string, more: Partial<InventoryEntry> = {}): InventoryEntry => ({
  server,
  kind: 'certificate',
  thumbprint,
  name: 'shop.example.com',
  issuer: 'Issuing CA',
  store: 'My',
  notAfter: '2026-07-01T00:00:00.000Z',
  usedBy: 'Shop',
  ...more,
});

const pageOf = (entries: readonly InventoryEntry[]): string =>
  fleetPage({ inventory: { schema: 'certrebind/inventory/1', takenAt, entries }, version: '1.2.3' });

/** Void elements are closed and entities are those of XML, so any parser of XML holds the page to be well-formed. */
const read = (page: string): XmlElement => parseXml(page.slice('<!DOCTYPE html>\n'.length), 'page');

function* all(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of element.children) if (typeof child !== 'string') yield* all(child);
}

function textOf(element: XmlElement): string {
  return element.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
}

/** The cells of each row of a section's table, without the titles. */
function rowsOf(page: string, id: string): readonly (readonly string[])[] {
  const section = [...all(read(page))].find(({ attributes }) => attributes['aria-labelledby'] === id);
  assert.ok(section, `a section ${id}`);
  const rows = [...all(section)].filter(({ name }) => name === 'tr').slice(1);
  return rows.map((row) => row.children.filter((child) => typeof child !== 'string').map(textOf));
}

const verdictOf = (page: string): string => {
  const verdict = [...all(read(page))].find(({ attributes }) => attributes.class?.startsWith('verdict'));
  return textOf(verdict as XmlElement);
};

describe('the page about many servers', () => {
  const old = 'AA'.repeat(20);
  const renewed = 'BB'.repeat(20);
  const later = { notAfter: '2027-07-01T00:00:00.000Z' };

  it('says who still uses an older certificate of a name, and where the newest is ready', () => {
    const page = pageOf([
      certificate('web01', old, { usedBy: '' }),
      certificate('web01', renewed, later),
      certificate('web02', old),
      certificate('web02', renewed, { ...later, usedBy: '' }),
      certificate('web03', old),
    ]);
    assert.deepEqual(rowsOf(page, 'older'), [
      [`shop.example.com (Issuing CA)${old}`, '2026-07-01', 'web02, web03', `${renewed}ends 2027-07-01`, 'web02'],
    ]);
    assert.match(
      verdictOf(page),
      /^▲ The next certificate in use to expire is shop\.example\.com, on 2026-07-01\. 2 servers use an older certificate\.$/,
    );
  });

  const notOlder: readonly (readonly [why: string, entries: readonly InventoryEntry[]])[] = [
    [
      'the old one is in use nowhere',
      [certificate('web01', old, { usedBy: '' }), certificate('web01', renewed, later)],
    ],
    [
      'the later one bears another name',
      [certificate('web01', old), certificate('web02', renewed, { ...later, name: 'api.example.org' })],
    ],
    [
      'each signs itself',
      [
        certificate('web01', old, { name: 'localhost', issuer: 'localhost' }),
        certificate('web02', renewed, { ...later, name: 'localhost', issuer: 'localhost' }),
      ],
    ],
    ['both servers use the same', [certificate('web01', old), certificate('web02', old)]],
  ];
  for (const [why, entries] of notOlder)
    it(`calls none older where ${why}`, () => {
      const page = pageOf(entries);
      assert.deepEqual(rowsOf(page, 'older'), []);
      assert.match(verdictOf(page), /^● .*No server uses an older certificate\. /);
    });

  it('puts all ends on one timeline, each certificate once with its servers', () => {
    const page = pageOf([
      certificate('web02', renewed, later),
      certificate('web01', old),
      certificate('web02', old, { usedBy: '' }),
      certificate('web01', old, { store: 'WebHosting', usedBy: 'Wiki' }),
    ]);
    assert.deepEqual(
      rowsOf(page, 'certificates').map(([name, used, stored, ends, days]) => [
        name?.slice(-4),
        used,
        stored,
        ends,
        days,
      ]),
      [
        ['AAAA', 'web01 (Shop, Wiki)', 'web02', '2026-07-01', '● 29'],
        ['BBBB', 'web02 (Shop)', '', '2027-07-01', '● 394'],
      ],
    );
    const bars = [...all(read(page))].filter(({ attributes }) => attributes.class === 'bar');
    assert.deepEqual(
      bars.map(({ attributes }) => attributes.width),
      ['14.5', '197'],
    );
  });

  it('shows servers together that use the same certificates, with their versions', () => {
    const page = pageOf([
      ...['web01', 'web02', 'db01'].map((server) =>
        of(server, { kind: 'server', version: server === 'web02' ? null : '0.1.0' }),
      ),
      certificate('web01', old),
      certificate('web02', old),
      certificate('db01', renewed, { name: 'db.example.org', usedBy: '' }),
    ]);
    assert.deepEqual(rowsOf(page, 'servers'), [
      ['web01, web02', '2', 'shop.example.com (Issuing CA)', '0.1.0, not known'],
      ['db01', '1', 'none', '0.1.0'],
    ]);
  });

  it('says findings once, the worst first, with all servers that have them, and what no store has', () => {
    const finding = { kind: 'finding', code: 'task-missing', message: 'No task.' } as const;
    const page = pageOf([
      of('web01', { ...finding, severity: 'info' }),
      of('web02', { ...finding, severity: 'error', since: takenAt, command: 'certrebind enable' }),
      of('web03', { ...finding, severity: 'error', since: null, command: 'certrebind enable' }),
      of('web03', { ...finding, severity: 'error', since: '2026-05-31T12:00:00.000Z', command: 'certrebind enable' }),
      of('web04', { kind: 'missing', thumbprint: old, usedBy: 'Shop' }),
    ]);
    assert.deepEqual(rowsOf(page, 'findings'), [
      ['✕ error', 'No task.', '2026-05-31 12:00', 'certrebind enable', 'web02, web03', 'task-missing'],
      ['● info', 'No task.', '', '', 'web01', 'task-missing'],
    ]);
    assert.deepEqual(rowsOf(page, 'missing'), [['web04', old, 'Shop']]);
    assert.match(verdictOf(page), /^✕ .*1 finding to look at\.$/);
  });

  it('lets nothing in but its own style, and shows what servers wrote as text', () => {
    const page = pageOf([
      of(planted, { kind: 'server', version: planted }),
      certificate(planted, planted, { name: planted, issuer: planted, usedBy: planted }),
      certificate('web01', old, { name: planted, usedBy: planted }),
      of(planted, { kind: 'finding', code: planted, severity: 'error', message: planted }),
      of(planted, { kind: 'missing', thumbprint: planted, usedBy: planted }),
    ]);
    const elements = [...all(read(page))];
    const style = textOf(elements.find(({ name }) => name === 'style') as XmlElement);
    const hash = createHash('sha256').update(style).digest('base64');
    assert.ok(page.includes(`content="default-src &#39;none&#39;; style-src &#39;sha256-${hash}&#39;;`));
    assert.deepEqual(
      elements.filter(({ name }) => ['script', 'img', 'link', 'iframe', 'object', 'form', 'a', 'base'].includes(name)),
      [],
    );
    const attributes = new Set(elements.flatMap((element) => Object.keys(element.attributes)));
    assert.deepEqual(
      [...attributes].filter((name) => /^(style|on|src|href|xlink)/.test(name)),
      [],
    );
    assert.ok(!page.includes('\u202E') && textOf(read(page)).includes('<img src=x onerror=alert(2)>'));
    const ids = elements.flatMap(({ attributes }) => attributes.id ?? []);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('is made of an empty inventory too', () => {
    assert.match(verdictOf(pageOf([])), /^● No certificate in use is known\./);
  });

  it('shows 1,000 certificates on 200 servers in less than a second', () => {
    const entries = Array.from({ length: 200 }, (_, server) => [
      of(`web${server}`, { kind: 'server', version: '0.1.0' }),
      ...Array.from({ length: 10 }, (_, at) =>
        certificate(`web${server}`, (((server * 10 + at) % 1000) + 1).toString(16).padStart(40, '0'), {
          name: `host${(server * 10 + at) % 1000}.example.com`,
        }),
      ),
      ...Array.from({ length: 5 }, (_, at) =>
        of(`web${server}`, { kind: 'finding', code: 'x', severity: 'warning', message: `${at}` }),
      ),
    ]).flat();
    const began = process.cpuUsage();
    const page = pageOf(entries);
    const { user } = process.cpuUsage(began);
    assert.equal(rowsOf(page, 'certificates').length, 1000);
    assert.ok(user < 1_000_000, `${user / 1000} ms of the processor`);
  });
});

describe('an inventory that is no inventory', () => {
  const good: Inventory = { schema: 'certrebind/inventory/1', takenAt, entries: [certificate('web01', 'AA')] };
  const bad: readonly (readonly [what: string, text: string, says: RegExp])[] = [
    ['is not JSON', 'x', /inventory\.json is not JSON/],
    ['is another document', '{"schema":"certrebind/plan/2"}', /not an inventory/],
    ['lacks its rows', JSON.stringify({ ...good, entries: undefined }), /entries/],
    ['has a row of no server', JSON.stringify({ ...good, entries: [{ kind: 'server' }] }), /server/],
    [
      'has an end that is no time',
      JSON.stringify({ ...good, entries: [{ ...good.entries[0], notAfter: 'soon' }] }),
      /notAfter/,
    ],
  ];
  for (const [what, text, says] of bad)
    it(what, () => {
      assert.throws(
        () => parseInventory(text, 'inventory.json'),
        (thrown) => thrown instanceof CertRebindError && thrown.code === 'bad-document' && says.test(thrown.message),
      );
    });
});
