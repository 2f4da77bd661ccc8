import type { Severity } from '../../base/codes/finding-codes.ts';
import { groupBy } from '../../base/group.ts';
import { shortened } from '../../base/safe-text.ts';
import { beforeCommand, firstSentence, isWorthReading, stateOf } from '../../documents/finding.ts';
import { spanFrom, spanLeft } from '../../documents/notification.ts';
import type { Action, PlaceState, Status } from '../../documents/status.ts';
import { shortest } from '../../model/certificates/named-certificate.ts';
import { count } from '../../shell/print/phrases.ts';
import type { Clock } from '../../shell/print/terminal-style.ts';
import { plain } from '../../shell/print/terminal-style.ts';
import { besideUtc, when } from '../../shell/print/times.ts';
import { html, type Markup, page } from './html.ts';

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

/** A sign, a colour, and the word for it. */
export type Look = readonly [shape: Shape, tone: Tone, word: string];

/** Red is only what clients notice already. */
const looks: Readonly<Record<PlaceState, Look>> = {
  down: ['bad', 'bad', 'Site down'],
  'no-answer': ['bad', 'bad', 'No answer'],
  wrong: ['bad', 'bad', 'Clients are warned'],
  'rolled-back': ['back', 'warn', 'Rolled back'],
  blocked: ['blocked', 'warn', 'Blocked'],
  old: ['warn', 'warn', 'Old certificate'],
  'ends-soon': ['waiting', 'warn', 'Ends soon'],
  waiting: ['waiting', 'info', 'Waiting'],
  'left-alone': ['quiet', 'quiet', 'Left alone'],
  'not-tested': ['quiet', 'quiet', 'Not tested'],
  verified: ['good', 'good', 'Verified'],
};

/** How a place is drawn wherever a page tells of it. */
export function lookOf(state: PlaceState, severity: Severity | null): Look {
  const [shape, tone, word] = looks[state];
  if (severity === 'info') return [shape, 'info', word];
  if (tone !== 'bad' || severity === 'error') return looks[state];
  return ['warn', 'warn', state === 'wrong' ? 'Clients may be warned' : word];
}

/** How a finding, or what to do about it, is drawn: as its places, or else by its severity. */
export function lookOfFinding(code: string, severity: 'error' | 'warning'): Look {
  const state = stateOf(code);
  if (state !== null) return lookOf(state, severity);
  return severity === 'error' ? ['bad', 'bad', 'Error'] : ['warn', 'warn', 'Warning'];
}

export interface Report {
  /** What the page is about. */
  readonly subject: string;
  readonly rank: Status['rank'];
  /** How many of the subject it is about. */
  readonly of?: string;
  readonly headline: string;
  /** What is said below that where there is nothing to do. */
  readonly text: string;
  /** What to do, the most urgent first. */
  readonly steps: readonly Step[];
  /** What can wait. */
  readonly more?: string | null;
  readonly at: string;
  readonly timeOf: (iso: string) => Markup;
  /** Of the page about one server. */
  readonly zone?: string;
  readonly sections: readonly (readonly [id: string, title: string])[];
  readonly body: readonly (Markup | null)[];
  readonly footer: Markup;
}

const words = ['Act now', 'To do', 'All well'] as const;
/** That the title of the window bears too. */
const marks: Readonly<Record<Tone, string>> = { bad: '✕', warn: '▲', good: '✓', info: '', quiet: '' };

