import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { switchTable } from '../../../src/lab/kernel/switches.ts';
import { openFacts } from './core/bench.ts';
import { type Asked, asBelieved, type Measurement, otherwise } from './measurement.ts';

export interface Found {
  readonly suite: string;
  readonly file: string;
  readonly measurement: Measurement;
}

/** Every measurement of every suite. */
export async function allMeasurements(): Promise<readonly Found[]> {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.measure.ts'))
    .sort();
  return Promise.all(
    files.map(async (path) => {
      const { measurement }: Asked = await import(pathToFileURL(join(import.meta.dirname, path)).href);
      if (measurement === undefined) throw new Error(`${path} exports no measurement`);
      const [suite = '', file = ''] = path.split('/');
      return { suite, file, measurement };
    }),
  );
}

/** What Windows may be in a row: the positions of its switch, those that are measured on a temporary site, or whether it is as the code believes. */
export function positionsOf(row: string): readonly string[] {
  const known = switchTable.find(({ fact }) => fact === row) ?? openFacts.find(({ name }) => name === row);
  return known === undefined || known.positions.length === 0 ? [asBelieved, otherwise] : known.positions;
}

/** Rows that no suite can measure on a hosted machine, and why. */
export const notMeasurable: Readonly<Record<string, string>> = {
  'missed-start': 'needs a restart, which ends the job',
  'node-on-2012-r2': 'needs Server 2012 R2, which nobody hosts',
  'pfx-aes': 'needs a build before 17763, which nobody hosts',
  'ldaps-store': 'needs a domain controller',
  'ldaps-ack-only': 'needs a domain controller',
  'ldaps-system-right': 'needs a domain controller',
  'sstp-ports-full': 'needs as many clients as SSTP has ports',
  'gateway-record-blocks': 'the program asks in the order that works either way, and a suite makes no other change',
  'gateway-self-restart': 'needs a person with an open session through the gateway',
  'sstp-deletes-orphans': 'would delete a certificate binding that others may use',
  'reported-roles': 'needs a domain, or a licence',
  'exchange-attribute': 'needs Exchange in a domain',
  'certificate-template': 'needs an enterprise certification authority, and so a domain',
  'system-on-shares': 'needs a second server in a domain',
  'reported-records': 'needs AD FS, Web Application Proxy or Reporting Services',
  'domain-letters': 'needs a member of a domain; a hosted machine is in a workgroup',
  'revocation-lists': 'needs a list that Windows fetched for a certificate of the machine; a hosted one has none',
  'trust-lists': 'each server has its own roots; a hosted one has all of them imported',
  'legacy-5506': 'seen only after a restart, which ends the job',
  'http3-listener': 'HTTP.SYS reads its setting when it starts, with the machine; its restart ends the job',
  'renewal-chain-limit': 'Windows follows chains within its own tasks, which show nothing of it',
  'dsc-what-if': 'a matter of DSC, not of Windows; `npm run evidence -- dsc` asks DSC itself',
  'co-owners': 'a decision, made of what the products document',
};

const mayBeRefused = 'the image may refuse the role';

/** Rows that may stay open where a suite runs, and why. Any other row that its files do not measure there is a failure. */
export const mayBeOpen: Readonly<Record<'hosted' | 'lab', Readonly<Record<string, string>>>> = {
  hosted: {
    'gateway-down-status': mayBeRefused,
    'gateway-record-is-hash': mayBeRefused,
    'gateway-rewrites-record': mayBeRefused,
    'gateway-setting': mayBeRefused,
    'gateway-system-denied': mayBeRefused,
    'sstp-answer': mayBeRefused,
    'sstp-hash': mayBeRefused,
    'sstp-init-service': mayBeRefused,
    'sstp-modes': mayBeRefused,
    'sstp-second-restart': mayBeRefused,
    'reported-nps': 'nothing makes a policy of NPS',
    'smb-quic-mapping': 'before Server 2025 only the Azure edition has mappings, and nothing makes one',
    'sql-certificate': 'SQL Server Express may not be installed',
    'sql-start-refused': 'SQL Server Express may not be installed',
  },
  lab: {
    ...openFor('nothing models it', [
      ...['framework-floor', 'service-sid', 'control-sets', 'module-path', 'machine-data-protection', 'event-query'],
      ...['powershell-7-iis', 'psmodulepath-inherited', 'system-root', 'native-task', 'task-boundary-utc', 'ftp-xpath'],
      ...[
        'record-ids-restart',
        'wmsvc-value',
        'installed-programs',
        'gateway-setting',
        'reported-hyper-v',
        'sstp-hash',
      ],
      ...['raw-value-queries', 'key-as-system', 'service-key', 'service-restart', 'elevated-groups', 'icacls-grants'],
      ...['precreated-folder', 'volume-root-rights'],
    ]),
    ...openFor('its PowerShell is 7, and its keys have no provider', [
      ...['powershell-json', 'quotes-in-arguments', 'pki-by-name', 'policy-refusal', 'pfx-provider'],
    ]),
  },
};

function openFor(why: string, rows: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(rows.map((row) => [row, why]));
}
