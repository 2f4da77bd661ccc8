import type { Certificate } from '../../certificates/certificate.ts';
import { successorsOf } from '../../certificates/lineage.ts';
import { lifeMs, longestLifeDays, usualShare } from '../../certificates/longest-life.ts';
import { byThumbprint } from '../../certificates/named-certificate.ts';
import type { Renewal } from '../../certificates/renewal.ts';
import type { Thumbprint } from '../../certificates/thumbprint.ts';
import { type Vouched, vouching } from '../../certificates/trust.ts';
import { listed } from '../../documents/finding.ts';
import type { PlaceStatus, Status } from '../../documents/status.ts';
import { consumerText } from '../../holders/consumer.ts';
import { kindOf, servicesOf } from '../../holders/holder.ts';
import { reportedKindOf } from '../../holders/reported/reported.ts';
import { reportedRules } from '../../holders/reported/reported-kinds.ts';
import { namedCertificates } from '../../plan/named-certificates.ts';
import { groupBy } from '../../text/group.ts';
import { compareText } from '../../text/order.ts';
import { renewalsOf } from '../findings/diagnose.ts';
import type { DoctorFacts } from '../findings/facts.ts';
import { statusOf } from '../status/server-status.ts';
import type { HandledConsumer } from '../usage/document.ts';
import { usageOf } from '../usage/usage.ts';
import type { CostMinutes, Forecast, ForecastCertificate, ForecastPlace } from './document.ts';
import { type Counted, countedFrom, type Fix, forecastFrom, type JudgedPlace, renewalsUntil } from './forecast.ts';

/** What every renewal until a moment will cost on this server as it is now. Pure. */
export function forecastOf(facts: DoctorFacts, until: Date, minutes: CostMinutes): Forecast {
  const { takenAt, server } = facts.snapshot;
  return forecastFrom(countedOf(facts, until.getTime(), minutes), {
    from: 'server',
    server: server.name,
    at: takenAt,
    until,
    minutes,
  });
}

function countedOf(facts: DoctorFacts, until: number, minutes: CostMinutes): readonly Counted[] {
  const { snapshot, configuration } = facts;
  const { inForce } = renewalsOf(facts);
  const status = statusOf(facts);
  const vouchedFor = vouching(snapshot.trust, Date.parse(snapshot.takenAt));
  const isPublic = (one: Certificate | undefined) =>
    one !== undefined && authorityOf(one, vouchedFor(one)) === 'public';
  const held = byThumbprint(snapshot.certificates);
  const newest = newestOf(inForce, held);
  const names = byThumbprint(namedCertificates(snapshot, [...held.keys()]));
  const used = usageOf(snapshot, configuration, null).certificates.filter(({ consumers }) => consumers.length > 0);
  const byNames =
    configuration.successors === 'recorded' && used.some(({ thumbprint }) => isPublic(held.get(thumbprint)));
  const restarted = servicesOf(snapshot);
  const seen = new Map<string, PlaceStatus>(status.places.map((place) => [place.key, place]));
  return [...groupBy(used, ({ thumbprint }) => newest(thumbprint))].flatMap(([thumbprint, group]) => {
    const [certificate, named] = [held.get(thumbprint), names.get(thumbprint)];
    if (certificate === undefined || named === undefined) return [];
    const vouched = vouchedFor(certificate);
    const authority = authorityOf(certificate, vouched);
    const learnt = howLearnt(thumbprint, authority, inForce, status.enabled, configuration.successors);
    const places = placesOf(
      group.flatMap(({ consumers }) => consumers),
      seen,
      { ...named, restarted },
    );
    const lacksWord = learnt === 'nobody' && places.some(({ place }) => place.cost === 'nothing');
    const renewedAfter = renewedAfterOf(certificate, authority, inForce, held);
    const { names: _, ...rest } = named;
    const head = {
      ...rest,
      authority,
      learnt,
      renewedAfter: { ...renewedAfter, share: Math.round(renewedAfter.share * 1000) / 1000 },
      renewals: renewalsUntil(until, {
        certificate,
        share: renewedAfter.share,
        now: Date.parse(snapshot.takenAt),
        longest: longestOf(authority, vouched),
      }),
    };
    const word = lacksWord ? { fix: fixOfLearning(authority, status.enabled, byNames) } : null;
    return countedFrom(head, places, minutes, word);
  });
}

/** What stands at the end of the renewals that are known, as far as it is here. */
function newestOf(
  inForce: readonly Renewal[],
  held: ReadonlyMap<Thumbprint, Certificate>,
): (thumbprint: Thumbprint) => Thumbprint {
  const successors = successorsOf(inForce);
  return (thumbprint) => {
    let [found, next] = [thumbprint, successors.get(thumbprint)];
    while (next !== undefined && held.has(next)) [found, next] = [next, successors.get(next)];
    return found;
  };
}

function authorityOf({ selfSigned }: Certificate, { ofAuthorities }: Vouched): ForecastCertificate['authority'] {
  if (selfSigned === true) return 'self-signed';
  if (ofAuthorities === 'none' || ofAuthorities === 'disallowed') return 'private';
  return ofAuthorities;
}

/** In days, by the moment of issue. */
function longestOf(authority: ForecastCertificate['authority'], { issuers }: Vouched): (issuedAt: number) => number {
  if (authority === 'private' || authority === 'self-signed') return () => Number.POSITIVE_INFINITY;
  const organisation = issuers[0]?.organisation ?? null;
  return (issuedAt) => longestLifeDays(issuedAt, organisation);
}

