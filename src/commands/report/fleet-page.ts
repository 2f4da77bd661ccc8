import { groupBy } from '../../base/group.ts';
import { compareText, distinct } from '../../base/order.ts';
import type { CampaignSeen } from '../../documents/campaign.ts';
import { byUrgency, isNoticed, isWorthReading, ranks } from '../../documents/finding.ts';
import {
  certificatesOf,
  type FleetCertificate,
  type Inventory,
  type InventoryEntry,
  type Older,
  olderInUse,
  usersOf,
} from '../../documents/inventory.ts';
import { certificateText, day } from '../../model/certificates/named-certificate.ts';
import { count } from '../../shell/print/phrases.ts';
import type { Clock } from '../../shell/print/terminal-style.ts';
import { campaignAction, campaignSection, campaignText, ownConsole } from './campaign-section.ts';
import { html, type Markup, page } from './html.ts';
import {
  type ActionText,
  actionsSection,
  header,
  icon,
  lastsCell,
  mix,
  type Rank,
  row,
  rows,
  type Shape,
  section,
  type Tile,
  type Tone,
  thumbprint,
  timeWithUtc,
  verdicts,
  wordOf,
} from './page-parts.ts';
import { pageStyle } from './page-style.ts';

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
  const ofServers = actionsOfFleet(entries);
  const servers = serversOf(entries, older, ofServers);
  const actions = [
    ...ofServers,
    ...(campaign === null ? [] : campaignAction(campaign).map((action) => ({ ...action, servers: [] }))),
  ];
  const bad = servers.filter(({ state }) => state !== 'well');
  const rank: Rank = bad.length === 0 ? 2 : bad.some(({ state }) => state === 'broken') ? 0 : 1;
  const subject = count(servers.length, 'server');
  const [first] = actions;
  const step = actions.findIndex(({ on }) => on === ownConsole);
  const told = campaign === null ? null : `${campaignText(campaign)}${step < 1 ? '' : `: see step ${step + 1} below`}.`;
  const headline = headlineOf(servers, bad);
  return page({
    title: `${verdicts[rank].mark} ${subject}: ${headline}`,
    style: pageStyle,
    body: html`${header({
      subject,
      rank,
      ...wordOf(first, timeOf),
      of: bad.length === 0 ? subject : `${bad.length} of ${subject} ${bad.length === 1 ? 'needs' : 'need'} action`,
      headline,
      text: nextText(first, certificates),
      first,
      more: told,
      at: timeOf(takenAt),
      sections: [
        ...(actions.length < 2 ? [] : [['do', 'What else to do'] as const]),
        ...(campaign === null ? [] : [['campaign', 'Campaign'] as const]),
        ['servers', 'Servers'],
        ['older', 'Older certificates'],
        ['certificates', 'Expiry calendar'],
      ],
    })}<main>
${actionsSection(actions, takenAt, timeOf)}${servers.length === 0 ? null : mix(tilesOf(servers), 'server')}${campaign === null ? null : campaignSection(campaign, timeOf)}${serversSection(servers, actions, takenAt)}${olderSection(older)}${missingSection(entries)}${certificatesSection(certificates, entries, takenAt)}</main>
<footer>Written by <code>certrebind report</code>, version ${version}, from what Get-CertRebindInventory lists. It does not refresh itself.</footer>`,
  });
}

/** Findings that have one cause, with all servers that have it. */
function actionsOfFleet(
  entries: readonly InventoryEntry[],
): readonly (ActionText & { readonly servers: readonly string[] })[] {
  const open = entries.filter(({ kind, severity }) => kind === 'finding' && severity !== 'info');
  const causes = groupBy(open, ({ code, severity, title, command, missingNames, message }) =>
    JSON.stringify([code, severity, title ?? message, command ?? null, missingNames ?? null]),
  );
  return [...causes.values()]
    .map((group) => {
      const [{ code, severity, title, message, hint, command }] = group;
      const servers = distinct(group.map(({ server }) => server));
      const [dueAt = null] = distinct(group.flatMap((one) => one.dueAt ?? []));
      return {
        title: title ?? message ?? '',
        severity: severity === 'error' ? ('error' as const) : ('warning' as const),
        isNow: isNoticed(code ?? ''),
        dueAt,
        hint: hint ?? '',
        commands: command == null ? [] : [command],
        messages: [...new Set(group.flatMap((one) => one.message ?? []))],
        on: serversText(servers),
        servers,
      };
    })
    .sort(byUrgency);
}

