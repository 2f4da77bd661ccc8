import { isWorthReading } from '../../documents/finding.ts';
import { hoursFrom, spanWords } from '../../documents/notification.ts';
import type { Action, Status } from '../../documents/status.ts';
import { shortest } from '../../model/certificates/named-certificate.ts';
import { count } from '../../shell/print/phrases.ts';
import type { Clock } from '../../shell/print/terminal-style.ts';
import { plain } from '../../shell/print/terminal-style.ts';
import { besideUtc, when } from '../../shell/print/times.ts';
import { html, type Markup } from './html.ts';

export type Tone = 'bad' | 'warn' | 'good' | 'info' | 'quiet';

/** Shapes that differ without their colours. */
const shapes = {
  bad: html`<path d="M5 0h6l5 5v6l-5 5H5l-5-5V5z"/><path class="cut" d="m5 5 6 6m0-6-6 6"/>`,
  warn: html`<path d="M8 0 16 15H0z"/><path class="cut" d="M8 5v5m0 1.5v2"/>`,
  good: html`<circle cx="8" cy="8" r="8"/><path class="cut" d="m4 8.5 3 3L12 5"/>`,
  back: html`<path d="M7 1 0 7l7 6V9.500c4 0 6 1 7 5 2-6-1-10-7-10z"/>`,
  blocked: html`<circle cx="8" cy="8" r="8"/><path class="cut" d="M3 8h10"/>`,
  quiet: html`<circle class="ring" cx="8" cy="8" r="7"/><path class="ring" d="M5 8h6"/>`,
  waiting: html`<circle class="ring" cx="8" cy="8" r="7"/><path class="ring" d="M8 4v4l3 2"/>`,
} as const;

export type Shape = keyof typeof shapes;

/** Drawn once in a page; every icon refers to them. */
const definitions = html`<svg class="hidden" aria-hidden="true"><defs>${Object.entries(shapes).map(
  ([name, shape]) => html`<symbol id="i-${name}" viewBox="0 0 16 16">${shape}</symbol>`,
)}</defs></svg>
`;

export function icon(shape: Shape, tone: Tone | null = null): Markup {
  return html`<svg class="icon${tone === null ? '' : ` ${tone}`}" aria-hidden="true"><use href="#i-${shape}"/></svg>`;
}

/** By `Status.rank`: what stands over a page, with a mark that the title of its window bears too. */
export const verdicts = [
  { word: 'Act now', tone: 'bad', mark: '✕' },
  { word: 'To do', tone: 'warn', mark: '▲' },
  { word: 'All well', tone: 'good', mark: '✓' },
] as const;

export type Rank = Status['rank'];

export interface Head {
  /** What the page is about. */
  readonly subject: string;
  readonly rank: Rank;
  /** Instead of that of the rank. */
  readonly word?: Markup | string;
  /** How many of the subject it is about. */
  readonly of?: string;
  readonly headline: string;
  readonly text: string;
  /** The first thing to do, of which the rest is folded away; `undefined` for none. */
  readonly first: ActionText | undefined;
  /** What can wait. */
  readonly more?: string | null;
  readonly at: Markup;
  readonly sections: readonly (readonly [id: string, title: string])[];
}

/** What clients do not notice yet has a day before which it has to be done. */
export function wordOf(
  first: Pick<Action, 'isNow' | 'dueAt'> | undefined,
  timeOf: (iso: string) => Markup,
): Pick<Head, 'word'> {
  if (first === undefined || first.isNow || first.dueAt === null) return {};
  return { word: html`Act before ${timeOf(first.dueAt)}` };
}

/** Whether all is well, what is not, and what to type. */
export function header({
  subject,
  rank,
  word = verdicts[rank].word,
  of = subject,
  headline,
  text,
  first,
  more = null,
  at,
  sections,
}: Head): Markup {
  const { tone } = verdicts[rank];
  return html`${definitions}<header>
<div class="top"><span><b>${subject}</b> \u00B7 certificates, ${at}</span><nav aria-label="On this page"><ul>${sections.map(
    ([id, title]) => html`<li><a href="#${id}">${title}</a></li>`,
  )}</ul></nav></div>
<div class="verdict ${tone}"${first === undefined ? null : html` id="action-1"`}>${icon(tone)}<div>
<p class="word">${word} \u00B7 ${of}</p>
<h1>${headline}</h1>
<p>${unbroken(text)}</p>${first === undefined ? null : firstStep(first, text)}${more === null ? null : html`<p class="quiet">${more}</p>`}
</div></div>
</header>
`;
}

