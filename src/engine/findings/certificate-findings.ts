import { type Group, groupBy } from '../../base/group.ts';
import { compareText, distinct } from '../../base/order.ts';
import { shortened } from '../../base/safe-text.ts';
import type { Configuration } from '../../documents/configuration.ts';
import { type FindingParts, finding, listed } from '../../documents/finding.ts';
import { spanOf } from '../../documents/notification.ts';
import type { Finding } from '../../documents/status.ts';
import { recordKeysInHolders } from '../../kinds/place.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { CertificateBinding } from '../../kinds/tls/certificate-binding.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import { coversHost } from '../../model/certificates/host-name.ts';
import { canonicalAddress } from '../../model/certificates/ip-address.ts';
import { byThumbprint, momentText } from '../../model/certificates/named-certificate.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { keyOf, servedHosts } from '../known/bindings-of-records.ts';
import { certificateInWords, commonNameOf, namedCertificates } from '../known/named-certificates.ts';
import { isReadStore, sameStore } from '../known/renewal-pair.ts';
import { enrolmentCommand, exchangeCommand, keyRepairCommand } from '../look/commands.ts';
import type { Outlook, PlaceOutlook } from '../look/outlook.ts';
import { type Advice, adviceOn, endOf, textOf, tryLine, withAnother, withWindow } from '../look/words.ts';
import { certificateOf, isOrphan } from '../plan/server-survey.ts';
import { type CandidateIndex, candidatesFor, chosenHint, hostsOf } from './candidates.ts';
import type { Evidence } from './facts.ts';

/**
 * What is wrong with the certificates that records name: one finding per certificate, problem and what is to be done,
 * however many records share it. An orphaned record has its own finding and needs no certificate.
 */
export function certificateFindings(evidence: Evidence): readonly Finding[] {
  const { survey, wire, ofRenewals } = evidence;
  // A record that is part of another holder is reported with that holder, unless a site of IIS uses it too.
  const inHolders = recordKeysInHolders(survey.snapshot);
  const served = new Set(wire.filter(({ matches }) => matches === true).map(({ key }) => key));
  // What anybody may have written reassures nobody.
  const trusted = ofRenewals.filter(({ renewal }) => renewal?.corroborated !== false);
  const renewed = new Map(trusted.flatMap((one) => one.keys.map((key) => [key, one] as const)));
  const troubles = [...survey.records.values()].flatMap((record): readonly Trouble[] => {
    if (inHolders.has(record.key) && !survey.bindings.has(record.key)) return [];
    if (isOrphan(record, survey) || keyOf(record.key).table === 'ccs') return [];
    return troublesOf(record, evidence, served.has(record.key), renewed.get(record.key) ?? null);
  });
  const wanted = troubles.flatMap(({ record: { key, thumbprint } }) => {
    const { outlook } = evidence.outlookAt(key);
    return 'renewal' in outlook ? [thumbprint, outlook.renewal.new] : thumbprint;
  });
  const known = byThumbprint(namedCertificates(evidence.snapshot, wanted));
  // The same certificate at an excluded and at a free place is two findings: each says what is to be done there.
  const told = troubles.map((trouble) => ({ ...trouble, ...adviceFor(trouble, evidence, known) }));
  const groups = groupBy(told, ({ code, record, said, advice }) =>
    JSON.stringify([code, record.thumbprint, record.store, said, advice]),
  );
  return [...groups.values()].map((group) => troubleFinding(group, evidence));
}

/**
 * Hosts of IIS bindings that the certificate of their record does not cover. Addresses are left out, because nobody
 * types them as names.
 */
export function uncoveredNames(evidence: Evidence): readonly Finding[] {
  const { survey } = evidence;
  return [...survey.records.values()].flatMap((record) => {
    const bindings = survey.bindings.get(record.key);
    const certificate = certificateOf(record, survey);
    if (bindings === undefined || certificate === null) return [];
    const { hosts } = servedHosts(keyOf(record.key), bindings, survey.hasRecord);
    const names = hosts.filter(({ host }) => canonicalAddress(host) === null);
    const lost = names.filter(({ host }) => !coversHost(certificate, host));
    if (lost.length === 0) return [];
    const named = listed(lost.map(({ host, sites }) => `${host} (${sites.join(', ')})`));
    const all = names.map(({ host }) => host);
    const advice = adviceOnNames(record.key, certificate, all, evidence);
    return finding('name-not-covered', `${certificateInWords(certificate)} does not cover ${named}.`, {
      key: record.key,
      ...advice,
    });
  });
}

