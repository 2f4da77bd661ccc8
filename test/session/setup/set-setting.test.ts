import assert from 'node:assert/strict';
import { withAdded, withSetting } from '../../../src/session/setup/set-setting.ts';
import { choicesOf, settings } from '../../../src/session/setup/settings.ts';

const where = 'config.json';
const changed = (written: object | null, key: string, value: string) =>
  JSON.parse(withSetting(written === null ? null : JSON.stringify(written), key, value, where));

describe('one setting of a configuration', () => {
  it('is changed beside what is written, and nothing else is', () => {
    const written = { exclude: { sites: ['A'] }, holders: { rdp: { policy: 'replace' } } };
    assert.deepEqual(changed(written, 'holders.ftp.policy', 'replace'), {
      exclude: { sites: ['A'] },
      holders: { rdp: { policy: 'replace' }, ftp: { policy: 'replace' } },
    });
  });

  for (const exclude of [null, [], 'none'])
    it(`takes the place of ${JSON.stringify(exclude)}, which is no object`, () =>
      assert.deepEqual(changed({ exclude }, 'exclude.sites', '[]'), { exclude: { sites: [] } }));

  it('begins a file where there is none', () => {
    assert.deepEqual(changed(null, 'keepRuns', '7'), { schema: 'certrebind/configuration/1', keepRuns: 7 });
  });

  it('is JSON where it can be read as that, and else a text', () => {
    assert.deepEqual(changed({}, 'exclude.sites', '["A", "B"]'), { exclude: { sites: ['A', 'B'] } });
    assert.deepEqual(changed({}, 'undo', 'run'), { undo: 'run' });
  });

  for (const key of ['', '.', 'a..b', '__proto__.polluted', 'a b', 'holders.ftp.']) {
    it(`is refused by a name that is none: ${JSON.stringify(key)}`, () => {
      assert.throws(() => withSetting('{}', key, 'x', where), { code: 'usage', exitCode: 2 });
    });
  }

  for (const [value, hint] of [
    ['[Shop]', 'Run certrebind config add exclude.sites Shop'],
    ['Shop', 'Run certrebind config add exclude.sites Shop'],
    [
      '[Shop,My Intranet]',
      "Run certrebind config add exclude.sites Shop, then certrebind config add exclude.sites 'My Intranet'",
    ],
    ['x[Shop]', "Run certrebind config add exclude.sites 'x[Shop]'"],
    ['[Shop]x', "Run certrebind config add exclude.sites '[Shop]x'"],
    ['"Shop"', 'Run certrebind config add exclude.sites \'"Shop"\''],
    ['[', "Run certrebind config add exclude.sites '['"],
    ['7', 'Run certrebind config add exclude.sites 7'],
    ['', 'Run certrebind config add exclude.sites <text>'],
  ] as const)
    it(`is refused where it is a list and ${JSON.stringify(value)} is none, with the line to type`, () => {
      assert.throws(() => withSetting('{}', 'exclude.sites', value, where), {
        code: 'usage',
        exitCode: 2,
        hint,
        message: `exclude.sites is a list, and ${JSON.stringify(value)} is not a JSON list. Windows PowerShell removes the quotes from arguments of a program.`,
      });
    });

  it('may be an empty list, which takes everything out', () => {
    assert.deepEqual(changed({ exclude: { sites: ['A'] } }, 'exclude.sites', '[]'), { exclude: { sites: [] } });
  });

  it('is refused where the file is no JSON, which stays as it is', () => {
    assert.throws(() => withSetting('{ nonsense', 'undo', 'run', where), { exitCode: 2 });
  });
});

describe('a text that is added to a list', () => {
  const added = (written: object | null) =>
    JSON.parse(withAdded(written === null ? null : JSON.stringify(written), 'exclude.sites', 'Shop', where));

  for (const [written, expected] of [
    [null, { schema: 'certrebind/configuration/1', exclude: { sites: ['Shop'] } }],
    [{ undo: 'run' }, { undo: 'run', exclude: { sites: ['Shop'] } }],
    [{ exclude: { sites: ['Blog'] } }, { exclude: { sites: ['Blog', 'Shop'] } }],
    [{ exclude: { sites: ['Shop', 'Blog'] } }, { exclude: { sites: ['Shop', 'Blog'] } }],
  ] as const)
    it(`is in it once: ${JSON.stringify(written)}`, () => assert.deepEqual(added(written), expected));

  it('is refused where something else stands in the place of the list', () => {
    const message = '"exclude.sites" is not a list.';
    for (const sites of ['Blog', 7, { a: 1 }])
      assert.throws(() => added({ exclude: { sites } }), { code: 'usage', message, where: 'key' });
  });
});

describe('settings', () => {
  const of = (key: string) => {
    const found = settings.find((setting) => setting.key === key);
    assert.ok(found !== undefined, key);
    return found;
  };

  it('have words to choose from where only these are valid, also in a list', () => {
    assert.deepEqual(choicesOf(of('undo')), ['step', 'run']);
    assert.deepEqual(choicesOf(of('exclude.sites')), []);
    assert.deepEqual(choicesOf(of('keepRuns')), []);
  });

  it('name secrets, and only a few do', () => {
    assert.deepEqual(
      settings.filter(({ schema }) => schema.pattern?.startsWith('^secret:') === true).map(({ key }) => key),
      ['notify.mail.password', 'notify.webhook.url', 'notify.webhook.signingSecret'],
    );
  });
});
