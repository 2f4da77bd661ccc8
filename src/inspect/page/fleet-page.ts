import { certificateText, day } from '../../certificates/named-certificate.ts';
import { plain } from '../../command-line/print/look.ts';
import { count } from '../../command-line/print/phrases.ts';
import { when } from '../../command-line/print/times.ts';
import { bySeverity } from '../../documents/finding.ts';
import type { Finding } from '../../documents/status.ts';
import { groupBy } from '../../text/group.ts';
import { compareText, distinct } from '../../text/order.ts';
import { html, type Markup, page } from './html.ts';
import type { Inventory, InventoryEntry } from './inventory.ts';
import { daysLeftCells, marks, section, table, timelineTitle } from './page-parts.ts';
import { pageStyle } from './page-style.ts';

/** One page about many servers: what is wrong where, who uses an older certificate, what ends when, who shares what. */
export function fleetPage({ inventory, version }: { readonly inventory: Inventory; readonly version: string }): string {
  const { entries, takenAt } = inventory;
  const servers = serversOf(entries);
  const certificates = certificatesOf(entries);
  const older = olderInUse(certificates);
  const findings = findingsOf(entries);
  const title = `Certificates of ${count(servers.length, 'server')}`;
  const told = findings[0]?.severity ?? 'info';
  // Only who sees all servers can tell that one of them lacks a renewal; everything else each of them has found.
  const worst = told === 'info' && older.length > 0 ? 'warning' : told;
  return page({
    title,
    style: pageStyle,
    body: html`<header>
<h1>${title}</h1>
<p class="verdict ${worst}">${marks[worst]} ${verdict({ certificates, older, findings })}</p>
<p>As of ${when(takenAt, plain)} UTC, by CertRebind ${version}.</p>
</header>
<main>
${findingsSection(findings)}
${olderSection(older)}
${missingSection(entries)}
${certificatesSection(certificates, takenAt)}
${serversSection(servers)}
</main>`,
  });
}

/** A certificate, wherever it is. */
interface FleetCertificate {
  readonly thumbprint: string;
  readonly name: string;
  readonly issuer: string;
  readonly notAfter: string;
  /** By server: what uses it there; empty if nothing does. */
  readonly at: ReadonlyMap<string, string>;
}

function certificatesOf(entries: readonly InventoryEntry[]): readonly FleetCertificate[] {
  const found = new Map<string, FleetCertificate & { readonly at: Map<string, string> }>();
  for (const { kind, server, thumbprint, name, issuer, notAfter, usedBy } of entries) {
    if (kind !== 'certificate' || !thumbprint || !notAfter) continue;
    const known = found.get(thumbprint);
    const one = known ?? { thumbprint, name: name ?? '', issuer: issuer ?? '', notAfter, at: new Map() };
    // A certificate in two stores of a server is used by everything that uses it in either.
    const uses = [one.at.get(server), usedBy].filter(Boolean).join(', ');
    one.at.set(server, uses);
    if (known === undefined) found.set(thumbprint, one);
  }
  return [...found.values()].sort(
    (a, b) => compareText(a.notAfter, b.notAfter) || compareText(a.thumbprint, b.thumbprint),
  );
}

function usersOf({ at }: FleetCertificate): readonly string[] {
  return [...at].filter(([, usedBy]) => usedBy !== '').map(([server]) => server);
}

interface Older {
  readonly certificate: FleetCertificate;
  readonly newest: FleetCertificate;
}

/**
 * Certificates in use for which one with the same name ends later. Self-signed certificates are left out: nobody renews
 * them, and those with one name on many servers have nothing to do with each other.
 */
function olderInUse(certificates: readonly FleetCertificate[]): readonly Older[] {
  const newest = new Map<string, FleetCertificate>();
  for (const one of certificates) if (one.issuer !== one.name) newest.set(one.name, one);
  return certificates.flatMap((certificate) => {
    const latest = newest.get(certificate.name);
    const isOlder = latest !== undefined && latest !== certificate && certificate.issuer !== certificate.name;
    return isOlder && usersOf(certificate).length > 0 ? [{ certificate, newest: latest }] : [];
  });
}

interface FleetFinding extends Pick<Finding, 'severity' | 'message' | 'since' | 'command'> {
  readonly code: string;
  readonly servers: readonly string[];
}

/** Each once, with all servers that have it, and when it began on the first of them. */
function findingsOf(entries: readonly InventoryEntry[]): readonly FleetFinding[] {
  const findings = entries.filter(({ kind }) => kind === 'finding');
  const groups = groupBy(findings, ({ code, severity, message, command }) =>
    JSON.stringify([code, severity, message, command ?? null]),
  );
  return [...groups.values()]
    .map((group) => {
      const [{ code, severity, message, command = null }] = group;
      const [since = null] = distinct(group.flatMap((one) => one.since ?? []));
      const servers = [...new Set(group.map(({ server }) => server))];
      return { code: code ?? '', severity: severity ?? 'info', message: message ?? '', since, command, servers };
    })
    .sort(bySeverity);
}

interface FleetServer {
  readonly server: string;
  readonly version: string | null;
  /** Names of the certificates that something uses there, by thumbprint. */
  readonly used: ReadonlyMap<string, string>;
}

function serversOf(entries: readonly InventoryEntry[]): readonly FleetServer[] {
  const found = new Map<string, { server: string; version: string | null; used: Map<string, string> }>();
  for (const { kind, server, thumbprint, name, issuer, usedBy, version } of entries) {
    const one = found.get(server) ?? { server, version: null, used: new Map() };
    found.set(server, one);
    if (kind === 'server') one.version = version ?? null;
    if (kind === 'certificate' && thumbprint && usedBy)
      one.used.set(thumbprint, certificateText({ name: name ?? '', issuer: issuer ?? '' }));
  }
  return [...found.values()].sort((a, b) => compareText(a.server, b.server));
}

