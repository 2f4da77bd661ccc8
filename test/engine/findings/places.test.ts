import assert from 'node:assert/strict';
import type { PlaceStatus } from '../../../src/documents/status.ts';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import type { DoctorFacts } from '../../../src/engine/findings/facts.ts';
import { statusOf } from '../../../src/engine/views/server-status.ts';
import {
  certificate,
  https,
  policy,
  record,
  type SnapshotParts,
  site,
  sni,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { each } from '../../support/each.ts';
import { factsOf, wireOf } from './facts.ts';
import { factsIn, shop, situations } from './situations.ts';

function statusIn(server: SnapshotParts, parts: Partial<DoctorFacts> = {}) {
  const facts = factsOf(server, parts);
  return statusOf(lookAt({ ...facts, wire: parts.wire ?? wireOf(facts.snapshot) }));
}

const states = (places: readonly PlaceStatus[]) => places.map(({ name, address, state }) => [name, address, state]);
const situation = (wanted: string) => {
  const found = situations.find((one) => one.situation === wanted);
  assert.ok(found, wanted);
  return statusOf(lookAt(factsIn(found)));
};

describe('the places of a server', () => {
  it('never name what they hold as what is to follow', () => {
    const named = situations.flatMap((one) =>
      statusOf(lookAt(factsIn(one))).places.flatMap(({ key, certificate: held, successor }) =>
        successor === null ? [] : [{ at: `${one.situation}: ${key}`, held, successor }],
      ),
    );
    assert.ok(named.length > 20);
    for (const { at, held, successor } of named) assert.notEqual(successor, held, at);
  });

  it('have the names of sites and services, with the addresses that clients use', () => {
    const server = {
      sites: [
        site('Shop', [sni('shop.example.com'), https('192.0.2.1:444:')]),
        site('Any', [https('*:443:')]),
        site('Files', []),
      ],
      records: [
        record('shop.example.com:443', 'shop'),
        record('192.0.2.1:444', 'shop'),
        record('0.0.0.0:443', 'shop'),
        record('0.0.0.0:8443', 'shop', { appId: '{11111111-2222-3333-4444-555555555555}' }),
      ],
      certificates: [certificate('shop')],
      others: [{ thumbprint: thumbprintOf('shop'), consumer: { kind: 'sql' as const, detail: 'MSSQLSERVER' } }],
    };
    assert.deepEqual(states(statusIn(server).places), [
      ['application {11111111-2222-3333-4444-555555555555}', 'any host, port 8443', 'not-tested'],
      ['Any', 'any host, port 443', 'verified'],
      ['SQL Server MSSQLSERVER', 'any host, port 1433', 'verified'],
      ['Shop', 'shop.example.com:443', 'verified'],
      ['Shop', '192.0.2.1:444', 'verified'],
    ]);
  });

  it('tell of a binding without a record that nothing is served there, and of which finding it is', () => {
    const [down] = situation('a binding has no record, and its last one is known whole').places;
    assert.deepEqual(
      [down?.name, down?.state, down?.code, down?.severity, down?.certificate],
      ['Shop', 'down', 'binding-without-record', 'error', null],
    );
  });

  it('name the hosts that a new certificate lacks, and the certificate that replaces the one there', () => {
    const { places, actions } = situation('a renewed certificate that a guard keeps from a record lacks its host');
    assert.deepEqual(each(places, 'state', 'missingNames', 'certificate', 'successor'), [
      ['blocked', ['shop.example.com'], thumbprintOf('shop'), thumbprintOf('next')],
    ]);
    assert.match(actions[0]?.title ?? '', /^Shop: new certificate does not cover shop\.example\.com, old one ends in /);
    assert.match(
      actions[0]?.hint ?? '',
      /^First order one certificate for all of shop\.example\.com, www\.example\.com, put it into .*, and its thumbprint into the command\. .* The old certificate stays there until you do\.$/,
    );
  });

  it('tell what got worse where a renewal was rolled back', () => {
    const [back] = situation('a renewal was rolled back because clients could not connect').places;
    assert.deepEqual([back?.state, back?.why], ['rolled-back', 'It no longer answers: the connection was reset.']);
  });

  it('wait where a renewal waits for the window, which is only for information', () => {
    const [waiting] = situation('a renewed certificate waits for the window').places;
    assert.deepEqual([waiting?.state, waiting?.severity], ['waiting', 'info']);
  });

  it('are as a person left them who undid a renewal, which is only for information', () => {
    const [back] = situation('a person undid a renewal').places;
    assert.deepEqual([back?.state, back?.severity, back?.code], ['rolled-back', 'info', 'renewal-rolled-back']);
  });

  it('are left alone, and not verified, where only its names tell that a newer certificate renews theirs', () => {
    const newer = { notBefore: '2026-05-01T00:00:00.000Z', notAfter: '2027-05-01T00:00:00.000Z' };
    const [place] = statusIn({ ...shop, certificates: [certificate('shop'), certificate('next', newer)] }).places;
    assert.deepEqual(
      [place?.state, place?.why],
      ['left-alone', 'A newer certificate with its names is here, and nothing records that it is the renewal.'],
    );
  });

  it('name what a client got instead at one of several endpoints', () => {
    const server = {
      sites: [site('Shop', [https('*:443:a.example.com'), https('*:443:b.example.com')])],
      records: [record('0.0.0.0:443', 'shop')],
      certificates: [certificate('shop'), certificate('other')],
    };
    const wire = wireOf(factsOf(server).snapshot);
    const different = { thumbprint: thumbprintOf('other'), matches: false };
    assert.equal(wire.length, 2);
    const held = (served: DoctorFacts['wire']) => statusIn(server, { wire: served }).places[0]?.certificate;
    assert.equal(held(wire), thumbprintOf('shop'));
    assert.equal(held(wire.map((one, at) => (at === 1 ? { ...one, ...different } : one))), thumbprintOf('other'));
  });

  it('say why they were not tested', () => {
    const wire = wireOf(factsOf(shop).snapshot, { result: 'skipped', thumbprint: null, reason: 'the site is stopped' });
    const whyOf = (seen: DoctorFacts['wire']) =>
      statusIn(shop, { wire: seen }).places.map(({ state, why }) => [state, why]);
    assert.deepEqual(whyOf(wire), [['not-tested', 'The site is stopped.']]);
    assert.deepEqual(whyOf([]), [['not-tested', 'As configured.']]);
  });

  it('are no worse for what is only for information', () => {
    const found = situations.find(
      (one) => one.situation === 'a record of one address lacks a name that is bound to every address',
    );
    assert.ok(found);
    const facts = factsIn(found);
    const { places } = statusOf(lookAt({ ...facts, wire: wireOf(facts.snapshot) }));
    assert.deepEqual(new Set(places.map(({ state }) => state)), new Set(['verified']));
  });

  it('are left alone, and not verified, where an older certificate is excluded', () => {
    const server = {
      sites: [site('Shop', [sni('shop.example.com')])],
      records: [record('shop.example.com:443', 'shop')],
      certificates: [certificate('shop', { renewedTo: 'next' }), certificate('next')],
    };
    const exclude = { ...policy().exclude, sites: ['Shop'] };
    const [place] = statusIn(server, { configuration: policy({ exclude }) }).places;
    assert.deepEqual([place?.state, place?.successor], ['left-alone', thumbprintOf('next')]);
  });
});

describe('what a person has to do', () => {
  const sites = ['a', 'b', 'c'].map((name) => site(name.toUpperCase(), [sni(`${name}.example.com`)]));
  const server = {
    sites,
    records: [record('c.example.com:443', 'late')],
    certificates: [
      certificate('late', { names: ['c.example.com'], notAfter: '2026-06-05T00:00:00.000Z' }),
      certificate('wild', { names: ['*.example.com'] }),
    ],
    tasks: [],
  };

  it('is one for each cause, with all its places and commands: what clients notice first, then by date', () => {
    const { actions, findings } = statusIn(server);
    assert.deepEqual(
      actions.map(({ code, isNow, dueAt, keys, commands }) => [code, isNow, dueAt, keys, commands.length]),
      [
        ['binding-without-record', true, null, ['a.example.com:443', 'b.example.com:443'], 2],
        ['certificate-ends-soon', false, '2026-06-05T00:00:00.000Z', ['c.example.com:443'], 1],
        ['task-missing', false, null, [], 1],
      ],
    );
    assert.equal(actions[0]?.title, 'A (a.example.com) is DOWN: no certificate (and 1 other place)');
    for (const { findings: places, code } of actions)
      for (const place of places) assert.equal(findings[place]?.code, code);
  });

  it('names a watched folder, and the command that looks at it again', () => {
    const found = situations.flatMap((one) =>
      lookAt(factsIn(one)).findings.filter(({ code }) => code.startsWith('source-')),
    );
    assert.ok(new Set(found.map(({ code }) => code)).size >= 5);
    for (const { code, title, commands } of found) {
      assert.ok(title.startsWith('C:\\Certs '), title);
      assert.deepEqual(commands, code === 'source-stale' ? [] : ['certrebind watch now']);
    }
  });
});
