import { CertRebindError } from '../../base/errors.ts';
import { compareText, distinct } from '../../base/order.ts';
import type { Configuration } from '../../documents/configuration.ts';
import { firstClauses } from '../../documents/finding.ts';
import type { Ledger } from '../../documents/runs/ledger.ts';
import { changeableCertificates, placesOf } from '../../kinds/place.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import { certificateNames, coversHost } from '../../model/certificates/host-name.ts';
import { byThumbprint, day } from '../../model/certificates/named-certificate.ts';
import type { NamedSelector, Selector } from '../../model/certificates/selector.ts';
import { type Thumbprint, toThumbprint } from '../../model/certificates/thumbprint.ts';
import { endpointsOfServer } from './endpoints-of-server.ts';
import { certificateInWords } from './named-certificates.ts';
import { predecessorsByNames } from './renewals-from-names.ts';
import { areTwins, differInKeyAlone } from './similarity.ts';
import { successionOf } from './succession.ts';

/** Two names of certificates as a person gave them. */
export interface SelectedPair {
  readonly old: Selector;
  readonly new: Selector;
  /** Both may name the same certificate. */
  readonly reapply?: boolean;
  /** The option that names the old one, for errors; `--old` when absent. */
  readonly oldOption?: string;
}

/** What the successor of a certificate is learnt from, besides the server. */
export interface Known {
  readonly configuration: Configuration;
  readonly ledger: Ledger;
}

/**
 * The two certificates that a person means. A host means, for the old one, a certificate in a record, and for the new
 * one a certificate in no record yet; `auto` is the one that the server knows to belong to the other.
 * @returns no old one for a first certificate: `auto` of one that has no name in common with what this server serves
 * @throws CertRebindError `no-such-certificate`; `ambiguous-certificate` naming the candidates
 */
export function selectPair(
  snapshot: Snapshot,
  { configuration, ledger }: Known,
  pair: SelectedPair,
): { readonly old: Thumbprint | null; readonly new: Thumbprint } {
  const { oldOption = '--old' } = pair;
  if (pair.old.kind === 'auto') {
    const successor = selectNew(snapshot, pair.new, null);
    return { old: predecessorOf(snapshot, { configuration, ledger }, successor, oldOption), new: successor };
  }
  const old = selectCertificate(snapshot, pair.old, oldOption);
  const isSame = pair.reapply === true && pair.new.kind !== 'auto' && candidates(snapshot, pair.new).includes(old);
  if (isSame) return { old, new: old };
  const successor =
    pair.new.kind === 'auto'
      ? successorOf(snapshot, { configuration, ledger }, old)
      : selectNew(snapshot, pair.new, old);
  return { old, new: successor };
}

/**
 * Every certificate that is meant, for commands that only show.
 * @throws CertRebindError `no-such-certificate` when a name or the beginning of a thumbprint fits none
 */
export function selectCertificates(snapshot: Snapshot, selector: NamedSelector, where: string): readonly Thumbprint[] {
  const found = candidates(snapshot, selector);
  if (found.length === 0) throw none(selector, where);
  return found;
}

/**
 * The one certificate that is meant.
 * @throws CertRebindError `no-such-certificate`; `ambiguous-certificate` naming the candidates
 */
export function selectCertificate(snapshot: Snapshot, selector: NamedSelector, where: string): Thumbprint {
  const held = changeableCertificates(snapshot);
  return only(snapshot, preferred(candidates(snapshot, selector), [(one) => held.has(one)]), selector, where);
}

function selectNew(snapshot: Snapshot, selector: Selector, old: Thumbprint | null): Thumbprint {
  if (selector.kind === 'auto') {
    throw new CertRebindError('usage', {
      message: 'Use auto for one of the two certificates, not for both.',
      where: '--new',
      hint: 'To apply all pending renewals:\n  certrebind reconcile',
    });
  }
  const found = candidates(snapshot, selector);
  if (selector.kind !== 'name') return only(snapshot, found, selector, '--new');
  const inStore = byThumbprint(snapshot.certificates);
  const isFit = (thumbprint: Thumbprint) => {
    const certificate = inStore.get(thumbprint);
    return certificate !== undefined && !certificate.archived && certificate.key !== 'missing';
  };
  const held = changeableCertificates(snapshot);
  const others = found.filter((thumbprint) => thumbprint !== old);
  return only(snapshot, preferred(others, [isFit, (thumbprint) => !held.has(thumbprint)]), selector, '--new');
}

