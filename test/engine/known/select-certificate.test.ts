import assert from 'node:assert/strict';
import { emptyLedger, type Ledger } from '../../../src/documents/runs/ledger.ts';
import { selectCertificate, selectCertificates, selectPair } from '../../../src/engine/known/select-certificate.ts';
import type { Snapshot } from '../../../src/kinds/snapshot.ts';
import { givenRenewal } from '../../../src/model/certificates/renewal.ts';
import { parseSelector, type Selector } from '../../../src/model/certificates/selector.ts';
import { parseThumbprint, type Thumbprint } from '../../../src/model/certificates/thumbprint.ts';
import { decisionAt, type EntryParts, ledgerOf } from '../../builders/ledger.ts';
import {
  certificate,
  logOf,
  policy,
  record,
  replaced,
  site,
  snapshot,
  sni,
  thumbprintOf,
} from '../../builders/snapshot.ts';

/** Thumbprints that begin alike, which labels cannot promise. */
const alike = ['AB12', 'AB13'].map((digits) => parseThumbprint(digits.padEnd(40, '0'), 'test'));

const server = snapshot({
  sites: [site('Shop', [sni('shop.example.com'), sni('mail.example.org')])],
  records: [record('shop.example.com:443', 'old'), record('mail.example.org:443', 'mail')],
  certificates: [
    certificate('old', { friendlyName: 'Shop 2026' }),
    certificate('new', { notBefore: '2026-05-01T00:00:00.000Z', notAfter: '2028-01-01T00:00:00.000Z' }),
    certificate('archived', { archived: true }),
    certificate('keyless', { key: 'missing' }),
    certificate('mail', { names: ['mail.example.org', '*.mail.example.org'], friendlyName: 'CAFE', renewedTo: 'next' }),
    certificate('next', { names: ['mail.example.org'] }),
    ...alike.map((thumbprint) => ({ ...certificate('x', { names: ['two.example.net'] }), thumbprint })),
  ],
  ftps: [{ site: 'Files', thumbprint: thumbprintOf('ftp'), store: 'My' }],
});

const refused = (code: string, ...words: readonly (string | RegExp)[]) => ({ code, words });
type Refusal = ReturnType<typeof refused>;

function isRefusal(wanted: string | Refusal): wanted is Refusal {
  return typeof wanted !== 'string';
}

function holds(wanted: string | Refusal, choose: () => readonly (Thumbprint | null)[]): void {
  if (!isRefusal(wanted)) {
    assert.deepEqual(choose(), wanted.split(' ').map(thumbprintOf));
    return;
  }
  assert.throws(choose, (error: Error & { code?: string }) => {
    assert.equal(error.code, wanted.code, error.message);
    for (const word of wanted.words) assert.match(error.message, typeof word === 'string' ? new RegExp(word) : word);
    return true;
  });
}

