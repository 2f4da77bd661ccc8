import assert from 'node:assert/strict';
import type { CertRebindError } from '../../src/base/errors.ts';
import type { PathSafety } from '../../src/model/windows/path-safety.ts';
import { assertSafe, warningsOfSources } from '../../src/session/safe-paths.ts';
import { assertNoDowngrade } from '../../src/session/setup/place-program.ts';

const installed = (version: string) =>
  ({ schema: 'certrebind/installed/1', version, at: '2026-06-01T12:00:00.000Z', files: [] }) as const;
const folder = 'C:\\Program Files\\CertRebind';

describe('an installation', () => {
  for (const [version, there, force, fits] of [
    ['1.2.0', null, false, true],
    ['1.2.0', '1.1.9', false, true],
    ['1.2.0', '1.2.0', false, true],
    ['1.2.0', '1.10.0', false, false],
    ['1.2.0', '1.10.0', true, true],
  ] as const)
    it(`of ${version} over ${there}${force ? ', forced' : ''}: ${fits ? 'goes on' : 'is refused'}`, () => {
      const demand = () => assertNoDowngrade(version, there === null ? null : installed(there), { force, folder });
      if (fits) demand();
      else
        assert.throws(demand, {
          code: 'newer-installed',
          message: `${folder} contains version 1.10.0, and this is the older version 1.2.0. Nothing was changed.`,
          where: folder,
        });
    });
});

describe('a path that runs or steers code as SYSTEM', () => {
  const safe: PathSafety = { path: folder, is: 'folder', dangers: [] };
  const unsafe = (...names: readonly string[]): PathSafety => ({
    path: folder,
    is: 'folder',
    dangers: names.map((name) => ({
      where: `C:\\${name}`,
      why: 'is a link',
      mend: `rmdir "C:\\${name}"`,
      trust: name === 'z' ? 'reg add' : null,
    })),
  });

  it('is taken when nobody else can change it', () => {
    assertSafe([]);
    assertSafe([safe, safe]);
  });

  it('is refused with each danger named once, and at most five of them', () => {
    const refusalOf = (paths: readonly PathSafety[]) => {
      try {
        assertSafe(paths);
      } catch (error) {
        const { code, message, where } = error as CertRebindError;
        return { code, message, where };
      }
      return null;
    };
    assert.deepEqual(refusalOf([safe, unsafe('a'), unsafe('a', 'b')]), {
      code: 'unsafe-folder',
      message: 'C:\\a is a link; C:\\b is a link.',
      where: 'C:\\a',
    });
    const five = ['a', 'b', 'c', 'd', 'e'].map((name) => `C:\\${name} is a link`).join('; ');
    assert.equal(refusalOf([unsafe('a', 'b', 'c', 'd', 'e')])?.message, `${five}.`);
    assert.equal(refusalOf([unsafe('a', 'b', 'c', 'd', 'e', 'f', 'g')])?.message, `${five}; and 2 more.`);
  });

  it('is refused with every line that mends it, each once and at most five of them', () => {
    const hintOf = (...names: readonly string[]) => {
      try {
        assertSafe([unsafe(...names), unsafe(...names)]);
      } catch (error) {
        return (error as CertRebindError).hint?.split('\n').slice(1);
      }
      return null;
    };
    assert.deepEqual(hintOf('a', 'b'), ['  rmdir "C:\\a"', '  rmdir "C:\\b"']);
    assert.deepEqual(hintOf('z')?.slice(1), ['or, if these accounts administer this server:', '  reg add']);
    assert.equal(hintOf('a', 'b', 'c', 'd', 'e', 'f', 'g')?.at(-1), '  and 2 more');
  });

  it('warns of places that others can change, each named once, and at most five of them', () => {
    assert.deepEqual(warningsOfSources([safe]), []);
    assert.deepEqual(warningsOfSources([unsafe('a'), safe, unsafe('b', 'a')]), [
      'Accounts other than administrators could change the files before they were installed: C:\\a is a link; C:\\b is a link. Check their signatures or hashes.',
    ]);
    assert.match(warningsOfSources([unsafe('a', 'b', 'c', 'd', 'e', 'f', 'g')])[0] ?? '', /e is a link; and 2 more\. /);
  });
});
