import type { Thumbprint } from '../../src/model/certificates/thumbprint.ts';

/** One certificate takes the place of another: said by the server, learnt by a run, or done by a person. */
export interface Link {
  readonly old: Thumbprint;
  readonly new: Thumbprint;
  readonly by: 'event' | 'property' | 'run' | 'person';
  readonly at: number;
  /** Whether CertRebind must know it. */
  readonly isSure: boolean;
}

export function leadsTo(links: readonly Link[], from: Thumbprint, to: Thumbprint): boolean {
  const passed = new Set<Thumbprint>();
  const waiting = [from];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === to) return true;
    if (passed.has(next)) continue;
    passed.add(next);
    waiting.push(...links.filter(({ old }) => old === next).map((link) => link.new));
  }
  return false;
}

/** What takes its place by all that is known, and by what CertRebind must know. */
export function newestKnown(from: Thumbprint, links: readonly Link[]): readonly Newest[] {
  return [links, links.filter(({ isSure }) => isSure)].map((some) => newestAfter(from, some));
}

export type Newest = Thumbprint | null | 'unclear';

/** What takes the place of a certificate in the end; `null` if nothing does, `unclear` where two might or none is the end. */
export function newestAfter(from: Thumbprint, links: readonly Link[]): Newest {
  const passed = new Set([from]);
  let [newest, ...others] = successorsOf(from, links);
  if (newest === undefined) return null;
  while (newest !== undefined) {
    if (others.length > 0 || passed.has(newest)) return 'unclear';
    passed.add(newest);
    const next = successorsOf(newest, links);
    if (next.length === 0) return newest;
    [newest, ...others] = next;
  }
  return 'unclear';
}

/**
 * A person's word counts until a later event, then what the server says, then what runs remember. Of events the last one
 * counts; a property has no time.
 */
function successorsOf(of: Thumbprint, links: readonly Link[]): readonly Thumbprint[] {
  const own = links.filter((link) => link.old === of && link.new !== of);
  const from = (source: Link['by']) => own.filter(({ by }) => by === source);
  const [events, properties, given] = [from('event'), from('property'), from('person').at(-1)];
  const told = links.filter(({ by }) => by === 'event' || by === 'property');
  if (given !== undefined && !events.some(({ at }) => at > given.at) && !leadsTo(told, given.new, of))
    return [given.new];
  const isEventLast = properties.every((one) => events.some((event) => event.new === one.new));
  const counting = isEventLast ? events.slice(-1) : [...events, ...properties];
  const last = counting.length > 0 ? counting : from('run').slice(-1);
  return [...new Set(last.map((link) => link.new))];
}