/** What follows it, if that covers them; what does not, has its line in another finding. */
function adviceOnNames(
  key: KeyText,
  { thumbprint: old, store }: Certificate,
  hosts: readonly string[],
  evidence: Evidence,
): Partial<Typed> {
  const { outlook } = evidence.outlookAt(key);
  const follows = 'renewal' in outlook ? outlook.renewal.new : null;
  const newer = certificateOf({ thumbprint: follows, store }, evidence.survey);
  if (newer !== null && hosts.every((host) => coversHost(newer, host)))
    return adviceByOutlook(key, old, byThumbprint(namedCertificates(evidence.snapshot, [old, follows])), evidence);
  if (!followsNothing.has(outlook.is) && outlook.is !== 'by-names') return {};
  const [candidate, ...others] = candidatesFor(hosts, evidence.candidates) ?? [];
  if (candidate !== undefined) {
    const tried = tryLine({ does: 'rebind', old, new: candidate.thumbprint }, (line) => evidence.trial(key, line));
    return { commands: textOf(tried.line), hint: withWindow(chosenHint(others.length), [tried]) };
  }
  const { commands, hint } = withAnother(`order one certificate for all of ${hosts.join(', ')}`, { old });
  return { commands, hint: `${hint} If nobody uses a name, remove its binding instead.` };
}

type Trouble = ReturnType<typeof troublesOf>[number];

/** What is said of it besides, and what to do about it. */
type Told = Trouble & Advised;

interface Advised {
  /** What becomes of it, as the end of a sentence; `null` where that is not said. */
  readonly said: string | null;
  readonly advice: Pick<FindingParts, 'commands' | 'hint' | 'title'>;
}

function troublesOf(
  record: CertificateBinding,
  { survey, endings, unrecorded }: Evidence,
  isServed: boolean,
  renewed: Finding | null,
) {
  const { asOf } = survey;
  const certificate = certificateOf(record, survey);
  const isRead = isReadStore(record.store);
  if (certificate === null) {
    const code = isServed ? 'will-die-on-restart' : 'certificate-gone';
    return isRead ? [{ record, certificate, code } as const] : [];
  }
  const isWarned = renewed !== null && renewed.severity !== 'info';
  const comesInTime = renewed?.at != null && Date.parse(renewed.at) < Date.parse(certificate.notAfter);
  const isExpired = Date.parse(certificate.notAfter) <= asOf;
  const isNear = endings.isNear(certificate);
  const isSaid = unrecorded.some((one) => one.keys.includes(record.key));
  const codes = [
    isRead && !sameStore(certificate.store, record.store) && 'certificate-elsewhere',
    certificate.key === 'missing' && 'private-key-missing',
    certificate.key === 'unusable' && 'private-key-unusable',
    certificate.disallowed === true && !isWarned && 'certificate-revoked',
    isExpired && 'certificate-expired',
    !isExpired && isNear && !isWarned && !comesInTime && !isSaid && 'certificate-ends-soon',
    !isExpired && renewed === null && !isNear && !isSaid && endings.isLate(certificate) && 'renewal-late',
  ] as const;
  return codes.flatMap((code) => (code === false ? [] : { record, certificate, code }));
}

function troubleFinding(group: Group<Told>, evidence: Evidence): Finding {
  const [trouble] = group;
  const { code, certificate, record, advice } = trouble;
  const keys = group.map(({ record: { key } }) => key);
  const message = `${sentence(trouble, evidence)} Certificate ${keys.length === 1 ? 'binding' : 'bindings'}: ${listed(keys)}.`;
  // Records of other products are the responsibility of their owners.
  const ours = keys.some((key) => evidence.survey.bindings.has(key));
  const isDue = code === 'certificate-ends-soon' && evidence.endings.mustAct(certificate);
  return finding(code, message, {
    keys,
    certificate: record.thumbprint,
    endsAt: certificate?.notAfter ?? null,
    ...(ours ? { ...(isDue && { severity: 'error' as const }), ...advice } : { severity: 'info', commands: [] }),
  });
}

