import type { Certificate } from '../../certificates/certificate.ts';
import { coversHost } from '../../certificates/host-name.ts';
import { canonicalIpv6, isIpv4 } from '../../certificates/ip-address.ts';
import { momentText } from '../../certificates/named-certificate.ts';
import type { Thumbprint } from '../../certificates/thumbprint.ts';
import type { FindingCode } from '../../codes/finding-codes.ts';
import { type FindingParts, finding, listed } from '../../documents/finding.ts';
import type { Finding } from '../../documents/status.ts';
import { recordKeysInHolders } from '../../holders/holder.ts';
import type { KeyText } from '../../holders/record-key.ts';
import type { TlsRecord } from '../../holders/tls/tls-record.ts';
import { keyOf, servedHosts } from '../../plan/bindings-of-records.ts';
import { certificateInWords, commonNameOf } from '../../plan/named-certificates.ts';
import { sameStore } from '../../plan/renewal-pair.ts';
import { certificateOf, isOrphan, isReadStore, type Survey } from '../../plan/server-survey.ts';
import { type CandidateIndex, candidateFor } from './candidates.ts';
import { enrolmentCommand, exchangeCommand, keyRepairCommand } from './commands.ts';
import type { Endings } from './endings.ts';

/** What is known about the certificates of the records besides the survey. */
export interface CertificateQuestions {
  /** Records whose certificate was seen served by an endpoint. */
  readonly served: ReadonlySet<KeyText>;
  readonly endings: Endings;
  readonly candidates: CandidateIndex;
  /** Certificates whose renewal was rolled back: a finding of its own says until when they last. */
  readonly rolledBack: ReadonlySet<Thumbprint>;
}

/**
 * What is wrong with the certificates that records name: one finding per certificate and problem, however many records
 * share it. An orphaned record has its own finding and needs no certificate.
 */
export function certificateFindings(survey: Survey, questions: CertificateQuestions): readonly Finding[] {
  const groups = new Map<string, Trouble>();
  // A record that is part of another holder is reported with that holder, unless a site of IIS uses it too.
  const inHolders = recordKeysInHolders(survey.snapshot);
  for (const record of survey.records.values()) {
    if (inHolders.has(record.key) && !survey.bindings.has(record.key)) continue;
    if (isOrphan(record, survey) || keyOf(record.key).table === 'ccs') continue;
    const certificate = certificateOf(record, survey);
    for (const code of troublesOf(record, certificate, survey, questions)) {
      const id = `${code} ${record.thumbprint} ${record.store}`;
      const group = groups.get(id);
      if (group === undefined) groups.set(id, { code, certificate, records: [record] });
      else group.records.push(record);
    }
  }
  return [...groups.values()].map((group) => troubleFinding(group, survey, questions));
}

/**
 * Hosts of IIS bindings that the certificate of their record does not cover. Addresses are left out, because nobody
 * types them as names.
 */
export function uncoveredNames(survey: Survey): readonly Finding[] {
  return [...survey.records.values()].flatMap((record) => {
    const bindings = survey.bindings.get(record.key);
    const certificate = certificateOf(record, survey);
    if (bindings === undefined || certificate === null) return [];
    const lost = servedHosts(keyOf(record.key), bindings).hosts.filter(
      ({ host }) => !isAddress(host) && !coversHost(certificate, host),
    );
    if (lost.length === 0) return [];
    const named = listed(lost.map(({ host, sites }) => `${host} (${sites.join(', ')})`));
    return finding('name-not-covered', `${certificateInWords(certificate)} does not cover ${named}.`, {
      key: record.key,
    });
  });
}

type TroubleCode = Extract<
  FindingCode,
  | 'will-die-on-restart'
  | 'certificate-gone'
  | 'certificate-elsewhere'
  | 'private-key-missing'
  | 'private-key-unusable'
  | 'certificate-revoked'
  | 'certificate-expired'
  | 'certificate-ends-soon'
  | 'renewal-late'
>;

interface Trouble {
  readonly code: TroubleCode;
  readonly certificate: Certificate | null;
  readonly records: [TlsRecord, ...TlsRecord[]];
}

function troublesOf(
  record: TlsRecord,
  certificate: Certificate | null,
  { asOf, pending }: Survey,
  { served, endings, rolledBack }: CertificateQuestions,
): readonly TroubleCode[] {
  if (certificate === null) {
    if (!isReadStore(record.store)) return [];
    return [served.has(record.key) ? 'will-die-on-restart' : 'certificate-gone'];
  }
  const ends = Date.parse(certificate.notAfter);
  const renewed = pending.has(certificate.thumbprint) || rolledBack.has(certificate.thumbprint);
  return [
    ...(isReadStore(record.store) && !sameStore(certificate.store, record.store)
      ? (['certificate-elsewhere'] as const)
      : []),
    ...(certificate.key === 'missing' ? (['private-key-missing'] as const) : []),
    ...(certificate.key === 'unusable' ? (['private-key-unusable'] as const) : []),
    ...(certificate.disallowed === true && !renewed ? (['certificate-revoked'] as const) : []),
    ...(ends <= asOf
      ? (['certificate-expired'] as const)
      : endings.isNear(certificate) && !renewed
        ? (['certificate-ends-soon'] as const)
        : endings.isLate(certificate) && !renewed
          ? (['renewal-late'] as const)
          : []),
  ];
}

