import { CertRebindError } from '../../base/errors.ts';
import { decodeAs, sniffEncoding } from '../../base/text-encoding.ts';
import { bytesOf, type RawValue, type RegistryKey, rawDword, rawString } from '../../model/windows/raw-value.ts';

/** Type names in the order of their numbers in the registry. */
const registryTypes: readonly string[] = [
  'REG_NONE',
  'REG_SZ',
  'REG_EXPAND_SZ',
  'REG_BINARY',
  'REG_DWORD',
  'REG_DWORD_BIG_ENDIAN',
  'REG_LINK',
  'REG_MULTI_SZ',
  'REG_RESOURCE_LIST',
  'REG_FULL_RESOURCE_DESCRIPTOR',
  'REG_RESOURCE_REQUIREMENTS_LIST',
  'REG_QWORD',
];

/** An export of a server with 100,000 records is below this limit. */
const registrySizeLimit = 200 * 1024 * 1024;

/**
 * Reads what `reg export` and the registry editor write: version 5, in UTF-16 and also in UTF-8.
 * @throws CertRebindError `bad-input` naming the line that cannot be read
 */
export function parseRegistryExport(bytes: Uint8Array, where = 'registry export'): readonly RegistryKey[] {
  if (bytes.length > registrySizeLimit) {
    const message = `${where} is larger than ${registrySizeLimit / 1024 / 1024} MB.`;
    throw new CertRebindError('bad-input', { message, where });
  }
  return new ExportReader(decodeExport(bytes), where).read();
}

/** Writes keys as `reg export` does, version 5; encode it as UTF-16 with a byte order mark for Windows. */
export function formatRegistryExport(keys: readonly RegistryKey[]): string {
  const blocks = keys.map(({ path, values }) =>
    [`[${path}]`, ...Object.entries(values).map(([name, value]) => formatValue(name, value))].join('\r\n'),
  );
  return `${[headerVersion5, ...blocks].join('\r\n\r\n')}\r\n\r\n`;
}

const headerVersion5 = 'Windows Registry Editor Version 5.00';

function decodeExport(bytes: Uint8Array): string {
  switch (sniffEncoding(bytes)) {
    case 'utf-16le':
      // Not the strict decoder: a registry string may hold half of a surrogate pair.
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        .toString('utf16le')
        .replace(/^\uFEFF/, '');
    default:
      return decodeAs('utf-8', bytes) ?? '';
  }
}

/** A line's value: its name as written and in lower case, and its content. */
interface NamedValue {
  readonly name: string;
  readonly id: string;
  readonly content: RawValue;
}

/** By name in lower case, because the registry ignores letter case. */
type NamedValues = Map<string, NamedValue>;

/** Reads the text once from start to end; strings may span lines, so it is not read line by line. */
class ExportReader {
  readonly #text: string;
  readonly #where: string;
  readonly #keys = new Map<string, { path: string; values: NamedValues }>();
  /** Most lines of a table are the same few, and so are the hashes that take two; each is decoded once. */
  readonly #lines = new Map<string, NamedValue>();
  readonly #bytes = new Map<string, RawValue>();
  #at = 0;

  constructor(text: string, where: string) {
    this.#text = text;
    this.#where = where;
  }

  read(): readonly RegistryKey[] {
    this.#readHeader();
    let values: NamedValues | null = null;
    for (this.#skipBlanks(); this.#at < this.#text.length; this.#skipBlanks()) {
      if (this.#text[this.#at] === '[') values = this.#readKey();
      else if (values === null) throw this.#unreadable('a value before the first key');
      else this.#readValue(values);
    }
    return [...this.#keys.values()].map(({ path, values }) => ({ path, values: contents(values) }));
  }

  #readHeader(): void {
    this.#skipBlanks();
    if (this.#restOfLine().trim() !== headerVersion5) throw this.#unreadable('no header of a registry export');
    this.#skipLine();
  }

  #readKey(): NamedValues {
    const line = this.#restOfLine().trimEnd();
    const path = line.slice(1, -1);
    if (!line.endsWith(']') || path === '') throw this.#unreadable('a key without its closing bracket');
    this.#skipLine();
    const id = path.toLowerCase();
    const key = this.#keys.get(id) ?? { path, values: new Map() };
    this.#keys.set(id, key);
    return key.values;
  }

  #readValue(values: NamedValues): void {
    const value = this.#knownLine() ?? this.#newLine();
    const before = values.get(value.id);
    values.set(value.id, before === undefined ? value : { ...value, name: before.name });
  }

