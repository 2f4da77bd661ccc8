import assert from 'node:assert/strict';
import type { OfferedLine } from '../../../src/documents/offered-line.ts';
import { emptyLedger, type Ledger } from '../../../src/documents/runs/ledger.ts';
import type { Policy } from '../../../src/engine/plan/overrides.ts';
import { renewalsOf } from '../../../src/engine/plan/plan-pending.ts';
import { type TriedOn, triesOn, verdictsAfter, verdictsOf } from '../../../src/engine/plan/try-line.ts';
import type { KeyText } from '../../../src/kinds/record-key.ts';
import { ledgerOf } from '../../builders/ledger.ts';
import {
  certificate,
  https,
  policy,
  record,
  renewal,
  type SnapshotParts,
  site,
  snapshot,
  thumbprintOf,
} from '../../builders/snapshot.ts';

const [old, successor] = [thumbprintOf('old'), thumbprintOf('new')];
const place = '0.0.0.0:443' as KeyText;
const names = { names: ['shop.example.com'] };
const parts: SnapshotParts = {
  takenAt: '2026-06-01T12:00:00Z',
  sites: [site('Shop', [https('*:443:shop.example.com')])],
  records: [record(place, 'old')],
};
const here = [certificate('old', { ...names, renewedTo: 'new' }), certificate('new', names)];
const fewer = [certificate('old', { ...names, renewedTo: 'new' }), certificate('new', { names: ['x.lan'] })];
const early = [here[0] ?? assert.fail(), certificate('new', { ...names, notBefore: '2026-06-02T00:00:00Z' })];
const closed: Partial<Policy> = { window: { from: '22:00', to: '02:00', timeZone: 'UTC' } };
const noSite: Partial<Policy> = { exclude: { sites: ['Shop'], records: [], holders: [], thumbprints: [] } };
const held = ledgerOf([
  {
    renewal: renewal('old', 'new'),
    state: 'undone',
    heldAt: [place],
    run: 'run-1',
    cause: { kind: 'name', said: 'No.' },
  },
]);

function on(
  certificates: TriedOn['snapshot']['certificates'],
  settings: Partial<Policy> = {},
  ledger: Ledger = emptyLedger,
): TriedOn {
  const configuration = { ...policy(), ...settings };
  return { snapshot: snapshot({ ...parts, certificates }), ledger, configuration, owed: [], runs: new Map() };
}

function triesAt(there: TriedOn) {
  return triesOn(there, verdictsOf(renewalsOf(there).decisions));
}

function helps(line: OfferedLine, there: TriedOn, key = place): boolean {
  return triesAt(there)(key, line) === 'helps';
}

const pair = { does: 'rebind', old, new: successor } as const;
const endOfSite = { does: 'end-exclusion', list: 'sites', entry: 'Shop' } as const;

