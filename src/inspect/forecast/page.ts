import { certificateText, day } from '../../certificates/named-certificate.ts';
import { plain } from '../../command-line/print/look.ts';
import { count } from '../../command-line/print/phrases.ts';
import { html, type Markup, page } from '../page/html.ts';
import {
  commandLine,
  header,
  icon,
  mix,
  row,
  rows,
  type Shape,
  section,
  type Tone,
  timeText,
} from '../page/page-parts.ts';
import { pageStyle } from '../page/page-style.ts';
import type { Forecast, ForecastAction, ForecastCertificate, ForecastTotal, RenewalCost } from './document.ts';
import { authorities, costLines, counting, hours, lastDay, neededText, ways, workText } from './text.ts';

const looks: Readonly<Record<RenewalCost, readonly [shape: Shape, tone: Tone, title: string]>> = {
  blocked: ['bad', 'bad', 'Blocked'],
  person: ['warn', 'warn', 'Need a person'],
  restart: ['back', 'info', 'Need a restart'],
  nothing: ['good', 'good', 'Unattended'],
};
const worstFirst = ['blocked', 'person', 'restart', 'nothing'] as const;

/** One page: how many renewals need a person, when, and which changes make them unattended. */
export function forecastPage(forecast: Forecast, version: string): string {
  const { server, at, total, certificates, actions, minutes } = forecast;
  const needed = total.renewals - total.costs.nothing;
  const first = certificates
    .flatMap(({ name, cost, renewals: [next] }) =>
      cost === 'nothing' || next === undefined ? [] : { name, at: next.at },
    )
    .reduce<{ name: string; at: string } | null>((a, b) => (a === null || b.at < a.at ? b : a), null);
  const [action = null] = actions;
  const headline = neededText(forecast);
  return page({
    title: `${needed === 0 ? '✓' : '▲'} ${server}: ${headline}`,
    style: pageStyle,
    body: html`${header({
      subject: server,
      rank: needed === 0 ? 2 : 1,
      word: needed === 0 ? 'Unattended' : 'Plan this',
      headline,
      text: [
        workText(forecast),
        first === null ? '' : `The first that needs you: ${first.name}, about ${day(first.at)}.`,
        action === null ? '' : `What saves most: ${action.title}.`,
      ].join(' '),
      command: action?.command ?? null,
      at: html`${timeText(at, undefined)} UTC, forecast until ${lastDay(forecast)}`,
      sections: [
        ['years', 'By year'],
        ['do', 'Do this now'],
        ['lines', 'By certificate'],
        ['how', 'How it is counted'],
      ],
    })}<main>
${total.renewals === 0 ? null : mix(tilesOf(total), 'renewal')}${yearsSection(forecast)}${actionsSection(actions)}${linesSection(forecast)}${section(
  'how',
  'How it is counted',
  html`${counting(forecast).map(
    (line) => html`<p>${line}</p>
`,
  )}`,
)}</main>
<footer>Written by <code>certrebind forecast</code>, version ${version}; the work is estimated with ${minutes.blocked}, ${minutes.person} and ${minutes.restart} minutes. It does not refresh itself.</footer>`,
  });
}

function tilesOf({ costs }: ForecastTotal): Parameters<typeof mix>[0] {
  return worstFirst.map((cost) => {
    const [shape, tone, title] = looks[cost];
    return { title, tone, shape, number: costs[cost], text: '' };
  });
}

function yearsSection({ years }: Forecast): Markup {
  const most = Math.max(1, ...years.map(({ renewals }) => renewals));
  const bodies = years.map(({ year, renewals, costs, work, workAfter }) => {
    let x = 0;
    const bars = worstFirst.map((cost) => {
      const [, tone] = looks[cost];
      const [from, width] = [x, (100 * costs[cost]) / most];
      x += width;
      return width === 0
        ? null
        : html`<rect class="${tone}" x="${from.toFixed(1)}%" width="${width.toFixed(1)}%" height="12"/>`;
    });
    const parts = worstFirst.flatMap((cost) =>
      costs[cost] === 0 ? [] : `${costs[cost]} ${looks[cost][2].toLowerCase()}`,
    );
    return row(html`<b>${year}</b>`, [
      html`<svg class="line" aria-hidden="true">${bars}</svg>${count(renewals, 'renewal')}<small>${parts.join(', ')}</small>`,
      html`<b>${hours(work)}</b><small>of work</small>`,
      html`<b>${hours(workAfter)}</b><small>after the changes</small>`,
    ]);
  });
  return section(
    'years',
    'By year',
    rows('Renewals by year', ['Year', 'Renewals', 'Your time', 'After the changes'], bodies),
  );
}

