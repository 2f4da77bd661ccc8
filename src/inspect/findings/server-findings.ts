import { momentText } from '../../certificates/named-certificate.ts';
import type { Thumbprint } from '../../certificates/thumbprint.ts';
import type { Configuration } from '../../documents/configuration.ts';
import { finding } from '../../documents/finding.ts';
import type { Finding } from '../../documents/status.ts';
import type { Consumer } from '../../holders/consumer.ts';
import { standingHolders } from '../../holders/holder.ts';
import type { FtpsSetting } from '../../holders/iis/binding.ts';
import { reportedHolders } from '../../holders/reported/reported.ts';
import type { Snapshot } from '../../holders/snapshot.ts';
import { seesEveryCertificate, type UnknownPart, unknownText } from '../../holders/unknown-parts.ts';
import type { InstallationFacts } from '../../installation/facts.ts';
import { ownName, readsKeyOf, whyReportedExcluded } from '../../plan/decide-reported.ts';
import { sameStore } from '../../plan/renewal-pair.ts';
import { isReadStore, type Survey } from '../../plan/server-survey.ts';
import { isUnreadable } from '../../plan/unreadable.ts';
import type { CertRebindError } from '../../text/errors.ts';
import { trustedKey, trustedValue } from '../../windows/administrators.ts';
import type { EngineStart } from '../../windows/engine-start.ts';
import type { Endings } from './endings.ts';

/** Certificates of FTP sites that are gone or end soon, whether the policy moves FTP sites or not. */
export function ftpsFindings(survey: Survey, endings: Endings): readonly Finding[] {
  return survey.snapshot.ftps.flatMap((setting) => ftpsFinding(setting, survey, endings) ?? []);
}

/** What could not be read: nothing is known about it, and no repair touches it. */
export function unreadableFindings({ unreadable, sites }: Snapshot): readonly Finding[] {
  const told = new Set(unreadable.map(({ where, text }) => `${where}\n${text}`));
  const bindings = sites.flatMap(({ name, bindings: all }) =>
    all
      .filter((binding) => isUnreadable(binding) && !told.has(`${name}\n${binding.information}`))
      .map(({ information }) => ({ where: name, text: information, why: 'not a valid address:port:host' })),
  );
  return [...unreadable, ...bindings].map(({ where, text, why }) =>
    finding('unreadable', `${where}: ${text === '' ? '' : `${JSON.stringify(text.slice(0, 200))}: `}${why}`),
  );
}

/**
 * The parts that are not known, where having no findings means nothing. Records and certificates have a finding each,
 * because nearly every check needs them. Where the server did not answer, what was wrong before may still be.
 */
export function unknownFindings({ notLookedAt }: Snapshot): readonly Finding[] {
  const isCentral = ({ part }: UnknownPart) => part === 'records' || part === 'certificates';
  const others = notLookedAt.filter((unknown) => !isCentral(unknown));
  const told = (unknown: readonly UnknownPart[], severity: 'warning' | 'info') =>
    unknown.length === 0
      ? []
      : [finding('part-unknown', `Not read: ${unknownText(unknown)}. Problems there are not found.`, { severity })];
  return [
    ...notLookedAt.filter(isCentral).flatMap((unknown) => told([unknown], 'warning')),
    ...told(
      others.filter(({ why }) => why === 'not-read'),
      'warning',
    ),
    ...told(
      others.filter(({ why }) => why !== 'not-read'),
      'info',
    ),
  ];
}

export function legacyFindings({ legacySslMetadata }: Snapshot): readonly Finding[] {
  if (legacySslMetadata !== true) return [];
  return [finding('legacy-ssl-metadata', 'applicationHost.config has property 5506 in its section customMetadata.')];
}

/** How the program itself lies on the server. */
export function installationFindings(
  { unsafe, versions, engine }: InstallationFacts,
  unsafeState: CertRebindError | null,
): readonly Finding[] {
  const ofState = unsafeState === null || unsafe.length > 0 ? [] : [finding('unsafe-path', unsafeState.message)];
  const differ = new Set(versions.map(({ version }) => version)).size > 1;
  return [
    ...ofState,
    ...unsafe.map(({ path, why, mend }) => finding('unsafe-path', `${path}: ${why}`, { command: mend })),
    ...(differ
      ? [finding('version-drift', `${versions.map(({ part, version }) => `${part} ${version}`).join(', ')}.`)]
      : []),
    ...(engine === null ? [] : engineFindings(engine)),
  ];
}

