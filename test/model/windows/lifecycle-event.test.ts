import assert from 'node:assert/strict';
import fc from 'fast-check';
import { escapeXml, xmlElement } from '../../../src/base/xml-text.ts';
import { parseThumbprint } from '../../../src/model/certificates/thumbprint.ts';
import {
  type EventCertificate,
  isWrittenByAuthority,
  type LifecycleEvent,
  lifecycleLog,
  parseLifecycleEvent,
  readableEvent,
} from '../../../src/model/windows/lifecycle-event.ts';
import { anyCharacter } from '../../support/any-character.ts';

const oldPrint = 'db0fea9b641f3814fc5168ae83ef7839af1bb012';
const newPrint = '1a202ed21d19f873e0a448f967dfe428f278fccd';

/** In the shape of a real 1007, with the details of a 1001 (fidelity: event-1001-shape). */
const replacedXml = `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-CertificateServicesClient-Lifecycle-System' Guid='{bc0669e1-a10d-4a78-834e-1ca3c806c93b}'/><EventID>1001</EventID><Version>0</Version><Level>4</Level><Task>0</Task><Opcode>0</Opcode><Keywords>0x8000000000000000</Keywords><TimeCreated SystemTime='2026-03-13T23:08:39.4378590Z'/><EventRecordID>8</EventRecordID><Correlation/><Execution ProcessID='7080' ThreadID='1724'/><Channel>Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational</Channel><Computer>WEB01</Computer><Security UserID='S-1-5-18'/></System><UserData><CertNotificationData ProcessName='taskhostw.exe' AccountName='LAB\\WEB01$' Context='Machine'><Action>Renew</Action><OldCertificateDetails Thumbprint='${oldPrint}'><Template Name='WebServer'/><SubjectNames><SubjectName>CN=shop.example.com</SubjectName><SubjectName>shop.example.com</SubjectName></SubjectNames><EKUs><EKU Name='Client Authentication' OID='1.3.6.1.5.5.7.3.2'/><EKU Name='Server Authentication' OID='1.3.6.1.5.5.7.3.1'/></EKUs><NotValidAfter>2027-03-13T20:07:39Z</NotValidAfter></OldCertificateDetails><NewCertificateDetails Thumbprint='${newPrint}'><SubjectNames/><EKUs/><NotValidAfter>2028-03-13T22:58:39Z</NotValidAfter></NewCertificateDetails></CertNotificationData></UserData></Event>`;

const event: LifecycleEvent = {
  recordId: 8,
  eventId: 1001,
  timeCreated: '2026-03-13T23:08:39.437Z',
  userId: 'S-1-5-18',
  processName: 'taskhostw.exe',
  accountName: 'LAB\\WEB01$',
  context: 'Machine',
  action: 'Renew',
  old: {
    thumbprint: parseThumbprint(oldPrint, 'test'),
    template: 'WebServer',
    names: ['CN=shop.example.com', 'shop.example.com'],
    ekus: ['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1'],
    notAfter: '2027-03-13T20:07:39Z',
  },
  new: {
    thumbprint: parseThumbprint(newPrint, 'test'),
    template: null,
    names: [],
    ekus: [],
    notAfter: '2028-03-13T22:58:39Z',
  },
  certificate: null,
};

