import { groupBy } from '../../base/group.ts';
import { compareText, distinct } from '../../base/order.ts';
import { listed } from '../../documents/finding.ts';
import type { History } from '../../documents/history.ts';
import { rebindTaskName, reconcileTaskName } from '../../documents/scheduled-tasks.ts';
import type { Scope } from '../../documents/scope.ts';
import type { Action, DatedCertificate, PlaceStatus, Status } from '../../documents/status.ts';
import type { WrittenElsewhere } from '../../documents/written.ts';
import { unknownText } from '../../kinds/unknown-parts.ts';
import { byThumbprint, certificateText, momentText } from '../../model/certificates/named-certificate.ts';
import {
  count,
  countedText,
  milliseconds,
  type Naming,
  namingOf,
  resultText,
  resultTones,
  typed,
} from '../../shell/print/phrases.ts';
import { usingText } from '../../shell/print/status-text.ts';
import type { Clock } from '../../shell/print/terminal-style.ts';
import { plain } from '../../shell/print/terminal-style.ts';
import { zoneOf } from '../../shell/print/times.ts';
import { writtenLines } from '../../shell/print/written-text.ts';
import { html, type Markup } from './html.ts';
import {
  folded,
  icon,
  lastsCell,
  lookOf,
  lookOfFinding,
  mix,
  namesText,
  needAction,
  report,
  row,
  rows,
  type Shape,
  type Step,
  section,
  stateText,
  thumbprint,
  timeText,
  worstOf,
} from './page-parts.ts';

/** The content of a page about one server. */
export interface ServerFacts {
  readonly version: string;
  readonly status: Status;
  readonly scope: Scope;
  readonly history: History;
  /** Absent where no texts were searched. */
  readonly written?: WrittenElsewhere;
  /** Of the server; absent for UTC. */
  readonly clock?: Clock | undefined;
}

/** What the parts of the page share. */
interface View {
  readonly status: Status;
  readonly clock: Clock | undefined;
  readonly naming: Naming;
  readonly certificates: ReadonlyMap<string, DatedCertificate>;
  /** Of certificates that replace each other. */
  readonly ages: ReadonlyMap<string, 'old' | 'new'>;
}

/** Whether this server is well, what is not, until when, and what to type: for people who are not at the server. */
export function serverPage({ status, scope, history, written, version, clock }: ServerFacts): string {
  const { at, server, rank, actions, places } = status;
  const look = clock === undefined ? plain : { ...plain, clock };
  const view: View = {
    status,
    clock,
    naming: namingOf(status, look),
    certificates: byThumbprint(status.certificates),
    ages: agesOf(places),
  };
  return report({
    subject: server.name,
    rank,
    headline: actions[0]?.title ?? allWellText(status),
    text: view.naming.sentence(wellText(status)),
    steps: actions.map((action) => stepOf(action, view)),
    at,
    timeOf: (moment) => timeText(moment, clock),
    zone: ` ${zoneOf(look)}`,
    sections: [
      ['places', 'Sites and services'],
      ['runs', 'Runs'],
      ['certificates', 'Certificates'],
      ...(written === undefined ? [] : [['written', 'Written elsewhere'] as const]),
      ['self', 'CertRebind'],
    ],
    body: [
      mix(
        places.map((place) => ({ look: lookOf(place.state, place.severity), name: place.name })),
        'place',
      ),
      placesSection(view),
      runsSection(history, view),
      certificatesSection(view),
      written === undefined ? null : writtenSection(written),
      selfSection(view, scope, version),
    ],
    footer: html`Written by <code>certrebind report</code>, version ${version}.`,
  });
}

function agesOf(places: readonly PlaceStatus[]): View['ages'] {
  const replaced = places.filter(({ certificate, successor }) => certificate !== null && successor !== null);
  return new Map([
    ...replaced.map(({ successor }) => [successor ?? '', 'new'] as const),
    ...replaced.map(({ certificate }) => [certificate ?? '', 'old'] as const),
  ]);
}

function allWellText({ places, waiting: [waits], dialledAt }: Status): string {
  if (waits !== undefined) return `Nothing to do: a renewed certificate waits for the window ${waits.window}`;
  const verified = places.filter(({ state }) => state === 'verified').length;
  if (dialledAt === null || verified === 0) return 'No problem was found';
  return `${count(verified, 'place')} ${verified === 1 ? 'serves' : 'serve'} the newest certificate`;
}

/** What is in use, and what happens by itself where nothing is to be done. */
function wellText(status: Status): string {
  const { enabled, tasks, waiting } = status;
  const [waits] = waiting;
  if (waits !== undefined)
    return `CertRebind applies it by itself at ${momentText(waits.notBefore)}; until then clients get the old one.`;
  const isNew = enabled === true && tasks.every(({ lastRunAt }) => lastRunAt === null);
  const next = isNew ? ' CertRebind is enabled: it starts by itself at the next renewal.' : '';
  return `Nothing to do: ${usingText(status)}.${next}`;
}

