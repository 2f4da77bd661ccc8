/** A registry value exactly as read: its type and its bytes. */
export interface RawValue {
  /** `REG_BINARY`, `REG_DWORD`, `REG_SZ` … as in the registry; `REG_0x…` for a type without a name. */
  readonly type: string;
  readonly base64: string;
}

/** A registry key with its own values; sub-keys are keys of their own. */
export interface RegistryKey {
  /** As exported, for example `HKEY_LOCAL_MACHINE\SYSTEM\…`. */
  readonly path: string;
  /** By value name as written; the default value has the name ``. */
  readonly values: Readonly<Record<string, RawValue>>;
}

/** A string as the registry stores it: UTF-16 with its terminator. */
export function rawString(text: string): RawValue {
  return { type: 'REG_SZ', base64: Buffer.from(`${text}\0`, 'utf16le').toString('base64') };
}

export function rawDword(value: number): RawValue {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return { type: 'REG_DWORD', base64: bytes.toString('base64') };
}

export function rawBinary(bytes: Uint8Array): RawValue {
  return { type: 'REG_BINARY', base64: Buffer.from(bytes).toString('base64') };
}

export function bytesOf(value: RawValue): Buffer {
  return Buffer.from(value.base64, 'base64');
}

/** The text of a string value without its terminators; `null` for other types and for an odd number of bytes. */
export function stringOf(value: RawValue): string | null {
  if (value.type !== 'REG_SZ' && value.type !== 'REG_EXPAND_SZ') return null;
  const bytes = bytesOf(value);
  if (bytes.length % 2 !== 0) return null;
  let end = bytes.length;
  while (end > 0 && bytes.readUInt16LE(end - 2) === 0) end -= 2;
  return bytes.toString('utf16le', 0, end);
}

/** The number of a DWORD value; `null` for other types and lengths. */
export function dwordOf(value: RawValue): number | null {
  if (value.type !== 'REG_DWORD') return null;
  const bytes = bytesOf(value);
  return bytes.length === 4 ? bytes.readUInt32LE() : null;
}

/** `{xxxxxxxx-…}` in lower case from the sixteen bytes of a Windows GUID; `null` for other lengths. */
export function guidOf(bytes: Uint8Array): string | null {
  if (bytes.length !== 16) return null;
  const hex = guidOrder.map((at) => (bytes[at] ?? 0).toString(16).padStart(2, '0')).join('');
  return `{${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}}`;
}

/** The sixteen bytes of a GUID's text; `null` when the text is none. */
export function guidBytes(text: string): Buffer | null {
  const hex = text.replace(/[{}-]/g, '');
  if (!/^[0-9A-Fa-f]{32}$/.test(hex)) return null;
  const written = Buffer.from(hex, 'hex');
  return Buffer.from(guidOrder.map((at) => written[at] ?? 0));
}

/** The first three groups are numbers, stored lowest byte first; the exchange is its own inverse. */
const guidOrder = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
