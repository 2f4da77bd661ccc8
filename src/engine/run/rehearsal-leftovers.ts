import { type RehearsalAct, rehearsalAppId, rehearsalMark, rehearsalTaskPrefix } from '../../documents/rehearsal.ts';
import { recordsOf } from '../../kinds/holder.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { Change, Server } from '../../server/server.ts';

export interface Leftover {
  readonly what: string;
  readonly removal: Change;
}

/**
 * Everything with the marks of a rehearsal that still exists: tasks first, then records before the sites and certificates that
 * they need.
 */
export function leftoversIn(snapshot: Snapshot): readonly Leftover[] {
  const certificates = snapshot.certificates.filter(({ friendlyName }) => friendlyName?.startsWith(rehearsalMark));
  const own = new Set(certificates.map(({ thumbprint }) => thumbprint));
  const act = (removal: RehearsalAct): Change => ({ do: 'rehearse', act: removal });
  return [
    ...snapshot.tasks
      .filter(({ name }) => name.startsWith(rehearsalTaskPrefix))
      .map(({ path, name }): Leftover => {
        return { what: `the task ${path}${name}`, removal: { do: 'unregister-task', path, name } };
      }),
    ...recordsOf(snapshot)
      .filter(({ appId, thumbprint }) => appId === rehearsalAppId || (thumbprint !== null && own.has(thumbprint)))
      .map(({ key }): Leftover => ({ what: `the certificate binding ${key}`, removal: { do: 'remove', key } })),
    ...snapshot.sites
      .filter(({ name }) => name.startsWith(rehearsalMark))
      .map(({ name }): Leftover => ({ what: `the site ${name}`, removal: act({ act: 'remove-site', name }) })),
    ...certificates.map(({ thumbprint, store }): Leftover => {
      const removal = act({ act: 'remove-certificate', thumbprint, store });
      return { what: `the certificate ${thumbprint} in ${store}`, removal };
    }),
  ];
}

/** Removes them, twice if the first time was not enough. @returns the server afterwards */
export async function removeLeftovers(
  server: Pick<Server, 'change' | 'snapshot'>,
  snapshot: Snapshot,
): Promise<Snapshot> {
  let current = snapshot;
  for (let tries = 0; tries < 2; tries += 1) {
    const leftovers = leftoversIn(current);
    if (leftovers.length === 0) break;
    for (const { removal } of leftovers) await server.change([removal]);
    current = await server.snapshot();
  }
  return current;
}
