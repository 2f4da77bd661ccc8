import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { neverLooked, parseWatched, type WatchedFolder } from '../../../src/documents/watched.ts';
import { judgeSource } from '../../../src/engine/known/judge-source.ts';
import { isSourceFile, type SourceFile, setsOf } from '../../../src/model/certificates/source-folder.ts';
import { type Issued, issued, newRsaKey, pfxOf, withUnknownKey } from '../../builders/issued.ts';
import { each } from '../../support/each.ts';

describe('which files of a watched folder count', () => {
  for (const [path, counts] of [
    ['shop.pfx', true],
    ['SHOP.P12', true],
    ['live/shop/fullchain.pem', true],
    ['shop.crt', true],
    ['shop.cer', true],
    ['shop.key', true],
    ['shop.pfx.tmp', false],
    ['shop.part', false],
    ['shop.pfx.bak', false],
    ['.shop.pfx', false],
    ['~shop.pfx', false],
    ['archive/shop.pfx', false],
    ['shop/Backup/1.pem', false],
    ['.git/shop.pem', false],
    ['backup.pem', true],
    ['shop.json', false],
    ['README', false],
  ] as const)
    it(`${path}: ${counts ? 'yes' : 'no'}`, () => assert.equal(isSourceFile(path), counts));
});