function stepOf(action: Action, { status: { findings }, naming }: View): Step {
  const messages = action.findings.map((place) => naming.sentence(findings[place]?.message ?? ''));
  const look = lookOfFinding(action.code, action.severity);
  const commands = action.commands.map((command) => typed(command, naming));
  return { ...action, look, hint: naming.sentence(action.hint), commands, on: null, messages };
}

const opened = 25;
const columns = ['Site or service', 'State', 'Clients get', 'Ends'];

function placesSection(view: View): Markup {
  const { places, dialledAt } = view.status;
  const troubled = places.filter(({ severity }) => severity !== null && severity !== 'info');
  const verified = places.filter(({ state }) => state === 'verified');
  const others = places.filter((place) => !troubled.includes(place) && !verified.includes(place));
  const rowsOf = (some: readonly PlaceStatus[]) => some.map((place) => placeRow(place, view));
  const isRest = troubled.length === 0;
  const states = distinct(others.map(({ state, severity }) => lookOf(state, severity)[2].toLowerCase()));
  const body = html`${needAction('Sites and services that need action', columns, rowsOf(troubled))}${folded(
    verified.length,
    verified.length <= opened,
    html`verified <span class="quiet">by a handshake, ${timeText(dialledAt ?? '', view.clock)}</span>`,
    verifiedRows(verified, view),
  )}${folded(
    others.length,
    isRest,
    states.join(' or '),
    rows('Sites and services that are not verified', columns, rowsOf(others)),
  )}`;
  const none = html`<p>No place that uses a certificate is known.</p>`;
  return section('places', 'Sites and services', places.length === 0 ? none : body);
}

function placeRow(place: PlaceStatus, view: View): Markup {
  const { key, name, address, state, severity, why, certificate, isServed } = place;
  const { actions, at } = view.status;
  const look = lookOf(state, severity);
  const step = actions.findIndex(({ keys, code }) => code === place.code && keys.includes(key));
  const known = view.certificates.get(certificate ?? '');
  const got =
    certificate === null
      ? html`<span class="quiet">${state === 'down' ? 'nothing' : 'not known'}</span>`
      : html`${thumbprint(certificate, view.ages.get(certificate) ?? null)}<small>${known === undefined ? 'not in a store of this server' : certificateText(known)}${isServed ? '' : '; as configured, not dialled'}</small>`;
  return row(html`<b>${name}</b><small>${address === '' ? key : address}</small>`, [
    stateText(look, step < 0 ? why : '', step, actions),
    got,
    known === undefined ? '–' : lastsCell(known, at, look[1]),
  ]);
}

/** By certificate, which is said once. */
function verifiedRows(places: readonly PlaceStatus[], view: View): Markup {
  const bodies = [...groupBy(places, ({ certificate }) => certificate)].flatMap(([certificate, group]) => [
    certificateLine(certificate ?? '', view),
    ...group.map(
      ({ key, name, address }) =>
        html`<tr role="row"><th scope="row" role="rowheader">${icon('good', 'good')} ${name}</th><td role="cell">${address === '' ? key : address}</td></tr>
`,
    ),
  ]);
  return rows('Verified sites and services, by certificate', ['Site or service', 'Address'], bodies, true);
}

function certificateLine(certificate: string, view: View): Markup {
  const known = view.certificates.get(certificate);
  return html`<tr class="group" role="row"><th colspan="2" scope="colgroup" role="columnheader">${thumbprint(certificate, view.ages.get(certificate) ?? null)} ${known === undefined ? null : html`<span class="quiet">${certificateText(known)}</span> ${lastsCell(known, view.status.at, 'good')}`}</th></tr>
`;
}

const runsShown = 20;

function runsSection({ runs }: History, { clock }: View): Markup {
  if (runs.length === 0) return section('runs', 'Runs', html`<p>No run has changed anything yet.</p>`);
  const items = runs
    .slice(-runsShown)
    .toReversed()
    .map((run) => {
      const { at, result, certificates, origin, durationMs } = run;
      const { changed, undone, blocked, waiting, failed, notVerified } = run.counts;
      const shape = shapeOfRun(result);
      const did = countedText({
        changed,
        'rolled back': undone,
        blocked,
        waiting,
        failed,
        'not verified': notVerified,
      });
      const said = resultText(result, origin?.command === 'undo');
      const event = origin?.eventRecordId == null ? '' : `, renewal event ${origin.eventRecordId}`;
      const by = origin?.command == null ? '' : `certrebind ${origin.command}${event}. `;
      const took = durationMs === null ? '' : `Took ${milliseconds(durationMs)}. `;
      const kept = (run.blocked ?? []).map(
        ({ key, obstacles }) => `${key} (${obstacles.flatMap(({ code, hosts = [] }) => [code, ...hosts]).join(', ')})`,
      );
      return html`<li>${timeText(at, clock)}${icon(shape, shape === 'good' ? 'good' : shape === 'bad' ? 'bad' : 'warn')}<div class="what"><b>${certificates.length === 0 ? said : listed(certificates)}: ${did === '' ? said : did}</b><small>${by}${took}${kept.length === 0 ? '' : `Blocked: ${listed(kept)}. `}Run ${run.run}</small></div></li>
`;
    });
  return section(
    'runs',
    'Last runs',
    html`<ol class="runs">
${items}</ol>`,
  );
}