describe('lifecycle events', () => {
  it('gives both thumbprints of a replacement, upper-case, and who wrote it', () =>
    assert.deepEqual(parseLifecycleEvent(replacedXml), event));

  it('gives the one certificate of the other events', () => {
    const xml = replacedXml
      .replace('>1001<', '>1007<')
      .replace(/<Action>.*?<\/Action>/, '')
      .replace(/<NewCertificateDetails.*<\/NewCertificateDetails>/, '')
      .replaceAll('OldCertificateDetails', 'CertificateDetails');
    assert.deepEqual(parseLifecycleEvent(xml), {
      ...event,
      eventId: 1007,
      action: null,
      old: null,
      new: null,
      certificate: event.old,
    });
  });

  const sameEvent: readonly { readonly form: string; readonly xml: string }[] = [
    { form: 'with prefixes', xml: replacedXml.replace(/<(\/?)(\w)/g, '<$1e:$2').replace('xmlns=', 'xmlns:e=') },
    {
      form: 'with a namespace of its own on the details',
      xml: replacedXml.replace('<CertNotificationData ', "<CertNotificationData xmlns='urn:other' "),
    },
    {
      form: 'with its elements in another order',
      xml: replacedXml.replace(/(<Action>.*<\/Action>)(<Old.*<\/OldCert\w+>)(<New.*<\/NewCert\w+>)/, '$3$1$2'),
    },
    {
      form: 'with its attributes in another order',
      xml: replacedXml.replace(/(ProcessName='.*?') (AccountName='.*?') (Context='.*?')/, '$3 $2 $1'),
    },
    { form: 'indented', xml: replacedXml.replace(/></g, '>\n  <') },
    { form: 'with the thumbprint as the certificate dialog shows it', xml: spelledByDialog() },
  ];
  for (const { form, xml } of sameEvent) {
    it(`are the same ${form}`, () => {
      assert.notEqual(xml, replacedXml);
      assert.deepEqual(parseLifecycleEvent(xml), event);
    });
  }

  it('keep a place for a thumbprint that is none', () => {
    const parsed = parseLifecycleEvent(replacedXml.replace(oldPrint, `${oldPrint} /x`));
    assert.equal(parsed.old?.thumbprint, null);
    assert.equal(parsed.new?.thumbprint, event.new?.thumbprint);
  });

  it('may lack everything but number, record number and time', () => {
    const bare = parseLifecycleEvent(
      '<Event><System><EventID>1002</EventID><EventRecordID>1</EventRecordID><TimeCreated SystemTime="2026-01-01T00:00:00Z"/></System></Event>',
    );
    assert.deepEqual([bare.userId, bare.context, bare.action, bare.certificate], [null, null, null, null]);
  });

  for (const missing of ['EventID', 'EventRecordID', 'TimeCreated']) {
    it(`are refused without ${missing}, which is named`, () => {
      const xml = replacedXml.replaceAll(new RegExp(`<(/?)${missing}\\b`, 'g'), '<$1Gone');
      assert.throws(() => parseLifecycleEvent(xml, 'event 8'), { code: 'bad-input', message: new RegExp(missing) });
    });
  }

  it('are refused with a record number that is no plain number', () => {
    for (const id of ['8; calc', '-1', '1e3', '']) {
      assert.throws(() => parseLifecycleEvent(replacedXml.replace('>8<', `>${id}<`)), { code: 'bad-input' });
    }
  });

  it('are left out of a list where they cannot be read', () =>
    assert.deepEqual([replacedXml, '<Event/>', 'no XML'].map(readableEvent), [[event], [], []]));

  it('read back as they were written', () => {
    fc.assert(
      fc.property(events(), (written) => {
        assert.deepEqual(parseLifecycleEvent(formatLifecycleEvent(written)), written);
      }),
    );
  });
});

describe('who vouches for an event', () => {
  const writers: readonly { readonly who: string; readonly userId: string | null; readonly vouches: boolean }[] = [
    { who: 'SYSTEM', userId: 'S-1-5-18', vouches: true },
    { who: 'the Administrators group', userId: 'S-1-5-32-544', vouches: true },
    { who: 'the built-in Administrator', userId: 'S-1-5-21-2334826781-4204571024-2242252149-500', vouches: true },
    { who: 'any other account', userId: 'S-1-5-21-2334826781-4204571024-2242252149-1000', vouches: false },
    { who: 'an account whose number only ends in 500', userId: 'S-1-5-21-1-2-3-1500', vouches: false },
    { who: 'Local Service', userId: 'S-1-5-19', vouches: false },
    { who: 'Network Service', userId: 'S-1-5-20', vouches: false },
    {
      who: 'an application pool',
      userId: 'S-1-5-82-3006700770-424185619-1745488364-794895919-4004696415',
      vouches: false,
    },
    { who: 'a service account', userId: 'S-1-5-80-1-2-3-4-500', vouches: false },
    { who: 'nobody', userId: null, vouches: false },
    { who: 'text around a SID', userId: 'x S-1-5-18', vouches: false },
  ];
  for (const { who, userId, vouches } of writers) {
    it(`${who}: ${vouches ? 'yes' : 'no'}`, () => assert.equal(isWrittenByAuthority({ userId }), vouches));
  }
});

