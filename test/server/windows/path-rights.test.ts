import assert from 'node:assert/strict';
import { partsOf } from '../../../src/server/windows/parts.ts';
import { folderRights, pathsFrom, withAllParents } from '../../../src/server/windows/path-rights.ts';
import type { Row } from '../../../src/server/windows/rows.ts';

const program = 'C:\\Tools\\run.exe';
const other = 'C:\\Tools\\other.exe';

/** What PowerShell says of a path that only administrators can write. */
function pathRow(path: string, { exists = 'True', sddl = folderRights.everyone } = {}): Row {
  return ['path', path, exists, 'False', 'S-1-5-32-544', sddl];
}

describe('rights of paths, as PowerShell reads them', () => {
  it('asks for each path and its parents up to the root, each once', () => {
    assert.deepEqual([...withAllParents([program, other])].sort(), ['C:\\', 'C:\\Tools', other, program].sort());
  });

  it('judges each path by its own chain, and says through which folder it could be exchanged', () => {
    const open = `${folderRights.everyone}(A;;FA;;;WD)`;
    const parts = partsOf([pathRow(program), pathRow('C:\\Tools', { sddl: open }), pathRow('C:\\')]);
    const [judged, elsewhere] = pathsFrom(parts, [program, 'C:\\run.exe']);
    assert.equal(judged?.exists, true);
    assert.deepEqual(
      judged.dangers.map(({ where }) => where),
      ['C:\\Tools'],
    );
    assert.deepEqual(elsewhere?.dangers, []);
  });

  it('knows of a path that is not there that it is not', () => {
    const parts = partsOf([pathRow(program, { exists: 'False' }), pathRow('C:\\Tools'), pathRow('C:\\')]);
    assert.deepEqual(pathsFrom(parts, [program]), [{ path: program, exists: false, dangers: [] }]);
  });
});
