import { CertRebindError } from '../../base/errors.ts';
import { parseXml, type XmlElement } from '../../base/xml.ts';
import { escapeXml, xmlElement } from '../../base/xml-text.ts';
import { inNoStore, parseCertificate } from '../../model/certificates/certificate.ts';
import { lifecycleLog } from '../../model/windows/lifecycle-event.ts';
import type { ApplicationEntry, LabState } from './lab-state.ts';
import type { WriteEvent } from './requests.ts';
import type { Switches } from './switches.ts';

/** Services: LocalService, NetworkService, service SIDs and application pools. */
const serviceAccount = /^S-1-5-(?:19|20|80-[\d-]+|82-[\d-]+)$/;

/** Whether this account may write to the lifecycle log (fidelity: event-writers). */
export function mayWriteEvents({ switches }: LabState, sid: string): boolean {
  return switches['services-write-events'] === 'allowed' || !serviceAccount.test(sid);
}

/** The access descriptor of the lifecycle log: what channels of the system have by default, and where nobody but SYSTEM and
 * the administrators may write. */
export function lifecycleAccess({ 'services-write-events': services }: Switches): string {
  const servicesMay = services === 'allowed' ? '(A;;0x3;;;SU)(A;;0x2;;;S-1-5-33)' : '(A;;0x1;;;SU)';
  return `O:BAG:SYD:(A;;0xf0007;;;SY)(A;;0x7;;;BA)(A;;0x3;;;BO)(A;;0x5;;;SO)(A;;0x1;;;IU)${servicesMay}(A;;0x1;;;S-1-5-3)(A;;0x1;;;S-1-5-32-573)`;
}

/**
 * The event as the log would store it; `null` if `userData` is not XML. The log, and not the writer, sets the id and
 * the account (fidelity: event-writers).
 */
export function renderEvent(
  state: LabState,
  event: WriteEvent,
  now: string,
): { readonly xml: string; readonly root: XmlElement } | null {
  const system = [
    `<Provider Name='Microsoft-Windows-CertificateServicesClient-Lifecycle-System' Guid='{bc0669e1-a10d-4a78-834e-1ca3c806c93b}'/>`,
    `<EventID>${event.eventId}</EventID><Version>0</Version><Level>4</Level><Task>0</Task><Opcode>0</Opcode>`,
    `<Keywords>0x8000000000000000</Keywords><TimeCreated SystemTime='${eventTime(now)}'/>`,
    `<EventRecordID>${state.lifecycle.nextRecordId}</EventRecordID><Correlation/>`,
    `<Execution ProcessID='7080' ThreadID='1724'/><Channel>${lifecycleLog}</Channel>`,
    `<Computer>${carried(state.name)}</Computer><Security UserID='${carried(event.writtenBy)}'/>`,
  ].join('');
  const userData = event.userData ?? renderNotification(state, event);
  const xml = `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>${system}</System><UserData>${userData}</UserData></Event>`;
  try {
    // Parsed alone first, so that the writer's text cannot reach beyond UserData.
    parseXml(`<UserData>${userData}</UserData>`, 'UserData');
    return { xml, root: parseXml(xml, 'event') };
  } catch (thrown) {
    if (thrown instanceof CertRebindError) return null;
    throw thrown;
  }
}

/** The state with the event in its log, the oldest entry gone when the log is full. */
export function appendEvent(state: LabState, xml: string): LabState {
  const { lifecycle } = state;
  const events = [...lifecycle.events, { recordId: lifecycle.nextRecordId, xml }].slice(-lifecycle.limit);
  return { ...state, lifecycle: { ...lifecycle, nextRecordId: lifecycle.nextRecordId + 1, events } };
}

export function clearLog(state: LabState): LabState {
  const { lifecycle, switches } = state;
  const nextRecordId = switches['record-numbers'] === 'go-on' ? lifecycle.nextRecordId : 1;
  return { ...state, lifecycle: { ...lifecycle, nextRecordId, events: [] } };
}