function sentence({ code, certificate, record, said }: Told, { snapshot: { takenAt }, endings }: Evidence): string {
  const named = certificate === null ? (record.thumbprint ?? 'No certificate') : certificateInWords(certificate);
  switch (code) {
    case 'will-die-on-restart':
      return `${named} is no longer in any store. It is still served, but not after a restart.`;
    case 'certificate-gone':
      return record.thumbprint === null
        ? 'The certificate binding names no certificate.'
        : `${named} is not in My or WebHosting.`;
    case 'certificate-elsewhere':
      return `${named} is in ${certificate.store}, but the certificate binding names ${record.store}.`;
    case 'private-key-missing':
      return `${named} in ${certificate.store} has no private key.`;
    case 'private-key-unusable':
      return `SYSTEM cannot open the private key of ${named}.`;
    case 'certificate-revoked':
      return `The issuer of ${named} has revoked it, or Windows lists it as not trusted.`;
    case 'certificate-expired':
      return `${named} expired at ${momentText(certificate.notAfter)}.`;
    case 'certificate-ends-soon':
      return `${named} expires at ${momentText(certificate.notAfter)}, and ${said}.`;
    case 'renewal-late': {
      const usual = spanOf(endings.usualMs(certificate) ?? 0);
      const left = spanOf(Date.parse(certificate.notAfter) - Date.parse(takenAt));
      return `No renewal of ${named} yet, with ${left} left. As the last time, it would have come ${usual} before the end.`;
    }
  }
}

/** What its outlook says; where nothing follows, how a person gets a new certificate there. */
function adviceFor(trouble: Trouble, evidence: Evidence, known: Parameters<typeof adviceOn>[2]): Advised {
  const { code, record } = trouble;
  const { thumbprint } = record;
  if (code === 'certificate-elsewhere') return { said: null, advice: {} };
  if (thumbprint === null) return { said: null, advice: { commands: [] } };
  const place = evidence.outlookAt(record.key);
  const { outlook, excluded } = place;
  const excludedTitle = excluded.length === 0 ? undefined : titles[code];
  const title = excludedTitle === undefined ? {} : { title: excludedTitle };
  const isTooLate = comesTooLate(trouble, outlook);
  if (!followsNothing.has(outlook.is) && !isTooLate) {
    const advice = adviceByOutlook(record.key, thumbprint, known, evidence);
    return { said: 'its renewal is not in use before then', advice: { ...title, ...advice } };
  }
  const first = isTooLate ? untilItIsValid(trouble, evidence) : adviceWithoutRenewal(trouble, evidence);
  const said = isTooLate ? 'its renewal is not valid before then' : 'nothing has renewed it on this server';
  return { said, advice: { ...title, ...afterExclusions(excluded, first) } };
}

/** What its outlook says; who took a renewal back, too. */
export function adviceByOutlook(
  key: KeyText,
  thumbprint: Thumbprint,
  known: Parameters<typeof adviceOn>[2],
  { outlookAt, trial }: Pick<Evidence, 'outlookAt' | 'trial'>,
): Partial<Typed> {
  const place = outlookAt(key);
  const { why, hint, commands } = adviceOn(place, thumbprint, known, (line) => trial(key, line));
  const said = place.outlook.is === 'on-hold' && place.excluded.length === 0 ? `${why} ${hint}`.trim() : hint;
  return { commands, ...(said === '' ? {} : { hint: said }) };
}

/** Where something excludes the place, the lines that end that come first. */
export function afterExclusions(excluded: PlaceOutlook['excluded'], advice: Partial<Typed>): Partial<Typed> {
  if (excluded.length === 0) return advice;
  const { commands = [], hint = '' } = advice;
  const left = `CertRebind leaves it: ${distinct(excluded.map(({ text }) => text)).join(' ')} The first command ends that.`;
  return { hint: `${hint} ${left}`.trim(), commands: [...endOf(excluded), ...commands] };
}

/** The one that follows is valid some day, and clients need one before. */
function comesTooLate({ code, certificate }: Trouble, outlook: Outlook): boolean {
  if (outlook.is !== 'waits') return false;
  const later = outlook.obstacles.find((one) => one.code === 'not-yet-valid');
  if (later === undefined || code === 'renewal-late') return false;
  const from = 'until' in later ? (later.until ?? null) : null;
  return code !== 'certificate-ends-soon' || certificate === null || from === null || from > certificate.notAfter;
}

/** The renewal that is known would be found first, so another one is named. */
function untilItIsValid(trouble: Trouble, evidence: Evidence): Partial<Typed> {
  const { code, record } = trouble;
  const isOther = code === 'certificate-revoked' || code === 'certificate-expired' || code === 'certificate-ends-soon';
  return isOther && record.thumbprint !== null
    ? withAnother('have a certificate issued that is valid now', { old: record.thumbprint })
    : adviceWithoutRenewal(trouble, evidence);
}

export const followsNothing: ReadonlySet<Outlook['is']> = new Set([
  'nothing-follows',
  'newest',
  'no-certificate',
  'not-read',
]);

