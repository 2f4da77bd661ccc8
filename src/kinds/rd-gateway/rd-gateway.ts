import { toThumbprint } from '../../model/certificates/thumbprint.ts';
import { type ByHand, listening, type MovableKindRules, type ServiceSeen, type Standing } from '../kind-rules.ts';
import { anyAddressKeys, holderKey } from '../record-key.ts';
import { type CertificateBinding, differencesOf } from '../tls/certificate-binding.ts';
import { rulesWithRecords, type WithRecords } from '../tls/with-records.ts';

/**
 * Remote Desktop Gateway. Clients get the certificate of the certificate bindings of its port, which are those of IIS as a rule;
 * its service opens the one that its own setting names (fidelity: gateway-setting). Its thumbprint is that of the first binding,
 * and the one for IPv6 is part of it only where it names the same certificate.
 */
export type GatewaySetting = WithRecords;

/** What Windows tells of it. */
export interface GatewayStored {
  readonly port: number;
  /** `CertHash`, in hexadecimal digits. */
  readonly hash: string;
}

/** What is known of it beside its certificate. */
export interface GatewayFacts {
  readonly records: readonly CertificateBinding[];
  readonly service: Omit<ServiceSeen, 'name' | 'refuses'>;
  /** A connection broker of Remote Desktop Services runs here. */
  readonly isBroker: boolean;
}

export const gatewayService = 'TSGateway';
export const gatewayKey = holderKey('rd-gateway', gatewayService);
/** The service of a connection broker. */
export const brokerService = 'Tssdis';
/** Below HKEY_LOCAL_MACHINE, with `HttpsPort` where it is not 443. */
export const gatewayCore = 'SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\TerminalServerGateway\\Config\\Core';
export const terminalServices = 'root/CIMV2/TerminalServices';
export const gatewayClass = 'Win32_TSGatewayServerSettings';
/** An object for each channel; a session has several of them. */
export const gatewayConnections = 'Win32_TSGatewayConnection';

const store = 'My';

const called = 'Remote Desktop Gateway';

export const gatewayRules: MovableKindRules<'rd-gateway', GatewaySetting> = {
  ...listening(() => called, 'rdg'),
  ...rulesWithRecords,
  plural: called,
  anonymisedName: (name) => name,
  owner: () => called,
  differences: (wanted, found) => [
    ...(wanted.port === found.port ? [] : ['port']),
    ...(wanted.listed === found.listed ? [] : ['its own setting']),
    ...differencesOf(wanted.records, found.records),
  ],
  restarts: {
    notInUse: ({ thumbprint, listed }) =>
      listed === thumbprint ? null : `Its own setting names ${listed ?? 'no certificate'}.`,
    lastResort: () => null,
    byHand: (_value, _service, successor): ByHand => ({
      command: `Import-Module RemoteDesktopServices; Set-Item RDS:\\GatewayServer\\SSLCertificate\\Thumbprint -Value ${successor ?? '<new thumbprint>'} -ErrorAction Stop; Restart-Service ${gatewayService} -Force`,
      besides: 'This also changes the certificate binding of port 443, and ends all sessions through the gateway.',
    }),
  },
};

/** @param records those of its port, or more */
export function gatewaySetting({ port, hash }: GatewayStored, records: readonly CertificateBinding[]): GatewaySetting {
  const [ipv4, ipv6] = anyAddressKeys(port).map((key) => records.find((one) => one.key === key));
  const own = [ipv4, ipv6].flatMap((one) =>
    one !== undefined && one.thumbprint === ipv4?.thumbprint && one.store === ipv4.store ? one : [],
  );
  const listed = toThumbprint(hash);
  return { port, records: own, listed, thumbprint: own[0]?.thumbprint ?? listed, store: own[0]?.store ?? store };
}

export function gatewayHolder(stored: GatewayStored, facts: GatewayFacts): Standing<'rd-gateway', GatewaySetting> {
  const { runsAs, ...service } = facts.service;
  const found = gatewaySetting(stored, facts.records);
  // Certificate bindings with another certificate are none of its own: a person changed one of the two.
  const value = found.listed === found.thumbprint ? found : { ...found, records: [], thumbprint: found.listed, store };
  const refuses = whyNever(value, facts);
  // Whether its process has a SID of its own is not known, so that the account gets the right to read the key.
  const account = runsAs?.accountSid == null ? runsAs : { ...runsAs, serviceSid: runsAs.accountSid };
  return {
    kind: 'rd-gateway',
    key: gatewayKey,
    value,
    listens: { address: '*', port: value.port, state: service.state },
    service: {
      name: gatewayService,
      ...service,
      ...(account === undefined ? {} : { runsAs: account }),
      ...(refuses === null ? {} : { refuses }),
    },
  };
}

function whyNever({ port, records }: GatewaySetting, { isBroker }: GatewayFacts): string | null {
  if (isBroker)
    return 'This server is a connection broker, which hands the certificate of its deployment out to every gateway.';
  if (records.length === 0)
    return `No certificate binding ${anyAddressKeys(port)[0]} names the certificate of its own setting.`;
  return records.every((one) => one.store === store)
    ? null
    : `Its certificate binding takes its certificate from another store than ${store}.`;
}
