import fc from 'fast-check';

const surrogates = { from: 0xd800, count: 0x800 };

/** Any code point. `unit: 'binary'` draws the same from a table of all, which each process would fill: a second and 100 MB. */
export const anyCharacter = fc.integer({ min: 0, max: 0x10ffff - surrogates.count }).map(
  (at) => String.fromCodePoint(at < surrogates.from ? at : at + surrogates.count),
  (text) => {
    const code = String(text).codePointAt(0) ?? 0;
    return code < surrogates.from ? code : code - surrogates.count;
  },
);
