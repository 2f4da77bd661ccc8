import { groupBy } from '../../base/group.ts';
import { compareText, distinct } from '../../base/order.ts';
import type { CampaignSeen } from '../../documents/campaign.ts';
import { isNoticed, mostUrgentFirst, type Urgent, worstRank } from '../../documents/finding.ts';
import {
  certificatesOf,
  type FleetCertificate,
  type Inventory,
  type InventoryEntry,
  type Older,
  olderInUse,
  usersOf,
} from '../../documents/inventory.ts';
import { dayMs } from '../../model/certificates/deadline.ts';
import { certificateText, day, shortest } from '../../model/certificates/named-certificate.ts';
import { count } from '../../shell/print/phrases.ts';
import type { Clock } from '../../shell/print/terminal-style.ts';
import { campaignSection, campaignStep, campaignText, ownConsole } from './campaign-section.ts';
import { html, type Markup } from './html.ts';
import {
  folded,
  type Look,
  lastsCell,
  lookOfFinding,
  mix,
  namesText,
  needAction,
  report,
  row,
  rows,
  type Step,
  section,
  stateText,
  thumbprint,
  timeWithUtc,
} from './page-parts.ts';

/** The content of a page about many servers. */
export interface FleetFacts {
  readonly inventory: Inventory;
  /** `null` for none. */
  readonly campaign: CampaignSeen | null;
  readonly version: string;
  /** That times stand by beside UTC; absent for none. */
  readonly clock?: Clock;
}

/** One page about many servers: which of them are not well, what to do about it, and what ends when. */
export function fleetPage({ inventory, campaign, version, clock }: FleetFacts): string {
  const timeOf = (iso: string) => timeWithUtc(iso, clock);
  const { entries, takenAt } = inventory;
  const certificates = certificatesOf(entries);
  const older = olderInUse(certificates);
  const ofServers = stepsOfFleet(entries, takenAt);
  const servers = serversOf(entries, older, ofServers, takenAt);
  const steps = [...ofServers, ...(campaign === null ? [] : campaignStep(campaign))];
  const bad = servers.filter(({ isWell }) => !isWell);
  const subject = count(servers.length, 'server');
  const step = steps.findIndex(({ on }) => on === ownConsole);
  return report({
    subject,
    rank: bad[0]?.rank === 0 ? 0 : bad.length + steps.length > 0 ? 1 : 2,
    of: bad.length === 0 ? subject : `${bad.length} of ${subject} ${bad.length === 1 ? 'needs' : 'need'} action`,
    headline: headlineOf(servers, bad, steps),
    text: nextEndText(certificates),
    steps,
    more:
      campaign === null || step === 0
        ? null
        : `${campaignText(campaign)}${step < 0 ? '' : `: see step ${step + 1} below`}.`,
    at: takenAt,
    timeOf,
    sections: [
      ...(campaign === null ? [] : [['campaign', 'Campaign'] as const]),
      ['servers', 'Servers'],
      ['older', 'Older certificates'],
      ['certificates', 'Expiry calendar'],
    ],
    body: [
      mix(
        servers.map(({ look, server }) => ({ look, name: server })),
        'server',
      ),
      campaign === null ? null : campaignSection(campaign, timeOf),
      serversSection(servers, steps, takenAt),
      olderSection(older),
      missingSection(entries),
      certificatesSection(certificates, entries, takenAt),
    ],
    footer: html`Written by <code>certrebind report</code>, version ${version}, from what Get-CertRebindInventory lists.`,
  });
}

interface FleetStep extends Step {
  readonly code: string;
  readonly servers: readonly string[];
}

