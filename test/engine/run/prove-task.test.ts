import assert from 'node:assert/strict';
import type { ProofAnswer } from '../../../src/documents/proof.ts';
import type { Stage } from '../../../src/documents/runs/progress.ts';
import { proofTask, rebindTask, taskFolder } from '../../../src/documents/scheduled-tasks.ts';
import { type ProofRequest, proveTask } from '../../../src/engine/run/prove-task.ts';
import type { LabState } from '../../../src/lab/kernel/lab-state.ts';
import type { Switches } from '../../../src/lab/kernel/switches.ts';
import type { Change, Server } from '../../../src/server/server.ts';
import { labState } from '../../builders/lab.ts';
import { createKernel, type Kernel, kernelServer } from '../../support/kernel-server.ts';
import { startTime } from './world.ts';

const nonce = '0123456789abcdef';
const task = proofTask({ command: 'C:\\certrebind.exe' }, nonce);
const answer: ProofAnswer = {
  schema: 'certrebind/proof-answer/1',
  nonce,
  at: startTime,
  version: '1.0.0',
  sha256: 'a'.repeat(64),
  account: 'system',
  engine: null,
  read: { sites: 1, records: 2, certificates: 3, tasks: 4 },
  error: null,
};

interface Program {
  /** After so long it has answered; `null`: it never does. */
  readonly answersMs: number | null;
  /** After so long it has ended, with this exit code; `null`: it runs until it is stopped. */
  readonly ends: { readonly ms: number; readonly exitCode: number } | null;
}

const works: Program = { answersMs: 3000, ends: { ms: 3500, exitCode: 0 } };

interface Stand {
  readonly kernel: Kernel;
  readonly server: Server;
  readonly stages: readonly Stage[];
  readonly request: ProofRequest;
  passedMs(): number;
}

/** A server in memory whose clock moves when somebody sleeps, and a program that behaves as it is told. */
function standWith(
  program: Program,
  {
    starts = 'at-once',
    server: wrap = (inner) => inner,
  }: { readonly starts?: Switches['task-starts']; readonly server?: (inner: Server) => Server } = {},
): Stand {
  let time = Date.parse(startTime);
  const kernel = createKernel(labState().switched('task-starts', starts).build(), { now: () => new Date(time) });
  kernel.apply({
    kind: 'register-task',
    path: taskFolder,
    name: 'CertRebind',
    xml: rebindTask({ command: 'C:\\x.exe' }),
    force: true,
  });
  const running: { readonly instance: number; readonly sinceMs: number }[] = [];
  let answered = false;
  const stages: Stage[] = [];
  const server = wrap(kernelServer(kernel, { account: 'system' }));
  const request: ProofRequest = {
    server,
    clock: {
      now: () => new Date(time),
      async sleep(ms) {
        time += ms;
        for (const { instance, delayMs } of kernel.takeStarts()) running.push({ instance, sinceMs: time + delayMs });
        for (const { instance, sinceMs } of running) {
          if (program.answersMs !== null && time - sinceMs >= program.answersMs) answered = true;
          if (program.ends === null || time - sinceMs < program.ends.ms) continue;
          const { exitCode } = program.ends;
          kernel.apply({ kind: 'task-finished', path: task.path, name: task.name, instance, exitCode });
        }
      },
    },
    report: { progress: ({ stage }) => void (stages.at(-1) === stage || stages.push(stage)) },
    signal: new AbortController().signal,
    task,
    readAnswer: async () => (answered ? answer : null),
    whyNotVerified: () => null,
    patience: { startMs: 60_000, answerMs: 300_000 },
  };
  return { kernel, server, stages, request, passedMs: () => time - Date.parse(startTime) };
}

/** Without what a proof is known to move. */
const untouched = ({ counters: _, ...state }: LabState) => state;

