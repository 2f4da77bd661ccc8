import { momentText } from '../model/certificates/named-certificate.ts';
import type { News } from '../model/documents/news.ts';

/** News for a person who reads plain text. */
export function newsText({ headline, lines, more, run, at, eventId, kind, isTest = false }: News): string {
  const about = [
    `For details: ${run === null ? 'certrebind status' : `certrebind history ${run}`}. For the meaning of ${kind}: certrebind explain ${kind}.`,
    `In the Application log: event ${eventId} of CertRebind.`,
  ];
  return [
    headline,
    '',
    ...lines,
    ...(more === 0 ? [] : [`… and ${more} more.`]),
    ...(lines.length === 0 ? [] : ['']),
    `${momentText(at)}.`,
    ...(isTest ? [] : about),
    '',
  ].join('\n');
}
