import { normaliseStore } from '../../../certificates/store-name.ts';
import {
  type SmbMapping,
  smbMapping,
  smbOptions,
  smbQuicHolder,
  smbQuicKey,
  smbQuicPort,
  smbQuicState,
} from '../../../holders/smb-quic/smb-quic.ts';
import { findCertificate } from '../certificates.ts';
import type { LabState } from '../lab-state.ts';
import type { Connection, LabRequest, Outcome } from '../requests.ts';
import { classNow } from '../roles.ts';
import { usable } from '../tls-resolution.ts';
import { refuse, windowsErrors } from '../windows-errors.ts';
import { type Connecting, type KindInLab, nameInKey } from './kind-in-lab.ts';

const namespace = 'root/Microsoft/Windows/SMB';
const className = 'MSFT_SmbServerCertificateMapping';

/** What WMI tells of an option that nobody set. */
export const defaultSmbOptions = {
  Flags: '0',
  RequireClientAuthentication: 'False',
  SkipClientCertificateAccessCheck: 'False',
};

/** SMB over QUIC, whose mappings are objects of WMI. */
export const smbQuicInLab: KindInLab<'smb-quic'> = {
  read: () => ({ kind: 'read-class', namespace, className }),
  now(key, result) {
    if (result.kind !== 'class') return { state: 'unknown', why: 'the lab did not tell' };
    const value = (result.objects ?? []).map(mappingFrom).find(({ name }) => smbQuicKey(name) === key);
    return value === undefined ? { state: 'absent' } : { state: 'holds', holder: { kind: 'smb-quic', key, value } };
  },
  held: (state, key) => mappingOf(state, nameInKey(key))?.thumbprint ?? 'nothing',
  standing: (state) => mappingsOf(state).map((value) => smbQuicHolder(value, serverState(state))),
  put: ({ name, thumbprint, store, options }) => [
    { kind: 'set-smb-quic', name, hash: thumbprint ?? '', store, options },
  ],
  connect: connectSmbQuic,
  listens: (state) =>
    mappingsOf(state).length === 0 ? [] : [{ address: '0.0.0.0', port: smbQuicPort, service: 'smb' }],
};

/** What a switch does to the options that are not given, as in `Set-SmbServerCertificateMapping`. */
export function setSmbQuicCertificate(
  state: LabState,
  { name, hash, store, options }: Extract<LabRequest, { kind: 'set-smb-quic' }>,
): Outcome {
  const { roles } = state;
  const found = mappingOf(state, name);
  if (roles === undefined || found === null) return refuse(state, windowsErrors.notFound);
  if (findCertificate(state, hash, normaliseStore(store)) === null) return refuse(state, windowsErrors.badParameter);
  const others = state.switches['quic-mapping-params'] === 'kept' ? {} : defaultSmbOptions;
  const objects = (classNow(state, namespace, className) ?? []).map((one) =>
    one.Name === found.name ? { ...one, ...others, ...options, Thumbprint: hash, StoreName: store } : one,
  );
  const { smbQuic = {} } = state.wire;
  const isLate = state.switches['quic-takes-effect'] === 'after-restart';
  const wire = isLate ? { ...state.wire, smbQuic: { [found.name]: found.thumbprint ?? '', ...smbQuic } } : state.wire;
  return {
    state: {
      ...state,
      wire,
      roles: { ...roles, classes: { ...roles.classes, [`${namespace}:${className}`]: objects } },
    },
  };
}

/** The certificate that a client of SMB over QUIC gets there; `null` for a client of anything else. */
function connectSmbQuic(state: LabState, { serverName, service }: Connecting, now: string): Connection | null {
  if (service !== 'smb') return null;
  const mapping = serverName === null ? null : mappingOf(state, serverName);
  if (mappingsOf(state).length === 0 || serverState(state) === 'stopped') return { outcome: 'not-listening' };
  if (mapping === null) return { outcome: 'refused', why: 'SMB over QUIC has no certificate for that name' };
  const thumbprint = state.wire.smbQuic?.[mapping.name] ?? mapping.thumbprint ?? '';
  const served = usable(state, thumbprint, mapping.store, now);
  return served === null
    ? { outcome: 'refused', why: 'SMB over QUIC has no usable certificate' }
    : { outcome: 'served', thumbprint: served, record: smbQuicKey(mapping.name) };
}

function mappingsOf(state: Pick<LabState, 'roles'>): readonly SmbMapping[] {
  return (classNow(state, namespace, className) ?? []).map(mappingFrom);
}

function mappingOf(state: Pick<LabState, 'roles'>, name: string): SmbMapping | null {
  return mappingsOf(state).find((mapping) => mapping.name.toLowerCase() === name.toLowerCase()) ?? null;
}

function mappingFrom(one: Readonly<Record<string, string>>): SmbMapping {
  const { Name = '', Thumbprint = '', StoreName = 'My' } = one;
  return smbMapping(
    Name,
    Thumbprint,
    StoreName,
    smbOptions.map((option) => one[option] ?? ''),
  );
}

function serverState(state: Pick<LabState, 'roles'>) {
  return smbQuicState(classNow(state, namespace, 'MSFT_SmbServerConfiguration')?.[0]?.EnableSMBQUIC);
}
