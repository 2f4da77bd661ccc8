import type { FindingCode } from '../../base/codes/finding-codes.ts';
import { groupBy } from '../../base/group.ts';
import { distinct } from '../../base/order.ts';
import { asOfText, type FindingParts, finding, listed } from '../../documents/finding.ts';
import { keepsOld } from '../../documents/runs/ledger.ts';
import type { Finding } from '../../documents/status.ts';
import type { VerifiedEndpoint } from '../../documents/verify.ts';
import { ftpKey } from '../../kinds/ftp/ftp.ts';
import { thumbprintOf } from '../../kinds/holder.ts';
import { centralStoreSource, isOfCentralStore, type KeyText } from '../../kinds/record-key.ts';
import { reportedKindOf } from '../../kinds/reported/reported.ts';
import { makersCommand, reportedRules } from '../../kinds/reported/reported-kinds.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { endpointText, isMetBeforeHost, isOverQuic } from '../../model/certificates/handshake.ts';
import { coversHost } from '../../model/certificates/host-name.ts';
import { byThumbprint, momentText } from '../../model/certificates/named-certificate.ts';
import { looksDue } from '../known/looks-due.ts';
import { certificateInWords, namedCertificates } from '../known/named-certificates.ts';
import { exchangeCommand } from '../look/commands.ts';
import { adviceByOutlook } from './certificate-findings.ts';
import type { Evidence } from './facts.ts';

/**
 * What the endpoints served against what is set for them: one finding per holder. Endpoints that were not dialled say
 * nothing, and of those that are behind (`leftBehind`) more is known.
 */
export function wireFindings(evidence: Evidence): readonly Finding[] {
  const seenAt = timesOf(evidence.wire);
  return servedNow(evidence).map((found) => asSeen(found, seenAt));
}

const lookAgain = { repair: 'command', commands: ['certrebind verify'] } as const;

/** What was seen some time ago is told as of then. */
function asSeen(found: Finding, seenAt: ReturnType<typeof timesOf>): Finding {
  const seen = found.keys.flatMap((key) => seenAt.get(key) ?? []);
  const [at] = seen.map((one) => one.at).sort();
  if (at === undefined) return found;
  const [since = at] = seen.flatMap((one) => (one.isInOrder ? [] : one.since)).sort();
  const message = asOfText(at, found.message);
  const { repair, commands } = found.commands.length === 0 ? lookAgain : found;
  return { ...found, message, since, repair, commands };
}

/** When the endpoints of each place were last dialled; of those that are dialled now nothing. */
function timesOf(wire: readonly VerifiedEndpoint[]) {
  const seen = wire.flatMap((one) => {
    const { key, at, since = at, matches, chain } = one;
    if (at === undefined || since === undefined) return [];
    return { key, at, since, isInOrder: matches !== false && chain !== 'broken' && !isSilent(one) };
  });
  return groupBy(seen, ({ key }) => key);
}

function servedNow(evidence: Evidence): readonly Finding[] {
  const { wire, snapshot, behind } = evidence;
  const { pending } = evidence.survey;
  const own = wire.filter(({ expected }) => expected !== '');
  const [skipped] = own;
  if (skipped !== undefined && own.every(({ result }) => result === 'skipped')) {
    return [finding('wire-not-seen', `No endpoint was tested: ${skipped.reason ?? 'no reason was given'}.`)];
  }
  const byRecord = groupBy(own, ({ key }) => key);
  const ofRecords = [...byRecord].flatMap(([key, endpoints]) => {
    const different = endpoints.filter((endpoint) => endpoint.matches === false && !behind.has(endpoint));
    const ahead = different.filter(
      ({ expected, thumbprint }) => expected !== '' && pending.get(expected)?.new === thumbprint,
    );
    const differing = different.filter((endpoint) => !ahead.includes(endpoint));
    const silent = endpoints.filter(isSilent);
    const told = unreachable(silent, placesText(silent));
    return [
      ...(differing.length > 0
        ? [finding('wire-differs', differs(differing), { key, ...adviceBeforeHost(differing, evidence) })]
        : []),
      ...(ahead.length > 0 ? [finding('wire-ahead', differs(ahead), { key })] : []),
      ...(silent.length > 0 ? [finding('endpoint-unreachable', told, { key })] : []),
    ];
  });
  return [...ofRecords, ...brokenChains(own, snapshot)];
}

