import assert from 'node:assert/strict';
import { beginStep, type StepProgress, stepError } from '../../../src/documents/runs/step-progress.ts';
import { chooseCanaries, judgeCanaries } from '../../../src/engine/run/canary.ts';
import type { Observation } from '../../../src/model/certificates/handshake.ts';
import { record, renewal } from '../../builders/snapshot.ts';
import { removeStep, swapStep } from '../../builders/steps.ts';

type Answer = 'served' | 'unreachable';

/** A replacement of a record to a certificate, with what its endpoints answered before, or that it has none. */
function swap(host: string, to: string, answers: readonly Answer[] = ['served']): StepProgress {
  const before = record(`${host}.example.com:443`, 'old');
  const observed = answers.map((answer, at) => observation(`${host}${at}.example.com`, answer));
  const step = swapStep(1, before, renewal('old', to));
  return beginStep({ ...step, verify: observed.map(({ handshake }) => handshake.endpoint) }, observed);
}

function observation(serverName: string, result: Answer): Observation {
  const endpoint = { address: '0.0.0.0', port: 443, serverName };
  return {
    handshake: { endpoint, result, thumbprint: null, notAfter: null, reason: null, attempts: 1, durationMs: 1 },
    covers: null,
  };
}

function removal(host: string): StepProgress {
  return beginStep(removeStep(1, record(`${host}.example.com:443`, 'old')), []);
}

const hostsOf = (steps: readonly StepProgress[]) => steps.map(({ step }) => step.key.split('.')[0]);

describe('the canary of a certificate', () => {
  for (const [what, steps, canaries] of [
    ['is a record whose endpoint answers', [swap('a', 'new', ['unreachable']), swap('b', 'new')], ['b']],
    [
      'is a record of whose endpoints one answers',
      [swap('a', 'new', ['unreachable']), swap('b', 'new', ['unreachable', 'served'])],
      ['b'],
    ],
    [
      'is a record that is dialled where none answers',
      [swap('a', 'new', []), swap('b', 'new', ['unreachable'])],
      ['b'],
    ],
    ['is the first record where none is dialled', [swap('a', 'new', []), swap('b', 'new', [])], ['a']],
    ['is one for each certificate', [swap('a', 'new'), swap('b', 'new'), swap('c', 'next')], ['a', 'c']],
    ['is none where no certificate is brought in', [removal('a')], []],
  ] as const)
    it(what, () => assert.deepEqual(hostsOf(chooseCanaries(steps)), canaries));
});

describe('what a canary says about the rest', () => {
  const ended = (
    canary: StepProgress,
    state: StepProgress['state'],
    error: StepProgress['error'] = null,
  ): StepProgress => ({
    ...canary,
    state,
    error,
  });
  const judged = (canary: StepProgress, rest: readonly StepProgress[]) => {
    const verdict = judgeCanaries([canary], rest);
    return { another: hostsOf(verdict.another), rest: hostsOf(verdict.rest) };
  };

  for (const state of ['verified', 'not-verified', 'untested', 'already'] as const)
    it(`is nothing when it is ${state}`, () => {
      const rest = [swap('b', 'new'), swap('c', 'next'), removal('d')];
      assert.deepEqual(judged(ended(swap('a', 'new'), state), rest), { another: [], rest: ['b', 'c', 'd'] });
    });

  it('is that the records of its certificate are not tried when it failed, and only those', () => {
    const rest = [swap('b', 'new'), swap('c', 'next'), removal('d')];
    const why = stepError('endpoint-worse', 'It does not answer.', 'a.example.com:443');
    const canary = ended(swap('a', 'new'), 'rolled-back', why);
    assert.deepEqual(judged(canary, rest), { another: [], rest: ['c', 'd'] });
    const { refused } = judgeCanaries([canary], rest);
    assert.deepEqual(
      refused.map((line) => line.type === 'not-attempted' && [line.steps, line.error?.code]),
      [[[1], 'canary-failed']],
    );
  });

  it('is that another one is tried when others changed its record meanwhile', () => {
    const rest = [swap('b', 'new', []), swap('c', 'new'), swap('d', 'next')];
    const why = stepError('changed-meanwhile', 'Others did.', 'a.example.com:443');
    assert.deepEqual(judged(ended(swap('a', 'new'), 'changed-by-others', why), rest), {
      another: ['c'],
      rest: ['b', 'd'],
    });
  });

  it('is nothing when others changed its record meanwhile and it is the only one', () => {
    const why = stepError('changed-meanwhile', 'Others did.', 'a.example.com:443');
    assert.deepEqual(judged(ended(swap('a', 'new'), 'changed-by-others', why), []), { another: [], rest: [] });
  });
});
