// Stands in for string-width in the bundles. The real one builds a text segmenter and large Unicode expressions when it
// is loaded, a third of the start-up time, to measure emoji that our help does not contain. Ours counts code points.

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes start with the escape character.
const COLOUR_CODES = /\u001b\[[\d;]*m/g;

export default function stringWidth(text) {
  return [...String(text).replace(COLOUR_CODES, '')].length;
}
