import { distinct } from '../../base/order.ts';
import { type FindingParts, finding } from '../../documents/finding.ts';
import { commandOf } from '../../documents/runs/plan.ts';
import type { Finding } from '../../documents/status.ts';
import { ownerText, snapshotPartOf } from '../../kinds/holder.ts';
import { serviceReads } from '../../kinds/key-access/key-access.ts';
import type { HolderInUse } from '../../kinds/place.ts';
import { isBesideStores, isKnown, unknownText, unreadableIn } from '../../kinds/unknown-parts.ts';
import { byThumbprint, momentText } from '../../model/certificates/named-certificate.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { trustedKey, trustedValue } from '../../model/windows/administrators.ts';
import type { EngineStart } from '../../model/windows/engine-start.ts';
import { namedCertificates } from '../known/named-certificates.ts';
import { isReadStore, sameStore } from '../known/renewal-pair.ts';
import { isUnreadable } from '../known/unreadable.ts';
import { webAdministrationCommand } from '../look/commands.ts';
import { whyNotMoved } from '../plan/decide-holder.ts';
import { ownName } from '../plan/restarts.ts';
import { casesOfRetirement, clockJump, daysToRetire, whyNothingRetires } from '../plan/retire.ts';
import {
  adviceByOutlook,
  afterExclusions,
  afterItsEnd,
  followsNothing,
  insteadOfGone,
  intoUse,
  whereFrom,
} from './certificate-findings.ts';
import type { Evidence } from './facts.ts';

/** What could not be read: nothing is known about it, and no repair touches it. */
export function unreadableFindings({ snapshot: { unreadable, sites } }: Evidence): readonly Finding[] {
  const told = new Set(unreadable.map(({ where, text }) => `${where}\n${text}`));
  const bindings = sites.flatMap(({ name, bindings: all }) =>
    all
      .filter((binding) => isUnreadable(binding) && !told.has(`${name}\n${binding.information}`))
      .map(({ information }) => ({ where: name, text: information, why: 'not a valid address:port:host' })),
  );
  return [...unreadable, ...unreadableIn('sites', bindings)].flatMap((entry) => {
    const { where, text, why } = entry;
    const words = `${where}: ${text === '' ? '' : `${JSON.stringify(text.slice(0, 200))}: `}${why}`;
    return finding('unreadable', words, isBesideStores(entry) ? { severity: 'info' } : {});
  });
}

/**
 * The parts that are not known, where having no findings means nothing. Where the server did not answer, what was wrong
 * before may still be.
 */
export function unknownFindings({ snapshot: { notLookedAt } }: Evidence): readonly Finding[] {
  return (['not-read', 'withheld'] as const).flatMap((reason) => {
    const unknown = notLookedAt.filter(({ why }) => why === reason);
    if (unknown.length === 0) return [];
    const severity = reason === 'not-read' ? 'warning' : 'info';
    return finding('part-unknown', `Not read: ${unknownText(unknown)}. Problems there are not found.`, { severity });
  });
}

export function legacyFindings({ snapshot: { legacySslMetadata } }: Evidence): readonly Finding[] {
  if (legacySslMetadata !== true) return [];
  return [finding('legacy-ssl-metadata', 'applicationHost.config has property 5506 in its section customMetadata.')];
}

/** Said before a renewal meets it, perhaps in a year. */
export function missingModuleFindings({ snapshot, survey, ofRenewals }: Evidence): readonly Finding[] {
  const isTold = ofRenewals.some(({ commands }) => commands.includes(webAdministrationCommand));
  if (snapshot.webAdministration !== 'missing' || survey.bindings.size === 0 || isTold) return [];
  return [
    finding('web-administration-missing', 'CertRebind cannot change the certificate of an IIS binding here.', {
      hint: 'The command installs the PowerShell module WebAdministration, without which the next renewal is blocked.',
      commands: [webAdministrationCommand],
    }),
  ];
}

/** What replaced certificates wait for: a person, or days on which somebody looks. */
export function retiredFindings({ snapshot, ledger, configuration }: Evidence): readonly Finding[] {
  const jump = clockJump(snapshot, ledger);
  if (jump !== null) return [finding('clock-jumped', jump)];
  if (ledger.retired.length === 0 || whyNothingRetires(snapshot, ledger) !== null) return [];
  const rule = { afterDays: daysToRetire(configuration), deletes: true };
  const free = casesOfRetirement(snapshot, ledger, rule).filter(({ becomes }) => becomes === 'deleted').length;
  if (free === 0) return [];
  const what = free === 1 ? '1 replaced certificate' : `${free} replaced certificates`;
  return [finding('retired-deletable', `${what} could be deleted.`, { commands: ['certrebind retire --delete'] })];
}

/** How the program itself lies on the server. */
export function installationFindings({ installation, unsafeState }: Evidence): readonly Finding[] {
  const { unsafe, engine } = installation;
  const ofState = unsafeState === null || unsafe.length > 0 ? [] : [finding('unsafe-path', unsafeState.message)];
  return [
    ...ofState,
    ...unsafe.map(({ path, why, mend }) =>
      finding('unsafe-path', `${path}: ${why}`, { commands: mend === null ? [] : [mend] }),
    ),
    ...engineFindings(engine),
  ];
}

