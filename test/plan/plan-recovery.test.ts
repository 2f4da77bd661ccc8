import assert from 'node:assert/strict';
import { defaultConfiguration } from '../../src/model/configuration.ts';
import type { JournalLine } from '../../src/model/journal.ts';
import type { RecoveryStep } from '../../src/model/recovery.ts';
import { type RecordNow, withCertificate } from '../../src/model/tls-record.ts';
import { planRebind } from '../../src/plan/plan-rebind.ts';
import { planRecovery } from '../../src/plan/plan-recovery.ts';
import { certificate, now, record, renewal, site, snapshot, sni, thumbprintOf } from '../builders/snapshot.ts';

const before = record('shop.example.com:443', 'old', { flags: 2 });
const plan = planRebind({
  snapshot: snapshot({
    sites: [site('Shop', [sni('shop.example.com')])],
    records: [before],
    certificates: [certificate('old'), certificate('new', { notAfter: '2028-01-01T00:00:00.000Z' })],
  }),
  renewals: [renewal('old', 'new')],
  configuration: defaultConfiguration,
});
const [step] = plan.steps;

const holds = (held: typeof before): RecordNow => ({ state: 'holds', record: held });
const found: Readonly<Record<string, RecordNow>> = {
  'as before': holds(before),
  'new and whole': holds(withCertificate(before, thumbprintOf('new'), 'My')),
  'new with lost options': holds(record('shop.example.com:443', 'new')),
  'new in another store': holds(withCertificate(before, thumbprintOf('new'), 'WebHosting')),
  'old with lost options': holds(record('shop.example.com:443', 'old')),
  absent: { state: 'absent' },
  'another certificate': holds(record('shop.example.com:443', 'another', { flags: 2 })),
  'not to be read': { state: 'unknown', why: 'no answer' },
};

const untouched: readonly JournalLine[] = [];
const changing: readonly JournalLine[] = [{ at: now, type: 'changing', steps: [1] }];
const hadPutBack: readonly JournalLine[] = [
  ...changing,
  { at: now, type: 'put-back', step: 1, now: { state: 'absent' }, error: null },
];
const puttingBack: readonly JournalLine[] = [...changing, { at: now, type: 'putting-back', step: 1, why: 'worse' }];

type Action = RecoveryStep['action'];

/**
 * How the record is found, and what is done about it when the journal does not name it, when the run was changing it, and
 * when it was putting it back.
 */
const table: readonly (readonly [string, Action, Action, Action])[] = [
  ['as before', 'none', 'none', 'none'],
  ['new and whole', 'prove', 'prove', 'put-back'],
  ['new with lost options', 'leave', 'repair', 'put-back'],
  ['new in another store', 'leave', 'repair', 'put-back'],
  ['old with lost options', 'none', 'leave', 'put-back'],
  ['absent', 'none', 'put-back', 'put-back'],
  ['another certificate', 'none', 'leave', 'leave'],
  ['not to be read', 'none', 'leave', 'leave'],
];

describe('recovery', () => {
  const decide = (name: string, journal: readonly JournalLine[], damagedLines: readonly number[] = []) => {
    assert(step !== undefined);
    const state = found[name];
    assert(state !== undefined);
    const [decided] = planRecovery(plan, { journal, damagedLines }, new Map([[before.key, state]]));
    return decided?.action;
  };

  for (const [name, unnamed, whileChanging, whilePuttingBack] of table) {
    it(`of a record that is ${name}: ${whileChanging}, and ${whilePuttingBack} once it was being put back`, () => {
      assert.equal(decide(name, changing), whileChanging);
      assert.equal(decide(name, puttingBack), whilePuttingBack);
    });
    it(`of a record that is ${name} and that the journal does not name: ${unnamed}`, () => {
      assert.equal(decide(name, untouched), unnamed);
    });
    it(`of a record that is ${name}, when a line is damaged that may have named it: ${whileChanging}`, () => {
      assert.equal(decide(name, untouched, [2]), whileChanging);
    });
    it(`of a record that is ${name}, when it had been put back and the line that began it is damaged: ${whilePuttingBack}`, () => {
      assert.equal(decide(name, hadPutBack, [3]), whilePuttingBack);
    });
  }

  it('leaves a record that the server did not tell about', () => {
    assert.deepEqual(planRecovery(plan, { journal: changing, damagedLines: [] }, new Map()), [
      { step: 1, action: 'leave' },
    ]);
  });
});
