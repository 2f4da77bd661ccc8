import assert from 'node:assert/strict';
import { defaultConfiguration } from '../../../src/documents/configuration.ts';
import type { JournalEntry } from '../../../src/documents/runs/journal.ts';
import { afterAll, beginStep, isToRollBack, stepError } from '../../../src/documents/runs/step-progress.ts';
import type { State } from '../../../src/documents/runs/step-states.ts';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import { type HolderNow, tlsHolder } from '../../../src/kinds/holder.ts';
import { withCertificate } from '../../../src/kinds/tls/certificate-binding.ts';
import { certificate, record, renewal, site, snapshot, sni, thumbprintOf } from '../../builders/snapshot.ts';

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

const holds = (held: typeof before): HolderNow => ({ state: 'holds', holder: tlsHolder(held) });
const found: Readonly<Record<string, HolderNow>> = {
  'as before': holds(before),
  'new and whole': holds(withCertificate(before, thumbprintOf('new'), 'My')),
  'new with lost options': holds(record('shop.example.com:443', 'new')),
  'new in another store': holds(withCertificate(before, thumbprintOf('new'), 'WebHosting')),
  'old with lost options': holds(record('shop.example.com:443', 'old')),
  absent: { state: 'absent' },
  'another certificate': holds(record('shop.example.com:443', 'another', { flags: 2 })),
  'not to be read': { state: 'unknown', why: 'no answer' },
};

const worse = stepError('endpoint-worse', 'It does not answer.', null);
const changing: readonly JournalEntry[] = [{ type: 'changing', steps: [1] }];
const hadRollBack: readonly JournalEntry[] = [
  ...changing,
  { type: 'rolled-back', step: 1, now: { state: 'absent' }, words: null },
];
const puttingBack: readonly JournalEntry[] = [...changing, { type: 'rolling-back', step: 1, error: worse }];

/**
 * How the record is found, and what becomes of the step when the journal does not name it, when the run was changing it,
 * and when it was putting it back.
 */
const table: readonly (readonly [string, State, State, State])[] = [
  ['as before', 'not-attempted', 'not-attempted', 'rolled-back'],
  ['new and whole', 'untested', 'untested', 'rolling-back'],
  ['new with lost options', 'rollback-failed', 'lost-options', 'rolling-back'],
  ['new in another store', 'rollback-failed', 'lost-options', 'rolling-back'],
  ['old with lost options', 'not-attempted', 'rollback-failed', 'rolling-back'],
  ['absent', 'not-attempted', 'absent', 'rolling-back'],
  ['another certificate', 'not-attempted', 'rollback-failed', 'rollback-failed'],
  ['not to be read', 'not-attempted', 'silent', 'silent'],
];

describe('a step of a killed run, found again', () => {
  const endOf = (name: string, lines: readonly JournalEntry[]) => {
    const now = found[name];
    assert(step !== undefined && now !== undefined);
    const begun = new Map([[step.id, beginStep(step, [])]]);
    return afterAll(begun, [...lines, { type: 'found', step: step.id, now }]).get(step.id);
  };

  for (const [name, unnamed, whileChanging, whilePuttingBack] of table) {
    it(`${name}, is ${whileChanging}, and ${whilePuttingBack} once it was being rolled back`, () => {
      assert.equal(endOf(name, changing)?.state, whileChanging);
      assert.equal(endOf(name, puttingBack)?.state, whilePuttingBack);
    });
    it(`${name}, is ${unnamed} when the journal does not name it`, () => {
      assert.equal(endOf(name, [])?.state, unnamed);
    });
    it(`${name}, is ${whilePuttingBack} when it had been rolled back and the line that began it is damaged`, () => {
      assert.equal(endOf(name, hadRollBack)?.state, whilePuttingBack);
    });
  }

  it('keeps why it was being rolled back', () => {
    assert.deepEqual(endOf('as before', puttingBack)?.error, worse);
    assert.deepEqual(endOf('new and whole', puttingBack)?.error, worse);
  });

  it('is rolled back exactly when something of ours must not stay', () => {
    const lines = { untouched: [], changing, puttingBack };
    for (const [name] of table) {
      for (const [reached, before] of Object.entries(lines)) {
        const progress = endOf(name, before);
        assert(progress !== undefined);
        const wanted = ['absent', 'lost-options', 'rolling-back'].includes(progress.state);
        assert.equal(isToRollBack(progress), wanted, `${name}, ${reached}`);
      }
    }
  });
});
