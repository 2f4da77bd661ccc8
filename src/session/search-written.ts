import { existsSync } from 'node:fs';
import { asResult, CertRebindError } from '../base/errors.ts';
import { distinct } from '../base/order.ts';
import type { WrittenElsewhere } from '../documents/written.ts';
import type { Succession } from '../engine/known/succession.ts';
import { type Thumbprint, toThumbprint } from '../model/certificates/thumbprint.ts';
import { searchFiles } from '../server/search-files.ts';
import type { Server } from '../server/server.ts';
import type { Session } from './session.ts';

type Replaced = ReadonlyMap<string, Thumbprint | null>;

/**
 * Where thumbprints stand in texts of the server: for a person who asks about certificates, and never of a run. Empty where nothing
 * is to be searched, or can be, as in a capture.
 * @param thumbprints each with what replaced it here; others than SHA-1 are passed over
 */
export async function searchWritten(
  { server: { written }, configuration }: Pick<Session, 'configuration'> & { readonly server: Pick<Server, 'written'> },
  { noSearch }: { readonly noSearch: boolean },
  thumbprints: Replaced,
): Promise<{ readonly written?: WrittenElsewhere }> {
  const wanted = [...thumbprints.keys()].flatMap((text) => toThumbprint(text) ?? []);
  if (noSearch || written === undefined || wanted.length === 0) return {};
  const started = performance.now();
  const answer = await asResult(() => written(wanted));
  const isUnread = answer instanceof CertRebindError;
  const nothing = { found: [], others: 0, folders: [], disks: [] };
  const there = isUnread ? { ...nothing, notRead: [`all texts (${answer.message.replace(/\.$/, '')})`] } : answer;
  const named = isUnread ? [] : (configuration.search?.folders ?? []);
  const plain = (path: string) => path.toLowerCase().replaceAll('/', '\\');
  const isLocal = (path: string) => there.disks.some((disk) => plain(path).startsWith(plain(disk)));
  const folders = distinct([...there.folders, ...named]);
  const spentMs = performance.now() - started;
  const { found, files, notRead } = await searchFiles(folders.filter(isLocal), wanted, { spentMs });
  const distant = folders.filter((path) => !isLocal(path)).map((path) => `${path} (it is on no local disk)`);
  const missing = named.filter((path) => isLocal(path) && !existsSync(path));
  const absent = missing.map((path) => `${path} (there is no such folder)`);
  const all = [...found, ...there.found];
  const told = all.map((one) => ({ ...one, replacedBy: thumbprints.get(one.thumbprint) ?? null }));
  const left = [...there.notRead, ...distant, ...absent, ...notRead];
  return { written: { found: told, files, others: there.others, notRead: left } };
}

/**
 * These certificates, and all that they replaced, each with the last one that replaced it.
 * @param all whatever was replaced here, also where nothing uses what replaced it
 */
export function withReplaced(succession: Succession, some: readonly Thumbprint[], all = false): Replaced {
  const { pairs, replacedBy, resolved } = succession;
  const replaced = all ? pairs.map(({ old }) => old) : some.flatMap((one) => [...replacedBy(one)]);
  const successors = new Map(resolved.renewals.map((one) => [one.old, one.new]));
  return new Map([...some, ...replaced].map((one) => [one, successors.get(one) ?? null]));
}