type State = 'broken' | 'look' | 'silent' | 'off' | 'older' | 'well';

const looks: Readonly<Record<State, readonly [shape: Shape, tone: Tone, word: string]>> = {
  broken: ['bad', 'bad', 'Error'],
  look: ['warn', 'warn', 'Warning'],
  silent: ['blocked', 'warn', 'No answer'],
  off: ['quiet', 'warn', 'CertRebind is off'],
  older: ['waiting', 'warn', 'Older certificate'],
  well: ['good', 'good', 'Well'],
};

interface FleetServer
  extends Pick<
    InventoryEntry,
    'verified' | 'places' | 'onNew' | 'onOld' | 'notLookedAt' | 'lastRunAt' | 'lastResult' | 'version'
  > {
  readonly server: string;
  readonly state: State;
  readonly why: string;
  /** Of the certificates that something uses there, the one that ends first. */
  readonly next: FleetCertificate | null;
}

/** The worst first, and of these those whose turn comes first. */
function serversOf(
  entries: readonly InventoryEntry[],
  older: readonly Older[],
  actions: ReturnType<typeof actionsOfFleet>,
): readonly FleetServer[] {
  const turns = new Map(
    actions.flatMap(({ servers }, at) => servers.map((server) => [server, at] as const)).toReversed(),
  );
  const turn = ({ server }: FleetServer) => turns.get(server) ?? actions.length;
  const used = certificatesOf(entries);
  const next = new Map(used.toReversed().flatMap((one) => usersOf(one).map((server) => [server, one] as const)));
  const late = groupBy(
    older.flatMap((one) => usersOf(one.certificate).map((server) => ({ server, one }))),
    ({ server }) => server,
  );
  return [...groupBy(entries, ({ server }) => server)]
    .map(([server, group]): FleetServer => {
      const own = group.find(({ kind }) => kind === 'server');
      const [worst] = group
        .filter(({ kind, severity }) => kind === 'finding' && severity !== 'info')
        .sort((a, b) => ranks[a.severity ?? 'info'] - ranks[b.severity ?? 'info']);
      const behind = late.get(server)?.[0].one.certificate;
      const [state, why] = stateOfServer(own, worst, behind);
      return { ...own, server, state, why, next: next.get(server) ?? null };
    })
    .sort((a, b) => order(a.state) - order(b.state) || turn(a) - turn(b) || compareText(a.server, b.server));
}

function stateOfServer(
  own: InventoryEntry | undefined,
  worst: InventoryEntry | undefined,
  behind: FleetCertificate | undefined,
): readonly [State, string] {
  const text = worst?.title ?? worst?.message ?? '';
  if (own?.code === 'unreachable') return ['silent', own.message ?? ''];
  if (worst?.severity === 'error') return ['broken', text];
  if (own?.enabled === false) return ['off', 'The next renewal is not bound.'];
  if (worst !== undefined) return ['look', text];
  if (behind !== undefined) return ['older', `Another server has a newer certificate for ${behind.name}.`];
  return ['well', ''];
}

function order(state: State): number {
  return Object.keys(looks).indexOf(state);
}

/** @param bad those that are not well, the worst first */
function headlineOf(servers: readonly FleetServer[], [first]: readonly FleetServer[]): string {
  if (first === undefined)
    return servers.length === 0 ? 'No server is known' : `All ${count(servers.length, 'server')} are well`;
  const [, , word] = looks[first.state];
  return `${first.server}: ${first.why === '' ? word : first.why.replace(/\.$/, '')}`;
}

