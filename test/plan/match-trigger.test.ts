import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Certificate } from '../../src/model/certificate.ts';
import type { EventCertificate, LifecycleEvent } from '../../src/model/lifecycle-event.ts';
import type { Trigger } from '../../src/model/trigger.ts';
import { triggerValues, whyNotFor } from '../../src/plan/match-trigger.ts';
import { certificate, thumbprintOf } from '../builders/snapshot.ts';

const trigger: Trigger = {
  schema: 'certrebind/trigger/1',
  id: 'mail',
  on: 'installed',
  names: [],
  issuer: null,
  ekus: [],
  action: { kind: 'built-in', run: 'reconcile' },
  createdAt: '2026-06-01T12:00:00.000Z',
};

function told(label: string, parts: Partial<EventCertificate> = {}): EventCertificate {
  return { thumbprint: thumbprintOf(label), template: null, names: [], ekus: [], notAfter: null, ...parts };
}

function event(parts: Partial<LifecycleEvent> = {}): LifecycleEvent {
  return {
    recordId: 5,
    eventId: 1006,
    timeCreated: '2026-06-01T12:00:00.000Z',
    userId: 'S-1-5-18',
    processName: null,
    accountName: null,
    context: 'Machine',
    action: null,
    old: null,
    new: null,
    certificate: null,
    ...parts,
  };
}

const stored = (...certificates: readonly Certificate[]) =>
  new Map(certificates.map((each) => [each.thumbprint, each]));
const shop = certificate('shop', { names: ['shop.example.com'], issuer: 'CN=Issuing 1, O=Example' });
const ofShop = event({ certificate: told('shop', { names: ['CN=shop.example.com', 'shop.example.com'] }) });

describe('a trigger is for an event', () => {
  for (const [what, filters, inStore, fits] of [
    ['without filters', {}, true, true],
    ['with the name', { names: ['shop.example.com'] }, true, true],
    ['with the name, by the event alone', { names: ['shop.example.com'] }, false, true],
    ['with one of the names', { names: ['a.example.com', 'shop.example.com'] }, true, true],
    ['with a name below the wildcard', { names: ['*.example.com'] }, true, true],
    ['with no such name', { names: ['www.example.com'] }, true, false],
    ['with a name that only ends alike', { names: ['*.ample.com'] }, true, false],
    ['with the issuer in full', { issuer: 'cn=issuing 1, o=example' }, true, true],
    ["with the issuer's common name", { issuer: 'Issuing 1' }, true, true],
    ['with a part of the issuer', { issuer: 'Issuing' }, true, false],
    ['with an issuer, and the certificate in no store', { issuer: 'Issuing 1' }, false, false],
    ['with the usage', { ekus: ['1.3.6.1.5.5.7.3.1'] }, true, true],
    ['with another usage', { ekus: ['1.3.6.1.5.5.7.3.2'] }, true, false],
    ['with one of two filters', { names: ['shop.example.com'], issuer: 'Other' }, true, false],
  ] as const)
    it(`${what}: ${fits ? 'yes' : 'no'}`, () => {
      const why = whyNotFor({ ...trigger, ...filters }, ofShop, inStore ? stored(shop) : stored());
      assert.equal(why === null, fits, why ?? '');
    });

  it('of a renewal when the old or the new certificate fits', () => {
    const renewal = event({ eventId: 1001, old: told('shop'), new: told('www') });
    const both = stored(shop, certificate('www', { names: ['www.example.com'] }));
    for (const name of ['shop.example.com', 'www.example.com'])
      assert.equal(whyNotFor({ ...trigger, names: [name] }, renewal, both), null);
    assert.notEqual(whyNotFor({ ...trigger, names: ['mail.example.com'] }, renewal, both), null);
  });
});

describe('what a program is told', () => {
  it('comes from the certificate before the event', () => {
    const lying = event({
      certificate: told('shop', { names: ['CN=evil', 'evil.example.com'], notAfter: '2099-01-01' }),
    });
    const values = triggerValues(trigger, lying, stored(shop));
    assert.equal(values.CERTREBIND_NAMES, 'shop.example.com');
    assert.equal(values.CERTREBIND_SUBJECT, 'CN=shop.example.com');
    assert.equal(values.CERTREBIND_NOT_AFTER, shop.notAfter);
    assert.equal(values.CERTREBIND_THUMBPRINT, shop.thumbprint);
  });

  it('holds both thumbprints of a renewal, and the new one is the one in question', () => {
    const values = triggerValues(trigger, event({ old: told('a'), new: told('b') }), stored());
    assert.equal(values.CERTREBIND_OLD_THUMBPRINT, thumbprintOf('a'));
    assert.equal(values.CERTREBIND_NEW_THUMBPRINT, thumbprintOf('b'));
    assert.equal(values.CERTREBIND_THUMBPRINT, thumbprintOf('b'));
  });

  it('is the same set of variables whatever an event holds, each one line, and names are only names', () => {
    const names = Object.keys(triggerValues(trigger, event(), stored()));
    const anyText = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(fc.array(anyText), anyText, anyText, (subjects, notAfter, userId) => {
        const certificate = told('x', { names: subjects, notAfter });
        const values = triggerValues(trigger, event({ certificate, userId }), stored());
        assert.deepEqual(Object.keys(values), names);
        for (const value of Object.values(values)) assert.doesNotMatch(value, /\p{Cc}/u);
        assert.match(values.CERTREBIND_NAMES ?? '', /^[\w.*,-]*$/);
      }),
    );
  });
});