/** A whole page: whether all is well, what is not, and what to type; what else there is to do; and then everything else. */
export function report(told: Report): string {
  const { subject, rank, of = subject, headline, text, steps, more = null, at, timeOf, zone = '', sections } = told;
  const [first] = steps;
  const [shape, tone] = first?.look ?? (rank === 2 ? (['good', 'good'] as const) : (['warn', 'warn'] as const));
  // What clients do not notice yet has a day before which it has to be done.
  const word =
    first === undefined || first.isNow || first.dueAt === null ? words[rank] : html`Act before ${timeOf(first.dueAt)}`;
  const links = steps.length < 2 ? sections : [['do', 'What else to do'] as const, ...sections];
  return page(
    `${marks[tone]} ${shortened(subject)}: ${headline}`,
    html`${definitions}<header>
<div class="top"><span><b>${shortened(subject)}</b> \u00B7 certificates, ${timeOf(at)}${zone}</span><nav aria-label="On this page"><ul>${links.map(
      ([id, title]) => html`<li><a href="#${id}">${title}</a></li>`,
    )}</ul></nav></div>
<div class="verdict ${tone}"${first === undefined ? null : html` id="action-1"`}>${icon(shape)}<div>
<p class="word">${steps.length < 2 ? null : html`Step 1 of ${steps.length} \u00B7 `}${word} \u00B7 ${shortened(of)}</p>
<h1>${headline}</h1>
${first === undefined ? html`<p>${unbroken(text)}</p>` : stepBody(first)}
</div></div>${more === null ? null : html`<p>${more}</p>`}
</header>
<main>
${stepsSection(steps, at, timeOf)}${told.body}</main>
<footer>${told.footer} It does not refresh itself.</footer>`,
  );
}

export interface Step extends Pick<Action, 'title' | 'severity' | 'isNow' | 'dueAt' | 'hint' | 'commands'> {
  readonly look: Look;
  readonly messages: readonly string[];
  /** Where to do it; `null` for the server of the page. */
  readonly on: string | null;
}

/** What to do, then what to type; and folded away, what else is known of it. */
function stepBody({ title, commands, messages, hint, on }: Step): Markup {
  const [command = null, ...others] = commands;
  const isToldByHint = isWorthReading(hint, commands);
  const told = isToldByHint ? (command === null ? hint : firstSentence(hint)) : (messages[0] ?? '');
  const where = command === null && on !== null ? `On ${on}: ` : '';
  const typed =
    command === null
      ? null
      : html`
<p><b>Type${on === null ? '' : ` on ${on}`}:</b></p>${commandLine(command)}`;
  const before = command === null ? '' : beforeCommand(hint).slice('First '.length);
  const more = [
    ...[...messages, ...(isToldByHint ? [hint.slice(told.length).trim()] : [])]
      .filter((text) => text !== '' && text !== told && !`${title}.`.endsWith(text))
      .map((text) => html`<p>${prose(text)}</p>`),
    ...others.map(commandLine),
  ];
  const toDo =
    before === ''
      ? html`<p>${prose(`${where}${told}`)}</p>${typed}`
      : html`<ol class="in-turn"><li>${prose(`${before[0]?.toUpperCase()}${before.slice(1)}`)}</li><li>${typed}</li></ol>`;
  return html`${toDo}${more.length === 0 ? null : html`<details><summary>More on this</summary>${more}</details>`}`;
}

/** What to do after the first thing, which the page begins with; the most urgent first. */
function stepsSection(steps: readonly Step[], at: string, timeOf: Report['timeOf']): Markup | null {
  if (steps.length < 2) return null;
  const items = steps.slice(1).map((step, place) => {
    const { title, severity, isNow, dueAt, look } = step;
    const [shape, tone] = look;
    const [due, left] = isNow
      ? ['now', severity === 'error' ? 'clients notice it' : 'clients may notice it']
      : dueAt === null
        ? [severity === 'error' ? 'soon' : 'when you can', '']
        : [html`before ${timeOf(dueAt)}`, leftText(dueAt, at)];
    return html`<li id="action-${place + 2}"><span class="number" aria-hidden="true">${place + 2}</span><div class="what"><h3>${icon(shape, tone)}<span class="hidden">${severity}</span> ${title}</h3>
${stepBody(step)}</div><p class="due ${tone}"><b>${due}</b> ${left}</p></li>
`;
  });
  return section(
    'do',
    'What else to do, in this order',
    html`<ol class="actions">
${items}</ol>`,
  );
}

/** How something is, and what to do about it; `step` from 0, -1 for nothing. */
export function stateText([shape, tone, word]: Look, why: string, step = -1, steps: readonly unknown[] = []): Markup {
  const link = steps.length === 1 ? 'what to do' : `step ${step + 1}`;
  return html`<span class="state ${tone}">${icon(shape)} ${word}</span>${step < 0 ? null : html` <a href="#action-${step + 1}">${link}</a>`}<small>${why}</small>`;
}

const tones: readonly Tone[] = ['bad', 'warn', 'info', 'quiet', 'good'];

