import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCampaign } from '../../src/documents/campaign.ts';
import { parseConfiguration } from '../../src/documents/configuration.ts';
import { parseInstalled } from '../../src/documents/installation.ts';
import { parseInventory } from '../../src/documents/inventory.ts';
import { parseLooked } from '../../src/documents/looked.ts';
import { parseTold } from '../../src/documents/notified.ts';
import { parseProofAnswer } from '../../src/documents/proof.ts';
import { parseRefused } from '../../src/documents/refused.ts';
import { parseJournalLine } from '../../src/documents/runs/journal-document.ts';
import { parseLedger } from '../../src/documents/runs/ledger.ts';
import { parseOutcome } from '../../src/documents/runs/outcome-document.ts';
import { parsePlan } from '../../src/documents/runs/plan-document.ts';
import { parseIndexLine } from '../../src/documents/runs/run-summary.ts';
import { parseSecrets } from '../../src/documents/secrets.ts';
import { parseSeen } from '../../src/documents/seen.ts';
import { parseAdoption, parseSetup } from '../../src/documents/setup.ts';
import { parseSnapshot } from '../../src/documents/snapshot-document.ts';
import { parseTrigger, parseTriggerRuns } from '../../src/documents/trigger.ts';
import { parseWatched } from '../../src/documents/watched.ts';
import { parseMessage } from '../../src/engine/state/outbox.ts';
import { brokenPromises, freeze, promises, workingSchemas } from './frozen.ts';

const parsers: Readonly<Record<string, (text: string, where: string) => unknown>> = {
  adoption: parseAdoption,
  campaign: parseCampaign,
  configuration: parseConfiguration,
  installed: parseInstalled,
  inventory: parseInventory,
  journal: parseJournalLine,
  ledger: parseLedger,
  message: parseMessage,
  outcome: parseOutcome,
  plan: parsePlan,
  'proof-answer': parseProofAnswer,
  refused: parseRefused,
  'run-summary': (text) => parseIndexLine(text) ?? assert.fail('no line of an index'),
  secrets: parseSecrets,
  seen: parseSeen,
  setup: parseSetup,
  snapshot: parseSnapshot,
  looked: parseLooked,
  told: parseTold,
  trigger: parseTrigger,
  'trigger-runs': parseTriggerRuns,
  watched: parseWatched,
};

function read(name: string, text: string): unknown {
  const parse = parsers[name] ?? assert.fail(`nothing reads certrebind/${name}`);
  return parse(text, 'sample');
}

describe('what released versions promised of documents', () => {
  it('is kept', () => assert.deepEqual(brokenPromises(promises, workingSchemas(), read), []));

  it('can be asked of every document: each has a parser', () => {
    const names = [...workingSchemas().keys()].map((number) => number.split('/')[0] ?? '');
    assert.deepEqual([...new Set(names)].sort(), Object.keys(parsers).sort());
  });
});

/** A made-up document, promised in a folder of its own. */
describe('the promise of a document', () => {
  const schema = {
    properties: { schema: { const: 'certrebind/made-up/1' }, at: { enum: ['a', 'b'] } },
    required: ['at'],
  };
  const samples = new Map([['made-up/1', ['{"schema":"certrebind/made-up/1","at":"a"}']]]);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'certrebind-promises-'));
    assert.deepEqual(freeze(folder, new Map([['made-up/1', schema]]), samples), ['made-up/1']);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const broken = (now: object, accepts: (text: string) => boolean = () => true) =>
    brokenPromises(folder, new Map([['made-up/1', { ...now }]]), (name, text) => {
      assert.equal(name, 'made-up');
      if (!accepts(text)) throw new Error('not read');
    });

  it('is kept by the same schema, and nothing is promised twice', () => {
    assert.deepEqual(broken(schema), []);
    assert.deepEqual(freeze(folder, new Map([['made-up/1', { other: true }]]), samples), []);
    assert.deepEqual(broken(schema), []);
  });

  it('is broken by a schema that differs', () =>
    assert.deepEqual(broken({ ...schema, required: [] }), ['made-up/1 is not what was promised']));

  it('is broken where a sample is not read any more', () =>
    assert.deepEqual(
      broken(schema, () => false),
      ['made-up/1: Error: not read'],
    ));

  it('holds for the number after it: the samples of the one before are read', () => {
    const next = new Map([['made-up/2', { ...schema, required: [] }]]);
    assert.deepEqual(
      brokenPromises(folder, next, () => null),
      [],
    );
    assert.equal(brokenPromises(folder, next, () => assert.fail('no reader')).length, 1);
  });

  it('is not made without a sample', () =>
    assert.throws(() => freeze(folder, new Map([['made-up/2', schema]]), samples), /made-up\/2 has no sample/));

  for (const [change, now, isKept] of [
    ['with one more word and property', { at: { enum: ['a', 'b', 'c'] }, by: {} }, true],
    ['without a property', {}, false],
    ['without a word', { at: { enum: ['a'] } }, false],
    ['with a rule more', { at: { enum: ['a', 'b'], minLength: 2 } }, false],
  ] as const)
    it(`of a document that may grow is ${isKept ? 'kept' : 'broken'} ${change}`, () => {
      const before = new Map([['inventory/1', { properties: { at: { enum: ['a', 'b'] } } }]]);
      freeze(folder, before, new Map([['inventory/1', ['{}']]]));
      const found = brokenPromises(folder, new Map([['inventory/1', { properties: now }]]), () => null);
      assert.deepEqual(found, isKept ? [] : ['inventory/1 is not what was promised']);
    });
});
