import { toThumbprint } from '../../model/certificates/thumbprint.ts';
import type { RecordFields } from './http-sys.ts';
import type { LabState } from './lab-state.ts';

/** Bits of `DefaultFlags` that netsh names (fidelity: http-sys-tables). */
export const flagBits = {
  dsMapper: 0x1,
  negotiateClientCertificate: 0x2,
  reject: 0x8,
  disableHttp2: 0x10,
  disableQuic: 0x20,
  disableTls13: 0x40,
  disableOcspStapling: 0x80,
  enableTokenBinding: 0x100,
  logExtendedEvents: 0x200,
  disableLegacyTls: 0x400,
  enableSessionTicket: 0x800,
  disableTls12: 0x1000,
  disableSessionId: 0x4000,
  cacheClientHello: 0x8000,
} as const;

/** Bits of `DefaultSslCertCheckMode`. */
export const checkBits = { noRevocation: 0x1, cachedOnly: 0x2, useFreshness: 0x4, noUsage: 0x10000 } as const;

/** Whether this host's netsh knows `update sslcert`, and the parameters its `add sslcert` lists (fidelity: netsh-options). */
export function netshAbilities(state: LabState): { readonly update: boolean; readonly options: readonly string[] } {
  return { update: hasUpdate(state), options: knownOptions(state.osBuild).map(({ name }) => name) };
}

interface Option {
  readonly name: string;
  readonly value: string;
  /** First OS build whose netsh knows it. */
  readonly since: number;
  readonly apply: (fields: RecordFields, value: string) => RecordFields | null;
}

const options: readonly Option[] = [
  { name: 'appid', value: '<GUID>', since: 0, apply: withAppId },
  { name: 'certhash', value: '<string>', since: 0, apply: withHash },
  text('certstorename', 'store'),
  // Verification is on by default, and the bit turns it off.
  check('verifyclientcertrevocation', checkBits.noRevocation, 'disable'),
  check('verifyrevocationwithcachedclientcertonly', checkBits.cachedOnly, 'enable'),
  check('usagecheck', checkBits.noUsage, 'disable'),
  { name: 'revocationfreshnesstime', value: '<u-int>', since: 0, apply: withFreshness },
  { name: 'urlretrievaltimeout', value: '<u-int>', since: 0, apply: withUrlTimeout },
  text('sslctlidentifier', 'ctlIdentifier'),
  text('sslctlstorename', 'ctlStoreName'),
  flag('dsmapperusage', flagBits.dsMapper, 0),
  flag('clientcertnegotiation', flagBits.negotiateClientCertificate, 0),
  flag('reject', flagBits.reject, 14393),
  flag('disablehttp2', flagBits.disableHttp2, 14393),
  flag('disablequic', flagBits.disableQuic, 17763),
  flag('disablelegacytls', flagBits.disableLegacyTls, 17763),
  flag('disabletls12', flagBits.disableTls12, 17763),
  flag('disabletls13', flagBits.disableTls13, 17763),
  flag('disableocspstapling', flagBits.disableOcspStapling, 17763),
  flag('enabletokenbinding', flagBits.enableTokenBinding, 20348),
  flag('logextendedevents', flagBits.logExtendedEvents, 20348),
  flag('enablesessionticket', flagBits.enableSessionTicket, 20348),
  flag('disablesessionid', flagBits.disableSessionId, 26100),
];

/** `netsh http update sslcert` sits on a call that appeared with build 15063 (fidelity: netsh-update-presence). */
export function hasUpdate({ osBuild, switches }: LabState): boolean {
  return osBuild >= 15063 || (osBuild >= 14393 && switches['netsh-update-on-2016'] === 'present');
}

/** The parameters of `add sslcert` on such a system, in the order of its help. */
export function knownOptions(osBuild: number): readonly Option[] {
  return options.filter(({ since }) => osBuild >= since);
}

function text(name: string, field: 'store' | 'ctlIdentifier' | 'ctlStoreName'): Option {
  return { name, value: '<string>', since: 0, apply: (fields, value) => ({ ...fields, [field]: value }) };
}

function flag(name: string, bit: number, since: number): Option {
  return onOrOff(name, since, (fields, on) => ({ ...fields, flags: withBit(fields.flags, bit, on) }));
}

function check(name: string, bit: number, sets: 'enable' | 'disable'): Option {
  return onOrOff(name, 0, (fields, on) => {
    return { ...fields, checkMode: withBit(fields.checkMode, bit, on === (sets === 'enable')) };
  });
}

function onOrOff(name: string, since: number, put: (fields: RecordFields, on: boolean) => RecordFields): Option {
  return {
    name,
    value: 'enable|disable',
    since,
    apply: (fields, value) => {
      const word = value.toLowerCase();
      if (word === 'enable' || word === 'yes') return put(fields, true);
      return word === 'disable' || word === 'no' ? put(fields, false) : null;
    },
  };
}

function withBit(bits: number, bit: number, on: boolean): number {
  return (on ? bits | bit : bits & ~bit) >>> 0;
}

function withHash(fields: RecordFields, hash: string): RecordFields | null {
  const thumbprint = /^[0-9A-Fa-f]{40}$/.test(hash) ? toThumbprint(hash) : null;
  return thumbprint === null ? null : { ...fields, thumbprint };
}

function withAppId(fields: RecordFields, appId: string): RecordFields | null {
  return /^\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}$/.test(appId)
    ? { ...fields, appId: appId.toLowerCase() }
    : null;
}

function withFreshness(fields: RecordFields, value: string): RecordFields | null {
  const freshnessSeconds = unsigned(value);
  if (freshnessSeconds === null) return null;
  const checkMode = withBit(fields.checkMode, checkBits.useFreshness, freshnessSeconds > 0);
  return { ...fields, freshnessSeconds, checkMode };
}

function withUrlTimeout(fields: RecordFields, value: string): RecordFields | null {
  const urlTimeoutMs = unsigned(value);
  return urlTimeoutMs === null ? null : { ...fields, urlTimeoutMs };
}

function unsigned(value: string): number | null {
  const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
  return number <= 0xffffffff ? number : null;
}
