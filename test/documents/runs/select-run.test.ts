import assert from 'node:assert/strict';
import { selectRun, shortRunNames } from '../../../src/documents/runs/select-run.ts';

const runs = ['20260131-091500000-1a2b', '20260131-091500001-ffff', '20260202-120000000-0001'];

describe('what names a run', () => {
  for (const [text, meant] of [
    ['20260131-091500000-1a2b', runs[0]],
    ['20260131-091500000', runs[0]],
    ['20260202', runs[2]],
    ['last', runs[2]],
    ['Last', runs[2]],
    // A whole name is not looked for: the file system says what is there.
    ['20300101-000000000-0000', '20300101-000000000-0000'],
  ] as const)
    it(`${text}: ${meant}`, () => assert.equal(selectRun(text, runs), meant));

  for (const [text, code, said] of [
    ['20260131', 'ambiguous-run', /20260131-091500000-1a2b, 20260131-091500001-ffff/],
    ['2026', 'ambiguous-run', /^3 runs have a name that begins with 2026/],
    ['202', 'no-such-run', /"202"/],
    ['1a2b', 'no-such-run', /"1a2b"/],
    ['..', 'no-such-run', /"\.\."/],
  ] as const)
    it(`${text}: ${code}`, () =>
      assert.throws(
        () => selectRun(text, runs),
        (error: Error & { code?: string }) => error.code === code && said.test(error.message),
      ));

  it('last of none', () => assert.throws(() => selectRun('last', []), { code: 'no-such-run' }));

  it('is short as far as it stays the only one, and names the same run again', () => {
    const short = shortRunNames(runs);
    assert.deepEqual([...short.values()], ['20260131-091500000', '20260131-091500001', '20260202-120000']);
    for (const [run, name] of short) assert.equal(selectRun(name, runs), run);
  });
});
