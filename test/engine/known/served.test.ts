import assert from 'node:assert/strict';
import type { StepOutcome } from '../../../src/documents/runs/outcome.ts';
import type { State } from '../../../src/documents/runs/step-states.ts';
import { nothingSeen, type Seen, type Sighting } from '../../../src/documents/seen.ts';
import type { VerifiedEndpoint } from '../../../src/documents/verify.ts';
import { endpointsToVerify, type ServerEndpoint } from '../../../src/engine/known/endpoints-of-server.ts';
import { dueToDial, judgeServed, lastSeen, seenAfterRun, seenNow } from '../../../src/engine/known/served.ts';
import type { Handshake } from '../../../src/model/certificates/handshake.ts';
import { certificate, record, type SnapshotParts, site, snapshot, sni, thumbprintOf } from '../../builders/snapshot.ts';

const key = record('shop.example.com:443', 'shop').key;
const server: SnapshotParts = {
  sites: [site('Shop', [sni('shop.example.com')])],
  records: [record('shop.example.com:443', 'shop')],
  certificates: [certificate('shop'), certificate('old')],
};
const onServer = (parts: SnapshotParts = {}) => snapshot({ ...server, ...parts });
const [there = assert.fail()] = endpointsToVerify(onServer());
const first = '2026-05-31T10:00:00.000Z';
const then = '2026-06-01T10:00:00.000Z';
const later = '2026-06-01T12:00:00.000Z';
const times = { at: later, now: '2026-06-01T12:01:00.000Z' };

function handshake(label: string | null, result: Handshake['result'] = label === null ? 'unreachable' : 'served') {
  const [thumbprint, reason] = [label === null ? null : thumbprintOf(label), label === null ? 'reset' : null];
  return { endpoint: there.endpoint, result, thumbprint, notAfter: null, reason, attempts: 1, durationMs: 1 };
}
const sighting = (label: string | null, parts: Partial<Sighting> = {}): Sighting => {
  const { attempts: _, durationMs: __, ...seen } = handshake(label);
  return { ...seen, key, expected: thumbprintOf('shop'), at: then, since: first, ...parts };
};
const kept = (...endpoints: readonly Sighting[]): Seen => ({ schema: 'certrebind/seen/1', endpoints });
const dialled = (label: string | null, at: ServerEndpoint = there): VerifiedEndpoint =>
  judgeServed(at, { handshake: handshake(label) }, new Map());

describe('what an endpoint served when it was last dialled', () => {
  const shown = (parts: SnapshotParts, seen: Sighting = sighting('old')) =>
    lastSeen(kept(seen), onServer(parts)).map(({ result, matches, at, since }) => [result, matches, at, since]);

  for (const [what, found, expected] of [
    ['is shown with its time while its holder names the same certificate', shown({}), [['served', false, then, first]]],
    ['is shown where it was what the holder names', shown({}, sighting('shop')), [['served', true, then, first]]],
    ['is shown where it did not answer', shown({}, sighting(null)), [['unreachable', null, then, first]]],
    ['is over once its holder names another certificate', shown({ records: [record(key, 'other')] }), []],
    [
      'is not shown while its site is stopped',
      shown({ sites: [site('Shop', [sni('shop.example.com')], 'stopped')] }),
      [],
    ],
    ['is over once its holder is gone', shown({ records: [] }), []],
    [
      'says nothing of another holder',
      shown({ sites: [site('Api', [sni('api.example.com')])], records: [record('api.example.com:443', 'shop')] }),
      [],
    ],
    ['is not shown where nothing needs to listen', shown({}, sighting(null, { result: 'skipped' })), []],
  ] as const)
    it(what, () => assert.deepEqual(found, expected));
});

describe('what is kept of a dial', () => {
  const keptOf = (before: Seen, wire: readonly VerifiedEndpoint[], parts: SnapshotParts = {}) =>
    seenNow(before, wire, endpointsToVerify(onServer(parts)), times).endpoints.map((one) => [one.thumbprint, one.at]);
  const sinceOf = (before: Sighting, ...wire: readonly VerifiedEndpoint[]) =>
    seenNow(kept(before), wire, [there], times).endpoints.map((one) => one.since);
  const [meanwhile, toCome] = ['2026-06-01T12:00:05.000Z', '2026-06-01T13:00:00.000Z'];

  for (const [what, found, expected] of [
    [
      'takes the place of what was seen before',
      keptOf(kept(sighting('old')), [dialled('shop')]),
      [[thumbprintOf('shop'), later]],
    ],
    ['leaves what was not dialled', keptOf(kept(sighting('old')), []), [[thumbprintOf('old'), then]]],
    [
      'forgets what names another certificate',
      keptOf(kept(sighting('old')), [], { records: [record(key, 'other')] }),
      [],
    ],
    ['forgets what is gone', keptOf(kept(sighting('old')), [], { records: [] }), []],
    [
      'has nothing of a site that is stopped',
      keptOf(nothingSeen, [dialled('shop', { ...there, skipped: 'the site is stopped' })], {
        sites: [site('Shop', [sni('shop.example.com')], 'stopped')],
      }),
      [],
    ],
    [
      'leaves what another process saw meanwhile',
      keptOf(kept(sighting('old', { at: meanwhile })), [dialled('shop')]),
      [[thumbprintOf('old'), meanwhile]],
    ],
    [
      'leaves what another process saw meanwhile at a place that names another certificate since',
      keptOf(kept(sighting('old', { at: meanwhile, expected: thumbprintOf('other') })), [dialled('shop')]),
      [[thumbprintOf('old'), meanwhile]],
    ],
    [
      'takes the place of what a wrong clock put into the future',
      keptOf(kept(sighting('old', { at: toCome })), [dialled('shop')]),
      [[thumbprintOf('shop'), later]],
    ],
    ['is so since it was first seen so', sinceOf(sighting('old'), dialled('old')), [first]],
    ['is so since now where something else was seen before', sinceOf(sighting('shop'), dialled('old')), [later]],
    ['is so since now where it did not answer before', sinceOf(sighting(null), dialled('old')), [later]],
    [
      'is so since now where it was named otherwise',
      sinceOf(sighting('old', { expected: '' }), dialled('old')),
      [later],
    ],
    [
      'is so since now where a certificate that it sent is missing',
      sinceOf(sighting('old'), { ...dialled('old'), sent: { issuers: [], upTo: 'CN=Issuing' } }),
      [later],
    ],
    [
      'is so since now where a wrong clock says later',
      sinceOf(sighting('old', { since: toCome }), dialled('old')),
      [later],
    ],
  ] as const)
    it(what, () => assert.deepEqual(found, expected));
});