/** Findings that have one cause, with all servers that have it. */
function stepsOfFleet(entries: readonly InventoryEntry[], at: string): readonly FleetStep[] {
  const open = entries.filter(({ kind, severity }) => kind === 'finding' && severity !== 'info');
  const causes = groupBy(open, ({ code, severity, title, commands, missingNames, message }) =>
    JSON.stringify([code, severity, title ?? message, commands ?? null, missingNames ?? null]),
  );
  const steps = [...causes.values()].map((group) => {
    const [{ title, message, hint, commands }] = group;
    const code = group[0].code ?? '';
    const severity = severityOf(group[0]);
    const servers = distinct(group.map(({ server }) => server));
    const [dueAt = null] = distinct(group.flatMap((one) => one.dueAt ?? []));
    return {
      title: `${namesText(servers)}: ${title ?? message ?? ''}`,
      severity,
      code,
      look: lookOfFinding(code, severity),
      isNow: isNoticed({ code, dueAt }),
      dueAt,
      hint: inShort(hint ?? ''),
      commands: linesOf(commands).map((line) => (line.startsWith('certrebind ') ? inShort(line) : line)),
      messages: distinct(group.flatMap((one) => one.message ?? [])).map(inShort),
      on: serversText(servers),
      servers,
    };
  });
  return mostUrgentFirst(steps, at);
}

function linesOf(text: string | null | undefined): readonly string[] {
  return text == null || text === '' ? [] : text.split('\n');
}

function severityOf({ severity }: InventoryEntry): Step['severity'] {
  return severity === 'error' ? 'error' : 'warning';
}

/** With as much of a thumbprint as our own commands need. */
function inShort(text: string): string {
  return text.replace(/\b[0-9A-F]{40}\b/g, (thumbprint) => thumbprint.slice(0, shortest));
}

/** Of what no finding tells, the worst first. */
const looks = {
  silent: ['blocked', 'warn', 'No answer'],
  off: ['quiet', 'warn', 'CertRebind is off'],
  older: ['waiting', 'warn', 'Older certificate'],
  well: ['good', 'good', 'Well'],
} as const satisfies Readonly<Record<string, Look>>;

interface FleetServer
  extends Pick<
    InventoryEntry,
    'verified' | 'places' | 'onNew' | 'onOld' | 'notLookedAt' | 'lastRunAt' | 'lastResult' | 'version'
  > {
  readonly server: string;
  readonly isWell: boolean;
  /** The worst is 0. */
  readonly rank: number;
  readonly look: Look;
  readonly why: string;
  /** Of the certificates that something uses there, the one that ends first. */
  readonly next: FleetCertificate | null;
}

/** The worst first, and of these those whose turn comes first. */
function serversOf(
  entries: readonly InventoryEntry[],
  older: readonly Older[],
  steps: readonly FleetStep[],
  at: string,
): readonly FleetServer[] {
  const turns = new Map(
    steps.flatMap(({ servers }, index) => servers.map((server) => [server, index] as const)).toReversed(),
  );
  const turn = ({ server }: FleetServer) => turns.get(server) ?? steps.length;
  const used = certificatesOf(entries);
  const next = new Map(used.toReversed().flatMap((one) => usersOf(one).map((server) => [server, one] as const)));
  const late = groupBy(
    older.flatMap((one) => usersOf(one.certificate).map((server) => ({ server, one }))),
    ({ server }) => server,
  );
  return [...groupBy(entries, ({ server }) => server)]
    .map(([server, group]): FleetServer => {
      const own = group.find(({ kind }) => kind === 'server');
      const open = group
        .filter(({ kind, severity }) => kind === 'finding' && severity !== 'info')
        .map((one) => ({ ...one, code: one.code ?? '', severity: severityOf(one), dueAt: one.dueAt ?? null }));
      const [rank, look, why] = howIs(own, mostUrgentFirst(open, at), late.get(server)?.[0].one.certificate);
      return { ...own, server, rank, look, why, isWell: look === looks.well, next: next.get(server) ?? null };
    })
    .sort((a, b) => a.rank - b.rank || turn(a) - turn(b) || compareText(a.server, b.server));
}

