import { groupBy } from '../../base/group.ts';
import { listed } from '../../documents/finding.ts';
import type { Forecast, ForecastCertificate, ForecastPlace, WorkEnd } from '../../documents/forecast.ts';
import type { PlaceStatus } from '../../documents/status.ts';
import type { HandledConsumer } from '../../documents/usage.ts';
import { consumerText } from '../../kinds/consumer.ts';
import { reportedKindOf } from '../../kinds/reported/reported.ts';
import { reportedRules } from '../../kinds/reported/reported-kinds.ts';
import { longestLifeDays } from '../../model/certificates/longest-life.ts';
import { byThumbprint } from '../../model/certificates/named-certificate.ts';
import { usualShare } from '../../model/certificates/schedule.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { authorityOf, evaluateTrust } from '../../model/certificates/trust.ts';
import type { Look } from '../findings/diagnose.ts';
import type { DoctorFacts } from '../findings/facts.ts';
import { named } from '../plan/named-certificates.ts';
import { forecastFrom, renewalsUntil } from './forecast.ts';
import { statusOf } from './server-status.ts';
import { usageOf } from './usage.ts';

/** What every renewal until a moment will cost on this server as it is now. Pure. */
export function forecastOf(look: Look, until: Date): Forecast {
  const { facts, renewals, places: seen } = look;
  const { snapshot, configuration } = facts;
  const now = Date.parse(snapshot.takenAt);
  const { successorOf, predecessorOf, sharesBefore } = renewals.succession;
  const { enabled } = statusOf(look);
  const placeAt = new Map<string, PlaceStatus>(seen.map((place) => [place.key, place]));
  const { certificates } = usageOf(snapshot, configuration, null, renewals.decisions);
  const vouchedFor = evaluateTrust(snapshot.trust, now);
  const [held, known] = [byThumbprint(snapshot.certificates), byThumbprint(certificates)];
  const used = certificates.filter(({ consumers }) => consumers.length > 0);
  const authorityAt = (thumbprint: Thumbprint) => authorityOf(held.get(thumbprint), vouchedFor);
  const byNames = configuration.successors === 'same-names';
  const lacksNames = !byNames && used.some(({ thumbprint }) => authorityAt(thumbprint) === 'public');
  // What stands at the end of the renewals that are known, as far as it is here.
  const newest = groupBy(used, ({ thumbprint }) => {
    const found = successorOf(thumbprint);
    return found.is === 'known' && known.has(found.renewal.new) ? found.renewal.new : thumbprint;
  });
  const counted = [...newest].flatMap(([thumbprint, group]) => {
    const [certificate, named] = [held.get(thumbprint), known.get(thumbprint)];
    if (certificate === undefined || named === undefined) return [];
    const { short, name, issuer, notAfter } = named;
    const authority = authorityAt(thumbprint);
    const isPublic = authority === 'public' || authority === 'unknown';
    const organisation = vouchedFor(certificate).issuers[0]?.organisation ?? null;
    const source = predecessorOf(thumbprint)?.renewal.source;
    const byItself: ForecastCertificate['learnt'] =
      authority === 'private' ? 'event' : authority === 'public' && byNames ? 'same-names' : 'nobody';
    const learnt = enabled === false && source !== 'given' ? 'nobody' : (source ?? byItself);
    // Each place once, whatever the number of its bindings.
    const all = group.flatMap(({ consumers }) => consumers);
    const places = [...groupBy(all, ({ key }) => key)].map(([key, consumers]) => {
      const consumer = consumers.find(({ handled }) => !handled) ?? consumers[0];
      const place = placeAt.get(key);
      return { key, name: place?.name ?? consumerText(consumer), ...costOf(consumer, place, named) };
    });
    const isTold = learnt === 'nobody' && places.some(({ cost }) => cost !== 'person');
    const canLearn = isTold && (authority === 'public' || authority === 'private');
    return {
      ...{ thumbprint, short, name, issuer, notAfter, authority, learnt, places },
      ends: canLearn ? (enabled === false ? enabling(lacksNames) : findingByNames) : null,
      renewals: renewalsUntil(until, certificate, usualShare(sharesBefore(thumbprint), authority), now, (issuedAt) =>
        isPublic ? longestLifeDays(issuedAt, organisation) : Number.POSITIVE_INFINITY,
      ),
    };
  });
  const head = { server: snapshot.server.name, at: snapshot.takenAt, until };
  return forecastFrom([...counted, ...ofCentralStore(facts, until)], head);
}

