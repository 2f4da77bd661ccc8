import { day } from '../model/certificates/named-certificate.ts';
import { isKnown } from '../model/documents/unknown-parts.ts';
import type { VerifiedEndpoint, Verify } from '../model/documents/verify.ts';
import { escapeControls } from '../model/text/safe-text.ts';
import type { Look } from './look.ts';
import { count, endpointText, firstOf, type Naming, namingOf, paragraphs, sightLines } from './phrases.ts';
import { findingsText } from './status.ts';
import { type Cell, renderTable } from './table.ts';

/** The certificates that endpoints serve against those of the holders, endpoint by endpoint. */
export function verifyText(document: Verify, look: Look): string {
  const { endpoints, findings } = document;
  const naming = namingOf({}, look);
  const { short } = naming;
  const found = findingsText(findings, naming, look);
  if (!isKnown(document, 'records'))
    return paragraphs(['The endpoints are not known, so nothing was verified.', sightLines(document), found], look);
  if (endpoints.length === 0)
    return paragraphs(['There is no TLS endpoint of an IIS binding.', sightLines(document), found], look);
  const rows = endpoints.map((endpoint) => [
    endpointText(endpoint.endpoint),
    endpoint.key,
    servedCell(endpoint, short),
    verdict(endpoint),
    chainCell(endpoint),
    endpoint.notAfter === null ? '-' : day(endpoint.notAfter),
  ]);
  const table = renderTable(
    [
      { title: 'endpoint', flexible: true },
      { title: 'holder', flexible: true },
      { title: 'serves' },
      { title: 'verdict' },
      { title: 'chain' },
      { title: 'ends' },
    ],
    rows,
    look,
  );
  return paragraphs([table, reasonLines(endpoints, look), found, [...sightLines(document), summary(endpoints)]], look);
}

const reasonsShown = 10;

/** Why nothing was served, on a line of its own: a column for it would take the room of the others. */
function reasonLines(endpoints: readonly VerifiedEndpoint[], look: Look): readonly string[] {
  const lines = endpoints.flatMap(({ endpoint, reason }) =>
    reason === null ? [] : `${escapeControls(endpointText(endpoint))}: ${escapeControls(reason)}`,
  );
  return firstOf(lines, reasonsShown, look);
}

/** What a holder names is shown if the endpoint serves another certificate. */
function servedCell({ result, thumbprint, expected, matches }: VerifiedEndpoint, short: Naming['short']): Cell {
  if (result !== 'served') return '-';
  return matches === false ? [short(thumbprint), `not ${short(expected)}`] : short(thumbprint);
}

function verdict({ matches, result }: VerifiedEndpoint): Cell {
  if (matches === true) return { text: 'matches', tone: 'good' };
  if (matches === false) return { text: 'differs', tone: 'bad' };
  if (result === 'served') return { text: result, tone: 'quiet' };
  return result === 'skipped' ? { text: 'skipped', tone: 'quiet' } : { text: result, tone: 'bad' };
}

function chainCell({ chain }: VerifiedEndpoint): Cell {
  if (chain === null) return '-';
  return chain === 'whole' ? chain : { text: chain, tone: chain === 'broken' ? 'bad' : 'quiet' };
}

function summary(endpoints: readonly VerifiedEndpoint[]): string {
  const matching = endpoints.filter(({ matches }) => matches === true).length;
  const skipped = endpoints.filter(({ result }) => result === 'skipped').length;
  const differing = endpoints.filter(({ matches }) => matches === false).length;
  const unjudged = endpoints.filter(({ matches, result }) => matches === null && result === 'served').length;
  const silent = endpoints.length - matching - skipped - differing - unjudged;
  const broken = endpoints.filter(({ chain }) => chain === 'broken').length;
  const lost = broken === 0 ? '' : ` ${broken} without an intermediate that clients need (see certrebind doctor).`;
  return `${count(endpoints.length, 'endpoint')}: ${matching} serve what they should, ${differing} differ, ${silent} do not answer, ${skipped} skipped${unjudged === 0 ? '' : `, ${unjudged} not known`}.${lost}`;
}
