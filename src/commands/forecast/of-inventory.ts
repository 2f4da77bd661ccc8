import { groupBy } from '../../base/group.ts';
import { distinct } from '../../base/order.ts';
import type { Forecast, ForecastCertificate, ForecastPlace, WorkEnd } from '../../documents/forecast.ts';
import { certificatesOf, type Inventory, type InventoryEntry, olderInUse } from '../../documents/inventory.ts';
import { forecastFrom, renewalsUntil } from '../../engine/views/forecast.ts';
import { isRestarted, kindOf } from '../../kinds/holder.ts';
import { isReportedKind, reportedRules } from '../../kinds/reported/reported-kinds.ts';
import { dayMs } from '../../model/certificates/deadline.ts';
import { lifeMs, longestLifeDays } from '../../model/certificates/longest-life.ts';
import { shortest } from '../../model/certificates/named-certificate.ts';
import { usualShare } from '../../model/certificates/schedule.ts';
import { toThumbprint } from '../../model/certificates/thumbprint.ts';
import { count } from '../../shell/print/phrases.ts';

/**
 * What every renewal will cost on many servers, by rules: an inventory has neither the renewals of the past nor the
 * settings of a server. A certificate is renewed once, wherever it is in use. Pure.
 */
export function forecastOfInventory({ entries, takenAt }: Inventory, until: Date): Forecast {
  const now = Date.parse(takenAt);
  const certificates = certificatesOf(entries);
  const newer = new Map(olderInUse(certificates).map(({ certificate, newest }) => [certificate, newest]));
  const counted = [...groupBy(certificates, (one) => newer.get(one) ?? one)].flatMap(([certificate, group]) => {
    const { name, issuer, notAfter } = certificate;
    const thumbprint = toThumbprint(certificate.thumbprint);
    const places = group.flatMap(({ at, thumbprint: held }) =>
      [...at].flatMap(([server, usedBy]) => {
        const there = entries.filter((entry) => entry.server === server);
        return usedBy.split(', ').flatMap((user) => (user === '' ? [] : placeOf(user, held, name, there)));
      }),
    );
    if (thumbprint === null || places.length === 0) return [];
    const notBefore =
      certificate.notBefore ?? new Date(Date.parse(notAfter) - longestLifeDays(now) * dayMs).toISOString();
    const life = { notBefore, notAfter };
    // No public authority has issued for longer than 398 days since 2020. What may be public is counted as such.
    const authority: ForecastCertificate['authority'] =
      issuer === name ? 'self-signed' : lifeMs(life) > 398 * dayMs ? 'private' : 'unknown';
    const longest = authority === 'unknown' ? longestLifeDays : () => Number.POSITIVE_INFINITY;
    return {
      ...{ thumbprint, short: thumbprint.slice(0, shortest), name, issuer, notAfter, authority, places },
      learnt: 'unknown' as const,
      ends: null,
      renewals: renewalsUntil(until, life, usualShare([], authority), now, longest),
    };
  });
  const servers = count(distinct(entries.map(({ server }) => server)).length, 'server');
  return forecastFrom(counted, { server: servers, at: takenAt, until });
}

/** By site or kind. @param there what is known of its server */
function placeOf(user: string, held: string, name: string, there: readonly InventoryEntry[]): ForecastPlace {
  const placed = (cost: ForecastPlace['cost'], why: string | null, ends: WorkEnd | null = null) => {
    return { key: null, name: `${user} on ${there[0]?.server}`, cost, why, ends };
  };
  // A finding that names no site is of the whole server.
  const lacks = there.find(({ kind, ...one }) => kind === 'finding' && one.missingNames && (one.site ?? user) === user);
  const title = `Put ${lacks?.missingNames} into the request for ${name}`;
  if (lacks) return placed('person', `The new certificate lacks ${lacks.missingNames}.`, { title, command: null });
  const restarted = there.flatMap((one) => (one.thumbprint === held ? (one.restarts ?? '').split(', ') : []));
  if (isRestarted(kindOf(`${user}/`)) || restarted.includes(user))
    return placed('restart', 'Its service has to be restarted: by a policy, or by you.');
  if (isReportedKind(user)) return placed('person', `CertRebind only reports ${reportedRules[user].called}.`);
  if (there.find(({ kind }) => kind === 'server')?.enabled !== false) return placed('nothing', null);
  const enable = { title: 'Let CertRebind apply renewals by itself, where it does not', command: 'certrebind enable' };
  return placed('person', 'CertRebind is not enabled there.', enable);
}
