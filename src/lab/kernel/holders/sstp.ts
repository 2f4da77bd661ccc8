import { createHash } from 'node:crypto';
import { anyAddressKeys } from '../../../kinds/record-key.ts';
import {
  remoteAccess,
  type SstpSetting,
  type SstpStored,
  sstpAppId,
  sstpHolder,
  sstpKey,
  sstpParameters,
  sstpService,
  sstpSetting,
} from '../../../kinds/sstp/sstp.ts';
import type { CertificateBinding } from '../../../kinds/tls/certificate-binding.ts';
import { normaliseStore } from '../../../model/certificates/store-name.ts';
import { rawBinary } from '../../../model/windows/raw-value.ts';
import type { Connection, Outcome } from '../answers.ts';
import { findCertificate } from '../certificates.ts';
import { defaultOptions, fieldsOf, findEntry, listEntries, putRecord, recordsAt, removeRecord } from '../http-sys.ts';
import type { LabState } from '../lab-state.ts';
import { classNow, registryKeyNow, textOf } from '../roles.ts';
import { serviceNow } from '../services.ts';
import { connect, unanswered } from '../tls-resolution.ts';
import { refuse, windowsErrors } from '../windows-errors.ts';
import type { Connecting, KindInLab } from './kind-in-lab.ts';

type Stored = Pick<LabState, 'roles' | 'certificates'>;
type Named = Stored & Pick<LabState, 'httpSys'>;

/** The hash that SSTP stores, of this certificate of My. */
interface SetSstp {
  readonly kind: 'set-sstp';
  readonly hash: string;
}

/** SSTP of a lab: values of the registry, which its service reads when it starts, and its certificate bindings. */
export const sstpInLab: KindInLab<'sstp', SetSstp> = {
  value: settingNow,
  standing(state, read) {
    const stored = storedNow(state);
    if (stored === null) return [];
    const own = serviceNow(state, sstpService);
    const whole = serviceNow(state, remoteAccess);
    const clients = classNow(state, namespace, 'PS_RemoteAccessConnectionStatistics');
    return [
      sstpHolder(stored, {
        ...read,
        state: (whole?.state === 'started' ? own?.state : whole?.state) ?? 'unknown',
        dependents: (own?.dependents ?? []).flatMap((one) => (one.state === 'started' ? one.name : [])),
        sessions: clients?.length ?? null,
      }),
    ];
  },
  put: ({ chosen, thumbprint }) => (chosen ? [{ kind: 'set-sstp', hash: thumbprint ?? '' }] : []),
  own: { kind: 'set-sstp', about: () => sstpKey, apply: setSstpHash },
  services: {
    uses: sstpUses,
    started: afterStartOfSstp,
    booted: (state) => [sstpService, remoteAccess].reduce(afterStartOfSstp, state),
  },
  connect: connectSstp,
};

const namespace = 'root/Microsoft/Windows/RemoteAccess';

/** `null` where SSTP stores no hash, or something before the server ends TLS. */
function storedNow(state: Stored): SstpStored | null {
  const values = registryKeyNow(state, sstpParameters)?.values ?? {};
  const [sha256, sha1, port] = [values.SHA256CertificateHash, values.SHA1CertificateHash, values.ListenerPort].map(
    textOf,
  );
  if (sha256 === '' || textOf(values.UseHttps) === '0') return null;
  const found = state.certificates.find(({ der, store }) => normaliseStore(store) === 'My' && sha256Of(der) === sha256);
  return {
    port: Number(port) || 443,
    chosen: !['', '0'].includes(textOf(values.isHashConfiguredByAdmin)),
    sha256Of: found?.thumbprint ?? '',
    sha1: sha1 ?? '',
  };
}

function settingNow(state: Named): SstpSetting | null {
  const stored = storedNow(state);
  return stored === null ? null : sstpSetting(stored, recordsNow(state, stored.port));
}

function recordsNow(state: Pick<LabState, 'httpSys'>, port: number): readonly CertificateBinding[] {
  return recordsAt(state, anyAddressKeys(port));
}

function sha256Of(der: string): string {
  return createHash('sha256').update(Buffer.from(der, 'base64')).digest('hex').toUpperCase();
}

/** The registry takes any hash, and the service goes on with the one that it has read. */
function setSstpHash(state: LabState, { hash }: SetSstp): Outcome {
  const found = findCertificate(state, hash, 'My');
  return found === null ? refuse(state, windowsErrors.notFound) : { state: storing(state, found) };
}