/** Of an FTP site that is met by its host name: the defaults answer before the name is known, so they are to be changed. */
function adviceBeforeHost(different: readonly VerifiedEndpoint[], evidence: Evidence): FindingParts {
  const [first] = different;
  const defaults = ftpKey(null);
  const held = thumbprintOf(evidence.survey.holders.get(defaults) ?? null);
  const isByDefaults = ({ endpoint, thumbprint }: VerifiedEndpoint) => isMetBeforeHost(endpoint) && thumbprint === held;
  if (first === undefined || held === null || !different.every(isByDefaults)) return {};
  const known = byThumbprint(namedCertificates(evidence.snapshot, [held]));
  const { hint = '', commands = [] } = adviceByOutlook(defaults, held, known, evidence);
  const why = `IIS learns the host name of an FTP client only after TLS, so the certificate of ${defaults} may be served until then.`;
  return { hint: `${why} ${hint}`.trim(), commands };
}

/**
 * One finding per certificate. If the store has the certificates that are not sent, setting the certificate again makes
 * Windows build the chain again.
 */
function brokenChains(wire: readonly VerifiedEndpoint[], { certificates }: Snapshot): readonly Finding[] {
  const broken = wire.filter(({ chain }) => chain === 'broken');
  const byCertificate = groupBy(broken, ({ thumbprint, sent }) => `${thumbprint} ${sent?.upTo}`);
  return [...byCertificate.values()].flatMap((endpoints) => {
    const [{ thumbprint, sent }] = endpoints;
    const upTo = sent?.upTo ?? null;
    if (thumbprint === null || upTo === null) return [];
    const isStored = certificates.some(
      (one) => one.thumbprint === thumbprint && one.intermediates?.includes(upTo) === true,
    );
    const where = placesText(endpoints);
    const text = `${thumbprint} is served without the certificate of its issuer ${upTo}, which ${isStored ? 'is' : 'is not'} on this server: ${where}.`;
    const keys = [...new Set(endpoints.map(({ key }) => key))];
    const reapply = isStored ? [`${exchangeCommand(thumbprint, thumbprint)} --reapply`] : [];
    return [finding('intermediate-not-sent', text, { keys, commands: reapply })];
  });
}

/** What endpoints of one holder serve instead of the certificate that is set for it. */
export function differs(endpoints: readonly VerifiedEndpoint[]): string {
  const [first] = endpoints;
  const served = [...new Set(endpoints.map(({ thumbprint }) => thumbprint ?? 'nothing'))];
  return `${placesText(endpoints)} serves ${listed(served)} instead of ${first?.expected}.`;
}

function isSilent({ result }: VerifiedEndpoint): boolean {
  return result === 'unreachable' || result === 'not-listening';
}

function unreachable(endpoints: readonly VerifiedEndpoint[], called: string): string {
  const reason = endpoints.find((endpoint) => endpoint.reason !== null)?.reason;
  return `${called} does not answer${reason == null ? '' : `: ${reason}`}.`;
}

function placesText(endpoints: readonly VerifiedEndpoint[]): string {
  return listed(endpoints.map(({ endpoint }) => endpointText(endpoint)));
}

/** Not known which certificate a role names, and the endpoint serves an old certificate. */
export function servedOldByRoles({ wire, succession }: Evidence): readonly Finding[] {
  return wire.flatMap(({ key, expected, thumbprint, endpoint }) => {
    const kind = reportedKindOf(key);
    const found = succession.successorOf(thumbprint);
    if (kind === null || expected !== '' || found.is !== 'known') return [];
    const { command } = makersCommand(reportedRules[kind], found.renewal);
    const message = `${reportedRules[kind].called} still serves ${thumbprint} on port ${endpoint.port}.`;
    return finding('change-by-hand', message, { key, commands: [command ?? []].flat() });
  });
}

/** The endpoints that serve what the certificate that is set for them replaces, or what was rolled back there. */
export function endpointsBehind(
  wire: readonly VerifiedEndpoint[],
  { ledger, succession: { replacedBy } }: Pick<Evidence, 'ledger' | 'succession'>,
): Evidence['behind'] {
  const takenBack = ledger.decisions.filter(keepsOld);
  const behind = new Map<VerifiedEndpoint, 'still-old' | 'still-served'>();
  for (const endpoint of wire) {
    const { expected, thumbprint, matches } = endpoint;
    if (matches !== false || expected === '' || thumbprint === null || isMetBeforeHost(endpoint.endpoint)) continue;
    if (replacedBy(expected).has(thumbprint)) behind.set(endpoint, 'still-old');
    else if (takenBack.some((one) => one.place === endpoint.key && one.old === expected && one.new === thumbprint))
      behind.set(endpoint, 'still-served');
  }
  return behind;
}