export function appendApplicationEntry(
  state: LabState,
  entry: Omit<ApplicationEntry, 'recordId' | 'timeCreated'>,
  now: string,
): LabState {
  const { applicationLog: log } = state;
  const { source, eventId, level, text, data } = entry;
  const added = { recordId: log.nextRecordId, source, eventId, level, timeCreated: now, text, data };
  const entries = [...log.entries, added].slice(-log.limit);
  const known = addLogSource(state, source);
  return { ...known, applicationLog: { ...known.applicationLog, nextRecordId: log.nextRecordId + 1, entries } };
}

function logSources({ applicationLog: { sources, entries } }: LabState): readonly string[] {
  return sources ?? [...new Set(entries.map(({ source }) => source))];
}

export function addLogSource(state: LabState, source: string): LabState {
  const sources = logSources(state);
  if (sources.includes(source)) return state;
  return { ...state, applicationLog: { ...state.applicationLog, sources: [...sources, source] } };
}

/** `null` when there is no such source. */
export function removeLogSource(state: LabState, source: string): LabState | null {
  const sources = logSources(state);
  if (!sources.includes(source)) return null;
  const others = sources.filter((each) => each !== source);
  return { ...state, applicationLog: { ...state.applicationLog, sources: others } };
}

function renderNotification(state: LabState, event: WriteEvent): string {
  const { processName, accountName } = event;
  const certificates = [
    { element: 'OldCertificateDetails', thumbprint: event.old },
    { element: 'NewCertificateDetails', thumbprint: event.new },
    { element: 'CertificateDetails', thumbprint: event.certificate },
  ].flatMap(({ element, thumbprint }) => (thumbprint === null ? [] : [renderDetails(state, element, thumbprint)]));
  const attributes = [
    `ProcessName='${carried(processName)}'`,
    `AccountName='${carried(accountName)}'`,
    "Context='Machine'",
  ];
  const action = event.action === null ? [] : [event.action];
  const wrap = (head: string, parts: readonly string[]) =>
    `<CertNotificationData ${head}>${parts.join('')}</CertNotificationData>`;
  switch (state.switches['event-shape']) {
    case 'plain':
      return wrap(attributes.join(' '), [...action.map(actionElement), ...certificates]);
    case 'own-namespace':
      return wrap(`xmlns='http://manifests.microsoft.com/win/2004/08/windows/certificates' ${attributes.join(' ')}`, [
        ...action.map(actionElement),
        ...certificates,
      ]);
    case 'reordered':
      return wrap(attributes.toReversed().join(' '), [
        ...certificates.toReversed(),
        ...action.map((text) => actionElement(text.toUpperCase())),
      ]);
  }
}

function actionElement(action: string): string {
  return `<Action>${carried(action)}</Action>`;
}

function renderDetails(state: LabState, element: string, thumbprint: string): string {
  const known = state.certificates.find((certificate) => certificate.thumbprint === thumbprint);
  const head = `<${element} Thumbprint='${carried(thumbprint.toLowerCase())}'`;
  if (known === undefined) return `${head}/>`;
  const { subject, dnsNames, ekus, notAfter } = parseCertificate(Buffer.from(known.der, 'base64'), inNoStore);
  const subjects = [subject, ...dnsNames].map((name) => `<SubjectName>${carried(name)}</SubjectName>`).join('');
  const usages = (ekus ?? []).map((oid) => xmlElement('EKU', { Name: usageNames[oid] ?? oid, OID: oid })).join('');
  const end = notAfter.replace('.000Z', 'Z');
  return `${head}><SubjectNames>${subjects}</SubjectNames><EKUs>${usages}</EKUs><NotValidAfter>${end}</NotValidAfter></${element}>`;
}

const usageNames: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.3.1': 'Server Authentication',
  '1.3.6.1.5.5.7.3.2': 'Client Authentication',
};

/** Seven digits after the point, as the event log has them. */
function eventTime(now: string): string {
  return new Date(now).toISOString().replace('Z', '0000Z');
}

/** The log stores a blank for characters that XML cannot hold. */
function carried(text: string): string {
  return escapeXml(text.replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, ' '));
}
