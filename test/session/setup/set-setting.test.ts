import assert from 'node:assert/strict';
import { withAdded, withRemoved, withSettings } from '../../../src/session/setup/set-setting.ts';
import { choicesOf, settings } from '../../../src/session/setup/settings.ts';

const where = 'config.json';
const changed = (written: object | null, key: string, value: string) =>
  JSON.parse(withSettings(written === null ? null : JSON.stringify(written), [[key, value]], where));

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
      assert.throws(() => withSettings('{}', [[key, 'x']], where), { code: 'usage', exitCode: 2 });
    });
  }

  for (const [value, lines] of [
    ['[Shop]', 'certrebind config add exclude.sites Shop'],
    ['Shop', 'certrebind config add exclude.sites Shop'],
    [
      '[Shop,My Intranet]',
      "certrebind config add exclude.sites Shop\n  certrebind config add exclude.sites 'My Intranet'",
    ],
    ['x[Shop]', "certrebind config add exclude.sites 'x[Shop]'"],
    ['[Shop]x', "certrebind config add exclude.sites '[Shop]x'"],
    ['"Shop"', 'certrebind config add exclude.sites \'"Shop"\''],
    ['[', "certrebind config add exclude.sites '['"],
    ['7', 'certrebind config add exclude.sites 7'],
    ['', 'certrebind config add exclude.sites <text>'],
  ] as const)
    it(`is refused where it is a list and ${JSON.stringify(value)} is none, with the line to type`, () => {
      assert.throws(() => withSettings('{}', [['exclude.sites', value]], where), {
        code: 'usage',
        exitCode: 2,
        hint: `Add each text for itself:\n  ${lines}`,
        message: `exclude.sites is a list, and ${JSON.stringify(value)} is not a JSON list. Windows PowerShell removes the quotes from arguments of a program.`,
      });
    });

  it('may be an empty list, which takes everything out', () => {
    assert.deepEqual(changed({ exclude: { sites: ['A'] } }, 'exclude.sites', '[]'), { exclude: { sites: [] } });
  });

  it('is refused where the file is no JSON, which stays as it is', () => {
    assert.throws(() => withSettings('{ nonsense', [['undo', 'run']], where), { exitCode: 2 });
  });
});

describe('a text that is added to a list', () => {
  const added = (written: object | null) =>
    JSON.parse(withAdded(written === null ? null : JSON.stringify(written), 'exclude.sites', ['Shop'], where));

  for (const [written, expected] of [
    [null, { schema: 'certrebind/configuration/1', exclude: { sites: ['Shop'] } }],
    [{ undo: 'run' }, { undo: 'run', exclude: { sites: ['Shop'] } }],
    [{ exclude: { sites: ['Blog'] } }, { exclude: { sites: ['Blog', 'Shop'] } }],
    [{ exclude: { sites: ['Shop', 'Blog'] } }, { exclude: { sites: ['Shop', 'Blog'] } }],
  ] as const)
    it(`is in it once: ${JSON.stringify(written)}`, () => assert.deepEqual(added(written), expected));

  it('is refused where something else stands in the place of the list', () => {
    const message = 'exclude.sites in config.json is not a list.';
    for (const sites of ['Blog', 7, { a: 1 }])
      assert.throws(() => added({ exclude: { sites } }), { code: 'usage', message, where: 'list' });
  });
});

describe('a text that is taken out of a list', () => {
  const removed = (list: string, texts: readonly string[], ...of: readonly string[]) => {
    const written = withSettings(null, [[list, JSON.stringify(of)]], where);
    const [room = '', name = ''] = list.split('.');
    const { [room]: left } = JSON.parse(withRemoved(written, list, texts, where));
    return name === '' ? left : left[name];
  };

  for (const [list, written, asked] of [
    ['exclude.sites', 'Intranet', 'intranet'],
    ['exclude.records', '*:443', '0.0.0.0:443'],
    ['exclude.records', 'Shop.example.com:443', 'shop.example.com:443'],
    ['exclude.thumbprints', 'AB CD', 'abcd'],
    ['applicationIds', '{4DC3E181-E14B-4A21-B022-59FC669B0914}', '4dc3e181-e14b-4a21-b022-59fc669b0914'],
  ] as const)
    it(`is the one that is meant: ${list} ${asked}`, () =>
      assert.deepEqual(removed(list, [asked], 'Other', written, written), ['Other']));

  it('is no other', () => {
    assert.deepEqual(removed('exclude.sites', ['A'], 'A', 'AB', 'A B'), ['AB', 'A B']);
    assert.deepEqual(removed('exclude.holders', ['sql/A', 'ftp/B'], 'sql/A', 'ftp/B'), []);
  });

  for (const [list, text, of, message, hint] of [
    [
      'exclude.sites',
      'Intranat',
      ['Shop', 'My Intranet', 'Intranet'],
      '"Intranat" is not in exclude.sites.',
      'Perhaps you mean:\n  certrebind config remove exclude.sites Intranet',
    ],
    ['exclude.sites', 'X', ['Shop'], '"X" is not in exclude.sites.', 'What is set:\n  certrebind config show'],
    ['exclude.sites', 'X', [], 'exclude.sites is empty.', 'What is set:\n  certrebind config show'],
  ] as const)
    it(`is refused where it is not there: ${text} of ${of.length}`, () =>
      assert.throws(() => removed(list, [of[0] ?? text, text], ...of), { code: 'usage', exitCode: 2, message, hint }));

  it('is refused where the setting is no list, with the nearest', () => {
    const message = '"exclude.site" is not a list of texts. Did you mean exclude.sites?';
    assert.throws(() => withRemoved('{}', 'exclude.site', ['X'], where), { code: 'usage', message });
    assert.throws(() => withAdded('{}', 'undo', ['X'], where), { message: '"undo" is not a list of texts.' });
  });
});

describe('what people write in short', () => {
  const window = { days: ['Saturday'], from: '01:00', to: '03:00', timeZone: 'UTC' };

  it('is a window by its two times, which keeps its days and time zone', () => {
    assert.deepEqual(changed({ window }, 'window', '22:00-04:00'), {
      window: { ...window, from: '22:00', to: '04:00' },
    });
    assert.deepEqual(changed({}, 'window', '2:00-4:30'), { window: { from: '02:00', to: '04:30' } });
    assert.deepEqual(changed({}, 'window', '{"from":"01:00","to":"03:00"}'), {
      window: { from: '01:00', to: '03:00' },
    });
  });

  it('is the policy of a kind by the kind alone', () => {
    assert.deepEqual(changed({}, 'holders.sql', 'replace'), { holders: { sql: { policy: 'replace' } } });
    const whole = { policy: 'report' };
    assert.deepEqual(changed({}, 'holders.sql', JSON.stringify(whole)), { holders: { sql: whole } });
  });

  const hint = 'Set both times of the window at once, for example:\n  certrebind config set window 22:00-04:00';
  for (const [written, key, value, message] of [
    [{}, 'window', '22:00', 'window is not two times of day, but "22:00".'],
    [{}, 'window', '22:00-4', 'window is not two times of day, but "22:00-4".'],
    [{}, 'window.from', '22:00', 'window.to would not be set.'],
    [{}, 'window.days', '["Saturday"]', 'window.from and window.to would not be set.'],
  ] as const)
    it(`is refused where it is half a window: ${key} ${value}`, () =>
      assert.throws(() => changed(written, key, value), { code: 'usage', exitCode: 2, message, hint }));

  it('is one half of a window where the other is set', () =>
    assert.deepEqual(changed({ window }, 'window.to', '05:00').window, { ...window, to: '05:00' }));
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
