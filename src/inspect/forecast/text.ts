import { certificateText, day } from '../../certificates/named-certificate.ts';
import type { Look } from '../../command-line/print/look.ts';
import { count, firstOf, heading, paragraphs } from '../../command-line/print/phrases.ts';
import { renderTable } from '../../command-line/print/table.ts';
import { groupBy } from '../../text/group.ts';
import { escapeControls } from '../../text/safe-text.ts';
import type { Forecast, ForecastCertificate, ForecastTotal, RenewalCost } from './document.ts';

export function forecastText(forecast: Forecast, look: Look): string {
  const { certificates, actions } = forecast;
  if (certificates.length === 0) return 'No certificate in use is known.';
  return paragraphs(
    [
      `${escapeControls(forecast.server)}: ${neededText(forecast)}. ${workText(forecast)}`.trimEnd(),
      yearsTable(forecast, look),
      certificatesTable(certificates, look),
      actions.length === 0
        ? null
        : [
            heading('Do this now', look),
            ...actions.flatMap(({ title, command, renewals, saves }, index) => [
              `  ${index + 1}. ${escapeControls(title)}. Saves ${hours(saves)} at ${count(renewals, 'renewal')}.`,
              ...(command === null ? [] : [`       ${escapeControls(command)}`]),
            ]),
          ],
      [heading('How it is counted', look), ...counting(forecast).map((line) => `  ${line}`)],
    ],
    look,
  );
}

/** `12 of 20 renewals until 2029-12-31 need a person` */
export function neededText(forecast: Forecast): string {
  const { renewals, costs } = forecast.total;
  return `${renewals - costs.nothing} of ${count(renewals, 'renewal')} until ${lastDay(forecast)} need a person`;
}

export function workText({ total: { work, workAfter } }: Forecast): string {
  return work === 0 ? '' : `About ${hours(work)} of work, after the changes below about ${hours(workAfter)}.`;
}

export function lastDay({ until }: Forecast): string {
  return day(new Date(Date.parse(until) - 1).toISOString());
}

export function hours(minutes: number): string {
  if (minutes === 0) return 'none';
  return minutes < 60 ? `${minutes} min` : `${Math.round(minutes / 6) / 10} h`;
}

const costTitles: Readonly<Record<RenewalCost, string>> = {
  nothing: 'unattended',
  restart: 'restart',
  person: 'person',
  blocked: 'blocked',
};

function yearsTable({ years, total }: Forecast, look: Look): string {
  const row = (title: string, { renewals, costs, work, workAfter }: ForecastTotal) => [
    title,
    ...[renewals, costs.nothing, costs.restart, costs.person, costs.blocked].map(String),
    hours(work),
    hours(workAfter),
  ];
  const titles = ['renewals', ...Object.values(costTitles), 'work', 'after'];
  return renderTable(
    [{ title: 'year' }, ...titles.map((title) => ({ title, align: 'right' as const }))],
    [...years.map((year) => row(String(year.year), year)), row('all', total)],
    look,
  );
}

function certificatesTable(certificates: readonly ForecastCertificate[], look: Look): string {
  return renderTable(
    [
      { title: 'certificate', flexible: true },
      { title: 'renewals', align: 'right' },
      { title: 'next', flexible: true },
      { title: 'learnt', flexible: true },
      { title: 'what it costs', flexible: true },
    ],
    certificates.map((one) => [
      [certificateText(one), `${one.short}, ${authorities[one.authority]}`],
      String(one.renewals.length),
      firstOf(
        one.renewals.map(({ at, days }) => `${day(at)}, ${count(days, 'day')}`),
        3,
        look,
        '',
      ),
      ways[one.learnt],
      costLines(one, look),
    ]),
    look,
  );
}

export const authorities: Readonly<Record<ForecastCertificate['authority'], string>> = {
  public: 'public',
  private: 'your own authority',
  'self-signed': 'self-signed',
  unknown: 'authority not known',
};

export const ways: Readonly<Record<ForecastCertificate['learnt'], string>> = {
  event: 'by an event of Windows',
  'renewal-property': 'by a property of the old one',
  'same-names': 'by its names',
  given: 'by a command, as the last time',
  nobody: 'by you',
  unknown: 'not known',
};

export function costLines({ places, cost, learnt }: ForecastCertificate, look: Look): readonly string[] {
  if (cost === 'nothing') return ['unattended'];
  const costly = groupBy(
    places.filter((place) => place.cost !== 'nothing'),
    (place) => `${costTitles[place.cost]}: ${place.why ?? ''}`,
  );
  const lines = [...costly].map(([text, group]) => `${group.map(({ name }) => name).join(', ')}: ${text}`);
  const isTyped = learnt === 'nobody' && places.some((place) => place.cost === 'nothing');
  return firstOf([...lines, ...(isTyped ? ['person: certrebind rebind'] : [])], 4, look);
}

export function counting({ from, minutes, calendar }: Forecast): readonly string[] {
  const steps = (wanted: string | undefined) =>
    calendar.filter(({ authority }) => authority === wanted).map(({ from, days }) => `${days} days from ${day(from)}`);
  const { blocked, person, restart } = minutes;
  return [
    `Public certificates live at most ${steps(undefined).join(', ')}. Let's Encrypt: ${steps("let's encrypt").join(', ')}.`,
    'Those of your own authority and self-signed ones live as long as now. An authority that is not known counts as public.',
    'A certificate is renewed after the same part of its life as the one before. Where that is not known: your own authority after 80 %, others after 2/3.',
    ...(from === 'inventory'
      ? [
          'From an inventory, by rules alone: a certificate that lives longer than 398 days is of your own authority, CertRebind changes everything but what it only reports, and learns of each renewal where it is enabled.',
        ]
      : []),
    `Minutes for a place, by estimate: blocked ${blocked}, person ${person}, restart ${restart}. A renewal counts as the worst of its places.`,
  ];
}
