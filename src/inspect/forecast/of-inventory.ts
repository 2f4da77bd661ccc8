import { dayMs } from '../../certificates/deadline.ts';
import { lifeMs, longestLifeDays, usualShare } from '../../certificates/longest-life.ts';
import { shortest } from '../../certificates/named-certificate.ts';
import { toThumbprint } from '../../certificates/thumbprint.ts';
import { count } from '../../command-line/print/phrases.ts';
import { isRestarted, kindOf } from '../../holders/holder.ts';
import { isReportedKind, reportedRules } from '../../holders/reported/reported-kinds.ts';
import { groupBy } from '../../text/group.ts';
import { distinct } from '../../text/order.ts';
import {
  certificatesOf,
  type FleetCertificate,
  type Inventory,
  type InventoryEntry,
  olderInUse,
} from '../page/inventory.ts';
import type { CostMinutes, Forecast, ForecastCertificate, ForecastPlace } from './document.ts';
import { type Counted, countedFrom, type Fix, forecastFrom, type JudgedPlace, renewalsUntil } from './forecast.ts';

/**
 * What every renewal will cost on many servers, by rules: an inventory has neither the renewals of the past nor the
 * settings of a server. A certificate is renewed once, wherever it is in use. Pure.
 */
export function forecastOfInventory({ entries, takenAt }: Inventory, until: Date, minutes: CostMinutes): Forecast {
  const certificates = certificatesOf(entries);
  const newer = new Map(olderInUse(certificates).map(({ certificate, newest }) => [certificate, newest]));
  const newest = groupBy(certificates, (one) => newer.get(one) ?? one);
  const counted = [...newest].flatMap(([certificate, group]) => {
    const places = group.flatMap((one) => placesOf(one, certificate.name, entries));
    return places.length === 0 ? [] : countedOf(certificate, places, { takenAt, until, minutes });
  });
  const servers = count(distinct(entries.map(({ server }) => server)).length, 'server');
  return forecastFrom(counted, { from: 'inventory', server: servers, at: takenAt, until, minutes });
}

/** Where a certificate is in use: on each server, by site or kind. */
function placesOf(
  { at, thumbprint }: FleetCertificate,
  name: string,
  entries: readonly InventoryEntry[],
): readonly JudgedPlace[] {
  return [...at].flatMap(([server, usedBy]) =>
    usedBy
      .split(', ')
      .filter(Boolean)
      .map((user) => {
        const there = entries.filter((entry) => entry.server === server);
        const restarted = there.flatMap((one) =>
          one.thumbprint === thumbprint ? (one.restarts ?? '').split(', ') : [],
        );
        const isOfService = isRestarted(kindOf(`${user}/`)) || restarted.includes(user);
        const { cost, why, fix } = judged(user, name, { entries: there, isOfService });
        return { place: { key: null, name: `${user} on ${server}`, cost, why }, fix };
      }),
  );
}

function judged(
  user: string,
  name: string,
  { entries, isOfService }: { readonly entries: readonly InventoryEntry[]; readonly isOfService: boolean },
): Pick<ForecastPlace, 'cost' | 'why'> & { readonly fix: Fix | null } {
  // One that names no site is of the whole server.
  const lacks = entries.find(
    ({ kind, missingNames, site = null }) => kind === 'finding' && missingNames && (site ?? user) === user,
  )?.missingNames;
  if (lacks)
    return {
      cost: 'blocked',
      why: `The new certificate lacks ${lacks}.`,
      fix: { title: `Put ${lacks} into the request for ${name}`, command: null },
    };
  if (isOfService) return { cost: 'restart', why: 'Its service has to be restarted for a new certificate.', fix: null };
  if (isReportedKind(user)) {
    const { called, restarts = false } = reportedRules[user];
    const why = `CertRebind only reports ${called}${restarts ? ', and its service has to be started again' : ''}.`;
    return { cost: restarts ? 'restart' : 'person', why, fix: null };
  }
  if (entries.find(({ kind }) => kind === 'server')?.enabled !== false)
    return { cost: 'nothing', why: null, fix: null };
  const fix = {
    title: 'Let CertRebind apply renewals by itself, on each server where it does not',
    command: 'certrebind enable',
  };
  return { cost: 'person', why: 'CertRebind is not enabled there.', fix };
}

function countedOf(
  { name, issuer, notAfter, ...one }: FleetCertificate,
  places: readonly JudgedPlace[],
  { takenAt, until, minutes }: { readonly takenAt: string; readonly until: Date; readonly minutes: CostMinutes },
): readonly Counted[] {
  const thumbprint = toThumbprint(one.thumbprint);
  if (thumbprint === null) return [];
  const now = Date.parse(takenAt);
  const notBefore = one.notBefore ?? new Date(Date.parse(notAfter) - longestLifeDays(now) * dayMs).toISOString();
  const authority = authorityOf({ name, issuer, notBefore, notAfter });
  const share = usualShare(authority);
  const longest = authority === 'unknown' ? longestLifeDays : () => Number.POSITIVE_INFINITY;
  const head = {
    thumbprint,
    short: thumbprint.slice(0, shortest),
    name,
    issuer,
    notAfter,
    authority,
    learnt: 'unknown',
    renewedAfter: { share, by: 'rule' },
    renewals: renewalsUntil(until.getTime(), { certificate: { notBefore, notAfter }, share, now, longest }),
  } as const;
  return [countedFrom(head, places, minutes, null)];
}

/** No public authority has issued for longer than 398 days since 2020. What may be public is counted as such. */
function authorityOf(
  one: Pick<FleetCertificate, 'name' | 'issuer'> & Parameters<typeof lifeMs>[0],
): ForecastCertificate['authority'] {
  if (one.issuer === one.name) return 'self-signed';
  return lifeMs(one) > 398 * dayMs ? 'private' : 'unknown';
}
