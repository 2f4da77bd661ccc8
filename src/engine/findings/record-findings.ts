import { append } from '../../base/group.ts';
import { distinct } from '../../base/order.ts';
import { type FindingParts, finding, listed } from '../../documents/finding.ts';
import type { Finding } from '../../documents/status.ts';
import { recordsOf } from '../../kinds/holder.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { CertificateBinding } from '../../kinds/tls/certificate-binding.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import { coversHost } from '../../model/certificates/host-name.ts';
import { byThumbprint, day } from '../../model/certificates/named-certificate.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { isAnyAddress, keyOf, type UsedBinding } from '../known/bindings-of-records.ts';
import { namesOfRecord, whyExcluded } from '../known/exclusions.ts';
import { certificateInWords } from '../known/named-certificates.ts';
import { mayStandOn } from '../known/unreadable.ts';
import { additionCommand, deletionCommand } from '../look/commands.ts';
import { type LastKnown, recordToRestore, whyNotRemoved } from '../plan/plan-repair.ts';
import { answeredInstead, certificateOf, isOrphan, type Survey } from '../plan/server-survey.ts';
import { allCandidates, candidatesFor, chosenHint, hostsOf } from './candidates.ts';
import { afterExclusions } from './certificate-findings.ts';
import type { Evidence } from './facts.ts';

/** IIS bindings without a certificate binding, and certificate bindings without a binding. */
export function recordFindings({ lastKnown, ...evidence }: Evidence): readonly Finding[] {
  const { survey } = evidence;
  // Where a run could not put the record back, which has a finding of its own.
  const owedAt = new Set(
    evidence.debts.flatMap(({ debt: { key }, now }) => (now.is === 'owed' || now.is === 'stuck' ? key : [])),
  );
  // A record that cannot be read exists: it has its own finding, and a new record beside it would fix nothing.
  const missing = [...survey.bindings].filter(
    ([key]) => !survey.records.has(key) && !survey.unreadableRecords.keys.has(key) && !owedAt.has(key),
  );
  const orphans = [...survey.records.values()].filter((record) => isOrphan(record, survey));
  return [
    ...missing.map(([key, bindings]) => withoutRecord(key, bindings, lastKnown, evidence)),
    ...orphans.map((record) => orphan(record, survey)),
  ];
}

/** Whether what earlier runs knew of records matters, which costs reading their journals. */
export function needsLastKnown(snapshot: Snapshot): boolean {
  const keys = new Set(recordsOf(snapshot).map(({ key }) => key));
  return snapshot.sites.some(({ bindings }) =>
    bindings.some(({ recordKey }) => recordKey !== null && !keys.has(recordKey)),
  );
}

function withoutRecord(
  key: KeyText,
  bindings: readonly UsedBinding[],
  lastKnown: LastKnown,
  evidence: ToBind & Pick<Evidence, 'configuration'>,
): Finding {
  const { survey } = evidence;
  const sites = listed(distinct(bindings.map(({ site }) => site)));
  const severity = bindings.every(({ siteState }) => siteState === 'stopped') ? 'warning' : 'error';
  if (keyOf(key).table === 'ccs') {
    const message = `${sites}: the bindings use the central certificate store, but HTTP.SYS has no certificate binding for it.`;
    return finding('central-store-record-missing', message, { key, severity, commands: [additionCommand(key, null)] });
  }
  const instead = servedInstead(bindings, survey);
  const code = instead === null ? 'binding-without-record' : 'binding-falls-back';
  const told = (more: string, advice: FindingParts = {}) =>
    finding(code, `${sites}: no certificate is bound.${instead?.said ?? ''}${more}`, {
      key,
      severity: instead?.isCovered === true ? 'warning' : severity,
      ...advice,
    });
  const known = recordToRestore(key, survey, lastKnown);
  if (known !== null) {
    const before = certificateOf(known, survey);
    const ends = before === null ? '' : `, which ends ${day(before.notAfter)}`;
    const named = before === null ? known.thumbprint : certificateInWords(before);
    const excluded = whyExcluded(namesOfRecord(key, bindings), [known.thumbprint], evidence.configuration.exclude);
    const repair = excluded.length === 0 ? {} : { commands: [`certrebind doctor --fix ${code}`] };
    return told(
      ` The repair binds the one that it had before: ${named}${ends}. No other site is touched.`,
      afterExclusions(excluded, repair),
    );
  }
  return survey.unreadableRecords.nameless > 0
    ? told(' One of the certificate bindings that cannot be read may belong to it.', { commands: [] })
    : told('', additionAt(key, lastKnown.get(key)?.thumbprint ?? null, evidence));
}

