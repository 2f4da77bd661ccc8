import type { Endpoint } from '../certificates/handshake.ts';
import type { Thumbprint } from '../certificates/thumbprint.ts';
import type { Consumer } from './consumer.ts';
import type { RunState, Site } from './iis/binding.ts';
import type { KeyText } from './record-key.ts';
import type { PartName } from './unknown-parts.ts';

/** What every holder's value says of its certificate. */
export interface NamesCertificate {
  /** `null` if it names none. */
  readonly thumbprint: Thumbprint | null;
  /** Of the local machine; empty for a holder that keeps its certificate itself. */
  readonly store: string;
}

/** The pseudonyms under which a server is shown to strangers: each name has the same one everywhere. */
export interface Names {
  thumbprint(written: Thumbprint): Thumbprint;
  /** Of a SHA-1 or a SHA-256. */
  hash(written: string): string;
  address(written: string): string;
  host(written: string): string;
  site(written: string): string;
  store(written: string): string;
  /** Of any other text. */
  text(written: string): string;
  /** Of a value of the registry that is not known. */
  value(written: string): string;
}

/** What tells a kind of holder from the others: pure functions of its value. */
export interface KindRules<Value extends NamesCertificate> {
  /** Every difference but the certificate and its store, by name. */
  differences(wanted: Value, found: Value): readonly string[];
  /** The same value with another certificate. */
  withCertificate(value: Value, thumbprint: Thumbprint, store: string): Value;
}

/** Whether this session came in through a listener of the server. */
export type CarriesRun = 'yes' | 'no' | 'unknown';

/** What a snapshot says of a holder beside its value: a plan needs it, and nothing changes it. */
export interface Around {
  /** Where clients meet a service that is no site of IIS. */
  readonly listens?: { readonly address: string; readonly port: number; readonly state: RunState };
  /** Who chooses its certificate; absent for a person. Only a person's choice is changed. */
  readonly chosenBy?: 'policy' | 'unknown';
  /** Whether this run came in through it, so that changing it could cut the run off; absent for no. */
  readonly carriesRun?: CarriesRun;
  /** Why nothing may be changed there, as a sentence; absent for nothing. */
  readonly unfit?: string;
  /** The certificates whose private keys lie ready for it; absent where it takes them from the stores. */
  readonly ready?: readonly Thumbprint[];
}

/** A holder as it stands on a server. */
export interface Standing<Kind extends string, Value> extends Around {
  readonly kind: Kind;
  readonly key: KeyText;
  readonly value: Value;
}

/** Where clients get the certificate of a holder, and whose site answers there. */
export interface StandingPlace {
  readonly endpoint: Endpoint;
  /** The host that clients ask for, in A-labels; empty if any host is answered. */
  readonly host: string;
  readonly site: string;
  readonly state: RunState;
}

/** A kind that a policy may move. TLS records always are and are not among these. */
export interface MovableKindRules<Kind extends string, Value extends NamesCertificate> extends KindRules<Value> {
  /** What every key of the kind begins with: letters and a slash, which no key of a TLS record has. */
  readonly prefix: `${string}/`;
  /** The same under other names, built again from what it is known to hold; thumbprint and store have theirs. */
  disguised(value: Value, names: Names): Value;
  /** The pseudonym of what follows the prefix in a key; absent for that of a text. */
  disguisedName?(name: string, names: Names): string;
  /** For people: who uses the certificate. */
  consumer(value: Value): Consumer;
  /** For people: itself, at the beginning of a sentence. */
  owner(value: Value): string;
  /** What else it names besides the certificate that clients get; absent for nothing. */
  alsoNames?(value: Value): Thumbprint | null;
  /** Whether it decides about its certificate at all; absent for always. */
  isOwn?(value: Value): boolean;
  /** The name that clients ask for where it listens; absent for any. */
  host?(value: Value): string;
  /** What is spoken where it listens before TLS, or over QUIC; absent for nothing. */
  readonly startTls?: Endpoint['startTls'];
  /** For a kind that is met at bindings of IIS: where, for each of its holders. */
  places?(
    holders: readonly Standing<Kind, Value>[],
    sites: readonly Site[],
  ): (holder: Standing<Kind, Value>) => readonly StandingPlace[];
  /** The only stores from which its holders take certificates; absent for any. */
  readonly stores?: readonly string[];
  /** A way by which people administer the server: changed one at a time. Absent for no. */
  readonly isAdminChannel?: boolean;
  /** The part of a snapshot that tells of its holders. */
  readonly part: PartName;
  /** For people: what its holders are called together. */
  readonly plural: string;
}
