import { groupBy } from '../../base/group.ts';
import { compareText } from '../../base/order.ts';
import { type Forecast, type ForecastCertificate, type ForecastCount, renewalCosts } from '../../documents/forecast.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import { dayMs } from '../../model/certificates/deadline.ts';
import { lifeMs } from '../../model/certificates/longest-life.ts';

/** @param counted with their renewals. Pure. */
export function forecastFrom(
  counted: readonly Omit<ForecastCertificate, 'cost'>[],
  { until, ...head }: Pick<Forecast, 'server' | 'at'> & { readonly until: Date },
): Forecast {
  const worst = (one: Pick<ForecastCertificate, 'cost'>) => renewalCosts.indexOf(one.cost);
  const certificates = counted
    .map((one): ForecastCertificate => {
      const places = one.places.toSorted((a, b) => worst(b) - worst(a) || compareText(a.name, b.name));
      return { ...one, places, cost: one.learnt === 'nobody' ? 'person' : (places[0]?.cost ?? 'nothing') };
    })
    .sort((a, b) => worst(b) - worst(a) || b.renewals.length - a.renewals.length || compareText(a.name, b.name));
  const [from, to] = [new Date(head.at).getUTCFullYear(), new Date(until.getTime() - 1).getUTCFullYear()];
  const years = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
  return {
    schema: 'certrebind/forecast/2',
    ...head,
    until: until.toISOString(),
    total: countOf(certificates, ''),
    years: years.map((year) => ({ year, ...countOf(certificates, `${year}-`) })),
    certificates,
    actions: actionsOf(certificates),
  };
}

/** The renewals whose moment begins so. */
function countOf(certificates: readonly ForecastCertificate[], beginning: string): ForecastCount {
  const costs = { nothing: 0, restart: 0, person: 0 };
  for (const { cost, renewals } of certificates)
    costs[cost] += renewals.filter(({ at }) => at.startsWith(beginning)).length;
  return { renewals: costs.nothing + costs.restart + costs.person, costs };
}

function actionsOf(certificates: readonly ForecastCertificate[]): Forecast['actions'] {
  const ends = certificates.flatMap((certificate) =>
    [certificate, ...certificate.places].flatMap((one) => (one.ends === null ? [] : { ...one.ends, certificate })),
  );
  return [...groupBy(ends, ({ title, command }) => command ?? title)]
    .map(([, group]) => {
      const [{ title, command }] = group;
      const helped = [...new Set(group.map(({ certificate }) => certificate))];
      return { title, command, renewals: helped.reduce((sum, { renewals }) => sum + renewals.length, 0) };
    })
    .filter(({ renewals }) => renewals > 0)
    .sort((a, b) => b.renewals - a.renewals || compareText(a.title, b.title));
}

/**
 * What is due already is renewed now. A client asks each time for as long as it got, or for the longest there is.
 * @param left the part of a life that is left then
 */
export function renewalsUntil(
  until: Date,
  certificate: Pick<Certificate, 'notBefore' | 'notAfter'>,
  left: number,
  now: number,
  longest: (issuedAt: number) => number,
): ForecastCertificate['renewals'] {
  const renewals: { at: string; days: number }[] = [];
  // Some begin minutes before their issue, which is no part of a day.
  const rounded = (days: number) => (days < 10 ? Math.round(days * 10) / 10 : Math.round(days));
  const wanted = lifeMs(certificate) / dayMs;
  const share = 1 - left;
  let due = Math.max(now, Date.parse(certificate.notBefore) + share * wanted * dayMs);
  while (due < until.getTime()) {
    const days = Math.min(wanted, longest(due));
    renewals.push({ at: new Date(due).toISOString(), days: rounded(days) });
    // Lives of minutes, as in tests, are not counted one by one.
    due += share * Math.max(days, 1) * dayMs;
  }
  return renewals;
}
