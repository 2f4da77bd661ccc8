import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type SupportFacts, supportBundle } from '../../../../src/commands/capture/support/document.ts';
import { knownWords } from '../../../../src/commands/capture/support/known-words.ts';
import { finding } from '../../../../src/documents/finding.ts';
import { planRebind } from '../../../../src/engine/plan/plan-rebind.ts';
import type { KeyText } from '../../../../src/kinds/record-key.ts';
import type { Handshake } from '../../../../src/model/certificates/handshake.ts';
import { now, policy, renewal, thumbprintOf } from '../../../builders/snapshot.ts';
import { outcomeOf } from '../../../engine/plan/outcomes.ts';
import { everyText, serverNaming } from '../../../support/server-naming.ts';

/** Everything that is known of a server, with one word wherever a text can stand. */
function factsNaming(word: string): SupportFacts {
  const snapshot = serverNaming(word);
  const error = { code: word, message: `It is ${word}.`, hint: word, where: word };
  const key = `${word}.${word}:443` as KeyText;
  const handshake: Handshake = {
    endpoint: { address: word, port: 443, serverName: `www.${word}` },
    result: 'unreachable',
    thumbprint: thumbprintOf(word),
    notAfter: now,
    sent: { issuers: [thumbprintOf(word)], upTo: `CN=${word}` },
    reason: word,
    attempts: 1,
    durationMs: 1,
  };
  const plan = planRebind({ snapshot, renewals: [renewal('old', word)], configuration: policy() });
  const outcome = outcomeOf(plan, []);
  const engine = { way: 'text', because: { cause: 'execution-policy', said: word, at: now } } as const;
  const site = word;
  const known = finding('task-missing', `${word} is ${word}`, { key, site, commands: [word] });
  return {
    at: now,
    program: {
      version: `1.0.0-${word}`,
      installed: `1.0.0+${word}`,
      runtime: 'v22',
      system: 'win32 x64',
      packaged: true,
    },
    missing: [{ part: 'server', error }],
    snapshot,
    engine,
    setup: {
      schema: 'certrebind/setup/1',
      unfinished: { command: word, at: now, replaceNative: true },
      verified: {
        program: `C:\\${word}`,
        principal: word,
        sha256: word,
        at: now,
        version: word,
        account: 'system',
        engine,
        read: null,
      },
      failed: { at: now, version: word, why: `${word}: ${word}` },
    },
    proofCounts: true,
    tasks: [
      { path: word, name: word, is: 'third-party', enabled: true, lastResult: 1, nextStartAt: null, lastRunAt: now },
    ],
    findings: [{ ...known, hint: word }],
    wire: [{ ...handshake, key, expected: thumbprintOf(word), matches: null, chain: null }],
    outcomes: [
      {
        ...outcome,
        cost: { sessions: 1, roundTrips: 1, engine },
        steps: [
          {
            id: 1,
            key,
            state: 'silent',
            now: { state: 'unknown', why: word },
            repairedOptions: [`value ${word}`, `flag ${word}`, 'flag use-ds-mapper'],
            before: [handshake],
            after: [handshake],
            error,
          },
        ],
        blocked: [
          {
            key,
            consumers: [],
            renewal: renewal('old', word),
            obstacles: [{ code: 'names-lost', text: word, hosts: [word] }],
          },
        ],
        skipped: [{ key, consumers: [], renewal: null, obstacles: [{ code: 'other-program', text: word }] }],
        renewals: [renewal('old', word)],
        notes: [{ code: 'recovered', text: word }],
      },
    ],
    openRuns: 1,
    lastError: error,
    configuration: policy({
      exclude: { sites: [word], records: [word], holders: [word], thumbprints: [thumbprintOf(word)] },
      applicationIds: [word],
      issuers: [word],
    }),
  };
}

describe('a support bundle', () => {
  const words = fc.stringMatching(/^[g-z]{8,14}$/);

  it('holds no word of the server, wherever it stood, and no thumbprint', () => {
    fc.assert(
      fc.property(words, (word) => {
        const facts = factsNaming(word);
        assert.ok(everyText(facts).includes(word));
        for (const told of [facts, { ...facts, snapshot: null }]) {
          const text = everyText(supportBundle(told));
          assert.ok(!text.includes(word), `${word} is in ${text}`);
          assert.ok(!text.includes(thumbprintOf(word).toLowerCase()));
        }
      }),
    );
  });

  it('keeps what tells what happened', () => {
    const { missing, engine, proof, tasks, findings, runs, configuration } = supportBundle(factsNaming('somebody'));
    assert.deepEqual(missing, [{ part: 'server', code: '…', message: 'It is …' }]);
    assert.deepEqual(engine, { way: 'text', cause: 'execution-policy', said: '…' });
    assert.deepEqual(proof?.unfinished, { at: now, replaceNative: true });
    assert.deepEqual(tasks?.[0]?.name, 'another');
    assert.equal(findings?.[0]?.code, 'task-missing');
    assert.deepEqual(runs[0]?.steps[0]?.repairedOptions, ['another', 'another', 'flag use-ds-mapper']);
    assert.deepEqual(runs[0]?.steps[0]?.state, 'silent');
    assert.deepEqual(
      [runs[0]?.blocked[0]?.obstacles, runs[0]?.skipped[0]?.obstacles],
      [['names-lost'], ['other-program']],
    );
    assert.deepEqual(runs[0]?.notes, ['recovered']);
    assert.deepEqual(configuration.excluded, { sites: 1, records: 1, holders: 1, thumbprints: 1 });
  });

  it('tells two hundred of ten thousand steps, those that went wrong first', () => {
    const facts = factsNaming('somebody');
    const [outcome] = facts.outcomes;
    const [failed] = outcome?.steps ?? [];
    assert(outcome !== undefined && failed !== undefined);
    const steps = Array.from({ length: 10_000 }, (_, at) => ({
      ...failed,
      id: at,
      error: at === 9999 ? failed.error : null,
    }));
    const [run] = supportBundle({ ...facts, outcomes: [{ ...outcome, steps }] }).runs;
    assert.deepEqual([run?.steps.length, run?.steps[0]?.id], [200, 9999]);
  });
});

describe('the known words of a sentence', () => {
  for (const [sentence, kept] of [
    [
      'The test task ended without an answer: access was denied (0x80070005).',
      'The test task ended without an answer: access was denied (0x80070005).',
    ],
    ['C:\\Data\\x.exe cannot be read: access is denied.', '… cannot be read: access is denied.'],
    ['web01 web02 web03 is read', '… is read'],
    ['The task proof-missing', 'The task proof-missing'],
    ['number 123456 and 1234567', 'number 123456 and …'],
    [`the server "${'A'.repeat(40)}"`, 'the server …'],
    ['read-this.example.com', '…'],
    ['', ''],
  ] as const)
    it(`are: ${kept}`, () => assert.equal(knownWords(sentence), kept));
});