describe('a line is tried before it is offered', () => {
  const rows: readonly (readonly [string, boolean, OfferedLine, TriedOn])[] = [
    ['applies what is on hold', true, pair, on(here, {}, held)],
    ['reconcile leaves what is on hold', false, { does: 'reconcile' }, on(here, {}, held)],
    ['takes the hold away, where the window then keeps it', false, pair, on(here, closed, held)],
    ['does nothing for what only waits for its window', false, pair, on(here, closed)],
    ['is made at once', true, { ...pair, now: true }, on(here, closed, held)],
    ['takes the hold away, and a guard keeps it', false, pair, on(fewer, {}, held)],
    ['a guard keeps it', false, pair, on(fewer)],
    ['the guard is allowed', true, { ...pair, allow: ['names-lost'] }, on(fewer)],
    ['another guard is allowed', false, { ...pair, allow: ['trust-lost'] }, on(fewer)],
    ['what is allowed once cannot wait', false, { ...pair, allow: ['names-lost'] }, on(fewer, closed)],
    ['what is allowed once, at once', true, { ...pair, allow: ['names-lost'], now: true }, on(fewer, closed)],
    ['nothing makes a certificate valid', false, { does: 'reconcile', now: true }, on(early)],
    ['reconcile in the open window', true, { does: 'reconcile' }, on(here)],
    ['reconcile --now', true, { does: 'reconcile', now: true }, on(here, closed)],
    ['reconcile before the window', false, { does: 'reconcile' }, on(here, closed)],
    ['the exclusion ends', true, endOfSite, on(here, noSite)],
    ['the exclusion ends, and the guard is met next', true, endOfSite, on(fewer, noSite)],
    ['another exclusion ends', false, { ...endOfSite, entry: 'Other' }, on(here, noSite)],
    ['rebind does not end an exclusion', false, pair, on(here, noSite)],
    ['a guard set to warn', true, { does: 'set', settings: [['guards.names-lost', 'warn']] }, on(fewer)],
    [
      'a window that is open',
      true,
      { does: 'set', settings: [['window', '10:00-16:00']] },
      on(here, { window: { from: '22:00', to: '02:00', timeZone: 'UTC' } }),
    ],
    ['a run that nobody read', false, { does: 'undo', run: 'run-1' }, on(here)],
    ['what is only looked at', false, { does: 'enable' }, on(here)],
  ];
  for (const [what, is, line, there] of rows)
    it(`${is ? 'helps' : 'does not help'}: ${what}`, () => assert.equal(helps(line, there), is));

  it('knows all that is against a place: an exclusion, a hold, a guard, the window', () => {
    const { decisions } = renewalsOf(on(fewer, { ...closed, ...noSite }, held));
    const entry = decisions.skipped.find(({ key }) => key === place);
    assert.deepEqual(
      entry?.obstacles.map(({ code }) => code),
      ['excluded', 'held', 'names-lost', 'outside-window'],
    );
  });

  it('tries fifty lines in a look, and each of them as often as it is offered', () => {
    const tries = triesAt(on(here));
    const others = Array.from({ length: 49 }, (_, at) => thumbprintOf(`other ${at}`));
    assert.equal(tries(place, pair), 'helps');
    for (const other of others) assert.notEqual(tries(place, { ...pair, new: other }), 'not-tried');
    assert.equal(tries(place, { does: 'reconcile' }), 'not-tried');
    assert.equal(tries(place, pair), 'helps');
  });

  it('says what would be against it', () => {
    const against = triesAt(on(fewer))(place, pair);
    assert.deepEqual(typeof against === 'string' ? against : against.map(({ code }) => code), ['names-lost']);
    assert.deepEqual(triesAt(on(here))(place, { does: 'undo', run: 'run-1' }), []);
  });

  it('takes away one exclusion of two, and the place is still left', () => {
    const both = { exclude: { sites: ['shop'], records: [place], holders: [], thumbprints: [] } };
    const line = { ...endOfSite, entry: 'shop' } as const;
    assert.equal(helps(line, on(here, both)), true);
    const after = verdictsAfter(line, on(here, both))?.get(place);
    assert.deepEqual(after?.is === 'left' && after.obstacles.map(({ code, text }) => [code, text]), [
      ['excluded', 'It is named in exclude.records.'],
    ]);
  });

  it('lets CertRebind change a kind, and the records of an application', () => {
    const ftp = snapshot({
      ...parts,
      certificates: here,
      ftps: [{ site: 'Files', thumbprint: old, store: 'MY', endpoints: [] } as never],
      records: [record('0.0.0.0:9443', 'old', { appId: '{11111111-2222-3333-4444-555555555555}' })],
    });
    const there = { ...on(here), snapshot: ftp };
    const set = { does: 'set', settings: [['holders.ftp.policy', 'replace']] } as const;
    assert.equal(helps(set, there, 'ftp/Files' as KeyText), true);
    const application = { does: 'replace-of-application', id: '11111111-2222-3333-4444-555555555555' } as const;
    assert.equal(helps(application, there, '0.0.0.0:9443' as KeyText), true);
    assert.equal(helps(set, there, '0.0.0.0:9443' as KeyText), false);
  });
});