/** What to type; and folded away, what the text above has not said. */
function firstStep({ commands, messages, hint }: ActionText, said: string): Markup {
  const [command = null, ...others] = commands;
  const more = [
    ...[...messages, ...(isWorthReading(hint, command) ? [hint] : [])]
      .filter((told) => !said.includes(told))
      .map((told) => html`<p>${unbroken(told)}</p>`),
    ...others.map(commandLine),
  ];
  return html`${command === null ? null : commandLine(command)}${more.length === 0 ? null : html`<details><summary>More on this</summary>${more}</details>`}`;
}

export interface Tile {
  readonly title: string;
  readonly tone: Tone;
  readonly shape: Shape;
  readonly number: number;
  readonly text: string;
}

/** How many are how: a bar of all, and a number for each. */
export function mix(tiles: readonly Tile[], what: string): Markup {
  const all = tiles.reduce((sum, { number }) => sum + number, 0);
  // One of five hundred can be seen too.
  const shares = tiles.map(({ tone, number }) => ({ tone, share: number === 0 ? 0 : Math.max(number, all / 100) }));
  const whole = Math.max(
    1,
    shares.reduce((sum, { share }) => sum + share, 0),
  );
  let before = 0;
  const parts = shares.map(({ tone, share }) => {
    const x = (100 * before) / whole;
    before += share;
    return html`<rect class="${tone}" x="${x.toFixed(2)}%" width="${((100 * share) / whole).toFixed(2)}%" height="14"/>`;
  });
  const said = tiles.filter(({ number }) => number > 0).map(({ title, number }) => `${number} ${title.toLowerCase()}`);
  return html`<svg class="mix" role="img" aria-label="Of ${count(all, what)}: ${said.join(', ')}">${parts}</svg>
<dl class="tiles">${tiles.map(
    ({ title, tone, shape, number, text }) =>
      html`<div class="${number === 0 ? 'quiet' : tone}"><dt>${icon(shape)} ${title}</dt><dd>${number}<small>${text}</small></dd></div>`,
  )}</dl>
`;
}

