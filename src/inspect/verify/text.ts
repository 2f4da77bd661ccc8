import { endpointText } from '../../certificates/handshake.ts';
import { day } from '../../certificates/named-certificate.ts';
import type { Look } from '../../command-line/print/look.ts';
import { count, firstOf, type Naming, namingOf, paragraphs, scopeLines } from '../../command-line/print/phrases.ts';
import { type Cell, renderTable } from '../../command-line/print/table.ts';
import { escapeControls } from '../../text/safe-text.ts';
import { findingsText } from '../status/text.ts';
import type { VerifiedEndpoint, Verify } from './document.ts';

/** The certificates that endpoints serve against those of the holders: problems first, and the rest as a count. */
export function verifyText(document: Verify, look: Look): string {
  const { endpoints, findings } = document;
  const naming = namingOf({}, look);
  const { short } = naming;
  const found = findingsText(findings, naming, look);
  if (endpoints.length === 0)
    return paragraphs(['There is no TLS endpoint of an IIS binding.', scopeLines(document), found], look);
  const troubled = endpoints.filter((endpoint) => !isFine(endpoint));
  const shown = look.full === true ? [...troubled, ...endpoints.filter(isFine)] : troubled;
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
      : renderTable(
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
  const hidden = endpoints.length - shown.length;
  return paragraphs(
    [table, reasonLines(shown, look), found, [...scopeLines(document), summary(endpoints, hidden)]],
    look,
  );
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
function servedCell(
  { result, thumbprint, expected, matches, replacedBy }: VerifiedEndpoint,
  short: Naming['short'],
): Cell {
  if (result !== 'served') return '-';
  const better = matches === false ? expected : replacedBy;
  return better === undefined ? short(thumbprint) : [short(thumbprint), `not ${short(better)}`];
}

function isFine(endpoint: VerifiedEndpoint): boolean {
  const { result, chain } = endpoint;
  return (result === 'served' || result === 'skipped') && !isOld(endpoint) && !differs(endpoint) && chain !== 'broken';
}

function isOld({ replacedBy }: VerifiedEndpoint): boolean {
  return replacedBy !== undefined;
}

/** Serves another certificate than that of its holder, and not an older one. */
function differs(endpoint: VerifiedEndpoint): boolean {
  return endpoint.matches === false && !isOld(endpoint);
}

function verdict(endpoint: VerifiedEndpoint): Cell {
  const { matches, result } = endpoint;
  if (isOld(endpoint)) return { text: matches === false ? 'still old' : 'replaced', tone: 'bad' };
  if (matches === true) return { text: 'matches', tone: 'good' };
  if (matches === false) return { text: 'differs', tone: 'bad' };
  if (result === 'served') return { text: result, tone: 'quiet' };
  return result === 'skipped' ? { text: 'skipped', tone: 'quiet' } : { text: result, tone: 'bad' };
}

function chainCell({ chain }: VerifiedEndpoint): Cell {
  if (chain === null) return '-';
  return chain === 'whole' ? chain : { text: chain, tone: chain === 'broken' ? 'bad' : 'quiet' };
}

function summary(endpoints: readonly VerifiedEndpoint[], hidden: number): string {
  const matching = endpoints.filter((endpoint) => endpoint.matches === true && !isOld(endpoint)).length;
  const old = endpoints.filter(isOld).length;
  const differing = endpoints.filter(differs).length;
  const skipped = endpoints.filter(({ result }) => result === 'skipped').length;
  const unjudged = endpoints.filter(
    (endpoint) => endpoint.matches === null && endpoint.result === 'served' && !isOld(endpoint),
  ).length;
  const counted = [
    [old, 'with a certificate that was replaced'],
    [differing, 'with another certificate'],
    [endpoints.length - matching - old - differing - skipped - unjudged, 'without an answer'],
    [unjudged, 'not known'],
    [skipped, 'skipped'],
  ] as const;
  const rest = counted.flatMap(([number, what]) => (number === 0 ? [] : `, ${number} ${what}`)).join('');
  const broken = endpoints.filter(({ chain }) => chain === 'broken').length;
  const lost = broken === 0 ? '' : ` ${broken} without an intermediate that clients need (see certrebind doctor).`;
  const all = hidden === 0 ? '' : ` (--full lists ${hidden === endpoints.length ? 'them' : 'all'})`;
  return `${count(endpoints.length, 'endpoint')}: ${matching} serve what they should${rest}${all}.${lost}`;
}
