import assert from 'node:assert/strict';
import fc from 'fast-check';
import { blockCodes } from '../../src/base/codes/plan-codes.ts';
import type { CertRebindError } from '../../src/base/errors.ts';
import { defaultConfiguration, parseConfiguration } from '../../src/documents/configuration.ts';
import { throwsOnlyTypedErrors } from '../support/only-typed-errors.ts';

const parse = (value: unknown) => parseConfiguration(JSON.stringify(value), 'config.json');

const mail = { server: 'mail.example.com', from: 'a@example.com', to: ['b@example.com'] };
const password = 'secret:mail';
const mistakes: readonly (readonly [string, unknown, RegExp])[] = [
  ['an unknown key', { keepRun: 3 }, /"keepRun" is unknown \(did you mean keepRuns\?\)/],
  ['an unknown key deep inside', { exclude: { site: [] } }, /"exclude.site" is unknown \(did you mean sites\?\)/],
  [
    'a mistyped guard',
    { guards: { 'name-lost': 'warn' } },
    /"guards.name-lost" is unknown \(did you mean names-lost\?\)/,
  ],
  ['a guard that cannot be switched', { guards: { ambiguous: 'off' } }, /guards.ambiguous cannot be changed/],
  ['a key like one that is rarely set', { retire: { aftr: 30 } }, /"retire.aftr" is unknown \(did you mean after\?\)/],
  ['a mistyped end of the window', { window: { form: '22:00', to: '02:00' } }, /\(did you mean from\?\)/],
  ['a mistyped number', { deadline: { day: 3 } }, /\(did you mean days\?\)/],
  ['a mistyped policy', { holders: { rdp: { polcy: 'report' } } }, /\(did you mean policy\?\)/],
  ['a user of mail without a password', { notify: { mail: { ...mail, user: 'a' } } }, /user and password must be set/],
  ['a password of mail without a user', { notify: { mail: { ...mail, password } } }, /user and password must be set/],
  [
    'a password of mail that would be sent in the clear',
    { notify: { mail: { ...mail, user: 'a', password, security: 'none' } } },
    /only sent over TLS/,
  ],
  ['a key nothing is like', { zzzzzzzz: 1 }, /"zzzzzzzz" is unknown(?!; did)/],
  ['a wrong type', { keepRuns: 'many' }, /keepRuns is not a whole number/],
  ['a value out of range', { deadline: { days: 400 } }, /deadline.days is more than 90/],
  ['a setting that does not exist', { guards: { expired: 'ignore' } }, /guards.expired is none of block, warn, off/],
  ['a thumbprint that is none', { exclude: { thumbprints: ['xyz'] } }, /not a certificate thumbprint/],
  ['a holder key of no kind', { exclude: { holders: ['ftp/A', 'Files'] } }, /"Files" must begin with one of ftp\/, /],
  ['a record key that is none', { exclude: { records: ['nowhere'] } }, /not the key of a certificate binding/],
  ['an application id that is none', { applicationIds: ['{1}'] }, /not an application id/],
  ['a watched folder that is no full path', { watch: [{ path: 'certs' }] }, /"certs" must be a full path/],
  ['a watch with an unknown key', { watch: [{ path: 'C:\\certs', name: 'a' }] }, /"watch.0.name" is unknown/],
  ['a list in place of the document', [], /the document is not an object/],
  ['a schema that is no text', { schema: { toString: 1, valueOf: 1 } }, /schema/],
  ['another kind of document', { schema: 'certrebind/plan/1' }, /schema/],
];

describe('a configuration', () => {
  it('may say nothing, and has its defaults then', () => assert.deepEqual(parse({}), defaultConfiguration));

  it('is refused by its version when another one wrote it, whatever else is in it', () =>
    assert.throws(() => parse({ schema: 'certrebind/configuration/2', unknown: true }), {
      code: 'other-version',
      message: /a configuration of version 2, and this one reads version 1/,
    }));

  it('watches folders and shares by their full paths', () => {
    const watch = ['C:\\certs', 'd:/certs', '\\\\files\\certs', '/srv/certs'].map((path) => ({ path }));
    assert.deepEqual(parse({ watch }).watch, watch);
  });

  it('keeps the defaults of what it does not say, part by part', () => {
    const { deadline, handshake, exclude } = parse({
      deadline: { days: 3 },
      handshake: { attempts: 1 },
      exclude: { sites: ['A'] },
    });
    assert.deepEqual(deadline, { action: 'alert', days: 3, names: {} });
    assert.deepEqual(handshake, { timeoutMs: 5000, attempts: 1 });
    assert.deepEqual(exclude, { sites: ['A'], records: [], holders: [], thumbprints: [] });
    const { holders } = parseConfiguration('{ "holders": { "sql": { "restart": "window" } } }', 'config.json');
    assert.deepEqual([holders.sql, holders.rdp], [{ policy: 'report', restart: 'window' }, { policy: 'report' }]);
  });

  it('is read with a byte order mark, and with thumbprints, keys and ids in any spelling', () => {
    const text = JSON.stringify({
      exclude: {
        thumbprints: ['\u200eaa bb cc dd ee ff 00 11 22 33 44 55 66 77 88 99 aa bb cc dd'],
        records: ['*:443', 'SHOP.example.com:443'],
      },
      applicationIds: ['4DC3E181-E14B-4A21-B022-59FC669B0914'],
    });
    const { exclude, applicationIds } = parseConfiguration(`\uFEFF${text}`, 'config.json');
    assert.deepEqual(exclude.thumbprints, ['AABBCCDDEEFF00112233445566778899AABBCCDD']);
    assert.deepEqual(exclude.records, ['0.0.0.0:443', 'shop.example.com:443']);
    assert.deepEqual(applicationIds, ['{4dc3e181-e14b-4a21-b022-59fc669b0914}']);
  });

  for (const { code, guard } of blockCodes) {
    if (guard === 'once')
      it(`cannot switch the guard ${code}, which a person allows for one change`, () =>
        assert.throws(() => parse({ guards: { [code]: 'warn' } }), /cannot be changed/));
    if (guard === true)
      it(`can switch the guard ${code}`, () =>
        assert.equal(parse({ guards: { [code]: 'warn' } }).guards[code], 'warn'));
  }

  for (const [name, value, message] of mistakes) {
    it(`with ${name} is refused, exit 2, naming the file and the place`, () => {
      assert.throws(
        () => parse(value),
        (error: CertRebindError) => {
          assert.equal(error.exitCode, 2);
          assert.match(error.message, message);
          assert.match(error.where ?? '', /^config\.json/);
          return true;
        },
      );
    });
  }

  it('names every mistake at once', () => {
    assert.throws(
      () => parse({ a: 1, b: 2, keepRuns: 0 }),
      (error: CertRebindError) => {
        for (const part of ['"a"', '"b"', 'keepRuns']) assert(error.message.includes(part));
        return true;
      },
    );
  });

  it('of any text is read or refused with a typed error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) =>
        throwsOnlyTypedErrors(() => parseConfiguration(text, 'x')),
      ),
    );
  });
});
