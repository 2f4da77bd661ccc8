import assert from 'node:assert/strict';
import { findingCodes } from '../../../src/base/codes/finding-codes.ts';
import { lookOf, mix, prose } from '../../../src/commands/report/page-parts.ts';
import { nothingNotified } from '../../../src/documents/notified.ts';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import { lookSummaryOf, notificationsOfFindings } from '../../../src/engine/findings/notifications-of-findings.ts';
import { statusOf } from '../../../src/engine/views/server-status.ts';
import { briefText, statusText } from '../../../src/shell/print/status-text.ts';
import { plain } from '../../../src/shell/print/terminal-style.ts';
import { ledgerOf } from '../../builders/ledger.ts';
import { certificate, record, renewal, type SnapshotParts, site, sni, thumbprintOf } from '../../builders/snapshot.ts';
import { factsOf, ownTasks, taskEntry, wireOf } from '../../engine/findings/facts.ts';
import { each } from '../../support/each.ts';
import { installed, pageOf, pageSituations, troubled } from './pages.ts';
import { elementsOf, everyElement, readPage, rowsOf, textOf } from './read-page.ts';

const pageIn = (wanted: string) => pageSituations.find(({ name }) => name === wanted)?.page ?? '';

const server: SnapshotParts = {
  sites: [site('Shop', [sni('shop.example.com')]), site('Old', [sni('old.example.com')], 'stopped')],
  records: [record('shop.example.com:443', 'new'), record('old.example.com:443', 'new')],
  certificates: [certificate('new', { names: ['shop.example.com', 'old.example.com'] })],
};

it('what nine bindings have from one cause is said once by status, the page and the mail', () => {
  const hosts = Array.from({ length: 9 }, (_, at) => `h${at}.example.com`);
  const records = hosts.map((host) => record(`${host}:443`, 'old'));
  const cause = { kind: 'handshake', said: 'They got no answer.' } as const;
  const facts = factsOf(
    {
      tasks: ownTasks,
      sites: hosts.map((host) => site(host, [sni(host)])),
      records,
      certificates: [
        certificate('old', { names: ['*.example.com'], renewedTo: 'new' }),
        certificate('new', { names: ['*.example.com'] }),
      ],
    },
    {
      ledger: ledgerOf([
        { renewal: renewal('old', 'new'), state: 'undone', run: '7', heldAt: records.map(({ key }) => key), cause },
      ]),
    },
  );
  const [{ lines } = { lines: [] }] = notificationsOfFindings(lookSummaryOf(lookAt(facts)), nothingNotified).news;
  const page = textOf(readPage(pageOf(facts)));
  const times = (text: string) => text.split('They got no answer.').length - 1;
  assert.deepEqual(
    [times(statusText(statusOf(lookAt(facts)), { ...plain, full: true })), times(lines.join('\n'))],
    [1, 1],
  );
  // Folded away with the rest that is told of it; not at each place.
  assert.equal(times(page), 1);
});

/** The commands in a sentence that a click selects. */
const copied = (markup: string) =>
  elementsOf(`<!DOCTYPE html>\n<p>${markup}</p>`, 'code').map((element) => textOf(element));

describe('a sentence on a page', () => {
  it('has each of its commands as one that can be copied', () => {
    const hint =
      'If no client uses these names: certrebind dismiss names-lost. Otherwise: certrebind undo 20260601-1200-a1b2, and issue a certificate that covers them.';
    assert.deepEqual(copied(prose(hint).markup), [
      'certrebind dismiss names-lost',
      'certrebind undo 20260601-1200-a1b2',
    ]);
    assert.equal(textOf(readPage(`<!DOCTYPE html>\n<p>${prose(hint).markup}</p>`)), hint);
  });

  it('has none in what findings advise, whose lines stand for themselves', () => {
    assert.deepEqual(
      findingCodes.flatMap(({ hint }) => copied(prose(hint).markup)),
      [],
    );
  });

  it('has none where a person has to decide first', () => {
    const tasks = [...ownTasks, taskEntry({ path: '\\', name: 'win-acme renew', xml: '<Task/>' })];
    const typed = elementsOf(pageOf(factsOf({ ...server, tasks })), 'code').filter(
      ({ attributes }) => attributes.class,
    );
    assert.deepEqual(
      typed.map((element) => [element.attributes.class, textOf(element)]),
      [],
    );
  });
});

