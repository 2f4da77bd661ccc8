import type { Thumbprint } from '../../certificates/thumbprint.ts';
import { endsWords, placeWords } from '../../documents/news.ts';
import type { Finding } from '../../documents/status.ts';
import type { KeyText } from '../../holders/record-key.ts';
import { reportedKindOf } from '../../holders/reported/reported.ts';
import { reportedRules } from '../../holders/reported/reported-kinds.ts';

/** Begins with the place, which people know, or else with the name of the certificate; then what is wrong, until when. */
export function withTitle(found: Finding, nameOf: (thumbprint: Thumbprint) => string | null, now: string): Finding {
  const { code, key, keys, site, certificate, endsAt, title } = found;
  const users = keys.length > 1 ? ` (${keys.length} places)` : '';
  const about = site ?? (certificate === null ? null : `${nameOf(certificate) ?? certificate}${users}`);
  const place = key === null ? about : placeIn(placeText(key), site);
  const begin = place === null ? '' : `${place}${title.startsWith('is ') ? ' ' : ': '}`;
  if (endsAt === null || code === 'certificate-expired') return { ...found, title: `${begin}${title}` };
  const what = title.endsWith('certificate') ? 'which' : 'certificate';
  return { ...found, title: `${begin}${title}, ${what} ${endsWords(endsAt, now)}` };
}

/** Keys of what is only reported begin with a word of ours. */
function placeText(key: KeyText): string {
  const kind = reportedKindOf(key);
  return kind === null ? placeWords(key) : `${reportedRules[kind].called} (${key.slice(kind.length + 1)})`;
}

function placeIn(place: string, site: string | null): string {
  return site === null || place.includes(site) ? place : `${site} (${place})`;
}