describe('what names one certificate', () => {
  const first8 = (label: string) => thumbprintOf(label).slice(0, 8);
  const table: readonly (readonly [text: string, meant: string | Refusal])[] = [
    [thumbprintOf('old'), 'old'],
    [thumbprintOf('old').toLowerCase().replace(/(..)/g, '$1 '), 'old'],
    // Whole thumbprints are not looked up: what is wrong with them the plan says better.
    [thumbprintOf('nowhere'), 'nowhere'],
    [first8('old'), 'old'],
    [first8('old').toLowerCase(), 'old'],
    [first8('ftp'), 'ftp'],
    ['AB1', refused('no-such-certificate', 'covers "AB1"')],
    ['0000', refused('no-such-certificate', 'begins with 0000')],
    ['Shop 2026', 'old'],
    ['shop 2026', 'old'],
    // A friendly name of digits only, where no thumbprint begins so.
    ['cafe', 'mail'],
    // What records hold is meant before what lies in a store.
    ['shop.example.com', 'old'],
    ['SHOP.example.com.', 'old'],
    ['a.mail.example.org', 'mail'],
    ['two.example.net', refused('ambiguous-certificate', 'AB120000', 'AB130000')],
    ['nobody.example.com', refused('no-such-certificate', 'nobody.example.com')],
  ];
  for (const [text, meant] of table) {
    it(`${text}: ${isRefusal(meant) ? meant.code : meant}`, () =>
      holds(meant, () => [selectCertificate(server, nameOf(text), '--old')]));
  }

  it('AB12 and AB12:00:00: the one of two that begin alike', () => {
    for (const text of ['AB12', 'ab12:00:00']) assert.equal(selectCertificate(server, nameOf(text), '--old'), alike[0]);
  });

  it('AB1 with one digit more than both share names both', () =>
    holds(refused('ambiguous-certificate', 'AB1[0-9A-F]* fits more than one', 'two.example.net'), () => [
      selectCertificate(
        snapshot({
          certificates: server.certificates.map((one) => ({ ...one, thumbprint: longAlike(one.thumbprint) })),
        }),
        nameOf('AB1000'),
        '--old',
      ),
    ]));

  it('for a command that only shows, all that fit', () => {
    assert.deepEqual(selectCertificates(server, nameOf('two.example.net'), 'certificate'), alike);
    holds(refused('no-such-certificate'), () =>
      selectCertificates(server, nameOf('nobody.example.com'), 'certificate'),
    );
  });

  for (const [text, code] of [
    ['', 'bad-thumbprint'],
    [' : ', 'bad-thumbprint'],
    ['A'.repeat(41), 'bad-thumbprint'],
    ['x'.repeat(600), 'bad-thumbprint'],
  ] as const)
    it(`${JSON.stringify(text.slice(0, 12))} names nothing: ${code}`, () =>
      assert.throws(() => parseSelector(text, '--old'), { code, where: '--old' }));
});

