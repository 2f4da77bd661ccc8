import type { News } from '../model/documents/news.ts';

/** News for a person who reads plain text. */
export function newsText({ headline, lines, more, run, at, eventId, kind }: News): string {
  return [
    headline,
    '',
    ...lines,
    ...(more === 0 ? [] : [`… and ${more} more.`]),
    '',
    `At ${at}. ${run === null ? 'certrebind status tells more' : `certrebind history ${run} tells more`}, and certrebind explain ${kind} what the word means.`,
    `In the Application log: event ${eventId} of CertRebind.`,
    '',
  ].join('\n');
}