function storing(state: LabState, { der, thumbprint }: LabState['certificates'][number]): LabState {
  const { roles } = state;
  const values = roles?.registry[sstpParameters];
  if (roles === undefined || values === undefined) return state;
  const hashes = {
    SHA256CertificateHash: rawBinary(Buffer.from(sha256Of(der), 'hex')),
    ...(values.SHA1CertificateHash === undefined
      ? {}
      : { SHA1CertificateHash: rawBinary(Buffer.from(thumbprint, 'hex')) }),
  };
  const wire = { ...state.wire, services: { ...sstpUses(state), ...state.wire.services } };
  return {
    ...state,
    wire,
    roles: { ...roles, registry: { ...roles.registry, [sstpParameters]: { ...values, ...hashes } } },
  };
}

/** The certificate whose hash clients have to send: the one that was read at the last start; empty where it does not listen. */
export function sstpUses(state: Stored): Readonly<Record<string, string>> {
  const stored = storedNow(state);
  return stored === null ? {} : { [sstpService]: stored.sha256Of };
}

/** What the start of a service makes of certificate bindings and hash (fidelity: sstp-modes, sstp-deletes-orphans, sstp-init-service). */
function afterStartOfSstp(state: LabState, service: string): LabState {
  const stored = storedNow(state);
  const { switches } = state;
  const starter = switches['sstp-init-service'] === 'remote-access' ? remoteAccess : sstpService;
  if (stored === null || service.toLowerCase() !== starter.toLowerCase()) return state;
  const before = state.wire.services?.[sstpService] ?? sstpUses(state)[sstpService];
  const kept = { ...state, httpSys: withoutOrphans(state, stored.port) };
  const [first, second] = recordsNow(kept, stored.port);
  const wanted = stored.chosen ? stored.sha256Of : agreed(first, second);
  const certificate = findCertificate(kept, wanted ?? '', 'My');
  const tables = certificate === null ? null : takenOver(kept, stored.port, certificate.thumbprint);
  // It does not listen: events 24, 25 and 32 of RasSstp.
  if (certificate === null || tables === null) return using(kept, '');
  const set = { ...kept, httpSys: tables };
  const storesHash = stored.chosen || switches['sstp-default-mode'] === 'stores-hash';
  const isLate = switches['sstp-second-restart'] === 'needed' && before !== '' && before !== certificate.thumbprint;
  return using(storesHash ? storing(set, certificate) : set, isLate ? '' : certificate.thumbprint);
}

function using(state: LabState, thumbprint: string): LabState {
  return { ...state, wire: { ...state.wire, services: { ...state.wire.services, [sstpService]: thumbprint } } };
}

/** Without a person's choice it is the certificate of both bindings, or that of the one that is there, or of the other's where one is its own. */
function agreed(first: CertificateBinding | undefined, second: CertificateBinding | undefined): string | null {
  if (first === undefined || second === undefined || first.thumbprint === second.thumbprint)
    return (first ?? second)?.thumbprint ?? null;
  const others = [first, second].filter(({ appId }) => appId !== sstpAppId);
  return others.length === 1 ? (others[0]?.thumbprint ?? null) : null;
}

/** Both certificate bindings with that certificate, its own ones made again where they have another; `null` where one of another program has. */
function takenOver(state: LabState, port: number, thumbprint: string): LabState['httpSys'] | null {
  let tables = state.httpSys;
  for (const key of anyAddressKeys(port)) {
    const entry = findEntry(tables, key);
    const fields = entry === null ? null : fieldsOf(entry);
    if (fields?.thumbprint === thumbprint) continue;
    if (fields !== null && fields.appId !== sstpAppId) return null;
    const made = { ...defaultOptions, thumbprint, store: 'MY', appId: sstpAppId };
    tables = putRecord(tables, key, made, state.switches);
  }
  return tables;
}

function withoutOrphans(state: LabState, port: number): LabState['httpSys'] {
  if (state.switches['sstp-deletes-orphans'] === 'kept') return state.httpSys;
  return listEntries(state.httpSys).reduce((tables, { key, entry }) => {
    const { thumbprint, store } = fieldsOf(entry);
    const isThere = thumbprint === null || findCertificate(state, thumbprint, store ?? 'My') !== null;
    return key.endsWith(`:${port}`) && !isThere ? removeRecord(tables, key) : tables;
  }, state.httpSys);
}

/** What a client that asks for a tunnel is answered; `null` for one that asks for anything else. */
function connectSstp(state: LabState, request: Connecting, now: string): Connection | null {
  const { service, ...plain } = request;
  if (service !== 'sstp') return null;
  const stored = storedNow(state);
  const isUp = [sstpService, remoteAccess].every((one) => serviceNow(state, one)?.state === 'started');
  const uses = state.wire.services?.[sstpService] ?? stored?.sha256Of ?? '';
  const answers = stored?.port === request.port && isUp && uses !== '' && state.switches['sstp-ports-full'] === 'free';
  const connection = connect(state, plain, now);
  if (connection.outcome !== 'served') return connection;
  if (answers) return { ...connection, record: sstpKey };
  return unanswered('SSTP', state.switches['sstp-down-status']);
}
