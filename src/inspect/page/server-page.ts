import { certificateText, day, type NamedCertificate } from '../../certificates/named-certificate.ts';
import { plain } from '../../command-line/print/look.ts';
import { endpointText, saysMore } from '../../command-line/print/phrases.ts';
import { when } from '../../command-line/print/times.ts';
import type { Finding, Status } from '../../documents/status.ts';
import { unknownText } from '../../holders/unknown-parts.ts';
import type { History } from '../history/document.ts';
import { statusText } from '../status/text.ts';
import type { Verify } from '../verify/document.ts';
import { html, type Markup, page } from './html.ts';
import { daysLeftCells, marks, section, table, timelineTitle } from './page-parts.ts';
import { pageStyle } from './page-style.ts';

/** The content of a page about one server. */
export interface ServerFacts {
  readonly takenAt: string;
  readonly version: string;
  readonly status: Status;
  readonly verify: Verify;
  readonly history: History;
}

/**
 * One page for people who are not at the server: what ends when, what is served where, what runs did, what is wrong.
 */
export function serverPage(facts: ServerFacts): string {
  const { status, takenAt, version } = facts;
  const title = `Certificates of ${status.server.name}`;
  const [verdict = ''] = statusText(status, plain).split('\n');
  const worst = status.findings.find(({ severity }) => severity !== 'info')?.severity ?? 'info';
  return page({
    title,
    style: pageStyle,
    body: html`<header>
<h1>${title}</h1>
<p class="verdict ${worst}">${marks[worst]} ${verdict}</p>
<p>As of ${when(takenAt, plain)} UTC, by CertRebind ${version}.</p>
</header>
<main>
${findingsSection(status.findings)}
${certificatesSection(status, takenAt)}
${endpointsSection(facts.verify, status.certificates)}
${runsSection(facts.history)}
${unknownSection(facts.verify)}
</main>`,
  });
}

function findingsSection(findings: readonly Finding[]): Markup {
  if (findings.length === 0) return section('findings', 'What to do', html`<p>Nothing: no findings.</p>`);
  const rows = findings.map(
    ({
      code,
      severity,
      key,
      message,
      hint,
      command,
    }) => html`<tr><td class="word ${severity}">${marks[severity]} ${severity}</td><td>${message}${key === null ? null : html` <code>${key}</code>`}</td><td>${saysMore(hint, command) ? hint : null}${command === null ? null : html` <code>${command}</code>`}</td><td class="word">${code}</td></tr>
`,
  );
  return section('findings', 'What to do', table(['How bad', 'What', 'What to do', 'Code'], rows));
}

function certificatesSection({ certificates, inUse }: Status, takenAt: string): Markup {
  if (certificates.length === 0)
    return section('certificates', 'Certificates', html`<p>No certificate in use is known.</p>`);
  const used = new Set<string>(inUse?.thumbprints ?? []);
  const rows = certificates
    .toSorted((a, b) => (a.notAfter < b.notAfter ? -1 : a.notAfter > b.notAfter ? 1 : 0))
    .map((certificate) => certificateRow(certificate, used.has(certificate.thumbprint), takenAt));
  return section(
    'certificates',
    'Certificates by end date',
    table(['Certificate', 'In use', 'Ends', 'Days left', timelineTitle], rows),
  );
}

function certificateRow(certificate: NamedCertificate, isUsed: boolean, takenAt: string): Markup {
  return html`<tr><td>${certificateText(certificate)}<br/><code>${certificate.thumbprint}</code>${namesText(certificate)}</td><td>${isUsed ? 'yes' : 'no'}</td><td class="word">${day(certificate.notAfter)}</td>${daysLeftCells(certificate.notAfter, takenAt)}</tr>
`;
}

const namesShown = 12;

function namesText({ names, name }: NamedCertificate): Markup | null {
  const others = names.filter((one) => one !== name);
  if (others.length === 0) return null;
  const more = others.length > namesShown ? ` and ${others.length - namesShown} more` : '';
  return html`<br/><small>${others.slice(0, namesShown).join(', ')}${more}</small>`;
}

function endpointsSection({ endpoints }: Verify, certificates: readonly NamedCertificate[]): Markup {
  const known = new Map<string, NamedCertificate>(certificates.map((one) => [one.thumbprint, one]));
  if (endpoints.length === 0)
    return section('endpoints', 'Endpoints', html`<p>No TLS endpoint of an IIS binding is known.</p>`);
  const rows = endpoints.map(({ endpoint, key, thumbprint, matches, result, reason }) => {
    const named = thumbprint === null ? undefined : known.get(thumbprint);
    const [tone, words] =
      matches === true
        ? ['info', '● serves what it should']
        : matches === false
          ? ['error', '✕ serves another certificate']
          : result === 'skipped'
            ? ['quiet', '◆ not tested']
            : ['warning', '▲ did not answer'];
    const served = named === undefined ? (thumbprint ?? '') : certificateText(named);
    return html`<tr><td>${endpointText(endpoint)}</td><td class="holder"><code>${key}</code></td><td>${served}</td><td class="${tone}">${words}${reason === null ? null : `: ${reason}`}</td></tr>
`;
  });
  return section('endpoints', 'Endpoints', table(['Endpoint', 'Holder', 'Serves', 'Last proof'], rows));
}

const runsShown = 50;

function runsSection({ runs }: History): Markup {
  if (runs.length === 0) return section('runs', 'Runs', html`<p>No run has changed anything yet.</p>`);
  const rows = runs
    .slice(-runsShown)
    .toReversed()
    .map(
      ({
        run,
        at,
        result,
        counts,
        certificates,
      }) => html`<tr><td class="word">${when(at, plain)}</td><td class="word">${result}</td><td>${certificates.join(', ')}</td><td class="number">${counts.changed}</td><td class="number">${counts.blocked}</td><td class="number">${counts.undone}</td><td class="number">${counts.failed}</td><td><code>${run}</code></td></tr>
`,
    );
  return section(
    'runs',
    'Runs, the newest first',
    table(['At (UTC)', 'Result', 'Certificate', 'Changed', 'Blocked', 'Undone', 'Failed', 'Run'], rows),
  );
}

function unknownSection({ lookedAt, notLookedAt }: Verify): Markup {
  const looked = lookedAt.map(({ part, from }) => html`<li>${part}: ${from}</li>`);
  return section(
    'scope',
    'What was read',
    html`<ul>${looked}</ul>
<p>${notLookedAt.length === 0 ? 'Every part of the server was read.' : `Not read: ${unknownText(notLookedAt)}.`}</p>`,
  );
}
