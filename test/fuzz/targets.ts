import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeAs, sniffEncoding } from '../../src/base/text-encoding.ts';
import { defaultConfiguration, parseConfiguration } from '../../src/documents/configuration.ts';
import { parseInstalled } from '../../src/documents/installation.ts';
import { parseJournalLine } from '../../src/documents/runs/journal-document.ts';
import { emptyLedger, parseLedger } from '../../src/documents/runs/ledger.ts';
import { parseOutcome } from '../../src/documents/runs/outcome-document.ts';
import { parsePlan } from '../../src/documents/runs/plan-document.ts';
import { rebindTask } from '../../src/documents/scheduled-tasks.ts';
import { parseSnapshot } from '../../src/documents/snapshot-document.ts';
import { parseTrigger, parseTriggerRuns } from '../../src/documents/trigger.ts';
import { planRebind } from '../../src/engine/plan/plan-rebind.ts';
import { parseApplicationHost } from '../../src/kinds/iis/application-host.ts';
import { parseBinding } from '../../src/kinds/iis/binding.ts';
import { parseRecordKey } from '../../src/kinds/record-key.ts';
import { decodeHttpSysTables } from '../../src/kinds/tls/http-sys-tables.ts';
import { readServerName } from '../../src/lab/host/client-hello.ts';
import { splitArguments } from '../../src/lab/host/command-line.ts';
import { testKey } from '../../src/lab/host/keys.ts';
import { parseRegistryExport } from '../../src/lab/host/registry-export.ts';
import { parseCertificate } from '../../src/model/certificates/certificate.ts';
import { certificatesInFile } from '../../src/model/certificates/certificate-files.ts';
import { arrivingCertificate, openCertificate } from '../../src/model/certificates/certificate-with-key.ts';
import { normaliseHost } from '../../src/model/certificates/host-name.ts';
import { parseRevocationList } from '../../src/model/certificates/revocation-list.ts';
import { sentChain } from '../../src/model/certificates/served-chain.ts';
import { setsOf } from '../../src/model/certificates/source-folder.ts';
import { parseThumbprint } from '../../src/model/certificates/thumbprint.ts';
import { parseTrustList } from '../../src/model/certificates/trust-list.ts';
import { parseLifecycleEvent } from '../../src/model/windows/lifecycle-event.ts';
import { decodeRows, encodeRows } from '../../src/model/windows/rows.ts';
import { parseTask } from '../../src/model/windows/task.ts';
import { partsOf } from '../../src/server/windows/parts.ts';
import { certificatesFrom } from '../../src/server/windows/read-certificates.ts';
import { oddShapes } from '../builders/odd-certificates.ts';
import { certificate, https, record, renewal, site, snapshot } from '../builders/snapshot.ts';
import { noCounts } from '../engine/plan/outcomes.ts';
import { fixture } from '../support/fixture.ts';
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
  schema: 'certrebind/journal/1',
  at: '2026-06-01T12:00:00.000Z',
  type: 'opened',
  run: 'run-001',
  command: 'rebind',
  plan,
  baseline: [],
};
const outcome = {
  schema: 'certrebind/outcome/1',
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
  action: { program: '/bin/true', args: [], timeLimitSeconds: 60 },
  createdAt: '2026-06-01T12:00:00.000Z',
};

/** What a client of shop.example.com says first. */
const hello =
  'FgMBAgABAAH8AwPKPAXR69L7UmQeROIjSh1XBv85M38ZdNUfCW1l0sSxDyAzZ+149i1rjo05u1o6WcZbLivSiipcXitI0nQ1880S/gAkEwITAxMBwCzAMMArwC/MqcyowCTAKMAjwCcAnwCeAGsAZwD/AQABjwAAABUAEwAAEHNob3AuZXhhbXBsZS5jb20ACwAEAwABAgAKABYAFAAdABcAHgAZABgBAAEBAQIBAwEEACMAAAAWAAAAFwAAAA0AKgAoBAMFAwYDCAcICAgJCAoICwgECAUIBgQBBQEGAQMDAwEDAgQCBQIGAgArAAUEAwQDAwAtAAIBAQAzACYAJAAdACAxN7O7dAKcBCWlKLElZTsE1xqcQDcUPb6jPz268v8hWAAVAN0AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==';

