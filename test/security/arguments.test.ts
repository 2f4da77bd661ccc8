import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { rebindTask, reconcileTask } from '../../src/documents/scheduled-tasks.ts';
import { parseTask } from '../../src/model/windows/task.ts';
import { recordNumber } from '../../src/shell/options.ts';
import { temporaryLab } from '../support/temporary-lab.ts';
import { perform } from './program.ts';

describe('what a task hands over is exactly what it should be', () => {
  for (const [words, expected] of [
    [['--record', '17'], 17],
    [['--record', '$(RecordId)'], null],
    [['--record', ''], null],
    [['--record'], null],
    [[], null],
    [['--record', '17', '--config', 'evil.json'], 'refused'],
    [['--config', 'evil.json'], 'refused'],
    [['--record=17'], 'refused'],
    [['--record', '-1'], 'refused'],
    [['--record', '1e3'], 'refused'],
    [['--record', '17 --state x'], 'refused'],
    [['--record', '$(RecordId) $(Other)'], 'refused'],
    [['--record', '$(calc.exe)'], 'refused'],
    [['17'], 'refused'],
    [['--record', '9'.repeat(16)], 'refused'],
    [['--record', '１７'], 'refused'],
  ] as const) {
    it(`on-event ${words.join(' ')}: ${expected}`, () => assert.equal(recordNumber([...words]), expected));
  }

  it('nothing but digits is ever a number', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constant('--record'), fc.nat().map(String))), (words) => {
        const read = recordNumber(words);
        if (typeof read === 'number') assert.deepEqual(words, ['--record', words[1]]);
        if (typeof read === 'number') assert.match(words[1] ?? '', /^\d{1,15}$/);
      }),
    );
  });

  it('the tasks of this program name no value of an event but its record number', () => {
    for (const xml of [rebindTask({ command: 'C:\\x.exe' }), reconcileTask({ command: 'C:\\x.exe' }, 17)]) {
      const { actions, triggers } = parseTask(xml);
      for (const { arguments: line } of actions)
        assert.match(line ?? '', /^(?:on-event --record \$\(RecordId\)|reconcile --hourly)$/);
      for (const { valueQueries } of triggers)
        for (const { query } of valueQueries) assert.equal(query, 'Event/System/EventRecordID');
    }
  });

  describe('global options are out of reach behind on-event and trigger-run', () => {
    let lab: Awaited<ReturnType<typeof temporaryLab>>;
    let evil: string;
    // As Task Scheduler starts it in a lab: the server is known, and the trigger is there.
    const start = (...words: string[]) => perform(words, undefined, { CERTREBIND_LAB: lab.folder });
    before(async () => {
      lab = await temporaryLab({ sites: 1 });
      evil = join(lab.folder, 'evil');
      const added = await start('trigger', 'add', 'look', '--on', 'replaced', '--', '/bin/true');
      assert.equal(added.exitCode, 0, added.stderr);
    });
    after(() => lab.remove());

    for (const [what, words] of [
      ['no other state', () => ['on-event', '--record', '1', '--state', evil]],
      ['no other configuration', () => ['on-event', '--record', '1', '--config', evil]],
      ['no other server', () => ['on-event', '--lab', evil]],
      ['no other state for a trigger', () => ['trigger-run', 'look', '--record', '1', '--state', evil]],
      ['no other configuration for a trigger', () => ['trigger-run', 'look', '--record', '1', '--config', evil]],
      ['no other server for a trigger', () => ['trigger-run', 'look', '--lab', evil]],
      ['no other trigger', () => ['trigger-run', '../look', '--record', '1']],
    ] as const) {
      it(what, async () => {
        const { exitCode, stderr } = await start(...words());
        assert.match(stderr, /^certrebind: usage: (?:on-event|trigger-run) accepts only/);
        assert.equal(exitCode, 2);
        assert.equal(existsSync(evil), false);
      });
    }

    it('and without them it is the number of the event that counts', async () => {
      const none = await start('trigger-run', 'look', '--record', '1');
      assert.match(none.stderr, /Record 1 of the lifecycle log is not there/);
      assert.equal((await start('on-event', '--record', '1')).exitCode, 0);
    });
  });
});
