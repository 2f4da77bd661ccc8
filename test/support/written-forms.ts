import { gunzipSync } from 'node:zlib';

/** Whether a text holds a word: as it is, in UTF-16, in Base64 as requests to PowerShell are, or packed besides as its replies are. */
export function holds(text: string, word: string): boolean {
  if (text.includes(word) || text.includes([...word].join('\0'))) return true;
  return Array.from(text.matchAll(/[A-Za-z0-9+/]{16,}={0,2}/g), ([found]) => {
    const bytes = Buffer.from(found, 'base64');
    try {
      return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
    } catch {
      return bytes;
    }
  }).some((bytes) => bytes.includes(word));
}
