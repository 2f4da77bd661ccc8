import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCertificate } from '../../src/certificates/certificate.ts';
import { normaliseHost } from '../../src/certificates/host-name.ts';
import { parseThumbprint } from '../../src/certificates/thumbprint.ts';
import { defaultConfiguration, parseConfiguration } from '../../src/documents/configuration.ts';
import { parseInstalled } from '../../src/documents/installation.ts';
import { parseJournalLine } from '../../src/documents/runs/journal-document.ts';
import { emptyLedger, parseLedger } from '../../src/documents/runs/ledger.ts';
import { parseOutcome } from '../../src/documents/runs/outcome-document.ts';
import { parsePlan } from '../../src/documents/runs/plan-document.ts';
import { rebindTask } from '../../src/documents/scheduled-tasks.ts';
import { parseSnapshot } from '../../src/documents/snapshot-document.ts';
import { parseTrigger, parseTriggerRuns } from '../../src/documents/trigger.ts';
import { parseApplicationHost } from '../../src/holders/iis/application-host.ts';
import { parseBinding } from '../../src/holders/iis/binding.ts';
import { parseRecordKey } from '../../src/holders/record-key.ts';
import { decodeHttpSysTables } from '../../src/holders/tls/http-sys-tables.ts';
import { readServerName } from '../../src/lab/host/client-hello.ts';
import { splitArguments } from '../../src/lab/host/command-line.ts';
import { parseRegistryExport } from '../../src/lab/host/registry-export.ts';
import { planRebind } from '../../src/plan/plan-rebind.ts';
import { decodeAs, sniffEncoding } from '../../src/text/text-encoding.ts';
import { parseLifecycleEvent } from '../../src/windows/lifecycle-event.ts';
import { decodeRows, encodeRows } from '../../src/windows/rows.ts';
import { parseTask } from '../../src/windows/task.ts';
import { certificate, https, record, renewal, site, snapshot } from '../builders/snapshot.ts';
import { noCounts } from '../plan/outcomes.ts';
import { answerTo } from './diallers.ts';

/** A parser of something that comes from outside, with examples of what it should get. */
export interface FuzzTarget {
  readonly name: string;
  /** May answer later. */
  parse(bytes: Buffer): unknown;
  readonly seeds: readonly Buffer[];
}

const fixtures = join(import.meta.dirname, '../fixtures');
const store = { store: 'My', key: 'usable', archived: false, renewedTo: null, friendlyName: null } as const;

const server = snapshot({
  sites: [site('Shop', [https('*:443:'), https('*:443:shop.example.com', 1)])],
  records: [record('0.0.0.0:443', 'old'), record('shop.example.com:443', 'old')],
  certificates: [certificate('old'), certificate('new', { notAfter: '2028-01-01T00:00:00.000Z' })],
});
const plan = planRebind({ snapshot: server, renewals: [renewal('old', 'new')], configuration: defaultConfiguration });

const event = `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><EventID>1001</EventID><TimeCreated SystemTime='2026-06-01T12:00:00Z'/><EventRecordID>7</EventRecordID><Security UserID='S-1-5-18'/></System><UserData><CertNotificationData ProcessName='taskhostw.exe' AccountName='WEB01$' Context='Machine'><OldCertificateDetails Thumbprint='${'a'.repeat(40)}'><SubjectNames><SubjectName>CN=shop</SubjectName></SubjectNames><EKUs/></OldCertificateDetails><NewCertificateDetails Thumbprint='${'b'.repeat(40)}'><SubjectNames/><EKUs/></NewCertificateDetails><Action>Renew</Action></CertNotificationData></UserData></Event>`;

const journalLine = {
  schema: 'certrebind/journal/2',
  at: '2026-06-01T12:00:00.000Z',
  type: 'opened',
  run: 'run-001',
  command: 'rebind',
  plan,
  baseline: [],
};
const outcome = {
  schema: 'certrebind/outcome/2',
  kept: true,
  run: 'run-001',
  dryRun: false,
  result: 'nothing-to-do',
  exitCode: 0,
  startedAt: '2026-06-01T12:00:00.000Z',
  durationMs: 1,
  counts: noCounts,
  steps: [],
  blocked: [],
  skipped: [],
  renewals: [],
  notes: [],
  cost: { sessions: 0, roundTrips: 0 },
};
const installed = {
  schema: 'certrebind/installed/1',
  version: '1.0.0',
  at: '2026-06-01T12:00:00.000Z',
  files: [{ name: 'certrebind.exe', sha256: 'a'.repeat(64) }],
};
const trigger = {
  schema: 'certrebind/trigger/1',
  id: 'mail',
  on: 'replaced',
  names: ['mail.example.com'],
  issuer: null,
  ekus: [],
  action: { kind: 'built-in', run: 'reconcile' },
  createdAt: '2026-06-01T12:00:00.000Z',
};

/** What a client of shop.example.com says first. */
const hello =
  'FgMBAgABAAH8AwPKPAXR69L7UmQeROIjSh1XBv85M38ZdNUfCW1l0sSxDyAzZ+149i1rjo05u1o6WcZbLivSiipcXitI0nQ1880S/gAkEwITAxMBwCzAMMArwC/MqcyowCTAKMAjwCcAnwCeAGsAZwD/AQABjwAAABUAEwAAEHNob3AuZXhhbXBsZS5jb20ACwAEAwABAgAKABYAFAAdABcAHgAZABgBAAEBAQIBAwEEACMAAAAWAAAAFwAAAA0AKgAoBAMFAwYDCAcICAgJCAoICwgECAUIBgQBBQEGAQMDAwEDAgQCBQIGAgArAAUEAwQDAwAtAAIBAQAzACYAJAAdACAxN7O7dAKcBCWlKLElZTsE1xqcQDcUPb6jPz268v8hWAAVAN0AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==';

