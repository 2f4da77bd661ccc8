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
