import { momentText } from '../../certificates/named-certificate.ts';
import type { News } from '../../documents/news.ts';

/** News for a person who reads plain text: what to type, then what happened, a paragraph for each cause. */
export function newsText({ headline, advice, lines, more, run, at, eventId, kind }: News): string {
  return [
    advice,
    `${headline}.`,
    ...lines,
    ...(more === 0 ? [] : [`… and ${more} more.`]),
    [
      `${momentText(at)}.`,
      ...(kind === 'test' || run === null ? [] : [`For details: certrebind history ${run}.`]),
      ...(eventId === null ? [] : [`In the Application log: event ${eventId} of CertRebind.`]),
      '',
    ].join('\n'),
  ].join('\n\n');
}
