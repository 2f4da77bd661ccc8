import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { switchTable } from '../../../src/lab/kernel/switches.ts';
import { openFacts } from './core/bench.ts';
import { facts } from './facts.ts';
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

/** Rows that may stay open where a suite runs, and why. Any other row that its files do not measure there is a failure. */
export const mayBeOpen: Readonly<Record<'hosted' | 'lab', Readonly<Record<string, string>>>> = {
  hosted: Object.fromEntries(
    Object.entries(facts).flatMap(([row, { mayBeOpen: why }]) => (why === undefined ? [] : [[row, why]])),
  ),
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
