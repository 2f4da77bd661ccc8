import { lineageOf } from '../../certificates/lineage.ts';
import type { Renewal } from '../../certificates/renewal.ts';
import { finding } from '../../documents/finding.ts';
import type { Ledger } from '../../documents/runs/ledger.ts';
import type { Finding } from '../../documents/status.ts';
import type { KeyText } from '../../holders/record-key.ts';
import type { Snapshot } from '../../holders/snapshot.ts';
import { looksDue } from '../../plan/looks-due.ts';
import { groupBy } from '../../text/group.ts';
import type { VerifiedEndpoint } from '../verify/document.ts';
import { differs } from './wire-findings.ts';

export interface LineageFacts {
  readonly snapshot: Snapshot;
  readonly ledger: Ledger;
  /** Every renewal that is known (`outstandingRenewals`). */
  readonly inForce: readonly Renewal[];
}

type EndpointsBehind = ReadonlyMap<VerifiedEndpoint, 'still-old' | 'still-served'>;

/** The endpoints that serve what the certificate that is set for them replaces, or what was rolled back there. */
export function endpointsBehind(
  wire: readonly VerifiedEndpoint[],
  { ledger, inForce }: Pick<LineageFacts, 'ledger' | 'inForce'>,
): EndpointsBehind {
  const lineage = lineageOf(inForce);
  const undone = ledger.entries.filter(({ state }) => state === 'undone').map(({ renewal }) => renewal);
  const behind = new Map<VerifiedEndpoint, 'still-old' | 'still-served'>();
  for (const endpoint of wire) {
    const { expected, thumbprint, matches } = endpoint;
    if (matches !== false || expected === '' || thumbprint === null) continue;
    if (lineage(expected).has(thumbprint)) behind.set(endpoint, 'still-old');
    else if (undone.some((one) => one.old === expected && one.new === thumbprint)) behind.set(endpoint, 'still-served');
  }
  return behind;
}

/**
 * One finding for each holder whose endpoints are behind: as they were dialled now, or, where they did not all answer,
 * as a run last saw them.
 */
export function leftBehind(
  wire: readonly VerifiedEndpoint[],
  facts: LineageFacts,
  endpoints: EndpointsBehind = endpointsBehind(wire, facts),
): readonly Finding[] {
  const due = looksDue(facts.snapshot, facts.ledger, facts.inForce);
  const look = (key: KeyText) => ({ key, command: due.has(key) ? 'certrebind reconcile' : null });
  const behind = groupBy(endpoints, ([{ key }, code]) => `${code} ${key}`);
  const seen = [...behind.values()].map((group) => {
    const [[{ key }, code]] = group;
    return finding(code, differs(group.map(([endpoint]) => endpoint)), look(key));
  });
  const told = new Set(seen.map(({ key }) => key));
  const dialled = groupBy(wire, ({ key }) => key);
  const remembered = [...due].flatMap(([key, { renewal, state }]) => {
    const answered = dialled.get(key)?.every(({ result }) => result === 'served') ?? false;
    if (answered || told.has(key)) return [];
    const [code, other] =
      state === 'undone'
        ? (['still-served', `${renewal.new}, which was rolled back,`] as const)
        : (['still-old', `an older certificate than ${renewal.new}`] as const);
    return finding(code, `An endpoint of ${key} still served ${other} when a run last dialled it.`, look(key));
  });
  return [...seen, ...remembered];
}