/** Certificates that IIS reads from files: a person, or a program of theirs, replaces these at each renewal. */
function ofCentralStore({ wire, snapshot: { takenAt } }: DoctorFacts, until: Date): readonly Counted[] {
  const files = wire.flatMap(({ certificate, key, endpoint }) =>
    certificate === undefined ? [] : { certificate, key, host: endpoint.serverName ?? endpoint.address },
  );
  return [...groupBy(files, ({ certificate }) => certificate.thumbprint).values()].map((group): Counted => {
    const [{ certificate, key }] = group;
    const { short, name, issuer, notAfter } = named(certificate);
    const why = 'Its file in the central certificate store has to be replaced.';
    const places = [{ key, name: listed(group.map(({ host }) => host)), cost: 'person' as const, why, ends: null }];
    const left = usualShare([], 'unknown');
    const now = Date.parse(takenAt);
    return {
      ...{ thumbprint: certificate.thumbprint, short, name, issuer, notAfter, authority: 'unknown', learnt: 'nobody' },
      ...{ places, ends: null },
      renewals: renewalsUntil(until, certificate, left, now, (issuedAt) => longestLifeDays(issuedAt, null)),
    };
  });
}

type Counted = Parameters<typeof forecastFrom>[0][number];

const findingByNames: WorkEnd = {
  title: 'Let CertRebind find renewals by their names',
  command: 'certrebind config set successors same-names',
};

function enabling(lacksNames: boolean): WorkEnd {
  const command = `certrebind enable${lacksNames ? ' --successors same-names' : ''}`;
  return { title: 'Let CertRebind apply renewals by itself', command };
}

/** What kept the last renewal from a place keeps the next one from it. */
function costOf(
  { handled, key, reason, command, restarts, ...consumer }: HandledConsumer,
  place: PlaceStatus | undefined,
  { name, short }: Pick<ForecastCertificate, 'name' | 'short'>,
): Pick<ForecastPlace, 'cost' | 'why' | 'ends'> {
  const person = (why: string, title: string, line: string | null) =>
    ({ cost: 'person', why, ends: { title, command: line } }) as const;
  const isUnsettled = place?.state === 'blocked' || place?.state === 'rolled-back' || place?.code === 'not-restored';
  if (handled && isUnsettled) {
    const lacks = listed(place.missingNames);
    return lacks === ''
      ? person(place.why, `Settle why ${place.name} keeps its certificate`, `certrebind explain ${place.code}`)
      : person(place.why, `Put ${lacks} into the request for ${name}`, null);
  }
  if (handled)
    return restarts === undefined
      ? { cost: 'nothing', why: null, ends: null }
      : { cost: 'restart', why: 'Its service is restarted in the change window.', ends: null };
  const restarted = restarts === undefined ? '.' : ', whose service has to be restarted.';
  const why = consumer.why ?? `CertRebind only reports it${restarted}`;
  const kind = reportedKindOf(key);
  if (kind !== null && reason !== 'excluded') {
    const line = `certrebind trigger add ${kind}-${short.toLowerCase()} --on replaced --names ${name} -- C:\\Ops\\${kind}.cmd`;
    return person(why, `Let a script of yours change ${reportedRules[kind].called} after each renewal`, line);
  }
  // A command of the vendor is typed at each renewal; a setting once.
  if (command?.startsWith('certrebind config ') !== true) return { cost: 'person', why, ends: null };
  return person(why, `Let CertRebind change ${place?.name ?? consumerText(consumer)}`, command);
}
