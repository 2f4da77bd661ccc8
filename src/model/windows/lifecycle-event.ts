import { CertRebindError, wrongInput } from '../../base/errors.ts';
import { attribute, child, children, parseXml, textIn, textOf, type XmlElement } from '../../base/xml.ts';
import { type Thumbprint, toThumbprint } from '../certificates/thumbprint.ts';

export const lifecycleLog = 'Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational';

/** The number of the event that names an old certificate and its successor. */
export const replacedEvent = 1001;

/** One entry of the certificate lifecycle log. A hint and no proof: services can probably write there too. */
export interface LifecycleEvent {
  readonly recordId: number;
  /** 1001 replaced … 1010 deleted from the directory. */
  readonly eventId: number;
  readonly timeCreated: string;
  /** `System/Security/@UserID`, set by the system and not by the writer; `null` when absent. */
  readonly userId: string | null;
  readonly processName: string | null;
  readonly accountName: string | null;
  readonly context: string | null;
  readonly action: string | null;
  readonly old: EventCertificate | null;
  readonly new: EventCertificate | null;
  /** The certificate of an event that concerns only one. */
  readonly certificate: EventCertificate | null;
}

export interface EventCertificate {
  /** `null` when the event holds no readable thumbprint. */
  readonly thumbprint: Thumbprint | null;
  readonly template: string | null;
  readonly names: readonly string[];
  readonly ekus: readonly string[];
  readonly notAfter: string | null;
}

/**
 * Reads one event of the lifecycle log as XML. Ignores namespaces, prefixes and the order of elements and attributes,
 * because the raw form of event 1001 was never seen (fidelity: event-1001-shape); missing details are `null`.
 * @throws CertRebindError `bad-xml`, or `bad-input` when it is not an event with a number and a record number
 */
export function parseLifecycleEvent(xml: string, where = 'event'): LifecycleEvent {
  const root = parseXml(xml, where);
  const system = child(root, 'System');
  const eventId = numberIn(system, 'EventID');
  const recordId = numberIn(system, 'EventRecordID');
  const timeCreated = toIsoTime(attribute(child(system, 'TimeCreated'), 'SystemTime') ?? '');
  if (eventId === null || recordId === null || timeCreated === null) {
    const lacks = [
      ...(eventId === null ? ['System/EventID'] : []),
      ...(recordId === null ? ['System/EventRecordID'] : []),
      ...(timeCreated === null ? ['System/TimeCreated/@SystemTime'] : []),
    ];
    throw wrongInput('bad-input', where, `is not an event: it lacks ${lacks.join(', ')}`);
  }
  const details = child(root, 'UserData', 'CertNotificationData');
  return {
    recordId,
    eventId,
    timeCreated,
    userId: attribute(child(system, 'Security'), 'UserID'),
    processName: attribute(details, 'ProcessName'),
    accountName: attribute(details, 'AccountName'),
    context: attribute(details, 'Context'),
    action: textIn(details, 'Action'),
    old: certificateIn(details, 'OldCertificateDetails'),
    new: certificateIn(details, 'NewCertificateDetails'),
    certificate: certificateIn(details, 'CertificateDetails'),
  };
}

/**
 * Whether the system says that SYSTEM or an administrator wrote the event. Only what the SID itself shows counts: SYSTEM,
 * the Administrators group, and the built-in Administrator of any machine or domain (relative id 500). Any other
 * account may or may not be a member of Administrators; that is not asked, so it counts as no authority, and the old
 * certificate's renewal property has to speak for the event.
 */
export function isWrittenByAuthority({ userId }: Pick<LifecycleEvent, 'userId'>): boolean {
  return userId !== null && authority.test(userId);
}

const authority = /^S-1-5-(?:18|32-544|21-\d{1,10}-\d{1,10}-\d{1,10}-500)$/i;

function certificateIn(details: XmlElement | null, name: string): EventCertificate | null {
  const element = child(details, name);
  if (element === null) return null;
  return {
    thumbprint: toThumbprint(attribute(element, 'Thumbprint') ?? ''),
    template: attribute(child(element, 'Template'), 'Name'),
    names: children(child(element, 'SubjectNames'), 'SubjectName').map(textOf),
    ekus: children(child(element, 'EKUs'), 'EKU').flatMap((eku) => attribute(eku, 'OID') ?? []),
    notAfter: textIn(element, 'NotValidAfter'),
  };
}

/** None if the text is not an event that can be read. */
export function readableEvent(xml: string): readonly LifecycleEvent[] {
  try {
    return [parseLifecycleEvent(xml)];
  } catch (thrown) {
    if (thrown instanceof CertRebindError) return [];
    throw thrown;
  }
}

function numberIn(system: XmlElement | null, name: string): number | null {
  const text = textIn(system, name) ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** `null` for what is no time. */
export function toIsoTime(text: string): string | null {
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
