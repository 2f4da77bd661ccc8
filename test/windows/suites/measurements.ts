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

/**
 * Every measurement of every suite.
 * @param broken is told of a file that cannot be loaded, which costs its own rows only; without it that is an error
 */
export async function allMeasurements(
  broken = (line: string): void => {
    throw new Error(line);
  },
  folder = import.meta.dirname,
): Promise<readonly Found[]> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.measure.ts'))
    .sort();
  const found = await Promise.all(
    files.map(async (path): Promise<readonly Found[]> => {
      const [suite = '', file = ''] = path.split('/');
      try {
        const { measurement }: Asked = await import(pathToFileURL(join(folder, path)).href);
        if (measurement === undefined) throw new Error('it exports no measurement');
        return [{ suite, file, measurement }];
      } catch (error) {
        broken(`${path}: ${error}`);
        return [];
      }
    }),
  );
  return found.flat();
}

/** What Windows may be in a row: the positions of its switch, those that are measured on a temporary site, or whether it is as the code believes. */
export function positionsOf(row: string): readonly string[] {
  const known = switchTable.find(({ fact }) => fact === row) ?? openFacts.find(({ name }) => name === row);
  return known === undefined || known.positions.length === 0 ? [asBelieved, otherwise] : known.positions;
}

/** What the code believes that a hosted Windows is. */
export function believed(row: string): string | undefined {
  // The switch about it is of Server 2016, which nobody hosts.
  return row === 'netsh-update-presence' ? 'present' : positionsOf(row)[0];
}
