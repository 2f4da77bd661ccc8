import { normaliseHost } from '../../model/certificates/host-name.ts';
import { canonicalIpv6, isIpv4 } from '../../model/certificates/ip-address.ts';
import { formatRecordKey, type KeyText, type RecordKey } from '../record-key.ts';

export type RunState = 'started' | 'stopped' | 'unknown';

/** IIS says Started, services say Running. */
export function runStateOf(text: string | undefined): RunState {
  switch (text?.toLowerCase()) {
    case 'started':
    case 'running':
      return 'started';
    case 'stopped':
      return 'stopped';
    default:
      return 'unknown';
  }
}

export interface Site {
  readonly name: string;
  readonly id: number | null;
  readonly state: RunState;
  readonly bindings: readonly Binding[];
}

/** One IIS site binding, as written in the configuration. */
export interface Binding {
  readonly protocol: string;
  /** `ip:port:host` exactly as written. */
  readonly information: string;
  /** The bit mask as written; bits this program knows no name for are kept. */
  readonly sslFlags: number;
  /** `null` if `information` cannot be read; such bindings are reported and never guessed. */
  readonly parts: BindingParts | null;
  /** The certificate binding that this binding uses; `null` for protocols without TLS and for unreadable bindings. */
  readonly recordKey: KeyText | null;
}

export interface BindingParts {
  /** `*` as in IIS, or a canonical address. */
  readonly address: string;
  readonly port: number;
  /** Lower case, A-labels; empty for none. */
  readonly host: string;
}

/**
 * Reads one binding as the configuration has it. Nothing is guessed: `information` of a web protocol that is not
 * `ip:port:host` has no parts, and other protocols (`net.tcp` `808:*`) have none by nature.
 */
export function parseBinding(protocol: string, information: string, sslFlags: number): Binding {
  const parts = parseParts(protocol, information);
  const secure = isHttps(protocol);
  const key = parts !== null && secure ? recordKeyOf(parts, sslFlags) : null;
  // An https binding without a key could belong to any record, so it is reported instead of half read.
  const readable = !secure || key !== null;
  return {
    protocol,
    information,
    sslFlags,
    parts: readable ? parts : null,
    recordKey: key === null ? null : formatRecordKey(key),
  };
}

export function isFtp(protocol: string): boolean {
  return protocol.trim().toLowerCase() === 'ftp';
}

export function isHttps(protocol: string): boolean {
  return protocol.trim().toLowerCase() === 'https';
}

/**
 * Which of the two lowest bits of `sslFlags` map a binding with this text to this record. They distinguish a binding
 * from one with the same text on a record of another table.
 */
export function flagsOnRecord(information: string, key: KeyText): readonly number[] {
  return [0, sniFlag, centralStoreFlag, sniFlag | centralStoreFlag].filter(
    (flags) => parseBinding('https', information, flags).recordKey === key,
  );
}

/** Bits of `sslFlags` that decide in which table the record is (fidelity: ssl-flags). */
const sniFlag = 1;
const centralStoreFlag = 2;

/** HTTP.SYS keeps one table for each way to find a certificate. The SNI flag without a host is a catch-all. */
function recordKeyOf(parts: BindingParts, sslFlags: number): RecordKey | null {
  const { address, port, host } = parts;
  if ((sslFlags & centralStoreFlag) !== 0) return { table: 'ccs', port };
  if ((sslFlags & sniFlag) === 0 || host === '') {
    return { table: 'ip', address: address === '*' ? '0.0.0.0' : address, port };
  }
  // No client sends an address as server name, and such a key would read like that of another record.
  return isIpv4(host) ? null : { table: 'sni', host, port };
}

const portProtocols: ReadonlySet<string> = new Set(['http', 'https', 'ftp']);
/** Address in brackets or without colons, port, host. */
const shape = /^(?:\[([^\][]*)\]\s*|([^:\][]*)):\s*(\d{1,5})\s*:([^:]*)$/;

function parseParts(protocol: string, information: string): BindingParts | null {
  if (!portProtocols.has(protocol.trim().toLowerCase())) return null;
  const [, bracketed, plain, digits, writtenHost = ''] = shape.exec(information.trim()) ?? [];
  const address = bracketed === undefined ? plainAddress(plain?.trim()) : canonicalIpv6(bracketed.trim());
  const port = Number(digits);
  const host = writtenHost.trim() === '' ? '' : normaliseHost(writtenHost);
  return address === null || host === null || !(port >= 1 && port <= 65535) ? null : { address, port, host };
}

/** A blank address means every address, as `*` does (fidelity: blank-address). */
function plainAddress(text: string | undefined): string | null {
  if (text === '' || text === '*') return '*';
  return text !== undefined && isIpv4(text) ? text : null;
}