const certificates = [...files('certificates', '.cer'), ...Object.values(oddShapes)];
const served = ['ec-ca', 'ec-good'].map((name) => parseCertificate(fixture(`revocation/${name}.cer`), store));
const pem = (der: Buffer) => `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
const pems = [...files('pfx', 'scrypt-key.pem'), testKey('ec', 0), ''].flatMap((key) => [
  Buffer.from(`${key}${certificates.slice(0, 20).map(pem).join('')}`),
  Buffer.from(key),
]);

/** An authority in both stores, above a certificate that names it or not, and in every list. */
function authorityRead(bytes: Buffer): unknown {
  const base64 = bytes.toString('base64');
  const leaf = fixture('revocation/ec-good.cer').toString('base64');
  return certificatesFrom(
    partsOf([
      ['certificate', 'My', 'A'.repeat(40), base64, 'False', '', 'True', ''],
      ['certificate', 'My', 'B'.repeat(40), leaf, 'False', '', 'True', ''],
      ['authority', 'CA', base64],
      ['authority', 'Root', base64],
      ['revocation-list', base64],
      ['trust-lists', bytes.toString('hex'), bytes.toString('hex'), '', ''],
    ]),
    '2026-06-01T00:00:00.000Z',
  );
}

function listRead(bytes: Buffer): unknown {
  const list = parseTrustList(bytes);
  return [
    list?.entry('CABD2A79A1076A31F21D253635CB039D4329A5E8'),
    list?.withSubject('73B6876195F5D18E048510422AEF04E3'),
  ];
}

function opened(bytes: Buffer, password: string): Promise<unknown> {
  return openCertificate([{ where: 'fuzz', bytes }], async () => password).then((found) =>
    arrivingCertificate(found, 'My'),
  );
}

/** A watched folder with rubbish in it, and a certificate beside that has to be found whatever the rubbish is. */
async function folderRead(bytes: Buffer): Promise<unknown> {
  const odd = { path: 'odd.pem', modified: 0, bytes };
  const good = { path: 'shop.pfx', modified: 0, bytes: fixture('pfx/no-password.pfx') };
  const source = await setsOf([odd, good], ['', 'secret'], 'My');
  if (!source.sets.some(({ certificate }) => certificate.thumbprint.startsWith('3BB0F328')))
    throw new Error('the certificate beside it was lost');
  return source;
}

export const fuzzTargets: readonly FuzzTarget[] = [
  { name: 'application-host', parse: (b) => parseApplicationHost(b, 'fuzz'), seeds: files('iis') },
  { name: 'registry-export', parse: (b) => decodeHttpSysTables(parseRegistryExport(b)), seeds: files('registry') },
  { name: 'certificate', parse: (b) => parseCertificate(b, store), seeds: certificates },
  { name: 'authority', parse: (b) => authorityRead(b), seeds: certificates },
  {
    name: 'revocation-list',
    parse: (b) => parseRevocationList(b)?.names(Buffer.from('1000', 'hex')),
    seeds: files('revocation', '.crl'),
  },
  { name: 'trust-list', parse: (b) => listRead(b), seeds: files('certificates', '.stl') },
  { name: 'pkcs7', parse: (b) => certificatesInFile(b), seeds: [...files('certificates', '.p7b'), ...certificates] },
  { name: 'pem', parse: (b) => opened(b, 'secret'), seeds: pems },
  { name: 'pfx', parse: (b) => opened(b, 'secret'), seeds: files('pfx', '.pfx') },
  {
    name: 'served-chain',
    parse: (b) => sentChain(parseCertificate(b, store), [parseCertificate(b, store), ...served]),
    seeds: certificates,
  },
  { name: 'watched-folder', parse: folderRead, seeds: [...pems, ...files('pfx', '.pfx'), ...certificates] },
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