/**
 * One finding for each holder whose endpoints are behind: as they were dialled now, or, where they did not all answer,
 * as a run last saw them.
 */
export function leftBehind({
  snapshot,
  ledger,
  succession,
  ...evidence
}: Pick<Evidence, 'wire' | 'behind' | 'snapshot' | 'ledger' | 'succession'>): readonly Finding[] {
  const due = looksDue(snapshot, ledger, succession);
  const look = (key: KeyText) => ({ key, commands: due.has(key) ? ['certrebind reconcile'] : [] });
  const behind = groupBy(evidence.behind, ([{ key }, code]) => `${code} ${key}`);
  const seenAt = timesOf(evidence.wire);
  const seen = [...behind.values()].map((group) => {
    const [[{ key }, code]] = group;
    return asSeen(finding(code, differs(group.map(([endpoint]) => endpoint)), look(key)), seenAt);
  });
  const told = new Set(seen.map(({ key }) => key));
  const dialled = groupBy(
    evidence.wire.filter(({ endpoint }) => !isOverQuic(endpoint.startTls)),
    ({ key }) => key,
  );
  const remembered = [...due].flatMap(([key, { new: successor, what }]) => {
    const answered = dialled.get(key)?.every(({ result }) => result === 'served') ?? false;
    if (answered || told.has(key)) return [];
    const [code, other] =
      what === 'serves-new'
        ? (['still-served', `${successor}, which was rolled back,`] as const)
        : (['still-old', `an older certificate than ${successor}`] as const);
    return finding(code, `An endpoint of ${key} still served ${other} when a run last dialled it.`, look(key));
  });
  return [...seen, ...remembered];
}

/** What is wrong with certificates that IIS reads from files, as far as their endpoints show it. */
export function centralStoreFindings({ wire, snapshot: { sources, takenAt }, endings }: Evidence): readonly Finding[] {
  const folder = sources.find(({ part }) => part === centralStoreSource)?.from;
  const store = `the central certificate store${folder === undefined ? '' : ` in ${folder}`}`;
  const hint = `Replace its file in ${store}: CertRebind does not change it. The command then looks again.`;
  const central = wire.filter(({ key }) => isOfCentralStore(key));
  const served = groupBy(
    central.filter(({ result }) => result === 'served'),
    ({ key, thumbprint }) => `${key} ${thumbprint}`,
  );
  const ofFiles = [...served.values()].flatMap((endpoints): readonly Finding[] => {
    const [{ key, certificate, chain }] = endpoints;
    if (certificate === undefined) return [];
    const { thumbprint, notAfter, issuer } = certificate;
    const about = { key, certificate: thumbprint, endsAt: notAfter, hint, commands: ['certrebind reconcile'] };
    const told = (code: FindingCode, what: string, severity: FindingParts = {}) => {
      const message = `${certificateInWords(certificate)} for ${hostsText(endpoints)}, from ${store}, ${what}.`;
      return finding(code, message, { ...about, ...severity });
    };
    const isOver = Date.parse(notAfter) <= Date.parse(takenAt);
    const isNear = !isOver && endings.isNear(certificate);
    const severity = endings.mustAct(certificate) ? ({ severity: 'error' } as const) : {};
    const uncovered = endpoints.filter(
      ({ endpoint: { serverName } }) => serverName !== null && !coversHost(certificate, serverName),
    );
    return [
      isOver && told('certificate-expired', `expired at ${momentText(notAfter)}`),
      isNear && told('certificate-ends-soon', `expires at ${momentText(notAfter)}`, severity),
      uncovered.length > 0 && told('name-not-covered', `does not cover ${hostsText(uncovered)}`),
      chain === 'broken' && told('intermediate-not-sent', `is served without the certificate of its issuer ${issuer}`),
    ].filter((found) => found !== false);
  });
  const silent = groupBy(central.filter(isSilent), ({ key }) => key);
  const ofSilent = [...silent].map(([key, endpoints]) => {
    const text = `${unreachable(endpoints, hostsText(endpoints))} Its certificate is a file in ${store}.`;
    return finding('endpoint-unreachable', text, { key });
  });
  return [...ofFiles, ...ofSilent];
}

function hostsText(endpoints: readonly VerifiedEndpoint[]): string {
  return listed(
    distinct(endpoints.map(({ endpoint: { serverName, port, address } }) => `${serverName ?? address}:${port}`)),
  );
}