/** What clients get there from other certificate bindings; `null` where clients of one binding get nothing. */
function servedInstead(bindings: readonly UsedBinding[], survey: Survey) {
  const answers = answeredInstead(bindings, survey);
  if (answers === null) return null;
  const uncovered = distinct(
    answers.flatMap(({ host, certificate }) => (host === '' || coversHost(certificate, host) ? [] : host)),
  );
  const served = distinct(answers.map(({ key, certificate }) => `${certificateInWords(certificate)}, bound to ${key}`));
  const lost = uncovered.length === 0 ? '' : ` That certificate does not cover ${listed(uncovered)}.`;
  return { said: ` Clients get the certificate ${served.join(', or ')}.${lost}`, isCovered: uncovered.length === 0 };
}

type ToBind = Pick<Evidence, 'survey' | 'candidates' | 'succession'>;

/**
 * How a person binds a certificate there.
 * @param before the last one that is known of it
 */
export function additionAt(
  key: KeyText,
  before: Thumbprint | null,
  { survey, candidates: index, succession }: ToBind,
): Pick<FindingParts, 'commands' | 'hint'> {
  const next = before === null ? null : succession.successorOf(before);
  const renewal =
    next?.is === 'known' ? survey.certificates.get(next.renewal.new)?.find((one) => serves(one, survey)) : undefined;
  if (renewal !== undefined)
    return {
      commands: [additionCommand(key, renewal)],
      hint: `The command binds ${certificateInWords(renewal)}, the renewal of the one that it had.`,
    };
  const bindings = survey.bindings.get(key) ?? [];
  const hosts = hostsOf(bindings);
  const candidates = candidatesFor(hosts, index);
  if (candidates === null) return additionWithoutHost(key, { survey, candidates: index, succession });
  const [candidate, ...others] = lastOfTheirLine(candidates, succession);
  return candidate === undefined
    ? orderFirst(`for ${listed(hosts)}, as a .pfx file: none on this server covers it`)
    : { commands: [additionCommand(key, candidate)], hint: chosenHint(others.length) };
}

/** Of bindings that say no name, only the other sites tell what clients expect. */
function additionWithoutHost(key: KeyText, { survey, candidates, succession }: ToBind) {
  const only = onlyOneInUse(survey);
  if (only !== null)
    return {
      commands: [additionCommand(key, only)],
      hint: `The command binds ${certificateInWords(only)}, which every other site of this server uses.`,
    };
  const shown = lastOfTheirLine(allCandidates(candidates), succession).slice(0, mostShown);
  return shown.length === 0
    ? orderFirst('for the names that its clients use, as a .pfx file: no certificate on this server is valid')
    : {
        commands: shown.map((one) => additionCommand(key, one)),
        hint: 'Its bindings name no host. Type the command with the certificate that its clients expect.',
      };
}

function orderFirst(what: string) {
  return {
    commands: ['certrebind import <file>'],
    hint: `First order a certificate ${what}. When it is imported, the status shows the command that binds it.`,
  };
}

/** Without those that something replaces, unless all are: CertRebind would change the place once more. */
function lastOfTheirLine(certificates: readonly Certificate[], { successorOf }: Evidence['succession']) {
  const last = certificates.filter(({ thumbprint }) => successorOf(thumbprint).is === 'none');
  return last.length === 0 ? certificates : last;
}

