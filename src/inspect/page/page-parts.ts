import type { Finding } from '../../documents/status.ts';
import { html, type Markup } from './html.ts';

/** A state is never shown by colour alone. */
export const marks: Readonly<Record<Finding['severity'], string>> = { error: '✕', warning: '▲', info: '●' };

export function section(id: string, title: string, body: Markup): Markup {
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${body}
</section>
`;
}

export function table(titles: readonly string[], rows: readonly Markup[]): Markup {
  return html`<div class="wide"><table>
<thead><tr>${titles.map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>
${rows}</tbody>
</table></div>`;
}

const dayMs = 24 * 3600_000;
/** How far a timeline looks ahead: certificates live 398 days at most, and soon less. */
const horizonDays = 400;
export const timelineTitle = `The next ${horizonDays} days`;

/** Two cells: the days that are left, and a bar as long as they are. */
export function daysLeftCells(notAfter: string, takenAt: string): Markup {
  const left = Math.floor((Date.parse(notAfter) - Date.parse(takenAt)) / dayMs);
  const [tone, mark] = left < 0 ? ['error', '✕'] : left < 14 ? ['warning', '▲'] : ['info', '●'];
  const width = Math.max(0, Math.min(horizonDays, left)) / 2;
  return html`<td class="number ${tone}">${mark} ${left}</td><td><svg class="${tone}" role="presentation" width="200" height="12" viewBox="0 0 200 12"><rect class="ground" width="200" height="12"/><rect class="bar" width="${width}" height="12"/></svg></td>`;
}