/** Applies each preference in turn, as long as it leaves any candidate. */
function preferred(
  found: readonly Thumbprint[],
  preferences: readonly ((thumbprint: Thumbprint) => boolean)[],
): readonly Thumbprint[] {
  return preferences.reduce((left, preference) => {
    const fitting = left.filter(preference);
    return fitting.length === 0 ? left : fitting;
  }, found);
}

/** Every certificate that a selector fits, each once, in order. */
function candidates(snapshot: Snapshot, selector: NamedSelector): readonly Thumbprint[] {
  switch (selector.kind) {
    case 'thumbprint':
      return [selector.thumbprint];
    case 'digits': {
      const begun = knownThumbprints(snapshot).filter((thumbprint) => thumbprint.startsWith(selector.digits));
      return begun.length > 0 ? begun : named(snapshot, selector.text);
    }
    case 'name':
      return named(snapshot, selector.text);
  }
}

function named({ certificates }: Snapshot, text: string): readonly Thumbprint[] {
  const byFriendlyName = certificates.filter(
    ({ friendlyName }) => friendlyName !== null && friendlyName.toLowerCase() === text.toLowerCase(),
  );
  const found = byFriendlyName.length > 0 ? byFriendlyName : certificates.filter((one) => coversHost(one, text));
  return distinct(found.map(({ thumbprint }) => thumbprint));
}

function knownThumbprints(snapshot: Snapshot): readonly Thumbprint[] {
  const named = placesOf(snapshot).flatMap(({ hashes }) => hashes.flatMap((hash) => toThumbprint(hash) ?? []));
  return distinct([...snapshot.certificates.map(({ thumbprint }) => thumbprint), ...named]);
}

function only(snapshot: Snapshot, found: readonly Thumbprint[], selector: NamedSelector, where: string): Thumbprint {
  const [first, ...others] = found;
  if (first === undefined) throw none(selector, where);
  if (others.length === 0) return first;
  throw ambiguous(snapshot, found, `${textOf(selector)} fits more than one certificate`, where);
}

function successorOf(snapshot: Snapshot, { configuration, ledger }: Known, old: Thumbprint): Thumbprint {
  // A person who asks for it does not wait, and needs no policy.
  for (const policy of [configuration, { ...configuration, successors: 'same-names' } as const]) {
    const found = successionOf(snapshot, ledger, policy).successorOf(old);
    if (found.is === 'known' || found.is === 'later') return found.renewal.new;
  }
  throw new CertRebindError('no-such-certificate', {
    message: `No successor of ${wordsOf(snapshot, old)} is known on this server.`,
    where: '--new',
    hint: 'Name the new certificate yourself. To see all certificates:\n  certrebind usage',
  });
}

function predecessorOf(
  snapshot: Snapshot,
  { configuration, ledger }: Known,
  successor: Thumbprint,
  where: string,
): Thumbprint | null {
  const held = changeableCertificates(snapshot);
  const { resolved, replacedBy } = successionOf(snapshot, ledger, configuration);
  const recorded = resolved.renewals.flatMap(({ old, new: by }) => (by === successor && held.has(old) ? old : []));
  const certificate = snapshot.certificates.find(({ thumbprint }) => thumbprint === successor);
  const olds = snapshot.certificates.filter(({ thumbprint }) => held.has(thumbprint) && thumbprint !== successor);
  // Of two that are issued at once, with keys of two kinds, each has its own places.
  const isOfTwin = (old: Certificate) =>
    certificate !== undefined &&
    differInKeyAlone(old, certificate) &&
    snapshot.certificates.some((one) => !one.archived && one.key !== 'missing' && areTwins(one, old));
  const isOther = new Set(olds.filter(isOfTwin).map(({ thumbprint }) => thumbprint));
  const alike =
    recorded.length > 0 || certificate === undefined
      ? []
      : predecessorsByNames(snapshot, ledger, configuration, certificate);
  // What was replaced does not come back by itself, though both began at once.
  const known = [...recorded, ...alike.filter((old) => !isOther.has(old) && !replacedBy(old).has(successor))];
  // What another one in use replaced is only left behind somewhere: at another program, or until the window opens.
  const others = [...held].filter((one) => one !== successor);
  const found = known.filter(
    (old) => !others.some((other) => replacedBy(other).has(old) && !replacedBy(old).has(other)),
  );
  const [first, ...more] = found;
  if (first === undefined) {
    if (certificate !== undefined && (!sharesNames(certificate, snapshot) || isOther.size > 0)) return null;
    throw new CertRebindError('no-such-certificate', {
      message: `No certificate in use is known to be renewed by ${wordsOf(snapshot, successor)}.`,
      where,
      hint: 'Name the old certificate yourself. To see all certificates:\n  certrebind usage',
    });
  }
  if (more.length === 0) return first;
  throw ambiguous(snapshot, found, `${wordsOf(snapshot, successor)} renews more than one certificate`, where);
}

