import { existsSync } from 'node:fs';
import { distinct } from '../base/order.ts';
import type { WrittenElsewhere } from '../documents/written.ts';
import { toThumbprint } from '../model/certificates/thumbprint.ts';
import { searchFiles } from '../server/search-files.ts';
import type { Session } from './session.ts';

/**
 * Where these thumbprints stand in texts of the server: for a person who asks about certificates, and never of a run. Empty where
 * nothing is to be searched, or can be, as in a capture.
 * @param thumbprints others than SHA-1 are passed over
 */
export async function searchWritten(
  { server, configuration }: Pick<Session, 'server' | 'configuration'>,
  { noSearch }: { readonly noSearch: boolean },
  thumbprints: readonly string[],
): Promise<{ readonly written?: WrittenElsewhere }> {
  if (noSearch || server.written === undefined) return {};
  const wanted = distinct(thumbprints.flatMap((text) => toThumbprint(text) ?? []));
  const { folders, disks, ...others } = await server.written(wanted);
  const named = configuration.search?.folders ?? [];
  const plain = (path: string) => path.toLowerCase().replaceAll('/', '\\');
  const isLocal = (path: string) => disks.some((disk) => plain(path).startsWith(plain(disk)));
  const all = distinct([...folders, ...named]);
  const searched = await searchFiles(all.filter(isLocal), wanted);
  const distant = all.filter((path) => !isLocal(path)).map((path) => `${path} (it is on no local disk)`);
  const missing = named.filter((path) => isLocal(path) && !existsSync(path));
  const absent = missing.map((path) => `${path} (there is no such folder)`);
  const notRead = [...others.notRead, ...distant, ...absent, ...searched.notRead];
  return { written: { ...others, ...searched, found: [...searched.found, ...others.found], notRead } };
}