describe('what names a pair', () => {
  const table: readonly (readonly [old: string, successor: string, meant: string | Refusal])[] = [
    ['shop.example.com', 'shop.example.com', 'old new'],
    ['shop.example.com', thumbprintOf('keyless'), 'old keyless'],
    ['mail.example.org', 'auto', 'mail next'],
    ['auto', thumbprintOf('next').slice(0, 10), 'mail next'],
    // No event and no property: the newer one with the same names, issuer and a key.
    ['shop.example.com', 'auto', 'old new'],
    ['AB12', 'auto', refused('no-such-certificate', 'No successor of .* is known')],
    ['auto', 'auto', refused('usage', 'not for both')],
    ['auto', 'shop.example.com', 'old new'],
    ['nobody.example.com', 'auto', refused('no-such-certificate', 'nobody')],
    ['mail.example.org', 'two.example.net', refused('ambiguous-certificate')],
  ];
  it('counts what only an FTP site holds as in use', () => {
    const facts = snapshot({
      certificates: [certificate('ftp', { renewedTo: 'new' }), certificate('new')],
      ftps: [{ site: 'Files', thumbprint: thumbprintOf('ftp'), store: 'My' }],
    });
    const chosen = (old: string, successor: string) => {
      const pair = selectPair(facts, known, {
        old: parseSelector(old, '--old'),
        new: parseSelector(successor, '--new'),
      });
      return [pair.old, pair.new];
    };
    const meant = [thumbprintOf('ftp'), thumbprintOf('new')];
    assert.deepEqual(chosen('shop.example.com', 'auto'), meant);
    assert.deepEqual(chosen('auto', thumbprintOf('new')), meant);
  });

  for (const [old, successor, meant] of table)
    it(`--old ${old} --new ${successor}: ${isRefusal(meant) ? meant.code : meant}`, () =>
      holds(meant, () => pairOf(server, old, successor)));

  it('auto is what was replaced last, where an earlier one was left behind', () => {
    const facts = snapshot({
      records: [record('shop.example.com:443', 'second'), record('192.0.2.1:443', 'first')],
      certificates: [
        certificate('first', { renewedTo: 'second' }),
        certificate('second', { renewedTo: 'third' }),
        certificate('third'),
      ],
    });
    holds('second third', () => pairOf(facts, 'auto', thumbprintOf('third')));
  });

  it('auto is not what was left behind, where what took its place is not what the new one renews', () => {
    const facts = snapshot({
      records: [record('shop.example.com:443', 'second'), record('192.0.2.1:443', 'first')],
      certificates: [
        certificate('first', { notBefore: '2025-01-01T00:00:00.000Z' }),
        certificate('second', { notBefore: '2026-05-01T00:00:00.000Z', keyType: 'EC P-256' }),
        certificate('third', { notBefore: '2026-05-20T00:00:00.000Z', notAfter: '2027-05-20T00:00:00.000Z' }),
      ],
    });
    holds(refused('no-such-certificate'), () => pairOf(facts, 'auto', thumbprintOf('third'), moves('first second')));
    holds('first third', () => pairOf(facts, 'auto', thumbprintOf('third')));
  });

  it('auto is nothing for a certificate that all places with its names have', () =>
    assert.deepEqual(pairOf(server, 'auto', 'CAFE'), [null, thumbprintOf('mail')]));

  for (const [what, ledger, held, meant] of [
    ['the newest of what runs set, which ends first', moves('first second'), 'second first', 'second third'],
    ['the newest of three in a row', moves('zero first', 'first second'), 'zero second first', 'second third'],
    ['what a run left where it was, if it is all that is used', moves('first second'), 'first', 'first third'],
    ['none of two that nothing replaced', moves(), 'second first', refused('ambiguous-certificate')],
    ['what a run rolled back to', undone(moves('first second')), 'first', 'first third'],
  ] as const)
    it(`auto is ${what}`, () => {
      const began = (label: string, day: number, life: number) =>
        certificate(label, {
          notBefore: new Date(Date.UTC(2026, 5, day)).toISOString(),
          notAfter: new Date(Date.UTC(2026, 5, day + life)).toISOString(),
        });
      const facts = snapshot({
        takenAt: '2026-06-05T00:00:00.000Z',
        records: held.split(' ').map((label, at) => record(`192.0.2.${at + 1}:443`, label)),
        certificates: [began('zero', 1, 90), began('first', 2, 47), began('second', 3, 6), began('third', 4, 6)],
      });
      holds(meant, () => pairOf(facts, 'auto', thumbprintOf('third'), ledger));
    });

  for (const [what, held, names, ledger, meant] of [
    ['one that began in the same second', 'first', 'shop.example.com', moves(), 'first second'],
    ['none where all places have it', 'second', 'shop.example.com', moves(), [null, thumbprintOf('second')]],
    ['none of other names then', 'first', 'shop.example.com a.example.com', moves(), refused('no-such-certificate')],
    ['none that replaced it', 'first', 'shop.example.com', moves('second first'), refused('no-such-certificate')],
  ] as const)
    it(`auto is ${what}`, () => {
      const facts = snapshot({
        takenAt: '2026-06-05T00:00:00.000Z',
        records: [record('shop.example.com:443', held)],
        certificates: [
          certificate('first', { names: ['shop.example.com'], issuer: 'CN=E1' }),
          certificate('second', { names: names.split(' '), issuer: 'CN=E2' }),
        ],
      });
      const pair = () => pairOf(facts, 'auto', thumbprintOf('second'), ledger);
      if (typeof meant === 'object' && !('code' in meant)) assert.deepEqual(pair(), meant);
      else holds(meant, pair);
    });

  for (const [what, held, there, arrives, meant] of [
    ['is renewed by its own kind', 'rsa', 'rsa ec', 'rsa-next', 'rsa rsa-next'],
    ['is not renewed by the other kind', 'rsa', 'rsa ec', 'ec-next', null],
    ['is not renewed by the other kind, whichever arrives first', 'rsa-next', 'rsa ec rsa-next', 'ec-next', null],
    ['that took the places of both is kept', 'ec-next', 'rsa ec-next', 'rsa-next', null],
    ['are renewed each by its own, where both are used', 'rsa ec', 'rsa ec', 'ec-next', 'ec ec-next'],
    ['that never was one of two changes its kind of key', 'rsa', 'rsa', 'ec-next', 'rsa ec-next'],
  ] as const)
    it(`of two that are issued at once, with keys of two kinds, one ${what}`, () => {
      const issued = (label: string) =>
        certificate(label, {
          keyType: label.startsWith('ec') ? 'EC P-256' : 'RSA 2048',
          notBefore: `2026-0${label.endsWith('next') ? 6 : 3}-01T00:00:0${label.startsWith('ec') ? 2 : 0}.000Z`,
          notAfter: `2026-0${label.endsWith('next') ? 9 : 6}-20T00:00:00.000Z`,
        });
      const facts = snapshot({
        takenAt: '2026-06-05T00:00:00.000Z',
        records: held.split(' ').map((label, at) => record(`192.0.2.${at + 1}:443`, label)),
        certificates: [...there.split(' '), arrives].map(issued),
      });
      const pair = () => pairOf(facts, 'auto', thumbprintOf(arrives));
      if (meant === null) assert.deepEqual(pair(), [null, thumbprintOf(arrives)]);
      else holds(meant, pair);
    });

  it('auto is nothing for a first certificate: none in use has one of its names, and no client asks for one here', () => {
    const [first] = alike;
    assert.deepEqual(pairOf(server, 'auto', first ?? ''), [null, first]);
    const others: readonly NonNullable<Parameters<typeof snapshot>[0]>[] = [
      { records: [record('two.example.net:443', 'gone')], sites: [site('Two', [sni('two.example.net')])] },
      {
        certificates: [certificate('wide', { names: ['*.example.net'], selfSigned: true })],
        records: [record('192.0.2.1:443', 'wide')],
      },
    ];
    for (const parts of others) {
      const used = snapshot({ ...parts, certificates: [...server.certificates, ...(parts.certificates ?? [])] });
      holds(refused('no-such-certificate'), () => pairOf(used, 'auto', first ?? ''));
    }
    const both = certificate('both', { names: ['two.example.net', 'two.example.org'], key: 'usable' });
    const wide = certificate('wide', { names: ['*.example.net'], selfSigned: true });
    const half = snapshot({ certificates: [both, wide], records: [record('192.0.2.1:443', 'wide')] });
    holds(refused('no-such-certificate'), () => pairOf(half, 'auto', both.thumbprint));
    holds(refused('no-such-certificate'), () => pairOf(server, 'auto', 'F'.repeat(40)));
  });

  it('auto follows an event, and not one that nothing vouches for', () => {
    const told = (userId: string) => ({ ...server, lifecycle: logOf(replaced(7, 'old', 'keyless', { userId })) });
    holds('old keyless', () => pairOf(told('S-1-5-18'), 'shop.example.com', 'auto'));
    holds('old new', () => pairOf(told('S-1-5-21-1-2-3-1001'), 'shop.example.com', 'auto'));
  });

  it('to set a certificate again, both may mean the same one', () => {
    const chosen = selectPair(server, known, {
      old: parseSelector('shop.example.com', '--old'),
      new: parseSelector('shop.example.com', '--new'),
      reapply: true,
    });
    assert.deepEqual([chosen.old, chosen.new], [thumbprintOf('old'), thumbprintOf('old')]);
  });
});

