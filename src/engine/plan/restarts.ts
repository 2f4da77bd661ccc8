import type { Configuration } from '../../documents/configuration.ts';
import type { LeftToPerson, NotYet } from '../../documents/runs/plan.ts';
import { ftpCommand } from '../../kinds/ftp/ftp.ts';
import { byHandOf, movable, ownerText, thumbprintOf, whyUnfit } from '../../kinds/holder.ts';
import { lacksAccount, serviceReads } from '../../kinds/key-access/key-access.ts';
import type { ServiceSeen } from '../../kinds/kind-rules.ts';
import type { MovableKind } from '../../kinds/kinds.ts';
import type { HolderInUse } from '../../kinds/place.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { allowsUsage, serverAuthentication } from '../../model/certificates/usages.ts';
import { whySuccessorUnfit } from '../known/certificate-faults.ts';
import { type RenewalPair, sameStore } from '../known/renewal-pair.ts';
import { nextScheduledStart, turnText } from './change-window.ts';
import type { Policy } from './overrides.ts';

/**
 * A service that reads its certificate only when it starts is restarted where the configuration says so and has a window:
 * in the window, or when a person says `--now`, and for no deadline.
 */
export function mayRestart(
  { holder: { kind }, service }: HolderInUse,
  { holders, window }: Pick<Configuration, 'holders' | 'window'>,
): boolean {
  return service === null || (holders[kind].restart === 'window' && window !== undefined);
}

/** The line that sets what is missing for that; `null` if nothing is. */
export function lineThatAllows(
  kind: MovableKind,
  { holders, window }: Pick<Configuration, 'holders' | 'window'>,
): string | null {
  const { policy, restart } = holders[kind];
  const missing = [
    ...(policy === 'replace' ? [] : [`holders.${kind} replace`]),
    ...(restart === 'window' ? [] : [`holders.${kind}.restart window`]),
    ...(window === undefined ? ['window 22:00-04:00'] : []),
  ];
  return missing.length === 0 ? null : `certrebind config set ${missing.join(' ')}`;
}

const inTheWindow = 'CertRebind changes it and restarts the service in the change window.';

/** Why a running service is not restarted now, and until when; `null` in the window, and where a person says `--now`. */
export function whyNoRestartNow(
  snapshot: Pick<Snapshot, 'server' | 'takenAt' | 'timeZone'>,
  configuration: Pick<Policy, 'window' | 'now'>,
): Pick<NotYet, 'text' | 'until'> | null {
  if (configuration.now === true) return null;
  if (configuration.window === undefined) return { text: 'No change window is set.', until: null };
  const opens = nextScheduledStart(snapshot, configuration);
  if (opens === null) return null;
  return { text: `The restart waits for ${turnText(opens)}.`, until: opens.notBefore };
}

/** How a person changes what other servers read too; `null` if none do. */
export function leftAsShared(
  { key, thumbprint, sharedFrom }: HolderInUse,
  successor: Thumbprint | null,
): LeftToPerson | null {
  if (sharedFrom === null) return null;
  return {
    code: 'report-only',
    text: `It still uses ${thumbprint}. ${whyShared(sharedFrom)}`,
    ...(successor === null ? {} : { command: ftpCommand(key, successor) }),
  };
}

function whyShared(folder: string): string {
  return `Other servers read it from the shared configuration in ${folder} too, so a change reaches them all. Change it once all of them have the new certificate.`;
}

/** Why the policy does not move a holder that nothing excludes, and what would have it moved. */
export function policyAgainst(
  { holder, service, sharedFrom }: HolderInUse,
  configuration: Policy,
): Pick<LeftToPerson, 'text' | 'command'> {
  if (sharedFrom !== null) return { text: whyShared(sharedFrom) };
  if (service === null) return { text: `The policy for ${movable[holder.kind].plural} is report.` };
  const command = lineThatAllows(holder.kind, configuration);
  if (service.refuses !== undefined || command === null) return { text: service.refuses ?? inTheWindow };
  return { text: `CertRebind changes it and restarts ${service.name} in a change window, once that is set.`, command };
}

