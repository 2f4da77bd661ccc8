import assert from 'node:assert/strict';
import { lineText, type OfferedLine } from '../../src/documents/offered-line.ts';
import { thumbprintOf } from '../builders/snapshot.ts';

const [old, successor] = [thumbprintOf('old'), thumbprintOf('new')];
const pair = { does: 'rebind', old, new: successor } as const;

describe('a line that is offered', () => {
  const lines: readonly (readonly [OfferedLine, string])[] = [
    [pair, `rebind --old ${old} --new ${successor}`],
    [{ ...pair, now: true }, `rebind --old ${old} --new ${successor} --now`],
    [{ ...pair, allow: ['names-lost'] }, `rebind --old ${old} --new ${successor} --allow names-lost`],
    // PowerShell would make two words of it.
    [
      { ...pair, allow: ['names-lost', 'expired'], now: true },
      `rebind --old ${old} --new ${successor} --allow "names-lost,expired" --now`,
    ],
    [{ does: 'reconcile' }, 'reconcile'],
    [{ does: 'reconcile', now: true }, 'reconcile --now'],
    [{ does: 'undo', run: '20261202-081656456-c671' }, 'undo 20261202-081656456-c671'],
    [{ does: 'end-exclusion', list: 'sites', entry: 'Intranet' }, 'config remove exclude.sites Intranet'],
    [{ does: 'exclude', list: 'records', entry: '[::]:443' }, 'config add exclude.records "[::]:443"'],
    [{ does: 'replace-of-application', id: '{5F0A}' }, 'config add applicationIds 5F0A'],
    [{ does: 'set', settings: [['holders.sql.policy', 'replace']] }, 'config set holders.sql.policy replace'],
    [{ does: 'dismiss', finding: 'wire-differs', place: '0.0.0.0:443' }, 'dismiss wire-differs 0.0.0.0:443'],
    [{ does: 'enable' }, 'enable'],
  ];
  for (const [line, text] of lines) it(text, () => assert.equal(lineText(line), `certrebind ${text}`));

  const siteNamed = (entry: string) => lineText({ does: 'end-exclusion', list: 'sites', entry });

  for (const name of ['Default Web Site', 'a & calc', 'x | y > z', "it's one", 'a; b', 'a,b', 'Größe', '@site', '^'])
    it(`quotes a name for both shells: ${name}`, () =>
      assert.equal(siteNamed(name), `certrebind config remove exclude.sites "${name}"`));

  for (const name of ['--all', '-x'])
    it(`writes a name after two hyphens that would be an option: ${name}`, () =>
      assert.equal(siteNamed(name), `certrebind config remove exclude.sites -- "${name}"`));

  it('is none where such a name can stand nowhere else', () =>
    assert.equal(lineText({ does: 'dismiss', finding: 'wire-differs', place: '--all' }), null));

  for (const name of [
    '',
    'a" & calc & "',
    'a\u201d; calc; \u201c',
    'a$(calc)',
    'a`n',
    '%PATH%',
    'a!b',
    'two words\\',
    'a\nb',
    'a\u202eb',
  ])
    it(`is none where a name means more than itself to one of them: ${JSON.stringify(name)}`, () =>
      assert.equal(siteNamed(name), null));
});