describe('the page about a server', () => {
  it('lists what needs a person first, with old and new told apart, and what is verified by its certificate', () => {
    const [blocked, group, ...verified] = rowsOf(pageIn('blocked'), 'places');
    assert.deepEqual(blocked, [
      'Portalportal.example.net:443',
      ' Blocked what to do',
      `${thumbprintOf('old').slice(0, 8)} oldshop.example.com (Example Issuing CA)`,
      '36 days leftends 2026-07-08',
    ]);
    assert.match(
      group?.[0] ?? '',
      /^[0-9A-F]{8} new shop\.example\.com \(Example Issuing CA\) 187 days leftends 2026-12-06$/,
    );
    assert.deepEqual(verified, [
      [' Payments', 'pay.example.net:443'],
      [' Public Web', 'www.example.com:443'],
      [' Shop', 'shop.example.com:443'],
      [' Wiki', 'wiki.example.net:443'],
    ]);
  });

  it('colours what is counted together by the worst of it', () => {
    const places = (['info', 'error'] as const).map((severity) => ({
      look: lookOf('rolled-back', severity),
      name: 'Shop',
    }));
    const drawn = mix(places, 'place')?.markup ?? '';
    assert.match(drawn, /<rect class="warn"[^>]*\/><\/svg>\s*<dl class="tiles"><div class="warn">/);
  });

  it('says that it has not run yet, until one of its tasks has', () => {
    const ran = { lastRunAt: '2026-06-01T11:17:00.000Z', lastResult: 0 };
    const saying = [0, 1, 2].map((many) => {
      const tasks = ownTasks.map((task, at) => (at < many ? { ...task, ...ran } : task));
      return pageOf(factsOf({ ...server, tasks }, { installation: installed })).includes(
        'is enabled: it starts by itself',
      );
    });
    assert.deepEqual(saying, [true, false, false]);
  });

  for (const [name, facts] of Object.entries(troubled))
    it(`begins as a mail and the line of a morning do: ${name}`, () => {
      const page = pageOf(facts);
      const [title = ''] = elementsOf(page, 'h1').map(textOf);
      const [typed] = elementsOf(page, 'header')
        .flatMap((header) => [...everyElement(header)])
        .flatMap((element) => (element.attributes.class === 'command' ? textOf(element) : []));
      const { news } = notificationsOfFindings(lookSummaryOf(lookAt(facts)), nothingNotified);
      assert.deepEqual(each(news, 'headline'), [`WEB01: ${title}`]);
      const [{ advice } = { advice: '' }] = news;
      const brief = briefText(statusOf(lookAt(facts)), plain);
      assert.ok(brief.includes(`WEB01: ${title}.`), brief);
      if (typed === undefined) assert.match(advice, /^What to do: /);
      else {
        assert.match(advice, /^(?:First .* Then type|Type): certrebind /);
        assert.equal(advice.replace(/.*ype: /, '').replace(/\b([0-9A-F]{8})[0-9A-F]{32}\b/, '$1'), typed);
        assert.ok(brief.endsWith(` ${advice}`), brief);
      }
    });

  it('never calls verified what was not dialled', () => {
    const facts = factsOf(server);
    const all = rowsOf(pageOf(facts), 'places');
    assert.deepEqual(
      all.map(([name, state]) => [name, state]),
      [
        ['Oldold.example.com:443', ' Not testedAs configured.'],
        ['Shopshop.example.com:443', ' Not testedAs configured.'],
      ],
    );
    const dialled = rowsOf(pageOf({ ...facts, wire: wireOf(facts.snapshot) }), 'places');
    assert.equal(dialled.filter(([name]) => name === ' Shop').length, 1);
  });

  it('tells of each run what started it, how long it took and what kept its certificate', () => {
    const text = textOf(readPage(pageIn('blocked')));
    assert.match(text, /shop\.example\.com: 4 changed, 1 blocked/);
    assert.match(
      text,
      /certrebind on-event, renewal event 12\. Took 840 ms\. Blocked: portal\.example\.net:443 \(names-lost, portal\.example\.net\)/,
    );
  });

  it('tells when the hourly run starts next, by the clock of the server', () => {
    assert.match(textOf(readPage(pageIn('well'))), /next start 2026-06-01 14:17/);
    assert.match(textOf(readPage(pageIn('not-enabled'))), /is not enabled/);
  });

  it('says of a server of which nothing is known that it is not known', () => {
    assert.match(textOf(readPage(pageOf(factsOf({}), []))), /No place that uses a certificate is known/);
  });
});