function shapeOfRun(result: History['runs'][number]['result']): Shape {
  const tone = resultTones[result];
  if (tone === 'bad') return 'bad';
  if (tone === 'good') return 'good';
  return result.includes('undone') ? 'back' : 'blocked';
}

const namesShown = 12;

function certificatesSection(view: View): Markup {
  const { certificates, places, at } = view.status;
  if (certificates.length === 0)
    return section('certificates', 'Certificates', html`<p>No certificate in use is known.</p>`);
  const users = groupBy(places, ({ certificate }) => certificate);
  const bodies = certificates
    .toSorted((a, b) => compareText(a.notAfter, b.notAfter))
    .map((one) => {
      const others = one.names.slice(0, namesShown);
      const more = one.names.length > namesShown ? ` and ${one.names.length - namesShown} more` : '';
      const used: readonly PlaceStatus[] = users.get(one.thumbprint) ?? [];
      const [, tone] = worstOf(used.map(({ state, severity }) => lookOf(state, severity))) ?? [null, 'info' as const];
      return row(
        html`${thumbprint(one.thumbprint, view.ages.get(one.thumbprint) ?? null)}<small>${certificateText(one)}</small><small><code>${one.thumbprint}</code></small>`,
        [
          html`${count(one.names.length, 'name')}<small>${others.join(', ')}${more}</small>`,
          used.length === 0
            ? 'not used'
            : html`${count(used.length, 'place')}<small>${namesText(used.map(({ name }) => name))}</small>`,
          lastsCell(one, at, tone),
        ],
      );
    });
  return section(
    'certificates',
    'Certificates by end date',
    rows('Certificates by end date', ['Certificate', 'Names', 'Used by', 'Ends'], bodies),
  );
}

function writtenSection(written: WrittenElsewhere): Markup {
  const [, ...lines] = writtenLines(written, { ...plain, full: true });
  return section('written', 'Written elsewhere', html`${lines.map((line) => html`<p>${line.trim()}</p>\n`)}`);
}

/** Whether the next renewal is noticed, and by what. */
function selfSection({ status, clock }: View, { lookedAt, notLookedAt }: Scope, version: string): Markup {
  const { tasks, log, proof, native, channels, server, lastError } = status;
  const fact = (name: string, isGood: boolean | null, text: Markup | string, more: Markup | string = '') =>
    html`<div><dt>${name}</dt><dd>${isGood === null ? null : html`${icon(isGood ? 'good' : 'warn', isGood ? 'good' : 'warn')} `}${text}<small>${more}</small></dd></div>
`;
  const task = (name: string) => tasks.find((one) => one.name === name);
  const [onEvent, hourly] = [task(rebindTaskName), task(reconcileTaskName)];
  const never = 'has not run yet';
  return section(
    'self',
    'CertRebind itself',
    html`<dl class="facts">
${fact('On a renewal', status.enabled === null ? null : status.enabled, status.enabled === null ? 'not known' : status.enabled ? 'starts by itself' : 'is not enabled', onEvent?.lastRunAt == null ? never : html`last start ${timeText(onEvent.lastRunAt, clock)}`)}${fact(
  'Every hour',
  hourly === undefined ? null : hourly.nextStartAt !== null,
  hourly?.nextStartAt == null ? 'does not start' : html`next start ${timeText(hourly.nextStartAt, clock)}`,
  hourly?.lastRunAt == null ? never : html`last start ${timeText(hourly.lastRunAt, clock)}`,
)}${fact('Last renewal event', null, log.lastRenewal === null ? 'none in the log' : timeText(log.lastRenewal.at, clock), log.lastRenewal === null ? '' : `record ${log.lastRenewal.recordId}: ${log.lastRenewal.old?.slice(0, 8) ?? '?'} → ${log.lastRenewal.new?.slice(0, 8) ?? '?'}`)}${fact(
  'Verified on this server',
  proof !== null,
  proof === null ? 'not yet' : timeText(proof.at, clock),
  proof === null ? '' : `Task Scheduler starts version ${proof.version} as SYSTEM`,
)}${fact('Rebind task of IIS Manager', native.enabled === null ? null : !native.enabled, native.enabled === null ? 'not known' : native.enabled ? 'is active too' : 'off')}${fact('Tells people by', channels.length > 0, channels.length === 0 ? 'nothing is set up' : listed(channels))}${fact('Last error', lastError === null ? null : false, lastError === null ? 'none' : lastError.error.message)}${fact(
  'Versions',
  null,
  `CertRebind ${version}`,
  `Windows build ${server.windowsBuild}${server.iis === '' ? '' : `, IIS ${server.iis}`}, ${server.timeZone ?? 'time zone not known'}`,
)}${fact('What was read', null, listed(lookedAt.map(({ part }) => part)), listed(lookedAt.map(({ part, from }) => `${part}: ${from}`)))}${fact('Not read', notLookedAt.length === 0 ? null : false, notLookedAt.length === 0 ? 'nothing is missing' : unknownText(notLookedAt))}</dl>`,
  );
}
