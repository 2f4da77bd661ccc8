import assert from 'node:assert/strict';
import type { Row } from '../../../src/model/windows/rows.ts';
import { partsOf } from '../../../src/server/windows/parts.ts';
import { folderRights, judgementFrom, withAllParents } from '../../../src/server/windows/path-rights.ts';
import { each } from '../../support/each.ts';

const program = 'C:\\Tools\\run.exe';
const other = 'C:\\Tools\\other.exe';

/** What PowerShell says of a path that only administrators can write. */
function pathRow(path: string, { is = 'folder', sddl = folderRights.everyone } = {}): Row {
  return ['path', path, is, 'False', 'S-1-5-32-544', sddl];
}

describe('rights of paths, as PowerShell reads them', () => {
  it('gives new folders rights of administrators alone, inherits none, and lets users read programs', () => {
    assert.deepEqual(folderRights, {
      administrators: 'O:BAG:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)',
      everyone: 'O:BAG:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FRFX;;;BU)',
    });
  });

  it('asks for each path and its parents up to the root, each once', () =>
    assert.deepEqual([...withAllParents([program, other])].sort(), ['C:\\', 'C:\\Tools', other, program].sort()));

  it('goes up to the share, and no further', () => {
    const [folder, share] = ['\\\\files\\certs\\web', '\\\\files\\certs\\'];
    assert.deepEqual(withAllParents([folder]), [folder, share]);
    const open = `${folderRights.everyone}(A;;FA;;;S-1-5-21-4-5-6-513)`;
    const [judged] = judgementFrom(partsOf([pathRow(folder), pathRow(share, { sddl: open })]), [folder]).paths;
    assert.deepEqual([judged?.is, judged?.dangers.map(({ where }) => where)], ['folder', [share]]);
    const [safe] = judgementFrom(partsOf([pathRow(folder), pathRow(share)]), [folder]).paths;
    assert.deepEqual(safe?.dangers, []);
  });

  it('judges each path by its own chain, and says through which folder it could be exchanged', () => {
    const open = `${folderRights.everyone}(A;;FA;;;WD)`;
    const parts = partsOf([pathRow(program), pathRow('C:\\Tools', { sddl: open }), pathRow('C:\\')]);
    const [judged, elsewhere] = judgementFrom(parts, [program, 'C:\\run.exe']).paths;
    assert.equal(judged?.is, 'folder');
    assert.deepEqual(each(judged.dangers, 'where'), ['C:\\Tools']);
    assert.deepEqual(elsewhere?.dangers, []);
  });

  it('knows of a path that is not there that it is not', () => {
    const parts = partsOf([pathRow(program, { is: 'missing' }), pathRow('C:\\Tools'), pathRow('C:\\')]);
    assert.deepEqual(judgementFrom(parts, [program]).paths, [{ path: program, is: 'missing', dangers: [] }]);
  });

  describe('counts as administrators', () => {
    const told: Row = ['administrators', 'S-1-5-21-1-2-3-500', 'S-1-5-21-4-5-6-512', 'S-1-5-21-7-8-9-519'];
    const agent = 'S-1-5-21-4-5-6-1105';
    const key = (sddl: string, ...accounts: readonly string[]): Row => ['trusted', 'BA', sddl, ...accounts];
    const usual = 'O:BAD:AI(A;CIID;KR;;;BU)(A;CIID;KA;;;BA)';
    const judged = (who: string, ...rows: readonly Row[]) => {
      const open = pathRow('C:\\', { sddl: `${folderRights.everyone}(A;;FA;;;${who})` });
      return judgementFrom(partsOf([pathRow(program), pathRow('C:\\Tools'), open, ...rows]), [program]);
    };
    const isSafe = (who: string, ...rows: readonly Row[]) => judged(who, ...rows).paths[0]?.dangers.length === 0;

    it('those of the domain that Windows tells of, and none where it tells of none', () => {
      assert.ok(isSafe('S-1-5-21-4-5-6-512', told));
      assert.ok(isSafe('DA', told));
      assert.ok(!isSafe('S-1-5-21-7-8-9-512', told));
      for (const rows of [[], [['administrators', '', '', '']]]) {
        assert.ok(!isSafe('S-1-5-21-4-5-6-512', ...rows));
        assert.ok(!isSafe('DA', ...rows));
      }
    });

    it('the accounts of the key, where it is safe', () => {
      assert.ok(isSafe(agent, told, key(usual, agent)));
      assert.deepEqual(judged(agent, told, key(usual, agent)).trusted, { accounts: [agent], refused: [] });
    });

    it('none of them where others can write the key, and says so', () => {
      const { trusted } = judged(agent, told, key(`${usual}(A;;KW;;;BU)`, agent));
      assert.ok(!isSafe(agent, told, key(`${usual}(A;;KW;;;BU)`, agent)));
      assert.deepEqual(trusted.accounts, []);
      assert.match(
        trusted.refused[0]?.why ?? '',
        /is ignored, because HKLM.SOFTWARE.CertRebind can be written by Users/,
      );
    });
  });
});
