import type { Positive, Time } from '../base/document.ts';
import type { Thumbprint } from '../model/certificates/thumbprint.ts';
import { validateWatched } from './generated/validate-watched.js';
import { parserOf } from './parser-of.ts';

/** What looks at the watched folders found, by path. Kept, because nobody else looks there: a share may hang. */
export interface Watched {
  readonly schema: 'certrebind/watched/1';
  readonly folders: Readonly<Record<string, WatchedFolder>>;
}

export interface WatchedFolder {
  /** The last look that reached the folder; `null` before the first. */
  readonly lookedAt: Time | null;
  /** The last look, whether it did or not; absent in the first number of this document. */
  readonly triedAt?: Time;
  readonly unreachable: { readonly since: Time; readonly why: string } | null;
  readonly incomplete: readonly IncompleteFile[];
  /** The newest certificate of each set of names and kind of key that was ever there. */
  readonly newest: readonly KnownSet[];
}

export interface IncompleteFile {
  readonly path: string;
  readonly why: string;
  /** How many looks in a row found it so. */
  readonly looks: Positive;
}

export interface KnownSet {
  /** Sorted, with spaces. */
  readonly names: string;
  /** `RSA` or `EC`; absent in the first number of this document. */
  readonly keyType?: string;
  readonly thumbprint: Thumbprint;
  /** @pattern ^[0-9A-F]{64}$ */
  readonly sha256: string;
  readonly notBefore: Time;
  readonly notAfter: Time;
  /** When it was first seen whole. */
  readonly seenAt: Time;
  /** `found`: not judged yet; `unused`: it renews nothing here; `refused`: `why` says the reason; `taken`: never again by itself. */
  readonly state: 'found' | 'unused' | 'refused' | 'taken';
  readonly why: string | null;
  /** The thumbprint of an older one that is in its place now. */
  readonly wentBackTo: Thumbprint | null;
  /** Neither it nor an older one is there any more. It stays known, so that it is not taken again. */
  readonly gone?: true;
}

export const nothingWatched: Watched = { schema: 'certrebind/watched/1', folders: {} };
export const neverLooked: WatchedFolder = { lookedAt: null, unreachable: null, incomplete: [], newest: [] };

/** @throws CertRebindError `bad-document` or `other-version` */
export const parseWatched = parserOf<Watched>('certrebind/watched/1', validateWatched);