describe('what is kept of a run', () => {
  const step = (state: State, holds: string, seen: string | null, result?: Handshake['result']): StepOutcome => ({
    ...{ id: 1, key, state, now: { state: 'holds', thumbprint: thumbprintOf(holds) }, repairedOptions: [] },
    ...{ before: [], after: [handshake(seen, result)], error: null },
  });
  const keptOf = (...steps: readonly StepOutcome[]) =>
    seenAfterRun(kept(sighting('old')), steps, later).endpoints.map(({ expected, thumbprint, at }) => [
      expected,
      thumbprint,
      at,
    ]);
  const before = [thumbprintOf('shop'), thumbprintOf('old'), then];

  for (const [what, found, expected] of [
    [
      'is what it dialled last',
      keptOf(step('verified', 'shop', 'shop')),
      [[thumbprintOf('shop'), thumbprintOf('shop'), later]],
    ],
    [
      'is all of a place that it changed',
      keptOf(step('verified', 'other', 'other')),
      [[thumbprintOf('other'), thumbprintOf('other'), later]],
    ],
    ['is what did not answer', keptOf(step('not-verified', 'shop', null)), [[thumbprintOf('shop'), null, later]]],
    ['is not what it rolled back', keptOf(step('rolled-back', 'shop', 'other')), [before]],
    ['is nothing where it dialled nothing', keptOf(step('not-verified', 'shop', null, 'skipped')), [before]],
    [
      'forgets what was seen before a place was changed that it could not dial',
      keptOf(step('not-verified', 'other', null, 'skipped')),
      [],
    ],
    [
      'forgets what was seen at a place that is gone',
      keptOf({ ...step('absent', 'shop', null), now: { state: 'absent' } }),
      [],
    ],
    ['leaves the other places', keptOf(), [before]],
  ] as const)
    it(what, () => assert.deepEqual(found, expected));

  it('is so since it was first seen so', () =>
    assert.deepEqual(
      seenAfterRun(kept(sighting('old')), [step('still-old', 'shop', 'old')], later).endpoints.map(
        ({ since }) => since,
      ),
      [first],
    ));
});

describe('an hourly run dials', () => {
  const day = 86_400_000;
  const due = (now: number, ...seen: readonly Sighting[]) =>
    dueToDial(kept(...seen), [there], new Date(Date.parse(then) + now)).length;

  for (const [what, found, expected] of [
    ['what was never dialled', due(0), 1],
    ['what served another certificate', due(1, sighting('old')), 1],
    ['what did not answer', due(1, sighting(null)), 1],
    ['nothing that was in order within a day', due(day - 1, sighting('shop')), 0],
    ['what was in order a day ago', due(day, sighting('shop')), 1],
    ['what was dialled at a time that is still to come, by a clock that was wrong', due(-day, sighting('shop')), 1],
    ['what names another certificate since', due(1, sighting('shop', { expected: thumbprintOf('old') })), 1],
    ['nothing where nothing needs to listen, within a day', due(1, sighting(null, { result: 'skipped' })), 0],
  ] as const)
    it(what, () => assert.equal(found, expected));

  it('the oldest first, and nothing that cannot be dialled', () => {
    const at = (port: number, skipped: string | null = null): ServerEndpoint => ({
      ...there,
      skipped,
      endpoint: { ...there.endpoint, port },
    });
    const seen = (port: number, hours: number) =>
      sighting('old', {
        endpoint: at(port).endpoint,
        at: new Date(Date.parse(then) + hours * 3_600_000).toISOString(),
      });
    const known = kept(seen(1, 3), seen(2, 1), seen(3, 2));

    const found = dueToDial(known, [at(1), at(2), at(3), at(4), at(5, 'the site is stopped')], new Date(later));

    assert.deepEqual(
      found.map(({ endpoint }) => endpoint.port),
      [4, 2, 3, 1],
    );
  });
});
