import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CertRebindError } from '../../../src/base/errors.ts';
import { neverLooked, type WatchedFolder } from '../../../src/documents/watched.ts';
import type { SourceFile } from '../../../src/model/certificates/source-folder.ts';
import { nobodyTrusted } from '../../../src/model/windows/administrators.ts';
import type { PathJudgement } from '../../../src/model/windows/path-safety.ts';
import type { Listing } from '../../../src/server/read-source.ts';
import { judgeListing, lookAtSource } from '../../../src/session/run/import-watched.ts';
import { type Issued, issued, pfxOf } from '../../builders/issued.ts';
import { each } from '../../support/each.ts';
import { isSlow } from '../../support/slow.ts';

/** A folder on a clock that only reads and pauses move, and another process that writes into it meanwhile. */
class Folder {
  readonly #files = new Map<string, { bytes: Buffer; modified: number }>();
  readonly #due: { at: number; write: () => void }[] = [];
  #now = Date.parse('2030-06-01T00:00:00Z');

  later(ms: number, write: () => void): void {
    this.#due.push({ at: this.#now + ms, write });
    this.#due.sort((a, b) => a.at - b.at);
  }

  pass(ms: number): void {
    const until = this.#now + ms;
    for (let next = this.#due[0]; next !== undefined && next.at <= until; next = this.#due[0]) {
      this.#due.shift();
      this.#now = next.at;
      next.write();
    }
    this.#now = until;
  }

  put(path: string, bytes: Buffer): void {
    this.#files.set(path, { bytes, modified: this.#now });
  }