function verdict({
  certificates,
  older,
  findings,
}: {
  readonly certificates: readonly FleetCertificate[];
  readonly older: readonly Older[];
  readonly findings: readonly FleetFinding[];
}): string {
  const next = certificates.find((one) => usersOf(one).length > 0);
  const late = new Set(older.flatMap(({ certificate }) => usersOf(certificate)));
  const bad = findings.filter(({ severity }) => severity !== 'info').length;
  return [
    next === undefined
      ? 'No certificate in use is known.'
      : `The next certificate in use to expire is ${next.name}, on ${day(next.notAfter)}.`,
    late.size === 0
      ? 'No server uses an older certificate.'
      : `${count(late.size, 'server')} ${late.size === 1 ? 'uses' : 'use'} an older certificate.`,
    ...(bad > 0 ? [`${count(bad, 'finding')} to look at.`] : late.size > 0 ? [] : ['Nothing to do.']),
  ].join(' ');
}

function findingsSection(findings: readonly FleetFinding[]): Markup {
  if (findings.length === 0) return section('findings', 'What to do', html`<p>Nothing: no findings.</p>`);
  const rows = findings.map(
    ({ code, severity, message, since, command, servers }) =>
      html`<tr><td class="${severity}">${marks[severity]} ${severity}</td><td>${message}</td><td class="word">${since === null ? null : when(since, plain)}</td><td>${command === null ? null : html`<code>${command}</code>`}</td><td>${serversText(servers)}</td><td>${code}</td></tr>
`,
  );
  const titles = ['How bad', 'What', 'Since (UTC)', 'What to type', 'On', 'Code'];
  return section('findings', 'What to do', table(titles, rows));
}

function olderSection(older: readonly Older[]): Markup {
  const id = 'older';
  const title = 'Older certificates that are still in use';
  if (older.length === 0) return section(id, title, html`<p>None.</p>`);
  const rows = older.map(({ certificate, newest }) => {
    const users = usersOf(certificate);
    const ready = users.filter((server) => newest.at.has(server));
    return html`<tr><td>${certificateText(certificate)}<br/><code>${certificate.thumbprint}</code></td><td>${day(certificate.notAfter)}</td><td>${users.join(', ')}</td><td><code>${newest.thumbprint}</code><br/>ends ${day(newest.notAfter)}</td><td>${ready.length === 0 ? 'none of them' : ready.join(', ')}</td></tr>
`;
  });
  const titles = ['Certificate', 'Ends', 'In use on', 'The newest of this name', 'Of these, it is in a store on'];
  return section(id, title, table(titles, rows));
}

function missingSection(entries: readonly InventoryEntry[]): Markup | null {
  const missing = entries.filter(({ kind }) => kind === 'missing');
  if (missing.length === 0) return null;
  const rows = missing.map(
    ({ server, thumbprint, usedBy }) =>
      html`<tr><td>${server}</td><td><code>${thumbprint ?? ''}</code></td><td>${usedBy ?? ''}</td></tr>
`,
  );
  return section('missing', 'Used, but not in any store', table(['Server', 'Certificate', 'Named by'], rows));
}

function certificatesSection(certificates: readonly FleetCertificate[], takenAt: string): Markup {
  if (certificates.length === 0) return section('certificates', 'Certificates', html`<p>None.</p>`);
  const rows = certificates.map((certificate) => {
    const users = usersOf(certificate);
    const others = [...certificate.at.keys()].filter((server) => !users.includes(server));
    return html`<tr><td>${certificateText(certificate)}<br/><code>${certificate.thumbprint}</code></td><td>${usesText(certificate, users)}</td><td>${serversText(others)}</td><td>${day(certificate.notAfter)}</td>${daysLeftCells(certificate.notAfter, takenAt)}</tr>
`;
  });
  const titles = ['Certificate', 'In use on', 'Only in a store on', 'Ends', 'Days left', timelineTitle];
  return section('certificates', 'Certificates by end date', table(titles, rows));
}

function usesText({ at }: FleetCertificate, users: readonly string[]): string {
  return serversText(users.map((server) => `${server} (${at.get(server) ?? ''})`));
}

/** Servers that use the same certificates are listed together: as far as certificates go, they are a farm. */
function serversSection(servers: readonly FleetServer[]): Markup {
  if (servers.length === 0) return section('servers', 'Servers', html`<p>None.</p>`);
  const groups = groupBy(servers, ({ used }) => [...used.keys()].sort().join(' '));
  const rows = [...groups.values()]
    .sort((a, b) => b.length - a.length)
    .map((group) => {
      const versions = distinct(group.map(({ version }) => version ?? 'not known'));
      const names = [...group[0].used.values()].sort();
      return html`<tr><td>${group.map(({ server }) => server).join(', ')}</td><td class="number">${group.length}</td><td>${names.length === 0 ? 'none' : names.join(', ')}</td><td>${versions.join(', ')}</td></tr>
`;
    });
  const titles = ['Servers', 'How many', 'Certificates in use, the same on each', 'Version of CertRebind'];
  return section('servers', 'Servers that use the same certificates', table(titles, rows));
}

const serversShown = 40;

function serversText(servers: readonly string[]): string {
  const more = servers.length > serversShown ? ` and ${servers.length - serversShown} more` : '';
  return `${servers.slice(0, serversShown).join(', ')}${more}`;
}
