import { canonicalIpv6, isIpv4 } from '../../certificates/ip-address.ts';
import { type Thumbprint, toThumbprint } from '../../certificates/thumbprint.ts';
import type { MovableKindRules, NamesCertificate } from '../kind-rules.ts';
import { formatRecordKey, type KeyText } from '../record-key.ts';
import type { Management } from '../snapshot.ts';
import { iisAppId, lostOrChangedOptions, type TlsRecord, withCertificate } from '../tls/tls-record.ts';

/**
 * The Web Management Service. Its certificate is stored in two places: clients get the one of the TLS record of its
 * port, and IIS Manager shows the one of the registry. Thumbprint and store are those of the record.
 */
export interface WmsvcSetting extends NamesCertificate {
  readonly port: number;
  readonly record: TlsRecord;
  /** What the registry names; `null` if it names none. */
  readonly listed: Thumbprint | null;
}

/** It takes its certificate from the store My (fidelity: wmsvc-setting). */
const store = 'My';

/** Where the registry names no port (fidelity: wmsvc-setting). */
export const wmsvcPort = 8172;

/**
 * A record at its port does not belong to it if an IIS binding uses it, or IIS created it. The registry value is
 * changed with the record if both named the same certificate, and stays otherwise.
 */
export const wmsvcRules: MovableKindRules<'wmsvc', WmsvcSetting> = {
  prefix: 'wmsvc/',
  plural: 'the Web Management Service',
  part: 'others',
  stores: [store],
  isAdminChannel: true,
  differences: (wanted, found) => [
    ...(wanted.port === found.port ? [] : ['port']),
    ...lostOrChangedOptions(wanted.record, found.record),
    ...(wanted.listed === found.listed || (agrees(wanted) && agrees(found)) ? [] : ['registry value']),
  ],
  withCertificate: (value, thumbprint, wantedStore) => {
    const record = withCertificate(value.record, thumbprint, wantedStore);
    return { ...value, thumbprint, store: record.store, record, listed: agrees(value) ? thumbprint : value.listed };
  },
  standing: ({ others, records, sites }) =>
    others.flatMap(({ thumbprint, consumer, management }) => {
      if (consumer.kind !== 'wmsvc' || management === undefined) return [];
      const value = wmsvcSetting(management, thumbprint, records);
      if (value === null) return [];
      const { key, appId } = value.record;
      const isOfIis = sites.some(({ bindings }) => bindings.some(({ recordKey }) => recordKey === key));
      if (isOfIis || appId === iisAppId) return [];
      const endpoint = { address: addressOf(management) ?? '0.0.0.0', port: value.port, serverName: null };
      const place = { endpoint, host: '', site: consumer.detail, state: management.state };
      return [{ holder: { kind: 'wmsvc', key: wmsvcKey(value.port), value }, consumer, places: [place] }];
    }),
};

export function wmsvcKey(port: number): KeyText {
  return `wmsvc/${port}` as KeyText;
}

/** The keys under which its TLS record may stand: that of its own address, then that of any. */
export function wmsvcRecordKeys({ address, port }: Pick<Management, 'address' | 'port'>): readonly KeyText[] {
  const own = addressOf({ address });
  const any = { table: 'ip', address: '0.0.0.0', port } as const;
  return [...(own === null ? [] : [{ ...any, address: own }]), any].map(formatRecordKey);
}

/**
 * @param listed the hash of the registry as it was read, in any letter case; empty for none
 * @returns `null` if there is no record at its port, so that no client gets a certificate there
 */
export function wmsvcSetting(
  management: Pick<Management, 'address' | 'port'>,
  listed: string,
  records: readonly TlsRecord[],
): WmsvcSetting | null {
  const record = wmsvcRecordKeys(management)
    .map((key) => records.find((one) => one.key === key))
    .find((one) => one !== undefined);
  if (record === undefined) return null;
  const { thumbprint } = record;
  return { port: management.port, thumbprint, store: record.store, record, listed: toThumbprint(listed) };
}

/** `null` for any address, which is written `*`. */
function addressOf({ address }: Pick<Management, 'address'>): string | null {
  return isIpv4(address) && address !== '0.0.0.0' ? address : canonicalIpv6(address);
}

function agrees({ thumbprint, listed }: WmsvcSetting): boolean {
  return thumbprint === listed;
}