export function section(id: string, title: string, body: Markup): Markup {
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${body}
</section>
`;
}

/** One line that a click selects whole; words with hyphens are not broken. */
export function commandLine(command: string): Markup {
  return html`<code class="command">${unbroken(command, 40)}</code>`;
}

/** Words with hyphens, such as options, dates and names of runs, stay on one line, if a phone has room for them. */
function unbroken(text: string, most = 28): Markup {
  const words = text
    .split(' ')
    .map((word) => (word.includes('-') && word.length < most ? html`<span class="whole">${word}</span>` : word));
  return html`${words.flatMap((word, place) => (place === 0 ? [word] : [' ', word]))}`;
}

export interface ActionText extends Pick<Action, 'title' | 'severity' | 'isNow' | 'dueAt' | 'hint' | 'commands'> {
  readonly messages: readonly string[];
  /** Where to do it. */
  readonly on: string | null;
}

const shownAtOnce = 3;

/** What to do after the first thing, which the page begins with; the most urgent first. */
export function actionsSection(
  [, ...actions]: readonly ActionText[],
  at: string,
  timeOf: (iso: string) => Markup,
): Markup | null {
  if (actions.length === 0) return null;
  const items = actions.map(({ title, severity, isNow, dueAt, hint, commands, messages, on }, place) => {
    const [tone, due, left] =
      isNow && severity === 'error'
        ? (['bad', 'now', 'clients notice it'] as const)
        : dueText(dueAt, at, severity, timeOf);
    const [first = null] = commands;
    const more = [
      ...messages.slice(shownAtOnce).map((message) => html`<p>${unbroken(message)}</p>`),
      ...commands.slice(1).map(commandLine),
    ];
    return html`<li id="action-${place + 2}"><span class="number" aria-hidden="true">${place + 2}</span><div class="what"><h3>${icon(severity === 'error' ? 'bad' : 'warn', severity === 'error' ? 'bad' : 'warn')}<span class="hidden">${severity}</span> ${title}</h3>${on === null ? null : html`<p><b>On ${on}</b></p>`}
${messages.slice(0, shownAtOnce).map((message) => html`<p>${unbroken(message)}</p>`)}${isWorthReading(hint, first) ? html`<p class="quiet">${unbroken(hint)}</p>` : null}${first === null ? null : commandLine(first)}${more.length === 0 ? null : html`<details><summary>${more.length} more</summary>${more}</details>`}</div><p class="due ${tone}"><b>${due}</b> ${left}</p></li>
`;
  });
  return section(
    'do',
    'What else to do, in this order',
    html`<ol class="actions">
${items}</ol>`,
  );
}

function dueText(
  dueAt: string | null,
  at: string,
  severity: Action['severity'],
  timeOf: (iso: string) => Markup,
): readonly [Tone, Markup | string, string] {
  const tone = severity === 'error' ? 'bad' : 'warn';
  if (dueAt === null) return [tone, severity === 'error' ? 'soon' : 'when you can', ''];
  return [tone, html`before ${timeOf(dueAt)}`, leftText(dueAt, at)];
}

/** `64 days left`, `16 hours left`, `ended 2 days ago` */
function leftText(notAfter: string, at: string): string {
  const hours = hoursFrom(at, notAfter);
  return hours < 0 ? `ended ${spanWords(-hours)} ago` : `${spanWords(hours)} left`;
}

/** A table that stays one for those who hear it, where a phone shows its rows as blocks. */
export function rows(
  caption: string,
  titles: readonly (Markup | string)[],
  bodies: readonly Markup[],
  isLean = false,
): Markup {
  const columns = ['a', 'b', 'c', 'd'].slice(0, titles.length);
  return html`<table class="rows${isLean ? ' lean' : ''}" role="table"><caption class="hidden">${caption}</caption><colgroup>${columns.map((name) => html`<col class="${name}"/>`)}</colgroup>
<thead role="rowgroup"><tr role="row">${titles.map((title) => html`<th scope="col" role="columnheader">${title}</th>`)}</tr></thead>
<tbody role="rowgroup">
${bodies}</tbody></table>
`;
}

/** The cells of a row after its name, of which the first is wide on a phone. */
export function row(name: Markup, [first = null, ...others]: readonly (Markup | string | null)[]): Markup {
  return html`<tr role="row"><th scope="row" role="rowheader">${name}</th><td role="cell" class="wide">${first}</td>${others.map((cell) => html`<td role="cell">${cell}</td>`)}</tr>
`;
}

export interface Lasting {
  readonly thumbprint: string;
  readonly notBefore: string | null;
  readonly notAfter: string;
}

/** The days that are left, and the share of its lifetime, with a mark where certificates are usually renewed. */
export function lastsCell({ notBefore, notAfter }: Lasting, at: string, tone: Tone): Markup {
  const [begins, ends, now] = [notBefore ?? '', notAfter, at].map((one) => Date.parse(one)) as [number, number, number];
  const share = Number.isNaN(begins) ? null : Math.max(0, Math.min(100, (100 * (ends - now)) / (ends - begins)));
  const bar =
    share === null
      ? null
      : html`<svg class="bar ${tone}" aria-hidden="true"><rect class="all" width="100%" height="8"/><rect width="${share.toFixed(1)}%" height="8"/><rect class="third" x="33.3%" width="2" height="8"/></svg>`;
  return html`<b>${leftText(notAfter, at)}</b>${bar}<small>ends ${notAfter.slice(0, 10)}</small>`;
}

/** Enough of a thumbprint to tell it from others, and whether another one replaces it, or it replaces another. */
export function thumbprint(text: string, age: 'old' | 'new' | null): Markup {
  const tag = age === null ? null : html` <span class="tag ${age === 'old' ? 'warn' : 'quiet'}">${age}</span>`;
  return html`<span class="print" title="${text}">${text.slice(0, shortest)}</span>${tag}`;
}

/** By the clock of the server; the exact moment is in the title. */
export function timeText(iso: string, clock: Clock | undefined): Markup {
  return html`<time datetime="${iso}" title="${iso}">${when(iso, clock === undefined ? plain : { ...plain, clock })}</time>`;
}

/** In UTC, and beside it by another clock. */
export function timeWithUtc(iso: string, clock: Clock | undefined): Markup {
  return html`${timeText(iso, undefined)} UTC${clock === undefined ? '' : besideUtc(iso, clock)}`;
}