  append(path: string, bytes: Buffer): void {
    this.put(path, Buffer.concat([this.#files.get(path)?.bytes ?? Buffer.alloc(0), bytes]));
  }

  rename(from: string, to: string): void {
    const file = this.#files.get(from);
    this.#files.delete(from);
    if (file !== undefined) this.#files.set(to, file);
  }

  /** File after file: others write between them. */
  readonly read = async (): Promise<readonly SourceFile[]> => {
    const files: SourceFile[] = [];
    for (const path of [...this.#files.keys()].filter((name) => !name.endsWith('.tmp'))) {
      this.pass(300);
      const file = this.#files.get(path);
      if (file !== undefined) files.push({ path, ...file });
    }
    return files;
  };

  readonly clock = { now: () => new Date(this.#now), sleep: async (ms: number) => this.pass(ms) };
}

/** What one renewal writes, in order: each file whole at once, or in pieces, in place or beside it. */
interface Writing {
  readonly form: 'pfx' | 'pem' | 'one-pem';
  readonly how: 'in place' | 'renamed';
  readonly keyFirst: boolean;
  /** Where files are cut, mostly between two blocks, and how long the writer stalls there: less than the pause between two looks. */
  readonly cuts: readonly { readonly at: number; readonly ms: number }[];
  readonly pauseMs: number;
}

const writings: fc.Arbitrary<Writing> = fc.record({
  form: fc.constantFrom('pfx', ...Array(6).fill('pem'), ...Array(8).fill('one-pem')),
  how: fc.constantFrom('in place', 'renamed'),
  keyFirst: fc.boolean(),
  cuts: fc.array(
    fc.record({ at: fc.double({ min: 0, max: 0.99, noNaN: true }), ms: fc.integer({ min: 3000, max: 4900 }) }),
    { minLength: 1, maxLength: 2 },
  ),
  pauseMs: fc.integer({ min: 0, max: 3000 }),
});

function filesOf(
  { certificate, chain, key }: Issued,
  pfx: Buffer,
  { form, keyFirst }: Writing,
): readonly [string, Buffer][] {
  if (form === 'pfx') return [['shop.pfx', pfx]];
  if (form === 'one-pem') return [['shop.pem', Buffer.from(certificate + key + chain)]];
  const pair: [string, Buffer][] = [
    ['fullchain.pem', Buffer.from(certificate + chain)],
    ['privkey.pem', Buffer.from(key)],
  ];
  return keyFirst ? pair.reverse() : pair;
}

/** @returns how long it takes */
function write(folder: Folder, files: readonly [string, Buffer][], { how, cuts, pauseMs }: Writing): number {
  let at = 0;
  for (const [path, bytes] of files) {
    const target = how === 'renamed' ? `${path}.tmp` : path;
    const blocks = [...bytes.toString('latin1').matchAll(/(?<=-)\n(?=-)/g)].map(({ index }) => index + 1);
    const placeOf = (share: number) =>
      blocks[Math.floor(share * 1.5 * blocks.length)] ?? Math.floor(share * bytes.length);
    const places = [0, ...cuts.map((cut) => placeOf(cut.at)), bytes.length].sort((a, b) => a - b);
    folder.later(at, () => folder.put(target, Buffer.alloc(0)));
    for (const [index, from] of places.slice(0, -1).entries()) {
      at += cuts[index]?.ms ?? 0;
      folder.later(at, () => folder.append(target, bytes.subarray(from, places[index + 1])));
    }
    if (how === 'renamed') folder.later(at, () => folder.rename(target, path));
    at += pauseMs;
  }
  return at;
}

describe('a folder that another process writes', () => {
  let versions: { made: Issued; pfx: Buffer }[];
  before(async () => {
    versions = [];
    for (const month of ['01', '02']) {
      const made = await issued(['shop.example.com'], `2030-${month}-01T00:00:00Z`);
      versions.push({ made, pfx: pfxOf(made, 'secret') });
    }
  });

  it('gives only whole sets, each newer than the last, and at the end the newest', function () {
    this.timeout(3600_000);
    return fc.assert(
      fc.asyncProperty(
        fc.array(writings, { minLength: 1, maxLength: 2 }),
        fc.array(fc.integer({ min: 2000, max: 9000 }), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (renewals, pauses, restores) => {
          const folder = new Folder();
          let ends = 0;
          for (const [index, writing] of renewals.entries()) {
            const version = versions[index];
            if (version === undefined) continue;
            const { made, pfx } = version;
            folder.later(ends, () => write(folder, filesOf(made, pfx, writing), writing));
            ends += 30_000;
          }
          let known: WatchedFolder = neverLooked;
          const taken: number[] = [];
          const look = async () => {
            const { folder: seen, fresh } = await lookAtSource({ path: 'C:\\certs' }, known, {
              ...folder,
              read: folder.read,
              clock: folder.clock,
              left: () => Number.POSITIVE_INFINITY,
              passwords: async () => ['secret'],
            });
            for (const { found, certificate } of fresh) {
              const index = versions.findIndex(({ made }) => made.thumbprint === certificate.thumbprint);
              const made = versions[index]?.made;
              assert.equal(found.key.export({ format: 'pem', type: 'pkcs8' }), made?.key);
              assert.equal(found.intermediates.length, 1);
              taken.push(index);
            }
            const isTaken = (sha256: string) => fresh.some(({ certificate }) => certificate.sha256 === sha256);
            known = {
              ...seen,
              newest: seen.newest.map((set) => (isTaken(set.sha256) ? { ...set, state: 'taken' } : set)),
            };
          };
          for (let passed = 0, index = 0; passed < ends; index++) {
            await look();
            const pause = pauses[index % pauses.length] ?? 1000;
            folder.pass(pause);
            passed += pause;
          }
          for (let quiet = 0; quiet < 3; quiet++) await look();
          const last = renewals.length - 1;
          if (restores && last > 0) {
            folder.put('shop.pfx', versions[0]?.pfx ?? Buffer.alloc(0));
            for (const path of ['shop.pem', 'fullchain.pem', 'privkey.pem']) folder.rename(path, 'gone.tmp');
            await look();
            assert.equal(known.newest[0]?.wentBackTo, versions[0]?.made.thumbprint);
          }
          assert.deepEqual(taken, [...new Set(taken)].sort(), 'in order, and none twice');
          assert.equal(taken.at(-1), last);
        },
      ),
      { numRuns: isSlow ? 60 : 4 },
    );
  });
});

describe('a look that has little time', () => {
  const known: WatchedFolder = { ...neverLooked, lookedAt: '2030-01-01T00:00:00.000Z' };
  const look = async (left: number, reading: Partial<Parameters<typeof lookAtSource>[2]> = {}) => {
    let now = Date.parse('2030-06-01T00:00:00Z');
    const until = now + left;
    const clock = {
      now: () => new Date(now),
      sleep: async (ms: number) => {
        now += ms;
      },
    };
    const limits: number[] = [];
    const read = async (limitMs: number) => {
      limits.push(limitMs);
      now += 1000;
      return [];
    };
    const passwords = async () => [''];
    const { folder } = await lookAtSource({ path: 'C:\\certs' }, known, {
      read,
      clock,
      left: () => until - now,
      passwords,
      ...reading,
    });
    return { folder, limits, took: now - (until - left) };
  };

  it('reads no longer than that, and begins nothing without time', async () => {
    assert.deepEqual((await look(3000)).limits, [3000]);
    assert.deepEqual((await look(30_000)).limits, [10_000]);
    const { folder, limits } = await look(0);
    assert.deepEqual([limits, folder.unreachable?.why], [[], 'there was not enough time to read it']);
    assert.deepEqual([folder.lookedAt, folder.triedAt], [known.lookedAt, '2030-06-01T00:00:00.000Z']);
  });

  it('tells since when it cannot be read', async () => {
    const since = '2030-05-25T00:00:00.000Z';
    const { folder } = await lookAtSource(
      { path: 'C:\\certs' },
      { ...known, unreachable: { since, why: 'gone' } },
      {
        read: async () => [],
        clock: { now: () => new Date('2030-06-01T00:00:00Z'), sleep: async () => {} },
        left: () => 0,
        passwords: async () => [''],
      },
    );
    assert.deepEqual(folder.unreachable, { since, why: 'there was not enough time to read it' });
  });

  it('takes nothing of a file that changes during each look, however often', async () => {
    let folder: WatchedFolder = neverLooked;
    const fresh: number[] = [];
    const made = await issued(['shop.example.com'], '2030-01-01T00:00:00Z');
    let reads = 0;
    for (let time = 0; time < 4; time++) {
      const judged = await lookAtSource({ path: 'C:\\certs' }, folder, {
        read: async () => [
          { path: 'shop.pem', modified: 0, bytes: Buffer.from(`${made.certificate}${made.key}# ${reads++}`) },
        ],
        clock: { now: () => new Date('2030-06-01T00:00:00Z'), sleep: async () => {} },
        left: () => 60_000,
        passwords: async () => [''],
      });
      folder = judged.folder;
      fresh.push(judged.fresh.length);
    }
    assert.deepEqual([fresh, each(folder.incomplete, 'path', 'looks')], [[0, 0, 0, 0], [['shop.pem', 4]]]);
  });

  it('opens no file and pauses no longer than there is time', async () => {
    const { certificate, key } = await issued(['shop.example.com'], '2030-01-01T00:00:00Z');
    const file = { path: 'shop.pem', modified: 0, bytes: Buffer.from(certificate + key) };
    const pausing = await look(4000, { read: async () => [file] });
    assert.deepEqual([pausing.took, pausing.folder.unreachable?.why], [4000, 'there was not enough time to read it']);
    const opening = await look(1000, {
      read: async () => [file, file],
      left: (() => {
        let asked = 0;
        return () => 3 - ++asked;
      })(),
    });
    assert.match(opening.folder.unreachable?.why ?? '', /not enough time/);
  });
});

describe('what is opened of a watched folder', () => {
  const share = '\\\\files\\certs';
  const danger = { where: share, why: 'can be written by Users', mend: null, trust: null };
  const listing: Listing = {
    root: '/certs',
    files: [
      { path: 'a.pem', modified: 0, at: '/certs/a.pem', size: 1 },
      { path: 'sub/b.pem', modified: 0, at: '/elsewhere/b.pem', size: 1 },
      { path: 'c.pem', modified: 0, why: 'it is not a file' },
    ],
  };
  const server = (unsafe: readonly string[], asked: string[] = []) => ({
    judgePaths: async (paths: readonly string[]) => {
      asked.push(...paths);
      const judged = paths.map((path): PathJudgement['paths'][number] => ({
        path,
        is: path.endsWith('gone') ? 'missing' : 'file',
        dangers: unsafe.includes(path) ? [{ ...danger, where: path }] : [],
      }));
      return { paths: judged, trusted: nobodyTrusted };
    },
  });
  const judge = async (unsafe: readonly string[], trustShare = false) => {
    const asked: string[] = [];
    const refused = await judgeListing(server(unsafe, asked), { path: '/link', trustShare }, listing);
    return { asked, refused: Object.fromEntries(refused) };
  };

  it('is judged before, with the folders around it and where links lead', async () => {
    const { asked, refused } = await judge([]);
    assert.deepEqual(asked, ['/certs', '/certs/a.pem', '/certs/sub', '/elsewhere/b.pem', '/link']);
    assert.deepEqual(refused, {});
  });

  it('is all but what others can write', async () => {
    for (const [unsafe, path] of [
      ['/certs/a.pem', 'a.pem'],
      ['/certs/sub', 'sub/b.pem'],
      ['/elsewhere/b.pem', 'sub/b.pem'],
    ] as const)
      assert.deepEqual((await judge([unsafe])).refused, { [path]: `${unsafe} can be written by Users` });
  });

  it('is nothing where others can write the folder, or where its permissions are not told', async () => {
    for (const unsafe of ['/certs', '/link'])
      await assert.rejects(judge([unsafe]), { message: `nothing is read there: ${unsafe} can be written by Users` });
    const nobody = { judgePaths: async () => ({ paths: [], trusted: nobodyTrusted }) };
    const denied = {
      judgePaths: async () => {
        throw new CertRebindError('not-elevated', { message: 'Access is denied.' });
      },
    };
    for (const silent of [nobody, denied])
      await assert.rejects(judgeListing(silent, { path: share }, { root: share, files: [] }), {
        message: `nothing is read there: the permissions of ${share} cannot be read`,
      });
    const gone = { ...listing, root: '/gone' };
    await assert.rejects(judgeListing(server([]), { path: '/gone' }, gone), /permissions of \/gone cannot be read/);
  });

  it('is, of a share that a person answers for, the share; what lies outside of it is judged', async () => {
    const { asked, refused } = await judge(['/certs/a.pem', '/elsewhere/b.pem'], true);
    assert.deepEqual([asked, Object.keys(refused)], [['/elsewhere/b.pem'], ['sub/b.pem']]);
  });
});