function troubleFinding(trouble: Trouble, survey: Survey, questions: CertificateQuestions): Finding {
  const { code, records } = trouble;
  const [first] = records;
  const keys = records.map(({ key }) => key);
  // Records of other products are the responsibility of their owners.
  const ours = records.some(({ key }) => survey.bindings.has(key));
  return finding(
    code,
    `${sentence(trouble, survey, questions)} ${keys.length === 1 ? 'Certificate binding' : 'Certificate bindings'}: ${listed(keys)}.`,
    {
      keys,
      certificate: first.thumbprint,
      endsAt: trouble.certificate?.notAfter ?? null,
      ...severityOf(trouble, ours, questions.endings),
      ...(code === 'certificate-elsewhere' && ours ? {} : { command: commandFor(trouble, survey, questions) }),
      ...hintFor(trouble),
    },
  );
}

/** What nothing renews is an error in its last six days; where the time of warning is shorter, from the first one on. */
function severityOf({ code, certificate }: Trouble, ours: boolean, endings: Endings): Pick<FindingParts, 'severity'> {
  if (!ours) return { severity: 'info' };
  const isUrgent = code === 'certificate-ends-soon' && certificate !== null && endings.isVeryNear(certificate);
  return isUrgent ? { severity: 'error' } : {};
}

function sentence(
  { code, certificate, records: [record] }: Trouble,
  { asOf }: Survey,
  { endings }: CertificateQuestions,
): string {
  const named = certificate === null ? (record.thumbprint ?? 'No certificate') : certificateInWords(certificate);
  switch (code) {
    case 'will-die-on-restart':
      return `${named} is no longer in any store. It is still served, but not after a restart.`;
    case 'certificate-gone':
      return record.thumbprint === null ? 'The record names no certificate.' : `${named} is not in My or WebHosting.`;
    case 'certificate-elsewhere':
      return `${named} is in ${certificate?.store ?? 'another store'}, but the record names ${record.store}.`;
    case 'private-key-missing':
      return `${named} in ${certificate?.store ?? 'its store'} has no private key.`;
    case 'private-key-unusable':
      return `SYSTEM cannot open the private key of ${named}.`;
    case 'certificate-revoked':
      return `${named} is revoked by its issuer, or in the list of what Windows does not trust.`;
    case 'certificate-expired':
      return `${named} expired at ${endOf(certificate)}.`;
    case 'certificate-ends-soon':
      return `${named} expires at ${endOf(certificate)}, and nothing renews it on this server.`;
    case 'renewal-late': {
      const before = certificate === null ? null : endings.before(certificate);
      if (certificate === null || before === null) return `No renewal of ${named} yet.`;
      const last = daysFrom(Date.parse(certificate.notBefore), before);
      return `No renewal of ${named} yet. Last time it came ${last} before the end; now ${daysFrom(asOf, certificate.notAfter)} are left.`;
    }
  }
}

/** A successor that is waiting fixes every problem of the old certificate. */
function commandFor({ code, certificate, records }: Trouble, survey: Survey, { candidates }: CertificateQuestions) {
  const { thumbprint } = records[0];
  if (thumbprint === null || !records.some(({ key }) => survey.bindings.has(key))) return null;
  if (survey.pending.has(thumbprint)) return 'certrebind reconcile';
  switch (code) {
    case 'will-die-on-restart':
    case 'certificate-gone': {
      const bindings = records.flatMap(({ key }) => survey.bindings.get(key) ?? []);
      return exchangeCommand(thumbprint, candidateFor(bindings, candidates)?.thumbprint ?? null);
    }
    case 'private-key-missing':
      return certificate === null ? null : keyRepairCommand(certificate);
    case 'certificate-ends-soon':
      return certificate?.template === undefined ? null : enrolmentCommand(certificate);
    case 'certificate-elsewhere':
    case 'private-key-unusable':
    case 'certificate-revoked':
    case 'certificate-expired':
    case 'renewal-late':
      return null;
  }
}

/** Where a certificate is renewed that nothing renews here. */
function hintFor({ code, certificate }: Trouble): Pick<FindingParts, 'hint'> {
  if (code !== 'certificate-ends-soon' || certificate === null || certificate.selfSigned === true) return {};
  const issuer = commonNameOf(certificate.issuer);
  if (certificate.template !== undefined)
    return { hint: `The command renews it at ${issuer}, from its template. CertRebind then applies it by itself.` };
  return {
    hint: `Renew it at ${issuer}, the way you got it. CertRebind finds it in the store My (Personal) within the hour; a file needs certrebind import <file>.`,
  };
}

function daysFrom(from: number, to: string): string {
  const hours = Math.floor((Date.parse(to) - from) / 3600_000);
  return hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`;
}

function endOf(certificate: Certificate | null): string {
  return certificate === null ? 'an unknown time' : momentText(certificate.notAfter);
}

function isAddress(host: string): boolean {
  return isIpv4(host) || canonicalIpv6(host) !== null;
}