export const fuzzTargets: readonly FuzzTarget[] = [
  { name: 'application-host', parse: (b) => parseApplicationHost(b, 'fuzz'), seeds: files('iis') },
  { name: 'registry-export', parse: (b) => decodeHttpSysTables(parseRegistryExport(b)), seeds: files('registry') },
  { name: 'certificate', parse: (b) => parseCertificate(b, store), seeds: files('certificates', '.cer') },
  { name: 'event', ...text((t) => parseLifecycleEvent(t), [event]) },
  {
    name: 'task',
    ...text((t) => parseTask(t), [rebindTask({ command: 'C:\\Program Files\\CertRebind\\certrebind.exe' })]),
  },
  { name: 'snapshot', ...text((t) => parseSnapshot(t, 'fuzz'), [json(server)]) },
  { name: 'plan', ...text((t) => parsePlan(t, 'fuzz'), [json(plan)]) },
  { name: 'journal-line', ...text((t) => parseJournalLine(t, 'fuzz'), [json(journalLine)]) },
  { name: 'outcome', ...text((t) => parseOutcome(t, 'fuzz'), [json(outcome)]) },
  { name: 'ledger', ...text((t) => parseLedger(t, 'fuzz'), [json(emptyLedger)]) },
  { name: 'configuration', ...text((t) => parseConfiguration(t, 'fuzz'), [json(defaultConfiguration)]) },
  { name: 'installed', ...text((t) => parseInstalled(t, 'fuzz'), [json(installed)]) },
  { name: 'trigger', ...text((t) => parseTrigger(t, 'fuzz'), [json(trigger)]) },
  {
    name: 'trigger-runs',
    ...text((t) => parseTriggerRuns(t, 'fuzz'), [json({ schema: 'certrebind/trigger-runs/1', runs: [] })]),
  },
  { name: 'text', parse: (b) => decodeAs(sniffEncoding(b) ?? 'utf-8', b), seeds: files('iis') },
  {
    name: 'adapter-rows',
    ...text(
      (t) => decodeRows(Buffer.from(t)),
      [
        encodeRows([
          ['record', 'a\tb', 'c\\d\r\n'],
          ['', ''],
        ]),
      ],
    ),
  },
  { name: 'arguments', ...text((t) => splitArguments(t), ['on-event --record "7" \\"a\\\\" ""']) },
  { name: 'client-hello', parse: (b) => readServerName(b), seeds: [Buffer.from(hello, 'base64')] },
  { name: 'thumbprint', ...text((t) => parseThumbprint(t, 'fuzz'), ['\u200Eaa:BB cc'.padEnd(60, '0')]) },
  {
    name: 'record-key',
    ...text((t) => parseRecordKey(t, 'fuzz'), ['0.0.0.0:443', '[2001:db8::1]:443', '(central-store):443', 'a.b:1']),
  },
  {
    name: 'binding',
    ...text((t) => parseBinding('https', t, 1), ['*:443:shop.example.com', '[::1]:443:', '10.0.0.1:8443:*.a']),
  },
  {
    name: 'ftp-replies',
    parse: (b) => answerTo('ftp', b),
    seeds: [
      Buffer.from('220-hello\r\n220 there\r\n500 HOST?\r\n234 go on\r\n'),
      Buffer.from('220 \r\n220 \r\n534 no\r\n'),
    ],
  },
  {
    name: 'smtp-replies',
    parse: (b) => answerTo('smtp', b),
    seeds: [
      Buffer.from('220 mail\r\n250-mail\r\n250-STARTTLS\r\n250 HELP\r\n220 go on\r\n'),
      Buffer.from('554 no\r\n'),
    ],
  },
  {
    name: 'ldap-replies',
    parse: (b) => answerTo('ldap', b),
    seeds: hex('300c02010178070a010004000400', '3084000000100201017884000000070a010204000400'),
  },
  {
    name: 'rdp-replies',
    parse: (b) => answerTo('rdp', b),
    seeds: hex(
      '030000130ed000000000000200080002000000',
      '030000130ed000000000000300080005000000',
      '0300000b06d00000000000',
    ),
  },
  { name: 'host', ...text((t) => normaliseHost(t), ['xn--bcher-kva.example', '*.Example.COM.', '192.0.2.1']) },
];

/** Inputs that once did harm, with the target each is for. */
export function finds(): readonly { readonly target: FuzzTarget; readonly file: string; readonly bytes: Buffer }[] {
  const folder = join(fixtures, 'fuzz');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.bin'))
    .flatMap((file) => {
      const target = fuzzTargets.find(({ name }) => file.startsWith(`${name}.`));
      return target === undefined ? [] : [{ target, file, bytes: readFileSync(join(folder, file)) }];
    });
}

function text(parse: (text: string) => unknown, seeds: readonly string[]): Pick<FuzzTarget, 'parse' | 'seeds'> {
  return { parse: (bytes) => parse(bytes.toString('utf8')), seeds: seeds.map((seed) => Buffer.from(seed)) };
}

function hex(...examples: readonly string[]): readonly Buffer[] {
  return examples.map((digits) => Buffer.from(digits, 'hex'));
}

function json(document: object): string {
  return JSON.stringify(document);
}

function files(folder: string, ending = ''): readonly Buffer[] {
  return readdirSync(join(fixtures, folder))
    .filter((name) => name.endsWith(ending) && !name.endsWith('.md'))
    .map((name) => readFileSync(join(fixtures, folder, name)));
}
