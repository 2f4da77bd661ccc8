import { type KeyText, toRecordKey } from '../record-key.ts';
import type { NetshAbilities } from '../snapshot.ts';
import type { CertificateBinding } from './certificate-binding.ts';
import { checkModeBits, flagBits, isSet, type KnownBit, namesOfAllBits, unknownBits } from './tls-flags.ts';

export interface NetshOption {
  readonly name: string;
  readonly value: string;
}

/** What every netsh since Server 2012 R2 lists; used if a host was not asked (fidelity: netsh-options). */
const standingOptions: readonly string[] = [
  'verifyclientcertrevocation',
  'verifyrevocationwithcachedclientcertonly',
  'usagecheck',
  'revocationfreshnesstime',
  'urlretrievaltimeout',
  'sslctlidentifier',
  'sslctlstorename',
  'dsmapperusage',
  'clientcertnegotiation',
];

/** A check mode with this bit uses the freshness time; netsh has no parameter that sets the bit alone. */
const useFreshnessTime = 0x4;

/** The options that hold a time or a text; an empty value is not written. */
const valueOptions: readonly {
  readonly name: string;
  readonly textOf: (options: CertificateBinding['options']) => string;
}[] = [
  { name: 'revocationfreshnesstime', textOf: (options) => unlessZero(options.revocationFreshnessSeconds) },
  { name: 'urlretrievaltimeout', textOf: (options) => unlessZero(options.urlRetrievalTimeoutMs) },
  { name: 'sslctlidentifier', textOf: (options) => options.ctlIdentifier ?? '' },
  { name: 'sslctlstorename', textOf: (options) => options.ctlStoreName ?? '' },
];

/** Every parameter of `netsh http add sslcert` that this program knows by name. */
export const knownParameters: readonly string[] = [
  'ipport',
  'hostnameport',
  'ccs',
  'certhash',
  'certstorename',
  'appid',
  ...standingOptions,
  ...[...flagBits, ...checkModeBits].flatMap(({ netsh }) => (netsh === null ? [] : [netsh.parameter])),
];

/**
 * The whole record as parameters of `netsh http add sslcert` or `update sslcert`, its key first. Every option that the
 * host knows is named, since what netsh does with an unnamed one is not known; an option that the host does not list
 * is named only when the record has it set, and then `cannotExpress` says so. A zero time is left out: Server 2025
 * refuses it.
 * @param known parameter names that this host's netsh lists; `null` when it was not asked
 */
export function netshOptions(
  record: CertificateBinding,
  known: NetshAbilities['options'] = null,
): readonly NetshOption[] {
  const listed = new Set(known ?? standingOptions);
  const { options } = record;
  return [
    keyOption(record.key),
    ...textOption('certhash', record.thumbprint?.toLowerCase() ?? null),
    ...(record.thumbprint === null ? [] : textOption('certstorename', record.store)),
    { name: 'appid', value: record.appId },
    ...bitOptions(options.certCheckMode, checkModeBits, listed),
    ...valueOptions.flatMap(({ name, textOf }) => textOption(name, textOf(options))),
    ...bitOptions(options.flags, flagBits, listed),
  ];
}

/** The parameter that names a record to netsh. */
export function keyOption(key: KeyText): NetshOption {
  switch (toRecordKey(key)?.table) {
    case 'sni':
      return { name: 'hostnameport', value: key };
    case 'ccs':
      return { name: 'ccs', value: key.slice(key.lastIndexOf(':') + 1) };
    default:
      return { name: 'ipport', value: key };
  }
}

/** The options of this record that the host's netsh cannot write, by name; empty if it can be rolled back completely. */
export function cannotExpress(record: CertificateBinding, abilities: NetshAbilities): readonly string[] {
  return inexpressibleBy(abilities)(record);
}

/** `cannotExpress` for many records of one host. */
export function inexpressibleBy(abilities: NetshAbilities): (record: CertificateBinding) => readonly string[] {
  const listed = new Set(abilities.options ?? standingOptions);
  const unwritableFlags = unknownBits(0xffff_ffff, writableBits(flagBits, listed));
  const unlisted = valueOptions.filter(({ name }) => !listed.has(name));
  const unwritableChecks = unknownBits(~useFreshnessTime, writableBits(checkModeBits, listed));
  return ({ options, store }) => {
    const missing: string[] = [];
    for (const name of namesOfAllBits(options.flags & unwritableFlags, flagBits)) missing.push(`flag ${name}`);
    for (const name of namesOfAllBits(options.certCheckMode & unwritableChecks, checkModeBits)) {
      missing.push(`check-mode ${name}`);
    }
    if (isSet(options.certCheckMode, useFreshnessTime) !== options.revocationFreshnessSeconds > 0) {
      missing.push('check-mode use-freshness-time');
    }
    for (const { name, textOf } of unlisted) {
      if (textOf(options) !== '') missing.push(`option ${name}`);
    }
    for (const text of [options.ctlIdentifier, options.ctlStoreName, store]) {
      if (text !== null && unquotable.test(text)) missing.push(`text ${JSON.stringify(text)}`);
    }
    for (const name of options.unknownValues) missing.push(`value ${name}`);
    return missing;
  };
}

/** netsh parses its own command line; a quote or a control character in a value would change its meaning. */
const unquotable = /["\p{Cc}]/u;

function bitOptions(mask: number, bits: readonly KnownBit[], listed: ReadonlySet<string>): readonly NetshOption[] {
  return bits.flatMap(({ bit, netsh }) => {
    if (netsh === null || !(isSet(mask, bit) || listed.has(netsh.parameter))) return [];
    const opposite = netsh.set === 'enable' ? 'disable' : 'enable';
    return [{ name: netsh.parameter, value: isSet(mask, bit) ? netsh.set : opposite }];
  });
}

function textOption(name: string, value: string | null): readonly NetshOption[] {
  return value === null || value === '' ? [] : [{ name, value }];
}

function unlessZero(value: number): string {
  return value === 0 ? '' : String(value);
}

function writableBits(bits: readonly KnownBit[], listed: ReadonlySet<string>): readonly KnownBit[] {
  return bits.filter(({ netsh }) => netsh !== null && listed.has(netsh.parameter));
}
