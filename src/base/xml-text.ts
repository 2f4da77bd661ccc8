/**
 * Text for the inside of an element or of a quoted attribute value. White space other than blanks is written as a
 * character reference, which is the only form that survives reading.
 * @throws TypeError for characters that XML cannot hold in any form
 */
export function escapeXml(text: string): string {
  if (impossible.test(text)) throw new TypeError('the text holds characters that XML cannot carry');
  return text.replace(/[&<>"'\t\n\r]/g, (character) => references[character] ?? `&#${character.charCodeAt(0)};`);
}

/** One element; an attribute that is `null` is left out, `content` is XML already. */
export function xmlElement(
  name: string,
  attributes: Readonly<Record<string, string | null>> = {},
  content: string | readonly string[] = '',
): string {
  const written = Object.entries(attributes)
    .flatMap(([key, value]) => (value === null ? [] : [` ${key}="${escapeXml(value)}"`]))
    .join('');
  const inside = typeof content === 'string' ? content : content.join('');
  return inside === '' ? `<${name}${written}/>` : `<${name}${written}>${inside}</${name}>`;
}

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const impossible = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Cs}/u;
