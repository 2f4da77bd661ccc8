import { startsOnReplacement } from '../documents/recognise-task.ts';
import { type Leftover, rehearsalAppId, rehearsalMark, rehearsalTaskPrefix } from '../documents/rehearsal.ts';
import { recordsOf } from '../holders/holder.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import { canonicalJson } from '../text/canonical-json.ts';

/**
 * Everything that rehearsals made and that still exists, recognised only by its marks: the task first, so that nothing
 * starts any more, then records before the sites and certificates that they need.
 */
export function leftoversIn(snapshot: Snapshot): readonly Leftover[] {
  const certificates = snapshot.certificates.filter(({ friendlyName }) => friendlyName?.startsWith(rehearsalMark));
  const own = new Set(certificates.map(({ thumbprint }) => thumbprint));
  return [
    ...snapshot.tasks
      .filter(({ name }) => name.startsWith(rehearsalTaskPrefix))
      .map(({ path, name }): Leftover => {
        return { what: `the task ${path}${name}`, removal: { act: 'unregister-task', path, name } };
      }),
    ...recordsOf(snapshot)
      .filter(({ appId, thumbprint }) => appId === rehearsalAppId || (thumbprint !== null && own.has(thumbprint)))
      .map(({ key }): Leftover => ({ what: `the certificate binding ${key}`, removal: { act: 'remove-record', key } })),
    ...snapshot.sites
      .filter(({ name }) => name.startsWith(rehearsalMark))
      .map(({ name }): Leftover => ({ what: `the site ${name}`, removal: { act: 'remove-site', name } })),
    ...certificates.map(({ thumbprint, store }): Leftover => {
      const removal = { act: 'remove-certificate', thumbprint, store } as const;
      return { what: `the certificate ${thumbprint} in ${store}`, removal };
    }),
  ];
}

/** Tasks that event 1001 starts, no matter who made them: a rehearsal writes one. */
export function tasksOnReplacement(tasks: Snapshot['tasks']): readonly string[] {
  return tasks
    .filter((task) => task.enabled && !task.name.startsWith(rehearsalTaskPrefix) && startsOnReplacement(task))
    .map(({ path, name }) => `${path}${name}`);
}

/** Differences that a rehearsal must not leave behind. Events and times always differ and are ignored. */
export function differencesBetween(before: Snapshot, after: Snapshot): readonly string[] {
  return [
    ...compare('site', before.sites, after.sites, ({ name }) => name),
    ...compare('certificate binding', recordsOf(before), recordsOf(after), ({ key }) => key),
    ...compare('certificate', before.certificates, after.certificates, (each) => `${each.thumbprint} in ${each.store}`),
    ...compare('task', before.tasks.map(definition), after.tasks.map(definition), (each) => `${each.path}${each.name}`),
  ];
}

/** Of a task, not when it last ran. */
function definition({ path, name, xml, enabled }: Snapshot['tasks'][number]) {
  return { path, name, xml, enabled };
}

function compare<T>(
  kind: string,
  before: readonly T[],
  after: readonly T[],
  nameOf: (thing: T) => string,
): readonly string[] {
  const texts = (things: readonly T[]) => new Map(things.map((thing) => [nameOf(thing), canonicalJson(thing)]));
  const [was, is] = [texts(before), texts(after)];
  return [...new Set([...was.keys(), ...is.keys()])].sort().flatMap((name) => {
    if (was.get(name) === is.get(name)) return [];
    const how = was.has(name) ? (is.has(name) ? 'has changed' : 'is gone') : 'has come';
    return [`the ${kind} ${name} ${how}`];
  });
}