describe('proof by a throw-away task', () => {
  for (const starts of ['at-once', 'late'] as const) {
    it(`succeeds where Task Scheduler starts ${starts}, and leaves the server as it was`, async () => {
      const stand = standWith(works, { starts });
      const before = untouched(stand.kernel.state);
      assert.deepEqual(await proveTask(stand.request), { verified: true, answer, left: null });
      assert.deepEqual(untouched(stand.kernel.state), before);
    });
  }

  it('tells what it waits for', async () => {
    const stand = standWith(works);
    await proveTask(stand.request);
    assert.deepEqual(stand.stages, ['proof-start', 'proof-answer']);
  });

  const failures: readonly {
    readonly situation: string;
    readonly program?: Program;
    readonly starts?: Switches['task-starts'];
    readonly why: RegExp;
    readonly withinMs: readonly [number, number];
  }[] = [
    {
      situation: 'Task Scheduler never starts it',
      starts: 'never',
      why: /^Task Scheduler did not start the test task within 60 s: it has never run \(0x00041303\)\.$/,
      withinMs: [60_000, 63_000],
    },
    {
      situation: 'it stays queued',
      starts: 'queued',
      why: /within 60 s: it is queued \(0x00041325\)\.$/,
      withinMs: [60_000, 63_000],
    },
    {
      situation: 'the program cannot be started',
      program: { answersMs: null, ends: { ms: 0, exitCode: 0x800711c7 } },
      why: /^The test task ended without an answer: the program is blocked by application control/,
      withinMs: [0, 5000],
    },
    {
      situation: 'the program ends with an exit code of its own',
      program: { answersMs: null, ends: { ms: 2000, exitCode: 7 } },
      why: /ended without an answer: CertRebind cannot work on this server\. .* \(7\)\.$/,
      withinMs: [2000, 6000],
    },
    {
      situation: 'the program hangs',
      program: { answersMs: null, ends: null },
      why: /^The program was started but did not answer within 300 s\.$/,
      withinMs: [300_000, 304_000],
    },
  ];
  for (const { situation, program = works, starts = 'at-once', why, withinMs } of failures) {
    it(`says why it failed, and leaves the server as it was: ${situation}`, async () => {
      const stand = standWith(program, { starts });
      const before = untouched(stand.kernel.state);
      const end = await proveTask(stand.request);
      assert.ok(!end.verified && why.test(end.why), JSON.stringify(end));
      assert.equal(end.left, null);
      assert.ok(stand.passedMs() >= withinMs[0] && stand.passedMs() <= withinMs[1], `${stand.passedMs()} ms`);
      assert.deepEqual(untouched(stand.kernel.state), before);
    });
  }

  it('fails with the reason of the judge', async () => {
    const stand = standWith(works);
    const end = await proveTask({ ...stand.request, whyNotVerified: () => 'It was somebody else.' });
    assert.deepEqual(end, { verified: false, why: 'It was somebody else.', hint: null, left: null });
  });

  it('ends at once when it is stopped, and leaves the server as it was', async () => {
    const stand = standWith(works, { starts: 'never' });
    const before = untouched(stand.kernel.state);
    const end = await proveTask({ ...stand.request, signal: AbortSignal.abort() });
    assert.deepEqual(end, { verified: false, why: 'The test was stopped.', hint: null, left: null });
    assert.deepEqual(untouched(stand.kernel.state), before);
  });

  const refusals: readonly (readonly [Change['do'], RegExp | null, RegExp | null])[] = [
    ['register-task', /refused the test task: Access is denied\.$/, null],
    ['start-task', /refused the test task: Access is denied\.$/, null],
    ['unregister-task', null, /could not be removed: Access is denied\.$/],
  ];
  for (const [refused, why, left] of refusals) {
    it(`says what is left, and what was refused: ${refused}`, async () => {
      const stand = standWith(works, { server: (inner) => refusing(inner, refused) });
      const end = await proveTask(stand.request);
      if (why === null) assert.equal(end.verified, true);
      else assert.ok(!end.verified && why.test(end.why), JSON.stringify(end));
      if (left === null) assert.equal(end.left, null);
      else assert.match(end.left ?? '', left);
    });
  }

  it('says that nobody knows what is left where the server stops answering', async () => {
    const stand = standWith(works, {
      server: (inner) => ({ ...inner, tasks: () => Promise.reject(new Error('it does not answer')) }),
    });
    const end = await proveTask(stand.request);
    assert.ok(!end.verified && end.why === 'it does not answer', JSON.stringify(end));
    assert.match(
      end.left ?? '',
      /^It is not known whether the task .*CertRebind-Proof-0123456789abcdef was removed: it does not answer$/,
    );
  });
});

function refusing(inner: Server, what: Change['do']): Server {
  return {
    ...inner,
    change: async (changes) =>
      changes.some((change) => change.do === what)
        ? [{ do: what, error: { code: 'refused', message: 'Access is denied.' }, now: null }]
        : inner.change(changes),
  };
}
