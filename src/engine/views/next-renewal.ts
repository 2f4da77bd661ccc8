import type { PlaceStatus } from '../../documents/status.ts';
import type { HandledConsumer } from '../../documents/usage.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import { byThumbprint } from '../../model/certificates/named-certificate.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { authorityOf, evaluateTrust } from '../../model/certificates/trust.ts';
import type { Look } from '../findings/diagnose.ts';
import { exchangeCommand } from '../look/commands.ts';
import { statusOf } from './server-status.ts';
import { usageOf } from './usage.ts';

/** What the next renewal meets at a place. */
export interface NextAtPlace {
  readonly isChanged: boolean;
  /** Why CertRebind does not change the place, or what it restarts; `null` where there is nothing to say. */
  readonly why: string | null;
  /** What lets CertRebind change the place, or notice the renewal; `null` where no command of CertRebind is needed or helps. */
  readonly command: string | null;
}

/** What the next renewal meets at each place, by the newest certificate that is known for it and by the place. Pure. */
export function nextRenewals(look: Look): (newest: Thumbprint, key: KeyText) => NextAtPlace | undefined {
  const { facts, renewals, places: seen } = look;
  const { snapshot, configuration } = facts;
  const { successorOf, predecessorOf } = renewals.succession;
  const placeAt = new Map<string, PlaceStatus>(seen.map((place) => [place.key, place]));
  const { certificates } = usageOf(snapshot, configuration, null, renewals.decisions);
  const vouchedFor = evaluateTrust(snapshot.trust, Date.parse(snapshot.takenAt));
  const [held, known] = [byThumbprint(snapshot.certificates), byThumbprint(certificates)];
  const used = certificates.filter(({ consumers }) => consumers.length > 0);
  const authorityAt = (thumbprint: Thumbprint) => authorityOf(held.get(thumbprint), vouchedFor);
  const byNames = configuration.successors === 'same-names';
  const lacksNames = !byNames && used.some(({ thumbprint }) => authorityAt(thumbprint) === 'public');
  const isEnabled = statusOf(look).enabled !== false;
  const learning = isEnabled ? namesCommand : `certrebind enable${lacksNames ? ' --successors same-names' : ''}`;
  const next = new Map<string, NextAtPlace>();
  for (const { thumbprint, consumers } of used) {
    // What stands at the end of the renewals that are known, as far as it is here.
    const found = successorOf(thumbprint);
    const newest = found.is === 'known' && known.has(found.renewal.new) ? found.renewal.new : thumbprint;
    const authority = authorityAt(newest);
    const source = predecessorOf(newest)?.renewal.source;
    const isLearnt = source !== undefined || authority === 'private' || (authority === 'public' && byNames);
    const canLearn = authority === 'public' || authority === 'private';
    const telling = canLearn ? learning : exchangeCommand(newest, null);
    for (const consumer of consumers) {
      const met = metAt(consumer, placeAt.get(consumer.key));
      // Each place once, whatever the number of its bindings: as it is for that which is not changed.
      if (next.get(`${newest} ${consumer.key}`)?.isChanged === false) continue;
      const isTold = met.isChanged && (isEnabled ? !isLearnt : source !== 'given');
      next.set(`${newest} ${consumer.key}`, isTold ? { ...met, command: telling } : met);
    }
  }
  for (const { certificate, key } of facts.wire)
    if (certificate !== undefined) next.set(`${certificate.thumbprint} ${key}`, fromFile);
  return (newest, key) => next.get(`${newest} ${key}`);
}

const namesCommand = 'certrebind config set successors same-names';

/** Certificates that IIS reads from files: a person, or a program of theirs, replaces these at each renewal. */
const fromFile: NextAtPlace = {
  isChanged: false,
  why: 'Its file in the central certificate store has to be replaced.',
  command: null,
};

/** What kept the last renewal from a place keeps the next one from it. */
function metAt(
  { handled, command, restarts, ...consumer }: HandledConsumer,
  place: PlaceStatus | undefined,
): NextAtPlace {
  if (handled) {
    const isUnsettled = place?.state === 'blocked' || place?.state === 'rolled-back' || place?.code === 'not-restored';
    if (isUnsettled) return { isChanged: false, why: place.why, command: null };
    return {
      isChanged: true,
      why: restarts === undefined ? null : 'Its service is restarted in the change window.',
      command: null,
    };
  }
  const why =
    consumer.why ??
    `CertRebind only reports it${restarts === undefined ? '.' : ', whose service has to be restarted.'}`;
  // A command of the vendor is typed at each renewal; a setting once.
  return { isChanged: false, why, command: command?.startsWith('certrebind config ') ? command : null };
}
