import { escapeControls } from '../../base/safe-text.ts';
import type { VerifiedEndpoint, Verify } from '../../documents/verify.ts';
import { endpointText } from '../../model/certificates/handshake.ts';
import { day } from '../../model/certificates/named-certificate.ts';
import { count, firstOf, type Naming, namingOf, paragraphs, scopeLines } from '../../shell/print/phrases.ts';
import { findingsText } from '../../shell/print/status-text.ts';
import { type Cell, flexible, renderTable } from '../../shell/print/table.ts';
import type { TerminalStyle } from '../../shell/print/terminal-style.ts';

/** The certificates that endpoints serve against those of the holders: problems first, and the rest as a count. */
export function verifyText(document: Verify, look: TerminalStyle): string {
  const { endpoints, findings } = document;
  const naming = namingOf({}, look);
  const { short } = naming;
  const found = findingsText(findings, naming, look);
  if (endpoints.length === 0)
    return paragraphs(['There is no TLS endpoint of an IIS binding.', scopeLines(document), found], look);
  const troubled = endpoints.filter(({ trouble }) => trouble === true);
  const shown = look.full === true ? [...troubled, ...endpoints.filter(({ trouble }) => trouble !== true)] : troubled;
  const rows = shown.map((endpoint) => [
    endpointText(endpoint.endpoint),
    endpoint.key,
    servedCell(endpoint, short),
    verdict(endpoint),
    chainCell(endpoint),
    endpoint.notAfter === null ? '-' : day(endpoint.notAfter),
  ]);
  const table =
    shown.length === 0
      ? null
      : renderTable([flexible('endpoint'), flexible('place'), 'serves', 'verdict', 'chain', 'ends'], rows, look);
  // Why nothing was served, on a line of its own: a column for it would take the room of the others.
  const reasons = shown.flatMap(({ endpoint, reason }) =>
    reason === null ? [] : `${escapeControls(endpointText(endpoint))}: ${escapeControls(reason)}`,
  );
  const hidden = endpoints.length - shown.length;
  return paragraphs(
    [
      table,
      firstOf(reasons, reasonsShown, look),
      found,
      [...scopeLines(document), summary(endpoints, troubled, hidden)],
    ],
    look,
  );
}

const reasonsShown = 10;

/** What a holder names is shown if the endpoint serves another certificate. */
function servedCell(
  { result, thumbprint, expected, matches, replacedBy }: VerifiedEndpoint,
  short: Naming['short'],
): Cell {
  if (result !== 'served') return '-';
  const better = matches === false ? expected : replacedBy;
  return better === undefined ? short(thumbprint) : [short(thumbprint), `not ${short(better)}`];
}

function isOld({ replacedBy }: VerifiedEndpoint): boolean {
  return replacedBy !== undefined;
}

/** Serves another certificate than that of its holder, and not an older one. */
function differs(endpoint: VerifiedEndpoint): boolean {
  return endpoint.matches === false && !isOld(endpoint);
}

function verdict(endpoint: VerifiedEndpoint): Cell {
  const { matches, result, trouble } = endpoint;
  const tone = trouble === true ? 'bad' : 'quiet';
  if (isOld(endpoint)) return { text: matches === false ? 'still old' : 'replaced', tone };
  if (matches === true) return { text: 'matches', tone: 'good' };
  if (matches === false) return { text: 'differs', tone };
  if (result === 'served') return { text: result, tone };
  return result === 'skipped' ? { text: 'skipped', tone: 'quiet' } : { text: result, tone: 'bad' };
}

function chainCell({ chain }: VerifiedEndpoint): Cell {
  if (chain === null) return '-';
  return chain === 'whole' ? chain : { text: chain, tone: chain === 'broken' ? 'bad' : 'quiet' };
}

function summary(
  endpoints: readonly VerifiedEndpoint[],
  troubled: readonly VerifiedEndpoint[],
  hidden: number,
): string {
  const isOfFile = ({ certificate, replacedBy }: VerifiedEndpoint) =>
    certificate !== undefined && replacedBy === undefined;
  const isUnjudged = ({ matches, result, replacedBy, certificate }: VerifiedEndpoint) =>
    matches === null && result === 'served' && replacedBy === undefined && certificate === undefined;
  const counted = [
    [troubled.filter(isOld).length, 'with a certificate that was replaced'],
    [troubled.filter(differs).length, 'with another certificate'],
    [troubled.filter(isOfFile).length, 'whose file in the central certificate store is not in order'],
    [troubled.filter(({ result }) => result !== 'served').length, 'without an answer'],
    [endpoints.filter(isUnjudged).length, 'not known'],
    [endpoints.filter(({ result }) => result === 'skipped').length, 'skipped'],
  ] as const;
  const matching = counted.reduce((left, [number]) => left - number, endpoints.length);
  const rest = counted.flatMap(([number, what]) => (number === 0 ? [] : `, ${number} ${what}`)).join('');
  const broken = endpoints.filter(({ chain }) => chain === 'broken').length;
  const lost = broken === 0 ? '' : ` ${broken} without an intermediate that clients need (see certrebind doctor).`;
  const all = hidden === 0 ? '' : ` (--full lists ${hidden === endpoints.length ? 'them' : 'all'})`;
  return `${count(endpoints.length, 'endpoint')}: ${matching} serve what they should${rest}${all}.${lost}`;
}
