import { CertRebindError } from '../base/errors.ts';
import { normaliseHost } from '../model/certificates/host-name.ts';
import { canonicalIpv6, isIpv4 } from '../model/certificates/ip-address.ts';

/** The three tables of HTTP.SYS: by address and port, by server name, and the central certificate store's by port. */
export type RecordKey =
  | { readonly table: 'ip'; readonly address: string; readonly port: number }
  | { readonly table: 'sni'; readonly host: string; readonly port: number }
  | { readonly table: 'ccs'; readonly port: number };

/**
 * A record key as one text, the form used in every document and as the key of maps:
 * `0.0.0.0:443`, `[2001:db8::1]:443`, `shop.example.com:443`, `(central-store):443`.
 * @pattern ^[^\u0000-\u001f\u007f]+$
 * @maxLength 300
 */
export type KeyText = string & { readonly __brand: 'KeyText' };

/** The key of what is no certificate binding: `<kind>/<name>`, with a slash, which no key of a binding has. */
export function holderKey(kind: string, name: string): KeyText {
  return `${kind}/${name}` as KeyText;
}

/** What stands behind the kind. */
export function nameInKey(key: string): string {
  return key.slice(key.indexOf('/') + 1);
}

const centralStore = '(central-store)';

export function formatRecordKey(key: RecordKey): KeyText {
  return `${hostPart(key)}:${key.port}` as KeyText;
}

/** Reads the text form; the address is put into canonical form (lower case, shortest IPv6), the host as every reader has it. */
export function toRecordKey(text: string): RecordKey | null {
  const match = /^(.*):(\d{1,5})$/s.exec(text.trim());
  if (match === null) return null;
  const host = match[1] ?? '';
  const port = Number(match[2]);
  if (port < 1 || port > 65535) return null;
  if (host === centralStore) return { table: 'ccs', port };
  if (host === '*') return { table: 'ip', address: '0.0.0.0', port };
  if (host.startsWith('[')) {
    const address = host.endsWith(']') ? canonicalIpv6(host.slice(1, -1)) : null;
    return address === null ? null : { table: 'ip', address, port };
  }
  if (isIpv4(host)) return { table: 'ip', address: host, port };
  if (host === '' || /[\s:[\]/\\]/.test(host)) return null;
  return { table: 'sni', host: normaliseHost(host) ?? host.toLowerCase(), port };
}

/** The source of a snapshot that names the folder with its files. */
export const centralStoreSource = 'central certificate store';

/** Whether the key is one of the central certificate store's, without reading the rest of it. */
export function isOfCentralStore(key: KeyText): boolean {
  return key.startsWith(`${centralStore}:`);
}

/** The keys of the certificate bindings of any address, for IPv4 and IPv6. */
export function anyAddressKeys(port: number): readonly [KeyText, KeyText] {
  const keyOf = (address: string) => formatRecordKey({ table: 'ip', address, port });
  return [keyOf('0.0.0.0'), keyOf('::')];
}

/** @throws CertRebindError `bad-input` when the text is not a record key */
export function parseRecordKey(text: string, where: string): RecordKey {
  const key = toRecordKey(text);
  if (key !== null) return key;
  throw new CertRebindError('bad-input', {
    message: `${JSON.stringify(text.slice(0, 200))} is not the key of a certificate binding. Use address:port, [IPv6]:port, host:port or ${centralStore}:port.`,
    where,
  });
}

function hostPart(key: RecordKey): string {
  switch (key.table) {
    case 'ip':
      return key.address.includes(':') ? `[${key.address}]` : key.address;
    case 'sni':
      return key.host;
    case 'ccs':
      return centralStore;
  }
}