/** How a person changes what no policy moves: no command for a certificate that the service could not use. */
export function leftByPolicy(
  inUse: HolderInUse,
  successor: Thumbprint | null,
  configuration: Policy,
): LeftToPerson | null {
  const { holder, service } = inUse;
  if (service === null) return null;
  const by = byHandOf(inUse, successor);
  const line = lineThatAllows(holder.kind, configuration);
  const said = by === null ? `Changing it restarts ${restarted(service)}` : by.besides;
  const isAllowed = line === null || by === null;
  const why = service.refuses ?? (isAllowed ? inTheWindow : '');
  const command = by?.command ?? line ?? undefined;
  return {
    code: 'report-only',
    text: `It still uses ${thumbprintOf(holder)}. ${said} ${why}`.trim(),
    ...(command === undefined ? {} : { command }),
    ...(service.refuses !== undefined || isAllowed ? {} : { settings: line }),
  };
}

/** The same for one renewal, with what is against it. */
export function leftWithSuccessor(
  inUse: HolderInUse,
  pair: RenewalPair | undefined,
  snapshot: Snapshot,
): string | null {
  const { holder, service } = inUse;
  if (service === null) return null;
  if (pair === undefined) return 'That certificate has more than one successor.';
  const { renewal } = pair;
  const { store } = holder.value;
  const entry = pair.successors.find((one) => store === '' || sameStore(one.store, store));
  const fault = whySuccessorUnfit(pair, store, Date.parse(snapshot.takenAt));
  if (entry === undefined || fault !== null) return fault;
  const reads = service.runsAs === undefined ? null : serviceReads(entry.keyRights, service.runsAs);
  const unread = `${ownName(service)} cannot read its private key. Give it that right in Manage Private Keys first.`;
  const why =
    (allowsUsage(entry.ekus, serverAuthentication) ? null : 'It is not for server authentication.') ??
    whyUnfit(holder, entry, snapshot.server) ??
    (reads === false ? unread : null);
  return why === null ? null : `${ownerText(holder)} would not start with ${renewal.new}. ${why}`;
}

/** Why the service of a holder is not restarted, or its certificate would prove nothing; `null` for no reason. */
export function whyNotRestarted({ name, state, refuses }: ServiceSeen, isMet: boolean): string | null {
  if (refuses !== undefined) return refuses;
  if (state !== 'started')
    return `The service ${name} does not run, so no test could show whether it starts with the new certificate.`;
  return isMet ? null : 'It is not known where clients meet it, so no test could show which certificate it serves.';
}

/** Why the service may not be able to open the new key; `null` if it can, or is given the right first. */
export function whyKeyUnread(
  { runsAs, ...service }: ServiceSeen,
  { keyRights }: { readonly keyRights?: Parameters<typeof serviceReads>[0] },
): string | null {
  if (runsAs === undefined || serviceReads(keyRights, runsAs) === true || lacksAccount(keyRights, runsAs.serviceSid))
    return null;
  return `It is not known whether ${ownName(service)} can read the private key of the new certificate.`;
}

/** For a person who restarts a service with a new certificate: what that ends, and what comes first. */
export function restartByHand(service: ServiceSeen, certificate: Certificate | undefined): string {
  const { runsAs } = service;
  const restarts = `The change restarts ${restarted(service)}`;
  if (runsAs === undefined) return restarts;
  if (serviceReads(certificate?.keyRights, runsAs) === true)
    return `${restarts} ${ownName(service)} can read the new private key.`;
  return `${restarts} First, in certlm.msc (All Tasks, Manage Private Keys), let ${ownName(service)} read the new private key: it is not known whether it can.`;
}

/** The name of a service in lists of rights. */
export function ownName({ name }: Pick<ServiceSeen, 'name'>): string {
  return `NT SERVICE\\${name}`;
}

/** What a restart costs. */
export function restartText(service: ServiceSeen): string {
  return `Restarts ${restarted(service)}`;
}

function restarted({ name, dependents, sessions }: ServiceSeen): string {
  const others = dependents.length === 0 ? '' : `, and ${dependents.join(', ')} with it`;
  const cost =
    sessions === null
      ? 'it is not known how many connections end'
      : `${sessions} ${sessions === 1 ? 'connection ends' : 'connections end'}`;
  return `${name}${others}: ${cost}.`;
}
