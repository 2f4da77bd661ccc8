import { networkService } from '../../../kinds/key-access/key-access.ts';
import {
  brokerService,
  type GatewaySetting,
  type GatewayStored,
  gatewayClass,
  gatewayConnections,
  gatewayCore,
  gatewayHolder,
  gatewayKey,
  gatewayService,
  gatewaySetting,
  terminalServices,
} from '../../../kinds/rd-gateway/rd-gateway.ts';
import { anyAddressKeys } from '../../../kinds/record-key.ts';
import { iisAppId } from '../../../kinds/tls/certificate-binding.ts';
import { serviceAccount } from '../../../model/windows/service-account.ts';
import type { Connection, Outcome } from '../answers.ts';
import { findCertificate } from '../certificates.ts';
import { defaultOptions, fieldsOf, findEntry, putRecord, recordsAt } from '../http-sys.ts';
import type { LabState } from '../lab-state.ts';
import { classNow, registryKeyNow, textOf } from '../roles.ts';
import { isSameName, serviceNow, serviceSeen } from '../services.ts';
import { connect, unanswered, usable } from '../tls-resolution.ts';
import { refuse, windowsErrors } from '../windows-errors.ts';
import { readsKey } from './key-access.ts';
import type { Connecting, KindInLab } from './kind-in-lab.ts';

/** A method of `Win32_TSGatewayServerSettings`. */
interface SetGateway {
  readonly kind: 'set-rd-gateway';
  readonly method: (typeof gatewayMethods)[number];
  readonly hash: string;
}

/** Remote Desktop Gateway of a lab: an object of WMI, and the certificate bindings of its port. */
export const gatewayInLab: KindInLab<'rd-gateway', SetGateway> = {
  value: settingNow,
  standing(state, { records }) {
    const stored = storedNow(state);
    if (stored === null) return [];
    const channels = classNow(state, terminalServices, gatewayConnections);
    const service = {
      ...serviceSeen(state, gatewayService, null),
      runsAs: serviceAccount(gatewayService, serviceNow(state, gatewayService)?.account ?? ''),
      sessions: channels === null ? null : new Set(channels.map(({ TunnelId }) => TunnelId)).size,
    };
    return [gatewayHolder(stored, { records, service, isBroker: serviceNow(state, brokerService) !== null })];
  },
  put: ({ thumbprint }) => gatewayMethods.map((method) => ({ kind: 'set-rd-gateway', method, hash: thumbprint ?? '' })),
  own: { kind: 'set-rd-gateway', about: () => gatewayKey, apply: callGateway },
  services: { started: afterStartOfGateway, booted: (state) => afterStartOfGateway(state, gatewayService) },
  connect: connectGateway,
};

/** In the order in which they are called. */
const gatewayMethods = ['SetCertificateACL', 'SetCertificate', 'Configure', 'RefreshCertContext'] as const;

type Stored = Pick<LabState, 'roles' | 'httpSys' | 'switches'>;

function storedNow(state: Stored): GatewayStored | null {
  if (serviceNow(state, gatewayService) === null) return null;
  const [settings] = gatewayObjects(state) ?? [];
  return settings === undefined
    ? null
    : { port: portNow(state), hash: (settings.CertHash ?? '').slice(2).toUpperCase() };
}

function portNow(state: Stored): number {
  return Number(textOf(registryKeyNow(state, gatewayCore)?.values.HttpsPort)) || 443;
}

/** Whether the hash is one of its own, or that of the certificate binding (fidelity: gateway-record-is-hash). */
export function gatewayObjects(state: Stored): ReturnType<typeof classNow> {
  const objects = classNow(state, terminalServices, gatewayClass);
  if (state.switches['gateway-record-is-hash'] === 'own-value') return objects;
  const entry = findEntry(state.httpSys, anyAddressKeys(portNow(state))[0]);
  const bound = entry === null ? null : fieldsOf(entry).thumbprint;
  return objects?.map((one) => ({ ...one, CertHash: `0x${bound ?? ''}` })) ?? null;
}