/** Where a person keeps its renewal from it. */
const titles: Readonly<Partial<Record<Trouble['code'], string>>> = {
  'certificate-ends-soon': 'excluded from renewal',
  'certificate-expired': 'certificate expired, and excluded from renewal',
};

function adviceWithoutRenewal(
  { code, certificate, record: { key, thumbprint } }: Trouble,
  evidence: Evidence,
): Pick<FindingParts, 'commands' | 'hint'> {
  if (thumbprint === null) return { commands: [] };
  const { bindings, records } = evidence.survey;
  const { configuration, candidates } = evidence;
  switch (code) {
    case 'will-die-on-restart':
    case 'certificate-gone': {
      // What is asked for without a host says nothing of its names; other places with the same certificate may.
      const withHost = (at: KeyText) => (bindings.get(at) ?? []).filter(({ parts }) => parts.host !== '');
      const own = withHost(key);
      const alike = own.length > 0 ? [] : [...records.values()].filter((one) => one.thumbprint === thumbprint);
      const standing = own.length > 0 ? own : alike.flatMap((one) => withHost(one.key));
      return insteadOfGone(thumbprint, hostsOf(standing), candidates);
    }
    case 'private-key-missing':
      return { commands: [keyRepairCommand(certificate)] };
    case 'certificate-ends-soon':
    case 'certificate-expired':
    case 'certificate-revoked': {
      const at = whereFrom(certificate);
      if (code === 'certificate-revoked')
        return intoUse(`have it issued again ${at}`, thumbprint, configuration, ' --reason revoked');
      if (code === 'certificate-expired') return afterItsEnd(key, certificate, evidence);
      if (certificate.template === undefined) return intoUse(`have it renewed ${at}`, thumbprint, configuration);
      const hint = `The command renews it ${at}, from its template. CertRebind then applies it by itself.`;
      return { commands: [enrolmentCommand(certificate)], hint };
    }
    case 'certificate-elsewhere':
    case 'private-key-unusable':
    case 'renewal-late':
      return {};
  }
}

/** One of this server that covers these hosts; else a person brings one. */
export function insteadOfGone(thumbprint: Thumbprint, hosts: readonly string[], index: CandidateIndex): Typed {
  const [candidate, ...others] = candidatesFor(hosts, index) ?? [];
  if (candidate === undefined)
    return {
      commands: [exchangeCommand(thumbprint, null)],
      hint: `First put a certificate for its names, with its private key, into the computer's store My (Personal), and its thumbprint into the command. For a file, use import with --replace.`,
    };
  return { commands: [exchangeCommand(thumbprint, candidate.thumbprint)], hint: chosenHint(others.length) };
}

export function whereFrom({ issuer, selfSigned }: Certificate): string {
  return selfSigned === true ? 'where it came from' : `at ${shortened(commonNameOf(issuer)).replaceAll('. ', ' ')}`;
}

/** What the certificate replaced is set again at once, while that is valid; else a person gets a new one. */
export function afterItsEnd(
  key: KeyText,
  certificate: Certificate,
  { snapshot, succession, configuration, trial }: Evidence,
): Typed {
  const { thumbprint } = certificate;
  const at = whereFrom(certificate);
  const replaced = succession.replacedBy(thumbprint);
  const earlier = snapshot.certificates
    .filter((one) => replaced.has(one.thumbprint))
    .sort((a, b) => compareText(b.notBefore, a.notBefore));
  // One after the other: each is tried on the whole server.
  for (const before of earlier) {
    const line = { does: 'rebind', old: thumbprint, new: before.thumbprint } as const;
    const tried = tryLine(line, (one) => trial(key, one));
    if (tried.of !== 'helps') continue;
    const hint = `The certificate before it is valid until ${momentText(before.notAfter)}, and the command sets it again. Then have it renewed ${at}.`;
    return { commands: textOf(tried.line), hint: withWindow(hint, [tried]) };
  }
  return intoUse(`have it renewed ${at}`, thumbprint, configuration);
}

type Typed = Pick<Advice, 'commands' | 'hint'>;

/** How a new certificate that a person brings comes into use, as the configuration has it. */
export function intoUse(
  how: string,
  old: Thumbprint,
  { successors }: Pick<Configuration, 'successors'>,
  reason = '',
): Typed {
  const first = `First ${how}, and put it into the computer's store My (Personal).`;
  const file = 'For a file, use import.';
  return successors === 'same-names'
    ? { commands: ['certrebind reconcile'], hint: `${first} The hourly run finds it there too. ${file}` }
    : { commands: [`certrebind rebind --old ${old} --new auto${reason}`], hint: `${first} ${file}` };
}