function renewedAfterOf(
  certificate: Certificate,
  authority: ForecastCertificate['authority'],
  inForce: readonly Renewal[],
  held: ReadonlyMap<Thumbprint, Certificate>,
): ForecastCertificate['renewedAfter'] {
  const link = inForce.findLast((one) => one.new === certificate.thumbprint && one.early === undefined);
  const before = link === undefined ? undefined : held.get(link.old);
  if (before !== undefined) {
    const share = (Date.parse(certificate.notBefore) - Date.parse(before.notBefore)) / lifeMs(before);
    // Anything earlier was no renewal by a schedule.
    if (share >= 0.25 && share <= 1) return { share, by: 'history' };
  }
  return { share: usualShare(authority), by: 'rule' };
}

type Successors = DoctorFacts['configuration']['successors'];

/** As the last renewal was; where none is known, by what is set. */
function howLearnt(
  thumbprint: Thumbprint,
  authority: ForecastCertificate['authority'],
  inForce: readonly Renewal[],
  enabled: Status['enabled'],
  successors: Successors,
): ForecastCertificate['learnt'] {
  const link = inForce.findLast((one) => one.new === thumbprint && one.corroborated);
  if (link?.source === 'given') return 'given';
  if (enabled === false) return 'nobody';
  if (link !== undefined) return link.source;
  if (authority === 'private') return 'event';
  return authority === 'public' && successors === 'same-names' ? 'same-names' : 'nobody';
}

/** @param byNames whether a public certificate needs that its renewals are found by their names */
function fixOfLearning(
  authority: ForecastCertificate['authority'],
  enabled: Status['enabled'],
  byNames: boolean,
): Fix | null {
  if (authority !== 'public' && authority !== 'private') return null;
  if (enabled === false) {
    const names = byNames ? ' --successors same-names' : '';
    return { title: 'Let CertRebind apply renewals by itself', command: `certrebind enable${names}` };
  }
  return {
    title: 'Let CertRebind find renewals by their names',
    command: 'certrebind config set successors same-names',
  };
}

interface Named extends Pick<ForecastCertificate, 'name' | 'short'> {
  /** By keys of holders. */
  readonly restarted: ReadonlyMap<string, unknown>;
}

/** Each place once, by its name, whatever the number of its bindings. */
function placesOf(
  consumers: readonly HandledConsumer[],
  seen: ReadonlyMap<string, PlaceStatus>,
  named: Named,
): readonly JudgedPlace[] {
  return [...groupBy(consumers, ({ key }) => key)]
    .map(([key, [first, ...more]]) => {
      const consumer = [first, ...more].find(({ handled }) => !handled) ?? first;
      const name = seen.get(key)?.name ?? consumerText(consumer);
      const { cost, why, fix } = judged(consumer, seen.get(key), named);
      return { place: { key, name, cost, why }, fix };
    })
    .sort((a, b) => compareText(a.place.name, b.place.name));
}

/** What kept the last renewal from a place keeps the next one from it. */
function judged(
  consumer: HandledConsumer,
  place: PlaceStatus | undefined,
  named: Named,
): Pick<ForecastPlace, 'cost' | 'why'> & { readonly fix: Fix | null } {
  if (consumer.handled) {
    if (place?.state !== 'blocked' && place?.state !== 'rolled-back') {
      const why = named.restarted.has(consumer.key) ? 'Its service is restarted in the change window.' : null;
      return { cost: 'nothing', why, fix: null };
    }
    const lacks = listed(place.missingNames);
    const fix =
      lacks === ''
        ? { title: `Settle why ${place.name} keeps its certificate`, command: `certrebind explain ${place.code}` }
        : { title: `Put ${lacks} into the request for ${named.name}`, command: null };
    return { cost: 'blocked', why: place.why, fix };
  }
  const { key, reason, command } = consumer;
  const kind = reportedKindOf(key);
  if (reason === 'excluded') return { cost: 'person', why: 'The configuration excludes it.', fix: null };
  if (kind !== null) {
    const { called, restarts = false } = reportedRules[kind];
    const line = `certrebind trigger add ${kind}-${named.short.toLowerCase()} --on replaced --names ${named.name} -- C:\\Ops\\${kind}.cmd`;
    const why = `CertRebind only reports it${restarts ? ', and its service has to be started again' : ''}.`;
    const fix = { title: `Let a script of yours change ${called} after each renewal`, command: line };
    return { cost: restarts ? 'restart' : 'person', why, fix };
  }
  if (named.restarted.has(key)) {
    const isSetting = command?.startsWith('certrebind config ') === true;
    const line = isSetting ? command : `certrebind config set holders.${kindOf(key)}.policy replace`;
    const fix = { title: `Let CertRebind change ${consumerText(consumer)} in a change window`, command: line };
    return { cost: 'restart', why: 'Its service has to be restarted, and no policy allows that.', fix };
  }
  if (reason === 'shared-with')
    return { cost: 'blocked', why: 'Another product uses this certificate binding too.', fix: null };
  // A command of the vendor is typed at each renewal; a setting once.
  if (command?.startsWith('certrebind config ') !== true)
    return {
      cost: 'person',
      why: 'CertRebind cannot change it, or does not know who chose its certificate.',
      fix: null,
    };
  const why =
    reason === 'other-program' ? 'No IIS binding uses this certificate binding.' : 'The configuration only reports it.';
  return { cost: 'person', why, fix: { title: `Let CertRebind change ${consumerText(consumer)}`, command } };
}