const known = { configuration: policy(), ledger: emptyLedger };

/** What runs did with pairs that were given, one after the other. */
function moves(...pairs: readonly string[]): Ledger {
  const entries = pairs.map((pair, at): EntryParts => {
    const [old = '', successor = ''] = pair.split(' ');
    const renewal = givenRenewal(thumbprintOf(old), thumbprintOf(successor));
    return { renewal, state: 'settled', reasons: [], run: `run-${at}`, at: `2026-06-0${at + 1}T00:00:00.000Z` };
  });
  return ledgerOf(entries);
}

function undone(ledger: Ledger): Ledger {
  const place = record('shop.example.com:443', 'old').key;
  return { ...ledger, decisions: ledger.renewals.map(({ renewal }) => decisionAt(place, renewal)) };
}

function pairOf(
  from: Snapshot,
  old: string,
  successor: string,
  ledger: Ledger = emptyLedger,
): readonly (Thumbprint | null)[] {
  const chosen = selectPair(
    from,
    { ...known, ledger },
    { old: parseSelector(old, '--old'), new: parseSelector(successor, '--new') },
  );
  return [chosen.old, chosen.new];
}

function nameOf(text: string): Exclude<Selector, { kind: 'auto' }> {
  const selector = parseSelector(text, 'test');
  assert.ok(selector.kind !== 'auto');
  return selector;
}

function longAlike(thumbprint: Thumbprint): Thumbprint {
  const place = alike.indexOf(thumbprint);
  return place < 0 ? thumbprint : parseThumbprint(`AB1000${place}`.padEnd(40, '0'), 'test');
}