/** Where the first thing is done, and how where there is no command for it. */
function nextText(first: ActionText | undefined, certificates: readonly FleetCertificate[]): string {
  if (first?.on == null) return nextEndText(certificates);
  const [command = null] = first.commands;
  const told = isWorthReading(first.hint, command) ? first.hint : (first.messages[0] ?? '');
  const begin = told === '' ? '' : `${told} `;
  return command === null ? `On ${first.on}: ${begin}`.trim() : `${begin}Type on ${first.on}:`;
}

function nextEndText(certificates: readonly FleetCertificate[]): string {
  const next = certificates.find((one) => usersOf(one).length > 0);
  if (next === undefined) return 'No certificate in use is known.';
  return `The next certificate in use to expire is ${next.name}, on ${day(next.notAfter)}.`;
}

function tilesOf(servers: readonly FleetServer[]): readonly Tile[] {
  return (Object.keys(looks) as State[]).map((state) => {
    const [shape, tone, title] = looks[state];
    const found = servers.filter((one) => one.state === state);
    const text =
      found.length === 0 ? '' : `${found[0]?.server}${found.length === 1 ? '' : ` and ${found.length - 1} more`}`;
    return { title, tone, shape, number: found.length, text };
  });
}

const columns = ['Server', 'State', 'Verified on the newest', 'Next to end'];

function serversSection(
  servers: readonly FleetServer[],
  actions: ReturnType<typeof actionsOfFleet>,
  at: string,
): Markup {
  if (servers.length === 0) return section('servers', 'Servers', html`<p>None.</p>`);
  const bad = servers.filter(({ state }) => state !== 'well');
  const well = servers.filter(({ state }) => state === 'well');
  const body = html`${
    bad.length === 0
      ? null
      : html`<h3>${bad.length} ${bad.length === 1 ? 'needs' : 'need'} action</h3>
${rows(
  'Servers that need action',
  columns,
  bad.map((one) => serverRow(one, actions, at)),
)}`
  }${
    well.length === 0
      ? null
      : html`<details open="open"><summary>${well.length} well</summary>
${rows(
  'Servers that are well',
  columns,
  well.map((one) => serverRow(one, actions, at)),
  true,
)}</details>
`
  }`;
  return section('servers', 'Servers', body);
}

function serverRow(one: FleetServer, actions: ReturnType<typeof actionsOfFleet>, at: string): Markup {
  const { server, state, why, verified, places, lastRunAt, lastResult, version, next } = one;
  const [shape, tone, word] = looks[state];
  const step = state === 'well' ? -1 : actions.findIndex(({ servers }) => servers.includes(server));
  const run = lastRunAt == null ? '' : `last run ${day(lastRunAt)}, ${lastResult ?? ''}`;
  return row(
    html`<b>${server}</b><small>${[version == null ? '' : `CertRebind ${version}`, run].filter(Boolean).join('; ')}</small>`,
    [
      html`<span class="state ${tone}">${icon(shape)} ${word}</span>${step < 0 ? null : html` <a href="#action-${step + 1}">step ${step + 1}</a>`}<small>${why}</small>`,
      verified == null || places == null
        ? html`<span class="quiet">not known</span>`
        : html`<b>${verified}</b> of ${places}${renewedText(one)}`,
      next === null
        ? '–'
        : html`${lastsCell(next, at, tone)}<small>${next.name} ${thumbprint(next.thumbprint, null)}</small>`,
    ],
  );
}

/** Whether everything there uses the renewed certificates. */
function renewedText({ onNew, onOld, notLookedAt }: FleetServer): Markup | null {
  if (onNew == null || onOld == null) return null;
  return html`<small>renewed: new at ${onNew}, old at ${onOld}, not looked at ${notLookedAt ?? 0}</small>`;
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

const weekMs = 7 * 24 * 3600_000;
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
