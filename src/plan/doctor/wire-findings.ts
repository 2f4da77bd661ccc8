import type { KeyText } from '../../model/record-key.ts';
import type { Finding } from '../../model/status.ts';
import type { VerifiedEndpoint } from '../../model/verify.ts';
import { finding, listed } from './finding.ts';
import type { Survey } from './survey.ts';

/** What the endpoints served against what their records name: one finding a record. What was not dialled says nothing. */
export function wireFindings(wire: readonly VerifiedEndpoint[], { pending }: Survey): readonly Finding[] {
  const own = wire.filter(({ expected }) => expected !== '');
  const [skipped] = own;
  if (skipped !== undefined && own.every(({ result }) => result === 'skipped')) {
    return [finding('wire-not-seen', `No endpoint was dialled: ${skipped.reason ?? 'no reason was given'}.`)];
  }
  const byRecord = new Map<KeyText, VerifiedEndpoint[]>();
  for (const endpoint of own) {
    const list = byRecord.get(endpoint.key);
    if (list === undefined) byRecord.set(endpoint.key, [endpoint]);
    else list.push(endpoint);
  }
  return [...byRecord].flatMap(([key, endpoints]) => {
    const different = endpoints.filter(({ matches }) => matches === false);
    const ahead = different.filter(
      ({ expected, thumbprint }) => expected !== '' && pending.get(expected)?.new === thumbprint,
    );
    const differing = different.filter((endpoint) => !ahead.includes(endpoint));
    const silent = endpoints.filter(({ result }) => result === 'unreachable' || result === 'not-listening');
    return [
      ...(differing.length > 0 ? [finding('wire-differs', differs(differing), { key })] : []),
      ...(ahead.length > 0 ? [finding('wire-ahead', differs(ahead), { key })] : []),
      ...(silent.length > 0 ? [finding('endpoint-unreachable', unreachable(silent), { key })] : []),
    ];
  });
}

/** Records whose own certificate was seen on the wire. */
export function servedRecords(wire: readonly VerifiedEndpoint[]): ReadonlySet<KeyText> {
  return new Set(wire.filter(({ matches }) => matches === true).map(({ key }) => key));
}

function differs(endpoints: readonly VerifiedEndpoint[]): string {
  const [first] = endpoints;
  const served = [...new Set(endpoints.map(({ thumbprint }) => thumbprint ?? 'nothing'))];
  return `${listed(endpoints.map(endpointText))} serves ${listed(served)}, and the record names ${first?.expected}.`;
}

function unreachable(endpoints: readonly VerifiedEndpoint[]): string {
  const reason = endpoints.find((endpoint) => endpoint.reason !== null)?.reason;
  return `${listed(endpoints.map(endpointText))} does not answer${reason === undefined ? '' : `: ${reason}`}.`;
}

function endpointText({ endpoint: { address, port, serverName } }: VerifiedEndpoint): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `${host}:${port}${serverName === null ? '' : ` as ${serverName}`}`;
}
