import { compareText } from '../../text/order.ts';
import { escapeControls } from '../../text/safe-text.ts';
import type { Forecast } from './document.ts';

const titles = [
  'server',
  'renewal',
  'days',
  'certificate',
  'thumbprint',
  'authority',
  'learnt',
  'cost',
  'minutes',
  'places',
];

/** A row a renewal, in the order of time, as RFC 4180 writes it; with a mark of UTF-8, which Excel asks for. */
export function forecastCsv({ server, certificates }: Forecast): string {
  const rows = certificates
    .flatMap(({ renewals, name, thumbprint, authority, learnt, cost, work, places }) =>
      renewals.map(({ at, days }) => {
        const costly = places
          .filter((place) => place.cost !== 'nothing')
          .map((place) => `${place.name}: ${place.cost}`);
        return [server, at, days, name, thumbprint, authority, learnt, cost, work, costly.join('; ')];
      }),
    )
    .sort(([, a], [, b]) => compareText(`${a}`, `${b}`));
  return `\uFEFF${[titles, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('')}`;
}

/** What others chose, such as the name of a site, must not be a formula in a spreadsheet. */
function cell(value: string | number): string {
  const text = typeof value === 'number' ? String(value) : escapeControls(value).replace(/^[=+\-@]/, "'$&");
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
