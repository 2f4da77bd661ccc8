import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseCampaign } from '../../src/documents/campaign.ts';
import { parseCentralStore } from '../../src/documents/central-store.ts';
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
import { parseAdoption, parseSetup } from '../../src/documents/setup.ts';
import { parseSnapshot } from '../../src/documents/snapshot-document.ts';
import { parseTrigger, parseTriggerRuns } from '../../src/documents/trigger.ts';
import { parseWatched } from '../../src/documents/watched.ts';
import { parseMessage } from '../../src/engine/state/outbox.ts';
import { assertNone } from '../support/each.ts';
import { documentFixtures, frozenNumbers, numberOf } from './frozen.ts';

const parsers: Readonly<Record<string, (text: string, where: string) => unknown>> = {
  adoption: parseAdoption,
  campaign: parseCampaign,
  'central-store': parseCentralStore,
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
  setup: parseSetup,
  snapshot: parseSnapshot,
  looked: parseLooked,
  told: parseTold,
  trigger: parseTrigger,
  'trigger-runs': parseTriggerRuns,
  watched: parseWatched,
};

interface Sample {
  readonly where: string;
  readonly number: string;
  readonly text: string;
}

/** Only the first line of a journal names its document, and a configuration need not. */
const unnamed: Readonly<Record<string, string>> = { 'journal.ndjson': 'journal/2', 'config.json': 'configuration/1' };

/** Every document that programs of these days left. */
const samples = samplesBelow(join(documentFixtures, 'written'));

function samplesBelow(folder: string): readonly Sample[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /json$/.test(name));
  return names.sort().flatMap((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const parts = name.endsWith('.ndjson') ? text.split('\n').filter(Boolean) : [text];
    return parts.map((part, at) => {
      const number = unnamed[basename(name)] ?? numberOf(JSON.parse(part)) ?? assert.fail(name);
      return { where: `${name}:${at + 1}`, number, text: part };
    });
  });
}

describe('what earlier programs wrote', () => {
  it('is there for every number that is promised', () => {
    const there = new Set(samples.map(({ number }) => number));
    assertNone(frozenNumbers(), (number) => !there.has(number));
  });

  it('is said to be earlier where it has no reader: a capture, which is made again', () => {
    const captures = samples.filter(({ number }) => number === 'snapshot/1');
    assert.ok(captures.length > 0);
    for (const { text } of captures)
      assert.throws(() => parseSnapshot(text, 'file'), {
        code: 'earlier-schema',
        message: /is a snapshot of version 1\. This version/,
      });
  });

  for (const number of new Set(samples.map((sample) => sample.number).filter((name) => name !== 'snapshot/1')))
    it(`is read where it is certrebind/${number}`, () => {
      const parse = parsers[number.split('/')[0] ?? ''];
      for (const { where, text } of samples.filter((sample) => sample.number === number)) parse?.(text, where);
    });
});
