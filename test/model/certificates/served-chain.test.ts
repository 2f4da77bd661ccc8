import assert from 'node:assert/strict';
import { chainBuilder } from '../../../src/model/certificates/certificate-chain.ts';
import { type ChainState, chainState, sentChain } from '../../../src/model/certificates/served-chain.ts';
import { certificateDer } from '../../builders/certificate-der.ts';
import { certificate, thumbprintOf } from '../../builders/snapshot.ts';
import { each } from '../../support/each.ts';

/** `leaf<Issuing`: a certificate named leaf that Issuing issued. */
function named(text: string) {
  const [subject = '', issuer = ''] = text.split('<');
  return { thumbprint: thumbprintOf(text), subject, issuer };
}

describe('what is sent with a certificate', () => {
  for (const [sent, issuers, upTo] of [
    [[], [], 'Issuing'],
    [['Issuing<Root'], ['Issuing<Root'], 'Root'],
    [['Policy<Root', 'Issuing<Policy'], ['Issuing<Policy', 'Policy<Root'], 'Root'],
    [['Issuing<Root', 'Root<Root'], ['Issuing<Root', 'Root<Root'], null],
    [['Other<Root', 'Policy<Root'], [], 'Issuing'],
    [['Issuing<Other', 'Other<Issuing'], ['Issuing<Other', 'Other<Issuing'], 'Issuing'],
  ] as const)
    it(`besides, being ${sent.join(', ') || 'nothing'}, leads up to ${upTo ?? 'a root'}`, () => {
      const chain = sentChain(named('leaf<Issuing'), sent.map(named));
      assert.deepEqual(chain, { issuers: issuers.map(thumbprintOf), upTo });
    });

  it('is nothing where it signed itself', () =>
    assert.deepEqual(sentChain(named('leaf<leaf'), [named('leaf<leaf')]), { issuers: [], upTo: null }));
});

describe('a served chain', () => {
  const issued = { chain: 'complete', intermediates: ['Issuing'] } as const;
  const one = [thumbprintOf('Issuing<Root')];
  const cases: readonly (readonly [
    what: string,
    stored: Partial<Parameters<typeof certificate>[1]> | undefined,
    issuers: readonly ReturnType<typeof thumbprintOf>[],
    upTo: string | null,
    state: ChainState,
  ])[] = [
    ['with its intermediate', issued, one, 'Root', 'whole'],
    ['without the intermediate that the store has', issued, [], 'Issuing', 'broken'],
    ['up to the root', issued, one, null, 'whole'],
    ['with one of two intermediates', { ...issued, intermediates: ['Issuing', 'Policy'] }, one, 'Policy', 'broken'],
    ['with an intermediate below a root that the store lacks', { ...issued, chain: 'unknown' }, one, 'Root', 'whole'],
    ['alone, issued by a root', { chain: 'complete', intermediates: [] }, [], 'Root', 'whole'],
    ['alone, its issuer in no store', { chain: 'incomplete', intermediates: [] }, [], 'Issuing', 'broken'],
    ['with an issuer that no store has', { chain: 'incomplete', intermediates: [] }, one, 'Root', 'whole'],
    ['alone, where no authority was read', { chain: 'unknown', intermediates: [] }, [], 'Issuing', 'unknown'],
    ['alone, read before intermediates were', { chain: 'complete' }, [], 'Issuing', 'unknown'],
    ['alone, of a certificate in no store', undefined, [], 'Issuing', 'unknown'],
    ['with an issuer, of a certificate in no store', undefined, one, 'Root', 'whole'],
  ];
  for (const [what, stored, issuers, upTo, state] of cases)
    it(`${what} is ${state}`, () => {
      const entry = stored === undefined ? undefined : certificate('leaf', stored);
      assert.equal(chainState({ sent: { issuers, upTo } }, entry), state);
    });

  it('of which nothing was noted is unknown', () =>
    assert.equal(chainState({}, certificate('leaf', issued)), 'unknown'));
});

describe('a chain of the stores', () => {
  const der = (subject: string, issuer: string, seed = subject) =>
    certificateDer({
      signedBy: issuer,
      subject,
      issuer,
      names: [],
      notBefore: '2020-01-01T00:00:00Z',
      notAfter: '2040-01-01T00:00:00Z',
      ekus: null,
      keyType: 'ed25519',
      seed,
      authority: subject !== 'leaf',
    });
  const leaf = der('leaf', 'Issuing');
  for (const [what, authorities, chain, intermediates] of [
    ['is complete up to its root', [der('Issuing', 'Root'), der('Root', 'Root')], 'complete', ['CN=Issuing']],
    ['without the root is unknown', [der('Issuing', 'Root')], 'unknown', ['CN=Issuing']],
    ['without the issuer is incomplete', [der('Root', 'Root')], 'incomplete', []],
    ['without any authority is unknown', [], 'unknown', []],
    [
      'ends in the root where another authority signed it across',
      [der('Issuing', 'Root'), der('Root', 'Elsewhere', 'across'), der('Root', 'Root'), der('Elsewhere', 'Elsewhere')],
      'complete',
      ['CN=Issuing'],
    ],
    ['that runs in a circle is unknown', [der('Issuing', 'Policy'), der('Policy', 'Issuing')], 'unknown', null],
  ] as const)
    it(what, () => {
      const built = chainsOf(authorities).chainOf(leaf);
      assert.equal(built.chain, chain);
      if (intermediates !== null) assert.deepEqual(built.intermediates, intermediates);
    });

  it('passes over an authority that is no certificate, and names it', () => {
    const { chainOf, notChecked } = chainsOf([Buffer.from('no certificate'), der('Root', 'Root')]);
    assert.equal(chainOf(leaf).chain, 'incomplete');
    assert.deepEqual(each(notChecked(), 'where', 'text'), [['store CA', '2A6A501E58584D09E523B22509ABA9D918561D9D']]);
    assert.match(notChecked()[0]?.why ?? '', /^not checked: /);
  });
});

function chainsOf(ders: readonly Buffer[]) {
  const stores = {
    fetched: [],
    disallowed: [],
    publicRoots: null,
    disallowedList: null,
    revocationLists: [],
    updatedAt: null,
    updatesOff: false,
  };
  const authorities = ders.map((der) => ({ der, store: 'CA' as const }));
  return chainBuilder({ ...stores, authorities }, Date.parse('2026-06-01T00:00:00Z'));
}