function spelledByDialog(): string {
  return replacedXml.replace(oldPrint, `\u200E${(oldPrint.match(/../g) ?? []).join(' ').toUpperCase()}`);
}

function events(): fc.Arbitrary<LifecycleEvent> {
  const attributeText = fc.string({ unit: anyCharacter, maxLength: 20 }).map((text) => text.replace(unwritable, ''));
  const elementText = attributeText.map((text) => text.trim());
  const thumbprint = fc
    .array(fc.constantFrom(...'0123456789abcdefABCDEF'), { minLength: 40, maxLength: 40 })
    .map((digits) => parseThumbprint(digits.join(''), 'test'));
  const certificate: fc.Arbitrary<EventCertificate> = fc.record({
    thumbprint: fc.option(thumbprint),
    template: fc.option(attributeText),
    names: fc.array(elementText, { maxLength: 3 }),
    ekus: fc.array(attributeText, { maxLength: 3 }),
    notAfter: fc.option(elementText),
  });
  const whole = fc.record({
    recordId: fc.nat(),
    eventId: fc.integer({ min: 1001, max: 1010 }),
    timeCreated: fc
      .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString()),
    userId: fc.option(attributeText),
    processName: fc.option(attributeText),
    accountName: fc.option(attributeText),
    context: fc.option(attributeText),
    action: fc.option(elementText),
    old: fc.option(certificate),
    new: fc.option(certificate),
    certificate: fc.option(certificate),
  });
  return whole.map((value) => structuredClone(value));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what XML cannot hold is what is taken out
const unwritable = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Cs}/gu;

/**
 * Writes an event in the form of the log; `parseLifecycleEvent` reads it back to the same value.
 * @throws TypeError for text that XML cannot hold
 */
function formatLifecycleEvent(event: LifecycleEvent): string {
  const { userId, processName, accountName, context, action } = event;
  const details = [
    ...(action === null ? [] : [xmlElement('Action', {}, escapeXml(action))]),
    ...formatCertificate('OldCertificateDetails', event.old),
    ...formatCertificate('NewCertificateDetails', event.new),
    ...formatCertificate('CertificateDetails', event.certificate),
  ];
  const system = [
    xmlElement('Provider', {
      Name: lifecycleLog.replace('/Operational', ''),
      Guid: '{bc0669e1-a10d-4a78-834e-1ca3c806c93b}',
    }),
    xmlElement('EventID', {}, String(event.eventId)),
    '<Version>0</Version><Level>4</Level><Task>0</Task><Opcode>0</Opcode><Keywords>0x8000000000000000</Keywords>',
    xmlElement('TimeCreated', { SystemTime: event.timeCreated }),
    xmlElement('EventRecordID', {}, String(event.recordId)),
    xmlElement('Correlation', {}),
    xmlElement('Channel', {}, lifecycleLog),
    xmlElement('Computer', {}, 'localhost'),
    xmlElement('Security', { UserID: userId }),
  ];
  return xmlElement(
    'Event',
    { xmlns: 'http://schemas.microsoft.com/win/2004/08/events/event' },
    xmlElement('System', {}, system.join('')) +
      xmlElement(
        'UserData',
        {},
        xmlElement(
          'CertNotificationData',
          { ProcessName: processName, AccountName: accountName, Context: context },
          details.join(''),
        ),
      ),
  );
}

/** Lower-case thumbprint and OIDs without names: the names are the display names of the writing machine's language. */
function formatCertificate(name: string, certificate: EventCertificate | null): readonly string[] {
  if (certificate === null) return [];
  const { thumbprint, template, names, ekus, notAfter } = certificate;
  const inner = [
    ...(template === null ? [] : [xmlElement('Template', { Name: template })]),
    xmlElement('SubjectNames', {}, names.map((subject) => xmlElement('SubjectName', {}, escapeXml(subject))).join('')),
    xmlElement('EKUs', {}, ekus.map((oid) => xmlElement('EKU', { OID: oid })).join('')),
    ...(notAfter === null ? [] : [xmlElement('NotValidAfter', {}, escapeXml(notAfter))]),
  ];
  return [xmlElement(name, { Thumbprint: thumbprint?.toLowerCase() ?? null }, inner.join(''))];
}
