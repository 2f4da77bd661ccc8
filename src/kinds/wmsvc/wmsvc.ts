import { canonicalAddress } from '../../model/certificates/ip-address.ts';
import { type Thumbprint, toThumbprint } from '../../model/certificates/thumbprint.ts';
import type { RunState, Site } from '../iis/binding.ts';
import { listening, type MovableKindRules, type NamesCertificate, type Standing } from '../kind-rules.ts';
import { formatRecordKey, holderKey, type KeyText } from '../record-key.ts';
import { anonymisedRecord } from '../tls/anonymise.ts';
import {
  type CertificateBinding,
  iisAppId,
  lostOrChangedOptions,
  withCertificate,
} from '../tls/certificate-binding.ts';

/**
 * The Web Management Service. Its certificate is stored in two places: clients get the one of the certificate binding of its
 * port, and IIS Manager shows the one of the registry. Thumbprint and store are those of the record.
 */
export interface WmsvcSetting extends NamesCertificate {
  readonly port: number;
  /** `null` if no record at its port is its own: then nobody can tell which certificate clients get. */
  readonly record: CertificateBinding | null;
  /** What the registry names; `null` if it names none. */
  readonly listed: Thumbprint | null;
}

/** Where clients connect to it. */
export interface Management {
  readonly port: number;
  /** As written; `*` for any. */
  readonly address: string;
  /** Of the service. */
  readonly state: RunState;
}

/** It takes its certificate from the store My (fidelity: wmsvc-setting). */
const store = 'My';

/** Where the registry names no port (fidelity: wmsvc-setting). */
export const wmsvcPort = 8172;

/** The registry value is changed with the record if both named the same certificate, and stays otherwise. */
export const wmsvcRules: MovableKindRules<'wmsvc', WmsvcSetting> = {
  ...listening(() => 'Web Management Service'),
  plural: 'the Web Management Service',
  isAdminChannel: true,
  anonymised: ({ port, record, listed }, names) => ({
    port,
    record: record === null ? null : anonymisedRecord(record, names),
    listed: listed === null ? null : names.thumbprint(listed),
  }),
  anonymisedName: (port) => port,
  owner: () => 'The Web Management Service',
  alsoNames: ({ listed }) => (listed === null ? [] : [listed]),
  records: ({ record }) => (record === null ? [] : [record]),
  isOwn: ({ record }) => record !== null,
  differences: (wanted, found) => [
    ...(wanted.port === found.port ? [] : ['port']),
    ...(wanted.record === null || found.record === null
      ? ['certificate binding']
      : lostOrChangedOptions(wanted.record, found.record)),
    ...(wanted.listed === found.listed || (agrees(wanted) && agrees(found)) ? [] : ['registry value']),
  ],
  withCertificate: (value, thumbprint, wantedStore) => {
    const record = value.record === null ? null : withCertificate(value.record, thumbprint, wantedStore);
    const listed = agrees(value) ? thumbprint : value.listed;
    return { ...value, thumbprint, store: record?.store ?? store, record, listed };
  },
};

/**
 * A record at its port does not belong to it if an IIS binding uses it, or IIS created it.
 * @param listed the hash of the registry as it was read, in any letter case; empty for none
 */
export function wmsvcHolder(
  management: Management,
  listed: string,
  { records, sites }: { readonly records: readonly CertificateBinding[]; readonly sites: readonly Site[] },
): Standing<'wmsvc', WmsvcSetting> {
  const { port, state } = management;
  const found = wmsvcSetting(management, listed, records);
  const { record } = found ?? { record: null };
  const isOfIis =
    record?.appId === iisAppId ||
    sites.some(({ bindings }) => bindings.some(({ recordKey }) => recordKey !== null && recordKey === record?.key));
  const thumbprint = toThumbprint(listed);
  return {
    kind: 'wmsvc',
    key: wmsvcKey(port),
    value: found === null || isOfIis ? { port, thumbprint, store, record: null, listed: thumbprint } : found,
    listens: { address: addressOf(management) ?? '*', port, state },
  };
}

export function wmsvcKey(port: number): KeyText {
  return holderKey('wmsvc', `${port}`);
}

/** The keys under which its certificate binding may stand: that of its own address, then that of any. */
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
  records: readonly CertificateBinding[],
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
  return address === '0.0.0.0' ? null : canonicalAddress(address);
}

function agrees({ thumbprint, listed }: WmsvcSetting): boolean {
  return thumbprint === listed;
}