  #knownLine(): NamedValue | null {
    const end = this.#endOfLine();
    const known = this.#lines.get(this.#text.slice(this.#at, end));
    if (known === undefined) return null;
    this.#at = end;
    return known;
  }

  /** A value that spans several lines is not cached by its first line. */
  #newLine(): NamedValue {
    const line = this.#restOfLine();
    const end = this.#endOfLine();
    const name = this.#readName();
    if (this.#consume(equals) === null) throw this.#unreadable('a value without "="');
    const value = { name, id: name.toLowerCase(), content: this.#readContent() };
    if (this.#consume(endOfLine) === null) throw this.#unreadable('more text after a value');
    if (this.#at <= end + 1) this.#lines.set(line, value);
    return value;
  }

  #readName(): string {
    if (this.#text[this.#at] === '"') return this.#readQuoted();
    if (this.#text[this.#at] !== '@') throw this.#unreadable('neither a key nor a value');
    this.#at += 1;
    return '';
  }

  #readContent(): RawValue {
    if (this.#text[this.#at] === '"') return rawString(this.#readQuoted());
    const dword = this.#consume(dwordContent);
    if (dword !== null) return rawDword(Number.parseInt(dword[1] ?? '', 16));
    const hex = this.#consume(hexHead);
    if (hex === null) throw this.#unreadable('a value of a kind that is not known');
    const type = hex[1] === undefined ? 3 : Number.parseInt(hex[1], 16);
    const digits = this.#readHexLines();
    const written = `${type}:${digits}`;
    const value = this.#bytes.get(written) ?? this.#hexValue(type, digits);
    this.#bytes.set(written, value);
    return value;
  }

  #readHexLines(): string {
    let digits = '';
    for (;;) {
      digits += this.#consume(hexLine)?.[0] ?? '';
      if (this.#consume(continuation) === null) return digits;
    }
  }

  #hexValue(type: number, digits: string): RawValue {
    const hex = digits.replace(/[,\s]+/g, '');
    const bytes = Buffer.from(hex, 'hex');
    if (bytes.length * 2 !== hex.length) throw this.#unreadable('half a byte');
    return { type: registryTypes[type] ?? `REG_0x${type.toString(16)}`, base64: bytes.toString('base64') };
  }

  #readQuoted(): string {
    let text = '';
    let from = this.#at + 1;
    for (;;) {
      quoteOrEscape.lastIndex = from;
      const found = quoteOrEscape.exec(this.#text);
      if (found === null) throw this.#unreadable('a string without its closing quote');
      const plain = this.#text.slice(from, found.index);
      text = text === '' ? plain : text + plain;
      if (this.#text[found.index] === '"') {
        this.#at = found.index + 1;
        return text;
      }
      text += this.#text.charAt(found.index + 1);
      from = found.index + 2;
    }
  }

  #consume(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#at = pattern.lastIndex;
    return found;
  }

  #skipBlanks(): void {
    for (;;) {
      this.#consume(blanks);
      if (this.#text[this.#at] !== ';') return;
      this.#skipLine();
    }
  }

  #restOfLine(): string {
    return this.#text.slice(this.#at, this.#endOfLine());
  }

  #skipLine(): void {
    this.#at = this.#endOfLine();
  }

  #endOfLine(): number {
    const end = this.#text.indexOf('\n', this.#at);
    return end < 0 ? this.#text.length : end;
  }

  #unreadable(what: string): CertRebindError {
    const line = this.#text.slice(0, this.#at).split('\n').length;
    const where = `${this.#where}:${line}`;
    return new CertRebindError('bad-input', {
      message: `${where} cannot be read as a registry export: ${what}.`,
      where,
    });
  }
}

/** As `Object.fromEntries`, which would take a fifth of the whole reading time. */
function contents(values: NamedValues): RegistryKey['values'] {
  const byName: Record<string, RawValue> = {};
  for (const { name, content } of values.values()) {
    // A value may be called `__proto__`; a plain assignment would not create an own property.
    if (name === '__proto__') Object.defineProperty(byName, name, { ...ownProperty, value: content });
    else byName[name] = content;
  }
  return byName;
}

const ownProperty = { enumerable: true, writable: true, configurable: true };

const blanks = /\s*/y;
const equals = /[ \t]*=[ \t]*/y;
const endOfLine = /[ \t]*(?:\r?\n|\r|$)/y;
const dwordContent = /dword:([0-9a-f]{1,8})/iy;
const hexHead = /hex(?:\(([0-9a-f]{1,8})\))?:/iy;
const hexLine = /[0-9a-f, \t]*/iy;
const continuation = /\\[ \t]*\r?\n/y;
const quoteOrEscape = /["\\]/g;

function formatValue(name: string, value: RawValue): string {
  const label = name === '' ? '@' : quoted(name);
  const bytes = bytesOf(value);
  if (value.type === 'REG_DWORD' && bytes.length === 4) {
    return `${label}=dword:${bytes.readUInt32LE().toString(16).padStart(8, '0')}`;
  }
  const string = plainString(value, bytes);
  if (string !== null) return `${label}=${quoted(string)}`;
  const number = registryTypes.indexOf(value.type);
  const type = number < 0 ? value.type.replace(/^REG_0x/, '') : number.toString(16);
  return hexText(`${label}=hex${value.type === 'REG_BINARY' ? '' : `(${type})`}:`, bytes);
}

/** The text of a string that fits between quotes on one line and is read back byte for byte. */
function plainString(value: RawValue, bytes: Buffer): string | null {
  if (value.type !== 'REG_SZ' || bytes.length < 2) return null;
  const text = bytes.toString('utf16le', 0, bytes.length - 2);
  const whole = rawString(text).base64 === value.base64;
  return whole && !/[\p{Cc}\p{Surrogate}]/u.test(text) ? text : null;
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** Lines end before column 80, as the registry editor's do. */
function hexText(head: string, bytes: Buffer): string {
  const lines: string[] = [];
  let line = head;
  bytes.forEach((byte, index) => {
    const last = index === bytes.length - 1;
    line += `${byte.toString(16).padStart(2, '0')}${last ? '' : ','}`;
    if (!last && line.length >= 77) {
      lines.push(`${line}\\`);
      line = '  ';
    }
  });
  return [...lines, line].join('\r\n');
}