/** What is drawn of many that are told together. */
export function worstOf(looks: readonly Look[]): Look | undefined {
  return looks.toSorted(([, a], [, b]) => tones.indexOf(a) - tones.indexOf(b))[0];
}

/** How many are how: a bar of all, and a number for each. */
export function mix(all: readonly { readonly look: Look; readonly name: string }[], what: string): Markup | null {
  if (all.length === 0) return null;
  const tiles = [...groupBy(all, ({ look }) => look[2]).values()].map((group) => ({
    look: worstOf(group.map(({ look }) => look)) ?? group[0].look,
    names: group.map(({ name }) => name),
  }));
  // One of five hundred can be seen too.
  const shares = tiles.map(({ names }) => Math.max(names.length, all.length / 100));
  const whole = shares.reduce((sum, share) => sum + share, 0);
  let before = 0;
  const parts = tiles.map(({ look }, at) => {
    const x = (100 * before) / whole;
    const share = shares[at] ?? 0;
    before += share;
    return html`<rect class="${look[1]}" x="${x.toFixed(2)}%" width="${((100 * share) / whole).toFixed(2)}%" height="14"/>`;
  });
  const said = tiles.map(({ look, names }) => `${names.length} ${look[2].toLowerCase()}`);
  return html`<svg class="mix" role="img" aria-label="Of ${count(all.length, what)}: ${said.join(', ')}">${parts}</svg>
<dl class="tiles">${tiles.map(
    ({ look: [shape, tone, word], names }) =>
      html`<div class="${tone}"><dt>${icon(shape)} ${word}</dt><dd>${names.length}<small>${namesText(names)}</small></dd></div>`,
  )}</dl>
`;
}

/** `Shop and 4 more` */
export function namesText(names: readonly string[]): string {
  const [first = '', ...others] = new Set(names);
  return `${shortened(first)}${others.length === 0 ? '' : ` and ${others.length} more`}`;
}

/** What a person has to see to. */
export function needAction(caption: string, titles: readonly string[], bodies: readonly Markup[]): Markup | null {
  if (bodies.length === 0) return null;
  return html`<h3>${bodies.length} ${bodies.length === 1 ? 'needs' : 'need'} action</h3>
${rows(caption, titles, bodies)}`;
}

/** What can be folded away, where there is any; `what` they are. */
export function folded(many: number, isOpen: boolean, what: Markup | string, body: Markup): Markup | null {
  if (many === 0) return null;
  return html`<details${isOpen ? html` open="open"` : null}><summary>${many} ${what}</summary>
${body}</details>
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

/** A text in which a click selects each command whole. */
export function prose(text: string): Markup {
  const parts = text.split(commandInText);
  return html`${parts.map((part, place) => (place % 2 === 1 ? html`<code class="said">${unbroken(part, 40)}</code>` : unbroken(part)))}`;
}

/** After a colon or what asks to type it, as far as the clause goes. */
const commandInText =
  /(?<=(?:: |\b[Rr]un |\b[Tt]ype |\bcheck |\bthen |\bwith |\bneeds |\bexample ))(certrebind [a-z].*?)(?=[.,:;](?: |$)|$)/;

/** Words with hyphens, such as options, dates and names of runs, stay on one line, if a phone has room for them. */
function unbroken(text: string, most = 28): Markup {
  const words = text
    .split(' ')
    .map((word) => (word.includes('-') && word.length < most ? html`<span class="whole">${word}</span>` : word));
  return html`${words.flatMap((word, place) => (place === 0 ? [word] : [' ', word]))}`;
}

/** `64 days left`, `16 hours left`, `ended 2 days ago` */
function leftText(notAfter: string, at: string): string {
  const left = spanLeft(notAfter, at);
  return left === null ? `ended ${spanFrom(notAfter, at)} ago` : `${left} left`;
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

/** The days that are left, and the share of its lifetime, with a mark where certificates are usually renewed. */
export function lastsCell(
  { notBefore, notAfter }: { readonly notBefore: string | null; readonly notAfter: string },
  at: string,
  tone: Tone,
): Markup {
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
  const tag = age === null ? null : html` <span class="tag quiet">${age}</span>`;
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