/** Reported as long as an additional account is trusted, because it can change what runs as SYSTEM. */
export function trustFindings({ trusted: { accounts, refused } }: InstallationFacts): readonly Finding[] {
  const list = `${trustedValue} of ${trustedKey}`;
  return [
    ...accounts.map((account) =>
      finding('trusted-account', `${list} names ${account}, so that account may change what runs as SYSTEM.`),
    ),
    ...refused.map(({ account, why }) =>
      finding(
        'trusted-account',
        `${list} names ${JSON.stringify(account)}, but CertRebind does not trust it: it ${why}.`,
      ),
    ),
  ];
}

function engineFindings(engine: EngineStart): readonly Finding[] {
  if (engine.way === 'file') return [];
  const { because } = engine;
  switch (because.cause) {
    case 'not-installed':
      return [];
    case 'execution-policy':
      return [finding('policy-bypassed', `At ${because.at}, PowerShell refused the adapter script: ${because.said}`)];
    case 'no-answer':
      return [
        finding(
          'file-not-run',
          `At ${because.at}, PowerShell did not run the adapter script as a file: ${because.said}.`,
        ),
      ];
  }
}

/**
 * Certificates that listeners outside IIS name: missing from their store, expired, or about to end without a renewal.
 */
export function listenerFindings(survey: Survey, endings: Endings): readonly Finding[] {
  const listeners = standingHolders(survey.snapshot).filter(({ holder }) => holder.kind !== 'ftp');
  return listeners.flatMap(({ consumer, holder: { value } }) => {
    const { thumbprint, store } = value;
    if (thumbprint === null) return [];
    const named = { owner: holderName(consumer), thumbprint, store, isRenewed: survey.pending.has(thumbprint) };
    return namedFinding('listener', named, survey, endings) ?? [];
  });
}

/** Services that would not start again, because they may not read the key of their certificate. */
export function serviceKeyFindings(
  { snapshot, certificates }: Survey,
  configuration: Configuration,
): readonly Finding[] {
  return reportedHolders(snapshot).flatMap((holder) => {
    const { key, rules, thumbprint } = holder;
    if (thumbprint === null || whyReportedExcluded(holder, [thumbprint], configuration) !== null) return [];
    const used = (certificates.get(thumbprint) ?? []).find(({ store }) => sameStore(store, 'My'));
    if (used === undefined || readsKeyOf(holder, used) !== false) return [];
    const message = `${rules.called} would not start again: ${ownName(holder)} cannot read the private key of ${thumbprint}, which it uses.`;
    return [finding('service-key', message, { key })];
  });
}

function holderName(consumer: Consumer): string {
  switch (consumer.kind) {
    case 'rdp':
      return `The Remote Desktop listener ${consumer.detail}`;
    case 'winrm':
      return `The WinRM listener ${consumer.detail}`;
    default:
      return 'The Web Management Service';
  }
}

function ftpsFinding({ site, thumbprint, store }: FtpsSetting, survey: Survey, endings: Endings): Finding | null {
  const owner = site === null ? 'The defaults of FTP sites' : `The FTP site ${site}`;
  return namedFinding('ftps', { owner, thumbprint, store, isRenewed: false }, survey, endings);
}

/** A certificate that a holder other than a TLS record names. */
interface Named {
  readonly owner: string;
  readonly thumbprint: Thumbprint;
  readonly store: string;
  /** Its end is then reported only once it has passed. */
  readonly isRenewed: boolean;
}

function namedFinding(
  what: 'ftps' | 'listener',
  { owner, thumbprint, store, isRenewed }: Named,
  { certificates, asOf, snapshot }: Survey,
  { isNear }: Endings,
): Finding | null {
  const certificate = (certificates.get(thumbprint) ?? []).find((entry) => sameStore(entry.store, store));
  if (certificate === undefined) {
    if (!isReadStore(store) || !seesEveryCertificate(snapshot)) return null;
    return finding(`${what}-certificate-gone`, `${owner}: ${thumbprint} is not in ${store}.`);
  }
  const ends = Date.parse(certificate.notAfter);
  if (!isNear(certificate) || (ends > asOf && isRenewed)) return null;
  const verb = ends <= asOf ? 'ended' : 'ends';
  return finding(
    `${what}-certificate-expired`,
    `${owner}: ${thumbprint} ${verb} at ${momentText(certificate.notAfter)}.`,
  );
}