describe('what a watched folder holds', () => {
  let [old, next, other] = [] as unknown as [Issued, Issued, Issued];
  let pfx: Buffer;
  before(async () => {
    old = await issued(['shop.example.com'], '2030-01-01T00:00:00Z');
    next = await issued(['shop.example.com'], '2030-03-01T00:00:00Z');
    other = await issued(['mail.example.com', 'smtp.example.com'], '2030-02-01T00:00:00Z');
    pfx = pfxOf(next, 'secret');
  });
  const files = (texts: Readonly<Record<string, string | Buffer>>): readonly SourceFile[] =>
    Object.entries(texts).map(([path, text]) => ({ path, modified: 0, bytes: Buffer.from(text as string) }));
  const look = async (texts: Readonly<Record<string, string | Buffer>>, known: WatchedFolder = neverLooked) => {
    const source = await setsOf(files(texts), ['secret', ''], 'My');
    const judged = judgeSource(known, source, '2030-03-02T00:00:00Z');
    return { ...judged, source, fresh: judged.fresh.map(({ certificate }) => certificate.thumbprint) };
  };
  const thumbprints = (...of: (Issued | undefined)[]) => of.flatMap((one) => one?.thumbprint ?? []);

  it('is put together by public keys, not by the names of files', async () => {
    const { source } = await look({
      'a.crt': old.certificate + old.chain,
      'z.key': other.key,
      'b.key': old.key,
      'c.pem': other.certificate,
      'account.key': next.key,
    });
    assert.deepEqual(source.incomplete, []);
    assert.deepEqual(
      source.sets.map(({ certificate, files, found }) => [certificate.thumbprint, files, found.intermediates.length]),
      [
        [old.thumbprint, ['a.crt', 'b.key'], 1],
        [other.thumbprint, ['a.crt', 'c.pem', 'z.key'], 1],
      ],
    );
  });

  for (const [passwords, why] of [
    [['wrong', ''], 'the password does not open it'],
    [[''], 'it has a password, and none was given'],
  ] as const)
    it(`is incomplete with the passwords ${JSON.stringify(passwords)}: ${why}`, async () => {
      const { incomplete } = await setsOf(files({ 'shop.pfx': pfx }), passwords, 'My');
      assert.deepEqual(
        incomplete.map((one) => one.why),
        [why],
      );
    });

  it('is one, where the same certificate is in several files', async () => {
    const { fresh } = await look({
      'shop.pfx': pfx,
      'shop.crt': next.certificate,
      'shop.key': next.key,
      'shop2.pfx': pfx,
    });
    assert.deepEqual(fresh, thumbprints(next));
  });

  it('is the newest of each set of names', async () => {
    const both = { 'old.pem': old.certificate + old.key, 'new.pem': next.certificate + next.key };
    const { fresh, folder } = await look({ ...both, 'mail.pem': other.certificate + other.key });
    assert.deepEqual(fresh, thumbprints(next, other));
    assert.deepEqual(
      folder.newest.map(({ names, state }) => `${names}: ${state}`),
      ['shop.example.com: found', 'mail.example.com smtp.example.com: found'],
    );
  });

  it('is not taken twice, and an older one that comes back never', async () => {
    const first = await look({ 'shop.pfx': pfx });
    const taken: WatchedFolder = {
      ...first.folder,
      newest: first.folder.newest.map((set) => ({ ...set, state: 'taken' })),
    };
    assert.deepEqual((await look({ 'shop.pfx': pfx }, taken)).fresh, []);
    const back = await look({ 'shop.pem': old.certificate + old.key }, taken);
    assert.deepEqual([back.fresh, back.folder.newest[0]?.wentBackTo], [[], old.thumbprint]);
    const again = await look({ 'shop.pfx': pfx }, back.folder);
    assert.deepEqual([again.fresh, again.folder.newest[0]?.wentBackTo], [[], null]);
  });

  for (const state of ['found', 'unused', 'refused'] as const)
    it(`is judged again at each look as long as it is ${state}`, async () => {
      const { folder } = await look({ 'shop.pfx': pfx });
      const known = { ...folder, newest: folder.newest.map((set) => ({ ...set, state })) };
      assert.deepEqual((await look({ 'shop.pfx': pfx }, known)).fresh, [next.thumbprint]);
    });

  it('is not an older one in the place of one that was seen and not taken yet', async () => {
    const { folder } = await look({ 'shop.pfx': pfx });
    assert.deepEqual((await look({ 'shop.pem': old.certificate + old.key }, folder)).fresh, []);
  });

  for (const [what, texts, path] of [
    ['a PFX file that is cut off', () => ({ 'shop.pfx': pfx.subarray(0, 500) }), 'shop.pfx'],
    ['an empty file', () => ({ 'shop.pem': '' }), 'shop.pem'],
    [
      'a new certificate whose key has yet to come',
      () => ({ 'shop.crt': next.certificate, 'shop.key': old.key }),
      'shop.crt',
    ],
  ] as const)
    it(`${what} is incomplete: silent for two looks, and nothing beside it is taken then`, async () => {
      const beside = { 'mail.pem': other.certificate + other.key };
      let known = neverLooked;
      for (const looks of [1, 2, 3]) {
        const judged = await look({ ...beside, ...texts() }, known);
        assert.deepEqual(each(judged.folder.incomplete, 'path', 'looks'), [[path, looks]]);
        assert.deepEqual(judged.fresh, looks > 2 ? thumbprints(other) : []);
        known = judged.folder;
      }
      assert.deepEqual((await look(beside, known)).folder.incomplete, []);
    });

  it('that another kind of key has is a file of its own: nothing beside it waits', async () => {
    const odd = await look({ 'odd.cer': withUnknownKey(old), 'shop.pfx': pfx });
    assert.deepEqual(odd.fresh, thumbprints(next));
    assert.deepEqual(odd.folder.incomplete, [
      { path: 'odd.cer', why: 'it has a certificate with a key of an unknown kind', looks: 1 },
    ]);
    const refused = [
      { path: 'link.pem', modified: 0, why: 'it is a link', final: true },
      ...files({ 'shop.pfx': pfx }),
    ];
    const { fresh, folder } = judgeSource(neverLooked, await setsOf(refused, ['secret'], 'My'), '2030-03-02T00:00:00Z');
    assert.deepEqual([fresh.length, folder.incomplete], [1, [{ path: 'link.pem', why: 'it is a link', looks: 1 }]]);
  });

  it('has keys as DER beside their certificates', async () => {
    const rsa = await issued(['mail.example.com'], '2030-03-01T00:00:00Z', 90, newRsaKey());
    for (const [{ leaf, key, thumbprint }, type] of [
      [next, 'pkcs8'],
      [next, 'sec1'],
      [rsa, 'pkcs8'],
      [rsa, 'pkcs1'],
    ] as const) {
      const der = createPrivateKey(key).export({ format: 'der', type } as { format: 'der'; type: 'pkcs8' });
      assert.deepEqual((await look({ 'shop.cer': leaf, 'shop.key': der })).fresh, [thumbprint], type);
    }
  });

  describe('with twins, an RSA and an EC key for the same names', () => {
    let [rsa, ec, rsaNext, ecNext] = [] as unknown as [Issued, Issued, Issued, Issued];
    const pem = ({ certificate, key }: Issued) => certificate + key;
    before(async () => {
      rsa = await issued(['shop.example.com'], '2030-01-01T00:00:00Z', 90, newRsaKey());
      ec = await issued(['shop.example.com'], '2030-01-01T00:00:02Z');
      rsaNext = await issued(['shop.example.com'], '2030-03-01T00:00:00Z', 90, newRsaKey());
      ecNext = await issued(['shop.example.com'], '2030-03-01T00:00:02Z');
    });
    const taken = ({ newest, ...folder }: WatchedFolder): WatchedFolder => ({
      ...folder,
      newest: newest.map((set) => ({ ...set, state: 'taken' })),
    });

    it('is two lines, each with its own newest', async () => {
      const first = await look({ 'rsa.pem': pem(rsa), 'ec.pem': pem(ec) });
      assert.deepEqual(first.fresh, thumbprints(rsa, ec));
      assert.deepEqual(each(first.folder.newest, 'names', 'keyType'), [
        ['shop.example.com', 'RSA'],
        ['shop.example.com', 'EC'],
      ]);
      const known = taken(first.folder);
      assert.deepEqual((await look({ 'rsa.pem': pem(rsa), 'ec.pem': pem(ecNext) }, known)).fresh, thumbprints(ecNext));
      const both = await look({ 'rsa.pem': pem(rsaNext), 'ec.pem': pem(ecNext) }, known);
      assert.deepEqual([both.fresh, both.folder.newest.length], [thumbprints(rsaNext, ecNext), 2]);
    });

    it('misses the key of one, whatever the other has', async () => {
      const { source } = await look({ 'rsa.pem': pem(rsaNext), 'ec.cer': ec.certificate });
      assert.deepEqual(source.incomplete, [{ path: 'ec.cer', why: 'its private key is not in the folder' }]);
    });

    it('is read on from a document that knew one line only: what was taken is not taken again', async () => {
      for (const [one, other] of [
        [rsa, ec],
        [ec, rsa],
      ] as const) {
        const { folder } = await look({ 'one.pem': pem(one) });
        const newest = taken(folder).newest.map(({ keyType: _, ...set }) => set);
        const text = JSON.stringify({
          schema: 'certrebind/watched/1',
          folders: { 'C:\\certs': { ...folder, newest } },
        });
        const first = text.replace(/,"triedAt":"[^"]*"/, '');
        const { schema, folders } = parseWatched(first, 'watched.json');
        assert.equal(schema, 'certrebind/watched/1');
        const seen = await look({ 'rsa.pem': pem(rsa), 'ec.pem': pem(ec) }, folders['C:\\certs']);
        assert.deepEqual([seen.fresh, seen.folder.newest.length], [thumbprints(other), 2]);
      }
    });
  });

  it('is forgotten by people when it has gone, and never taken twice', async () => {
    const { folder } = await look({ 'shop.pfx': pfx, 'mail.pem': other.certificate + other.key });
    const newest = folder.newest.map((set) => ({ ...set, state: 'taken' as const }));
    const states = ({ newest }: WatchedFolder) => newest.map(({ thumbprint, gone }) => [thumbprint, gone === true]);
    const gone = await look({ 'mail.pem': other.certificate + other.key }, { ...folder, newest });
    assert.deepEqual(states(gone.folder), [
      [other.thumbprint, false],
      [next.thumbprint, true],
    ]);
    const half = await look({ 'mail.pem': '' }, gone.folder);
    assert.deepEqual(states(half.folder), states(gone.folder), 'not while a file may be half written');
    const back = await look({ 'shop.pfx': pfx }, gone.folder);
    assert.deepEqual(back.fresh, []);
    assert.deepEqual(states(back.folder), [
      [next.thumbprint, false],
      [other.thumbprint, true],
    ]);
  });

  it('an old certificate without its key beside its successor is nothing to wait for', async () => {
    const { source } = await look({ 'old.crt': old.certificate, 'shop.pfx': pfx });
    assert.deepEqual(source.incomplete, []);
  });

  it('is not said to have gone back while a file of it may be half written', async () => {
    const { folder } = await look({ 'shop.pfx': pfx });
    const half = await look({ 'shop.pfx': pfx.subarray(0, 500), 'old.pem': old.certificate + old.key }, folder);
    assert.deepEqual([half.fresh, half.folder.newest[0]?.wentBackTo], [[], null]);
  });
});
