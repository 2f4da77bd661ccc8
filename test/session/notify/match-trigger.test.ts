import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Trigger } from '../../../src/documents/trigger.ts';
import type { Certificate } from '../../../src/model/certificates/certificate.ts';
import type { EventCertificate, LifecycleEvent } from '../../../src/model/windows/lifecycle-event.ts';
import { thumbprintsOf, triggerValues, whyNotFor } from '../../../src/session/notify/match-trigger.ts';
import { certificate, thumbprintOf } from '../../builders/snapshot.ts';
import { anyCharacter } from '../../support/any-character.ts';

const trigger: Trigger = {
  schema: 'certrebind/trigger/1',
  id: 'mail',
  on: 'installed',
  names: [],
  issuer: null,
  ekus: [],
  action: { program: '/bin/true', args: [], timeLimitSeconds: 60 },
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

describe('the reason why a trigger is not for an event', () => {
  const why = (filters: Partial<Trigger>, what = ofShop, certificates = stored(shop)) =>
    whyNotFor({ ...trigger, ...filters }, what, certificates);

  it('names the filter that does not fit', () => {
    assert.equal(why({ names: ['a.org', 'b.org'] }), 'no certificate of the event has one of the names a.org, b.org');
    assert.equal(why({ issuer: 'Other' }), 'no certificate of the event that is in a store is issued by Other');
    assert.equal(why({ ekus: ['1.2', '1.3'] }), 'no certificate of the event is for 1.2, 1.3');
  });

  it('is none for a certificate without a list of usages, and for one of several usages', () => {
    const anyUsage = event({ certificate: told('shop') });
    assert.equal(why({ ekus: ['1.2'] }, anyUsage, stored()), null);
    assert.equal(why({ ekus: ['1.2'] }, anyUsage, stored(certificate('shop', { ekus: null }))), null);
    assert.equal(why({ ekus: ['1.2'] }, anyUsage, stored(certificate('shop', { ekus: ['1.1', '1.2'] }))), null);
    assert.notEqual(why({ ekus: ['1.2'] }, event({ certificate: told('shop', { ekus: ['1.1'] }) }), stored()), null);
    assert.notEqual(why({ ekus: ['1.2'] }, anyUsage, stored(certificate('shop', { ekus: ['1.1'] }))), null);
  });

  it('is none for one of several names below a wildcard, and a wildcard is no part of a name', () => {
    const two = stored(certificate('shop', { names: ['a.example.org', 'b.example.com'] }));
    assert.equal(why({ names: ['*.example.com'] }, ofShop, two), null);
    assert.notEqual(why({ names: ['b.example.com'.slice(1)] }, ofShop, two), null);
  });

  it('is one for an event without a thumbprint, whatever a store has', () => {
    assert.notEqual(why({ issuer: 'Issuing 1' }, event({ certificate: { ...told('shop'), thumbprint: null } })), null);
  });
});

describe('the certificates worth reading for an event', () => {
  it('are those that it names by thumbprint', () => {
    assert.deepEqual(thumbprintsOf(event()), []);
    assert.deepEqual(
      thumbprintsOf(event({ certificate: told('a'), old: told('b'), new: { ...told('c'), thumbprint: null } })),
      [thumbprintOf('a'), thumbprintOf('b')],
    );
  });
});

describe('what a program is told', () => {
  it('is complete for a certificate that a store has, and empty for an event that says nothing', () => {
    const known = stored(certificate('shop', { names: ['a.org', 'b.org'], issuer: 'CN=CA', store: 'WebHosting' }));
    assert.deepEqual(triggerValues(trigger, ofShop, known), {
      CERTREBIND_TRIGGER: 'mail',
      CERTREBIND_EVENT: 'installed',
      CERTREBIND_EVENT_ID: '1006',
      CERTREBIND_RECORD_ID: '5',
      CERTREBIND_EVENT_TIME: '2026-06-01T12:00:00.000Z',
      CERTREBIND_WRITTEN_BY: 'S-1-5-18',
      CERTREBIND_OLD_THUMBPRINT: '',
      CERTREBIND_NEW_THUMBPRINT: '',
      CERTREBIND_THUMBPRINT: thumbprintOf('shop'),
      CERTREBIND_SUBJECT: 'CN=a.org',
      CERTREBIND_ISSUER: 'CN=CA',
      CERTREBIND_NAMES: 'a.org,b.org',
      CERTREBIND_NOT_AFTER: '2027-01-01T00:00:00.000Z',
      CERTREBIND_STORE: 'WebHosting',
    });
    const { CERTREBIND_ISSUER, CERTREBIND_NAMES, CERTREBIND_NOT_AFTER, CERTREBIND_STORE } = triggerValues(
      trigger,
      event(),
      known,
    );
    assert.deepEqual([CERTREBIND_ISSUER, CERTREBIND_NAMES, CERTREBIND_NOT_AFTER, CERTREBIND_STORE], ['', '', '', '']);
  });

  it('has the time of an event in one form, or none where it is no time', () => {
    const notAfter = (text: string | null) =>
      triggerValues(trigger, event({ certificate: told('x', { notAfter: text }) }), stored()).CERTREBIND_NOT_AFTER;
    assert.equal(notAfter('2027-01-02T03:04:05Z'), '2027-01-02T03:04:05.000Z');
    assert.equal(notAfter('soon'), '');
    assert.equal(notAfter(null), '');
  });

  it('is one line of bounded length', () => {
    const values = triggerValues(
      trigger,
      event({ certificate: told('x', { names: ['a\r\n\0b', 'c'] }), userId: 'S'.repeat(5000) }),
      stored(),
    );
    assert.equal(values.CERTREBIND_SUBJECT, 'a b');
    assert.equal(values.CERTREBIND_WRITTEN_BY?.length, 4000);
  });

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
    const anyText = fc.string({ unit: anyCharacter });
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