/** Reported as long as an additional account is trusted, because it can change what runs as SYSTEM. */
export function trustFindings({ installation }: Evidence): readonly Finding[] {
  const { accounts, refused } = installation.trusted;
  const list = `${trustedValue} of ${trustedKey}`;
  const messages = [
    ...accounts.map((account) => `${list} names ${account}, so that account may change what runs as SYSTEM.`),
    ...refused.map(
      ({ account, why }) => `${list} names ${JSON.stringify(account)}, but CertRebind does not trust it: it ${why}.`,
    ),
  ];
  return messages.map((message) => finding('trusted-account', message));
}

function engineFindings(engine: EngineStart | null): readonly Finding[] {
  if (engine?.way !== 'text' || engine.because.cause === 'not-installed') return [];
  const { cause, at, said } = engine.because;
  const script = 'the script of CertRebind';
  return cause === 'execution-policy'
    ? [finding('policy-bypassed', `At ${at}, PowerShell refused ${script}: ${said}`)]
    : [
        finding(
          'file-not-run',
          `At ${at}, PowerShell did not run ${script} as a file (${said}). CertRebind sent it the text of the script.`,
        ),
      ];
}

/**
 * Certificates that holders of the kinds that can be moved name, whether a policy moves them or not: missing from their store, expired, or
 * about to end. A listener's end is reported before it has passed only if nothing renews the certificate.
 */
export function holderFindings(evidence: Evidence): readonly Finding[] {
  const { snapshot, survey, endings, candidates } = evidence;
  const { certificates, asOf, pending } = survey;
  return [...survey.inUse.values()].flatMap((inUse) => {
    const { holder } = inUse;
    const { thumbprint, store } = holder.value;
    if (thumbprint === null || !isKnown(snapshot, snapshotPartOf(holder.kind))) return [];
    const what = holder.kind === 'ftp' ? 'ftps' : 'listener';
    const hosts = distinct(inUse.endpoints.flatMap(({ host }) => (host === '' ? [] : host)));
    const told = (state: 'gone' | 'expired', text: string, advice: FindingParts) =>
      finding(`${what}-certificate-${state}`, `${ownerText(holder)}: ${thumbprint} ${text}.`, {
        key: holder.key,
        certificate: thumbprint,
        ...advice,
      });
    const certificate = (certificates.get(thumbprint) ?? []).find((entry) => sameStore(entry.store, store));
    if (certificate === undefined)
      return isReadStore(store)
        ? [
            told(
              'gone',
              `is not in ${store}`,
              adviceAt(inUse, thumbprint, evidence, () => insteadOfGone(thumbprint, hosts, candidates)),
            ),
          ]
        : [];
    const isOver = Date.parse(certificate.notAfter) <= asOf;
    if (!endings.isNear(certificate) || (!isOver && what === 'listener' && pending.has(thumbprint))) return [];
    const advice = adviceAt(inUse, thumbprint, evidence, () =>
      isOver
        ? afterItsEnd(holder.key, certificate, evidence)
        : intoUse(`have it renewed ${whereFrom(certificate)}`, thumbprint, evidence.configuration),
    );
    const { notAfter } = certificate;
    const title = isOver ? {} : { title: 'not renewed', endsAt: notAfter };
    return [told('expired', `${isOver ? 'ended' : 'ends'} at ${momentText(notAfter)}`, { ...advice, ...title })];
  });
}

/** What lets CertRebind change it, where its kind is kept from that; what its outlook says, where something follows. */
function adviceAt(
  inUse: HolderInUse,
  thumbprint: Thumbprint,
  { snapshot, outlookAt, trial, configuration }: Evidence,
  otherwise: () => FindingParts,
): FindingParts {
  const kept = whyNotMoved(inUse, configuration, null).find(({ code }) => code !== 'excluded');
  if (kept !== undefined) return { commands: [commandOf(kept) ?? []].flat() };
  const { key } = inUse.holder;
  const place = outlookAt(key);
  const { outlook } = place;
  if (followsNothing.has(outlook.is)) return afterExclusions(place.excluded, otherwise());
  const named = [thumbprint, 'renewal' in outlook ? outlook.renewal.new : []].flat();
  const known = byThumbprint(namedCertificates(snapshot, named));
  return adviceByOutlook(key, thumbprint, known, { outlookAt, trial });
}

/** Services that would not start again, because they may not read the key of their certificate. */
export function serviceKeyFindings({ snapshot, survey, configuration }: Evidence): readonly Finding[] {
  if (!isKnown(snapshot, 'others')) return [];
  return [...survey.inUse.values()].flatMap((inUse) => {
    const { holder, service } = inUse;
    const { thumbprint, store } = holder.value;
    if (thumbprint === null || service?.runsAs === undefined) return [];
    if (whyNotMoved(inUse, configuration, null)[0]?.code === 'excluded') return [];
    const used = (survey.certificates.get(thumbprint) ?? []).find((entry) => sameStore(entry.store, store));
    if (used === undefined || serviceReads(used.keyRights, service.runsAs) !== false) return [];
    const message = `${ownerText(holder)} would not start again: ${ownName(service)} cannot read the private key of ${thumbprint}, which it uses.`;
    return [finding('service-key', message, { key: holder.key })];
  });
}
