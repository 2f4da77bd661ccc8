import type { Certificate } from '../../certificates/certificate.ts';
import { dayMs } from '../../certificates/deadline.ts';
import { lifeMs, lifeSteps } from '../../certificates/longest-life.ts';
import { groupBy } from '../../text/group.ts';
import { compareText } from '../../text/order.ts';
import {
  type CostMinutes,
  type Forecast,
  type ForecastAction,
  type ForecastCertificate,
  type ForecastPlace,
  type ForecastTotal,
  type RenewalCost,
  renewalCosts,
} from './document.ts';

export interface Fix {
  readonly title: string;
  readonly command: string | null;
}

/** A place, and what would make its renewals cost less. */
export interface JudgedPlace {
  readonly place: ForecastPlace;
  /** `null` if nothing known does. */
  readonly fix: Fix | null;
}

/** What a person does at each renewal of a certificate. */
interface Task {
  readonly minutes: number;
  /** What makes it superfluous; `null` if nothing known does. */
  readonly fix: Fix | null;
}

export interface Counted {
  readonly certificate: ForecastCertificate;
  readonly tasks: readonly Task[];
}

/** A certificate with its places, the worst first. @param lacksWord somebody has to say that a renewal is here */
export function countedFrom(
  head: Omit<ForecastCertificate, 'places' | 'cost' | 'work'>,
  judged: readonly JudgedPlace[],
  minutes: CostMinutes,
  lacksWord: { readonly fix: Fix | null } | null,
): Counted {
  const rankOf = ({ cost }: ForecastPlace) => renewalCosts.indexOf(cost);
  const places = judged.map(({ place }) => place).sort((a, b) => rankOf(b) - rankOf(a));
  const word = lacksWord === null ? [] : [{ minutes: minutes.person, fix: lacksWord.fix }];
  const tasks = [
    ...word,
    ...judged.flatMap(({ place: { cost }, fix }) => (cost === 'nothing' ? [] : { minutes: minutes[cost], fix })),
  ];
  const costs = [...places.map(({ cost }) => cost), ...word.map(() => 'person' as const)];
  const cost = renewalCosts.findLast((one) => costs.includes(one)) ?? 'nothing';
  return { certificate: { ...head, places, cost, work: sum(tasks.map((task) => task.minutes)) }, tasks };
}

/** Totals and what to do, of certificates with their renewals. Pure. */
export function forecastFrom(
  found: readonly Counted[],
  { at, until, ...head }: Pick<Forecast, 'from' | 'server' | 'at' | 'minutes'> & { readonly until: Date },
): Forecast {
  const workOf = ({ certificate: { work, renewals } }: Counted) => work * renewals.length;
  const counted = found.toSorted(
    (a, b) => workOf(b) - workOf(a) || compareText(a.certificate.name, b.certificate.name),
  );
  const from = new Date(at).getUTCFullYear();
  const years = Array.from(
    { length: new Date(until.getTime() - 1).getUTCFullYear() - from + 1 },
    (_, index) => from + index,
  );
  return {
    schema: 'certrebind/forecast/1',
    ...head,
    at,
    until: until.toISOString(),
    total: totalOf(counted, ''),
    years: years.map((year) => ({ year, ...totalOf(counted, `${year}-`) })),
    certificates: counted.map(({ certificate }) => certificate),
    actions: actionsOf(counted),
    calendar: lifeSteps,
  };
}

interface Course {
  readonly certificate: Pick<Certificate, 'notBefore' | 'notAfter'>;
  readonly share: number;
  readonly now: number;
  readonly longest: (issuedAt: number) => number;
}

/** What is due already is renewed now. A client asks each time for as long as it got, or for the longest there is. */
export function renewalsUntil(
  until: number,
  { certificate, share, now, longest }: Course,
): ForecastCertificate['renewals'] {
  const renewals: { at: string; days: number }[] = [];
  const wanted = lifeMs(certificate) / dayMs;
  let due = Math.max(now, Date.parse(certificate.notBefore) + share * wanted * dayMs);
  while (due < until) {
    const days = Math.min(wanted, longest(due));
    renewals.push({ at: new Date(due).toISOString(), days: Math.round(days * 100) / 100 });
    // Lives of minutes, as in tests, are not counted one by one.
    due += share * Math.max(days, 1) * dayMs;
  }
  return renewals;
}

/** The renewals whose moment begins so. */
function totalOf(counted: readonly Counted[], beginning: string): ForecastTotal {
  const rows = counted.map(({ certificate, tasks }) => {
    const renewals = certificate.renewals.filter(({ at }) => at.startsWith(beginning)).length;
    const left = sum(tasks.filter(({ fix }) => fix === null).map(({ minutes }) => minutes));
    return { cost: certificate.cost, renewals, work: renewals * certificate.work, workAfter: renewals * left };
  });
  const renewalsAt = (cost: RenewalCost) =>
    sum(rows.filter((row) => row.cost === cost).map(({ renewals }) => renewals));
  return {
    renewals: sum(rows.map(({ renewals }) => renewals)),
    costs: {
      nothing: renewalsAt('nothing'),
      restart: renewalsAt('restart'),
      person: renewalsAt('person'),
      blocked: renewalsAt('blocked'),
    },
    work: sum(rows.map(({ work }) => work)),
    workAfter: sum(rows.map(({ workAfter }) => workAfter)),
  };
}

function actionsOf(counted: readonly Counted[]): readonly ForecastAction[] {
  const due = counted.flatMap(({ certificate, tasks }) =>
    tasks.flatMap(({ fix, minutes }) => (fix === null ? [] : { fix, minutes, certificate })),
  );
  return [...groupBy(due, ({ fix: { title, command } }) => command ?? title)]
    .map(([, [first, ...more]]) => {
      const all = [first, ...more];
      const helped = new Set(all.map(({ certificate }) => certificate));
      return {
        ...first.fix,
        renewals: sum([...helped].map(({ renewals }) => renewals.length)),
        saves: sum(all.map(({ minutes, certificate }) => minutes * certificate.renewals.length)),
      };
    })
    .filter(({ saves }) => saves > 0)
    .sort((a, b) => b.saves - a.saves || compareText(a.title, b.title));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
