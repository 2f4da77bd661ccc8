import { formatRecordKey } from '../../../../src/kinds/record-key.ts';
import { type AccessEntry, accessListOf } from '../../../../src/model/windows/access-list.ts';
import { NotMeasured } from '../measurement.ts';
import { type Bench, type Finding, type Look, measure, removeRecords, setRecord } from './bench.ts';
import { plainRecord } from './on-records.ts';

/** How Windows writes what it shows of a record, and who may write to the lifecycle log. */
export async function measureTexts(bench: Bench): Promise<readonly Finding[]> {
  return [
    ...(await measure(['netsh-localised'], () => language(bench))),
    ...(await measure(['central-store-record'], () => centralStore(bench))),
    ...(await measure(['event-writers'], () => eventWriters(bench))),
  ];
}

async function language(bench: Bench): Promise<readonly Finding[]> {
  await setRecord(bench, plainRecord(bench));
  const [text = ''] = await look(bench, { look: 'netsh-record', key: bench.byAddress.key });
  const shown = netshLanguage(text);
  if (shown === null) throw new NotMeasured(`netsh shows no application id: ${oneLine(text)}`);
  const how = `the application id stands behind ${JSON.stringify(shown.label)}`;
  return [{ name: 'netsh-localised', measured: shown.language, how }];
}

/** On the port of the rehearsal, where no other record is. */
async function centralStore(bench: Bench): Promise<readonly Finding[]> {
  const { port } = bench;
  const key = formatRecordKey({ table: 'ccs', port });
  try {
    await setRecord(bench, { ...plainRecord(bench, key), thumbprint: null });
    const [text = ''] = await look(bench, { look: 'netsh-record', key });
    const form = centralStoreForm(text, port);
    if (form === null) throw new NotMeasured(`netsh shows it in a form of its own: ${oneLine(text)}`);
    return [{ name: 'central-store-record', measured: form.form, how: `netsh shows ${JSON.stringify(form.line)}` }];
  } finally {
    await removeRecords(bench, [key]);
  }
}

async function eventWriters(bench: Bench): Promise<readonly Finding[]> {
  const [sddl = ''] = await look(bench, { look: 'log-access' });
  const may = servicesMayWrite(sddl);
  const how = `the access descriptor of the lifecycle log is ${sddl === '' ? 'not told' : sddl}`;
  return [{ name: 'event-writers', measured: may === null ? null : may ? 'allowed' : 'denied', how }];
}

function look({ hands }: Bench, what: Look): Promise<readonly string[]> {
  return hands.look(what);
}

function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ').slice(0, 500);
}

/**
 * Whether service accounts may write to an event log, by its access descriptor (SDDL); `null` if the text does not
 * tell. A service's token contains one of the accounts below and the groups; the first entry for any of them decides,
 * as in Windows (fidelity: event-writers).
 */
export function servicesMayWrite(sddl: string): boolean | null {
  const list = accessListOf(sddl);
  if (sddl === '' || list.is === 'unreadable') return null;
  if (list.is === 'open') return true;
  const writers = list.entries.filter(({ inheritedOnly, rights }) => !inheritedOnly && (rights & writing) !== 0);
  const answers = serviceAccounts.map((account) => decided(writers, account));
  return answers.includes(true) ? true : answers.includes(null) ? null : false;
}

/** LocalService, NetworkService, the services with SIDs of their own, and the pools of IIS. */
const serviceAccounts: readonly RegExp[] = [
  /^(?:LS|S-1-5-19)$/,
  /^(?:NS|S-1-5-20)$/,
  /^S-1-5-80-/,
  /^(?:IS|S-1-5-32-568|S-1-5-82-.*)$/,
];

/** SERVICE, authenticated users, everyone. */
const groups = /^(?:SU|S-1-5-6|AU|S-1-5-11|WD|S-1-1-0)$/;

/** Of an event log 1 is reading, 2 writing, 4 clearing; besides, everything and writing of any object. */
const writing = 0x5000_0002;

function decided(writers: readonly AccessEntry[], account: RegExp): boolean | null {
  const first = writers.find(({ who }) => groups.test(who) || account.test(who));
  if (first === undefined) return false;
  return first.certain ? first.effect === 'allow' : null;
}

/**
 * How netsh shows a record of the central certificate store, with the line that shows it; `null` if it shows none in a
 * known form (fidelity: central-store-record).
 */
export function centralStoreForm(
  text: string,
  port: number,
): { readonly form: 'own-label' | 'hostname-star'; readonly line: string } | null {
  for (const line of text.split(/\r?\n/)) {
    const value = labelled(line)?.value;
    if (value === `*:${port}`) return { form: 'hostname-star', line: line.trim() };
    if (value === `${port}`) return { form: 'own-label', line: line.trim() };
  }
  return null;
}

/**
 * The display language of netsh, by its label of an application id, which is found by its shape; `null` if there is
 * none. Only labels that were seen are known (fidelity: netsh-localised).
 */
export function netshLanguage(
  text: string,
): { readonly language: 'english' | 'german' | 'other'; readonly label: string } | null {
  for (const line of text.split(/\r?\n/)) {
    const { label = '', value = '' } = labelled(line) ?? {};
    if (applicationId.test(value)) return { language: languages.get(label) ?? 'other', label };
  }
  return null;
}

const languages: ReadonlyMap<string, 'english' | 'german'> = new Map([
  ['Application ID', 'english'],
  ['Anwendungs-ID', 'german'],
]);

/**
 * A label, blanks, a colon and the value; labels contain colons too (`IP:port`), but none followed by a blank. Not one
 * pattern, which would try every blank of a long line with every other.
 */
function labelled(line: string): { readonly label: string; readonly value: string } | null {
  const text = line.trim();
  const colon = text.slice(1).search(/[:\uFF1A]\s/) + 1;
  return colon === 0 ? null : { label: text.slice(0, colon).trimEnd(), value: text.slice(colon + 1).trimStart() };
}

const applicationId = /^\{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}$/;
