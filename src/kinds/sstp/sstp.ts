import type { Certificate } from '../../model/certificates/certificate.ts';
import { type Thumbprint, toThumbprint } from '../../model/certificates/thumbprint.ts';
import type { RunState, Site } from '../iis/binding.ts';
import { type ByHand, listening, type MovableKindRules, type ServiceSeen, type Standing } from '../kind-rules.ts';
import { anyAddressKeys, holderKey, toRecordKey } from '../record-key.ts';
import { type CertificateBinding, differencesOf } from '../tls/certificate-binding.ts';
import { rulesWithRecords, type WithRecords } from '../tls/with-records.ts';

/**
 * SSTP of Routing and Remote Access. Clients get the certificate of its certificate bindings, and are refused after the handshake
 * unless it is the one whose hash the service has read when it started (fidelity: sstp-hash). Its thumbprint is that of the first
 * binding, which is changed first.
 */
export interface SstpSetting extends WithRecords {
  /** A person chose the certificate; otherwise the service stores the hash of its bindings when it starts (fidelity: sstp-modes). */
  readonly chosen: boolean;
}

/** What the registry says of it. */
export interface SstpStored {
  readonly port: number;
  readonly chosen: boolean;
  /** The certificate with the stored SHA-256, and what is stored as SHA-1; empty for none. */
  readonly sha256Of: string;
  readonly sha1: string;
}

/** What is known of it beside its certificate. */
export interface SstpFacts extends Pick<ServiceSeen, 'dependents' | 'sessions'> {
  /** Of both services that a new certificate needs. */
  readonly state: RunState;
  readonly sites: readonly Site[];
  /** Every one of the server. */
  readonly records: readonly CertificateBinding[];
  readonly certificates: readonly Pick<Certificate, 'thumbprint' | 'store'>[];
}

export const sstpAppId = '{ba195980-cd49-458b-9e23-c84ee0adcd75}';
export const sstpKey = holderKey('sstp', 'SstpSvc');
/** It needs nothing of the others, which need it: stopping it stops Routing and Remote Access first. */
export const sstpService = 'SstpSvc';
export const remoteAccess = 'RemoteAccess';
/** Below HKEY_LOCAL_MACHINE. */
export const sstpParameters = `SYSTEM\\CurrentControlSet\\Services\\${sstpService}\\Parameters`;

const store = 'My';

export const sstpRules: MovableKindRules<'sstp', SstpSetting> = {
  ...listening(() => 'SSTP', 'sstp'),
  ...rulesWithRecords,
  plural: 'SSTP',
  anonymised: (value, names) => ({ ...rulesWithRecords.anonymised(value, names), chosen: value.chosen }),
  anonymisedName: (name) => name,
  owner: () => 'SSTP',
  differences: (wanted, found) => [
    ...(wanted.port === found.port ? [] : ['port']),
    ...(wanted.chosen === found.chosen ? [] : ['mode']),
    ...(wanted.chosen && wanted.listed !== found.listed ? ['registry value'] : []),
    ...differencesOf(wanted.records, found.records),
  ],
  restarts: {
    notInUse: ({ thumbprint, listed }) =>
      listed === thumbprint ? null : `It stored the hash of ${listed ?? 'another certificate'} when it started.`,
    lastResort: () => null,
    byHand: (_value, _service, successor) => sstpByHand(successor),
  },
};

export function sstpByHand(successor: Thumbprint | null): ByHand {
  return {
    command: `Set-RemoteAccess -SslCertificate (Get-Item Cert:\\LocalMachine\\My\\${successor ?? '<new thumbprint>'}) -Force`,
    besides: 'It takes effect after Restart-Service RemoteAccess, which ends all VPN sessions.',
  };
}

/** @param records those of its keys, or more */
export function sstpSetting(
  { port, chosen, sha256Of, sha1 }: SstpStored,
  records: readonly CertificateBinding[],
): SstpSetting {
  const own = anyAddressKeys(port).flatMap((key) =>
    records.filter((one) => one.key === key && one.appId === sstpAppId),
  );
  const [first] = own;
  const stored = toThumbprint(sha256Of);
  const listed = sha1 === '' || toThumbprint(sha1) === stored ? stored : null;
  return { port, chosen, records: own, listed, thumbprint: first?.thumbprint ?? listed, store };
}

export function sstpHolder(stored: SstpStored, facts: SstpFacts): Standing<'sstp', SstpSetting> {
  const { state, dependents, sessions } = facts;
  const value = sstpSetting(stored, facts.records);
  const refuses = whyNever(value, facts);
  const service = { name: sstpService, state, dependents, sessions, ...(refuses === null ? {} : { refuses }) };
  return { kind: 'sstp', key: sstpKey, value, listens: { address: '*', port: value.port, state }, service };
}

/** What its start would do to certificate bindings, or would not find as it needs it (fidelity: sstp-modes, sstp-deletes-orphans). */
function whyNever({ port, records, listed, thumbprint }: SstpSetting, facts: SstpFacts): string | null {
  const { state, dependents, sites, certificates } = facts;
  for (const key of anyAddressKeys(port)) {
    if (sites.some(({ bindings }) => bindings.some(({ recordKey }) => recordKey === key)))
      return `A binding of IIS uses the certificate binding ${key}, so changing it for SSTP would change it for IIS.`;
    if (records.some((record) => record.key === key)) continue;
    return facts.records.some((record) => record.key === key)
      ? `The certificate binding ${key} belongs to another program.`
      : `SSTP has no certificate binding ${key}. It makes one when it starts, with a certificate of its choice.`;
  }
  const stored = new Set(certificates.map((one) => `${one.store}/${one.thumbprint}`));
  const orphan = facts.records.find(
    ({ key, thumbprint: named, store: from }) =>
      named !== null && toRecordKey(key)?.port === port && !stored.has(`${from}/${named}`),
  );
  if (orphan !== undefined)
    return `The certificate of ${orphan.key} is not in ${orphan.store}, and Routing and Remote Access deletes such a certificate binding when it starts.`;
  if (records.some((one) => one.thumbprint !== thumbprint || one.store !== store) || listed !== thumbprint)
    return 'Its certificate bindings and the hash that it stores do not name one certificate of My.';
  if (state !== 'started')
    return `${remoteAccess} does not run, so no test could show whether it starts with the new certificate.`;
  return dependents.includes(remoteAccess)
    ? null
    : `Windows does not tell that ${remoteAccess} needs ${sstpService}, so a restart would not reach it.`;
}