function howIs(
  own: InventoryEntry | undefined,
  open: readonly (InventoryEntry & Urgent & Pick<Step, 'severity'>)[],
  behind: FleetCertificate | undefined,
): readonly [rank: number, look: Look, why: string] {
  if (own?.code === 'unreachable') return [2, looks.silent, own.message ?? ''];
  const [first] = open;
  const rank = worstRank(open);
  if (rank !== 0 && own?.enabled === false && (first === undefined || !isNoticed(first)))
    return [3, looks.off, 'The next renewal is not bound.'];
  if (first !== undefined) return [rank, lookOfFinding(first.code, first.severity), first.title ?? first.message ?? ''];
  if (behind !== undefined) return [4, looks.older, `Another server has a newer certificate for ${behind.name}.`];
  return [5, looks.well, ''];
}

/** @param bad those that are not well, the worst first */
function headlineOf(servers: readonly FleetServer[], [first]: readonly FleetServer[], [step]: readonly Step[]): string {
  if (step !== undefined && (first === undefined || step.on === ownConsole)) return step.title;
  if (first === undefined)
    return servers.length === 0 ? 'No server is known' : `All ${count(servers.length, 'server')} are well`;
  return `${first.server}: ${first.why === '' ? first.look[2] : first.why.replace(/\.$/, '')}`;
}

function nextEndText(certificates: readonly FleetCertificate[]): string {
  const next = certificates.find((one) => usersOf(one).length > 0);
  if (next === undefined) return 'No certificate in use is known.';
  return `The next certificate in use to expire is ${next.name}, on ${day(next.notAfter)}.`;
}

const columns = ['Server', 'State', 'Verified on the newest', 'Next to end'];

function serversSection(servers: readonly FleetServer[], steps: readonly Step[], at: string): Markup {
  if (servers.length === 0) return section('servers', 'Servers', html`<p>None.</p>`);
  const well = servers.filter(({ isWell }) => isWell);
  const rowsOf = (some: readonly FleetServer[]) => some.map((one) => serverRow(one, steps, at));
  const bad = rowsOf(servers.filter(({ isWell }) => !isWell));
  const body = html`${needAction('Servers that need action', columns, bad)}${folded(
    well.length,
    true,
    'well',
    rows('Servers that are well', columns, rowsOf(well), true),
  )}`;
  return section('servers', 'Servers', body);
}

function serverRow(one: FleetServer, steps: readonly (Step & { servers?: readonly string[] })[], at: string): Markup {
  const { server, look, isWell, why, verified, places, lastRunAt, lastResult, version, next } = one;
  const step = isWell ? -1 : steps.findIndex(({ servers }) => servers?.includes(server));
  const run = lastRunAt == null ? '' : `last run ${day(lastRunAt)}, ${lastResult ?? ''}`;
  return row(
    html`<b>${server}</b><small>${[version == null ? '' : `CertRebind ${version}`, run].filter(Boolean).join('; ')}</small>`,
    [
      stateText(look, why, step, steps),
      verified == null || places == null
        ? html`<span class="quiet">not known</span>`
        : html`<b>${verified}</b> of ${places}${renewedText(one)}`,
      next === null
        ? '–'
        : html`${lastsCell(next, at, look[1])}<small>${next.name} ${thumbprint(next.thumbprint, null)}</small>`,
    ],
  );
}

/** Whether everything there uses the renewed certificates. */
function renewedText({ onNew, onOld, notLookedAt }: FleetServer): Markup | null {
  if (onNew == null || onOld == null) return null;
  return html`<small>renewed: ${onNew} new, ${onOld} still old${notLookedAt ? `, ${notLookedAt} not looked at` : ''}</small>`;
}

