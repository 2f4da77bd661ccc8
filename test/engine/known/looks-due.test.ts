import assert from 'node:assert/strict';
import { looksDue, renewalsDue } from '../../../src/engine/known/looks-due.ts';
import { successionOf } from '../../../src/engine/known/succession.ts';
import type { KeyText } from '../../../src/kinds/record-key.ts';
import { unknownParts } from '../../../src/kinds/unknown-parts.ts';
import { type EntryParts, ledgerOf } from '../../builders/ledger.ts';
import { certificate, policy, record, renewal, type SnapshotParts, snapshot } from '../../builders/snapshot.ts';

const key = 'a.example.com:443' as KeyText;
const pair = renewal('old', 'new');

function isDue(
  label: string | null,
  state: EntryParts['state'],
  later: readonly (readonly [string, string])[] = [],
  parts: SnapshotParts = {},
) {
  const entry = { reasons: [], run: null, at: '2026-05-02T03:04:05.000Z' } as const;
  const ledger = ledgerOf([
    { ...entry, renewal: pair, state, stillOld: [key] },
    ...later.map(([old, next]) => ({ ...entry, renewal: renewal(old, next), state: 'settled' as const })),
  ]);
  const certificates = ['old', 'new', 'newest', 'last', 'else'].map((each) => certificate(each));
  const server = snapshot({ records: [record(key, label)], certificates, ...parts });
  const due = looksDue(server, ledger, successionOf(server, ledger, policy()));
  assert.ok([...renewalsDue(due, ledger)].every(([at, one]) => at === key && one === pair));
  return due.size === 1;
}

describe('an endpoint that a run left behind is looked at again where its holder', () => {
  for (const [label, state, later, due] of [
    ['new', 'failed', [], true],
    ['newest', 'failed', [['new', 'newest']], true],
    [
      'last',
      'failed',
      [
        ['new', 'newest'],
        ['newest', 'last'],
      ],
      true,
    ],
    ['newest', 'failed', [], false],
    ['old', 'failed', [], false],
    ['else', 'failed', [['old', 'else']], false],
    [null, 'failed', [], false],
    ['old', 'undone', [], true],
    ['new', 'undone', [], false],
    ['else', 'undone', [], false],
  ] as const)
    it(`has ${label} (${state}${later.map((one) => `, ${one.join(' to ')}`).join('')}): ${due ? 'yes' : 'no'}`, () => {
      assert.equal(isDue(label, state, later), due);
    });

  it('has another certificate, and the log that would tell of its renewal was not read: yes', () =>
    assert.equal(isDue('else', 'failed', [], { notLookedAt: unknownParts('not-read', ['lifecycle']) }), true));

  it('is gone: no', () => assert.equal(isDue('new', 'failed', [], { records: [] }), false));

  for (const [what, parts] of [
    ['cannot be read', { unreadable: [{ part: 'records', where: 'HTTP.SYS', text: key, why: 'damaged' }] }],
    [
      'may be one that does not show its key',
      { unreadable: [{ part: 'records', where: 'HTTP.SYS', text: '?', why: 'damaged' }] },
    ],
  ] as const)
    it(`${what}: yes`, () => {
      assert.equal(isDue(null, 'failed', [], { records: [], ...parts }), true);
    });
});
