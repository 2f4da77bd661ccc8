import type { Outcome } from '../../documents/runs/outcome.ts';
import { isApplied } from '../../documents/runs/step-states.ts';
import type { Seen, Sighting } from '../../documents/seen.ts';
import type { VerifiedEndpoint } from '../../documents/verify.ts';
import { isOfCentralStore } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { Certificate, ServedCertificate } from '../../model/certificates/certificate.ts';
import { dayMs } from '../../model/certificates/deadline.ts';
import { endpointId, type Observation } from '../../model/certificates/handshake.ts';
import { byThumbprint } from '../../model/certificates/named-certificate.ts';
import { chainState } from '../../model/certificates/served-chain.ts';
import { endpointsToVerify, type ServerEndpoint } from './endpoints-of-server.ts';

/** What an endpoint served, against what its holder names. */
export function judgeServed(
  { key, expected }: ServerEndpoint,
  { handshake: seen, certificate }: Pick<Observation, 'handshake' | 'certificate'>,
  stored: ReadonlyMap<string, Certificate>,
): VerifiedEndpoint {
  const { result, thumbprint } = seen;
  const matches = result === 'served' && expected !== null ? thumbprint === expected : null;
  const chain = thumbprint === null ? null : chainState(seen, stored.get(thumbprint));
  const judged: VerifiedEndpoint = { ...seen, key, expected: expected ?? '', matches, chain };
  if (certificate === undefined || !isOfCentralStore(key)) return judged;
  // One of the same issuer in a store has the same intermediates above it.
  const alike = [...stored.values()].find(({ issuer }) => issuer === certificate.issuer);
  return { ...judged, chain: chainState(seen, alike), certificate: shown(certificate) };
}

/** The same without what only a store could say. */
function shown(certificate: ServedCertificate): ServedCertificate {
  const { thumbprint, subject, issuer, commonName, dnsNames, ipAddresses, notBefore, notAfter } = certificate;
  return { thumbprint, subject, issuer, commonName, dnsNames, ipAddresses, notBefore, notAfter };
}

/** What each endpoint served when it was last dialled, as far as its holder still names what it named then. */
export function lastSeen({ endpoints }: Seen, snapshot: Snapshot): readonly VerifiedEndpoint[] {
  const stored = byThumbprint(snapshot.certificates);
  const known = new Map(endpoints.map((one) => [sightingId(one), one]));
  return endpointsToVerify(snapshot).flatMap((one) => {
    const seen = known.get(sightingId(one));
    if (seen === undefined || one.skipped !== null || !isOf(seen, one) || seen.result === 'skipped') return [];
    const { at, since, certificate, key: _, expected: __, ...handshake } = seen;
    const observed = { handshake: { ...handshake, attempts: 0, durationMs: 0 }, ...(certificate && { certificate }) };
    return { ...judgeServed(one, observed, stored), at, since };
  });
}

/**
 * With what was dialled, and without what is no longer there, or names another certificate. What another process saw
 * meanwhile stays: it knows more than one that began before it.
 * @param at when dialling began
 */
export function seenNow(
  { endpoints }: Seen,
  wire: readonly VerifiedEndpoint[],
  expected: readonly ServerEndpoint[],
  { at, now }: { readonly at: string; readonly now: string },
): Seen {
  const there = new Map(expected.map((one) => [sightingId(one), one]));
  const meanwhile = endpoints.filter((one) => at < one.at && one.at <= now);
  const known = new Set(meanwhile.map(sightingId));
  const dialled = wire.flatMap((one) => {
    const { endpoint, result, thumbprint, notAfter, sent, reason, key, certificate } = one;
    const isDialled = there.get(sightingId(one))?.skipped === null && !known.has(sightingId(one));
    const told = { ...(sent && { sent }), ...(certificate && { certificate }) };
    return isDialled
      ? { key, expected: one.expected, endpoint, at, result, thumbprint, notAfter, reason, ...told }
      : [];
  });
  const others = endpoints.filter((one) => {
    const place = there.get(sightingId(one));
    return known.has(sightingId(one)) || (place !== undefined && isOf(one, place));
  });
  return withSeen(endpoints, others, dialled);
}

/** With what a run saw last, and without what it saw of a certificate that its place no longer names. */
export function seenAfterRun({ endpoints }: Seen, steps: Outcome['steps'], at: string): Seen {
  const names = new Map(steps.flatMap(({ key, now }) => (now.state === 'unknown' ? [] : [[key, heldBy(now)]])));
  const dialled = steps.flatMap(({ key, state, now, after }) =>
    !isApplied(state) || now.state !== 'holds'
      ? []
      : after
          .filter(({ result }) => result !== 'skipped')
          .map(({ attempts: _, durationMs: __, ...seen }) => ({ ...seen, key, expected: heldBy(now), at })),
  );
  const others = endpoints.filter((one) => {
    const name = names.get(one.key);
    return name === undefined || name === one.expected;
  });
  return withSeen(endpoints, others, dialled);
}

/** @param others what stays of those before, where nothing was dialled now */
function withSeen(
  before: readonly Sighting[],
  others: readonly Sighting[],
  dialled: readonly Omit<Sighting, 'since'>[],
): Seen {
  const known = new Map(before.map((one) => [sightingId(one), one]));
  const now = dialled.map((one): Sighting => {
    const last = known.get(sightingId(one));
    return { ...one, since: last !== undefined && isSame(last, one) && last.since < one.at ? last.since : one.at };
  });
  const seen = new Set(now.map(sightingId));
  return { schema: 'certrebind/seen/1', endpoints: [...others.filter((one) => !seen.has(sightingId(one))), ...now] };
}

function isSame(one: Omit<Sighting, 'since'>, other: Omit<Sighting, 'since'>): boolean {
  const facts = ({ expected, result, thumbprint, sent }: Omit<Sighting, 'since'>) =>
    JSON.stringify([expected, result, thumbprint, sent?.upTo]);
  return facts(one) === facts(other);
}

/**
 * What an hourly run dials, the oldest first: what was not as it should be, what was not dialled for a day, and what the
 * central certificate store serves, of whose files nothing else tells.
 */
export function dueToDial(
  { endpoints }: Seen,
  expected: readonly ServerEndpoint[],
  now: Date,
): readonly ServerEndpoint[] {
  const known = new Map(endpoints.map((one) => [sightingId(one), one]));
  return expected
    .flatMap((one) => {
      const seen = known.get(sightingId(one));
      const last = seen !== undefined && isOf(seen, one) ? seen : null;
      if (one.skipped !== null) return [];
      if (last === null) return { one, at: 0 };
      const at = Date.parse(last.at);
      const isDue = isOpen(last) || isOfCentralStore(one.key) || Math.abs(now.getTime() - at) >= dayMs;
      return isDue ? { one, at } : [];
    })
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}

function isOpen({ result, thumbprint, expected }: Sighting): boolean {
  if (result === 'skipped') return false;
  return result !== 'served' || (expected !== '' && thumbprint !== expected);
}

function isOf({ expected }: Sighting, now: ServerEndpoint): boolean {
  return expected === (now.expected ?? '');
}

function heldBy(now: Outcome['steps'][number]['now']): Sighting['expected'] {
  return now.state === 'holds' ? (now.thumbprint ?? '') : '';
}

function sightingId({ key, endpoint }: Pick<Sighting, 'key' | 'endpoint'>): string {
  return `${key} ${endpointId(endpoint)}`;
}