function olderSection(older: readonly Older[]): Markup {
  const title = 'Older certificates that are still in use';
  if (older.length === 0) return section('older', title, html`<p>None.</p>`);
  const bodies = older.map(({ certificate, newest }) => {
    const users = usersOf(certificate);
    const ready = users.filter((server) => newest.at.has(server));
    return row(html`${thumbprint(certificate.thumbprint, 'old')}<small>${certificateText(certificate)}</small>`, [
      serversText(users),
      html`${thumbprint(newest.thumbprint, 'new')}<small>ends ${day(newest.notAfter)}</small>`,
      ready.length === 0 ? 'on none of them' : serversText(ready),
    ]);
  });
  const titles = ['Certificate', 'In use on', 'The newest of this name', 'Of these, it is in a store on'];
  return section('older', title, rows(title, titles, bodies));
}

function missingSection(entries: readonly InventoryEntry[]): Markup | null {
  const missing = entries.filter(({ kind }) => kind === 'missing');
  if (missing.length === 0) return null;
  const title = 'Used, but not in any store';
  const bodies = missing.map(({ server, thumbprint: text, usedBy }) =>
    row(html`<b>${server}</b>`, [html`<code>${text ?? ''}</code>`, usedBy ?? '']),
  );
  return section('missing', title, rows(title, ['Server', 'Certificate', 'Named by'], bodies));
}

const weekMs = 7 * dayMs;
const weeksShown = 26;

/** How many certificates in use end in each week of half a year; of a colour where a finding is due then. */
function weeksOf(used: readonly FleetCertificate[], entries: readonly InventoryEntry[], at: string): Markup {
  const weekOf = (moment: string) => Math.max(0, Math.floor((Date.parse(moment) - Date.parse(at)) / weekMs));
  const ending = groupBy(used, ({ notAfter }) => weekOf(notAfter));
  const due = groupBy(
    entries.filter((one) => one.kind === 'finding' && one.severity !== 'info' && one.dueAt != null),
    ({ dueAt }) => weekOf(dueAt ?? at),
  );
  let before = '';
  const cells = Array.from({ length: weeksShown }, (_, week) => {
    const from = new Date(Date.parse(at) + week * weekMs).toISOString();
    const month = from.slice(0, 7);
    const label = month === before ? '' : month;
    before = month;
    const found = due.get(week);
    const tone = found === undefined ? '' : found.some(({ severity }) => severity === 'error') ? 'bad' : 'warn';
    const many = ending.get(week)?.length ?? 0;
    return html`<li><small>${label}</small><b class="${tone}">${many === 0 ? '' : many}${tone === '' ? '' : '!'}<span class="hidden">${many === 0 ? 'none ends' : ' end'} in the week from ${day(from)}${tone === '' ? '' : ', where a problem is due'}</span></b></li>
`;
  });
  return html`<p class="quiet">Certificates in use that end in each week; marked where a problem is due.</p><ol class="weeks">
${cells}</ol>`;
}

function certificatesSection(
  certificates: readonly FleetCertificate[],
  entries: readonly InventoryEntry[],
  at: string,
): Markup {
  const used = certificates.filter((one) => usersOf(one).length > 0);
  const title = 'Expiry calendar';
  if (used.length === 0) return section('certificates', title, html`<p>No certificate in use is known.</p>`);
  const bodies = used.map((one) =>
    row(html`${thumbprint(one.thumbprint, null)}<small>${certificateText(one)}</small>`, [
      serversText(usersOf(one).map((server) => `${server} (${one.at.get(server) ?? ''})`)),
      serversText([...one.at.keys()].filter((server) => one.at.get(server) === '')),
      lastsCell(one, at, 'info'),
    ]),
  );
  return section(
    'certificates',
    title,
    html`${weeksOf(used, entries, at)}${rows(title, ['Certificate', 'In use on', 'Only in a store on', 'Ends'], bodies)}`,
  );
}

const serversShown = 40;

function serversText(servers: readonly string[]): string {
  const more = servers.length > serversShown ? ` and ${servers.length - serversShown} more` : '';
  return `${servers.slice(0, serversShown).join(', ')}${more}`;
}
