import assert from 'node:assert/strict';
import { allCodes } from '../../src/report/codes.ts';
import { run, runJson } from './run-program.ts';

describe('explain', () => {
  it('explains one code with what to do', async () => {
    const { exitCode, stdout } = await run(['explain', 'names-lost']);
    assert.equal(exitCode, 0);
    assert.match(stdout, /^names-lost \(why a record is blocked\)\n.*\n {2}What to do: /);
  });

  it('explains every kind under which a code is known', async () => {
    const { document } = await runJson(['explain', 'shorter-life']);
    assert.deepEqual(
      document.codes.map(({ kind }: { kind: string }) => kind),
      ['block', 'note'],
    );
  });

  it('lists every code of every kind when none is named', async () => {
    const { exitCode, document } = await runJson(['explain']);
    assert.equal(exitCode, 0);
    assert.deepEqual(document.codes, allCodes());
    for (const { code, text } of document.codes) assert.ok(code !== '' && text !== '');
  });
});
