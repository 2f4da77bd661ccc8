import { groupBy } from '../../base/group.ts';
import { escapeControls } from '../../base/safe-text.ts';
import { listed } from '../../documents/finding.ts';
import { type Forecast, type ForecastCertificate, type ForecastCount, renewalCosts } from '../../documents/forecast.ts';
import { isOfCentralStore } from '../../kinds/record-key.ts';
import { certificateText, day } from '../../model/certificates/named-certificate.ts';
import { count, firstOf, heading, paragraphs } from './phrases.ts';
import { flexible, renderTable } from './table.ts';
import type { TerminalStyle } from './terminal-style.ts';

export function forecastText(forecast: Forecast, look: TerminalStyle): string {
  const { server, years, total, certificates, actions } = forecast;
  if (certificates.length === 0) return 'No certificate in use is known.';
  const row = (title: string, { renewals, costs }: ForecastCount) =>
    [title, renewals, ...renewalCosts.map((cost) => costs[cost])].map(String);
  const titles = ['renewals', ...renewalCosts.map((cost) => costWords[cost])];
  return paragraphs(
    [
      `${escapeControls(server)}: ${neededText(forecast)}.`,
      renderTable(
        ['year', ...titles.map((title) => ({ title, align: 'right' as const }))],
        [...years.map((year) => row(String(year.year), year)), row('all', total)],
        look,
      ),
      renderTable(
        [flexible('certificate'), 'renewals', ...['next', 'learnt', 'what it costs'].map(flexible)],
        certificates.map((one) => [
          [certificateText(one), `${one.short}, ${one.authority}`],
          String(one.renewals.length),
          nextText(one),
          ways[one.learnt],
          costLines(one, look),
        ]),
        look,
      ),
      actions.flatMap(({ title, command, renewals }, index) => [
        ...(index === 0 ? [heading('What ends this work', look)] : []),
        `  ${index + 1}. ${escapeControls(title)} (${count(renewals, 'renewal')}).`,
        ...(command === null ? [] : [`       ${escapeControls(command)}`]),
      ]),
    ],
    look,
  );
}

/** `12 of 20 renewals until 2029-12-31 need a person` */
export function neededText({ until, total: { renewals, costs } }: Forecast): string {
  return `${costs.person} of ${count(renewals, 'renewal')} until ${day(new Date(Date.parse(until) - 1).toISOString())} need a person`;
}

export function nextText({ renewals: [next] }: ForecastCertificate): string {
  return next === undefined ? 'none' : `${day(next.at)}, for ${count(next.days, 'day')}`;
}

export const costWords = { nothing: 'by itself', restart: 'restart in the window', person: 'person' } as const;

export const ways: Readonly<Record<ForecastCertificate['learnt'], string>> = {
  event: 'by an event of Windows',
  'renewal-property': 'by a property of the old one',
  'same-names': 'by its names',
  given: 'by a command, as the last time',
  nobody: 'by you',
  unknown: 'not known',
};

export function costLines({ places, cost, learnt }: ForecastCertificate, look: TerminalStyle): readonly string[] {
  if (cost === 'nothing') return [costWords.nothing];
  const groups = groupBy(
    places.filter((one) => one.cost !== 'nothing'),
    ({ why }) => why,
  );
  const isTyped = learnt === 'nobody' && !places.every(({ key }) => key !== null && isOfCentralStore(key));
  const lines = [...groups].map(([why, same]) => `${listed(same.map(({ name }) => name))}: ${why}`);
  return firstOf([...lines, ...(isTyped ? ['each renewal: certrebind rebind'] : [])], 4, look);
}
