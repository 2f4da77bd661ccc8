import assert from 'node:assert/strict';
import fc from 'fast-check';
import { recordNumber } from '../../src/commands/shell/record-number.ts';
import { rebindTask, reconcileTask } from '../../src/model/rebind-tasks.ts';
import { parseTask } from '../../src/model/task.ts';
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
    for (const xml of [rebindTask({ command: 'C:\\x.exe' }), reconcileTask({ command: 'C:\\x.exe' })]) {
      const { actions, triggers } = parseTask(xml);
      for (const { arguments: line } of actions)
        assert.match(line ?? '', /^(?:on-event --record \$\(RecordId\)|reconcile)$/);
      for (const { valueQueries } of triggers)
        for (const { query } of valueQueries) assert.equal(query, 'Event/System/EventRecordID');
    }
  });

  it('global options are out of reach behind on-event and trigger-run: no other configuration, state or server', async () => {
    const lab = await temporaryLab({ sites: 1 });
    for (const words of [
      ['on-event', '--record', '1', '--state', '/tmp/evil'],
      ['on-event', '--lab', lab.folder],
      ['trigger-run', 'x', '--record', '1', '--config', '/tmp/evil'],
    ]) {
      const { exitCode } = await perform(words);
      assert.ok(exitCode === 2 || exitCode === 7, `${words.join(' ')}: ${exitCode}`);
    }
    await lab.remove();
  });
});
