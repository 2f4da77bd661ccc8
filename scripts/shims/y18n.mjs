// Stands in for y18n in the bundles. The real one reads translations from a folder found relative to the executable, a
// place where somebody else may be able to put a file. Ours speaks English and reads nothing.

import { format } from 'node:util';

export default function y18n() {
  const replaced = new Map();
  const textFor = (original) => replaced.get(original) ?? original;

  return {
    locale: 'en',
    getLocale: () => 'en',
    setLocale() {},
    updateLocale(texts) {
      for (const [original, text] of Object.entries(texts)) replaced.set(original, text);
    },
    __: (original, ...values) => format(textFor(original), ...values),
    __n(one, many, count, ...values) {
      const text = textFor(count === 1 ? one : many);
      // Some texts name the count and some do not; format() would append a value that has no place.
      return text.includes('%d') ? format(text, count, ...values) : format(text, ...values);
    },
  };
}