/** Of certificates between which nothing decides. */
const mostShown = 3;

/** The certificate of every site, where they all have one and it is valid: a binding without a host says no name. */
function onlyOneInUse(survey: Survey): Certificate | null {
  const { records, bindings } = survey;
  const used = [...bindings.keys()].flatMap((key) => records.get(key) ?? []);
  const [first, ...others] = byThumbprint(used.flatMap((record) => certificateOf(record, survey) ?? [])).values();
  if (first === undefined || others.length > 0 || used.some(({ thumbprint }) => thumbprint !== first.thumbprint))
    return null;
  return serves(first, survey) ? first : null;
}

function serves({ notBefore, notAfter, key, disallowed }: Certificate, { asOf }: Pick<Survey, 'asOf'>): boolean {
  return Date.parse(notBefore) <= asOf && Date.parse(notAfter) > asOf && key === 'usable' && disallowed !== true;
}

function orphan(record: CertificateBinding, survey: Survey): Finding {
  const { key, thumbprint } = record;
  const held = `Its certificate is ${thumbprint ?? 'not set'}.`;
  if (mayStandOn(survey.unreadableBindings, record)) {
    const doubt = `No IIS binding that can be read uses the certificate binding ${key}, but one that cannot be read may. ${held}`;
    return finding('orphaned-record', doubt, { key, commands: [] });
  }
  const message = `No IIS binding uses the certificate binding ${key}. ${held}`;
  const why = whyNotRemoved(record, survey);
  if (why === null) return finding('orphaned-record', message, { key });
  return finding('orphaned-record', `${message} ${why}`, { key, commands: [deletionCommand(key)] });
}

/** The most examples per record; more would not help the reader. */
const hostsNamed = 5;

/**
 * Records of one address that answer before the records by name of bindings on the same address and port (fidelity:
 * endpoint-precedence), and do not cover those names.
 */
export function shadowedNames({ survey }: Evidence): readonly Finding[] {
  const hosts = namesByEndpoint(survey);
  return [...survey.records.values()].flatMap((record) => {
    const key = keyOf(record.key);
    const certificate = certificateOf(record, survey);
    if (key.table !== 'ip' || isAnyAddress(key.address) || certificate === null) return [];
    const bound = firstUncovered(certificate, hosts.get(`${key.address} ${key.port}`) ?? []);
    // Names bound to every address are reached here only if their clients connect to this address, which is not known.
    const lost = bound.length > 0 ? bound : firstUncovered(certificate, hosts.get(`* ${key.port}`) ?? []);
    if (lost.length === 0) return [];
    const named = `${lost.join(', ')}${lost.length < hostsNamed ? '' : ' …'}`;
    const message = `The certificate binding ${record.key} may also answer for ${named}, and its certificate ${certificate.thumbprint} does not cover ${lost.length === 1 ? 'that name' : 'those names'}.`;
    return finding('shadowed-names', message, { key: record.key, severity: bound.length > 0 ? 'warning' : 'info' });
  });
}

/** The hosts of SNI bindings that have their own record, by the address and port they are bound to. */
function namesByEndpoint({ bindings, records }: Survey): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, [string, ...string[]]>();
  for (const [key, standing] of bindings) {
    if (keyOf(key).table !== 'sni' || !records.has(key)) continue;
    for (const { parts } of standing) {
      append(names, `${isAnyAddress(parts.address) ? '*' : parts.address} ${parts.port}`, parts.host);
    }
  }
  return names;
}

/** Stops early: with many addresses and many names on one port a full comparison would take their product. */
function firstUncovered(certificate: Certificate, hosts: readonly string[]): readonly string[] {
  const lost: string[] = [];
  for (const host of hosts) {
    if (!coversHost(certificate, host)) lost.push(host);
    if (lost.length === hostsNamed) break;
  }
  return lost;
}
