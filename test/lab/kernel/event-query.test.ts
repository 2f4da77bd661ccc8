import assert from 'node:assert/strict';
import { parseXml } from '../../../src/base/xml.ts';
import {
  parseEventTest,
  parseSubscription,
  parseValueQuery,
  UnsupportedQuery,
} from '../../../src/lab/kernel/event-query.ts';

const event = parseXml(
  `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>
    <Provider Name='Lifecycle'/><EventID>1001</EventID><Level>4</Level><EventRecordID>8</EventRecordID></System>
    <UserData><CertNotificationData xmlns='urn:x' Context='Machine'>
      <OldCertificateDetails Thumbprint='aa'/>
      <NewCertificateDetails Thumbprint='bb'><EKUs><EKU OID='1.3.6.1.5.5.7.3.2'/><EKU OID='1.3.6.1.5.5.7.3.1'/></EKUs></NewCertificateDetails>
    </CertNotificationData></UserData></Event>`,
  'event',
);

describe('event queries', () => {
  const queries: readonly (readonly [string, boolean])[] = [
    ['*', true],
    ['*[System[EventID=1001]]', true],
    ['*[System[(EventID=1001)]]', true],
    ['*[System[EventID=1006]]', false],
    ['*[System[(EventID=1006 or EventID=1001)]]', true],
    ['*[System[EventID=1006 or EventID=1001 and Level=5]]', false],
    ['*[System[(EventID=1006 or EventID=1001) and Level=4]]', true],
    ['*[System[EventID>=1001 and EventID<=1010]]', true],
    ['*[System[EventID!=1001]]', false],
    ["*[System[Provider[@Name='Lifecycle'] and EventID=1001]]", true],
    ["*[System[Provider[@Name='Other'] and EventID=1001]]", false],
    [
      "*[UserData/CertNotificationData[@Context='Machine']/NewCertificateDetails/EKUs/EKU[@OID='1.3.6.1.5.5.7.3.1']]",
      true,
    ],
    // The query for event 1006 that people use cannot match a 1001, whose elements have other names.
    [
      "*[UserData/CertNotificationData[@Context='Machine']/CertificateDetails/EKUs/EKU[@OID='1.3.6.1.5.5.7.3.1']]",
      false,
    ],
    ['Event[System/EventID=1001]', true],
    ['Event/System[EventID=1001]', true],
    ['*[UserData/*/OldCertificateDetails/@Thumbprint="aa"]', true],
    ['*[UserData/*/OldCertificateDetails[@Thumbprint="bb"]]', false],
  ];
  for (const [query, expected] of queries) {
    it(`${query}: ${expected}`, () => assert.equal(parseEventTest(query)(event), expected));
  }

  for (const query of [
    '',
    '//EventID',
    "*[contains(System/Computer,'x')]",
    '*[System[TimeCreated[timediff(@SystemTime) <= 86400000]]]',
    '*[System[EventID=1001]',
    '*[System[EventID=]]',
    `*[System[${Array.from({ length: 21 }, (_, at) => `EventID=${at}`).join(' or ')}]]`,
  ]) {
    it(`refuses ${query.slice(0, 60) || 'nothing'}`, () =>
      assert.throws(() => parseEventTest(query), UnsupportedQuery));
  }

  const values: readonly (readonly [string, string | null])[] = [
    ['Event/System/EventRecordID', '8'],
    ['Event/UserData/CertNotificationData/NewCertificateDetails/@Thumbprint', 'bb'],
    ['Event/UserData/CertNotificationData/Missing/@Thumbprint', null],
    ['System/EventRecordID', null],
  ];
  for (const [query, expected] of values) {
    it(`${query} finds ${expected}`, () => assert.equal(parseValueQuery(query)(event), expected));
  }

  it('reads a subscription of several queries, each for its own log', () => {
    const matches = parseSubscription(
      "<QueryList><Query Id='0' Path='A'><Select>*[System[EventID=1]]</Select></Query><Query Id='1'><Select Path='B/Operational'>*</Select></Query></QueryList>",
    );
    assert.deepEqual([matches('a', event), matches('b/operational', event), matches('C', event)], [false, true, false]);
  });

  for (const text of [
    '<QueryList/>',
    "<QueryList><Query Id='0'><Select Path='A'>*</Select><Suppress Path='A'>*</Suppress></Query></QueryList>",
  ]) {
    it(`refuses ${text}`, () => assert.throws(() => parseSubscription(text), UnsupportedQuery));
  }
});
