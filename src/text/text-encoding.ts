/** What the first bytes of a text can show. */
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** The encoding that the first bytes show by a byte order mark or, for text that starts in ASCII, by its zero bytes. */
export function sniffEncoding(bytes: Uint8Array): Encoding | null {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a === undefined || b === undefined) return null;
  if (a !== 0 && b === 0) return 'utf-16le';
  return a === 0 && b !== 0 ? 'utf-16be' : null;
}

/** Decodes, and drops a byte order mark; `null` when the bytes are not text in this encoding. */
export function decodeAs(encoding: string, bytes: Uint8Array): string | null {
  const label = encoding.toLowerCase();
  const single = singleByte.get(label);
  if (single !== undefined) return decodeSingleBytes(single, bytes);
  try {
    return new TextDecoder(codePages.get(label) ?? label, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/**
 * Decodes what Windows tools write: Unicode as the first bytes show it, UTF-8, or else the code page of the machine that
 * it came from, as far as the bytes give it away. `null` when a byte order mark promises what does not follow.
 */
export function decodeText(bytes: Uint8Array): string | null {
  const shown = sniffEncoding(bytes);
  if (shown !== null) return decodeAs(shown, bytes);
  return decodeAs('utf-8', bytes) ?? decodeAnsi(bytes);
}

/** Text of a code page, which nothing names: two bytes a letter in East Asia, one elsewhere. */
export function decodeAnsi(bytes: Uint8Array): string {
  const asian = japanese(bytes) ?? (comesInPairs(bytes) ? eastAsian(bytes) : null);
  return asian ?? decodeSingleBytes(looksLikeConsole(bytes) ? upper850 : upper1252, bytes);
}

/** Names of code pages that decoders do not know, by those they do. */
const codePages: ReadonlyMap<string, string> = new Map(
  (
    [
      ['932', 'shift_jis'],
      ['936', 'gbk'],
      ['949', 'euc-kr'],
      ['950', 'big5'],
    ] as const
  ).flatMap(([page, label]) => [page, `cp${page}`, `ms${page}`].map((name) => [name, label] as const)),
);

/** The letters from 0x80 on. Node's own decoder of windows-1252 reads 0x80 to 0x9F as control characters. */
const upper1252 =
  '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ' +
  String.fromCharCode(...Array.from({ length: 96 }, (_, at) => 0xa0 + at));
const upper850 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00AD±‗¾¶§÷¸°¨·¹³²■\u00A0';

const singleByte: ReadonlyMap<string, string> = new Map([
  ...['windows-1252', 'cp1252', '1252', 'iso-8859-1', 'latin1'].map((name) => [name, upper1252] as const),
  ...['ibm850', 'cp850', '850'].map((name) => [name, upper850] as const),
]);

function decodeSingleBytes(upper: string, bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte < 0x80 ? String.fromCharCode(byte) : upper.charAt(byte - 0x80);
  return text;
}

/** Letters of two bytes follow one another; accented letters of one byte mostly stand alone between ASCII. */
function comesInPairs(bytes: Uint8Array): boolean {
  let high = 0;
  let beside = 0;
  bytes.forEach((byte, at) => {
    if (byte < 0x80) return;
    high++;
    if ((bytes[at - 1] ?? 0) >= 0x80 || (bytes[at + 1] ?? 0) >= 0x80) beside++;
  });
  return high > 1 && beside * 4 >= high * 3;
}

/** The second byte of kana is often ASCII. A single one may be an accented letter before a plain one; two are not. */
function japanese(bytes: Uint8Array): string | null {
  const text = decodeAs('932', bytes);
  return text !== null && /[\p{Script=Hiragana}\u30A1-\u30FE]{2}/u.test(text) ? text : null;
}

/** The first code page in whose own script most of the letters are. */
function eastAsian(bytes: Uint8Array): string | null {
  const hangul = decodeAs('949', bytes);
  if (hangul !== null && share(hangul, /\p{Script=Hangul}/gu) > 0.9) return hangul;
  // Simplified Chinese in daily use has both bytes above 0xA0; half of the traditional letters do not.
  const simplified = decodeAs('936', bytes);
  if (simplified !== null && bytes.every((byte) => byte < 0x80 || byte > 0xa0)) {
    if (share(simplified, /\p{Script=Han}/gu) > 0.5 && !hasLowSecondBytes(bytes)) return simplified;
  }
  return decodeAs('950', bytes) ?? simplified ?? hangul;
}

function hasLowSecondBytes(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) {
    if ((bytes[at] ?? 0) < 0x80) continue;
    at++;
    if ((bytes[at] ?? 0) < 0xa1) return true;
  }
  return false;
}

/** Of the letters beyond ASCII. */
function share(text: string, letters: RegExp): number {
  const all = text.match(/[^\p{ASCII}]/gu)?.length ?? 0;
  return all === 0 ? 0 : (text.match(letters)?.length ?? 0) / all;
}

/**
 * Where windows-1252 has signs, the console's code page has its letters; where windows-1252 has letters, the console
 * has box-drawing characters.
 */
function looksLikeConsole(bytes: Uint8Array): boolean {
  let console = 0;
  let windows = 0;
  for (const byte of bytes) {
    if (byte >= 0x80 && byte <= 0xa5) console++;
    else if (byte >= 0xc0) windows++;
  }
  return console > windows && !isSign(bytes);
}

/** Typographic signs of windows-1252 stand beside blanks and digits, letters beside letters. */
function isSign(bytes: Uint8Array): boolean {
  return bytes.every((byte, at) => {
    if (byte < 0x80) return true;
    const around = String.fromCharCode(bytes[at - 1] ?? 0x20, bytes[at + 1] ?? 0x20);
    return !/[A-Za-z]/.test(around);
  });
}
