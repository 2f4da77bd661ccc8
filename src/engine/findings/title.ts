import { shortened } from '../../base/safe-text.ts';
import { endsWords, placeWords } from '../../documents/notification.ts';
import type { Finding } from '../../documents/status.ts';
import { consumerText } from '../../kinds/consumer.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import { reportedKindOf } from '../../kinds/reported/reported.ts';
import { reportedRules } from '../../kinds/reported/reported-kinds.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { nameOf } from '../known/named-certificates.ts';
import type { Survey } from '../plan/server-survey.ts';

type Called = Pick<Survey, 'certificates' | 'consumers'>;

/** Begins with the place, which people know, or else with the name of the certificate; then what is wrong, until when. */
export function withTitle(found: Finding, survey: Called, now: string): Finding {
  const { code, key, keys, site, certificate, endsAt, missingNames, title, at } = found;
  const users = keys.length > 1 ? ` (${keys.length} places)` : '';
  const named = certificate === null ? null : `${nameText(certificate, survey)}${users}`;
  const about = site === null ? named : shortened(site);
  const place = key === null ? about : placeIn(placeText(key, survey), site, missingNames);
  const begin = place === null ? '' : `${place}${title.startsWith('is ') ? ' ' : ': '}`;
  const comesInTime = code === 'old-certificate-back' && at !== null && at < (endsAt ?? at);
  if (endsAt === null || code === 'certificate-expired' || comesInTime) return { ...found, title: `${begin}${title}` };
  const isOld = /\bnew(er)? certificate/.test(title);
  const what = title.endsWith('certificate') ? 'which' : isOld ? 'old one' : 'certificate';
  return { ...found, title: `${begin}${title}, ${what} ${endsWords(endsAt, now)}` };
}

/** A certificate is called by its host. */
function nameText(thumbprint: Thumbprint, { certificates }: Called): string {
  const [known] = certificates.get(thumbprint) ?? [];
  return known === undefined ? thumbprint : nameOf(known);
}

/** What is no site is called by its service; keys of what is only reported begin with a word of ours. */
function placeText(key: KeyText, { consumers }: Called): string {
  const consumer = consumers.get(key);
  if (consumer !== undefined) return consumerText(consumer);
  const kind = reportedKindOf(key);
  return kind === null ? placeWords(key) : `${reportedRules[kind].called} (${key.slice(kind.length + 1)})`;
}

/** A host that the rest of the title names is not said twice; where the name of the site is long, the host says enough. */
function placeIn(place: string, site: string | null, saidLater: readonly string[]): string {
  if (site === null || place.includes(site)) return place;
  if (saidLater.includes(place)) return shortened(site);
  return shortened(site) === site ? `${site} (${place})` : place;
}