function actionsSection(actions: readonly ForecastAction[]): Markup {
  if (actions.length === 0)
    return section('do', 'Do this now', html`<p>Nothing: no change is known that makes a renewal cost less.</p>`);
  const items = actions.map(
    ({ title, command, renewals, saves }, place) =>
      html`<li><span class="number" aria-hidden="true">${place + 1}</span><div class="what"><h3>${title}</h3>${command === null ? html`<p>Where the certificate is requested.</p>` : commandLine(command)}</div><p class="due good"><b>saves ${hours(saves)}</b> at ${count(renewals, 'renewal')}</p></li>
`,
  );
  return section(
    'do',
    'Do this now, what saves most first',
    html`<ol class="actions">
${items}</ol>`,
  );
}

/** Those with the most work; a page of all of a large fleet would be too long to read. */
const certificatesShown = 100;

/** More strokes than this would be a bar. */
const strokesShown = 200;

/** Each renewal as a stroke in time, so that it is seen how they crowd. */
function linesSection(forecast: Forecast): Markup {
  const { certificates, calendar, at, until } = forecast;
  if (certificates.length === 0) return section('lines', 'By certificate', html`<p>No certificate is in use.</p>`);
  const [from, to] = [Date.parse(at), Date.parse(until)];
  const place = (moment: number) => ((100 * (moment - from)) / (to - from)).toFixed(1);
  const years = forecast.years.map(({ year }) => year).slice(1);
  const steps = calendar.filter(
    (step) => step.authority === undefined && Date.parse(step.from) > from && Date.parse(step.from) < to,
  );
  const grid = html`<svg class="hidden" aria-hidden="true"><defs><g id="grid"><path class="grid" d="${years.map((year) => `M${place(Date.UTC(year, 0))} 0v16`).join('')}"/><path class="grid cap" d="${steps.map((step) => `M${place(Date.parse(step.from))} 0v16`).join('')}"/></g></defs></svg>`;
  const every = Math.ceil(years.length / 4);
  const axis = html`<svg class="line axis" aria-hidden="true">${years.filter((_, at) => at % every === 0).map((year) => html`<text x="${place(Date.UTC(year, 0))}%" y="11">${year}</text>`)}</svg>`;
  const strokes = ({ renewals, cost }: ForecastCertificate) =>
    html`<svg class="line ${looks[cost][1]}" viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true"><use href="#grid"/><path d="${
      renewals.length > strokesShown ? 'M0 8H100' : renewals.map((one) => `M${place(Date.parse(one.at))} 2v12`).join('')
    }"/></svg>`;
  const bodies = certificates.slice(0, certificatesShown).map((one) => {
    const { cost, authority, learnt, renewals, work } = one;
    const [shape, tone, title] = looks[cost];
    const [next] = renewals;
    return row(html`<b>${certificateText(one)}</b><small>${one.short}, ${authorities[authority]}</small>`, [
      html`${strokes(one)}<small>${next === undefined ? 'none' : `next ${day(next.at)}, for ${count(next.days, 'day')}`}</small>`,
      html`<span class="state ${tone}">${icon(shape)} ${title}</span>${(cost === 'nothing' ? [] : costLines(one, plain)).map((line) => html`<small>${line}</small>`)}`,
      html`<b>${count(renewals.length, 'renewal')}</b><small>${hours(work * renewals.length)}, learnt ${ways[learnt]}</small>`,
    ]);
  });
  const shorter = steps.map(({ from: moment, days }) => `${days} days from ${day(moment)}`).join(', ');
  const lead = `Each stroke is a renewal, from today on the left to ${lastDay(forecast)} on the right.${shorter === '' ? '' : ` A dashed line is where public certificates become shorter: ${shorter}.`}`;
  const more = certificates.length - certificatesShown;
  return section(
    'lines',
    'By certificate',
    html`<p class="quiet">${lead}</p>${grid}${rows('Renewals by certificate', ['Certificate', html`Renewals${axis}`, 'What each costs', 'In all'], bodies)}${more <= 0 ? null : html`<p>And ${count(more, 'certificate')} with no more work than these; <code>--csv</code> lists all renewals.</p>`}`,
  );
}
