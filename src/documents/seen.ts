import type { Time } from '../base/document.ts';
import type { KeyText } from '../kinds/record-key.ts';
import type { ServedCertificate } from '../model/certificates/certificate.ts';
import type { Handshake } from '../model/certificates/handshake.ts';
import type { Thumbprint } from '../model/certificates/thumbprint.ts';
import { validateSeen } from './generated/validate-seen.js';
import { parserOf } from './parser-of.ts';

/** What each endpoint served when it was last dialled. It is shown, and changes nothing of what a run does. */
export interface Seen {
  readonly schema: 'certrebind/seen/1';
  readonly endpoints: readonly Sighting[];
}

export interface Sighting extends Omit<Handshake, 'attempts' | 'durationMs'> {
  readonly key: KeyText;
  /** What the holder named then; empty for the central store, whose records name nothing, and if it was not known. */
  readonly expected: Thumbprint | '';
  /** When it was dialled. */
  readonly at: Time;
  /** Since when every dial saw the same. */
  readonly since: Time;
  /** Of the central certificate store: nothing else tells of its files. */
  readonly certificate?: ServedCertificate;
}

export const nothingSeen: Seen = { schema: 'certrebind/seen/1', endpoints: [] };

export const parseSeen = parserOf<Seen>('certrebind/seen/1', validateSeen);