function settingNow(state: Stored): GatewaySetting | null {
  const stored = storedNow(state);
  if (stored === null) return null;
  return gatewaySetting(stored, recordsAt(state, anyAddressKeys(stored.port)));
}

/** What its methods do (fidelity: gateway-system-denied, gateway-record-blocks, gateway-rewrites-record, gateway-self-restart). */
function callGateway(state: LabState, { method, hash }: SetGateway): Outcome {
  const stored = storedNow(state);
  const { roles, switches } = state;
  if (roles === undefined || stored === null) return refuse(state, windowsErrors.notFound);
  if (switches['gateway-system-denied'] === 'denied') return refuse(state, windowsErrors.accessDenied);
  if (method === 'Configure') return { state: switches['gateway-self-restart'] === 'no' ? state : restarted(state) };
  if (findCertificate(state, hash, 'My') === null) return refuse(state, windowsErrors.badParameter);
  if (method !== 'SetCertificate' || stored.hash === hash) return { state };
  const [first] = anyAddressKeys(stored.port);
  const entry = findEntry(state.httpSys, first);
  if (switches['gateway-record-blocks'] === 'refuses' && entry !== null && fieldsOf(entry).thumbprint !== hash)
    return refuse(state, windowsErrors.alreadyExists);
  const objects = (classNow(state, terminalServices, gatewayClass) ?? []).map((one) => ({
    ...one,
    CertHash: `0x${hash}`,
  }));
  const wire = { ...state.wire, services: { [gatewayService]: usedNow(state), ...state.wire.services } };
  const made = { ...defaultOptions, thumbprint: hash, store: 'MY', appId: iisAppId };
  const httpSys =
    switches['gateway-rewrites-record'] === 'kept' ? state.httpSys : putRecord(state.httpSys, first, made, switches);
  return { state: { ...state, wire, httpSys, roles: withObjects(roles, gatewayClass, objects) } };
}

/** Its sessions end, and it reads its certificate again. */
function restarted(state: LabState): LabState {
  const { roles } = state;
  return afterStartOfGateway(
    roles === undefined ? state : { ...state, roles: withObjects(roles, gatewayConnections, []) },
    gatewayService,
  );
}

type Objects = NonNullable<ReturnType<typeof classNow>>;

function withObjects(roles: NonNullable<LabState['roles']>, className: string, objects: Objects) {
  return { ...roles, classes: { ...roles.classes, [`${terminalServices}:${className}`]: objects } };
}

/** Its service reads its certificate when it starts, and answers nobody with one whose key it cannot open: events 102 and 103. */
function afterStartOfGateway(state: LabState, service: string): LabState {
  const stored = storedNow(state);
  if (stored === null || !isSameName(service, gatewayService)) return state;
  const hash = readsKey(state, stored.hash, networkService)
    ? usable(state, stored.hash, 'My', new Date(0).toISOString())
    : null;
  return { ...state, wire: { ...state.wire, services: { ...state.wire.services, [gatewayService]: hash ?? '' } } };
}

/** The certificate that its service has read; empty for none. */
export function usedNow(state: LabState): string {
  return state.wire.services?.[gatewayService] ?? storedNow(state)?.hash ?? '';
}

/** What a client that asks for a connection is answered; `null` for one that asks for anything else. */
function connectGateway(state: LabState, request: Connecting, now: string): Connection | null {
  const { service, ...plain } = request;
  if (service !== 'rdg') return null;
  const stored = storedNow(state);
  const isUp = serviceNow(state, gatewayService)?.state === 'started' && usedNow(state) !== '';
  const connection = connect(state, plain, now);
  if (connection.outcome !== 'served') return connection;
  if (stored?.port === request.port && isUp) return { ...connection, record: gatewayKey };
  return unanswered('Remote Desktop Gateway', state.switches['gateway-down-status']);
}