/**
 * Why `auto` finds nothing that a certificate replaces.
 * @returns with it the certificate that it could replace, if a person says so
 */
export function whyNothingRenewed(
  snapshot: Snapshot,
  certificate: Certificate,
): { readonly why: string; readonly old: Thumbprint | null } {
  const other = usedWithOtherKey(snapshot, certificate);
  if (other === null)
    return { why: 'No certificate in use here is known to be renewed by it, so nothing was replaced.', old: null };
  const why = `${certificateInWords(other)} is in use for the same names with a key of another kind (${other.keyType}, and this one has ${certificate.keyType}). Only a certificate of its own kind renews it, so nothing was replaced.`;
  return { why, old: other.thumbprint };
}

/** What is in use for the same names with a key of another kind, so that its own kind renews it, the newest; `null` for none. */
function usedWithOtherKey(snapshot: Snapshot, certificate: Certificate): Certificate | null {
  const held = changeableCertificates(snapshot);
  const isOfOtherKind = (one: Certificate) => held.has(one.thumbprint) && differInKeyAlone(one, certificate);
  const [newest = null] = snapshot.certificates
    .filter(isOfOtherKind)
    .sort((a, b) => compareText(b.notBefore, a.notBefore));
  return newest;
}

/** Whether another certificate in use has a name of it, or clients may ask for one there: of what is gone the names are not known. */
function sharesNames(certificate: Certificate, snapshot: Snapshot): boolean {
  const names = certificateNames(certificate);
  const held = changeableCertificates(snapshot);
  const isOther = (thumbprint: Thumbprint) => thumbprint !== certificate.thumbprint;
  const others = snapshot.certificates.filter(({ thumbprint }) => held.has(thumbprint) && isOther(thumbprint));
  const asked = endpointsOfServer(snapshot).flatMap(({ endpoint: { serverName }, expected }) =>
    expected === null || isOther(expected) ? (serverName ?? []) : [],
  );
  return (
    asked.some((host) => coversHost(certificate, host)) ||
    others.some(
      (other) =>
        names.some((name) => coversHost(other, name)) ||
        certificateNames(other).some((name) => coversHost(certificate, name)),
    )
  );
}

function none(selector: NamedSelector, where: string): CertRebindError {
  const what =
    selector.kind === 'name'
      ? `covers ${textOf(selector)} or has it as its friendly name`
      : `has a thumbprint that begins with ${textOf(selector)}`;
  return new CertRebindError('no-such-certificate', { message: `No certificate on this server ${what}.`, where });
}

const candidatesNamed = 6;

function ambiguous(snapshot: Snapshot, found: readonly Thumbprint[], what: string, where: string): CertRebindError {
  const named = found.map((thumbprint) => wordsOf(snapshot, thumbprint));
  const message = `${what}: ${firstClauses(named, candidatesNamed)}.`;
  return new CertRebindError('ambiguous-certificate', { message, where });
}

function wordsOf({ certificates }: Snapshot, thumbprint: Thumbprint): string {
  const certificate: Certificate | undefined = certificates.find((one) => one.thumbprint === thumbprint);
  return certificate === undefined
    ? thumbprint
    : `${certificateInWords(certificate)}, ends ${day(certificate.notAfter)}`;
}

function textOf(selector: NamedSelector): string {
  switch (selector.kind) {
    case 'thumbprint':
      return selector.thumbprint;
    case 'digits':
      return selector.digits;
    case 'name':
      return JSON.stringify(selector.text);
  }
}
