import { distinct } from '../../base/order.ts';
import type { Configuration } from '../../documents/configuration.ts';
import type { Note, Obstacle } from '../../documents/runs/plan.ts';
import type { CertificateBinding } from '../../kinds/tls/certificate-binding.ts';
import { isKnown } from '../../kinds/unknown-parts.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { keyOf, type UsedBinding } from '../known/bindings-of-records.ts';
import { listeningAddress } from '../known/endpoints.ts';
import { namesOfRecord, whyExcluded } from '../known/exclusions.ts';
import { ownerOf } from '../known/owners.ts';
import type { RenewalPair } from '../known/renewal-pair.ts';
import { mayStandOn } from '../known/unreadable.ts';
import { lineForRecord } from './decide-reported.ts';
import type { PlanSurvey } from './decide-step.ts';

/** Why a record is never changed to this certificate: the configuration excludes it, no IIS binding uses it, or both. */
export function leftAlone(
  { key, thumbprint, appId }: CertificateBinding,
  bindings: readonly UsedBinding[],
  successor: Thumbprint | null,
  { exclude, applicationIds }: Configuration,
): readonly Obstacle[] {
  const excluded = whyExcluded(namesOfRecord(key, bindings), [thumbprint, successor], exclude);
  if (bindings.length > 0 || applicationIds.some((id) => id.toLowerCase() === appId.toLowerCase())) return excluded;
  const owner = ownerOf(appId);
  const id = owner === null ? `application id ${appId}` : `${owner}, application id ${appId}`;
  return [...excluded, { code: 'other-program', text: `No IIS binding uses it (${id}).` }];
}

/** If a record of IIS were taken for another product's, it would be left behind silently. */
export function whyRecordLeft(
  record: CertificateBinding,
  bindings: readonly UsedBinding[],
  pair: RenewalPair | undefined,
  { configuration, unreadableBindings }: PlanSurvey,
): readonly Obstacle[] {
  const left = leftAlone(record, bindings, pair?.renewal.new ?? null, configuration);
  const skip = left.at(-1);
  if (skip?.code !== 'other-program' || pair === undefined) return left;
  const excluded = left.slice(0, -1);
  if (mayStandOn(unreadableBindings, record)) {
    const text =
      'It has the application id of IIS. No binding that can be read uses it, but one that cannot be read may.';
    return [...excluded, { code: 'binding-unreadable', text }];
  }
  const { besides, command } = lineForRecord(record, pair.renewal);
  const text = besides == null ? skip.text : `${skip.text} ${besides}`;
  return [...excluded, { ...skip, text, ...(command === undefined ? {} : { command }) }];
}

export function notesOnRecord(
  record: CertificateBinding,
  bindings: readonly UsedBinding[],
  survey: PlanSurvey,
): readonly Note[] {
  const notes: Note[] = [];
  const hidden = hiddenByListenList(record, bindings, survey);
  if (hidden !== null) notes.push({ code: 'listen-list', text: hidden });
  notes.push(...stoppedNotes(bindings.flatMap(({ site, siteState }) => (siteState === 'stopped' ? site : []))));
  // Before a run, an unknown netsh is assumed to have the usual options; for a capture nothing is said about them.
  const inexpressible =
    isKnown(survey.snapshot, 'netsh') || survey.snapshot.server.kind !== 'replay' ? survey.inexpressible(record) : [];
  if (inexpressible.length > 0) {
    notes.push({
      code: 'not-restorable',
      text: `netsh on this server cannot write ${inexpressible.join(', ')}. It is changed in place, and an undo restores only its certificate.`,
    });
  }
  return notes;
}

export function stoppedNotes(sites: readonly string[]): readonly Note[] {
  const text = `Not tested, because the site is stopped: ${distinct(sites).join(', ')}.`;
  return sites.length === 0 ? [] : [{ code: 'site-stopped', text }];
}

/** Why no client reaches a record of any address; `null` if one does. */
function hiddenByListenList(
  { key }: CertificateBinding,
  bindings: readonly UsedBinding[],
  { snapshot, hasRecord }: PlanSurvey,
): string | null {
  const { listenOnly } = snapshot;
  const place = keyOf(key);
  const addresses = place.table === 'ip' ? [place.address] : bindings.map(({ parts }) => parts.address);
  const surroundings = { hasRecord, listenOnly };
  if (addresses.length === 0) return null;
  if (addresses.some((address) => listeningAddress(address, place.port, surroundings) !== null)) return null;
  return `Not tested, because HTTP.SYS listens only on ${listenOnly.join(', ')}, where other certificate bindings answer on port ${place.port}.`;
}
